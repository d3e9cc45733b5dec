/* Request rows and their moves through the states of Coordinator 4.3: for the domain's own
 * files. */
#ifndef COORDINATOR_REQUESTS_H
#define COORDINATOR_REQUESTS_H

#include "services/coordinator/queue.h"
#include "services/coordinator/settlement.h"

typedef enum compile_outcome { COMPILE_NONE, COMPILE_DONE, COMPILE_FAILED } compile_outcome;

enum {
    REQUEST_CHECKSUM_BYTES_MAX = OL_SHA256_HEX_DIGITS,
    REQUEST_ARENA_BYTES = 1024 * 1024, /* texts of a row: errors and ids, each limited */
};

/* Without its texts, which few need: request_texts. */
typedef struct request_row {
    int64_t id;
    uint64_t request_id;
    request_state state;
    int64_t order_key;
    bool is_call;
    bool compile_only;
    bool force_rebuild;
    uint64_t seconds_max;
    int64_t created_ms;
    uint64_t deliveries;
    uint64_t compile_attempts;
    uint64_t execute_attempts;
    compile_outcome compiled;
    int64_t last_job;
    char checksum[REQUEST_CHECKSUM_BYTES_MAX + 1]; /* "": not known */
    bool has_compile_result;
    bool has_compile_error;
    char data_id[129];
} request_row;

enum { DATA_ID_BYTES_MAX = 128 };

/* The texts of a row, for answers and earnings. */
typedef struct request_texts {
    ol_str compile_result;
    ol_str compile_error;
    ol_opt_u128 compile_cost;
    ol_opt_u64 compile_time_ms;
    ol_str project_uuid;
    ol_str project_id;
    ol_str account;
    ol_opt_u128 attached;
    ol_opt_u128 near_payment;
    ol_str transaction_hash;
    ol_str repo; /* of GitHub code; may be absent, as the commit may */
    ol_str commit;
} request_texts;

ol_rc request_find(ol_db *db, uint64_t request_id, ol_str data_id, request_row *ret,
                   bool *ret_found, ol_err *err);
/* It must exist. `arena` and `texts` may be NULL. */
ol_rc request_by_id(ol_db *db, int64_t id, request_row *ret, ol_arena *arena,
                    request_texts *ret_texts, ol_err *err);
ol_rc request_of_call(ol_db *db, const call_terms *call, request_row *ret, ol_err *err);

/* The transition, guarded in the statement and mirrored in *row. A pair that is not listed fails
 * with OL_ERR_CONFLICT. */
ol_rc request_move(ol_db *db, request_row *row, request_event on, ol_err *err);

/* Puts it into the queue its state belongs to, visible now, and tells who waits. */
ol_rc request_enqueue(domain *d, ol_db *db, const request_row *row, ol_err *err);
/* Takes it out of its queue. */
ol_rc request_dequeue(ol_db *db, const request_row *row, ol_err *err);
/* A request that only waits leaves the queue for good; one that is leased, or over, stays. */
ol_rc request_unqueue(domain *d, ol_db *db, request_row *row, request_event on, ol_err *err);

/* A new request with its task and queue entry. */
typedef struct request_seed {
    const ol_task *task;
    request_state state; /* queued_compile or queued_execute */
    unsigned priority;   /* 0..PRIORITY_CLASS_MAX */
    ol_str checksum;     /* may be absent */
    ol_str compile_result;
} request_seed;
ol_rc request_insert(domain *d, ol_db *db, const request_seed *seed, bool *ret_created,
                     ol_err *err);
/* floor(log2(payment / fee)) in 0..PRIORITY_CLASS_MAX. */
unsigned priority_class(ol_u128 payment, ol_u128 fee);

/* Rewrites the stored task: what a compile changed. */
typedef struct task_change {
    ol_str compile_result; /* NULL data: as it is */
    bool zero_limits;
} task_change;
ol_rc task_rewrite(ol_db *db, int64_t request, const task_change *change, ol_err *err);

/* One call whose deadline passed, by its row; nothing happens when it is over already. */
ol_rc call_expire_by_id(domain *d, ol_db *db, int64_t id, ol_err *err);

#endif
