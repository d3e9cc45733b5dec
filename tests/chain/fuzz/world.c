#include "tests/chain/fuzz/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/codec/json_read.h"
#include "tests/chain/fuzz/file.h"

enum {
    CALL_BYTES_MAX = 64 * 1024 * 1024,
    CODE_BYTES_MAX = 8 * 1024 * 1024,
    RECORD_BYTES = 40, /* NEAR 4.3 */
    ACCOUNT_BYTES = 182,
    GAS = 300,
    BALANCE_NEAR = 1000,
};

#define YOCTO_PER_NEAR ((ol_u128)1000000000000 * 1000000000000)

uint64_t world_random(world *w, uint64_t below)
{
    uint64_t z = (w->random += UINT64_C(0x9e3779b97f4a7c15)); /* splitmix64 */

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % below;
}

world *world_open(uint64_t seed)
{
    world *w = calloc(1, sizeof *w);
    ol_err err = {0};

    CHECK(w != NULL);
    w->seed = w->random = seed;
    w->code_arena = ol_arena_new(CODE_BYTES_MAX);
    w->code = contract_file_read("outlayer.wasm", &w->code_arena);
    w->code_hash = ol_sha256_of(w->code);
    w->storage_usage = ACCOUNT_BYTES + w->code.len;
    w->state_bytes = w->storage_usage;
    w->state = OL_STATE_EMPTY;
    w->now_ns = UINT64_C(1785000000000000000);
    w->balance = BALANCE_NEAR * YOCTO_PER_NEAR;
    w->text = ol_buf_new(WORLD_TEXT_BYTES_MAX);
    CHECK_OK(ol_vm_new(86, OL_STR(""), &w->vm, &err));
    return w;
}

void world_close(world *w)
{
    while (w->yield_count > 0)
        ol_arena_deinit(&w->yields[--w->yield_count].arena);
    while (w->group_count > 0)
        ol_arena_deinit(&w->groups[--w->group_count].arena);
    ol_state_deinit(&w->state);
    ol_vm_free(w->vm);
    ol_arena_deinit(&w->code_arena);
    ol_buf_deinit(&w->text);
    free(w);
}

/* ── What a call sees ── */

static bool find(void *at, ol_bytes key, ol_bytes *ret)
{
    const world *w = at;

    return ol_state_get(&w->state, key, ret);
}

static size_t yield_index(const world *w, const ol_sha256 *data_id)
{
    size_t i = 0;

    while (i < w->yield_count && memcmp(&w->yields[i].data_id, data_id, sizeof *data_id) != 0)
        i++;
    return i;
}

static bool yield_pending(void *at, const ol_sha256 *data_id)
{
    const world *w = at;

    return yield_index(w, data_id) < w->yield_count;
}

static ol_sha256 data_id(void *at, uint64_t index)
{
    world *w = at;
    uint64_t number = ++w->data_ids;

    (void)index;
    return ol_sha256_of((ol_bytes){(const uint8_t *)&number, sizeof number});
}

/* ── What it leaves behind ── */

static void apply_changes(world *w, const ol_call_result *result)
{
    for (size_t i = 0; i < result->change_count; i++) {
        const ol_call_change *change = &result->changes[i];
        ol_bytes old;
        if (ol_state_get(&w->state, change->key, &old))
            w->state_bytes -= change->key.len + old.len + RECORD_BYTES;
        if (change->removed) {
            (void)ol_state_remove(&w->state, change->key);
        } else {
            w->state_bytes += change->key.len + change->value.len + RECORD_BYTES;
            ol_state_put(&w->state, change->key, change->value);
        }
    }
    w->storage_usage = result->storage_usage;
    w->balance = result->balance.yocto;
}

static void keep(bool copied)
{
    CHECK(copied);
}

static void add_yield(world *w, const ol_receipt *receipt, const ol_call *call)
{
    world_yield *y = &w->yields[w->yield_count];
    const ol_action *action = &receipt->actions[0];

    CHECK(w->yield_count < WORLD_YIELDS_MAX);
    CHECK_EQ(receipt->action_count, 1);
    *y = (world_yield){
        .arena = ol_arena_new(OL_MIB(1)), .data_id = receipt->inputs[0], .gas = action->call.gas};
    keep(ol_arena_copy(&y->arena, action->call.method, &y->method));
    keep(ol_arena_copy_bytes(&y->arena, action->call.args, &y->args));
    keep(ol_arena_copy(&y->arena, call->signer_id, &y->signer));
    keep(ol_arena_copy(&y->arena, call->predecessor_id, &y->token));
    w->yield_count++;
}

