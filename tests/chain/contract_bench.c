#include "tests/chain/contract_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emulator/call.h"
#include "lib/base/arena.h"

enum {
    PROTOCOL_VERSION = 86,
    PATH_BYTES = 512,
    CODE_BYTES_MAX = 4 << 20,
    ACCOUNT_BYTES = 182, /* NEAR 4.3: a fresh account */
    CALL_ARENA_BYTES = 256 << 20,
};

#define START_NEAR ((ol_u128)1000 * 1000000000000u * 1000000000000u)
#define START_TIME UINT64_C(1785000000000000000)
#define BLOCK_NS UINT64_C(1000000000)

typedef struct record {
    ol_bytes key;
    ol_bytes value; /* both on the heap */
} record;

typedef struct holder {
    ol_str account;
    ol_u128 balance;
} holder;

struct bench {
    ol_str account;
    ol_bytes code;
    ol_sha256 code_hash;
    ol_arena world; /* what lives until the bench is closed */
    ol_arena call;  /* of the newest call */
    ol_arena left;  /* of the newest call that left promises behind, when that is an older one */
    bool call_left; /* the promises lie in `call` */

    record *records;
    size_t record_count;
    holder *holders;
    size_t holder_count;
    uint64_t storage_usage;
    uint64_t height;
    uint64_t now;
    uint64_t next_time;

    bench_promise *promises;
    size_t promise_count;
    bench_yield *yields;
    size_t yield_count;
    bench_outcome last;
};

/* --- Small parts
 * ---------------------------------------------------------------------------------- */

static _Noreturn void broken(const char *what)
{
    (void)fprintf(stderr, "contract bench: %s\n", what);
    abort();
}

static const ol_vm *the_vm(void)
{
    static ol_vm *vm; /* one for the process: compiled contracts stay linked */
    ol_err err;
    if (vm == NULL && ol_vm_new(PROTOCOL_VERSION, OL_STR(""), &vm, &err) != OL_OK)
        broken(err.text);
    return vm;
}

static void *grown(void *array, size_t count, size_t item_bytes)
{
    void *more = realloc(array, (count + 1) * item_bytes);
    if (more == NULL)
        broken("no memory");
    return more;
}

static ol_bytes heap_copy(ol_bytes bytes)
{
    uint8_t *data = malloc(bytes.len + 1);
    if (data == NULL)
        broken("no memory");
    if (bytes.len > 0)
        memcpy(data, bytes.data, bytes.len);
    return (ol_bytes){data, bytes.len};
}

static ol_str keep(bench *b, ol_str text)
{
    ol_str copy;
    if (!ol_arena_copy(&b->world, text, &copy))
        broken("no memory");
    return copy;
}

ol_u128 bench_amount(const char *decimal)
{
    ol_u128 value;
    if (!ol_u128_parse(ol_str_of(decimal), &value))
        broken("no decimal amount");
    return value;
}

const char *bench_text(bench *b, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    ol_buf text = ol_buf_new(CODE_BYTES_MAX);
    ol_buf_vaddf(&text, format, arguments);
    va_end(arguments);
    ol_str kept = keep(b, ol_buf_str(&text));
    ol_buf_deinit(&text);
    return kept.data;
}

/* --- Opening
 * -------------------------------------------------------------------------------------- */

static ol_bytes read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        broken(path);
    uint8_t *data = malloc(CODE_BYTES_MAX);
    if (data == NULL)
        broken("no memory");
    size_t len = fread(data, 1, CODE_BYTES_MAX, file);
    (void)fclose(file);
    return (ol_bytes){data, len};
}

bench *bench_open_file(const char *path, const char *account)
{
    bench *b = calloc(1, sizeof *b);
    if (b == NULL)
        broken("no memory");
    b->world = ol_arena_new(CALL_ARENA_BYTES);
    b->call = ol_arena_new(CALL_ARENA_BYTES);
    b->left = ol_arena_new(CALL_ARENA_BYTES);
    b->account = keep(b, ol_str_of(account));
    b->code = read_file(path);
    b->code_hash = ol_sha256_of(b->code);
    b->storage_usage = ACCOUNT_BYTES + b->code.len;
    b->next_time = START_TIME;
    return b;
}

bench *bench_open(const char *wasm, const char *account)
{
    char path[PATH_BYTES];
    const char *folder = getenv("OL_WASM");
    (void)snprintf(path, sizeof path, "%s/contracts/%s.wasm", folder != NULL ? folder : ".", wasm);
    return bench_open_file(path, account);
}

