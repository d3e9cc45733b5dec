/* The VM differential (NEAR 8): random methods run twice in the VM, over emulator/external.c and
 * over the VM's own mock; gas, outcome, state and receipts must agree. The mock charges no evicted
 * and removed bytes (NEAR 8a), so these two rows are left out.
 *
 * MOCK_SEED (default: the clock) and MOCK_MODULES choose the methods; a failure prints the seed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "emulator/external.h"
#include "lib/codec/json_read.h"
#include "tests/chain/vm/lab.h"
#include "tests/chain/vm/random_methods.h"

enum { MODULES_DEFAULT = 40 };

/* In libol_nearmock.so: mock.rs. */
void nearvm_mock(uint32_t version, ol_bytes code, ol_str method, ol_bytes seen, ol_bytes stored,
                 void (*done)(void *at, ol_bytes outcome, ol_bytes stored, ol_str log), void *at);

/* ── Receipts as text ── */

/* One line of a receipt's actions, in the words of either side. */
static void line_call(ol_buf *text, ol_str method, ol_bytes args, ol_u128 deposit)
{
    ol_buf_addf(text, " call %.*s(%zu,%d) %s", OL_FMT(method), args.len,
                args.len ? args.data[args.len - 1] : 0, ol_u128_format(deposit).data);
}

static void our_action(const ol_action *a, ol_buf *text)
{
    switch (a->kind) {
    case OL_ACTION_CALL:
        line_call(text, a->call.method, a->call.args, a->call.deposit.yocto);
        return;
    case OL_ACTION_TRANSFER:
        ol_buf_addf(text, " transfer %s", YOCTO(a->transfer));
        return;
    case OL_ACTION_STAKE:
        ol_buf_addf(text, " stake %s", YOCTO(a->stake.amount));
        return;
    case OL_ACTION_DELETE_ACCOUNT:
        ol_buf_addf(text, " delete %.*s", OL_FMT(a->beneficiary));
        return;
    case OL_ACTION_DEPLOY_CONTRACT:
        ol_buf_addf(text, " deploy %zu", a->deploy.len);
        return;
    case OL_ACTION_DEPLOY_GLOBAL:
        ol_buf_addf(text, " global %zu", a->deploy_global.code.len);
        return;
    case OL_ACTION_ADD_KEY:
        ol_buf_addf(text, " key %d %lu %u %.*s %zu", (int)a->add_key.access.permission,
                    (unsigned long)a->add_key.access.nonce, a->add_key.access.gas_nonces,
                    OL_FMT(a->add_key.access.receiver_id), a->add_key.access.method_count);
        return;
    case OL_ACTION_TRANSFER_TO_GAS_KEY:
        ol_buf_addf(text, " fund %s", YOCTO(a->gas_key.amount));
        return;
    case OL_ACTION_STATE_INIT:
        ol_buf_addf(text, " init %s", YOCTO(a->state_init.deposit));
        return;
    case OL_ACTION_USE_GLOBAL:
        ol_buf_addf(text, " use %.*s", OL_FMT(a->use_global.account_id));
        return;
    case OL_ACTION_CREATE_ACCOUNT:
        ol_buf_addf(text, " create");
        return;
    case OL_ACTION_DELETE_KEY:
        ol_buf_addf(text, " unkey");
        return;
    case OL_ACTION_DELEGATE:
    case OL_ACTION_WITHDRAW_FROM_GAS_KEY:
    case OL_ACTION_DELEGATE_V2:
    case OL_ACTION_KINDS:
        break;
    }
    OL_UNREACHABLE();
}

/* Receipts `after` which this one comes. */
static void our_dependencies(const ol_call_result *result, const ol_receipt *receipt, ol_buf *text)
{
    for (size_t d = 0; d < receipt->input_count; d++) {
        for (size_t i = 0; i < result->receipt_count; i++) {
            const ol_receipt *from = &result->receipts[i].receipt;
            for (size_t o = 0; o < from->output_count; o++) {
                if (ol_sha256_eq(&from->outputs[o].data_id, &receipt->inputs[d]))
                    ol_buf_addf(text, " after %zu", i);
            }
        }
    }
}

static void our_receipts(const ol_call_result *result, ol_buf *text)
{
    for (size_t i = 0; i < result->receipt_count; i++) {
        const ol_receipt *receipt = &result->receipts[i].receipt;
        ol_buf_addf(text, "%zu to %.*s", i, OL_FMT(receipt->receiver_id));
        our_dependencies(result, receipt, text);
        if (receipt->refund_to.len > 0)
            ol_buf_addf(text, " refund %.*s", OL_FMT(receipt->refund_to));
        for (size_t a = 0; a < receipt->action_count; a++)
            our_action(&receipt->actions[a], text);
        ol_buf_add_char(text, '\n');
    }
}

