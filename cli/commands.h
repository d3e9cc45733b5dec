/* The commands of the table in commands.c, by the file they stand in. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/cli.h"

int cmd_run(cli *it, const cli_args *args);                 /* cmd_run.c */
int cmd_wait(cli *it, const cli_args *args);                /* cmd_wait.c */
int cmd_status(cli *it, const cli_args *args);              /* cmd_status.c */
int cmd_cancel(cli *it, const cli_args *args);              /* cmd_cancel.c */
int cmd_cost(cli *it, const cli_args *args);                /* cmd_cost.c */
int cmd_create(cli *it, const cli_args *args);              /* cmd_create.c */
int cmd_build(cli *it, const cli_args *args);               /* cmd_build.c */
int cmd_deploy(cli *it, const cli_args *args);              /* cmd_deploy.c */
int cmd_contract_deploy(cli *it, const cli_args *args);     /* cmd_contract.c */
int cmd_contract_call(cli *it, const cli_args *args);       /* cmd_contract.c */
int cmd_contract_view(cli *it, const cli_args *args);       /* cmd_contract.c */
int cmd_projects(cli *it, const cli_args *args);            /* cmd_projects.c */
int cmd_project_show(cli *it, const cli_args *args);        /* cmd_projects.c */
int cmd_project_transfer(cli *it, const cli_args *args);    /* cmd_projects.c */
int cmd_project_delete(cli *it, const cli_args *args);      /* cmd_projects.c */
int cmd_versions(cli *it, const cli_args *args);            /* cmd_versions.c */
int cmd_versions_activate(cli *it, const cli_args *args);   /* cmd_versions.c */
int cmd_versions_rollback(cli *it, const cli_args *args);   /* cmd_versions.c */
int cmd_versions_remove(cli *it, const cli_args *args);     /* cmd_versions.c */
int cmd_versions_diff(cli *it, const cli_args *args);       /* cmd_versions.c */
int cmd_login(cli *it, const cli_args *args);               /* cmd_login.c */
int cmd_logout(cli *it, const cli_args *args);              /* cmd_login.c */
int cmd_whoami(cli *it, const cli_args *args);              /* cmd_login.c */
int cmd_test(cli *it, const cli_args *args);                /* cmd_test.c */
int cmd_dev(cli *it, const cli_args *args);                 /* cmd_dev.c */
int cmd_dev_ctl(cli *it, const cli_args *args);             /* cmd_dev_ctl.c */
int cmd_keys_create(cli *it, const cli_args *args);         /* cmd_keys.c */
int cmd_keys_list(cli *it, const cli_args *args);           /* cmd_keys.c */
int cmd_keys_balance(cli *it, const cli_args *args);        /* cmd_keys.c */
int cmd_keys_show(cli *it, const cli_args *args);           /* cmd_keys_chain.c */
int cmd_keys_topup(cli *it, const cli_args *args);          /* cmd_keys_chain.c */
int cmd_keys_delete(cli *it, const cli_args *args);         /* cmd_keys_chain.c */
int cmd_storage_get(cli *it, const cli_args *args);         /* cmd_storage.c */
int cmd_storage_ls(cli *it, const cli_args *args);          /* cmd_storage_owned.c */
int cmd_storage_rm(cli *it, const cli_args *args);          /* cmd_storage_owned.c */
int cmd_storage_usage(cli *it, const cli_args *args);       /* cmd_storage_owned.c */
int cmd_vrf_verify(cli *it, const cli_args *args);          /* cmd_vrf.c */
int cmd_secrets_set(cli *it, const cli_args *args);         /* cmd_secrets.c */
int cmd_secrets_import(cli *it, const cli_args *args);      /* cmd_secrets.c */
int cmd_secrets_list(cli *it, const cli_args *args);        /* cmd_secrets.c */
int cmd_secrets_show(cli *it, const cli_args *args);        /* cmd_secrets.c */
int cmd_secrets_delete(cli *it, const cli_args *args);      /* cmd_secrets.c */
int cmd_secrets_update(cli *it, const cli_args *args);      /* cmd_secrets_update.c */
int cmd_secrets_access(cli *it, const cli_args *args);      /* cmd_secrets_access.c */
int cmd_secrets_test_access(cli *it, const cli_args *args); /* cmd_secrets_access.c */
int cmd_doctor(cli *it, const cli_args *args);              /* cmd_doctor.c */
int cmd_version(cli *it, const cli_args *args);             /* cmd_version.c */
int cmd_completion(cli *it, const cli_args *args);          /* cmd_completion.c */
int cmd_help(cli *it, const cli_args *args);                /* cmd_help.c */

#endif
