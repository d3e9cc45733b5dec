/* Coordinator and worker as real processes in a folder of their own, for end-to-end tests and
 * benchmarks. Each program's log goes to FOLDER/NAME.log. Every descendant that outlives its parent
 * becomes a child of the test (it is made a subreaper), so that orphans can be counted. */
#ifndef OL_TESTS_HARNESS_STACK_H
#define OL_TESTS_HARNESS_STACK_H

#include <sys/types.h>

#include "lib/base/fd.h"

enum { STACK_SETTINGS_MAX = 24, STACK_PATH_BYTES = 512 };

typedef enum stack_program { STACK_COORDINATOR, STACK_WORKER, STACK_PROGRAMS } stack_program;

typedef struct stack_options {
    const char *const *coordinator_settings; /* "NAME=value", NULL-terminated; may be NULL */
    const char *const *worker_settings;
    unsigned slots; /* WORKER_CONCURRENCY */
    /* "NAME=examples/echo.wasm": project test.near/NAME, its file below OL_WASM; NULL-terminated.
     */
    const char *const *projects;
} stack_options;

typedef struct stack {
    char folder[STACK_PATH_BYTES];
    char bin[STACK_PATH_BYTES]; /* folder of the programs: OL_BIN */
    uint16_t port;              /* fixed at the first start */
    pid_t pid[STACK_PROGRAMS];  /* 0: not running */
    char token[128];            /* of the worker */
    char payment_key[160];      /* `X-Payment-Key` value of test.near:1, funded */
    const stack_options *options;
} stack;

enum { STACK_ADMIN_TOKEN_LEN = 16 };
#define STACK_ADMIN_TOKEN "admin-for-tests"

/* Makes folder and projects file, starts the coordinator, enrols a worker token, funds a payment
 * key with `balance_micro_usd`, starts the worker. */
ol_rc stack_open(stack *s, const stack_options *options, uint64_t balance_micro_usd, ol_err *err);
/* SIGTERM to both, waits; SIGKILL to what is left after ten seconds. Keeps the folder. */
void stack_stop(stack *s);
void stack_deinit(stack *s); /* stop, and removes the folder */

ol_rc stack_start(stack *s, stack_program program, ol_err *err);
void stack_kill(stack *s, stack_program program); /* SIGKILL, reaped */

/* Processes below this test whose program is named so ("outlayer-runner"); up to `max` of them. */
size_t stack_descendants(const char *name, pid_t *pids, size_t max);

#endif
