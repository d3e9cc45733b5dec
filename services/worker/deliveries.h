/* Results on their way to the chain (Worker 8.1, 8.2). Slots hand them in and go on; some threads
 * send them, wait for their outcomes and then report the jobs. One key signs all of them.
 *
 *   waiting, most urgent first → still pending on the contract? → journal → signed and sent
 *   → outcome looked up by hash → report → journal entry dropped */
#ifndef WORKER_DELIVERIES_H
#define WORKER_DELIVERIES_H

#include "lib/near/signer.h"
#include "services/worker/answer.h"
#include "services/worker/coordinator.h"

typedef struct deliveries deliveries;

enum {
    DELIVERIES_WAITING_MAX = 1024,
    YIELD_BLOCKS = 200,          /* NEAR 3: a yield expires that many blocks after its creation */
    YIELD_SECONDS_NOMINAL = 120, /* that many blocks of 0.6 s */
};

/* Reads the largest transaction the network takes and starts the threads. What an earlier worker
 * left in the journal is reported. Reports are not repeated any more once `*draining`. */
ol_rc deliveries_open(const worker_settings *settings, ol_str worker_id, ol_signer *signer,
                      const _Atomic bool *draining, deliveries **ret, ol_err *err);
/* Sees everything through that was handed in; NULL is fine. */
void deliveries_close(deliveries *d);

/* What is handed in; all of it is copied. `report` gets its cost filled in, and becomes a failure
 * where delivering fails. Waits while DELIVERIES_WAITING_MAX wait already. */
typedef struct delivery_order {
    const ol_task *task;
    const answer *answer;
    const ol_job_report *report;
} delivery_order;
ol_rc deliveries_put(deliveries *d, const delivery_order *order, ol_err *err);

/* Is this request still waiting on the contract, with this data id? *ret is false only when a block
 * at least as new as the task's says so. For what would be done in vain. */
ol_rc delivery_pending(const ol_rpc *rpc, const worker_settings *settings, uint64_t request_id,
                       ol_str data_id, uint64_t height_min, bool *ret, ol_err *err);

#endif
