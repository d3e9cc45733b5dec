#include "services/worker/gate.h"

#include "lib/broker/policy.h"
#include "lib/codec/json_read.h"

/* Worker 7.4: a connector's input is an object with a non-blank text `operation`. */
static bool connector_input_valid(ol_str input)
{
    ol_json root;
    ol_json operation;
    ol_arena arena = ol_arena_new(OL_MIB(32));
    ol_str text = {NULL, 0};
    bool found = ol_json_parse_within(input, (ol_json_limits){OL_TASK_BYTES_MAX, OL_JSON_DEPTH_MAX},
                                      &root, NULL) == OL_OK &&
                 ol_json_find(&root, OL_STR("operation"), &operation) &&
                 ol_json_text(&operation, &arena, &text, NULL) == OL_OK;
    bool valid = found && ol_str_trim(text).len > 0;
    ol_arena_deinit(&arena);
    return valid;
}

/* What a task from anywhere must not ask of this worker. */
static ol_rc check_wishes(const ol_task *task, ol_error_class *ret_class, ol_err *err)
{
    if (task->use_bound_identity || task->binding_kind.data != NULL) {
        *ret_class = OL_CLASS_ACCESS_DENIED;
        return ol_fail(err, OL_ERR_FORBIDDEN,
                       "Refusing to run: use_bound_identity was requested, but this caller has no "
                       "active binding to run as");
    }
    if (ol_project_is_connector(task->project_id) && !connector_input_valid(task->input_data)) {
        *ret_class = OL_CLASS_EXECUTION_FAILED;
        return ol_fail(err, OL_ERR_INVALID,
                       "This is a connector call and its input must be a JSON object with a "
                       "non-blank string \"operation\". Nothing was executed.");
    }
    return OL_OK;
}

static ol_rc check_https(const ol_task *task, ol_error_class *ret_class, ol_err *err)
{
    if (task->call_id.len == 0)
        return ol_fail(err, OL_ERR_INVALID, "HTTPS call missing call_id for request_id=%llu",
                       (unsigned long long)task->request_id);
    if (task->source.kind != OL_SOURCE_NONE) /* a caller must not choose a project's code */
        return ol_fail(err, OL_ERR_SOURCE_REFUSED,
                       "Refusing an HTTPS job that names its own code_source");
    if (task->project_id.len == 0)
        return ol_fail(err, OL_ERR_INVALID, "HTTPS call missing project_id for request_id=%llu",
                       (unsigned long long)task->request_id);
    return check_wishes(task, ret_class, err);
}

/* Worker 7: in this order. */
static ol_rc check_chain(const ol_task *task, const ol_job_info *job, ol_error_class *ret_class,
                         ol_err *err)
{
    if (job->compile_error.data != NULL) {
        *ret_class = OL_CLASS_COMPILATION_FAILED;
        return ol_fail(err, OL_ERR_COMPILE, "%.*s", OL_FMT(job->compile_error));
    }
    if (job->wasm_checksum.len == 0)
        return ol_fail(err, OL_ERR_INVALID, "Execute job missing wasm_checksum");
    if (task->source.kind == OL_SOURCE_NONE)
        return ol_fail(err, OL_ERR_INVALID, "Execute job missing code_source");
    return check_wishes(task, ret_class, err);
}

ol_rc gate_check(const ol_task *task, const ol_job_info *job, bool on_chain,
                 ol_error_class *ret_class, ol_err *err)
{
    *ret_class = OL_CLASS_FAILED;
    if (job->kind == OL_JOB_COMPILE)
        return task->source.kind == OL_SOURCE_WASM_URL
                   ? OL_OK
                   : ol_fail(err, OL_ERR_UNAVAILABLE, "This worker does not build sources");
    if (task->is_https_call)
        return check_https(task, ret_class, err);
    if (!on_chain)
        return ol_fail(err, OL_ERR_UNAVAILABLE, "This worker does not deliver results on chain");
    return check_chain(task, job, ret_class, err);
}

ol_resource_limits gate_limits(const worker_settings *settings, const ol_resource_limits *asked)
{
    ol_resource_limits limits = *asked;
    if (limits.memory_mb_max > settings->memory_mb_cap)
        limits.memory_mb_max = settings->memory_mb_cap;
    if (limits.seconds_max > settings->seconds_cap)
        limits.seconds_max = settings->seconds_cap;
    if (limits.seconds_max < OL_SECONDS_MIN)
        limits.seconds_max = OL_SECONDS_MIN;
    return limits;
}
