/* Worker 13 and Host interfaces 14 on the real worker and the real runner. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/base/fd.h"
#include "tests/conformance/worker/lab.h"
#include "tests/harness/stack.h"
#include "tests/harness/test.h"

static const lab_project PROJECTS[] = {
    {.name = "echo", .wasm = "examples/echo.wasm"},
    {.name = "echo2", .wasm = "examples/echo.p2.wasm"},
    {.name = "env", .wasm = "guests/guest-env-test.wasm"},
    {.name = "env2", .wasm = "guests/guest-env-test.p2.wasm"},
    {.name = "loop", .wasm = "guests/adversarial-loop.wasm"},
    {.name = "loop2", .wasm = "guests/adversarial-loop.p2.wasm"},
    {.name = "sleep", .wasm = "guests/adversarial-sleep.wasm"},
    {.name = "sleep2", .wasm = "guests/adversarial-sleep.p2.wasm"},
    {.name = "hidden", .wasm = "guests/adversarial-hidden.wasm"},
    {.name = "memory", .wasm = "guests/adversarial-memory.wasm"},
    {.name = "library", .wasm = "guests/library.wasm"},
    {.name = "import", .wasm = "guests/adversarial-import.wasm"},
    {.name = "big", .wasm = "examples/big-output.wasm"},
    {.name = "exit", .wasm = "guests/adversarial-exit.wasm"},
    {.name = "payment", .wasm = "guests/guest-payment.wasm"},
    {.name = "payment2", .wasm = "guests/guest-payment.p2.wasm"},
    {.name = "storage2", .wasm = "guests/needs-storage.p2.wasm"},
    {.name = "vrf", .wasm = "guests/needs-vrf.wasm"},
    {.name = "wallet2", .wasm = "guests/needs-wallet.p2.wasm"},
    {.name = "connectors.outlayer.near/bank", .wasm = "examples/echo.wasm"},
    {.name = NULL},
};

static const lab_options PLAIN = {.projects = PROJECTS};

static void check_failed(const ol_job_report *report, ol_error_class class, const char *text)
{
    CHECK_ROW(!report->success && report->has_call && !report->call.success, text);
    CHECK_STARTS(report->error, ol_str_of(text), text);
    CHECK_STR_ROW(report->call.error, report->error, text);
    CHECK_EQ_ROW(report->error_class, class, text);
    CHECK_ROW(report->output_json.data == NULL && report->call.output_json.data == NULL, text);
}

static void check_output(const ol_job_report *report, const char *output)
{
    if (!report->success)
        ol_test_fail(__FILE__, __LINE__, "failed: %.*s", OL_FMT(report->error));
    CHECK(report->has_call && report->call.success);
    CHECK_STR(report->call.output_json, ol_str_of(output));
}

TEST("a program of either kind runs and its result comes back with its instruction count")
{
    OL_AUTO(lab) l;
    lab_open(&l, &PLAIN);
    static const char *const names[] = {"echo", "echo2"};
    uint64_t first = 0;
    for (int round = 0; round < 3; round++) {
        OL_EACH (name, names) {
            ol_task task = lab_task(&l, *name, "{\"b\":1,\"a\":[2]}");
            ol_job_report report = lab_run(&l, &task);
            check_output(&report, "{\"a\":[2],\"b\":1}");
            CHECK(report.instructions > 0 && report.call.instructions == report.instructions);
            CHECK_STR(report.call.call_id, task.call_id);
            CHECK_EQ(report.wasm_checksum.len, 64);
            CHECK_STARTS(report.engine, OL_STR("wasmtime-"), *name);
            CHECK_STR(report.metering_profile, OL_STR("ol-fuel-1"));
            if (name == &names[0]) {
                CHECK(first == 0 || first == report.instructions);
                first = report.instructions;
            }
        }
    }
}

TEST("W13: an HTTPS task with code_source is refused and reported, and nothing runs")
{
    OL_AUTO(lab) l;
    lab_open(&l, &PLAIN);
    ol_task task = lab_task(&l, "echo", "{}");
    task.source = (ol_code_source){.kind = OL_SOURCE_WASM_URL,
                                   .url = OL_STR("https://evil.example/x.wasm"),
                                   .hash = OL_STR("00"),
                                   .build_target = OL_STR("wasm32-wasip1")};
    ol_job_report report = lab_run(&l, &task);
    check_failed(&report, OL_CLASS_FAILED, "Refusing an HTTPS job that names its own code_source");
    CHECK_EQ(report.instructions, 0);
    CHECK(report.nothing_ran);
    task = lab_task(&l, "none", "{}");
    report = lab_run(&l, &task);
    check_failed(&report, OL_CLASS_FAILED,
                 "Failed to resolve project: Project not found: test.near/none");
}

TEST("W15: a task asking 900 s runs under 180, and sees it")
{
    OL_AUTO(lab) l;
    lab_open(&l, &PLAIN);
    static const char *const names[] = {"env", "env2"};
    OL_EACH (name, names) {
        ol_task task = lab_task(&l, *name,
                                "{\"env_vars\":[\"NEAR_MAX_EXECUTION_SECONDS\",\"PATH\",\"HOME\","
                                "\"NEAR_SENDER_ID\",\"NEAR_NETWORK_ID\",\"API_AUTH_TOKEN\"]}");
        task.limits.seconds_max = 900;
        ol_job_report report = lab_run(&l, &task);
        check_output(&report, "{\"values\":{\"API_AUTH_TOKEN\":null,\"HOME\":null,"
                              "\"NEAR_MAX_EXECUTION_SECONDS\":\"180\",\"NEAR_NETWORK_ID\":"
                              "\"testnet\",\"NEAR_SENDER_ID\":\"payer.near\",\"PATH\":null}}");
    }
}

TEST("W38: bytes travel as Base64, text as text")
{
    OL_AUTO(lab) l;
    lab_open(&l, &PLAIN);
    ol_task task = lab_task(&l, "echo", "h\xC3\xA9");
    task.response_format = OL_FORMAT_BYTES;
    ol_job_report report = lab_run(&l, &task);
    check_output(&report, "\"aMOp\"");
    task = lab_task(&l, "echo", "h\xC3\xA9");
    task.response_format = OL_FORMAT_TEXT;
    report = lab_run(&l, &task);
    check_output(&report, "\"h\xC3\xA9\"");
}

TEST("W40: an endless loop ends by its instruction limit and costs all of it")
{
    OL_AUTO(lab) l;
    lab_open(&l, &PLAIN);
    static const char *const names[] = {"loop", "loop2"};
    OL_EACH (name, names) {
        ol_task task = lab_task(&l, *name, "{}");
        task.limits.instructions_max = 1000000000;
        ol_job_report report = lab_run(&l, &task);
        check_failed(&report, OL_CLASS_EXECUTION_FAILED,
                     "Instruction limit exceeded (consumed 1000000000 instructions): all fuel "
                     "consumed by WebAssembly");
        CHECK_EQ(report.instructions, 1000000000);
    }
}

TEST("work that a trap hides from the engine's counter is billed by its time")
{
    OL_AUTO(lab) l;
    lab_open(&l, &PLAIN);
    ol_task task = lab_task(&l, "hidden", "{}");
    task.limits.instructions_max = 10000000000;
    ol_job_report report = lab_run(&l, &task);
    check_failed(&report, OL_CLASS_EXECUTION_FAILED,
                 "WASM execution failed: wasm trap: out of bounds memory access");
    /* 200 million rounds take more than 10 ms on any machine; the counter alone has seen none. */
    CHECK(report.instructions >= 10000000);
    CHECK(report.instructions <= 10000000000);
    task = lab_task(&l, "hidden", "{}");
    task.limits.instructions_max =
        2000000000; /* enough for the loop, and the most that is billed */
    report = lab_run(&l, &task);
    CHECK(report.instructions >= 10000000);
    CHECK(report.instructions <= 2000000000);
}

