#include "services/worker/report.h"

#include "lib/codec/json_write.h"
#include "lib/codec/utf8.h"

ol_job_report report_of(const ol_claim_answer *claim, const outcome *result)
{
    ol_str error = {NULL, 0};
    if (!result->success)
        error = ol_utf8_cut(result->error.data != NULL ? result->error : OL_STR(""),
                            OL_ERROR_TEXT_BYTES_MAX);
    return (ol_job_report){
        .job_id = claim->job.job_id,
        .success = result->success,
        .error = error,
        .time_ms = result->time_ms,
        .instructions = result->instructions,
        .wasm_checksum = result->content.len > 0 ? result->content : (ol_str){NULL, 0},
        .compile_cost_yocto = result->compile_cost,
        .error_class = result->success ? OL_CLASS_NONE : result->class,
        .refund_usd = {result->success && result->refunded, result->refund.micro},
        .nothing_ran = result->nothing_ran,
        .engine = result->engine,
        .metering_profile = result->metering_profile,
    };
}

ol_rc report_outcome(coordinator *c, const ol_claim_answer *claim, const outcome *result,
                     const _Atomic bool *stop, ol_err *err)
{
    ol_job_report report = report_of(claim, result);
    if (claim->task.is_https_call && claim->task.call_id.len > 0) {
        report.has_call = true;
        report.call = (ol_call_report){
            .call_id = claim->task.call_id,
            .success = result->success,
            .output_json = result->output_json,
            .error = report.error,
            .instructions = result->instructions,
            .time_ms = result->time_ms,
            .refund_usd = report.refund_usd,
            .has_job_id = true,
            .job_id = claim->job.job_id,
        };
    }
    return coordinator_complete(c, &report, stop, err);
}

enum { HIDDEN_LOG_BYTES_MAX = 256 * 1024 };

static void hidden_log(coordinator *c, const ol_claim_answer *claim, const outcome *result,
                       const ol_run_result *run)
{
    ol_buf body = ol_buf_new(HIDDEN_LOG_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&body);
    ol_json_object_begin(&w);
    ol_json_put_u64(&w, "request_id", claim->task.request_id);
    ol_json_put_i64(&w, "job_id", claim->job.job_id);
    ol_json_put_cstr(&w, "log_type", "execution");
    ol_json_put_str(&w, "stderr", ol_bytes_str(run->errors));
    if (!result->success) { /* of a failed run the last bytes (Worker 7.2, partial logs) */
        ol_json_put_str(&w, "stdout", ol_bytes_str(run->output));
        ol_json_put_str(&w, "execution_error", result->error);
    }
    if (run->class == OL_RUN_EXIT)
        ol_json_put_i64(&w, "exit_code", run->exit_code);
    ol_json_object_end(&w);
    if (ol_buf_ok(&body))
        (void)coordinator_tell(c, "/internal/system-logs", ol_buf_str(&body), true, NULL);
    ol_buf_deinit(&body);
}

static void put_limits(ol_json_writer *w, const ol_manifest *manifest)
{
    static const char *const windows[] = {"day", "week", "month"};
    static const char *const applies[] = {"everyone", "unpaid", "covered"};
    ol_json_key(w, "declared_limits");
    ol_json_array_begin(w);
    for (size_t i = 0; i < manifest->limits; i++) {
        const ol_manifest_limit *limit = &manifest->limit[i];
        ol_json_object_begin(w);
        ol_json_put_str(w, "operation", limit->operation);
        ol_json_put_cstr(w, "window", windows[limit->window]);
        ol_json_put_u64(w, "max_count", limit->count_max);
        ol_json_put_cstr(w, "applies", applies[limit->applies]);
        ol_json_object_end(w);
    }
    ol_json_array_end(w);
}

static void put_records(ol_json_writer *w, const ol_broker *broker)
{
    const ol_egress_record *record;
    size_t count = ol_broker_records(broker, &record);
    ol_json_key(w, "records");
    ol_json_array_begin(w);
    for (size_t i = 0; i < count; i++) {
        ol_json_object_begin(w);
        ol_json_put_cstr(w, "host", record[i].host);
        if (record[i].bytes >= 0)
            ol_json_put_i64(w, "bytes", record[i].bytes);
        ol_json_put_bool(w, "allowed", record[i].allowed);
        if (record[i].reason != NULL)
            ol_json_put_cstr(w, "reason", record[i].reason);
        ol_json_object_end(w);
    }
    ol_json_array_end(w);
}

/* Worker 7.4: whatever the outcome. */
static void egress_audit(coordinator *c, const ol_claim_answer *claim, const outcome *result,
                         const code *ran, const ol_broker *broker)
{
    ol_buf body = ol_buf_new(OL_BODY_SMALL_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&body);
    ol_json_object_begin(&w);
    ol_json_put_i64(&w, "job_id", claim->job.job_id);
    ol_json_put_str(&w, "project_id", claim->task.project_id);
    ol_json_put_str(&w, "wasm_checksum", result->content);
    ol_json_put_str(&w, "executed_wasm_sha256", result->content);
    if (ran->manifest.connector_id.data != NULL)
        ol_json_put_str(&w, "connector_id", ran->manifest.connector_id);
    put_limits(&w, &ran->manifest);
    put_records(&w, broker);
    ol_json_object_end(&w);
    if (ol_buf_ok(&body))
        (void)coordinator_tell(c, "/egress-audit", ol_buf_str(&body), false, NULL);
    ol_buf_deinit(&body);
}

void report_extras(coordinator *c, const worker_settings *settings, const ol_claim_answer *claim,
                   const outcome *result, const ol_run_result *run, const code *ran,
                   const ol_broker *broker)
{
    if (settings->hidden_logs && settings->hidden_logs_url.len > 0 &&
        (run->errors.len > 0 || !result->success))
        hidden_log(c, claim, result, run);
    if (ran != NULL && settings->egress_audit &&
        (ran->manifest.connector_id.data != NULL ||
         ol_project_is_connector(claim->task.project_id)))
        egress_audit(c, claim, result, ran, broker);
}
