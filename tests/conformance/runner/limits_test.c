/* Limits of a run: instructions, memory, time (Worker 7.2). */
#include <stdio.h>
#include <string.h>

#include "tests/conformance/runner/lab.h"

TEST("W40: an endless loop ends by its instruction limit, and all of it is charged")
{
    static const char *const guests[] = {"adversarial-loop", "adversarial-loop.p2"};
    OL_EACH (guest, guests) {
        ol_run_job job = lab_job(lab_guest_of(*guest), "");
        job.frame.instructions = 1000000000;
        ol_run_result r = lab_run(&job, NULL);
        CHECK_EQ_ROW(r.class, OL_RUN_OUT_OF_FUEL, *guest);
        CHECK_EQ_ROW(r.instructions, 1000000000, *guest);
        CHECK_ROW(r.instructions_exact, *guest);
        CHECK_STR_ROW(r.text,
                      OL_STR("Instruction limit exceeded (consumed 1000000000 instructions): all "
                             "fuel consumed by WebAssembly"),
                      *guest);
        ol_run_result_deinit(&r);
    }
}

TEST("host calls without end are ended by the instruction limit, too")
{
    ol_run_job job = lab_job(lab_guest_of("adversarial-storm"), "");
    job.frame.instructions = 1000000;
    ol_run_result r = lab_run(&job, NULL);
    CHECK_EQ(r.class, OL_RUN_OUT_OF_FUEL);
    ol_run_result_deinit(&r);
}

TEST("W41: a sleeping guest ends at its deadline and is charged the maximum")
{
    static const char *const guests[] = {"adversarial-sleep", "adversarial-sleep.p2",
                                         "adversarial-loop", "adversarial-loop.p2"};
    OL_EACH (guest, guests) {
        ol_run_job job = lab_job(lab_guest_of(*guest), "60000");
        job.seconds = 1;
        job.frame.instructions = UINT64_C(1) << 60;
        ol_run_result r = lab_run(&job, NULL);
        CHECK_EQ_ROW(r.class, OL_RUN_TIMEOUT, *guest);
        CHECK_EQ_ROW(r.instructions, UINT64_C(1) << 60, *guest);
        CHECK_STR_ROW(r.text,
                      OL_STR("WASM execution timed out after 1 seconds (penalty). Full execution "
                             "cost is charged with no refund (consumed 1152921504606846976 "
                             "instructions)"),
                      *guest);
        CHECK_ROW(r.duration_ns >= INT64_C(1000000000), *guest);
        ol_run_result_deinit(&r);
    }
}

TEST("a guest that sleeps less than its deadline ends well")
{
    ol_run_job job = lab_job(lab_guest_of("adversarial-sleep"), "20");
    ol_run_result r = lab_run(&job, NULL);
    CHECK_STR(lab_output(&r), OL_STR("slept"));
    CHECK(r.duration_ns >= 20 * INT64_C(1000000));
    ol_run_result_deinit(&r);
}

TEST("W42: growing beyond the limit fails in the guest, and the peak stays below it")
{
    static const char *const guests[] = {"adversarial-memory", "adversarial-memory.p2"};
    OL_EACH (guest, guests) {
        ol_run_job job = lab_job(lab_guest_of(*guest), "");
        ol_run_result r = lab_run(&job, NULL);
        /* The component's adapter needs a page of its own to print, and there is none left. */
        bool adapter = job.target == OL_TARGET_P2;
        CHECK_EQ_ROW(r.class, adapter ? OL_RUN_MEMORY : OL_RUN_OK, *guest);
        CHECK_STR_ROW(r.text, adapter ? OL_STR("Memory limit exceeded: 128 MB") : OL_STR(""),
                      *guest);
        CHECK_ROW(r.memory_bytes_peak <= OL_MIB(128), *guest);
        CHECK_ROW(r.memory_bytes_peak > OL_MIB(127), *guest);
        ol_run_result_deinit(&r);
    }
}

