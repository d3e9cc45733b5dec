/* What a call leaves behind: changes, receipts, yields, shares of gas (emulator/call.h). */
#include <string.h>

#include "tests/chain/vm/lab.h"

/* Where the guests keep things. */
enum {
    KEY_AT = 64,      /* "key" */
    VALUE_AT = 80,    /* "value" */
    BOB_AT = 128,     /* "bob.near" */
    CAROL_AT = 144,   /* "carol.near" */
    METHOD_AT = 160,  /* "work" */
    ID_AT = 192,      /* 32 bytes "i" */
    ZERO_AT = 256,    /* 16 zero bytes: no amount */
    ONE_AT = 272,     /* 1 yocto */
    INDEXES_AT = 288, /* u64 0, u64 1 */
    NAMES_AT = 1024,  /* many; zeroes before */
};

/* Module under construction with every import a test may want; only those used are linked. */
typedef struct guest {
    wasm_maker m;
    unsigned write, remove, create, then, and_, weight, ret, refund, yield, yield_id, resume,
        resume_id, init, entry, batch, key;
} guest;

static guest guest_new(void)
{
    guest g = {.m = wasm_maker_new()};
    wasm_maker *m = &g.m;

    g.write = wasm_import(m, "storage_write", "iiiii", 'i');
    g.remove = wasm_import(m, "storage_remove", "iii", 'i');
    g.create = wasm_import(m, "promise_create", "iiiiiiii", 'i');
    g.then = wasm_import(m, "promise_then", "iiiiiiiii", 'i');
    g.and_ = wasm_import(m, "promise_and", "ii", 'i');
    g.weight = wasm_import(m, "promise_batch_action_function_call_weight", "iiiiiiii", 0);
    g.ret = wasm_import(m, "promise_return", "i", 0);
    g.refund = wasm_import(m, "promise_set_refund_to", "iii", 0);
    g.yield = wasm_import(m, "promise_yield_create", "iiiiiii", 'i');
    g.yield_id = wasm_import(m, "promise_yield_create_with_id", "iiiiiiiii", 'i');
    g.resume = wasm_import(m, "promise_yield_resume", "iiii", 'w');
    g.resume_id = wasm_import(m, "promise_yield_resume_with_yield_id", "iiii", 'w');
    g.init = wasm_import(m, "promise_batch_action_state_init", "iiii", 'i');
    g.entry = wasm_import(m, "set_state_init_data_entry", "iiiiii", 0);
    g.batch = wasm_import(m, "promise_batch_create", "ii", 'i');
    g.key = wasm_import(m, "promise_batch_action_add_key_with_function_call", "iiiiiiiii", 0);
    wasm_method(m, "run");
    return g;
}

/* Calls with numbers; a result is dropped. */
static void calls(guest *g, unsigned function, bool drops, size_t count, const uint64_t *arguments)
{
    for (size_t i = 0; i < count; i++)
        wasm_i64(&g->m, arguments[i]);
    wasm_call(&g->m, function);
    if (drops)
        wasm_op(&g->m, WASM_DROP);
}
#define CALLS(g, function, drops, ...)                                                             \
    calls((g), (function), (drops), sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t),          \
          (const uint64_t[]){__VA_ARGS__})

static const ol_call_result *run(guest *g, lab *l)
{
    uint8_t id[32];

    memset(id, 'i', sizeof id);
    wasm_end(&g->m);
    wasm_data(&g->m, KEY_AT, ol_str_bytes(OL_STR("key")));
    wasm_data(&g->m, VALUE_AT, ol_str_bytes(OL_STR("value")));
    wasm_data(&g->m, BOB_AT, ol_str_bytes(OL_STR("bob.near")));
    wasm_data(&g->m, CAROL_AT, ol_str_bytes(OL_STR("carol.near")));
    wasm_data(&g->m, METHOD_AT, ol_str_bytes(OL_STR("work")));
    wasm_data(&g->m, ID_AT, (ol_bytes){id, sizeof id});
    wasm_data(&g->m, ONE_AT, ol_str_bytes(OL_STR("\1")));
    wasm_data(&g->m, INDEXES_AT + 8, ol_str_bytes(OL_STR("\1")));
    const ol_call_result *result = lab_run(l, wasm_made(&g->m));
    CHECK_STR(result->failure_text, OL_STR(""));
    return result;
}

