#include "services/worker/gate.h"

#include "tests/harness/test.h"

static const ol_job_info EXECUTE = {.job_id = 1, .kind = OL_JOB_EXECUTE};

static ol_task https_task(void)
{
    return (ol_task){.request_id = 5,
                     .is_https_call = true,
                     .call_id = OL_STR("c"),
                     .project_id = OL_STR("a.near/x"),
                     .input_data = OL_STR("{}")};
}

static void check_refused(const ol_task *task, const ol_job_info *job, ol_error_class class,
                          const char *text)
{
    ol_error_class got;
    ol_err err = {0};
    CHECK_ROW(gate_check(task, job, false, &got, &err) != OL_OK, text);
    CHECK_STARTS(ol_err_text(&err), ol_str_of(text), text);
    CHECK_EQ_ROW(got, class, text);
}

TEST("W13: an HTTPS task that names its own code is refused")
{
    ol_task task = https_task();
    task.source.kind = OL_SOURCE_WASM_URL;
    check_refused(&task, &EXECUTE, OL_CLASS_FAILED,
                  "Refusing an HTTPS job that names its own code_source");
    task = https_task();
    task.call_id = (ol_str){NULL, 0};
    check_refused(&task, &EXECUTE, OL_CLASS_FAILED, "HTTPS call missing call_id for request_id=5");
}

TEST("what this worker has no part in is refused in plain words")
{
    ol_task task = https_task();
    const ol_job_info compile = {.job_id = 1, .kind = OL_JOB_COMPILE};
    check_refused(&task, &compile, OL_CLASS_FAILED, "This worker does not build sources");
    task.is_https_call = false;
    check_refused(&task, &EXECUTE, OL_CLASS_FAILED,
                  "This worker does not deliver results on chain");
    task = https_task();
    task.use_bound_identity = true;
    check_refused(&task, &EXECUTE, OL_CLASS_ACCESS_DENIED,
                  "Refusing to run: use_bound_identity was requested, but this caller has no "
                  "active binding to run as");
}

TEST("W44: a connector is called with an operation, or nothing is executed")
{
    static const char *const bad[] = {
        "{}",       "[]", "\"operation\"", "{\"operation\":5}", "{\"operation\":\" \\t\"}",
        "not JSON", ""};
    ol_error_class class;
    ol_err err = {0};
    OL_EACH (input, bad) {
        ol_task task = https_task();
        task.project_id = OL_STR("connectors.outlayer.near/bank");
        task.input_data = ol_str_of(*input);
        check_refused(&task, &EXECUTE, OL_CLASS_EXECUTION_FAILED,
                      "This is a connector call and its input");
        CHECK_ROW(gate_check(&task, &EXECUTE, false, &class, &err) != OL_OK, *input);
        CHECK_HAS(ol_err_text(&err), OL_STR("Nothing was executed."), *input);
    }
    ol_task task = https_task();
    task.project_id = OL_STR("connectors.outlayer.testnet/bank");
    task.input_data = OL_STR("{\"operation\":\"ping\"}");
    CHECK_OK(gate_check(&task, &EXECUTE, false, &class, &err));
    task = https_task(); /* an ordinary project takes what it likes */
    CHECK_OK(gate_check(&task, &EXECUTE, false, &class, &err));
}

TEST("W15: a task asking 900 s is cut to 180, one asking 1 s gets 5")
{
    const worker_settings settings = {.seconds_cap = 180, .memory_mb_cap = 512};
    ol_resource_limits limits = gate_limits(&settings, &(ol_resource_limits){9, 4096, 900});
    CHECK_EQ(limits.seconds_max, 180);
    CHECK_EQ(limits.memory_mb_max, 512);
    CHECK_EQ(limits.instructions_max, 9);
    limits = gate_limits(&settings, &(ol_resource_limits){9, 64, 1});
    CHECK_EQ(limits.seconds_max, 5);
    CHECK_EQ(limits.memory_mb_max, 64);
}
