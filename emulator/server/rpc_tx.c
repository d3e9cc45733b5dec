/* Sending transactions and asking how they went (NEAR 5.1, 5.2). */
#include <string.h>

#include "emulator/server/json_views.h"
#include "emulator/server/rpc_error.h"
#include "emulator/server/rpc_methods.h"
#include "emulator/server/rpc_params.h"

static const char *const LEVEL_NAMES[TX_LEVELS] = {
    [TX_NONE] = "NONE",
    [TX_INCLUDED] = "INCLUDED",
    [TX_EXECUTED_OPTIMISTIC] = "EXECUTED_OPTIMISTIC",
    [TX_INCLUDED_FINAL] = "INCLUDED_FINAL",
    [TX_EXECUTED] = "EXECUTED",
    [TX_FINAL] = "FINAL",
};

/* The highest level that can be shown. */
static tx_level level_of(const ol_trace *trace)
{
    if (trace->pending)
        return TX_NONE;
    if (trace->complete_final)
        return TX_FINAL;
    if (trace->included_final)
        return trace->executed ? TX_EXECUTED : TX_INCLUDED_FINAL;
    return trace->executed ? TX_EXECUTED_OPTIMISTIC : TX_INCLUDED;
}

/* The levels are no ladder: INCLUDED_FINAL and EXECUTED_OPTIMISTIC do not imply each other. */
static bool level_met(tx_level wanted, tx_level reached)
{
    switch (wanted) {
    case TX_NONE:
        return true;
    case TX_INCLUDED:
        return reached != TX_NONE;
    case TX_EXECUTED_OPTIMISTIC:
        return reached == TX_EXECUTED_OPTIMISTIC || reached >= TX_EXECUTED;
    case TX_INCLUDED_FINAL:
        return reached >= TX_INCLUDED_FINAL;
    case TX_EXECUTED:
    case TX_FINAL:
        return reached >= wanted;
    case TX_LEVELS:
        break;
    }
    OL_UNREACHABLE();
}

static bool level_read(rpc_call *call, size_t position, tx_level *ret)
{
    ol_json value;
    *ret = TX_EXECUTED_OPTIMISTIC;
    if (!rpc_param(call, "wait_until", position, &value))
        return true;
    for (int i = 0; i < TX_LEVELS; i++) {
        if (rpc_is(&value, LEVEL_NAMES[i])) {
            *ret = (tx_level)i;
            return true;
        }
    }
    (void)rpc_fail_parse(call, "Failed parsing args: wait_until: expected `NONE`, `INCLUDED`, "
                               "`EXECUTED_OPTIMISTIC`, `INCLUDED_FINAL`, `EXECUTED` or `FINAL`");
    return false;
}

/* ---- The final outcome */

static void final_status(ol_json_writer *w, const ol_trace *trace)
{
    ol_json_key(w, "status");
    if (trace->pending)
        ol_json_add_cstr(w, "NotStarted");
    else if (trace->status_outcome == NULL || trace->status == OL_STATUS_UNKNOWN ||
             trace->status == OL_STATUS_RECEIPT)
        ol_json_add_cstr(w, "Started");
    else
        json_status(w, trace->status_outcome);
}

static void outcomes_write(ol_json_writer *w, const ol_trace *trace)
{
    const ol_found *own = &trace->transaction_outcome;
    ol_json_key(w, "transaction_outcome");
    json_outcome(w, own->outcome, &own->block->hash);
    ol_json_key(w, "receipts_outcome");
    ol_json_array_begin(w);
    for (size_t i = 0; i < trace->receipt_count; i++)
        json_outcome(w, trace->receipts[i].outcome, &trace->receipts[i].block->hash);
    ol_json_array_end(w);
}

/* What EXPERIMENTAL_tx_status adds. As nodes do, without a first receipt that ran in its
 * transaction's own block: it never travelled. */
static void receipts_write(ol_json_writer *w, const ol_trace *trace)
{
    const ol_transaction *transaction = &trace->transaction->transaction;
    bool local = ol_str_eq(transaction->signer_id, transaction->receiver_id);
    ol_json_key(w, "receipts");
    ol_json_array_begin(w);
    for (size_t i = local ? 1 : 0; i < trace->receipt_count; i++) {
        const ol_outcome *outcome = trace->receipts[i].outcome;
        if (outcome->receipt != NULL)
            json_receipt(w, outcome->receipt);
    }
    ol_json_array_end(w);
}

static rpc_end outcome_write(rpc_call *call, const ol_trace *trace, bool with_receipts)
{
    ol_json_writer *w = &call->w;
    ol_json_object_begin(w);
    ol_json_put_cstr(w, "final_execution_status", LEVEL_NAMES[level_of(trace)]);
    if (!trace->pending) {
        final_status(w, trace);
        ol_json_key(w, "transaction");
        json_transaction(w, trace->transaction);
        outcomes_write(w, trace);
        if (with_receipts)
            receipts_write(w, trace);
    }
    ol_json_object_end(w);
    return RPC_DONE;
}

/* ---- Waiting */

/* The answer, if the transaction is as far as wished. */
static bool answer_now(rpc_call *call, const tx_wish *wish, rpc_end *ret)
{
    ol_trace trace;
    ol_sha256 hash;
    memcpy(hash.bytes, wish->hash, sizeof hash.bytes);
    if (!ol_node_trace(call->net->node, &hash, call->arena, &trace) ||
        !level_met(wish->level, level_of(&trace)))
        return false;
    *ret = outcome_write(call, &trace, wish->with_receipts);
    return true;
}

