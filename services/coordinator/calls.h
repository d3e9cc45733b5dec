/* HTTPS calls: admission, reading, delivery and settlement (Coordinator 2.1, 2.2, 3.2, 3.3). */
#ifndef COORDINATOR_CALLS_H
#define COORDINATOR_CALLS_H

#include "services/coordinator/ledger.h"

enum {
    IDEMPOTENCY_KEY_BYTES_MAX = 256,
    IDEMPOTENCY_HOURS = 24, /* Coordinator 2.1 */
};

/* ---- POST /call/{owner}/{name}: steps 5, 7, 8, 10, 12, 13 and idempotency in one transaction,
 * each failure with status and text in op.err. The caller has done 1-4, 6 and 11.
 * An asynchronous admission is durable when it answers; a synchronous one promises nothing yet. */
typedef struct call_admission {
    ol_op op;
    payment_key key;
    ol_str project_id;
    ol_str project_uuid; /* may be absent */
    call_price price;
    bool is_async;
    ol_str input_data;         /* compact JSON, the bytes that will be hashed */
    ol_resource_limits limits; /* as asked; clamped here to pricing, caps and the compute limit */
    ol_secrets_ref secrets_ref;
    ol_str version_key;       /* may be absent */
    ol_str wallet_id;         /* may be absent */
    ol_str binding_kind;      /* may be absent */
    ol_str idempotency_key;   /* NULL data: none */
    ol_sha256 request_digest; /* of what makes two requests the same; with a key only */
    ol_arena *arena;          /* for `answer` of an existing call */
    /* out */
    bool existing; /* the idempotency key knew this call already */
    call_answer answer;
    int64_t deadline_ms; /* wall clock */
} call_admission;
void call_admit(domain *d, call_admission *it);

/* GET /calls/{id}: the caller has authorised `key`. OL_ERR_NOT_FOUND `Call not found`;
 * OL_ERR_PAYMENT_KEY for somebody else's call. To wait for the end, register the waiter first and
 * read then: the event may come in between. */
ol_rc call_find(domain *d, const payment_key_row *key, ol_uuid call_id, ol_arena *arena,
                call_answer *ret, ol_err *err);

/* ---- POST /https-calls/complete. OL_ERR_NOT_FOUND `Call not found`. */
typedef struct call_completion {
    ol_op op;
    ol_call_report report;
    bool finalized; /* out: false when the call was terminal before */
} call_completion;
void call_complete(domain *d, call_completion *it);

/* ---- The window of a call passed: settles it when it is pending and its deadline is over (the
 * sweeper does the same by itself). `answer` says how the call stands. OL_ERR_NOT_FOUND. */
typedef struct call_expiry {
    ol_op op;
    ol_uuid call_id;
    ol_arena *arena;    /* for the texts of a call that ended otherwise */
    call_answer answer; /* out */
} call_expiry;
void call_expire(domain *d, call_expiry *it);

/* Coordinator 3.2. The prices of one call, taken at admission. */
typedef struct call_fees {
    ol_usd base;
    ol_usd per_million_instructions;
    ol_usd per_second;
} call_fees;
/* min(metered, limit); a metered sum that does not fit is more than any limit. */
ol_usd compute_cost(const call_fees *fees, uint64_t instructions, uint64_t time_ms, ol_usd limit);
/* The most instructions `limit` pays for. */
uint64_t instructions_affordable(const call_fees *fees, ol_usd limit);

/* Figures for /metrics. */
typedef struct ledger_figures {
    uint64_t calls_pending;
    ol_usd reserved;
    ol_usd charged;
} ledger_figures;
ol_rc ledger_figures_read(domain *d, ledger_figures *ret, ol_err *err);

#endif
