/* Ending a call, once: for the domain's own files (Coordinator 3.3). */
#ifndef COORDINATOR_SETTLEMENT_H
#define COORDINATOR_SETTLEMENT_H

#include "services/coordinator/calls.h"

/* What a call was admitted with. */
typedef struct call_terms {
    int64_t id; /* also the request_id on the wire */
    ol_uuid call_id;
    int64_t key_id;
    call_status status;
    char project_id[OL_PROJECT_ID_BYTES_MAX + 1];
    size_t project_id_len;
    ol_usd compute_limit;
    ol_usd deposit;
    call_fees fees;
    int64_t deadline_ms;
} call_terms;

/* OL_ERR_NOT_FOUND `Call not found`. */
ol_rc call_terms_find(ol_db *db, ol_uuid call_id, call_terms *ret, ol_err *err);
ol_rc call_terms_by_id(ol_db *db, int64_t id, call_terms *ret, ol_err *err);

/* How it ended. Texts are borrowed until the operation's `done`. */
typedef struct call_outcome {
    call_status status; /* completed or failed */
    bool expired;
    ol_usd compute_cost; /* at most the compute limit */
    ol_usd refund;       /* of the deposit; more than it counts as all */
    bool author_earns;   /* the deposit goes to the author; else it goes back */
    ol_str output_json;
    ol_str error;
    uint64_t instructions;
    uint64_t time_ms;
    int64_t job_id;
} call_outcome;

/* Nothing happens, and *ret_settled is false, when the call was terminal before. */
ol_rc call_settle(domain *d, ol_db *db, const call_terms *call, const call_outcome *outcome,
                  bool *ret_settled, ol_err *err);
/* Failed, nothing charged: before any claim, or lost by us. */
ol_rc call_settle_unpaid(domain *d, ol_db *db, const call_terms *call, ol_str error, int64_t job_id,
                         ol_err *err);
/* Expired: the compute limit when a run had been claimed, else nothing. The caller closes the
 * request. */
ol_rc call_settle_expired(domain *d, ol_db *db, const call_terms *call, bool claimed,
                          int64_t job_id, bool *ret_settled, ol_err *err);
/* By a worker's report; `claimed` says whether an execute job ever was. */
ol_rc call_settle_report(domain *d, ol_db *db, const call_terms *call, const ol_call_report *report,
                         bool claimed, int64_t job_id, bool *ret_settled, ol_err *err);

ol_rc call_answer_by_id(ol_db *db, int64_t id, ol_arena *arena, call_answer *ret,
                        int64_t *ret_key_id, ol_err *err);

#endif
