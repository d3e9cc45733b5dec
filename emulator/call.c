#include "emulator/call.h"

#include <stdio.h>
#include <string.h>

#include "emulator/external_store.h"
#include "lib/codec/json_write.h"

enum {
    FAILURE_JSON_BYTES_MAX = 64 * 1024, /* a panic message may take the 16 KiB of a log, escaped */
};

/* ── The VM's outcome becomes a result ── */

static bool keep(external *x, ol_str text, ol_str *ret)
{
    return ol_arena_copy(x->arena, text, ret);
}

static bool keep_costs(external *x, const nearvm_outcome *o, ol_call_result *ret)
{
    ol_call_cost *costs = ol_arena_array(x->arena, o->cost_count, sizeof *costs);

    for (size_t i = 0; i < o->cost_count; i++) {
        if (!costs || !keep(x, o->costs[i].name, &costs[i].name))
            return false;
        costs[i].kind = (ol_call_cost_kind)o->costs[i].category;
        costs[i].gas = o->costs[i].gas;
    }
    ret->costs = costs;
    ret->cost_count = o->cost_count;
    return true;
}

static bool keep_logs(external *x, const nearvm_outcome *o, ol_call_result *ret)
{
    ol_str *logs = ol_arena_array(x->arena, o->log_count, sizeof *logs);

    for (size_t i = 0; i < o->log_count; i++) {
        if (!logs || !keep(x, o->logs[i], &logs[i]))
            return false;
    }
    ret->logs = logs;
    ret->log_count = o->log_count;
    return true;
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

static bool keep_result(external *x, const nearvm_outcome *o, ol_call_result *ret)
{
    *ret = (ol_call_result){
        .failure = (ol_call_failure)o->end,
        .gas_burnt = o->burnt_gas,
        .gas_used = o->used_gas,
        .returns = (ol_call_return)o->return_kind,
        .return_receipt = (size_t)o->return_receipt,
        .balance = OL_YOCTO(o->balance),
        .subsidized = OL_YOCTO(o->subsidized),
        .storage_usage = o->storage_usage,
    };
    return keep(x, o->error_name, &ret->failure_name) &&
           keep(x, o->error_text, &ret->failure_text) &&
           keep(x, o->error_debug, &ret->failure_debug) && keep_costs(x, o, ret) &&
           keep_logs(x, o, ret) && ol_arena_copy_bytes(x->arena, o->return_value, &ret->value) &&
           (ret->failure != OL_CALL_OK || keep_effects(x, ret));
}

void external_done(void *at, const nearvm_outcome *outcome)
{
    external *x = at;

    if (outcome->end == NEARVM_FATAL) {
        x->fatal = true;
        (void)snprintf(x->fatal_text, sizeof x->fatal_text, "%.*s", OL_FMT(outcome->error_text));
    } else if (!keep_result(x, outcome, x->result)) {
        x->no_memory = true;
    }
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

static const nearvm_promise_result *promise_results(const ol_call *call, ol_arena *arena)
{
    nearvm_promise_result *results = ol_arena_array(arena, call->input_count, sizeof *results);

    for (size_t i = 0; results && i < call->input_count; i++)
        results[i] = (nearvm_promise_result){call->inputs[i].ok, call->inputs[i].value};
    return results;
}

static nearvm_call vm_call(const ol_vm *vm, const ol_call *call, ol_bytes signer_key)
{
    ol_str signer = or_else(call->signer_id, call->account_id);
    ol_str predecessor = or_else(call->predecessor_id, signer);
    nearvm_call ret = {
        .code = call->code,
        .method = call->method,
        .input = call->args,
        .chain_id = or_else(call->chain_id, OL_STR("localnet")),
        .current_account_id = call->account_id,
        .signer_account_id = signer,
        .signer_public_key = signer_key,
        .predecessor_account_id = predecessor,
        .refund_to_account_id = or_else(call->refund_to, predecessor),
        .promise_result_count = call->input_count,
        .output_data_receivers = call->outputs,
        .output_data_receiver_count = call->output_count,
        .block_height = call->height,
        .block_timestamp_ns = call->timestamp_ns,
        .epoch_height = call->epoch_height,
        .account_balance = call->balance.yocto,
        .account_locked = call->locked.yocto,
        .attached_deposit = call->deposit.yocto,
        .storage_usage = call->storage_usage,
        .prepaid_gas = call->gas,
        .view = call->view,
        .account_code = (uint32_t)call->account_code,
        .account_code_account = call->account_code_account,
    };

    if (call->view && call->gas == 0)
        ret.prepaid_gas = (uint64_t)ol_vm_number(vm, "/limits/max_gas_burnt");
    memcpy(ret.code_hash, call->code_hash.bytes, sizeof ret.code_hash);
    memcpy(ret.random_seed, call->random_seed.bytes, sizeof ret.random_seed);
    memcpy(ret.account_code_hash, call->account_code_hash.bytes, sizeof ret.account_code_hash);
    return ret;
}

ol_rc ol_call_run(const ol_vm *vm, const ol_call *call, ol_arena *arena, ol_call_result *ret,
                  ol_err *err)
{
    ol_call_result result = {0};
    external x = {.call = call, .arena = arena, .result = &result};
    uint8_t storage[1 + OL_PUBLIC_KEY_BYTES_MAX];
    ol_buf key = ol_buf_over(storage, sizeof storage);
    nearvm_call to;

    if (call->code.len == 0)
        return missing_code(call, arena, ret, err);
    ol_public_key_encode(&call->signer_key, &key);
    to = vm_call(vm, call, ol_buf_bytes(&key));
    to.promise_results = promise_results(call, arena);
    if (call->input_count > 0 && !to.promise_results)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");

    nearvm_run(vm, &to, &EXTERNAL_HOST, &x);
    if (x.no_memory)
        return ol_fail(err, OL_ERR_NO_MEMORY, "The call takes more memory than it may");
    if (x.fatal)
        return ol_fail(err, OL_ERR_INTERNAL, "The NEAR VM failed: %s", x.fatal_text);
    *ret = result;
    return OL_OK;
}

/* ── NEAR 1.8 ── */

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
        ol_json_put_str(w, "msg", result->failure_text);
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