static void resume_yields(world *w, const ol_call_result *result)
{
    for (size_t i = 0; i < result->resume_count; i++) {
        size_t index = yield_index(w, &result->resumes[i].data_id);
        CHECK(index < w->yield_count);
        if (w->yields[index].resumed) /* the first payload counts (NEAR 3, rule 5) */
            continue;
        w->yields[index].resumed = true;
        keep(ol_arena_copy_bytes(&w->yields[index].arena, result->resumes[i].payload,
                                 &w->yields[index].payload));
    }
}

/* ── Running ── */

static void report(const world *w, const ol_call *call, const ol_call_result *result)
{
    fprintf(stderr, "seed %" PRIu64 " step %" PRIu64 ": %.*s by %.*s, deposit %s\n  %.*s\n  %.*s\n",
            w->seed, w->steps, OL_FMT(call->method), OL_FMT(call->predecessor_id),
            YOCTO(call->deposit), (int)(call->args.len < 2000 ? call->args.len : 2000),
            (const char *)call->args.data, OL_FMT(result->failure_debug));
}

/* Either it works or it says why in words: never a trap, never out of gas or bounds. */
static void check_end(const world *w, const ol_call *call, const ol_call_result *result)
{
    if (result->failure == OL_CALL_OK || (result->failure == OL_CALL_FAILED_HOST &&
                                          ol_str_eq(result->failure_name, OL_STR("GuestPanic"))))
        return;
    report(w, call, result);
    ol_test_fail(__FILE__, __LINE__, "the contract did not end in its own words");
}

/* What all calls have in common. */
static ol_call call_of(world *w, ol_str method, ol_bytes args)
{
    return (ol_call){
        .code = w->code,
        .code_hash = w->code_hash,
        .account_id = WORLD_CONTRACT,
        .method = method,
        .args = args,
        .gas = GAS * OL_TGAS,
        .balance = {w->balance},
        .storage_usage = w->storage_usage,
        .height = 1000 + w->steps,
        .timestamp_ns = w->now_ns,
        .at = w,
        .find = find,
        .yield_pending = yield_pending,
        .data_id = data_id,
    };
}

/* Runs and, after a success that is no view, applies. */
static const ol_call_result *run(world *w, const ol_call *call, ol_arena *arena)
{
    ol_err err = {0};
    ol_call_result *result = OL_ARENA_NEW(arena, ol_call_result);

    CHECK(result != NULL);
    CHECK_OK(ol_call_run(w->vm, call, arena, result, &err));
    check_end(w, call, result);
    if (call->view || result->failure != OL_CALL_OK)
        return result;
    apply_changes(w, result);
    for (size_t i = 0; i < result->receipt_count; i++) {
        if (result->receipts[i].receipt.kind == OL_RECEIPT_YIELD)
            add_yield(w, &result->receipts[i].receipt, call);
    }
    resume_yields(w, result);
    w->requests += ol_str_eq(call->method, OL_STR("request_execution"));
    return result;
}

/* Receipts wait in a group, which then owns the arena. */
static void leave(world *w, const ol_call *call, const ol_call_result *result, ol_arena *arena)
{
    world_group *g = &w->groups[w->group_count];

    if (result->failure != OL_CALL_OK || result->receipt_count == 0) {
        ol_arena_deinit(arena);
        return;
    }
    CHECK(w->group_count < WORLD_GROUPS_MAX);
    *g = (world_group){.result = *result};
    keep(ol_arena_copy(arena, call->signer_id, &g->signer));
    g->arena = *arena;
    w->group_count++;
}

const ol_call_result *world_run(world *w, const world_call *what, ol_arena *arena)
{
    ol_call call = call_of(w, what->method, what->args);

    if (what->gas > 0)
        call.gas = what->gas;
    call.view = what->view;
    call.signer_id = call.predecessor_id = what->caller;
    call.deposit = OL_YOCTO(what->deposit);
    return run(w, &call, arena);
}

ol_str world_view(world *w, const char *method, ol_str args, ol_arena *arena)
{
    world_call call = {.caller = OL_STR("viewer.near"),
                       .method = ol_str_of(method),
                       .args = ol_str_bytes(args),
                       .view = true};
    const ol_call_result *result = world_run(w, &call, arena);

    CHECK_STR_ROW(result->failure_text, OL_STR(""), method);
    return ol_bytes_str(result->value);
}

/* ── Receipts ── */

