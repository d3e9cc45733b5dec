/* outlayer.toml: what the folder one stands in is.
 *
 *   [project]
 *   name = "weather"
 *   owner = "alice.near"            # the account that signs, when it is left out
 *
 *   [build]
 *   kind = "program"                # or "contract"
 *   sources = ["src/main.c"]
 *   target = "p1"                   # or "p2"
 *
 *   [network]
 *   hosts = ["api.example.org"]     # what the program may reach; embedded as its manifest
 */
#ifndef CLI_PROJECT_FILE_H
#define CLI_PROJECT_FILE_H

#include "cli/cli.h"

enum { PROJECT_SOURCES_MAX = 64 };

typedef struct project_file {
    bool found; /* false: there is no outlayer.toml here, everything else is empty */
    ol_str name;
    ol_str owner;
    bool contract;
    ol_str target; /* wasm32-wasip1 or wasm32-wasip2 */
    const ol_str *source;
    size_t sources;
    const ol_str *host;
    size_t hosts;
    bool says_hosts; /* an empty list is a list: nothing may be reached */
} project_file;

/* FOLDER/outlayer.toml (NULL: the working folder). Its absence is no failure. */
ol_rc project_file_load(const cli *it, const char *folder, project_file *ret, ol_err *err);

/* A project's id: `text` when it is one; when it is empty or a bare name, completed by
 * outlayer.toml and the account that signs. OL_ERR_USAGE. */
ol_rc project_id_find(const cli *it, ol_str text, ol_str *ret, ol_err *err);
/* The part behind the slash. */
ol_str project_name_of(ol_str project_id);
ol_str project_owner_of(ol_str project_id);

#endif