TEST("W41: a guest sleeping beyond its seconds is ended and charged the maximum")
{
    OL_AUTO(lab) l;
    lab_open(&l, &PLAIN);
    ol_task task = lab_task(&l, "sleep", "60000");
    task.limits = (ol_resource_limits){777000, 64, 5};
    ol_job_report report = lab_run(&l, &task);
    check_failed(&report, OL_CLASS_EXECUTION_FAILED,
                 "WASM execution timed out after 5 seconds (penalty). Full execution cost is "
                 "charged with no refund (consumed 777000 instructions)");
    CHECK_EQ(report.instructions, 777000);
    CHECK(report.time_ms >= 5000);
}

TEST("W42: memory beyond the limit is refused to the guest, not taken from the machine")
{
    OL_AUTO(lab) l;
    lab_open(&l, &PLAIN);
    ol_task task = lab_task(&l, "memory", "{}");
    task.limits.memory_mb_max = 128;
    ol_job_report report = lab_run(&l, &task);
    check_output(&report, "2048"); /* pages of 64 KiB */
}

static void pause_ms(long ms)
{
    const struct timespec pause = {.tv_nsec = ms * 1000000};
    (void)nanosleep(&pause, NULL);
}

static pid_t parent_of(pid_t pid)
{
    char path[64];
    int parent = -1;
    (void)snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return -1;
    if (fscanf(file, "%*d (%*[^)]) %*c %d", &parent) != 1) /* it has ended meanwhile */
        parent = -1;
    (void)fclose(file);
    return parent;
}

