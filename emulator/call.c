#include "emulator/call.h"

#include "emulator/external_store.h"
#include "lib/codec/json_write.h"

enum {
    /* Arguments and the results of promises: 4 MiB each, at most 128 results (NEAR 1.5). */
    SEEN_BYTES_MAX = 1024 * 1024 * 1024,
    FAILURE_JSON_BYTES_MAX = 64 * 1024, /* a panic message may take the 16 KiB of a log, escaped */
};

/* ── The VM's outcome becomes a result ── */

/* Kind of failure and the innermost name, from the VM's own notation. */
static void failure_read(ol_call_result *result)
{
    static const struct {
        const char *prefix;
        ol_call_failure failure;
    } kinds[] = {
        {"CompilationError(PrepareError(", OL_CALL_FAILED_COMPILATION},
        {"CompilationError(", OL_CALL_FAILED_COMPILATION},
        {"MethodResolveError(", OL_CALL_FAILED_METHOD},
        {"HostError(", OL_CALL_FAILED_HOST},
        {"WasmTrap(", OL_CALL_FAILED_TRAP},
        {"LoadingError", OL_CALL_FAILED_LOADING},
        {"LinkError", OL_CALL_FAILED_LINK},
    };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        ol_str prefix = ol_str_of(kinds[i].prefix), name = result->failure_debug;
        size_t end = 0;
        if (!ol_str_starts(name, prefix))
            continue;
        name = ol_str_slice(name, prefix.data[prefix.len - 1] == '(' ? prefix.len : 0, name.len);
        while (end < name.len && name.data[end] != ' ' && name.data[end] != ')')
            end++;
        result->failure = kinds[i].failure;
        result->failure_name = ol_str_slice(name, 0, end);
        return;
    }
    OL_UNREACHABLE(); /* the VM has these kinds alone */
}

static bool costs_read(ol_borsh *from, external *x, ol_call_result *ret)
{
    uint32_t count = ol_borsh_u32(from);
    ol_call_cost *costs = ol_arena_array(x->arena, count, sizeof *costs);

    for (uint32_t i = 0; costs && i < count; i++) {
        ol_call_cost *cost = &costs[ret->cost_count];
        cost->kind = (ol_call_cost_kind)ol_borsh_u8(from);
        cost->name = ol_borsh_str(from);
        cost->gas = ol_borsh_u64(from);
        ret->cost_count += cost->gas > 0;
    }
    ret->costs = costs;
    return costs != NULL || count == 0;
}

static bool logs_read(ol_borsh *from, external *x, ol_call_result *ret)
{
    uint32_t count = ol_borsh_u32(from);
    ol_str *logs = ol_arena_array(x->arena, count, sizeof *logs);

    for (uint32_t i = 0; logs && i < count; i++)
        logs[i] = ol_bytes_str(ol_borsh_bytes(from));
    ret->logs = logs;
    ret->log_count = count;
    return logs != NULL || count == 0;
}

/* A key that was made and removed within the call is no change. */
static bool keep_changes(external *x, ol_call_result *ret)
{
    const external_write *writes = x->writes.items;
    ol_call_change *changes = ol_arena_array(x->arena, x->writes.count, sizeof *changes);

    for (size_t i = 0; i < x->writes.count; i++) {
        if (!changes)
            return false;
        if (writes[i].was_there || !writes[i].change.removed)
            changes[ret->change_count++] = writes[i].change;
    }
    ret->changes = changes;
    return true;
}

static bool keep_receipts(external *x, ol_call_result *ret)
{
    const external_receipt *made = x->receipts.items;
    ol_call_receipt *receipts = ol_arena_array(x->arena, x->receipts.count, sizeof *receipts);

    for (size_t i = 0; i < x->receipts.count; i++) {
        const external_receipt *from = &made[i];
        if (!receipts)
            return false;
        receipts[i] = (ol_call_receipt){
            .receipt = {.kind = from->yields ? OL_RECEIPT_YIELD : OL_RECEIPT_ACTION,
                        .receiver_id = from->receiver_id,
                        .refund_to = from->refund_to,
                        .inputs = from->inputs.items,
                        .input_count = from->inputs.count,
                        .outputs = from->outputs.items,
                        .output_count = from->outputs.count,
                        .actions = from->actions.items,
                        .action_count = from->actions.count},
            .has_yield_id = from->has_yield_id,
            .yield_id = from->yield_id,
        };
    }
    ret->receipts = receipts;
    ret->receipt_count = x->receipts.count;
    return true;
}