static void done(guest *g, lab *l)
{
    lab_close(l);
    wasm_maker_deinit(&g->m);
}

#define WRITE(g) CALLS((g), (g)->write, true, 3, KEY_AT, 5, VALUE_AT, 0)
#define CREATE(g, amount_at, gas)                                                                  \
    CALLS((g), (g)->create, true, 8, BOB_AT, 4, METHOD_AT, 2, VALUE_AT, (amount_at), (gas))

TEST("NC1: a replaced and a removed value are charged by their bytes")
{
    guest g = guest_new();
    lab l;

    WRITE(&g);
    CALLS(&g, g.remove, true, 3, KEY_AT, 0);
    lab_open(&l);
    lab_put(&l, "key", "before, 17 bytes.");
    const ol_call_result *result = run(&g, &l);
    CHECK_EQ(lab_cost(result, "storage_write_evicted_byte"), 17 * 32117307);
    CHECK_EQ(lab_cost(result, "storage_remove_ret_value_byte"), 5 * 11531556);
    CHECK_EQ(result->storage_usage, 1000 - 3 - 17 - 40);
    CHECK_EQ(result->change_count, 1);
    CHECK(result->changes[0].removed);
    CHECK_STR(ol_bytes_str(result->changes[0].key), OL_STR("key"));
    done(&g, &l);
}

TEST("NC2: a key made and removed within the call is no change")
{
    guest g = guest_new();
    lab l;

    WRITE(&g);
    CALLS(&g, g.remove, true, 3, KEY_AT, 0);
    lab_open(&l);
    const ol_call_result *result = run(&g, &l);
    CHECK_EQ(result->change_count, 0);
    CHECK_EQ(result->storage_usage, 1000);
    done(&g, &l);
}

TEST("NC3: a change holds the last value, once")
{
    guest g = guest_new();
    lab l;

    WRITE(&g);
    CALLS(&g, g.write, true, 3, KEY_AT, 8, BOB_AT, 0);
    lab_open(&l);
    const ol_call_result *result = run(&g, &l);
    CHECK_EQ(result->change_count, 1);
    CHECK_STR(ol_bytes_str(result->changes[0].value), OL_STR("bob.near"));
    CHECK_EQ(result->storage_usage, 1000 + 3 + 8 + 40);
    done(&g, &l);
}

TEST("NC4: a promise becomes a receipt, and one after it waits for its result")
{
    guest g = guest_new();
    lab l;

    CREATE(&g, ONE_AT, 5 * OL_TGAS);
    CALLS(&g, g.then, true, 0, 10, CAROL_AT, 4, METHOD_AT, 0, 0, ZERO_AT, 7 * OL_TGAS);
    CALLS(&g, g.ret, false, 1);
    lab_open(&l);
    l.call.action_hash = ol_sha256_of(ol_str_bytes(OL_STR("action")));
    const ol_call_result *result = run(&g, &l);
    CHECK_EQ(result->receipt_count, 2);
    const ol_receipt *first = &result->receipts[0].receipt, *second = &result->receipts[1].receipt;
    ol_sha256 id = ol_id_of(&l.call.action_hash, l.call.height, 0);
    CHECK_STR(first->receiver_id, OL_STR("bob.near"));
    CHECK_EQ(first->kind, OL_RECEIPT_ACTION);
    CHECK_EQ(first->input_count, 0);
    CHECK_EQ(first->output_count, 1);
    CHECK_STR(first->outputs[0].receiver_id, OL_STR("carol.near"));
    CHECK(ol_sha256_eq(&first->outputs[0].data_id, &id));
    CHECK_EQ(second->input_count, 1);
    CHECK(ol_sha256_eq(&second->inputs[0], &id));
    CHECK_EQ(first->actions[0].kind, OL_ACTION_CALL);
    CHECK_STR(first->actions[0].call.method, OL_STR("work"));
    CHECK_STR(ol_bytes_str(first->actions[0].call.args), OL_STR("va"));
    CHECK_EQ(first->actions[0].call.gas, 5 * OL_TGAS);
    CHECK_EQ(first->actions[0].call.deposit.yocto, 1);
    CHECK_EQ(result->returns, OL_CALL_RETURNS_RECEIPT);
    CHECK_EQ(result->return_receipt, 1);
    CHECK(l.call.balance.yocto - 1 == result->balance.yocto);
    CHECK(result->gas_used > result->gas_burnt + 12 * OL_TGAS);
    done(&g, &l);
}

