/* What the two paths of `outlayer run` share. */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "cli/cli.h"

/* owner/name, of what stands in an address without another meaning: OL_ERR_USAGE. */
ol_rc run_project_check(ol_str project, ol_err *err);

/* --input, or the argument behind `before` others, or `{}`; must be JSON. */
ol_rc run_input_read(const cli *it, const cli_args *args, size_t before, ol_str *ret, ol_err *err);

/* --path chain: a signed request_execution, paid in NEAR (Contract 4). */
int run_chain(cli *it, const cli_args *args);

/* Waits for a transaction that holds a request, and reports as run_chain would have. */
int run_chain_await(cli *it, const char *hash);

#endif