/* A run is the child of a template, which is a child of the zygote: below the worker's runner
 * processes, one whose parent and parent's parent are runner processes, too. 0: none yet. */
static pid_t run_find(void)
{
    pid_t pids[64];
    size_t count = stack_descendants("outlayer-runner", pids, OL_COUNT(pids));
    for (size_t i = 0; i < count; i++) {
        pid_t parent = parent_of(pids[i]);
        pid_t above = parent > 0 ? parent_of(parent) : -1;
        unsigned known = 0;
        for (size_t j = 0; j < count; j++)
            known += pids[j] == parent || pids[j] == above;
        if (known == 2)
            return pids[i];
    }
    return 0;
}

TEST("W43: a run killed from outside is infrastructure, and the next task is served")
{
    OL_AUTO(lab) l;
    lab_open(&l, &PLAIN);
    ol_job_report report;
    for (int i = 0; i < 2; i++) { /* from the second on there is a template */
        ol_task warm = lab_task(&l, "sleep", "1");
        warm.response_format = OL_FORMAT_TEXT;
        report = lab_run(&l, &warm);
        check_output(&report, "\"slept\"");
    }
    while (run_find() != 0) /* the last one is reaped when its template gets to it */
        pause_ms(5);
    ol_task task = lab_task(&l, "sleep", "20000");
    unsigned n = l.reports + 1;
    lab_submit(&l, &task, OL_JOB_EXECUTE);
    pid_t run = run_find();
    for (; run == 0 && l.reports < n; run = run_find()) /* it sleeps for 20 s, or ends by itself */
        pause_ms(5);
    CHECK(run > 0);
    CHECK(kill(run, SIGKILL) == 0);
    report = lab_await(&l, n);
    CHECK(!report.success && !report.nothing_ran);
    CHECK_EQ(report.error_class, OL_CLASS_FAILED);
    ol_task warm = lab_task(&l, "sleep", "1");
    warm.response_format = OL_FORMAT_TEXT;
    report = lab_run(&l, &warm);
    check_output(&report, "\"slept\"");
}

TEST("W44: a connector call without an operation is refused, and nothing was executed")
{
    OL_AUTO(lab) l;
    lab_open(&l, &PLAIN);
    ol_task task = lab_task(&l, "connectors.outlayer.near/bank", "{}");
    ol_job_report report = lab_run(&l, &task);
    check_failed(&report, OL_CLASS_EXECUTION_FAILED, "This is a connector call and its input");
    CHECK_HAS(report.error, OL_STR("Nothing was executed."), "text");
    CHECK_EQ(report.instructions, 0);
    task = lab_task(&l, "connectors.outlayer.near/bank", "{\"operation\":\"ping\"}");
    report = lab_run(&l, &task);
    check_output(&report, "{\"operation\":\"ping\"}");
}