static size_t token_index(ol_str account)
{
    return ol_str_eq(account, WORLD_TOKEN) ? 0 : ol_str_eq(account, WORLD_OTHER_TOKEN) ? 1 : 2;
}

static ol_u128 amount_of(ol_bytes args, const char *member)
{
    ol_json root, value;
    ol_u128 amount = 0;

    if (ol_json_parse(ol_bytes_str(args), &root, NULL) == OL_OK &&
        ol_json_find(&root, ol_str_of(member), &value))
        (void)ol_json_u128_text(&value, &amount, NULL);
    return amount;
}

/* A number as JSON text: "12". */
static ol_u128 quoted(ol_bytes value)
{
    ol_str text = ol_bytes_str(value);
    ol_u128 number = 0;

    CHECK(text.len > 2 && ol_u128_parse(ol_str_slice(text, 1, text.len - 1), &number));
    return number;
}

/* What the token hands over, less what it is told to keep. */
static void count_tokens(world *w, const world_call *call, const ol_call_result *result)
{
    ol_u128 amount = amount_of(call->args, "amount");
    size_t token = token_index(call->caller);

    if (token == 2 || !ol_str_eq(call->method, OL_STR("ft_on_transfer")))
        return;
    w->tokens[token] += amount;
    if (result->returns == OL_CALL_RETURNS_RECEIPT) {
        w->yields[w->yield_count - 1].tokens = amount;
        return;
    }
    CHECK(result->returns == OL_CALL_RETURNS_VALUE);
    CHECK(quoted(result->value) <= amount);
    w->tokens[token] -= quoted(result->value);
}

static ol_u128 transferred(const ol_call_result *result)
{
    ol_u128 sum = 0;

    for (size_t i = 0; i < result->receipt_count; i++) {
        const ol_receipt *receipt = &result->receipts[i].receipt;
        for (size_t a = 0; a < receipt->action_count; a++) {
            if (receipt->actions[a].kind == OL_ACTION_TRANSFER)
                sum += receipt->actions[a].transfer.yocto;
        }
    }
    return sum;
}

bool world_play(world *w, const world_call *what)
{
    ol_arena arena = ol_arena_new(CALL_BYTES_MAX);
    ol_call call;
    const ol_call_result *result;
    bool ok;

    while (w->group_count > WORLD_GROUPS_MAX - 2)
        (void)world_run_receipts(w);
    w->steps++;
    w->now_ns += 1000000000;
    call = call_of(w, what->method, what->args);
    call.signer_id = call.predecessor_id = what->caller;
    call.deposit = OL_YOCTO(what->deposit);
    call.view = what->view;
    result = run(w, &call, &arena);
    ok = result->failure == OL_CALL_OK;
    if (ok && !what->view) {
        count_tokens(w, what, result);
        if (ol_str_eq(what->method, OL_STR("withdraw_fees")))
            w->given_fees += transferred(result);
    }
    leave(w, &call, result, &arena);
    return ok;
}

typedef struct answer {
    bool done;
    bool ok;
    ol_bytes value;
} answer;

static const answer *answer_of(const ol_call_result *from, const answer *answers,
                               const ol_sha256 *data_id)
{
    for (size_t i = 0; i < from->receipt_count; i++) {
        const ol_receipt *receipt = &from->receipts[i].receipt;
        for (size_t o = 0; o < receipt->output_count; o++) {
            if (memcmp(&receipt->outputs[o].data_id, data_id, sizeof *data_id) == 0)
                return &answers[i];
        }
    }
    return NULL;
}

/* The contract calls itself. A callback never fails; what anybody may call can, and its deposit
 * comes back. */
static answer run_own(world *w, const world_group *g, const answer *answers,
                      const ol_receipt *receipt, ol_arena *arena)
{
    const ol_action *action = &receipt->actions[0];
    ol_call_input inputs[8];
    ol_arena own = ol_arena_new(CALL_BYTES_MAX);
    ol_call call = call_of(w, action->call.method, action->call.args);
    const ol_call_result *result;
    answer ret = {.done = true};

    call.gas = action->call.gas;
    call.signer_id = g->signer;
    call.predecessor_id = WORLD_CONTRACT;
    call.deposit = action->call.deposit;
    call.inputs = inputs;
    call.input_count = receipt->input_count;
    CHECK(receipt->input_count <= 8);
    for (size_t i = 0; i < receipt->input_count; i++) {
        const answer *before = answer_of(&g->result, answers, &receipt->inputs[i]);
        CHECK(before && before->done);
        inputs[i] = (ol_call_input){before->ok, before->value};
    }
    result = run(w, &call, &own);
    ret.ok = result->failure == OL_CALL_OK;
    if (!ret.ok && ol_str_starts(call.method, OL_STR("on_"))) {
        report(w, &call, result);
        ol_test_fail(__FILE__, __LINE__, "a callback failed");
    }
    if (!ret.ok)
        w->balance += call.deposit.yocto;
    keep(ol_arena_copy_bytes(arena, result->value, &ret.value));
    leave(w, &call, result, &own);
    return ret;
}

