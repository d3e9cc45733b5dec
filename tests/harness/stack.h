/* Coordinator and worker as real processes in a folder of their own, for end-to-end tests and
 * benchmarks. Each program's log goes to FOLDER/NAME.log. Every descendant that outlives its parent
 * becomes a child of the test (it is made a subreaper), so that orphans can be counted. */
#ifndef OL_TESTS_HARNESS_STACK_H
#define OL_TESTS_HARNESS_STACK_H

#include <sys/types.h>

#include "lib/base/fd.h"
#include "lib/crypto/hash.h"

enum { STACK_SETTINGS_MAX = 24, STACK_PATH_BYTES = 512 };

typedef enum stack_program { STACK_COORDINATOR, STACK_WORKER, STACK_PROGRAMS } stack_program;

/* A chain to watch and deliver to (chain.h): projects and requests come from its contract. */
typedef struct stack_chain {
    uint16_t port;
    const char *contract;
    const char *operator;
    const char *key; /* of the operator: ed25519:… */
} stack_chain;

typedef struct stack_options {
    const char *const *coordinator_settings; /* "NAME=value", NULL-terminated; may be NULL */
    const char *const *worker_settings;
    unsigned slots; /* WORKER_CONCURRENCY */
    /* "NAME=examples/echo.wasm": project test.near/NAME, its file below OL_WASM; NULL-terminated.
     */
    const char *const *projects;
    const stack_chain *chain; /* NULL: none; with one there is no projects file */
} stack_options;

typedef struct stack {
    char folder[STACK_PATH_BYTES];
    char bin[STACK_PATH_BYTES]; /* folder of the programs: OL_BIN */
    uint16_t port;              /* fixed at the first start */
    pid_t pid[STACK_PROGRAMS];  /* 0: not running */
    char token[128];            /* of the worker */
    char payment_key[160];      /* `X-Payment-Key` value of test.near:1, funded */
    const stack_options *options;
    unsigned reports; /* of sanitizers in the logs of programs that have ended */
} stack;

enum { STACK_ADMIN_TOKEN_LEN = 16 };
#define STACK_ADMIN_TOKEN "admin-for-tests"

/* Makes folder and projects file, starts the coordinator, enrols a worker token, funds a payment
 * key with `balance_micro_usd` (none for 0), starts the worker. */
ol_rc stack_open(stack *s, const stack_options *options, uint64_t balance_micro_usd, ol_err *err);
/* SIGTERM to both, waits; SIGKILL to what is left after ten seconds. Keeps the folder. */
void stack_stop(stack *s);
void stack_deinit(stack *s); /* stop, and removes the folder */

ol_rc stack_start(stack *s, stack_program program, ol_err *err);
void stack_kill(stack *s, stack_program program); /* SIGKILL, reaped */

/* Puts a file below OL_WASM into the coordinator's cache; *ret is its hash, and the checksum of a
 * WasmUrl source that names it. */
ol_rc stack_upload(stack *s, const char *file, ol_sha256_hex *ret, ol_err *err);
/* GET of the coordinator's API; the body is appended. */
ol_rc stack_get(stack *s, const char *path, ol_buf *into, ol_err *err);
/* Waits until the log of a program holds `text`. */
bool stack_log_has(const stack *s, stack_program program, const char *text, int timeout_ms);

/* Processes below this test whose program is named so ("outlayer-runner"); up to `max` of them. */
size_t stack_descendants(const char *name, pid_t *pids, size_t max);

#endif