TEST("a program that is refused while it loads is reported as one that never ran")
{
    OL_AUTO(lab) l;
    lab_open(&l, &PLAIN);
    static const struct {
        const char *name;
        uint64_t memory_mb;
        const char *text;
    } cases[] = {
        {"library", 64, "Failed to find _start function"},
        {"import", 64, "Failed to instantiate WASI P1 module"},
        {"echo", 0, "Memory limit exceeded: 0 MB"},
        {"echo2", 0, "Memory limit exceeded: 0 MB"},
    };
    OL_EACH (c, cases) {
        for (int i = 0; i < 2; i++) { /* a process of its own, then a template */
            ol_task task = lab_task(&l, c->name, "{}");
            task.limits.memory_mb_max = c->memory_mb;
            ol_job_report report = lab_run(&l, &task);
            check_failed(&report, OL_CLASS_EXECUTION_FAILED, c->text);
            CHECK_ROW(report.nothing_ran, c->name);
            CHECK_EQ_ROW(report.instructions, 0, c->name);
        }
    }
    static const char *const ran[] = {"hidden", "exit"};
    OL_EACH (name, ran) { /* failures of programs that did run */
        ol_task task = lab_task(&l, *name, "3 bad");
        ol_job_report report = lab_run(&l, &task);
        CHECK_ROW(!report.success && !report.nothing_ran, *name);
    }
}

TEST("H50: output that is no JSON fails with what was printed, instructions kept")
{
    OL_AUTO(lab) l;
    lab_open(&l, &PLAIN);
    ol_task task = lab_task(&l, "echo", "not json");
    ol_job_report report = lab_run(&l, &task);
    check_failed(&report, OL_CLASS_EXECUTION_FAILED, "Failed to parse output as JSON: ");
    CHECK_ENDS(report.error, OL_STR(". Output was: not json"), "text");
    CHECK(report.instructions > 0 && !report.nothing_ran);
}

TEST("H42: refunds are bounded, happen once, and travel with the report")
{
    OL_AUTO(lab) l;
    lab_open(&l, &PLAIN);
    static const char *const names[] = {"payment", "payment2"};
    OL_EACH (name, names) {
        ol_task task = lab_task(&l, *name, "{\"refunds\":[101,40,1]}");
        ol_job_report report = lab_run(&l, &task);
        check_output(&report, "{\"errors\":[\"Refund amount 101 exceeds attached USD 100\",\"\","
                              "\"refund_usd can only be called once per execution\"]}");
        CHECK(report.refund_usd.has && report.refund_usd.value == 40);
        CHECK(report.call.refund_usd.has && report.call.refund_usd.value == 40);
    }
}

TEST("H43: a run that fails refunds nothing")
{
    OL_AUTO(lab) l;
    lab_open(&l, &PLAIN);
    ol_task task = lab_task(&l, "payment", "{\"refunds\":[40],\"fail\":true}");
    ol_job_report report = lab_run(&l, &task);
    CHECK(!report.success);
    CHECK(!report.refund_usd.has && !report.call.refund_usd.has);
}

TEST("programs that import packages without a service are told which, before they run")
{
    static const struct {
        const char *name;
        const char *text;
    } cases[] = {
        {"storage2", "WASM imports `near:storage/api` but storage is not configured."},
        {"vrf", "WASM imports near:vrf/api but VRF is not available.\nVRF requires: keystore "
                "configured + blockchain execution with request_id."},
        {"wallet2", "WASM imports outlayer:wallet/api but wallet is not available.\nWallet "
                    "requires: X-Wallet-Id header in the execution request."},
    };
    OL_AUTO(lab) l;
    lab_open(&l, &PLAIN);
    OL_EACH (c, cases) {
        ol_task task = lab_task(&l, c->name, "{}");
        ol_job_report report = lab_run(&l, &task);
        check_failed(&report, OL_CLASS_EXECUTION_FAILED, c->text);
    }
}

TEST("chain tasks and builds are refused in plain words")
{
    OL_AUTO(lab) l;
    lab_open(&l, &PLAIN);
    ol_task task = lab_task(&l, "echo", "{}");
    task.is_https_call = false;
    ol_job_report report = lab_run(&l, &task);
    CHECK(!report.success && !report.has_call);
    CHECK_STR(report.error, OL_STR("This worker does not deliver results on chain"));
    task = lab_task(&l, "echo", "{}");
    lab_submit(&l, &task, OL_JOB_COMPILE);
    report = lab_await(&l, 2);
    CHECK_STR(report.error, OL_STR("This worker does not build sources"));
}

static void refuse_next(lab *l, unsigned count, int status)
{
    (void)pthread_mutex_lock(&l->lock);
    l->refuse_reports = count;
    l->refusal = status;
    (void)pthread_mutex_unlock(&l->lock);
}

