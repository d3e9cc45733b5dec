/* Where the coordinator learns what others know: the projects file, contract views over JSON-RPC,
 * GitHub. What needs the network runs on threads of its own; the loop thread never waits. */
#ifndef COORDINATOR_CHAIN_H
#define COORDINATOR_CHAIN_H

#include "lib/base/arena.h"
#include "lib/near/rpc.h"
#include "lib/net/http_client.h"
#include "lib/proto/job.h"
#include "services/coordinator/settings.h"

enum {
    CHAIN_THREADS = 2,
    CHAIN_KEYSTORE_THREADS = 4,
    CHAIN_JOBS_MAX = 1024,
    CHAIN_ANSWER_BYTES_MAX = 4 * 1024 * 1024,
};

typedef struct chain chain;

/* What a job may use; a thread's own. */
typedef struct chain_tools {
    chain *chain;
    ol_rpc rpc;
    ol_http_client *http;
} chain_tools;

typedef struct chain_job {
    void (*run)(struct chain_job *job, const chain_tools *tools);
} chain_job;

ol_rc chain_open(const coordinator_settings *set, chain **ret, ol_err *err);
void chain_close(chain *it); /* runs what is queued, then joins */
/* The projects file again (SIGHUP): a faulty one is refused as a whole and the old one stays. */
ol_rc chain_reload(chain *it, ol_err *err);

/* false when the queue is full: the job stays the caller's. */
OL_MUST_USE bool chain_submit(chain *it, chain_job *job);
/* On a thread apart, for questions to GitHub (github.h). */
OL_MUST_USE bool chain_submit_github(chain *it, chain_job *job);
/* On threads apart, for questions to the keystore. */
OL_MUST_USE bool chain_submit_keystore(chain *it, chain_job *job);

/* In the projects file? Any thread. *ret_uuid may be empty. */
typedef struct chain_project {
    ol_str uuid;
    ol_str active_version;
    ol_str owner; /* of the contract's view alone */
} chain_project;
bool chain_file_find(chain *it, ol_str project_id, ol_arena *arena, chain_project *ret);
bool chain_has_rpc(const chain *it);
const coordinator_settings *chain_settings(const chain *it);

/* ---- In a job only; each may take seconds. */

/* OL_ERR_PROJECT_NOT_FOUND; OL_ERR_NETWORK `Failed to call get_project`. */
ol_rc chain_project_view(const chain_tools *tools, ol_str project_id, ol_arena *arena,
                         chain_project *ret, ol_err *err);
/* get_pricing_full and get_max_limits (Coordinator 8). */
ol_rc chain_pricing_view(const chain_tools *tools, ol_arena *arena, ol_pricing *ret, ol_err *err);
/* Is it a key of the operator's account, and one that can do what a worker's key can and no more?
 */
typedef struct chain_access_key {
    bool found;
    bool is_worker;
    bool full_access;
} chain_access_key;
ol_rc chain_access_key_view(const chain_tools *tools, ol_str public_key, ol_arena *arena,
                            chain_access_key *ret, ol_err *err);
/* A key of that account at the last final block, asked once: what an account signs off the chain
 * must come from a key that speaks for it. A key the node does not tell is not found. */
ol_rc chain_account_key_view(const chain_tools *tools, ol_str account_id, ol_str public_key,
                             ol_arena *arena, chain_access_key *ret, ol_err *err);

#endif