TEST("NC5: a joint promise waits for all of its parts")
{
    guest g = guest_new();
    lab l;

    CREATE(&g, ZERO_AT, OL_TGAS);
    CREATE(&g, ZERO_AT, OL_TGAS);
    CALLS(&g, g.and_, true, INDEXES_AT, 2);
    CALLS(&g, g.then, true, 2, 10, CAROL_AT, 4, METHOD_AT, 0, 0, ZERO_AT, OL_TGAS);
    lab_open(&l);
    const ol_call_result *result = run(&g, &l);
    CHECK_EQ(result->receipt_count, 3);
    CHECK_EQ(result->receipts[2].receipt.input_count, 2);
    CHECK(ol_sha256_eq(&result->receipts[2].receipt.inputs[1],
                       &result->receipts[1].receipt.outputs[0].data_id));
    done(&g, &l);
}

TEST("NC6: gas left over goes to the calls by weight, the rest to the last")
{
    guest g = guest_new();
    lab l;

    CALLS(&g, g.batch, true, 8, BOB_AT);
    CALLS(&g, g.weight, false, 0, 4, METHOD_AT, 0, 0, ZERO_AT, 1000, 1);
    CALLS(&g, g.weight, false, 0, 4, METHOD_AT, 0, 0, ZERO_AT, 0, 0);
    CALLS(&g, g.weight, false, 0, 4, METHOD_AT, 0, 0, ZERO_AT, 2000, 2);
    lab_open(&l);
    const ol_call_result *result = run(&g, &l);
    const ol_action *actions = result->receipts[0].receipt.actions;
    uint64_t first = actions[0].call.gas - 1000, last = actions[2].call.gas - 2000;
    CHECK_EQ(result->gas_used, l.call.gas);
    CHECK_EQ(actions[1].call.gas, 0);
    CHECK_EQ(first, (first + last) / 3);
    CHECK(last >= 2 * first && last <= 2 * first + 2);
    CHECK(first > 90 * OL_TGAS);
    done(&g, &l);
}

TEST("NC7: a failed call leaves nothing, and its gas is not shared out")
{
    guest g = guest_new();
    lab l;

    CALLS(&g, g.batch, true, 8, BOB_AT);
    CALLS(&g, g.weight, false, 0, 4, METHOD_AT, 0, 0, ZERO_AT, 1000, 1);
    WRITE(&g);
    wasm_op(&g.m, WASM_UNREACHABLE);
    wasm_end(&g.m);
    wasm_data(&g.m, BOB_AT, ol_str_bytes(OL_STR("bob.near")));
    wasm_data(&g.m, METHOD_AT, ol_str_bytes(OL_STR("work")));
    lab_open(&l);
    const ol_call_result *result = lab_run(&l, wasm_made(&g.m));
    CHECK_EQ(result->failure, OL_CALL_FAILED_TRAP);
    CHECK_EQ(result->receipt_count + result->change_count + result->resume_count, 0);
    CHECK(result->gas_used < 10 * OL_TGAS);
    done(&g, &l);
}

TEST("NC8: a refund may go elsewhere")
{
    guest g = guest_new();
    lab l;

    CREATE(&g, ZERO_AT, OL_TGAS);
    CALLS(&g, g.refund, false, 0, 10, CAROL_AT);
    lab_open(&l);
    CHECK_STR(run(&g, &l)->receipts[0].receipt.refund_to, OL_STR("carol.near"));
    done(&g, &l);
}

/* ── Yields ── */

static bool never(void *at, const ol_sha256 *id)
{
    (void)at, (void)id;
    return false;
}

static bool always(void *at, const ol_sha256 *id)
{
    (void)at, (void)id;
    return true;
}

static bool found_as_itself(void *at, const ol_sha256 *yield_id, ol_sha256 *ret)
{
    (void)at;
    *ret = *yield_id;
    return true;
}

