/* Which code a project's version is: one interface, two sources (Worker 4): a projects file first,
 * then views of the contract. Shared by all slots. */
#ifndef WORKER_PROJECTS_H
#define WORKER_PROJECTS_H

#include "lib/near/rpc.h"
#include "lib/proto/code_source.h"
#include "services/worker/settings.h"

typedef struct projects projects;

/* Everything lives in the arena it was resolved into. */
typedef struct resolved_code {
    ol_str uuid; /* of the project; empty when there is none */
    ol_str file; /* a path, NUL-terminated; NULL data: `source` says where the bytes are */
    ol_code_source source;
    ol_str target;          /* build target */
    ol_sha256_hex checksum; /* cache key; for files and URLs the hash of the content */
    bool checksum_is_content;
} resolved_code;

/* With a projects file it is read here: OL_ERR_INVALID with every fault. */
ol_rc projects_open(const worker_settings *settings, projects **ret, ol_err *err);
void projects_close(projects *p); /* NULL is fine */

/* Reads the projects file again; a file with faults changes nothing. Nothing to do without one. */
ol_rc projects_reload(projects *p, ol_err *err);

/* An empty key is the active version. `rpc` is the calling slot's. Failure is worded for the
 * requester, `Failed to resolve project: …` included; OL_ERR_PROJECT_NOT_FOUND, else the network.
 */
ol_rc projects_resolve(projects *p, const ol_rpc *rpc, ol_str project_id, ol_str version_key,
                       ol_arena *arena, resolved_code *ret, ol_err *err);

#endif