typedef struct mock_log {
    ol_json entries[256];
    ol_str kinds[256];
    size_t count;
    size_t dense[256]; /* of an entry that makes a receipt: its number among those */
    size_t receipts;
    ol_arena *arena;
} mock_log;

static ol_json member(const ol_json *object, const char *name)
{
    ol_json value = {OL_STR("null"), NULL};

    (void)ol_json_find(object, ol_str_of(name), &value);
    return value;
}

static ol_u128 number(const ol_json *object, const char *name)
{
    ol_json value = member(object, name);
    ol_u128 ret = 0;

    if (ol_json_u128_text(&value, &ret, NULL) != OL_OK)
        (void)ol_json_u128(&value, &ret, NULL);
    return ret;
}

static ol_str text_of(const mock_log *log, const ol_json *object, const char *name)
{
    ol_json value = member(object, name);
    ol_str ret = {"", 0};

    if (ol_json_kind_of(&value) == OL_JSON_STRING)
        CHECK(ol_json_text(&value, log->arena, &ret, NULL) == OL_OK);
    return ret;
}

static ol_bytes bytes_of(const mock_log *log, const ol_json *object, const char *name)
{
    ol_json value = member(object, name);
    ol_bytes ret = {0};

    CHECK(ol_json_byte_array(&value, log->arena, &ret, NULL) == OL_OK);
    return ret;
}

static bool makes_receipt(ol_str kind)
{
    return ol_str_eq(kind, OL_STR("CreateReceipt")) || ol_str_eq(kind, OL_STR("YieldCreate"));
}

static void log_read(ol_str json, mock_log *log)
{
    ol_json root, item, key, value;
    ol_json_iter it;
    ol_err err = {0};

    CHECK_OK(ol_json_parse(json, &root, &err));
    it = ol_json_iterate(&root);
    while (ol_json_next_item(&it, &item)) {
        ol_json_iter inner = ol_json_iterate(&item);
        CHECK(log->count < 256 && ol_json_next_member(&inner, &key, &value));
        CHECK(ol_json_text(&key, log->arena, &log->kinds[log->count], NULL) == OL_OK);
        log->entries[log->count] = value;
        if (makes_receipt(log->kinds[log->count]))
            log->dense[log->count] = log->receipts++;
        log->count++;
    }
}

static void mock_action(const mock_log *log, size_t i, ol_buf *text)
{
    const ol_json *e = &log->entries[i];
    ol_str kind = log->kinds[i];
    ol_json contract;

    if (ol_str_eq(kind, OL_STR("FunctionCallWeight")))
        line_call(text, ol_bytes_str(bytes_of(log, e, "method_name")), bytes_of(log, e, "args"),
                  number(e, "attached_deposit"));
    else if (ol_str_eq(kind, OL_STR("Transfer")))
        ol_buf_addf(text, " transfer %s", ol_u128_format(number(e, "deposit")).data);
    else if (ol_str_eq(kind, OL_STR("Stake")))
        ol_buf_addf(text, " stake %s", ol_u128_format(number(e, "stake")).data);
    else if (ol_str_eq(kind, OL_STR("DeleteAccount")))
        ol_buf_addf(text, " delete %.*s", OL_FMT(text_of(log, e, "beneficiary_id")));
    else if (ol_str_eq(kind, OL_STR("DeployContract")))
        ol_buf_addf(text, " deploy %zu", bytes_of(log, e, "code").len);
    else if (ol_str_eq(kind, OL_STR("DeployGlobalContract")))
        ol_buf_addf(text, " global %zu", bytes_of(log, e, "code").len);
    else if (ol_str_eq(kind, OL_STR("AddKeyWithFullAccess")))
        ol_buf_addf(text, " key 1 %lu 0  0", (unsigned long)number(e, "nonce"));
    else if (ol_str_eq(kind, OL_STR("AddGasKeyWithFullAccess")))
        ol_buf_addf(text, " key 3 0 %lu  0", (unsigned long)number(e, "num_nonces"));
    else if (ol_str_starts(kind, OL_STR("AddKeyWithF")) ||
             ol_str_starts(kind, OL_STR("AddGasKeyWithF"))) {
        ol_json methods = member(e, "method_names");
        bool gas = ol_str_starts(kind, OL_STR("AddG"));
        ol_buf_addf(text, " key %d %lu %lu %.*s %zu", gas ? 2 : 0,
                    (unsigned long)number(e, "nonce"), (unsigned long)number(e, "num_nonces"),
                    OL_FMT(text_of(log, e, "receiver_id")), ol_json_count(&methods));
    } else if (ol_str_eq(kind, OL_STR("TransferToGasKey")))
        ol_buf_addf(text, " fund %s", ol_u128_format(number(e, "deposit")).data);
    else if (ol_str_eq(kind, OL_STR("DeterministicStateInit")))
        ol_buf_addf(text, " init %s", ol_u128_format(number(e, "amount")).data);
    else if (ol_str_eq(kind, OL_STR("UseGlobalContract"))) {
        contract = member(e, "contract_id");
        ol_buf_addf(text, " use %.*s", OL_FMT(text_of(log, &contract, "AccountId")));
    } else if (ol_str_eq(kind, OL_STR("CreateAccount")))
        ol_buf_addf(text, " create");
    else if (ol_str_eq(kind, OL_STR("DeleteKey")))
        ol_buf_addf(text, " unkey");
    else
        CHECK_STR(kind, OL_STR("SetRefundTo"));
}

