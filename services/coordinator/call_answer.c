#include "services/coordinator/call_answer.h"

static const char *status_name(call_status status)
{
    switch (status) {
    case CALL_PENDING:
        return "pending";
    case CALL_COMPLETED:
        return "completed";
    case CALL_FAILED:
        return "failed";
    }
    OL_UNREACHABLE();
}

static void outcome_encode(const call_answer *call, ol_json_writer *into)
{
    if (call->output_json.len > 0 && !ol_str_eq(call->output_json, OL_STR("null")))
        ol_json_put_raw(into, "output", call->output_json);
    if (call->error.data != NULL)
        ol_json_put_str(into, "error", call->error);
    if (call->has_cost)
        ol_json_put_dec(into, "compute_cost", call->compute_cost.micro);
    ol_json_put_u64(into, "instructions", call->instructions);
    ol_json_put_u64(into, "time_ms", call->time_ms);
    if (call->job_id != 0) {
        char url[48];
        ol_buf text = ol_buf_over(url, sizeof url);
        ol_buf_addf(&text, "/attestations/%lld", (long long)call->job_id);
        ol_json_put_i64(into, "job_id", call->job_id);
        ol_json_put_str(into, "attestation_url", ol_buf_str(&text));
    }
}

void call_answer_encode(const call_answer *call, bool poll, ol_json_writer *into)
{
    ol_str id = ol_uuid_str(&call->call_id);
    ol_json_object_begin(into);
    ol_json_put_str(into, "call_id", id);
    ol_json_put_cstr(into, "status", status_name(call->status));
    if (call->status != CALL_PENDING) {
        outcome_encode(call, into);
    } else if (poll) {
        char url[64];
        ol_buf text = ol_buf_over(url, sizeof url);
        ol_buf_addf(&text, "/calls/%.*s", OL_FMT(id));
        ol_json_put_str(into, "poll_url", ol_buf_str(&text));
    }
    ol_json_object_end(into);
}

void call_timeout_encode(ol_str call_id, ol_json_writer *into)
{
    ol_json_object_begin(into);
    ol_json_put_cstr(into, "error", "Timeout waiting for result");
    ol_json_put_str(into, "call_id", call_id);
    ol_json_object_end(into);
}