TEST("a large output is delivered whole, one beyond what a report carries is a failure")
{
    OL_AUTO(lab) l;
    lab_open(&l, &PLAIN);
    ol_task task = lab_task(&l, "big", "{\"bytes\":8388608}");
    task.response_format = OL_FORMAT_TEXT;
    ol_job_report report = lab_run(&l, &task);
    CHECK(report.success && report.call.output_json.len > 8388608);
    task = lab_task(&l, "big", "{\"bytes\":8388608}");
    task.response_format = OL_FORMAT_BYTES; /* four thirds of that */
    report = lab_run(&l, &task);
    check_failed(&report, OL_CLASS_EXECUTION_FAILED, "Output too large: more than ");
    refuse_next(&l, 1, 413);
    task = lab_task(&l, "echo", "1");
    report = lab_run(&l, &task);
    check_failed(&report, OL_CLASS_EXECUTION_FAILED,
                 "Output too large: the coordinator refused it");
}

TEST("a report is repeated until the coordinator takes it")
{
    OL_AUTO(lab) l;
    lab_open(&l, &PLAIN);
    refuse_next(&l, 2, 503);
    ol_task task = lab_task(&l, "echo", "1");
    ol_job_report report = lab_run(&l, &task);
    check_output(&report, "1");
    CHECK_EQ(l.refuse_reports, 0);
}

TEST("SIGTERM lets the run under way finish and be reported, then the worker ends")
{
    OL_AUTO(lab) l;
    lab_open(&l, &PLAIN);
    ol_task task = lab_task(&l, "sleep", "1500");
    task.response_format = OL_FORMAT_TEXT;
    lab_submit(&l, &task, OL_JOB_EXECUTE);
    pid_t pids[64];
    CHECK(http_stub_await(l.coordinator, 2, LAB_WAIT_MS)); /* a heartbeat and the poll */
    while (l.offered || stack_descendants("outlayer-runner", pids, OL_COUNT(pids)) < 2) {
    }
    CHECK_EQ(kill(l.worker, SIGTERM), 0);
    ol_job_report report = lab_await(&l, 1);
    check_output(&report, "\"slept\"");
    int status = lab_wait_worker(&l, LAB_WAIT_MS);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK_EQ(stack_descendants("outlayer-runner", pids, OL_COUNT(pids)), 0);
}

TEST("a second SIGTERM does not wait, and no run outlives the worker")
{
    OL_AUTO(lab) l;
    lab_open(&l, &PLAIN);
    ol_task task = lab_task(&l, "sleep", "50000");
    pid_t pids[64];
    lab_submit(&l, &task, OL_JOB_EXECUTE);
    while (l.offered || stack_descendants("outlayer-runner", pids, OL_COUNT(pids)) < 2) {
    }
    CHECK_EQ(kill(l.worker, SIGTERM), 0);
    CHECK(lab_log_has(&l, " worker_draining", LAB_WAIT_MS));
    CHECK_EQ(kill(l.worker, SIGTERM), 0);
    int status = lab_wait_worker(&l, LAB_WAIT_MS);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    for (int i = 0; i < 500 && stack_descendants("outlayer-runner", pids, OL_COUNT(pids)) > 0;
         i++) {
        struct timespec pause = {.tv_nsec = 10000000};
        (void)nanosleep(&pause, NULL);
    }
    CHECK_EQ(stack_descendants("outlayer-runner", pids, OL_COUNT(pids)), 0);
}

TEST("the worker's token is neither in its log nor in its environment")
{
    OL_AUTO(lab) l;
    lab_open(&l, &PLAIN);
    ol_task task = lab_task(&l, "exit", "3 told");
    task.response_format = OL_FORMAT_TEXT;
    ol_job_report report = lab_run(&l, &task);
    check_failed(&report, OL_CLASS_EXECUTION_FAILED, "told");
    CHECK(lab_log_has(&l, " job_failed", LAB_WAIT_MS));
    CHECK(!lab_log_has(&l, "canary", 0));
    char path[64];
    ol_buf environment = ol_buf_new(OL_MIB(1));
    size_t at;
    ol_err err = {0};
    (void)snprintf(path, sizeof path, "/proc/%d/environ", (int)l.worker);
    CHECK_OK(ol_file_load(path, &environment, &err));
    CHECK(ol_str_find(ol_buf_str(&environment), OL_STR("API_BASE_URL="), &at));
    CHECK(!ol_str_find(ol_buf_str(&environment), OL_STR("canary"), &at));
    ol_buf_deinit(&environment);
}