/* Only a call that succeeded has effects. */
static bool keep_effects(external *x, ol_call_result *ret)
{
    if (!x->call->view)
        ret->gas_used += external_share_gas(x, x->call->gas - ret->gas_used);
    ret->resumes = x->resumes.items;
    ret->resume_count = x->resumes.count;
    return keep_changes(x, ret) && keep_receipts(x, ret);
}

/* Borrows from `outcome`, which lies in the arena. */
static bool keep_result(external *x, ol_bytes outcome, ol_call_result *ret)
{
    ol_borsh from = ol_borsh_over(outcome);
    nearvm_end end = (nearvm_end)ol_borsh_u8(&from);

    ret->failure_text = ol_bytes_str(ol_borsh_bytes(&from));
    ret->failure_debug = ol_bytes_str(ol_borsh_bytes(&from));
    ret->gas_burnt = ol_borsh_u64(&from);
    ret->gas_used = ol_borsh_u64(&from);
    if (!logs_read(&from, x, ret))
        return false;
    ret->returns = (ol_call_return)ol_borsh_u8(&from);
    ret->return_receipt = (size_t)ol_borsh_u64(&from);
    ret->value = ol_borsh_bytes(&from);
    ret->balance = OL_YOCTO(ol_borsh_u128(&from));
    ret->subsidized = OL_YOCTO(ol_borsh_u128(&from));
    ret->storage_usage = ol_borsh_u64(&from);
    if (!costs_read(&from, x, ret))
        return false;
    OL_ASSERT(ol_borsh_done(&from));

    x->fatal = end == NEARVM_FATAL;
    if (end == NEARVM_OK)
        return keep_effects(x, ret);
    if (end == NEARVM_FAILED)
        failure_read(ret);
    return true;
}

void external_done(void *at, ol_bytes outcome)
{
    external *x = at;
    ol_bytes kept;

    if (!ol_arena_copy_bytes(x->arena, outcome, &kept) || !keep_result(x, kept, x->result))
        x->no_memory = true;
}

/* ── Running ── */

static ol_rc missing_code(const ol_call *call, ol_arena *arena, ol_call_result *ret, ol_err *err)
{
    *ret = (ol_call_result){.failure = OL_CALL_FAILED_COMPILATION,
                            .failure_name = OL_STR("CodeDoesNotExist"),
                            .balance = call->balance,
                            .storage_usage = call->storage_usage};
    ret->failure_text = ol_arena_printf(arena, "cannot find contract code for account %.*s",
                                        OL_FMT(call->account_id));
    ret->failure_debug =
        ol_arena_printf(arena, "CompilationError(CodeDoesNotExist { account_id: \"%.*s\" })",
                        OL_FMT(call->account_id));
    if (!ret->failure_text.data || !ret->failure_debug.data)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    return OL_OK;
}

static ol_str or_else(ol_str text, ol_str otherwise)
{
    return text.len > 0 ? text : otherwise;
}

static void account_code_add(ol_buf *into, const ol_call *call)
{
    ol_borsh_add_u8(into, (uint8_t)call->account_code);
    switch (call->account_code) {
    case OL_CALL_CODE_NONE:
        break;
    case OL_CALL_CODE_LOCAL:
    case OL_CALL_CODE_GLOBAL:
        ol_borsh_add_fixed(into, ol_sha256_bytes(&call->account_code_hash));
        break;
    case OL_CALL_CODE_GLOBAL_ACCOUNT:
        ol_borsh_add_str(into, call->account_code_account);
        break;
    }
}

static void accounts_add(ol_buf *into, const ol_call *call)
{
    ol_str signer = or_else(call->signer_id, call->account_id);
    ol_str predecessor = or_else(call->predecessor_id, signer);
    uint8_t storage[1 + OL_PUBLIC_KEY_BYTES_MAX];
    ol_buf key = ol_buf_over(storage, sizeof storage);

    ol_public_key_encode(&call->signer_key, &key);
    ol_borsh_add_str(into, call->account_id);
    ol_borsh_add_str(into, signer);
    ol_borsh_add_bytes(into, ol_buf_bytes(&key));
    ol_borsh_add_str(into, predecessor);
    ol_borsh_add_str(into, or_else(call->refund_to, predecessor));
}

