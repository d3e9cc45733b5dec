/* The OutLayer contract and a client of it, on the chain: requests, answers and silence, across
 * accounts and blocks, with everybody's money. */
#include "tests/chain/node/lab.h"

static const ol_str ALICE = OL_STR_INIT("alice.test.near");
static const ol_str BOB = OL_STR_INIT("bob.test.near"); /* owner and operator */
static const ol_str CAROL = OL_STR_INIT("carol.test.near");
static const ol_str OUTLAYER = OL_STR_INIT("one.test.near");
static const ol_str GAME = OL_STR_INIT("two.test.near");

#define MILLI_NEAR(n) OL_YOCTO(LAB_NEAR(1).yocto / 1000 * (n))
#define CODE                                                                                       \
    "{\"WasmUrl\":{\"url\":\"https://x/y\",\"hash\":"                                              \
    "\"abababababababababababababababababababababababababababababababab\"}}"

static ol_trace call(lab *l, ol_str signer, ol_str contract, const char *method, const char *args,
                     ol_yocto deposit)
{
    return lab_call(l, signer, contract, method, ol_str_of(args), LAB_TGAS(300), deposit);
}

static void must(lab *l, ol_str signer, ol_str contract, const char *method, const char *args,
                 ol_yocto deposit)
{
    ol_trace t = call(l, signer, contract, method, args, deposit);
    if (t.status != OL_STATUS_VALUE)
        ol_test_fail(__FILE__, __LINE__, "%s: %.*s", method,
                     OL_FMT(lab_failure(l, t.status_outcome)));
}

static void open_game(lab *l)
{
    lab_open(l);
    lab_deploy(l, OUTLAYER, "contracts/outlayer.wasm");
    lab_deploy(l, GAME, "contracts/coin_flip.wasm");
    must(l, BOB, OUTLAYER, "new", "{\"owner_id\":\"bob.test.near\"}", OL_YOCTO(0));
    must(l, ALICE, OUTLAYER, "create_project", "{\"name\":\"coin-flip\",\"source\":" CODE "}",
         LAB_NEAR(1));
    must(l, ALICE, GAME, "new",
         "{\"outlayer\":\"one.test.near\",\"project\":\"alice.test.near/coin-flip\"}", OL_YOCTO(0));
}

static ol_str view(lab *l, ol_str contract, const char *method)
{
    ol_view_result result;
    ol_err err = {0};
    CHECK_OK(ol_node_view(l->node, ol_node_head(l->node), contract, ol_str_of(method),
                          ol_str_bytes(OL_STR("{}")), &l->arena, &result, &err));
    if (result.failed)
        ol_test_fail(__FILE__, __LINE__, "%s: %.*s", method, OL_FMT(result.error_json));
    return ol_bytes_str(result.value);
}

/* Carol bets 0.1 NEAR and 0.02 for the run; returns when the request is in the contract. */
static ol_sha256 flip(lab *l)
{
    ol_trace t = call(l, CAROL, GAME, "flip", "{\"choice\":\"heads\"}", MILLI_NEAR(120));
    CHECK_EQ(t.status, OL_STATUS_UNKNOWN);
    return t.transaction->hash;
}

static ol_action answer_action(lab *l, unsigned request, bool won)
{
    ol_str args = ol_arena_printf(
        &l->arena,
        "{\"request_id\":%u,\"response\":{\"success\":true,\"output\":{\"Json\":{\"choice\":"
        "\"heads\",\"side\":\"heads\",\"won\":%s}},\"resources_used\":{\"instructions\":1,"
        "\"time_ms\":1}}}",
        request, won ? "true" : "false");
    return ol_action_call(OL_STR("resolve_execution"), ol_str_bytes(args), LAB_TGAS(100),
                          OL_YOCTO(0));
}

static ol_trace answer(lab *l, unsigned request, bool won)
{
    const ol_action resolve = answer_action(l, request, won);
    return lab_do(l, BOB, OUTLAYER, &resolve, 1);
}

static ol_str value(const ol_trace *t)
{
    CHECK_EQ(t->status, OL_STATUS_VALUE);
    return ol_bytes_str(t->status_outcome->value);
}

/* The block in which a method of a contract ran for this transaction. */
static uint64_t height_of(const ol_trace *t, ol_str contract, const char *method)
{
    for (size_t i = 0; i < t->receipt_count; i++) {
        const ol_receipt *r = t->receipts[i].outcome->receipt;
        if (ol_str_eq(r->receiver_id, contract) && r->actions[0].kind == OL_ACTION_CALL &&
            ol_str_eq(r->actions[0].call.method, ol_str_of(method)))
            return t->receipts[i].block->height;
    }
    ol_test_fail(__FILE__, __LINE__, "%s did not run", method);
}

TEST("an answer reaches the caller's callback four blocks after the request ran")
{
    lab l;
    open_game(&l);
    const ol_action bet =
        ol_action_call(OL_STR("flip"), ol_str_bytes(OL_STR("{\"choice\":\"heads\"}")),
                       LAB_TGAS(300), MILLI_NEAR(120));
    const ol_action resolve = answer_action(&l, 0, true);
    ol_sha256 hash = lab_submit(&l, lab_sign(&l, CAROL, GAME, &bet, 1));
    lab_mine(&l, 3); /* transaction, flip, request_execution */
    (void)lab_submit(&l, lab_sign(&l, BOB, OUTLAYER, &resolve, 1));
    lab_run(&l);
    ol_trace t = lab_trace(&l, &hash);
    CHECK_HAS(value(&t), OL_STR("\"won\":true"), "verdict");
    CHECK_EQ(height_of(&t, GAME, "on_flip") - height_of(&t, OUTLAYER, "request_execution"), 4);
    CHECK_STR(view(&l, OUTLAYER, "get_pending_request_ids"), OL_STR("[]"));
    lab_close(&l);
}

