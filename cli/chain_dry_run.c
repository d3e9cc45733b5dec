/* Transactions as they would be sent, for people and programs to read first. */
#include "cli/chain.h"

static void put_args(ol_json_writer *w, ol_bytes args)
{
    if (ol_json_valid(ol_bytes_str(args)))
        ol_json_put_raw(w, "args", ol_bytes_str(args));
    else
        ol_json_put_base64(w, "args_base64", args);
}

/* The members of one action. */
static void put_action(ol_json_writer *w, const ol_action *action)
{
    if (action->kind == OL_ACTION_CALL) {
        ol_json_put_str(w, "method", action->call.method);
        put_args(w, action->call.args);
        ol_json_put_dec(w, "deposit_yocto", action->call.deposit.yocto);
        ol_json_put_u64(w, "gas", action->call.gas);
    } else if (action->kind == OL_ACTION_TRANSFER) {
        ol_json_put_cstr(w, "action", "transfer");
        ol_json_put_dec(w, "deposit_yocto", action->transfer.yocto);
    } else if (action->kind == OL_ACTION_DEPLOY_CONTRACT) {
        ol_json_put_cstr(w, "action", "deploy_contract");
        ol_json_put_u64(w, "bytes", action->deploy.len);
    } else if (action->kind == OL_ACTION_CREATE_ACCOUNT) {
        ol_json_put_cstr(w, "action", "create_account");
    } else {
        ol_json_put_cstr(w, "action", "add_key");
    }
}

int chain_dry_run(const cli *it, ol_str receiver_id, const ol_action *action, size_t actions)
{
    OL_AUTO(ol_buf) text = ol_buf_new(OL_MIB(8));
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "receiver", receiver_id);
    if (actions == 1) {
        put_action(&w, action);
    } else {
        ol_json_key(&w, "actions");
        ol_json_array_begin(&w);
        for (size_t i = 0; i < actions; i++) {
            ol_json_object_begin(&w);
            put_action(&w, &action[i]);
            ol_json_object_end(&w);
        }
        ol_json_array_end(&w);
    }
    ol_json_object_end(&w);
    return cli_result_buf(it, &text, CLI_DONE);
}

int chain_call_dry_run(const cli *it, const char *method, const ol_buf *args, uint64_t tgas,
                       ol_yocto deposit)
{
    const ol_action action =
        ol_action_call(ol_str_of(method), ol_buf_bytes(args), tgas * CHAIN_TGAS, deposit);
    return chain_dry_run(it, it->contract, &action, 1);
}
