/* A function call: what the contract sees, and what becomes of what it asked for (NEAR 2, 3, 4). */
#include "emulator/apply.h"
#include "emulator/state_key.h"
#include "emulator/storage_usage.h"

/* ── What the contract asks the chain for ── */

static bool find_data(void *at, ol_bytes key, ol_bytes *ret_value)
{
    const ol_run *run = at;
    return ol_data_find(&run->apply->state, run->receipt->receiver_id, key, ret_value);
}

static bool yield_pending(void *at, const ol_sha256 *data_id)
{
    const ol_run *run = at;
    return ol_yield_is_pending(&run->apply->state, run->receipt->receiver_id, data_id);
}

static bool yield_find(void *at, const ol_sha256 *yield_id, ol_sha256 *ret_data_id)
{
    const ol_run *run = at;
    return ol_yield_by_id(&run->apply->state, run->receipt->receiver_id, yield_id, ret_data_id);
}

static ol_sha256 seed_of(const ol_sha256 *action_hash, const ol_sha256 *random_value)
{
    const ol_sha256 parts[] = {*action_hash, *random_value};
    return ol_sha256_of((ol_bytes){parts[0].bytes, sizeof parts});
}

/* Those who wait for the receipt: what its last action returns costs gas for each. */
static void add_outputs(const ol_run *run, ol_call *call)
{
    const ol_receipt *receipt = run->receipt;
    if (run->action_index + 1 < receipt->action_count)
        return;
    ol_str *outputs = ol_take(run->apply->arena, receipt->output_count, sizeof *outputs);
    for (size_t i = 0; i < receipt->output_count; i++)
        outputs[i] = receipt->outputs[i].receiver_id;
    call->outputs = outputs;
    call->output_count = receipt->output_count;
}

static ol_call call_of(ol_run *run, const ol_action *action)
{
    const ol_apply *apply = run->apply;
    const ol_receipt *receipt = run->receipt;
    ol_call call = {.account_id = receipt->receiver_id,
                    .method = action->call.method,
                    .args = action->call.args,
                    .gas = action->call.gas,
                    .deposit = action->call.deposit,
                    .signer_id = receipt->signer_id,
                    .signer_key = receipt->signer_key,
                    .predecessor_id = receipt->predecessor_id,
                    .refund_to = receipt->refund_to,
                    .balance = run->account.amount,
                    .locked = run->account.locked,
                    .storage_usage = run->account.storage_usage,
                    .inputs = run->inputs,
                    .input_count = receipt->input_count,
                    .chain_id = apply->chain_id,
                    .height = apply->height,
                    .timestamp_ns = apply->timestamp_ns,
                    .epoch_height = apply->epoch_height,
                    .action_hash = ol_action_hash(&receipt->id, apply->height, run->action_index),
                    .at = run,
                    .find = find_data,
                    .yield_pending = yield_pending,
                    .yield_find = yield_find};
    call.random_seed = seed_of(&call.action_hash, &apply->random_value);
    (void)ol_account_code(&apply->state, &run->account, receipt->receiver_id, &call.code,
                          &call.code_hash);
    call.account_code = (ol_call_code)run->account.code; /* the same order */
    call.account_code_hash = run->account.code_hash;
    call.account_code_account = run->account.code_account;
    add_outputs(run, &call);
    return call;
}

_Static_assert((int)OL_CODE_LOCAL == (int)OL_CALL_CODE_LOCAL &&
                   (int)OL_CODE_GLOBAL_HASH == (int)OL_CALL_CODE_GLOBAL &&
                   (int)OL_CODE_GLOBAL_ACCOUNT == (int)OL_CALL_CODE_GLOBAL_ACCOUNT,
               "both list the kinds of code in one order");

/* ── What comes of it ── */

/* Names as the RPC shows them: in capitals. */
static void add_costs(ol_run *run, const ol_call_result *result)
{
    for (size_t i = 0; i < result->cost_count; i++) {
        const ol_call_cost *cost = &result->costs[i];
        char *name = ol_take(run->apply->arena, cost->name.len, 1);
        for (size_t k = 0; k < cost->name.len; k++) {
            char c = cost->name.data[k];
            name[k] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        }
        ol_run_cost(run, cost->kind == OL_CALL_COST_ACTION ? "ACTION_COST" : "WASM_HOST_COST",
                    (ol_str){name, cost->name.len}, cost->gas);
    }
}

