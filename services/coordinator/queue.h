/* Requests on their way through the queue: create, poll, claim, complete (Coordinator 4). */
#ifndef COORDINATOR_QUEUE_H
#define COORDINATOR_QUEUE_H

#include "services/coordinator/calls.h"

/* Coordinator 4.3. */
typedef enum request_state {
    QUEUED_COMPILE,
    COMPILING,
    QUEUED_EXECUTE,
    EXECUTING,
    DONE,
    DEAD, /* delivered more than DELIVERIES_MAX times; listed for administration */
} request_state;

typedef enum request_event {
    EV_CLAIMED,
    EV_SUCCEEDED, /* the compile job */
    EV_FAILED,    /* the compile job: an executor reports it */
    EV_LEASE_LOST,
    EV_RETRIED,      /* an execute job gets another attempt */
    EV_WASM_MISSING, /* what was to run is not in the cache */
    EV_REPORTED,     /* the execute job */
    EV_UNDELIVERED,  /* nobody claimed it, too often */
    EV_CLOSED,       /* its call ended without it */
} request_event;

/* A pair not listed is refused: a late worker, or our own bug. */
bool request_next(request_state from, request_event on, request_state *ret);

enum {
    DELIVERIES_MAX = 5,
    COMPILE_ATTEMPTS_MAX = 3,        /* the first and two further */
    EXECUTE_RETRY_AGE_SECONDS = 600, /* a chain request older than this is not run again */
    PRIORITY_CLASS_MAX = 7,
    PRIORITY_AGE_SECONDS = 15,
};

/* ---- POST /executions/create. Fills nothing in: `task` is stored and handed out as it is. */
typedef struct request_creation {
    ol_op op;
    ol_task task;
    bool created; /* out: false when (request_id, data_id) was known; nothing changed then */
} request_creation;
void request_create(domain *d, request_creation *it);

/* ---- GET /executions/poll, with or without the claim. OL_OK with found = false: nothing to do
 * now. A task that is only polled is invisible for visibility_seconds. */
typedef struct queue_poll {
    ol_op op;
    unsigned queues;       /* OL_CAP_…: where to look; compile work comes first */
    unsigned capabilities; /* OL_CAP_…: what a claim may become; without claim as `queues` */
    bool claim;            /* &claim=1 */
    ol_str worker_id;      /* with claim */
    ol_str life;           /* with claim; of the worker, or absent (Coordinator 4.3) */
    ol_arena *arena;
    /* out */
    bool found;
    ol_str task_json; /* the Task object, as stored */
    bool has_job;     /* with claim: always, when found */
    ol_job_info job;
    ol_pricing pricing;
} queue_poll;
void queue_take(domain *d, queue_poll *it);

/* ---- POST /jobs/claim (the rules of Coordinator 4.3). Unknown requests and lost races answer no
 * job. OL_ERR_INVALID without capability. */
typedef struct job_claim {
    ol_op op;
    ol_claim claim;
    ol_arena *arena;
    /* out */
    bool has_job;
    ol_job_info job;
    ol_pricing pricing;
} job_claim;
void job_claim_take(domain *d, job_claim *it);

/* ---- POST /jobs/complete, first completion wins; with our members `call` and `attestation` the
 * delivery and the record are in the same transaction. OL_ERR_NOT_FOUND for an unknown job. */
typedef struct attestation attestation;
typedef struct job_completion {
    ol_op op;
    ol_job_report report;
    const attestation *attestation; /* NULL: none; proofs.h */
    /* out */
    bool first;     /* false: recorded before, or a stale attempt; answered 200 all the same */
    bool finalized; /* of report.call */
    int64_t attestation_id;
} job_completion;
void job_complete(domain *d, job_completion *it);

/* Queue depth and age for /metrics and health. */
typedef struct queue_figures {
    uint64_t compile_waiting;
    uint64_t execute_waiting;
    uint64_t oldest_wait_ms;
    uint64_t jobs_live;
    uint64_t dead;
    uint64_t leases_lost;  /* since start */
    uint64_t redeliveries; /* since start */
} queue_figures;
ol_rc queue_figures_read(domain *d, queue_figures *ret, ol_err *err);

/* Dead letters, newest first. */
typedef struct dead_request {
    uint64_t request_id;
    ol_str data_id;
    int64_t created_ms;
    uint32_t deliveries;
} dead_request;
ol_rc dead_requests_list(domain *d, uint64_t limit, ol_arena *arena, dead_request **ret,
                         size_t *ret_count, ol_err *err);

#endif