#define YIELD_WITH_ID(g)                                                                           \
    CALLS((g), (g)->yield_id, true, 4, METHOD_AT, 2, VALUE_AT, ZERO_AT, OL_TGAS, 0, 32, ID_AT)

TEST("NC9: a yield and its resume may come from one call")
{
    guest g = guest_new();
    lab l;

    YIELD_WITH_ID(&g);
    CALLS(&g, g.resume_id, true, 32, ID_AT, 5, VALUE_AT);
    lab_open(&l);
    const ol_call_result *result = run(&g, &l);
    CHECK_EQ(result->receipt_count, 1);
    CHECK_EQ(result->receipts[0].receipt.kind, OL_RECEIPT_YIELD);
    CHECK(result->receipts[0].has_yield_id);
    CHECK_EQ(result->receipts[0].yield_id.bytes[31], 'i');
    CHECK_STR(result->receipts[0].receipt.receiver_id, OL_STR("app.near"));
    CHECK_EQ(result->resume_count, 1);
    CHECK(ol_sha256_eq(&result->resumes[0].data_id, &result->receipts[0].receipt.inputs[0]));
    CHECK_STR(ol_bytes_str(result->resumes[0].payload), OL_STR("value"));
    done(&g, &l);
}

TEST("NC10: an id that is pending takes no second yield, here or from before")
{
    guest g = guest_new();
    lab l;

    YIELD_WITH_ID(&g);
    YIELD_WITH_ID(&g);
    lab_open(&l);
    CHECK_EQ(run(&g, &l)->receipt_count, 1);
    l.call.yield_find = found_as_itself;
    CHECK_EQ(lab_run(&l, wasm_made(&g.m))->receipt_count, 0);
    done(&g, &l);
}

TEST("NC11: only a pending yield is resumed")
{
    guest g = guest_new();
    lab l;

    CALLS(&g, g.resume, true, 32, ID_AT, 5, VALUE_AT);
    lab_open(&l);
    l.call.yield_pending = never;
    CHECK_EQ(run(&g, &l)->resume_count, 0);
    l.call.yield_pending = always;
    CHECK_EQ(lab_run(&l, wasm_made(&g.m))->resume_count, 1);
    CHECK_EQ(l.result.resumes[0].data_id.bytes[0], 'i');
    done(&g, &l);
}

/* ── State init ── */

TEST("NC12: entries of a state init come sorted, and none twice")
{
    guest g = guest_new();
    lab l;
    size_t count;

    CALLS(&g, g.batch, true, 8, BOB_AT);
    CALLS(&g, g.init, true, 0, 32, ID_AT, ZERO_AT);
    for (uint64_t length = 8; length >= 1; length--)
        CALLS(&g, g.entry, false, 0, 0, length, BOB_AT, 5, VALUE_AT);
    lab_open(&l);
    const ol_call_result *result = run(&g, &l);
    const ol_action *action = &result->receipts[0].receipt.actions[0];
    CHECK_EQ(action->kind, OL_ACTION_STATE_INIT);
    CHECK_EQ(action->state_init.init.code.hash.bytes[7], 'i');
    count = action->state_init.init.entry_count;
    CHECK_EQ(count, 8);
    for (size_t i = 0; i < count; i++)
        CHECK_EQ(action->state_init.init.entries[i].key.len, i + 1);
    done(&g, &l);
}

TEST("NC13: a repeated entry and a wrong action are the contract's fault")
{
    static const struct {
        uint64_t action;
        const char *text;
    } cases[] = {
        {0, "Data entry for given key already exists"},
        {7, "Action 7 in receipt 0 does not exist or has the wrong type of action."},
    };

    for (size_t i = 0; i < 2; i++) {
        guest g = guest_new();
        lab l;
        CALLS(&g, g.batch, true, 8, BOB_AT);
        CALLS(&g, g.init, true, 0, 32, ID_AT, ZERO_AT);
        CALLS(&g, g.entry, false, 0, 0, 3, KEY_AT, 5, VALUE_AT);
        CALLS(&g, g.entry, false, 0, cases[i].action, 3, KEY_AT, 5, VALUE_AT);
        wasm_end(&g.m);
        wasm_data(&g.m, BOB_AT, ol_str_bytes(OL_STR("bob.near")));
        lab_open(&l);
        CHECK_STR_ROW(lab_run(&l, wasm_made(&g.m))->failure_text, ol_str_of(cases[i].text),
                      cases[i].text);
        done(&g, &l);
    }
}

