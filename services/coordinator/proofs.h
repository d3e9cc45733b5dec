/* Attestation records, kept verbatim and never overwritten (Coordinator 9); hidden logs (11); the
 * counters of public statistics (10). */
#ifndef COORDINATOR_PROOFS_H
#define COORDINATOR_PROOFS_H

#include "services/coordinator/domain.h"

enum {
    QUOTE_BYTES_MIN = 568,
    QUOTE_BYTES_MAX = 64 * 1024,
    QUOTE_MEASUREMENT_AT = 520, /* RTMR3, 48 bytes */
    QUOTE_MEASUREMENT_BYTES = 48,
};

typedef enum attestation_kind { ATTEST_COMPILE, ATTEST_EXECUTE, ATTEST_TOPUP } attestation_kind;

typedef struct attestation {
    int64_t id;      /* out */
    int64_t task_id; /* -1: a start-up record */
    attestation_kind kind;
    ol_str quote_base64;       /* text as given, served unchanged */
    ol_str worker_measurement; /* 96 hex digits; filled by attestation_decode */
    /* The other stored members, as given; they come back exactly. */
    ol_opt_u64 request_id;
    ol_str caller_account_id;
    ol_str transaction_hash;
    ol_opt_u64 block_height;
    ol_str call_id;
    ol_str payment_key_owner;
    ol_opt_u64 payment_key_nonce;
    ol_str repo_url;
    ol_str commit_hash;
    ol_str build_target;
    ol_str wasm_hash;
    ol_str executed_wasm_sha256;
    ol_str input_hash;
    ol_str output_hash;
    ol_str project_id;
    ol_str secrets_ref;
    ol_str attached_usd;
    int64_t timestamp_s; /* unix; filled with now when it was absent */
} attestation;

/* The body of POST /attestations, or the member `attestation` of POST /jobs/complete: reads and
 * judges it. OL_ERR_SYNTAX, OL_ERR_SHAPE for its form (422); OL_ERR_INVALID (400) for bad Base64, a
 * quote under 568 bytes, a hash that is not 64 characters, an execute without input_hash. */
ol_rc attestation_decode(domain *d, ol_str json, ol_arena *arena, attestation *ret, ol_err *err);
/* `{id, …, worker_measurement, timestamp}`, absent members left out. */
void attestation_encode(const attestation *record, ol_json_writer *into);

typedef struct attestation_adding {
    ol_op op;
    attestation record; /* id is out */
} attestation_adding;
void attestation_add(domain *d, attestation_adding *it);

/* Newest record; OL_ERR_NOT_FOUND. */
ol_rc attestation_by_task(domain *d, int64_t task_id, ol_arena *arena, attestation *ret,
                          ol_err *err);
ol_rc attestation_by_transaction(domain *d, ol_str hash, ol_arena *arena, attestation *ret,
                                 ol_err *err);
ol_rc attestation_by_call(domain *d, ol_uuid call_id, ol_arena *arena, attestation *ret,
                          ol_err *err);

/* ---- Hidden logs. */
typedef struct hidden_log {
    int64_t id; /* out */
    uint64_t request_id;
    int64_t job_id; /* 0: none */
    ol_str log_type;
    ol_str stderr_text; /* texts may be absent */
    ol_str stdout_text;
    ol_str execution_error;
    bool has_exit_code;
    int64_t exit_code;
    int64_t created_ms;
} hidden_log;
typedef struct hidden_log_adding {
    ol_op op;
    hidden_log log;
} hidden_log_adding;
void hidden_log_add(domain *d, hidden_log_adding *it);
ol_rc hidden_logs_of_job(domain *d, int64_t job_id, ol_arena *arena, hidden_log **ret,
                         size_t *ret_count, ol_err *err);

/* ---- Counters, kept as completions come: nobody scans history. */
typedef struct run_counters {
    uint64_t total;
    uint64_t successful;
    uint64_t failed; /* infrastructure only */
    uint64_t access_denied;
    uint64_t compilation_failed;
    uint64_t execution_failed;
    uint64_t insufficient_payment;
    uint64_t custom;
    ol_u128 instructions;
    uint64_t executions_timed; /* divide time_ms by it for the average */
    ol_u128 time_ms;
    ol_yocto near_paid;
} run_counters;
/* `account` NULL data: of all users. OL_OK with zeros where there is nothing. */
ol_rc run_counters_read(domain *d, ol_str account, run_counters *ret, uint64_t *ret_users,
                        ol_err *err);

enum { REPOS_POPULAR = 10 }; /* Coordinator 10 */
typedef struct repo_counters {
    ol_str repo;
    ol_str last_commit; /* may be absent */
    run_counters runs;
} repo_counters;
/* Those with the most runs, most first. Texts live in the arena. */
ol_rc repos_popular(domain *d, ol_arena *arena, repo_counters list[static REPOS_POPULAR],
                    size_t *ret_count, ol_err *err);

#endif
