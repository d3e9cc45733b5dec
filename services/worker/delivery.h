/* One delivery from its answer to its report: for the threads of deliveries.c. */
#ifndef WORKER_DELIVERY_H
#define WORKER_DELIVERY_H

#include "services/worker/deliveries.h"
#include "services/worker/journal.h"
#include "services/worker/node.h"
#include "services/worker/worker.h"

typedef struct delivery {
    ol_arena arena;
    uint64_t request_id;
    ol_str data_id;
    uint64_t height_min; /* of the block whose event asked */
    ol_u128 payment;
    uint64_t deadline_ns; /* wall clock; when the yield is over, nominally */
    answer answer;
    ol_job_report report;
    ol_signed_tx tx;
    journal_hold hold;
    bool sent_before; /* by a worker before this one: `tx` is known, `answer` is not */
} delivery;

/* Of one thread. */
typedef struct delivery_tools {
    const worker_settings *settings;
    ol_signer *signer;
    node *node;
    coordinator *coordinator;
    const char *journal;
    size_t args_bytes_max;
    const _Atomic bool *draining;
} delivery_tools;

/* The order of those that wait: what is left of the yield's window rules while that is little, then
 * what was paid; of equals the older request goes first. */
bool delivery_goes_before(const delivery *a, const delivery *b, uint64_t now_ns);

/* Delivers, reports, logs. What cannot be delivered is reported as failed. */
void delivery_perform(delivery *d, const delivery_tools *tools);
void delivery_free(delivery *d); /* NULL is fine */

#endif
