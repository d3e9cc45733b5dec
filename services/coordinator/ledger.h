/* Payment keys and what they own (Coordinator 2.3, 3.1, 3.4, 11). */
#ifndef COORDINATOR_LEDGER_H
#define COORDINATOR_LEDGER_H

#include "services/coordinator/domain.h"
#include "services/coordinator/payment_key.h"

enum {
    PAYMENT_KEY_SCOPES_MAX = 256,
    PAYMENT_KEY_SCOPE_BYTES_MAX = 64 * 1024, /* the whole list as JSON */
};

/* A key as the database has it. Texts live in the arena of the function that read it. */
typedef struct payment_key_row {
    int64_t id;
    ol_str owner;
    uint32_t nonce;
    ol_str
        scopes_json; /* JSON array of project ids, `owner` followed by a star for all of theirs */
    ol_usd initial_balance;
    ol_usd spent;
    ol_usd reserved;
    ol_usd max_per_call; /* 0: unlimited */
    bool is_grant;
    int64_t created_ms;
    int64_t last_used_ms; /* 0: never */
} payment_key_row;

ol_usd payment_key_available(const payment_key_row *key); /* Coordinator 3.1 */

/* Admission step 5: known, not deleted, proof equal in constant time; else OL_ERR_PAYMENT_KEY with
 * `Invalid payment key`. */
ol_rc payment_key_authorise(domain *d, const payment_key *key, ol_arena *arena,
                            payment_key_row *ret, ol_err *err);
/* By owner and nonce alone; OL_ERR_NOT_FOUND. For the public balance and administration. */
ol_rc payment_key_find(domain *d, ol_str owner, uint32_t nonce, ol_arena *arena,
                       payment_key_row *ret, ol_err *err);

/* Steps 4, 7, 8 and 10, in this order, with their texts: R = compute_limit + deposit.
 * OL_ERR_AMOUNT_RANGE when R does not fit. Pure. */
typedef struct call_price {
    ol_usd compute_limit;
    ol_usd deposit;
} call_price;
ol_rc call_price_check(const payment_key_row *key, ol_str project_id, const call_price *price,
                       ol_usd *ret_required, ol_err *err);

/* ---- POST /payment-keys/init: ends its task, and makes nothing once that is over. */
typedef struct payment_key_init {
    ol_op op;
    ol_str owner;
    uint32_t nonce;
    ol_str data_id; /* of its task; NULL data: the oldest that fits */
    ol_sha256 proof;
    ol_str scopes_json;  /* NULL data: [] */
    ol_usd max_per_call; /* 0: unlimited */
    bool created;        /* out */
} payment_key_init;
void payment_key_create(domain *d, payment_key_init *it);

/* ---- POST /topup/complete: credited exactly once (Coordinator 3.4). */
typedef struct topup_completion {
    ol_op op;
    ol_str owner;
    uint32_t nonce;
    ol_str data_id; /* of its task; NULL data: the oldest that fits */
    ol_usd new_initial_balance;
    bool has_amount;
    ol_usd amount;
    ol_sha256 proof;
    ol_str scopes_json;
    ol_usd max_per_call;
    bool credited; /* out: false for a repetition, which answers success all the same */
} topup_completion;
void topup_complete(domain *d, topup_completion *it);

/* ---- POST /payment-keys/delete: refuses new calls; those in flight still settle. */
typedef struct payment_key_deletion {
    ol_op op;
    ol_str owner;
    uint32_t nonce;
    /* Of its task, which stays open, because the contract has still to forget the key; nothing is
     * deleted once it is over. NULL data: ends all tasks that fit. */
    ol_str data_id;
    bool deleted; /* out */
} payment_key_deletion;
void payment_key_delete(domain *d, payment_key_deletion *it);

/* ---- POST /admin/grant-payment-key (Coordinator 11). */
typedef struct payment_key_granting {
    ol_op op;
    ol_str owner;
    uint32_t nonce;
    ol_usd amount; /* > 0, else OL_ERR_INVALID with its text */
    ol_str note;
    ol_usd initial_balance; /* out */
} payment_key_granting;
void payment_key_grant(domain *d, payment_key_granting *it);

/* ---- DELETE /admin/grant-keys/{owner}/{nonce}: OL_ERR_NOT_FOUND with its text. */
void grant_key_delete(domain *d, payment_key_deletion *it);

/* GET /admin/grant-keys. Rows in the arena. */
ol_rc grant_keys_list(domain *d, ol_arena *arena, payment_key_row **ret, size_t *ret_count,
                      ol_err *err);

/* ---- What was used and earned (Coordinator 10). */
typedef struct usage_row {
    int64_t id;
    ol_uuid_text call_id;
    int64_t job_id; /* 0: none */
    ol_str project_id;
    ol_usd compute_cost;
    ol_usd attached_deposit;
    call_status status;
    int64_t created_ms;
} usage_row;
ol_rc usage_list(domain *d, ol_str owner, uint32_t nonce, uint64_t offset, uint64_t limit,
                 ol_arena *arena, usage_row **ret, size_t *ret_count, uint64_t *ret_total,
                 ol_err *err);

typedef struct author_balance {
    ol_usd balance;
    ol_usd total_earned;
    int64_t updated_ms; /* 0: never earned */
} author_balance;
ol_rc author_balance_find(domain *d, ol_str owner, author_balance *ret, ol_err *err);

typedef enum earnings_source { EARNED_ANY, EARNED_HTTPS, EARNED_BLOCKCHAIN } earnings_source;
typedef struct earnings_row {
    int64_t id;
    ol_str project_id;
    ol_usd attached_usd;
    ol_usd refund_usd;
    ol_usd amount;
    earnings_source source;
    ol_str transaction_hash; /* texts may be absent */
    ol_str caller;
    ol_opt_u64 request_id;
    ol_str call_id;
    ol_str payment_key_owner;
    ol_opt_u64 payment_key_nonce;
    int64_t created_ms;
} earnings_row;
ol_rc earnings_list(domain *d, ol_str owner, earnings_source source, uint64_t offset,
                    uint64_t limit, ol_arena *arena, earnings_row **ret, size_t *ret_count,
                    uint64_t *ret_total, ol_err *err);

#endif
