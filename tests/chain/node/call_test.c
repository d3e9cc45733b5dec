/* Function calls, promises and callbacks, in the real VM (NEAR 2, 4.4). */
#include "tests/chain/node/lab.h"

static const ol_str ALICE = OL_STR_INIT("alice.test.near");
static const ol_str ONE = OL_STR_INIT("one.test.near");
static const ol_str TWO = OL_STR_INIT("two.test.near");

static void open_two(lab *l)
{
    lab_open(l);
    lab_deploy(l, ONE, "contracts/node_guest.wasm");
    lab_deploy(l, TWO, "contracts/node_guest.wasm");
}

static ol_trace call(lab *l, const char *method, ol_str args)
{
    return lab_call(l, ALICE, ONE, method, args, LAB_TGAS(100), OL_YOCTO(0));
}

static ol_str view(lab *l, const char *method, ol_str args)
{
    ol_view_result result;
    ol_err err = {0};
    CHECK_OK(ol_node_view(l->node, ol_node_head(l->node), ONE, ol_str_of(method),
                          ol_str_bytes(args), &l->arena, &result, &err));
    CHECK(!result.failed);
    return ol_bytes_str(result.value);
}

static ol_str value(const ol_trace *t)
{
    CHECK_EQ(t->status, OL_STATUS_VALUE);
    return ol_bytes_str(t->status_outcome->value);
}

TEST("a call's answer is its transaction's status, and a view sees what it wrote")
{
    lab l;
    open_two(&l);
    ol_trace t = call(&l, "echo", OL_STR("hello"));
    CHECK_STR(value(&t), OL_STR("hello"));
    t = call(&l, "set", OL_STR("k=v"));
    CHECK_STR(value(&t), OL_STR(""));
    CHECK_STR(view(&l, "get", OL_STR("k")), OL_STR("v"));
    lab_close(&l);
}

TEST("a function call burns 308.3 Ggas in its transaction, as NEAR 8 says")
{
    lab l;
    open_two(&l);
    ol_trace t = call(&l, "set", OL_STR("k=v")); /* six bytes of method and arguments */
    CHECK_EQ(t.transaction_outcome.outcome->gas_burnt, 308345602290);
    lab_close(&l);
}

TEST("three tenths of what a call burns in the VM are the contract's")
{
    lab l;
    open_two(&l);
    ol_yocto before = lab_balance(&l, ONE);
    ol_trace t = call(&l, "nothing", OL_STR(""));
    uint64_t fees = 108059500000 + 780000000000 + 7 * 2235934;
    uint64_t burnt = t.receipts[0].outcome->gas_burnt - fees;
    ol_u128 reward = (ol_u128)(burnt * 3 / 10) * 100000000;
    CHECK(lab_balance(&l, ONE).yocto - before.yocto == reward);
    CHECK(t.receipts[0].outcome->tokens_burnt.yocto ==
          (ol_u128)t.receipts[0].outcome->gas_burnt * 100000000);
    lab_close(&l);
}

TEST("a failed call keeps its logs and nothing else")
{
    lab l;
    open_two(&l);
    (void)call(&l, "set", OL_STR("k=v"));
    ol_trace t = call(&l, "fail", OL_STR(""));
    CHECK_STR(lab_failure(&l, t.status_outcome),
              OL_STR("{\"ActionError\":{\"index\":0,\"kind\":{\"FunctionCallError\":{"
                     "\"ExecutionError\":\"Smart contract panicked: no\"}}}}"));
    CHECK_EQ(t.status_outcome->log_count, 1);
    CHECK_STR(t.status_outcome->logs[0], OL_STR("before failing"));
    CHECK_STR(view(&l, "get", OL_STR("k")), OL_STR("v"));
    lab_close(&l);
}

TEST("calls fail with the network's words")
{
    static const struct {
        const char *contract;
        const char *method;
        const char *error;
    } cases[] = {
        {"one.test.near", "absent", "{\"MethodResolveError\":\"MethodNotFound\"}"},
        {"one.test.near", "spin", "{\"ExecutionError\":\"Exceeded the prepaid gas.\"}"},
        {"carol.test.near", "any",
         "{\"CompilationError\":{\"CodeDoesNotExist\":{\"account_id\":\"carol.test.near\"}}}"},
    };
    lab l;
    open_two(&l);
    OL_EACH (c, cases) {
        ol_trace t = lab_call(&l, ALICE, ol_str_of(c->contract), c->method, OL_STR(""), LAB_TGAS(5),
                              OL_YOCTO(0));
        CHECK_HAS(lab_failure(&l, t.status_outcome), ol_str_of(c->error), c->method);
    }
    lab_close(&l);
}

TEST("a promise and its callback take two blocks more, and the callback's answer is the call's")
{
    lab l;
    open_two(&l);
    ol_trace t = call(&l, "ask_one", TWO);
    CHECK_STR(value(&t), OL_STR("1:one,"));
    CHECK_EQ(t.status_outcome->receipt->input_count, 1);
    ol_found start = t.receipts[0];
    ol_found end;
    CHECK(ol_node_find_outcome(l.node, &t.status_outcome->id, &end));
    CHECK_EQ(end.block->height, start.block->height + 2);
    lab_close(&l);
}

TEST("a callback learns that its promise failed, and carries on")
{
    lab l;
    open_two(&l);
    ol_trace t = call(&l, "ask_failing", TWO);
    CHECK_STR(value(&t), OL_STR("2,"));
    lab_close(&l);
}

TEST("a joint promise waits for all and gives each result its place")
{
    lab l;
    open_two(&l);
    ol_trace t = call(&l, "ask_two", TWO);
    CHECK_STR(value(&t), OL_STR("1:left,2,"));
    lab_close(&l);
}

