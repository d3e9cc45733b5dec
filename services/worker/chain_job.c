#include "services/worker/chain_job.h"

#include <string.h>

#include "lib/codec/json_write.h"

ol_rc chain_code(const ol_task *task, const ol_job_info *job, ol_arena *arena, resolved_code *ret,
                 ol_err *err)
{
    resolved_code from = {.source = task->source, .target = task->source.build_target};
    from.uuid = task->project_uuid.data != NULL ? task->project_uuid : OL_STR("");
    from.checksum_is_content = from.source.kind == OL_SOURCE_WASM_URL;
    OL_TRY(ol_code_source_checksum(&from.source, arena, &from.checksum, err));
    if (!from.checksum_is_content) { /* the coordinator's key, whatever it was made of */
        if (!ol_checksum_valid(job->wasm_checksum))
            return ol_fail(err, OL_ERR_INVALID, "Execute job missing wasm_checksum");
        memcpy(from.checksum.data, job->wasm_checksum.data, OL_SHA256_HEX_DIGITS);
    }
    *ret = from;
    return OL_OK;
}

/* Worker 7, 7.3. */
static ol_str note_of(const chain_outcome *it, char *storage, size_t size)
{
    ol_buf text = ol_buf_over(storage, size);
    const ol_str result = it->claim->task.compile_result;
    if (it->claim->job.compile_error.data != NULL)
        return OL_STR("Compilation failed");
    if (result.data != NULL)
        ol_buf_addf(&text, "%s%.*s",
                    ol_str_starts(result, OL_STR("https://")) ? "Published to "
                                                              : "Result from compilation: ",
                    OL_FMT(result));
    else if (it->claim->job.compile_time_ms.has)
        return OL_STR("Freshly compiled");
    else if (it->cached_since.data != NULL)
        ol_buf_addf(&text, "Cached WASM from %.*s", OL_FMT(it->cached_since));
    return ol_buf_ok(&text) && text.len > 0 ? ol_buf_str(&text) : (ol_str){NULL, 0};
}

static ol_rc write_output(const chain_outcome *it, ol_buf *into, ol_err *err)
{
    const ol_task *task = &it->claim->task;
    ol_buf_clear(into);
    if (task->compile_only && task->compile_result.data != NULL) {
        ol_json_writer w = ol_json_writer_over(into);
        ol_json_object_begin(&w);
        ol_json_put_str(&w, "Text", task->compile_result);
        ol_json_object_end(&w);
    } else {
        answer_output_write(task->response_format, it->written, it->outcome->output_json, into);
    }
    return ol_buf_ok(into) ? OL_OK
                           : ol_fail(err, OL_ERR_LIMIT,
                                     "Output too large for on-chain delivery: more than %zu "
                                     "bytes",
                                     into->max);
}

ol_rc chain_deliver(deliveries *all, const chain_outcome *it, ol_buf *scratch, ol_err *err)
{
    char storage[512];
    outcome result = *it->outcome;
    ol_str output = {NULL, 0};
    ol_err too_large = {0};
    if (result.success && write_output(it, scratch, &too_large) != OL_OK) {
        result.success = false;
        result.class = OL_CLASS_EXECUTION_FAILED;
        result.error = ol_err_text(&too_large);
    } else if (result.success) {
        output = ol_buf_str(scratch);
    }
    ol_job_report report = report_of(it->claim, &result);
    report.output_json = output;
    const answer reply = {
        .success = result.success,
        .output_json = output,
        .error = report.error,
        .instructions = result.instructions,
        .time_ms = result.time_ms,
        .compile_time_ms = it->claim->job.compile_time_ms,
        .note = note_of(it, storage, sizeof storage),
        .refund_usd = report.refund_usd,
    };
    const delivery_order order = {&it->claim->task, &reply, &report};
    return deliveries_put(all, &order, err);
}
