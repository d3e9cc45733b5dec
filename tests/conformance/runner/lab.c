#include "tests/conformance/runner/lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/run/aot.h"

enum { GUESTS_MAX = 128, WASM_BYTES_MAX = 8 << 20, PATH_BYTES = 1024 };

/* One test program, one thread that prepares: statics of a harness. */
static ol_runner *the_runner;
static lab_guest guests[GUESTS_MAX];
static size_t guests_count;

const char *lab_program(const char *name)
{
    static char path[4][PATH_BYTES];
    static unsigned next;
    const char *bin = getenv("OL_BIN");
    char *into = path[next++ % OL_COUNT(path)];
    (void)snprintf(into, PATH_BYTES, "%s/%s", bin == NULL ? "build/dev/bin" : bin, name);
    return into;
}

__attribute__((destructor)) static void runner_close(void)
{
    ol_runner_close(the_runner);
    the_runner = NULL;
}

ol_runner *lab_runner(void)
{
    ol_err err = {0};
    if (the_runner == NULL) {
        const ol_runner_plan plan = {.program = lab_program("outlayer-runner")};
        ol_rc rc = ol_runner_open(&plan, &the_runner, &err);
        if (rc == OL_ERR_SANDBOX)
            ol_test_skip(err.text);
        CHECK_OK(rc);
    }
    return the_runner;
}

ol_rc lab_compile(ol_bytes wasm, ol_frame_target target, int *ret_fd, ol_err *err)
{
    ol_aot_artifact made = {.memfd = OL_FD_NONE};
    const ol_aot_plan plan = {
        .program = lab_program("outlayer-aot"),
        .wasm = wasm,
        .target = target == OL_TARGET_P1 ? OL_AOT_P1 : OL_AOT_P2,
        .deadline_ns = ol_mono_ns(ol_clock_real()) + (int64_t)60 * 1000000000,
        .clock = ol_clock_real(),
    };
    OL_TRY(ol_aot_compile(&plan, &made, err));
    *ret_fd = made.memfd.n;
    return OL_OK;
}

static bool wasm_load(const char *name, ol_buf *into)
{
    static const char *const folders[] = {"examples/", "guests/"};
    char path[PATH_BYTES];
    const char *wasm = getenv("OL_WASM");
    if (name[0] == '@') {
        (void)snprintf(path, sizeof path, "tests/data/reference/guests/%s.wasm", name + 1);
        return ol_file_load(path, into, NULL) == OL_OK;
    }
    OL_EACH (folder, folders) {
        (void)snprintf(path, sizeof path, "%s/%s%s.wasm", wasm == NULL ? "build/dev/wasm" : wasm,
                       *folder, name);
        if (ol_file_load(path, into, NULL) == OL_OK)
            return true;
    }
    return false;
}

const lab_guest *lab_guest_try(const char *name, ol_err *err)
{
    for (size_t i = 0; i < guests_count; i++) {
        if (strcmp(guests[i].id, name) == 0)
            return &guests[i];
    }
    CHECK(guests_count < GUESTS_MAX);
    ol_buf wasm = ol_buf_new(WASM_BYTES_MAX);
    lab_guest guest = {.target = strstr(name, ".p2") != NULL ? OL_TARGET_P2 : OL_TARGET_P1};
    CHECK_ROW(wasm_load(name, &wasm), name);
    CHECK(strlen(name) < sizeof guest.id);
    memcpy(guest.id, name, strlen(name) + 1);
    ol_rc rc = lab_compile(ol_buf_bytes(&wasm), guest.target, &guest.artifact_fd, err);
    ol_buf_deinit(&wasm);
    if (rc != OL_OK)
        return NULL;
    guests[guests_count] = guest;
    return &guests[guests_count++];
}

const lab_guest *lab_guest_of(const char *name)
{
    ol_err err = {0};
    const lab_guest *guest = lab_guest_try(name, &err);
    if (guest == NULL)
        ol_test_fail(__FILE__, __LINE__, "%s: %s", name, err.text);
    return guest;
}

ol_run_job lab_job(const lab_guest *guest, const char *input)
{
    return (ol_run_job){
        .artifact_id = ol_str_bytes(ol_str_of(guest->id)),
        .artifact_fd = guest->artifact_fd,
        .target = guest->target,
        .frame = {.instructions = UINT64_C(10000000000),
                  .memory_bytes = OL_MIB(128),
                  .stdout_bytes_max = OL_MIB(64),
                  .stderr_bytes_max = OL_MIB(1),
                  .input = ol_str_bytes(ol_str_of(input))},
        .seconds = 10,
    };
}

ol_run_result lab_run(const ol_run_job *job, const ol_run_host *host)
{
    ol_err err = {0};
    ol_run_result result = {0};
    CHECK_OK(ol_run_execute(lab_runner(), job, host, &result, &err));
    return result;
}

ol_str lab_output(const ol_run_result *result)
{
    return ol_bytes_str(result->output);
}

ol_str lab_errors(const ol_run_result *result)
{
    return ol_bytes_str(result->errors);
}