void external_seen(ol_buf *into, const ol_call *call, uint64_t gas)
{
    ol_borsh_add_str(into, or_else(call->chain_id, OL_STR("localnet")));
    accounts_add(into, call);
    ol_borsh_add_u64(into, call->height);
    ol_borsh_add_u64(into, call->timestamp_ns);
    ol_borsh_add_u64(into, call->epoch_height);
    ol_borsh_add_bytes(into, ol_sha256_bytes(&call->random_seed));
    ol_borsh_add_u128(into, call->balance.yocto);
    ol_borsh_add_u128(into, call->locked.yocto);
    ol_borsh_add_u128(into, call->deposit.yocto);
    ol_borsh_add_u64(into, call->storage_usage);
    ol_borsh_add_u64(into, gas);
    ol_borsh_add_bool(into, call->view);
    ol_borsh_add_u32(into, (uint32_t)call->input_count);
    for (size_t i = 0; i < call->input_count; i++) {
        ol_borsh_add_bool(into, call->inputs[i].ok);
        if (call->inputs[i].ok)
            ol_borsh_add_bytes(into, call->inputs[i].value);
    }
    ol_borsh_add_u32(into, (uint32_t)call->output_count);
    for (size_t i = 0; i < call->output_count; i++)
        ol_borsh_add_str(into, call->outputs[i]);
    account_code_add(into, call);
    ol_borsh_add_bytes(into, call->args);
}

ol_rc ol_call_run(const ol_vm *vm, const ol_call *call, ol_arena *arena, ol_call_result *ret,
                  ol_err *err)
{
    ol_call_result result = {0};
    external x = {.call = call, .arena = arena, .result = &result};
    uint64_t gas = call->gas;
    ol_buf seen = ol_buf_new(SEEN_BYTES_MAX);

    if (call->code.len == 0)
        return missing_code(call, arena, ret, err);
    if (call->view && gas == 0)
        gas = (uint64_t)ol_vm_number(vm, "/limits/max_gas_burnt");
    external_seen(&seen, call, gas);
    if (ol_buf_ok(&seen))
        nearvm_run(vm, call->code, call->code_hash.bytes, call->method, ol_buf_bytes(&seen),
                   &EXTERNAL_HOST, &x);
    else
        x.no_memory = true;
    ol_buf_deinit(&seen);
    if (x.no_memory)
        return ol_fail(err, OL_ERR_NO_MEMORY, "The call takes more memory than it may");
    if (x.fatal)
        return ol_fail(err, OL_ERR_INTERNAL, "The NEAR VM failed: %.*s",
                       OL_FMT(result.failure_text));
    *ret = result;
    return OL_OK;
}

/* ── NEAR 1.8 ── */

/* The text puts words before the compiler's, the structure does not. */
#define COMPILER "Wasmtime compilation error: "

static void compilation_json(const ol_call_result *result, ol_str account_id, ol_json_writer *w)
{
    ol_json_object_begin(w);
    if (ol_str_eq(result->failure_name, OL_STR("CodeDoesNotExist"))) {
        ol_json_key(w, "CodeDoesNotExist");
        ol_json_object_begin(w);
        ol_json_put_str(w, "account_id", account_id);
        ol_json_object_end(w);
    } else if (ol_str_eq(result->failure_name, OL_STR("WasmtimeCompileError"))) {
        ol_json_key(w, "WasmtimeCompileError");
        ol_json_object_begin(w);
        ol_json_put_str(
            w, "msg",
            ol_str_slice(result->failure_text, sizeof COMPILER - 1, result->failure_text.len));
        ol_json_object_end(w);
    } else {
        ol_json_put_str(w, "PrepareError", result->failure_name);
    }
    ol_json_object_end(w);
}

bool ol_call_failure_json(const ol_call_result *result, ol_str account_id, ol_arena *arena,
                          ol_str *ret)
{
    ol_buf text = ol_buf_new(FAILURE_JSON_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    bool kept;

    OL_ASSERT(result->failure != OL_CALL_OK);
    ol_json_object_begin(&w);
    if (result->failure == OL_CALL_FAILED_COMPILATION) {
        ol_json_key(&w, "CompilationError");
        compilation_json(result, account_id, &w);
    } else if (result->failure == OL_CALL_FAILED_METHOD) {
        ol_json_put_str(&w, "MethodResolveError", result->failure_name);
    } else if (result->failure == OL_CALL_FAILED_LINK) { /* the layer above the VM adds this */
        ol_str said = ol_arena_printf(arena, "Link Error: %.*s", OL_FMT(result->failure_text));
        ol_json_put_str(&w, "ExecutionError", said);
    } else {
        ol_json_put_str(&w, "ExecutionError", result->failure_text);
    }
    ol_json_object_end(&w);
    kept = ol_buf_ok(&text) && ol_arena_copy(arena, ol_buf_str(&text), ret);
    ol_buf_deinit(&text);
    return kept;
}