void bench_close(bench *b)
{
    if (b == NULL)
        return;
    for (size_t i = 0; i < b->record_count; i++) {
        free((void *)(uintptr_t)b->records[i].key.data);
        free((void *)(uintptr_t)b->records[i].value.data);
    }
    free((void *)(uintptr_t)b->code.data);
    free(b->records);
    free(b->holders);
    free(b->promises);
    free(b->yields);
    ol_arena_deinit(&b->world);
    ol_arena_deinit(&b->call);
    ol_arena_deinit(&b->left);
    free(b);
}

/* --- Money and time
 * --------------------------------------------------------------------------------- */

static ol_u128 *balance_of(bench *b, ol_str account)
{
    for (size_t i = 0; i < b->holder_count; i++) {
        if (ol_str_eq(b->holders[i].account, account))
            return &b->holders[i].balance;
    }
    b->holders = grown(b->holders, b->holder_count, sizeof *b->holders);
    b->holders[b->holder_count] = (holder){keep(b, account), START_NEAR};
    return &b->holders[b->holder_count++].balance;
}

ol_u128 bench_balance(const bench *b, const char *account)
{
    for (size_t i = 0; i < b->holder_count; i++) {
        if (ol_str_eq(b->holders[i].account, ol_str_of(account)))
            return b->holders[i].balance;
    }
    return START_NEAR;
}

void bench_set_balance(bench *b, const char *account, ol_u128 yocto)
{
    *balance_of(b, ol_str_of(account)) = yocto;
}

void bench_advance(bench *b, uint64_t ns)
{
    b->next_time += ns;
}

void bench_set_time(bench *b, uint64_t ns)
{
    b->next_time = ns;
}

uint64_t bench_now(const bench *b)
{
    return b->now;
}

int64_t bench_storage_usage(const bench *b)
{
    return (int64_t)b->storage_usage - ACCOUNT_BYTES - (int64_t)b->code.len;
}

size_t bench_records(const bench *b)
{
    return b->record_count;
}

/* --- State
 * ------------------------------------------------------------------------------------------ */

static record *find_record(const bench *b, ol_bytes key)
{
    for (size_t i = 0; i < b->record_count; i++) {
        if (ol_bytes_eq(b->records[i].key, key))
            return &b->records[i];
    }
    return NULL;
}

static bool find(void *at, ol_bytes key, ol_bytes *ret_value)
{
    const record *it = find_record(at, key);
    if (it == NULL)
        return false;
    *ret_value = it->value;
    return true;
}

static void apply_change(bench *b, const ol_call_change *change)
{
    record *it = find_record(b, change->key);
    if (it != NULL)
        free((void *)(uintptr_t)it->value.data);
    if (change->removed) {
        if (it == NULL)
            return;
        free((void *)(uintptr_t)it->key.data);
        *it = b->records[--b->record_count];
        return;
    }
    if (it == NULL) {
        b->records = grown(b->records, b->record_count, sizeof *b->records);
        it = &b->records[b->record_count++];
        it->key = heap_copy(change->key);
    }
    it->value = heap_copy(change->value);
}

/* --- Yields
 * ----------------------------------------------------------------------------------------- */

static bench_yield *find_yield(const bench *b, const ol_sha256 *data_id)
{
    for (size_t i = 0; i < b->yield_count; i++) {
        if (memcmp(b->yields[i].data_id, data_id->bytes, sizeof data_id->bytes) == 0)
            return &b->yields[i];
    }
    return NULL;
}

static bool yield_pending(void *at, const ol_sha256 *data_id)
{
    const bench_yield *it = find_yield(at, data_id);
    return it != NULL && !it->done;
}

static void add_yield(bench *b, const ol_receipt *receipt)
{
    const ol_action *call = &receipt->actions[0];
    b->yields = grown(b->yields, b->yield_count, sizeof *b->yields);
    bench_yield *it = &b->yields[b->yield_count++];
    *it = (bench_yield){.method = keep(b, call->call.method),
                        .arguments = keep(b, ol_bytes_str(call->call.args)),
                        .signer = keep(b, receipt->signer_id)};
    memcpy(it->data_id, receipt->inputs[0].bytes, sizeof it->data_id);
}

static void apply_resume(bench *b, const ol_call_resume *resume)
{
    bench_yield *it = find_yield(b, &resume->data_id);
    if (it == NULL || it->resumed)
        return;
    it->resumed = true;
    it->payload = keep(b, ol_bytes_str(resume->payload));
}

/* --- What a call left behind
 * -------------------------------------------------------------------------- */

static int64_t parent_of(const ol_call_result *result, const ol_receipt *receipt)
{
    for (size_t i = 0; receipt->input_count > 0 && i < result->receipt_count; i++) {
        const ol_receipt *other = &result->receipts[i].receipt;
        for (size_t o = 0; o < other->output_count; o++) {
            if (ol_sha256_eq(&other->outputs[o].data_id, &receipt->inputs[0]))
                return (int64_t)i;
        }
    }
    return -1;
}