static void mock_receipts(const mock_log *log, ol_buf *text)
{
    for (size_t i = 0; i < log->count; i++) {
        ol_json after, item;
        ol_str refund = {"", 0};
        if (!makes_receipt(log->kinds[i]))
            continue;
        ol_buf_addf(text, "%zu to %.*s", log->dense[i],
                    OL_FMT(text_of(log, &log->entries[i], "receiver_id")));
        after = member(&log->entries[i], "receipt_indices"); /* a yield has none */
        ol_json_iter it = {0};
        if (!ol_json_is_null(&after))
            it = ol_json_iterate(&after);
        while (it.at != NULL && ol_json_next_item(&it, &item)) {
            uint64_t index;
            CHECK(ol_json_u64(&item, &index, NULL) == OL_OK && index < log->count);
            ol_buf_addf(text, " after %zu", log->dense[index]);
        }
        for (size_t a = i; a < log->count; a++) {
            if (ol_str_eq(log->kinds[a], OL_STR("SetRefundTo")) &&
                number(&log->entries[a], "receipt_index") == i)
                refund = text_of(log, &log->entries[a], "refund_to");
        }
        if (refund.len > 0)
            ol_buf_addf(text, " refund %.*s", OL_FMT(refund));
        for (size_t a = i + 1; a < log->count; a++) {
            if (!makes_receipt(log->kinds[a]) && !ol_str_eq(log->kinds[a], OL_STR("YieldResume")) &&
                number(&log->entries[a], "receipt_index") == i)
                mock_action(log, a, text);
        }
        ol_buf_add_char(text, '\n');
    }
}

/* ── Both sides of a call ── */

typedef struct mock_side {
    ol_arena *arena;
    const ol_call *call;
    ol_call_result result;
    ol_bytes stored;
    mock_log log;
} mock_side;

static void mock_done(void *at, ol_bytes outcome, ol_bytes stored, ol_str log)
{
    mock_side *side = at;
    external x = {.call = side->call, .arena = side->arena, .result = &side->result};
    ol_str kept;

    external_done(&x, outcome);
    CHECK(!x.no_memory && !x.fatal);
    CHECK(ol_arena_copy_bytes(side->arena, stored, &side->stored));
    CHECK(ol_arena_copy(side->arena, log, &kept));
    side->log.arena = side->arena;
    log_read(kept, &side->log);
}