/* The contract that wraps NEAR. */
static void run_wrap(world *w, const ol_action *action)
{
    ol_u128 amount = amount_of(action->call.args, "amount");

    if (ol_str_eq(action->call.method, OL_STR("near_deposit"))) {
        w->wrapped += action->call.deposit.yocto;
        return;
    }
    CHECK(amount > 0 && amount <= w->wrapped);
    w->wrapped -= amount;
    if (ol_str_eq(action->call.method, OL_STR("near_withdraw")))
        w->balance += amount;
}

/* Somebody else's contract: a token that pays most of the time. */
static answer run_foreign(world *w, const ol_receipt *receipt)
{
    const ol_action *action = &receipt->actions[0];
    size_t token = token_index(receipt->receiver_id);
    bool ok = world_random(w, 100) < 80;

    if (action->kind != OL_ACTION_CALL)
        return (answer){true, true, {0}};
    if (token < 2 && ok) {
        ol_u128 amount = amount_of(action->call.args, "amount");
        CHECK_STR(action->call.method, OL_STR("ft_transfer"));
        CHECK(amount > 0 && amount <= w->tokens[token]); /* it never sends what it does not have */
        w->tokens[token] -= amount;
    }
    if (ok && ol_str_eq(receipt->receiver_id, OL_STR("wrap.near")))
        run_wrap(w, action);
    if (!ok)
        w->balance += action->call.deposit.yocto; /* a failed deposit comes back */
    return (answer){true, ok, {0}};
}

bool world_run_receipts(world *w)
{
    answer answers[16] = {0};
    ol_arena arena = ol_arena_new(CALL_BYTES_MAX);
    world_group g;

    if (w->group_count == 0)
        return false;
    g = w->groups[0];
    memmove(w->groups, w->groups + 1, --w->group_count * sizeof *w->groups);
    CHECK(g.result.receipt_count <= 16);
    for (size_t i = 0; i < g.result.receipt_count; i++) {
        const ol_receipt *receipt = &g.result.receipts[i].receipt;
        if (receipt->kind == OL_RECEIPT_YIELD || receipt->action_count == 0)
            continue;
        if (ol_str_eq(receipt->receiver_id, WORLD_CONTRACT) &&
            receipt->actions[0].kind == OL_ACTION_CALL)
            answers[i] = run_own(w, &g, answers, receipt, &arena);
        else
            answers[i] = run_foreign(w, receipt);
    }
    ol_arena_deinit(&arena);
    ol_arena_deinit(&g.arena);
    return true;
}

/* ── Yields ── */

void world_fire_yield(world *w, size_t index)
{
    world_yield y = w->yields[index];
    ol_arena arena = ol_arena_new(CALL_BYTES_MAX);
    ol_call_input input = {y.resumed, y.payload};
    ol_call call = call_of(w, y.method, y.args);
    const ol_call_result *result;

    w->yields[index] = w->yields[--w->yield_count]; /* delivered: no longer pending */
    call.gas = y.gas;
    call.signer_id = y.signer;
    call.predecessor_id = WORLD_CONTRACT;
    call.inputs = &input;
    call.input_count = 1;
    result = run(w, &call, &arena);
    if (result->failure != OL_CALL_OK) {
        report(w, &call, result);
        ol_test_fail(__FILE__, __LINE__, "the callback of a yield failed");
    }
    if (token_index(y.token) < 2) { /* a top-up's answer is what the token takes back */
        ol_u128 back = quoted(result->value);
        CHECK(back <= y.tokens);
        w->tokens[token_index(y.token)] -= back;
    }
    while (w->group_count > WORLD_GROUPS_MAX - 2)
        (void)world_run_receipts(w);
    leave(w, &call, result, &arena);
    ol_arena_deinit(&y.arena);
}

void world_check_storage(const world *w)
{
    if (w->storage_usage != w->state_bytes)
        ol_test_fail(__FILE__, __LINE__,
                     "seed %" PRIu64 " step %" PRIu64 ": usage %" PRIu64 ", state %" PRIu64,
                     w->seed, w->steps, w->storage_usage, w->state_bytes);
}