TEST("a memory larger than the limit from the start fails with the limit's size")
{
    ol_run_job job = lab_job(lab_guest_of("@w_bigmem"), "");
    job.frame.memory_bytes = OL_MIB(16);
    ol_run_result r = lab_run(&job, NULL);
    CHECK_EQ(r.class, OL_RUN_MEMORY);
    CHECK_STR(r.text, OL_STR("Memory limit exceeded: 16 MB"));
    ol_run_result_deinit(&r);
}

TEST("recursion without end is a stack overflow of the guest alone")
{
    static const char *const guests[] = {"adversarial-recursion", "adversarial-recursion.p2"};
    OL_EACH (guest, guests) {
        ol_run_job job = lab_job(lab_guest_of(*guest), "");
        ol_run_result r = lab_run(&job, NULL);
        CHECK_EQ_ROW(r.class, OL_RUN_TRAP, *guest);
        CHECK_HAS(r.text, OL_STR("wasm trap: "), *guest);
        ol_run_result_deinit(&r);
    }
}

TEST("addresses that are none of the guest's trap or answer an errno, never more")
{
    static const ol_frame_pair variable = {{(const uint8_t *)"A", 1}, {(const uint8_t *)"1", 1}};
    for (unsigned i = 0; i < 12; i++) {
        char input[8];
        (void)snprintf(input, sizeof input, "%u", i);
        ol_run_job job = lab_job(lab_guest_of("adversarial-pointers"), input);
        job.frame.variables = &variable; /* something to write for environ_get */
        job.frame.variables_count = 1;
        ol_run_result r = lab_run(&job, NULL);
        CHECK_ROW(r.class == OL_RUN_TRAP || r.class == OL_RUN_OK, r.note);
        if (r.class == OL_RUN_OK)
            CHECK_ROW(!ol_str_eq(lab_output(&r), OL_STR("0")), input);
        ol_run_result_deinit(&r);
    }
}

TEST("a job beyond its limits is refused before anything starts")
{
    ol_err err = {0};
    ol_run_result r = {0};
    static const ol_frame_pair many[OL_FRAME_VARIABLES_MAX + 1];
    ol_run_job job = lab_job(lab_guest_of("echo"), "");
    job.frame.variables = many;
    job.frame.variables_count = OL_COUNT(many);
    CHECK_EQ(ol_run_execute(lab_runner(), &job, NULL, &r, &err), OL_ERR_LIMIT);
    job = lab_job(lab_guest_of("echo"), "");
    job.seconds = 0;
    CHECK_EQ(ol_run_execute(lab_runner(), &job, NULL, &r, &err), OL_ERR_LIMIT);
    job = lab_job(lab_guest_of("echo"), "");
    job.artifact_fd = 2;
    CHECK_EQ(ol_run_execute(lab_runner(), &job, NULL, &r, &err), OL_ERR_INVALID);
}

#define OL_MALFORMED(name, what, hex) {what, hex},
static const struct {
    const char *what, *hex;
} ZOO[] = {
#include "tests/guests/malformed.def"
};
#undef OL_MALFORMED

static size_t unhex(const char *hex, uint8_t *into, size_t max)
{
    size_t n = 0;
    unsigned byte;
    for (; hex[0] != '\0' && n < max && sscanf(hex, "%2x", &byte) == 1; hex += 2)
        into[n++] = (uint8_t)byte;
    return n;
}

TEST("every beast of the malformed zoo is refused before it runs")
{
    OL_EACH (beast, ZOO) {
        uint8_t wasm[4096];
        ol_err err = {0};
        lab_guest guest = {.id = "zoo", .artifact_fd = -1, .target = OL_TARGET_P1};
        size_t len = unhex(beast->hex, wasm, sizeof wasm);
        ol_rc rc = lab_compile((ol_bytes){wasm, len}, OL_TARGET_P1, &guest.artifact_fd, &err);
        if (rc != OL_OK) {
            CHECK_EQ_ROW(rc, OL_ERR_WASM, beast->what);
            continue;
        }
        ol_run_job job = lab_job(&guest, "");
        job.cold = true;
        ol_run_result r = lab_run(&job, NULL);
        CHECK_EQ_ROW(r.class, OL_RUN_LOAD_ERROR, beast->what);
        ol_run_result_deinit(&r);
    }
}
