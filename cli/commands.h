/* The commands of the table in commands.c, by the file they stand in. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/cli.h"

int cmd_run(cli *it, const cli_args *args);          /* cmd_run.c */
int cmd_wait(cli *it, const cli_args *args);         /* cmd_wait.c */
int cmd_test(cli *it, const cli_args *args);         /* cmd_test.c */
int cmd_dev(cli *it, const cli_args *args);          /* cmd_dev.c */
int cmd_keys_create(cli *it, const cli_args *args);  /* cmd_keys.c */
int cmd_keys_list(cli *it, const cli_args *args);    /* cmd_keys.c */
int cmd_keys_balance(cli *it, const cli_args *args); /* cmd_keys.c */
int cmd_doctor(cli *it, const cli_args *args);       /* cmd_doctor.c */
int cmd_version(cli *it, const cli_args *args);      /* cmd_version.c */
int cmd_completion(cli *it, const cli_args *args);   /* cmd_completion.c */
int cmd_help(cli *it, const cli_args *args);         /* cmd_help.c */

#endif