TEST("who wins has the stake back, who loses has not, and the run is paid in both cases")
{
    for (unsigned won = 0; won < 2; won++) {
        lab l;
        open_game(&l);
        ol_yocto before = lab_balance(&l, CAROL);
        ol_sha256 hash = flip(&l);
        ol_trace told = answer(&l, 0, won == 1);
        CHECK_EQ(told.status, OL_STATUS_VALUE);
        CHECK(lab_trace(&l, &hash).complete);
        ol_u128 lost = before.yocto - lab_balance(&l, CAROL).yocto;
        CHECK(lost < MILLI_NEAR(won == 1 ? 25 : 125).yocto);
        CHECK(lost > MILLI_NEAR(won == 1 ? 0 : 100).yocto);
        CHECK_STR(view(&l, GAME, "pot"),
                  won == 1 ? OL_STR("\"0\"") : OL_STR("\"100000000000000000000000\""));
        lab_close(&l);
    }
}

TEST("when nobody answers for 200 blocks the stake comes back, and nothing is left behind")
{
    lab l;
    open_game(&l);
    (void)flip(&l); /* the first request makes the contract's counters */
    (void)answer(&l, 0, true);
    uint64_t usage = lab_account(&l, OUTLAYER).storage_usage;
    ol_yocto before = lab_balance(&l, CAROL);
    ol_sha256 hash = flip(&l);
    CHECK(lab_account(&l, OUTLAYER).storage_usage > usage);
    lab_mine(&l, 205);
    ol_trace t = lab_trace(&l, &hash);
    CHECK_STR(value(&t), OL_STR("null"));
    CHECK_EQ(height_of(&t, GAME, "on_flip") - height_of(&t, OUTLAYER, "request_execution"), 202);
    CHECK(before.yocto - lab_balance(&l, CAROL).yocto < MILLI_NEAR(25).yocto);
    CHECK_STR(view(&l, OUTLAYER, "get_pending_request_ids"), OL_STR("[]"));
    CHECK_EQ(lab_account(&l, OUTLAYER).storage_usage, usage);
    ol_trace late = answer(&l, 1, true);
    CHECK_EQ(late.status, OL_STATUS_FAILURE);
    lab_close(&l);
}

/* In block 200 the end is announced, in block 201 it would come; an answer that runs before it in
 * that block has taken its place (NEAR 3). */
TEST("an answer in the very block of the end still counts, one block later it does not")
{
    for (unsigned late = 0; late < 3; late++) {
        lab l;
        open_game(&l);
        ol_sha256 hash = flip(&l);
        uint64_t asked = 0;
        ol_trace t = lab_trace(&l, &hash);
        asked = height_of(&t, OUTLAYER, "request_execution");
        /* The transaction a block before its receipt. */
        lab_mine(&l, (unsigned)(asked + 198 + late - ol_node_head(l.node)->height));
        const ol_action resolve = answer_action(&l, 0, true);
        ol_sha256 told = lab_submit(&l, lab_sign(&l, BOB, OUTLAYER, &resolve, 1));
        lab_run(&l);
        t = lab_trace(&l, &told);
        CHECK_EQ(t.receipts[0].block->height, asked + 200 + late);
        t = lab_trace(&l, &hash);
        if (late < 2)
            CHECK_HAS(value(&t), OL_STR("\"won\":true"), "in time");
        else
            CHECK_STR(value(&t), OL_STR("null"));
        CHECK_STR(view(&l, OUTLAYER, "get_pending_request_ids"), OL_STR("[]"));
        lab_close(&l);
    }
}

TEST("500 requests at once: the answered ones pay, the others expire, no yocto is lost")
{
    enum { REQUESTS = 500 };
    lab l;
    open_game(&l);
    (void)flip(&l);
    (void)answer(&l, 0, true);
    uint64_t usage = lab_account(&l, OUTLAYER).storage_usage;
    static ol_sha256 hashes[REQUESTS];
    const ol_action bet =
        ol_action_call(OL_STR("flip"), ol_str_bytes(OL_STR("{\"choice\":\"heads\"}")),
                       LAB_TGAS(300), MILLI_NEAR(20));
    for (size_t i = 0; i < REQUESTS; i++)
        hashes[i] = lab_submit(&l, lab_sign(&l, CAROL, GAME, &bet, 1));
    lab_run(&l);
    for (unsigned i = 1; i <= REQUESTS; i += 2) {
        const ol_action resolve = answer_action(&l, i, true);
        (void)lab_submit(&l, lab_sign(&l, BOB, OUTLAYER, &resolve, 1));
    }
    lab_run(&l);
    lab_mine(&l, 210);
    CHECK(!ol_node_has_work(l.node));
    size_t answered = 0;
    for (size_t i = 0; i < REQUESTS; i++) {
        ol_trace t = lab_trace(&l, &hashes[i]);
        CHECK(t.complete);
        answered += !ol_str_eq(value(&t), OL_STR("null"));
    }
    CHECK_EQ(answered, REQUESTS / 2);
    CHECK_STR(view(&l, OUTLAYER, "get_pending_request_ids"), OL_STR("[]"));
    /* Counters have more digits now; of the requests nothing is left. */
    CHECK(lab_account(&l, OUTLAYER).storage_usage < usage + 16);
    lab_close(&l);
}
