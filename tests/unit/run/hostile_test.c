/* The supervisor against a run that has been taken over (hostile_runner.c). Whatever it sends, the
 * caller gets a result, the process is gone, and nothing grows. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/run/runner.h"
#include "lib/sandbox/sealed_memfd.h"
#include "tests/harness/test.h"

static ol_runner *runner;
static ol_fd artifact = {-1};

__attribute__((destructor)) static void end(void)
{
    ol_runner_close(runner);
    ol_fd_deinit(&artifact);
}

static void prepare(void)
{
    ol_err err = {0};
    char program[4096];
    if (runner != NULL)
        return;
    const char *bin = getenv("OL_BIN");
    (void)snprintf(program, sizeof program, "%s/../tests/hostile_runner",
                   bin == NULL ? "build/dev/bin" : bin);
    const ol_runner_plan plan = {.program = program};
    CHECK_OK(ol_runner_open(&plan, &runner, &err));
    CHECK_OK(ol_sealed_memfd("a", ol_str_bytes(OL_STR("a")), (ol_bytes){NULL, 0}, &artifact, &err));
}

static void large_answer(void *env, ol_run *run, uint32_t id, ol_host_fn function,
                         const ol_host_value *values, size_t count)
{
    static uint8_t bytes[1 << 20];
    const ol_host_value answer[2] = {{.bytes = {bytes, sizeof bytes}}, {.number = 0}};
    (void)env;
    (void)values;
    (void)count;
    ol_run_answer(run, id, function, answer, 2);
}

static ol_run_result attacked_by(const char *attack)
{
    static const ol_run_host host = {.call = large_answer};
    ol_err err = {0};
    ol_run_result result = {0};
    prepare();
    const ol_run_job job = {
        .artifact_id = ol_str_bytes(OL_STR("a")),
        .artifact_fd = artifact.n,
        .frame = {.instructions = 1000,
                  .memory_bytes = 1 << 20,
                  .stdout_bytes_max = 1000,
                  .stderr_bytes_max = 1000,
                  .input = ol_str_bytes(ol_str_of(attack))},
        .seconds = strcmp(attack, "silent") == 0 ? 1 : 20,
        .cold = true,
    };
    CHECK_OK(ol_run_execute(runner, &job, &host, &result, &err));
    return result;
}

static unsigned descriptors_open(void)
{
    unsigned count = 0;
    DIR *all = opendir("/proc/self/fd");
    CHECK(all != NULL);
    while (readdir(all) != NULL)
        count++;
    (void)closedir(all);
    return count;
}

TEST("an honest result passes, and of two the first counts")
{
    static const char *const attacks[] = {"good", "twice"};
    OL_EACH (attack, attacks) {
        ol_run_result r = attacked_by(*attack);
        CHECK_EQ_ROW(r.class, OL_RUN_OK, *attack);
        CHECK_STR_ROW(ol_bytes_str(r.output), OL_STR("ok"), *attack);
        ol_run_result_deinit(&r);
    }
}

static const struct {
    const char *attack, *note;
} CASES[] = {
    {"garbage", "a malformed packet"},
    {"short", "a malformed packet"},
    {"cut-result", "a malformed result"},
    {"foreign-class", "a malformed result"},
    {"too-many-instructions", "a malformed result"},
    {"too-much-memory", "a malformed result"},
    {"failed-without-text", "a malformed result"},
    {"too-much-output", "a malformed result"},
    {"huge-total", "a malformed packet"},
    {"descriptor", "a packet too long, or with descriptors"},
    {"wrong-direction", "a malformed packet"},
    {"forged-started", "a malformed packet"},
    {"malformed-call", "a malformed host call"},
    {"unknown-function", "a malformed host call"},
    {"flood", "more answers queued than allowed"},
    {"http-without-permission", "outgoing HTTP that nobody serves"},
};

TEST("nonsense ends the run as engine_crash, with what was wrong for the operator")
{
    OL_EACH (c, CASES) {
        ol_run_result r = attacked_by(c->attack);
        CHECK_EQ_ROW(r.class, OL_RUN_ENGINE_CRASH, c->attack);
        CHECK_STR_ROW(ol_str_of(r.note), ol_str_of(c->note), c->attack);
        CHECK_STR_ROW(r.text, OL_STR("WASM execution failed: the process ended unexpectedly"),
                      c->attack);
        CHECK_EQ_ROW(r.instructions, 0, c->attack);
        ol_run_result_deinit(&r);
    }
}

TEST("a run that closes its socket and goes on is killed")
{
    ol_run_result r = attacked_by("close");
    CHECK_EQ(r.class, OL_RUN_ENGINE_CRASH);
    ol_run_result_deinit(&r);
}

TEST("a run that says nothing ends at its deadline")
{
    ol_run_result r = attacked_by("silent");
    CHECK_EQ(r.class, OL_RUN_TIMEOUT);
    CHECK_EQ(r.instructions, 1000);
    ol_run_result_deinit(&r);
}

static unsigned processes_of(int parent)
{
    char path[64], text[4096] = "";
    unsigned count = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", parent, parent);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    (void)fclose(file);
    for (const char *at = text; *at != '\0'; at++)
        count += *at == ' ';
    return count;
}

TEST("after all attacks no process and no descriptor is left over")
{
    ol_run_result r = attacked_by("good");
    ol_run_result_deinit(&r);
    unsigned before = descriptors_open();
    OL_EACH (c, CASES) {
        r = attacked_by(c->attack);
        ol_run_result_deinit(&r);
    }
    CHECK_EQ(descriptors_open(), before);
    for (int i = 0; i < 5000 && processes_of(ol_runner_pid(runner)) > 0; i++)
        (void)usleep(1000);
    CHECK_EQ(processes_of(ol_runner_pid(runner)), 0);
}
