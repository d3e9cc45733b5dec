/* The environment of a guest (Host interfaces 3). */
#ifndef WORKER_VARIABLES_H
#define WORKER_VARIABLES_H

#include "lib/proto/job_frames.h"
#include "lib/proto/task.h"

/* What the task alone does not say. */
typedef struct run_facts {
    ol_str network_id;         /* mainnet or testnet */
    ol_resource_limits limits; /* effective */
    ol_str sender_id;          /* bound account, payment-key owner or signer */
    ol_str project_uuid;
    bool rpc_available; /* a component with the proxy on */
} run_facts;

typedef struct variable {
    ol_str name;
    ol_str value;
} variable;

/* What was attached for the program's author, 10^-6 USD: what the guest is told of, and what it may
 * give back of (Host interfaces 3, 9). */
ol_opt_u128 task_deposit_usd(const ol_task *task);

/* Secrets first, without names that are reserved or that no variable can have, each name once; then
 * what the system sets. At most OL_FRAME_VARIABLES_MAX. Borrowed from arguments and arena;
 * OL_ERR_LIMIT, OL_ERR_NO_MEMORY. */
ol_rc variables_build(const ol_task *task, const run_facts *facts, const variable *secrets,
                      size_t secrets_count, ol_arena *arena, const ol_frame_pair **ret,
                      size_t *ret_count, ol_err *err);

#endif