static void apply_changes(ol_run *run, const ol_call_result *result)
{
    ol_state *state = &run->apply->state;
    for (size_t i = 0; i < result->change_count; i++) {
        const ol_call_change *change = &result->changes[i];
        ol_state_key key = ol_state_key_of(OL_COLUMN_DATA, run->receipt->receiver_id, change->key);
        if (change->removed)
            (void)ol_state_remove(state, ol_state_key_bytes(&key));
        else
            ol_state_put(state, ol_state_key_bytes(&key), change->value);
    }
}

/* Promises become receipts: with the signer of this one, and its gas. */
static void send_receipts(ol_run *run, const ol_call_result *result)
{
    for (size_t i = 0; i < result->receipt_count; i++) {
        const ol_call_receipt *asked = &result->receipts[i];
        ol_receipt *made = ol_run_send(run, asked->receipt.kind, asked->receipt.receiver_id);
        const ol_receipt sent = *made;
        *made = asked->receipt;
        made->predecessor_id = sent.predecessor_id;
        made->transaction_hash = sent.transaction_hash;
        made->signer_id = run->receipt->signer_id;
        made->signer_key = run->receipt->signer_key;
        made->gas_price = run->receipt->gas_price;
        if (made->kind == OL_RECEIPT_YIELD)
            ol_yield_begin(run->apply, made->receiver_id, &made->inputs[0],
                           asked->has_yield_id ? &asked->yield_id : NULL);
    }
}

static void send_resumes(ol_run *run, const ol_call_result *result)
{
    ol_str id = run->receipt->receiver_id;
    for (size_t i = 0; i < result->resume_count; i++) {
        ol_receipt *resume = ol_run_send(run, OL_RECEIPT_RESUME, id);
        resume->data_id = result->resumes[i].data_id;
        resume->has_data = true;
        resume->data = result->resumes[i].payload;
        ol_yield_resume(run->apply, id, &resume->data_id);
    }
}

static void succeed(ol_run *run, const ol_call_result *result)
{
    size_t first = run->receipts.count;
    apply_changes(run, result);
    run->account.amount = result->balance;
    run->account.storage_usage = result->storage_usage;
    bool fits = ol_yocto_add(run->minted, result->subsidized, &run->minted);
    OL_ASSERT(fits);
    send_receipts(run, result);
    send_resumes(run, result);
    switch (result->returns) {
    case OL_CALL_RETURNS_NOTHING:
        break;
    case OL_CALL_RETURNS_VALUE:
        run->returns = OL_RETURNS_VALUE;
        run->value = result->value;
        break;
    case OL_CALL_RETURNS_RECEIPT:
        run->returns = OL_RETURNS_RECEIPT;
        run->return_receipt = first + result->return_receipt;
        break;
    }
}

ol_rc ol_act_call(ol_run *run, const ol_action *action, ol_err *err)
{
    ol_apply *apply = run->apply;
    ol_call_result result;
    ol_call call = call_of(run, action);
    OL_TRY_NOTE(err, ol_call_run(apply->vm, &call, apply->arena, &result, err), "call %.*s of %.*s",
                OL_FMT(call.method), OL_FMT(call.account_id));
    run->gas_burnt += result.gas_burnt;
    run->gas_burnt_by_calls += result.gas_burnt;
    run->gas_used += result.failure == OL_CALL_OK ? result.gas_used : result.gas_burnt;
    add_costs(run, &result);
    for (size_t i = 0; i < result.log_count; i++)
        OL_LIST_ADD(&run->logs, apply->arena, ol_str) = result.logs[i];
    if (result.failure == OL_CALL_OK) {
        succeed(run, &result);
        return OL_OK;
    }
    ol_failure failure = {.kind = OL_FAILURE_FUNCTION_CALL};
    if (!ol_call_failure_json(&result, call.account_id, apply->arena, &failure.json))
        return ol_fail(err, OL_ERR_NO_MEMORY, "no room for a failure");
    (void)ol_run_fail(run, failure);
    return OL_OK;
}
