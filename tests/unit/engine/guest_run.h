/* Runs a recorded component the way the runner does, without its fences: compile with outlayer-aot,
 * load, fork, run in the child, hand the result back through shared memory. */
#ifndef OL_TESTS_ENGINE_GUEST_RUN_H
#define OL_TESTS_ENGINE_GUEST_RUN_H

#include "lib/base/str.h"
#include "services/runner/p2.h"

enum { GUEST_OUT_BYTES_MAX = 4 << 20, GUEST_TEXT_BYTES_MAX = 32 << 10 };

typedef struct guest_result {
    bool finished; /* false: the child died by itself */
    p2_class class;
    int32_t trap;
    uint64_t instructions, memory_bytes_peak;
    bool instructions_exact;
    size_t out_len, err_len, text_len;
    char out[GUEST_OUT_BYTES_MAX], err[GUEST_OUT_BYTES_MAX], text[GUEST_TEXT_BYTES_MAX];
} guest_result;

/* A job with ordinary limits: 10^10 instructions, 128 MiB, 64 MiB of stdout, no HTTP. */
olw_job guest_job(const char *input);

/* Compiles `name` (a file under tests/data/reference/guests; after an @, tests/data/engine) and
 * runs it once per job, each in its own process; all are forked from the same loaded component. */
typedef struct guest guest;
guest *guest_open(const char *name, const olw_host_fn *functions, size_t functions_len);
const p2_guest *guest_loaded(const guest *g);
/* Fails the test when the component cannot be loaded. The result is the caller's until the next
 * call. */
const guest_result *guest_run(guest *g, const olw_job *job);
void guest_close(guest *g);

/* Compiles a file of tests/data into a sealed memfd; fails the test when it cannot. */
int guest_compile(const char *path, bool component);
/* The same for bytes that may be refused; the file itself must be there. */
ol_rc guest_try_compile(const char *path, bool component, int *ret_fd, ol_err *error);

ol_str guest_out(const guest_result *r);
ol_str guest_err(const guest_result *r);
ol_str guest_text(const guest_result *r);

#endif