TEST("NC17: a method's name must be text")
{
    guest g = guest_new();
    lab l;

    CALLS(&g, g.create, true, 8, BOB_AT, 1, CAROL_AT + 11, 0, 0, ZERO_AT, OL_TGAS);
    wasm_end(&g.m);
    wasm_data(&g.m, BOB_AT, ol_str_bytes(OL_STR("bob.near")));
    wasm_data(&g.m, CAROL_AT + 11, ol_str_bytes(OL_STR("\xff")));
    lab_open(&l);
    CHECK_STR(lab_run(&l, wasm_made(&g.m))->failure_debug, OL_STR("HostError(InvalidMethodName)"));
    done(&g, &l);
}

TEST("NC18: a key of very many names stays as long as it is")
{
    guest g = guest_new();
    lab l;

    CALLS(&g, g.batch, true, 8, BOB_AT);
    CALLS(&g, g.key, false, 0, 33, NAMES_AT - 33, 0, ZERO_AT, 8, BOB_AT, 5001, NAMES_AT);
    wasm_end(&g.m);
    wasm_data(&g.m, BOB_AT, ol_str_bytes(OL_STR("bob.near")));
    uint8_t names[5001]; /* a,a,a: 2,501 of them */
    for (size_t i = 0; i < sizeof names; i++)
        names[i] = i % 2 ? ',' : 'a';
    wasm_data(&g.m, NAMES_AT, (ol_bytes){names, sizeof names});
    lab_open(&l);
    const ol_call_result *result = lab_run(&l, wasm_made(&g.m));
    CHECK_STR(result->failure_text, OL_STR(""));
    const ol_access_key *access = &result->receipts[0].receipt.actions[0].add_key.access;
    CHECK_EQ(access->permission, OL_PERMISSION_CALL);
    CHECK_STR(access->receiver_id, OL_STR("bob.near"));
    CHECK_EQ(access->method_count, 1);
    CHECK_EQ(access->methods[0].len + 1, 2 * 2501);
    done(&g, &l);
}

/* ── Limits of ours ── */

TEST("NC14: an arena that is full is an error, not a result")
{
    guest g = guest_new();
    lab l;
    ol_err err = {0};
    ol_call_result result;

    for (unsigned i = 0; i < 20; i++)
        WRITE(&g);
    lab_open(&l);
    (void)run(&g, &l);
    ol_arena small = ol_arena_new(256);
    CHECK_EQ(ol_call_run(lab_vm(), &l.call, &small, &result, &err), OL_ERR_NO_MEMORY);
    ol_arena_deinit(&small);
    done(&g, &l);
}

TEST("NC15: a caller that is no account id is an error, not a result")
{
    guest g = guest_new();
    lab l;
    ol_err err = {0};

    lab_open(&l);
    (void)run(&g, &l);
    l.call.predecessor_id = OL_STR("No Account");
    CHECK_EQ(ol_call_run(lab_vm(), &l.call, &l.arena, &l.result, &err), OL_ERR_INTERNAL);
    done(&g, &l);
}

TEST("NC16: protocol versions 84 and 86 have their own tables, 83 none")
{
    ol_err err = {0};
    ol_vm *old, *none;

    CHECK_OK(ol_vm_new(84, OL_STR(""), &old, &err));
    CHECK_EQ(ol_vm_number(old, "/limits/max_gas_burnt"), 1000 * OL_TGAS);
    CHECK(ol_vm_number(old, "/config/min_gas_purchase_price") == 0);
    CHECK(ol_vm_number(lab_vm(), "/config/min_gas_purchase_price") == 1000000000);
    CHECK_EQ(ol_vm_number(lab_vm(), "/limits/yield_timeout_length_in_blocks"), 200);
    CHECK_HAS(ol_vm_config(lab_vm()),
              OL_STR("\"storage_amount_per_byte\":\"10000000000000000000\""), "config");
    ol_vm_free(old);
    CHECK_EQ(ol_vm_new(83, OL_STR(""), &none, &err), OL_ERR_RANGE);
}