/* Carries out a transfer; a call of somebody else takes its deposit along. */
static void add_promise(bench *b, const ol_call_result *result, const ol_receipt *receipt)
{
    bench_promise it = {.receiver = receipt->receiver_id, .after = parent_of(result, receipt)};
    for (size_t i = 0; i < receipt->action_count; i++) {
        const ol_action *action = &receipt->actions[i];
        if (action->kind == OL_ACTION_CALL && !it.is_call) {
            it.is_call = true;
            it.method = action->call.method;
            it.arguments = ol_bytes_str(action->call.args);
            it.deposit = action->call.deposit.yocto;
            it.gas = action->call.gas;
        }
        if (action->kind == OL_ACTION_TRANSFER) {
            it.deposit += action->transfer.yocto;
            *balance_of(b, receipt->receiver_id) += action->transfer.yocto;
        }
    }
    b->promises = grown(b->promises, b->promise_count, sizeof *b->promises);
    b->promises[b->promise_count++] = it;
}

/* Index of a receipt as tests see it. */
static uint64_t seen_index(const ol_call_result *result, size_t receipt, size_t yields_before)
{
    uint64_t yields = 0;
    for (size_t i = 0; i < receipt; i++)
        yields += result->receipts[i].receipt.kind == OL_RECEIPT_YIELD;
    if (result->receipts[receipt].receipt.kind == OL_RECEIPT_YIELD)
        return BENCH_YIELD_BIT | (yields_before + yields);
    return receipt - yields;
}

static void apply_receipts(bench *b, const ol_call_result *result, ol_str signer)
{
    bool promises = false;
    for (size_t i = 0; i < result->receipt_count; i++)
        promises |= result->receipts[i].receipt.kind != OL_RECEIPT_YIELD;
    if (promises) {
        b->promise_count = 0;
        b->call_left = true;
        ol_arena_deinit(&b->left);
    }
    for (size_t i = 0; i < result->receipt_count; i++) {
        ol_receipt receipt = result->receipts[i].receipt;
        receipt.signer_id = signer;
        if (receipt.kind == OL_RECEIPT_YIELD)
            add_yield(b, &receipt);
        else
            add_promise(b, result, &receipt);
    }
}

static void apply(bench *b, const ol_call_result *result, ol_str signer)
{
    for (size_t i = 0; i < result->change_count; i++)
        apply_change(b, &result->changes[i]);
    *balance_of(b, b->account) = result->balance.yocto;
    b->storage_usage = result->storage_usage;
    apply_receipts(b, result, signer);
    for (size_t i = 0; i < result->resume_count; i++)
        apply_resume(b, &result->resumes[i]);
}

/* --- Calling
 * ------------------------------------------------------------------------------------------ */

/* A new arena for a call: promises of an older one keep theirs. */
static void renew_arena(bench *b)
{
    if (b->call_left) {
        b->left = b->call;
        b->call = ol_arena_new(CALL_ARENA_BYTES);
        b->call_left = false;
    } else {
        ol_arena_deinit(&b->call);
    }
}

/* OL_GAS=1 prints what each call burnt, OL_GAS=2 for what. */
static void tell_gas(const bench *b, const ol_call *call, const ol_call_result *result)
{
    const char *wanted = getenv("OL_GAS");
    if (wanted == NULL)
        return;
    for (size_t i = 0; i < result->cost_count && wanted[0] == '2'; i++)
        (void)printf("      %-30.*s %10.4f Ggas\n", OL_FMT(result->costs[i].name),
                     (double)result->costs[i].gas / 1e9);
    (void)printf("gas %-38.*s %8.4f Tgas %+6lld bytes%s\n", OL_FMT(call->method),
                 (double)b->last.gas_burnt / 1e12, (long long)b->last.storage_delta,
                 b->last.ok ? "" : " failed");
}

static const bench_outcome *run(bench *b, ol_call *call)
{
    ol_call_result result;
    ol_err err;
    uint8_t seed[16];
    renew_arena(b);
    memcpy(seed, &b->height, sizeof b->height);
    memcpy(seed + sizeof b->height, &b->now, sizeof b->now);
    call->code = b->code;
    call->code_hash = b->code_hash;
    call->account_id = b->account;
    call->balance = OL_YOCTO(*balance_of(b, b->account));
    call->storage_usage = b->storage_usage;
    call->height = b->height;
    call->timestamp_ns = b->now;
    call->at = b;
    call->find = find;
    call->yield_pending = yield_pending;
    call->random_seed = call->action_hash = ol_sha256_of((ol_bytes){seed, sizeof seed});
    if (ol_call_run(the_vm(), call, &b->call, &result, &err) != OL_OK)
        broken(err.text);
    b->last = (bench_outcome){
        .ok = result.failure == OL_CALL_OK,
        .error = result.failure_text,
        .value = ol_bytes_str(result.value),
        .returned_promise = result.returns == OL_CALL_RETURNS_RECEIPT,
        .logs = result.logs,
        .log_count = result.log_count,
        .gas_burnt = result.gas_burnt,
        .storage_delta = (int64_t)(result.storage_usage - b->storage_usage),
    };
    if (b->last.returned_promise)
        b->last.promise = seen_index(&result, result.return_receipt, b->yield_count);
    if (b->last.ok && !call->view) {
        apply(b, &result, call->signer_id);
    } else if (!call->view) {
        b->last.storage_delta = 0;
        *balance_of(b, call->predecessor_id) += call->deposit.yocto;
    }
    tell_gas(b, call, &result);
    return &b->last;
}