/* Of the lab's entries: Borsh of a map, sorted by key. */
static void stored_add(const lab *l, ol_buf *into)
{
    const ol_call_change *sorted[LAB_ENTRIES_MAX];
    size_t count = 0;

    for (size_t i = 0; i < l->entry_count; i++) {
        size_t at = count;
        if (l->entries[i].removed)
            continue;
        for (; at > 0 && ol_str_compare(ol_bytes_str(sorted[at - 1]->key),
                                        ol_bytes_str(l->entries[i].key)) > 0;
             at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = &l->entries[i];
        count++;
    }
    ol_borsh_add_u32(into, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        ol_borsh_add_bytes(into, sorted[i]->key);
        ol_borsh_add_bytes(into, sorted[i]->value);
    }
}

static uint64_t uncharged(const ol_call_result *result)
{
    return lab_cost(result, "storage_write_evicted_byte") +
           lab_cost(result, "storage_remove_ret_value_byte");
}

static uint64_t cost_of(const ol_call_result *result, ol_str name)
{
    for (size_t i = 0; i < result->cost_count; i++) {
        if (ol_str_eq(result->costs[i].name, name))
            return result->costs[i].gas;
    }
    return 0;
}

static void compare(lab *l, const ol_call_result *ours, mock_side *mock, const char *row)
{
    const ol_call_result *theirs = &mock->result;
    bool weights = ours->gas_used == l->call.gas;
    ol_buf a = ol_buf_new(OL_MIB(64)), b = ol_buf_new(OL_MIB(64));

    if (uncharged(ours) > 0 && ol_str_starts(ours->failure_name, OL_STR("Gas")))
        return; /* with less gas the mock would have stopped elsewhere */
    if (ol_str_eq(ours->failure_name, OL_STR("InvalidMethodName")))
        return; /* the network wants text there; the mock takes any bytes */
    CHECK_STR_ROW(ours->failure_debug, theirs->failure_debug, row);
    CHECK_EQ_ROW(ours->gas_burnt - uncharged(ours), theirs->gas_burnt, row);
    if (!weights)
        CHECK_EQ_ROW(ours->gas_used - uncharged(ours), theirs->gas_used, row);
    CHECK_EQ_ROW(ours->log_count, theirs->log_count, row);
    for (size_t i = 0; i < ours->log_count; i++)
        CHECK_STR_ROW(ours->logs[i], theirs->logs[i], row);
    CHECK_EQ_ROW(ours->returns, theirs->returns, row);
    CHECK_STR_ROW(ol_bytes_str(ours->value), ol_bytes_str(theirs->value), row);
    CHECK_ROW(ours->balance.yocto == theirs->balance.yocto, row);
    CHECK_EQ_ROW(ours->storage_usage, theirs->storage_usage, row);
    for (size_t i = 0; i < theirs->cost_count; i++)
        CHECK_EQ_ROW(cost_of(ours, theirs->costs[i].name), theirs->costs[i].gas, row);
    if (ours->failure == OL_CALL_OK) { /* the mock keeps what a failed call did */
        if (ours->returns == OL_CALL_RETURNS_RECEIPT)
            CHECK_EQ_ROW(ours->return_receipt, mock->log.dense[theirs->return_receipt], row);
        our_receipts(ours, &a);
        mock_receipts(&mock->log, &b);
        CHECK_STR_ROW(ol_buf_str(&a), ol_buf_str(&b), row);
        lab_apply(l);
        ol_buf_clear(&a);
        stored_add(l, &a);
        CHECK_STR_ROW(ol_buf_str(&a), ol_bytes_str(mock->stored), row);
    }
    ol_buf_deinit(&a);
    ol_buf_deinit(&b);
}

static void one_method(lab *l, ol_bytes code, const char *method, const char *row)
{
    ol_buf seen = ol_buf_new(OL_MIB(64)), stored = ol_buf_new(OL_MIB(64));
    mock_side mock = {.arena = &l->arena, .call = &l->call};

    l->call.method = ol_str_of(method);
    external_seen(&seen, &l->call, l->call.gas);
    stored_add(l, &stored);
    nearvm_mock(86, code, l->call.method, ol_buf_bytes(&seen), ol_buf_bytes(&stored), mock_done,
                &mock);
    compare(l, lab_run(l, code), &mock, row);
    ol_buf_deinit(&seen);
    ol_buf_deinit(&stored);
}

TEST("NV1: random calls end as over the VM's own mock: gas, outcome, state, receipts")
{
    random_state r = {.seed = (uint64_t)time(NULL)};
    uint64_t modules = MODULES_DEFAULT;
    size_t good = 0;

    if (getenv("MOCK_SEED"))
        CHECK(ol_u64_parse(ol_str_of(getenv("MOCK_SEED")), &r.seed));
    if (getenv("MOCK_MODULES"))
        CHECK(ol_u64_parse(ol_str_of(getenv("MOCK_MODULES")), &modules));
    printf("      MOCK_SEED=%" PRIu64 " MOCK_MODULES=%" PRIu64 "\n", r.seed, modules);
    r.at = r.seed;
    for (uint64_t n = 0; n < modules; n++) {
        static const ol_call_input inputs[] = {{true, {(const uint8_t *)"yes", 3}}, {false, {0}}};
        wasm_maker m = wasm_maker_new();
        lab l;
        random_module(&m, &r);
        lab_open(&l);
        lab_put(&l, "ab", "there before");
        l.call.args = ol_str_bytes(OL_STR("some arguments"));
        l.call.chain_id = OL_STR("test"); /* the mock's */
        l.call.inputs = inputs;
        l.call.input_count = random_next(&r, 3);
        l.call.view = random_next(&r, 8) == 0;
        l.call.gas = random_next(&r, 4) ? 300 * OL_TGAS : 1 + random_next(&r, 3 * OL_TGAS);
        for (size_t i = 0; i < RANDOM_METHODS; i++) {
            char row[64];
            (void)snprintf(row, sizeof row, "seed %" PRIu64 " module %" PRIu64 " method %zu",
                           r.seed, n, i);
            one_method(&l, wasm_made(&m), random_method_name(i), row);
            good += l.result.failure == OL_CALL_OK;
        }
        lab_close(&l);
        wasm_maker_deinit(&m);
    }
    printf("      %zu of %" PRIu64 " calls succeeded\n", good, modules * RANDOM_METHODS);
    CHECK(good > modules * RANDOM_METHODS / 10);
}

/* ── Each function by itself ── */

typedef struct near_import {
    const char *name;
    const char *params;
    char result;
    bool not_in_view;
} near_import;

static const near_import IMPORTS[] = {
#define NEAR_IMPORT(name, params, result, not_in_view) {#name, params, result, not_in_view},
#include "tests/chain/vm/near_imports.def"
#undef NEAR_IMPORT
};

enum { IMPORT_COUNT = sizeof IMPORTS / sizeof *IMPORTS, GAS_STEPS = 12 };

/* Nothing, something in memory, registers, far outside. */
static const uint64_t ARGUMENTS[] = {0, 32, UINT64_MAX, UINT64_C(1) << 40};
enum { ARGUMENT_COUNT = sizeof ARGUMENTS / sizeof *ARGUMENTS };

static void method_of(size_t import, size_t mode, char ret[static 32])
{
    (void)snprintf(ret, 32, "f%zu_%zu", import, mode);
}

/* Every import in every mode. */
static void make_each(wasm_maker *m)
{
    unsigned index[IMPORT_COUNT];

    for (size_t i = 0; i < IMPORT_COUNT; i++)
        index[i] = wasm_import(m, IMPORTS[i].name, IMPORTS[i].params, IMPORTS[i].result);
    for (size_t i = 0; i < IMPORT_COUNT; i++) {
        for (size_t mode = 0; mode < ARGUMENT_COUNT; mode++) {
            char name[32];
            method_of(i, mode, name);
            wasm_method(m, name);
            for (const char *p = IMPORTS[i].params; *p; p++) {
                if (*p == 'w')
                    wasm_i32(m, (uint32_t)ARGUMENTS[mode]);
                else
                    wasm_i64(m, ARGUMENTS[mode]);
            }
            wasm_call(m, index[i]);
            if (IMPORTS[i].result)
                wasm_op(m, WASM_DROP);
            wasm_end(m);
        }
    }
    wasm_data(m, 32, ol_str_bytes(OL_STR("0123456789abcdef0123456789abcdef.near")));
}

/* With all the gas, then with ever less of what it took. */
static void each_gas(lab *l, ol_bytes code, const char *method, const char *row)
{
    uint64_t burnt;

    l->call.gas = 300 * OL_TGAS;
    one_method(l, code, method, row);
    burnt = l->result.gas_used;
    for (uint64_t step = 1; step <= GAS_STEPS && !l->call.view; step++) {
        l->call.gas = burnt - burnt / GAS_STEPS * step + 1;
        one_method(l, code, method, row);
    }
}

TEST("NV2: each function ends as over the mock: memory, registers, bounds, views, too little gas")
{
    wasm_maker m = wasm_maker_new();

    make_each(&m);
    for (size_t i = 0; i < IMPORT_COUNT; i++) {
        for (size_t mode = 0; mode < ARGUMENT_COUNT; mode++) {
            char method[32];
            lab l;
            method_of(i, mode, method);
            lab_open(&l);
            l.call.chain_id = OL_STR("test");
            each_gas(&l, wasm_made(&m), method, IMPORTS[i].name);
            l.call.view = true;
            each_gas(&l, wasm_made(&m), method, IMPORTS[i].name);
            lab_close(&l);
        }
    }
    wasm_maker_deinit(&m);
}
