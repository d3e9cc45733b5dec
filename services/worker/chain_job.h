/* What is different about a request from the chain: its code, and the way of its result. */
#ifndef WORKER_CHAIN_JOB_H
#define WORKER_CHAIN_JOB_H

#include "services/worker/deliveries.h"
#include "services/worker/projects.h"
#include "services/worker/report.h"

/* The source the contract resolved, and where its bytes are: by URL and hash, or in the
 * coordinator's cache under the job's checksum. */
ol_rc chain_code(const ol_task *task, const ol_job_info *job, ol_arena *arena, resolved_code *ret,
                 ol_err *err);

typedef struct chain_outcome {
    const ol_claim_answer *claim;
    const outcome *outcome; /* of a compile-only request the compile result is the answer */
    ol_bytes written;       /* what the guest wrote */
    ol_str cached_since;    /* when code that was there already came; NULL data: not known */
} chain_outcome;

/* Hands answer and report to the deliveries; `scratch` holds the output while it is written. */
ol_rc chain_deliver(deliveries *all, const chain_outcome *it, ol_buf *scratch, ol_err *err);

#endif
