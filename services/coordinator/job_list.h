/* Finished jobs, newest first (Coordinator 10). */
#ifndef COORDINATOR_JOB_LIST_H
#define COORDINATOR_JOB_LIST_H

#include "lib/proto/job.h"
#include "services/coordinator/domain.h"

enum {
    JOB_LIST_ROWS_MAX = 100, /* of a page */
    JOB_LIST_WINDOW = 20000, /* completions looked at: older ones are not listed */
};

typedef struct listed_job {
    int64_t id;
    int64_t job_id;
    ol_job_kind kind;
    bool success;
    const char *status; /* Coordinator 4.3 */
    bool is_call;
    uint64_t request_id;
    uint64_t time_ms;
    uint64_t instructions;
    ol_opt_u128 cost;         /* yocto; of the compile or the run */
    ol_opt_u128 near_payment; /* yocto */
    ol_opt_u128 compute_cost; /* micro-USD, of a call */
    int64_t created_ms;
    /* Texts may be absent; they live in the arena. */
    ol_str data_id;
    ol_str worker_id;
    ol_str error;
    ol_str account;
    ol_str transaction_hash;
    ol_str repo;
    ol_str commit;
    ol_str project_id;
    ol_str resolve_tx;
} listed_job;

typedef enum job_source { JOBS_ANY, JOBS_NEAR, JOBS_HTTPS } job_source;

typedef struct job_list_ask {
    ol_str account; /* NULL data: of all */
    job_source source;
    uint64_t offset;
    uint64_t limit; /* more than JOB_LIST_ROWS_MAX is cut */
} job_list_ask;

ol_rc job_list(domain *d, const job_list_ask *ask, ol_arena *arena, listed_job **ret,
               size_t *ret_count, ol_err *err);

#endif