static rpc_end answer_or_wait(rpc_call *call, const tx_wish *wish)
{
    rpc_end end;
    if (answer_now(call, wish, &end))
        return end;
    call->wish = *wish;
    return RPC_WAITS;
}

bool rpc_wish_met(rpc_call *call, const tx_wish *wish, bool late, rpc_end *ret)
{
    if (answer_now(call, wish, ret))
        return true;
    if (!late)
        return false;
    *ret = rpc_fail_timeout(call);
    return true;
}

/* ---- Sending */

static rpc_end submit(rpc_call *call, tx_wish *wish)
{
    ol_bytes bytes;
    ol_sha256 hash;
    ol_failure failure = {0};
    ol_err err = {0};
    if (!rpc_need_base64(call, "signed_tx_base64", 0, &bytes))
        return RPC_FAILED;
    ol_rc rc = ol_node_submit(call->net->node, bytes, &hash, &failure, &err);
    if (rc == OL_OK) {
        memcpy(wish->hash, hash.bytes, sizeof wish->hash);
        return RPC_DONE;
    }
    if (rc == OL_ERR_INVALID && failure.kind != OL_FAILURE_NONE)
        return rpc_fail_transaction(call, &failure);
    if (rc == OL_ERR_INVALID)
        return rpc_fail_parse(call, "Failed parsing args: Failed to decode transaction: %s",
                              err.text);
    return rpc_fail_internal(call, "%s", err.text);
}

rpc_end rpc_send_tx(rpc_call *call)
{
    tx_wish wish = {0};
    if (!level_read(call, RPC_BY_NAME, &wish.level))
        return RPC_FAILED;
    rpc_end end = submit(call, &wish);
    if (end != RPC_DONE)
        return end;
    if (wish.level == TX_NONE) {
        ol_json_object_begin(&call->w);
        ol_json_put_cstr(&call->w, "final_execution_status", LEVEL_NAMES[TX_NONE]);
        ol_json_object_end(&call->w);
        return RPC_DONE;
    }
    return answer_or_wait(call, &wish);
}

rpc_end rpc_broadcast_commit(rpc_call *call)
{
    tx_wish wish = {.level = TX_EXECUTED_OPTIMISTIC};
    rpc_end end = submit(call, &wish);
    return end == RPC_DONE ? answer_or_wait(call, &wish) : end;
}

/* Nodes answer with the hash before they look at the transaction: what is not valid is only missed
 * later. */
rpc_end rpc_broadcast_async(rpc_call *call)
{
    tx_wish wish = {0};
    ol_bytes bytes;
    ol_signed_transaction transaction;
    ol_err err;
    rpc_end end = submit(call, &wish);
    bool refused = end == RPC_FAILED && call->error.http == 200;
    if (end != RPC_DONE && !refused)
        return end;
    if (!rpc_need_base64(call, "signed_tx_base64", 0, &bytes))
        return RPC_FAILED;
    if (ol_signed_transaction_decode(bytes, call->arena, &transaction, &err) != OL_OK)
        return rpc_fail_parse_err(call, &err);
    json_add_hash(&call->w, &transaction.hash);
    return RPC_DONE;
}

/* ---- Asking */

static rpc_end unknown_transaction(rpc_call *call, const ol_sha256 *hash)
{
    ol_json_writer info = rpc_fail_begin(call);
    json_put_hash(&info, "requested_transaction_hash", hash);
    char text[64];
    ol_buf base58 = ol_buf_over(text, sizeof text);
    json_hash_text(&base58, hash);
    return rpc_fail_end(call, &info, "UNKNOWN_TRANSACTION", "Transaction %.*s doesn't exist",
                        OL_FMT(ol_buf_str(&base58)));
}

/* A transaction may be named by its hash and sender, or be sent whole to be asked about. */
static rpc_end wish_read(rpc_call *call, tx_wish *wish)
{
    ol_json whole;
    ol_sha256 hash;
    ol_str sender;
    if (!level_read(call, RPC_BY_NAME, &wish->level))
        return RPC_FAILED;
    if (rpc_param(call, "signed_tx_base64", RPC_BY_NAME, &whole))
        return submit(call, wish);
    if (!rpc_need_hash(call, "tx_hash", 0, &hash) ||
        !rpc_need_account(call, "sender_account_id", 1, &sender))
        return RPC_FAILED;
    memcpy(wish->hash, hash.bytes, sizeof wish->hash);
    return RPC_DONE;
}

static rpc_end ask(rpc_call *call, bool with_receipts)
{
    tx_wish wish = {.with_receipts = with_receipts};
    ol_trace trace;
    ol_sha256 hash;
    rpc_end end = wish_read(call, &wish);
    if (end != RPC_DONE)
        return end;
    memcpy(hash.bytes, wish.hash, sizeof hash.bytes);
    /* NEAR 5.2: with NONE at once; else the node waits, should the transaction still come. */
    if (wish.level == TX_NONE && !ol_node_trace(call->net->node, &hash, call->arena, &trace))
        return unknown_transaction(call, &hash);
    return answer_or_wait(call, &wish);
}

rpc_end rpc_tx(rpc_call *call)
{
    return ask(call, false);
}

rpc_end rpc_tx_status(rpc_call *call)
{
    return ask(call, true);
}
