/* Jobs and leases: for the domain's own files (Coordinator 4.3). */
#ifndef COORDINATOR_JOBS_H
#define COORDINATOR_JOBS_H

#include "services/coordinator/requests.h"

typedef enum job_status {
    JOB_LIVE,
    JOB_COMPLETED,
    JOB_FAILED,
    JOB_COMPILATION_FAILED,
    JOB_EXECUTION_FAILED,
    JOB_ACCESS_DENIED,
    JOB_INSUFFICIENT_PAYMENT,
    JOB_CUSTOM,
    JOB_LOST, /* its lease ended without a report; a late one is recorded and changes nothing */
} job_status;

job_status job_status_of(bool success, ol_error_class class);

/* Who claims, and what the claim may become. */
typedef struct claim_ask {
    ol_str worker_id;
    ol_str life; /* of that worker; absent: it tells none */
    unsigned capabilities;
    bool compile_only;
    bool force_rebuild;
    bool has_compile_result;
} claim_ask;

/* The rules of Coordinator 4.3 on a request that waits. *ret_has false: it went where its state
 * belongs, or somebody else has it. */
ol_rc request_claim(domain *d, ol_db *db, request_row *row, const claim_ask *ask, ol_arena *arena,
                    ol_job_info *ret, bool *ret_has, ol_err *err);

/* What a compile job ended with. */
typedef struct compile_end {
    bool success;
    ol_str compile_result;
    ol_str error;
    ol_opt_u128 cost;
    ol_opt_u64 time_ms;
    int64_t job_id;
} compile_end;

/* Moves the request on, and with it every other one that waited for the same code. */
ol_rc compile_ended(domain *d, ol_db *db, request_row *row, const compile_end *end, ol_err *err);
/* The compile was given up for now: those that waited for it compile for themselves. */
ol_rc compile_unpark(domain *d, ol_db *db, const request_row *row, ol_err *err);

/* A call fails without charge, and its request ends. */
ol_rc request_fail_call(domain *d, ol_db *db, request_row *row, request_event on, ol_str error,
                        ol_err *err);

/* Takes jobs away whose lease is lost; at most SWEEP_ROWS_MAX. */
ol_rc leases_sweep(domain *d, ol_db *db, uint64_t *ret_count, ol_err *err);

/* One finished run into the counters of all users, of its own and of its repository. */
typedef struct run_count {
    ol_str account; /* may be absent */
    ol_str repo;    /* may be absent */
    ol_str commit;
    job_status status;
    uint64_t instructions;
    uint64_t time_ms;
    ol_opt_u128 near_paid;
} run_count;
ol_rc run_count_add(ol_db *db, const run_count *count, ol_err *err);

/* Row and file. */
ol_rc wasm_present(domain *d, ol_db *db, ol_str checksum, bool *ret, ol_err *err);

#endif
