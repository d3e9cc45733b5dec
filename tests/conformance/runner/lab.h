/* Runs guests on the real runner: compiles with outlayer-aot, executes through lib/run. */
#ifndef OL_TESTS_RUNNER_LAB_H
#define OL_TESTS_RUNNER_LAB_H

#include "lib/run/runner.h"
#include "tests/harness/test.h"

/* The runner of this test program, started when first asked for and closed at its end. */
ol_runner *lab_runner(void);
const char *lab_program(const char *name); /* path of one of our programs */

typedef struct lab_guest {
    char id[64];
    int artifact_fd;
    ol_frame_target target;
} lab_guest;

/* A guest of tests/guests or examples as the build made it ("adversarial-loop", "echo.p2"), or of
 * tests/data/reference/guests ("@act"). Compiled once a program run; fails the test when it
 * cannot be. A name ending in ".p2" is a component. */
const lab_guest *lab_guest_of(const char *name);
/* NULL when the compiler refuses it. */
const lab_guest *lab_guest_try(const char *name, ol_err *err);
/* The same for any bytes; fresh each time. */
ol_rc lab_compile(ol_bytes wasm, ol_frame_target target, int *ret_fd, ol_err *err);

/* A job with ordinary limits: 10^10 instructions, 128 MiB, 10 s. */
ol_run_job lab_job(const lab_guest *guest, const char *input);

/* Runs it; fails the test unless there is a result. Ended by ol_run_result_deinit. */
ol_run_result lab_run(const ol_run_job *job, const ol_run_host *host);

ol_str lab_output(const ol_run_result *result);
ol_str lab_errors(const ol_run_result *result);

#endif
