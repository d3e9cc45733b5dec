/* View calls: a method on the state of a block, with nothing to write (NEAR 1.7). */
#include "emulator/list.h"
#include "emulator/node_parts.h"

typedef struct view {
    const ol_state *state;
    ol_str account_id;
} view;

static bool find_data(void *at, ol_bytes key, ol_bytes *ret_value)
{
    const view *v = at;
    return ol_data_find(v->state, v->account_id, key, ret_value);
}

static ol_rc keep_result(const ol_call_result *result, ol_str account_id, ol_arena *arena,
                         ol_view_result *ret, ol_err *err)
{
    *ret = (ol_view_result){.failed = result->failure != OL_CALL_OK,
                            .value = result->value,
                            .logs = result->logs,
                            .log_count = result->log_count,
                            .error_debug = result->failure_debug,
                            .gas_burnt = result->gas_burnt};
    if (ret->failed && !ol_call_failure_json(result, account_id, arena, &ret->error_json))
        return ol_fail(err, OL_ERR_NO_MEMORY, "no room for a failure");
    return OL_OK;
}

ol_rc ol_node_view(ol_node *node, const ol_block *at, ol_str account_id, ol_str method,
                   ol_bytes args, ol_arena *arena, ol_view_result *ret, ol_err *err)
{
    view v = {.state = &at->state, .account_id = account_id};
    ol_account account;
    ol_call_result result;
    if (!at->has_state)
        return ol_fail(err, OL_ERR_NOT_FOUND, "the state of block %llu is forgotten",
                       (unsigned long long)at->height);
    if (!ol_account_find(&at->state, account_id, &account))
        return ol_fail(err, OL_ERR_NOT_FOUND, "account %.*s does not exist", OL_FMT(account_id));
    ol_call call = {.account_id = account_id,
                    .method = method,
                    .args = args,
                    .view = true,
                    .balance = account.amount,
                    .locked = account.locked,
                    .storage_usage = account.storage_usage,
                    .chain_id = node->options.chain_id,
                    .height = at->height,
                    .timestamp_ns = at->timestamp_ns,
                    .epoch_height = at->epoch_height,
                    .random_seed = at->random_value,
                    .account_code = (ol_call_code)account.code,
                    .account_code_hash = account.code_hash,
                    .account_code_account = account.code_account,
                    .at = &v,
                    .find = find_data};
    (void)ol_account_code(&at->state, &account, account_id, &call.code, &call.code_hash);
    OL_TRY(ol_call_run(node->vm, &call, arena, &result, err));
    return keep_result(&result, account_id, arena, ret, err);
}
