/* `outlayer` run as its users run it: a shell line in, exit code and both streams out. */
#ifndef OL_TESTS_E2E_CLI_RUN_H
#define OL_TESTS_E2E_CLI_RUN_H

#include <sys/types.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

typedef struct cli_result {
    int exit; /* 128 + signal when killed */
    ol_buf out;
    ol_buf err;
} cli_result;

void cli_result_deinit(cli_result *result);

/* `line` is a shell line in which outlayer is found; the working folder is OL_WASM. The test fails
 * when it does not end within a minute. */
cli_result cli_shell(const char *line, ...) OL_PRINTF(1, 2);

/* `lines`, done by sh in that folder, on a network of their own (`outlayer dev --once`), whose
 * programs `copies` put into $P, from the working folder; contracts lie in $W. What dev says is in
 * the file `log`. */
cli_result cli_in_dev(const char *copies, const char *lines);

/* A folder of the test's own, removed by rm -rf at the end of the program. */
const char *cli_folder(void);

/* Processes below this test whose program lies in OL_BIN, orphans included once cli_folder was
 * called. */
unsigned cli_processes(void);
/* The process of that program, which must be the only one. */
pid_t cli_process_find(const char *name);
/* Waits until there are no more of them; false after ten seconds. */
bool cli_processes_gone(void);

#endif
