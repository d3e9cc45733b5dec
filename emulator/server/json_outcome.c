/* Receipts and outcomes. */
#include "emulator/server/json_views.h"

enum { METADATA_VERSION_PLAIN = 1, METADATA_VERSION_PROFILE = 3 }; /* NEAR 5.1 */

static void action_receipt_members(ol_json_writer *w, const ol_receipt *receipt)
{
    ol_json_put_str(w, "signer_id", receipt->signer_id);
    json_put_public_key(w, "signer_public_key", &receipt->signer_key);
    ol_json_put_dec(w, "gas_price", receipt->gas_price.yocto);
    ol_json_key(w, "output_data_receivers");
    ol_json_array_begin(w);
    for (size_t i = 0; i < receipt->output_count; i++) {
        ol_json_object_begin(w);
        json_put_hash(w, "data_id", &receipt->outputs[i].data_id);
        ol_json_put_str(w, "receiver_id", receipt->outputs[i].receiver_id);
        ol_json_object_end(w);
    }
    ol_json_array_end(w);
    ol_json_key(w, "input_data_ids");
    ol_json_array_begin(w);
    for (size_t i = 0; i < receipt->input_count; i++)
        json_add_hash(w, &receipt->inputs[i]);
    ol_json_array_end(w);
    ol_json_key(w, "actions");
    json_actions(w, receipt->actions, receipt->action_count);
    ol_json_put_bool(w, "is_promise_yield", receipt->kind == OL_RECEIPT_YIELD);
    if (receipt->refund_to.len > 0)
        ol_json_put_str(w, "refund_to", receipt->refund_to);
    else
        ol_json_put_null(w, "refund_to");
}

static void data_members(ol_json_writer *w, const ol_receipt *receipt)
{
    json_put_hash(w, "data_id", &receipt->data_id);
    if (receipt->has_data)
        ol_json_put_base64(w, "data", receipt->data);
    else
        ol_json_put_null(w, "data");
    ol_json_put_bool(w, "is_promise_resume", receipt->kind == OL_RECEIPT_RESUME);
}

static void distribution_members(ol_json_writer *w, const ol_receipt *receipt)
{
    ol_json_key(w, "id");
    json_global_id(w, &receipt->global);
    ol_json_put_u64(w, "target_shard", 0);
    ol_json_key(w, "already_delivered_shards");
    ol_json_array_begin(w);
    ol_json_array_end(w);
    ol_json_put_base64(w, "code", receipt->code);
}

static void receipt_content(ol_json_writer *w, const ol_receipt *receipt)
{
    switch (receipt->kind) {
    case OL_RECEIPT_ACTION:
    case OL_RECEIPT_YIELD:
        ol_json_key(w, "Action");
        ol_json_object_begin(w);
        action_receipt_members(w, receipt);
        break;
    case OL_RECEIPT_DATA:
    case OL_RECEIPT_RESUME:
        ol_json_key(w, "Data");
        ol_json_object_begin(w);
        data_members(w, receipt);
        break;
    case OL_RECEIPT_GLOBAL_CODE:
        ol_json_key(w, "GlobalContractDistribution");
        ol_json_object_begin(w);
        distribution_members(w, receipt);
        break;
    }
    ol_json_object_end(w);
}

void json_receipt(ol_json_writer *w, const ol_receipt *receipt)
{
    ol_json_object_begin(w);
    ol_json_put_str(w, "predecessor_id", receipt->predecessor_id);
    ol_json_put_str(w, "receiver_id", receipt->receiver_id);
    json_put_hash(w, "receipt_id", &receipt->id);
    ol_json_key(w, "receipt");
    ol_json_object_begin(w);
    receipt_content(w, receipt);
    ol_json_object_end(w);
    ol_json_put_u64(w, "priority", 0);
    ol_json_object_end(w);
}

void json_status(ol_json_writer *w, const ol_outcome *outcome)
{
    switch (outcome->status) {
    case OL_STATUS_UNKNOWN:
        ol_json_add_cstr(w, "Unknown");
        return;
    case OL_STATUS_FAILURE:
        ol_json_object_begin(w);
        ol_json_key(w, "Failure");
        ol_failure_write(&outcome->failure, w);
        ol_json_object_end(w);
        return;
    case OL_STATUS_VALUE:
        ol_json_object_begin(w);
        ol_json_put_base64(w, "SuccessValue", outcome->value);
        ol_json_object_end(w);
        return;
    case OL_STATUS_RECEIPT:
        ol_json_object_begin(w);
        json_put_hash(w, "SuccessReceiptId", &outcome->receipt_id);
        ol_json_object_end(w);
        return;
    }
    OL_UNREACHABLE();
}

static void metadata(ol_json_writer *w, const ol_outcome *outcome)
{
    bool profiled = outcome->transaction == NULL;
    ol_json_key(w, "metadata");
    ol_json_object_begin(w);
    ol_json_put_u64(w, "version", profiled ? METADATA_VERSION_PROFILE : METADATA_VERSION_PLAIN);
    if (!profiled) {
        ol_json_put_null(w, "gas_profile");
        ol_json_object_end(w);
        return;
    }
    ol_json_key(w, "gas_profile");
    ol_json_array_begin(w);
    for (size_t i = 0; i < outcome->gas_profile_count; i++) {
        ol_json_object_begin(w);
        ol_json_put_str(w, "cost_category", outcome->gas_profile[i].category);
        ol_json_put_str(w, "cost", outcome->gas_profile[i].cost);
        ol_json_put_dec(w, "gas_used", outcome->gas_profile[i].gas);
        ol_json_object_end(w);
    }
    ol_json_array_end(w);
    ol_json_object_end(w);
}

static void outcome_members(ol_json_writer *w, const ol_outcome *outcome)
{
    ol_json_key(w, "logs");
    ol_json_array_begin(w);
    for (size_t i = 0; i < outcome->log_count; i++)
        ol_json_add_str(w, outcome->logs[i]);
    ol_json_array_end(w);
    ol_json_key(w, "receipt_ids");
    ol_json_array_begin(w);
    for (size_t i = 0; i < outcome->receipt_count; i++)
        json_add_hash(w, &outcome->receipt_ids[i]);
    ol_json_array_end(w);
    ol_json_put_u64(w, "gas_burnt", outcome->gas_burnt);
    ol_json_put_dec(w, "tokens_burnt", outcome->tokens_burnt.yocto);
    ol_json_put_str(w, "executor_id", outcome->executor_id);
    ol_json_key(w, "status");
    json_status(w, outcome);
    metadata(w, outcome);
}

void json_outcome(ol_json_writer *w, const ol_outcome *outcome, const ol_sha256 *block_hash)
{
    ol_json_object_begin(w);
    /* NEAR 8: stage 2 proves nothing, the list is empty. */
    ol_json_key(w, "proof");
    ol_json_array_begin(w);
    ol_json_array_end(w);
    json_put_hash(w, "block_hash", block_hash);
    json_put_hash(w, "id", &outcome->id);
    ol_json_key(w, "outcome");
    ol_json_object_begin(w);
    outcome_members(w, outcome);
    ol_json_object_end(w);
    ol_json_object_end(w);
}