TEST("who waits for a call that returns a promise gets what that promise returns")
{
    lab l;
    open_two(&l);
    ol_trace t = call(&l, "ask_asker", TWO);
    CHECK_STR(value(&t), OL_STR("1:1:one,,"));
    lab_close(&l);
}

TEST("gas that is left is shared by weight, and nothing of it comes back from that call")
{
    lab l;
    open_two(&l);
    ol_trace t = call(&l, "share_gas", TWO);
    const ol_outcome *made = NULL;
    for (size_t i = 0; i < t.receipt_count; i++) {
        if (ol_str_eq(t.receipts[i].outcome->executor_id, TWO))
            made = t.receipts[i].outcome;
    }
    CHECK(made != NULL);
    uint64_t one = made->receipt->actions[0].call.gas;
    uint64_t three = made->receipt->actions[1].call.gas;
    CHECK(one > LAB_TGAS(20));
    CHECK(three >= 3 * one && three <= 3 * one + 3);
    lab_close(&l);
}

TEST("NEAR sent by a contract to nobody comes back to the contract")
{
    lab l;
    open_two(&l);
    ol_yocto before = lab_balance(&l, ONE);
    ol_trace t = lab_call(&l, ALICE, ONE, "pay", OL_STR("nobody.near"), LAB_TGAS(20), LAB_NEAR(2));
    CHECK_EQ(t.status, OL_STATUS_VALUE);
    CHECK(lab_balance(&l, ONE).yocto - before.yocto > LAB_NEAR(2).yocto);
    lab_close(&l);
}

TEST("a promise may name who gets its deposit back")
{
    lab l;
    open_two(&l);
    ol_yocto before = lab_balance(&l, ALICE);
    ol_trace t = lab_call(&l, ALICE, ONE, "pay_for_caller", OL_STR(""), LAB_TGAS(20), LAB_NEAR(2));
    CHECK_EQ(t.status, OL_STATUS_VALUE);
    CHECK(before.yocto - lab_balance(&l, ALICE).yocto < LAB_NEAR(1).yocto);
    lab_close(&l);
}

TEST("a contract cannot spend what it does not have")
{
    lab l;
    open_two(&l);
    ol_trace t = call(&l, "overspend", OL_STR(""));
    CHECK_HAS(lab_failure(&l, t.status_outcome), OL_STR("Exceeded the account balance."),
              "overspend");
    lab_close(&l);
}

TEST("a contract creates accounts below its own name alone")
{
    lab l;
    open_two(&l);
    ol_trace t =
        lab_call(&l, ALICE, ONE, "create", OL_STR("a.one.test.near"), LAB_TGAS(50), LAB_NEAR(1));
    CHECK_EQ(t.status, OL_STATUS_VALUE);
    CHECK(lab_exists(&l, OL_STR("a.one.test.near")));
    t = lab_call(&l, ALICE, ONE, "create", OL_STR("b.two.test.near"), LAB_TGAS(50), LAB_NEAR(1));
    CHECK_HAS(lab_failure(&l, t.status_outcome), OL_STR("CreateAccountNotAllowed"), "foreign");
    t = lab_call(&l, ALICE, ONE, "create", OL_STR("toplevel"), LAB_TGAS(50), LAB_NEAR(1));
    CHECK_HAS(lab_failure(&l, t.status_outcome), OL_STR("CreateAccountOnlyByRegistrar"), "top");
    lab_close(&l);
}

TEST("actions of a transaction are all or nothing")
{
    lab l;
    open_two(&l);
    const ol_action actions[] = {
        ol_action_call(OL_STR("set"), ol_str_bytes(OL_STR("k=v")), LAB_TGAS(10), OL_YOCTO(0)),
        ol_action_call(OL_STR("fail"), (ol_bytes){0}, LAB_TGAS(10), OL_YOCTO(0))};
    ol_trace t = lab_do(&l, ALICE, ONE, actions, 2);
    CHECK_HAS(lab_failure(&l, t.status_outcome), OL_STR("{\"ActionError\":{\"index\":1,"), "");
    CHECK_STR(view(&l, "get", OL_STR("k")), OL_STR(""));
    lab_close(&l);
}

TEST("a contract's storage must be covered by its balance")
{
    lab l;
    open_two(&l);
    ol_account account = lab_account(&l, ONE);
    const ol_account_seed poor = {
        .id = ONE, .balance = OL_YOCTO((ol_u128)account.storage_usage * 10000000000000000000u)};
    ol_err err = {0};
    CHECK_OK(ol_node_put_account(l.node, &poor, &err));
    ol_trace t = call(&l, "set", OL_STR("key=value"));
    /* 40 + 3 + 5 bytes more, less what nobody gave: the reward comes later. */
    CHECK_HAS(lab_failure(&l, t.status_outcome),
              OL_STR("{\"ActionError\":{\"index\":null,\"kind\":{\"LackBalanceForState\":{"
                     "\"account_id\":\"one.test.near\",\"amount\":\"480000000000000000000\"}}}}"),
              "");
    lab_close(&l);
}

TEST("the gas profile of a call sums up to what the call burnt")
{
    lab l;
    open_two(&l);
    ol_trace t = call(&l, "set", OL_STR("k=v"));
    const ol_outcome *o = t.receipts[0].outcome;
    uint64_t sum = 108059500000 + 780000000000 + 6 * 2235934;
    bool writes = false;
    for (size_t i = 0; i < o->gas_profile_count; i++) {
        sum += o->gas_profile[i].gas;
        writes = writes || ol_str_eq(o->gas_profile[i].cost, OL_STR("STORAGE_WRITE_BASE"));
    }
    CHECK(writes);
    CHECK_EQ(sum, o->gas_burnt);
    lab_close(&l);
}
