/* The report of a job: the other half of job.h. */
#include "lib/codec/json_bind.h"
#include "lib/proto/job.h"
#include "lib/proto/put.h"

static const char *const CLASS_NAMES[] = {
    [OL_CLASS_NONE] = "",
    [OL_CLASS_COMPILATION_FAILED] = "compilation_failed",
    [OL_CLASS_EXECUTION_FAILED] = "execution_failed",
    [OL_CLASS_ACCESS_DENIED] = "access_denied",
    [OL_CLASS_INSUFFICIENT_PAYMENT] = "insufficient_payment",
    [OL_CLASS_CUSTOM] = "custom",
    [OL_CLASS_FAILED] = "failed",
    NULL,
};

ol_str ol_error_class_name(ol_error_class class)
{
    OL_ASSERT((size_t)class < OL_COUNT(CLASS_NAMES) - 1);
    return ol_str_of(CLASS_NAMES[class]);
}

bool ol_error_class_parse(ol_str name, ol_error_class *ret)
{
    for (int i = 1; CLASS_NAMES[i] != NULL; i++) {
        if (ol_str_eq(name, ol_str_of(CLASS_NAMES[i]))) {
            *ret = (ol_error_class)i;
            return true;
        }
    }
    return false;
}

typedef struct report_draft {
    ol_job_report report;
    ol_str error_category;
    ol_json call;
    bool has_call;
} report_draft;

#define REPORT(member) offsetof(report_draft, report.member)

static const ol_json_field FIELDS[] = {
    {"job_id", OL_BIND_I64, OL_REQUIRED, REPORT(job_id)},
    {"success", OL_BIND_BOOL, OL_REQUIRED, REPORT(success)},
    {"output", OL_BIND_RAW, OL_OPTIONAL, REPORT(output_json)},
    {"error", OL_BIND_TEXT, OL_OPTIONAL, REPORT(error)},
    {"time_ms", OL_BIND_U64, OL_REQUIRED, REPORT(time_ms)},
    {"instructions", OL_BIND_U64, OL_OPTIONAL, REPORT(instructions)},
    {"wasm_checksum", OL_BIND_TEXT, OL_OPTIONAL, REPORT(wasm_checksum)},
    {"actual_cost_yocto", OL_BIND_DEC, OL_OPTIONAL, REPORT(actual_cost_yocto.value),
     .has = REPORT(actual_cost_yocto.has)},
    {"compile_cost_yocto", OL_BIND_DEC, OL_OPTIONAL, REPORT(compile_cost_yocto.value),
     .has = REPORT(compile_cost_yocto.has)},
    {"error_category", OL_BIND_TEXT, OL_OPTIONAL, offsetof(report_draft, error_category)},
    {"compile_result", OL_BIND_TEXT, OL_OPTIONAL, REPORT(compile_result)},
    {"refund_usd", OL_BIND_DEC, OL_OPTIONAL, REPORT(refund_usd.value),
     .has = REPORT(refund_usd.has)},
    {"call", OL_BIND_VALUE, OL_OPTIONAL, offsetof(report_draft, call),
     .has = offsetof(report_draft, has_call)},
    {"attestation", OL_BIND_RAW, OL_OPTIONAL, REPORT(attestation_json)},
    {"nothing_ran", OL_BIND_BOOL, OL_OPTIONAL, REPORT(nothing_ran)},
    {"engine", OL_BIND_TEXT, OL_OPTIONAL, REPORT(engine)},
    {"metering_profile", OL_BIND_TEXT, OL_OPTIONAL, REPORT(metering_profile)},
    {"resolve_tx_id", OL_BIND_TEXT, OL_OPTIONAL, REPORT(resolve_tx_id)},
};
static const ol_json_table TABLE = {"CompleteJobRequest", FIELDS, OL_COUNT(FIELDS)};

static void null_is_absent(ol_str *json)
{
    if (ol_str_eq(*json, OL_STR("null")))
        *json = (ol_str){NULL, 0};
}

ol_rc ol_job_report_decode(ol_str json, ol_arena *arena, ol_job_report *ret, ol_err *err)
{
    report_draft draft = {0};
    OL_TRY(ol_json_bind(json, &TABLE, &draft, arena, err));
    /* A class that is not ours is still a failure (Coordinator 4.3). */
    if (draft.error_category.len > 0 &&
        !ol_error_class_parse(draft.error_category, &draft.report.error_class))
        draft.report.error_class = OL_CLASS_FAILED;
    if (draft.has_call && !ol_json_is_null(&draft.call)) {
        OL_TRY(ol_call_report_decode_value(&draft.call, arena, &draft.report.call, err));
        draft.report.has_call = true;
    }
    null_is_absent(&draft.report.output_json);
    null_is_absent(&draft.report.attestation_json);
    *ret = draft.report;
    return OL_OK;
}

void ol_job_report_encode(const ol_job_report *report, ol_json_writer *into)
{
    ol_json_object_begin(into);
    ol_json_put_i64(into, "job_id", report->job_id);
    ol_json_put_bool(into, "success", report->success);
    ol__put_raw(into, "output", report->output_json);
    ol__put_text(into, "error", report->error);
    ol_json_put_u64(into, "time_ms", report->time_ms);
    ol_json_put_u64(into, "instructions", report->instructions);
    ol__put_text(into, "wasm_checksum", report->wasm_checksum);
    ol__put_dec(into, "actual_cost_yocto", report->actual_cost_yocto);
    ol__put_dec(into, "compile_cost_yocto", report->compile_cost_yocto);
    if (report->error_class != OL_CLASS_NONE)
        ol_json_put_str(into, "error_category", ol_error_class_name(report->error_class));
    ol__put_text(into, "compile_result", report->compile_result);
    ol__put_dec(into, "refund_usd", report->refund_usd);
    if (report->has_call) {
        ol_json_key(into, "call");
        ol_call_report_encode(&report->call, into);
    }
    ol__put_raw(into, "attestation", report->attestation_json);
    if (report->nothing_ran)
        ol_json_put_bool(into, "nothing_ran", true);
    ol__put_text(into, "engine", report->engine);
    ol__put_text(into, "metering_profile", report->metering_profile);
    ol__put_text(into, "resolve_tx_id", report->resolve_tx_id);
    ol_json_object_end(into);
}