static void next_block(bench *b)
{
    b->height++;
    b->now = b->next_time;
    b->next_time += BLOCK_NS;
}

static const bench_outcome *run_by(bench *b, ol_str predecessor, ol_str signer, ol_u128 deposit,
                                   ol_call *call)
{
    ol_u128 *balance = balance_of(b, predecessor);
    if (*balance < deposit)
        broken("the caller cannot pay the deposit");
    *balance -= deposit;
    next_block(b);
    call->predecessor_id = predecessor;
    call->signer_id = signer;
    call->deposit = OL_YOCTO(deposit);
    call->gas = 300 * OL_TGAS;
    return run(b, call);
}

const bench_outcome *bench_call(bench *b, const char *predecessor, const char *signer,
                                ol_u128 deposit, const char *method, ol_str arguments)
{
    ol_call call = {.method = ol_str_of(method), .args = ol_str_bytes(arguments)};
    ol_str by = ol_str_of(predecessor);
    return run_by(b, by, signer != NULL ? ol_str_of(signer) : by, deposit, &call);
}

const bench_outcome *bench_view(bench *b, const char *method, ol_str arguments)
{
    ol_call call = {.method = ol_str_of(method), .args = ol_str_bytes(arguments), .view = true};
    return run(b, &call);
}

/* --- Playing on
 * --------------------------------------------------------------------------------------- */

const bench_outcome *bench_run_callback(bench *b, size_t index, bool parent_ok, ol_str parent_value)
{
    OL_ASSERT(index < b->promise_count && b->promises[index].is_call);
    const bench_promise promise = b->promises[index];
    OL_ASSERT(ol_str_eq(promise.receiver, b->account));
    const ol_call_input input = {parent_ok, ol_str_bytes(parent_value)};
    ol_call call = {.method = keep(b, promise.method),
                    .args = ol_str_bytes(keep(b, promise.arguments)),
                    .inputs = &input,
                    .input_count = promise.after >= 0};
    *balance_of(b, b->account) += promise.deposit;
    return run_by(b, b->account, b->account, promise.deposit, &call);
}

const bench_outcome *bench_callback(bench *b, const char *method, const char *arguments,
                                    bool parent_ok, ol_str parent_value)
{
    const ol_call_input input = {parent_ok, ol_str_bytes(parent_value)};
    ol_call call = {.method = ol_str_of(method),
                    .args = ol_str_bytes(ol_str_of(arguments)),
                    .inputs = &input,
                    .input_count = 1};
    return run_by(b, b->account, b->account, 0, &call);
}

static const bench_outcome *run_yield(bench *b, size_t index, bool resumed)
{
    OL_ASSERT(index < b->yield_count && !b->yields[index].done);
    bench_yield *it = &b->yields[index];
    it->done = true;
    const ol_call_input input = {resumed, ol_str_bytes(it->payload)};
    ol_call call = {.method = it->method,
                    .args = ol_str_bytes(it->arguments),
                    .inputs = &input,
                    .input_count = 1};
    return run_by(b, b->account, it->signer, 0, &call);
}

const bench_outcome *bench_run_yield(bench *b, size_t index)
{
    OL_ASSERT(index < b->yield_count);
    return run_yield(b, index, b->yields[index].resumed);
}

const bench_outcome *bench_expire_yield(bench *b, size_t index)
{
    return run_yield(b, index, false);
}

/* --- Looking
 * ------------------------------------------------------------------------------------------ */

const bench_outcome *bench_last(const bench *b)
{
    return &b->last;
}

size_t bench_promises(const bench *b)
{
    return b->promise_count;
}

const bench_promise *bench_promise_at(const bench *b, size_t index)
{
    OL_ASSERT(index < b->promise_count);
    return &b->promises[index];
}

size_t bench_yields(const bench *b)
{
    return b->yield_count;
}

const bench_yield *bench_yield_at(const bench *b, size_t index)
{
    OL_ASSERT(index < b->yield_count);
    return &b->yields[index];
}
