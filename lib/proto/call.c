#include "lib/proto/call.h"

#include "lib/codec/base64.h"
#include "lib/codec/json_bind.h"
#include "lib/codec/json_print.h"
#include "lib/codec/utf8.h"

static const ol_json_field FIELDS[] = {
    {"call_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(ol_call_report, call_id)},
    {"success", OL_BIND_BOOL, OL_REQUIRED, offsetof(ol_call_report, success)},
    {"output", OL_BIND_RAW, OL_OPTIONAL, offsetof(ol_call_report, output_json)},
    {"error", OL_BIND_TEXT, OL_OPTIONAL, offsetof(ol_call_report, error)},
    {"instructions", OL_BIND_U64, OL_OPTIONAL, offsetof(ol_call_report, instructions)},
    {"time_ms", OL_BIND_U64, OL_OPTIONAL, offsetof(ol_call_report, time_ms)},
    {"refund_usd", OL_BIND_U128, OL_OPTIONAL, offsetof(ol_call_report, refund_usd.value),
     .has = offsetof(ol_call_report, refund_usd.has)},
    {"job_id", OL_BIND_I64, OL_OPTIONAL, offsetof(ol_call_report, job_id),
     .has = offsetof(ol_call_report, has_job_id)},
};
static const ol_json_table TABLE = {"HttpsCallCompleteRequest", FIELDS, OL_COUNT(FIELDS)};

ol_rc ol_call_report_decode_value(const ol_json *value, ol_arena *arena, ol_call_report *ret,
                                  ol_err *err)
{
    ol_call_report report = {0};
    OL_TRY(ol_json_bind_value(value, &TABLE, &report, arena, err));
    if (ol_str_eq(report.output_json, OL_STR("null"))) /* how "no output" is also written */
        report.output_json = (ol_str){NULL, 0};
    *ret = report;
    return OL_OK;
}

ol_rc ol_call_report_decode(ol_str json, ol_arena *arena, ol_call_report *ret, ol_err *err)
{
    ol_json root;
    OL_TRY(ol_json_parse(json, &root, err));
    return ol_call_report_decode_value(&root, arena, ret, err);
}

void ol_call_report_encode(const ol_call_report *report, ol_json_writer *into)
{
    ol_json_object_begin(into);
    ol_json_put_str(into, "call_id", report->call_id);
    ol_json_put_bool(into, "success", report->success);
    if (report->output_json.data != NULL)
        ol_json_put_raw(into, "output", report->output_json);
    if (report->error.data != NULL)
        ol_json_put_str(into, "error", report->error);
    ol_json_put_u64(into, "instructions", report->instructions);
    ol_json_put_u64(into, "time_ms", report->time_ms);
    if (report->refund_usd.has)
        ol_json_put_u128(into, "refund_usd", report->refund_usd.value);
    if (report->has_job_id)
        ol_json_put_i64(into, "job_id", report->job_id);
    ol_json_object_end(into);
}

enum { QUOTED_OUTPUT_BYTES_MAX = 512 }; /* Worker 7.3 */

/* `at` and what is wrong there, for a text that is not UTF-8. */
static ol_rc bad_utf8(ol_str text, ol_err *err)
{
    return ol_fail(err, OL_ERR_INVALID,
                   "Invalid UTF-8 output: invalid utf-8 sequence starting at index %zu",
                   ol_utf8_valid_len(text));
}

static ol_rc encode_json(ol_str text, ol_buf *into, ol_err *err)
{
    ol_json root;
    ol_err cause;
    ol_rc rc = ol_json_parse_within(
        text, (ol_json_limits){OL_MIB(OL_STDOUT_MB_MAX), OL_JSON_DEPTH_MAX}, &root, &cause);
    if (rc == OL_OK)
        return ol_json_print(&root, OL_JSON_KEYS_SORTED, into, err); /* Coordinator 2.1 */
    if (!ol_utf8_valid(text))
        return bad_utf8(text, err);
    ol_str quoted = ol_utf8_cut(text, QUOTED_OUTPUT_BYTES_MAX);
    return ol_fail(err, OL_ERR_INVALID, "Failed to parse output as JSON: %s. Output was: %.*s",
                   cause.text, OL_FMT(quoted));
}

ol_rc ol_output_encode(ol_format format, ol_bytes stdout_bytes, ol_buf *into, ol_err *err)
{
    ol_str text = ol_bytes_str(stdout_bytes);
    ol_json_writer w = ol_json_writer_over(into);
    switch (format) {
    case OL_FORMAT_JSON:
        OL_TRY(encode_json(text, into, err));
        break;
    case OL_FORMAT_TEXT:
        if (!ol_utf8_valid(text))
            return bad_utf8(text, err);
        ol_json_add_str(&w, text);
        break;
    case OL_FORMAT_BYTES:
        ol_json_add_base64(&w, stdout_bytes);
        break;
    }
    if (!ol_buf_ok(into))
        return ol_fail(err, OL_ERR_LIMIT, "Output too large: more than %zu bytes", into->max);
    return OL_OK;
}
