/* Payment key rows, on a connection: for the domain's own files. */
#ifndef COORDINATOR_PAYMENT_KEYS_H
#define COORDINATOR_PAYMENT_KEYS_H

#include "services/coordinator/ledger.h"

typedef struct stored_key {
    payment_key_row row;
    ol_sha256 proof;
    bool deleted;
} stored_key;

/* The newest incarnation; *ret_found false where there never was one. */
ol_rc stored_key_find(ol_db *db, ol_str owner, uint32_t nonce, ol_arena *arena, stored_key *ret,
                      bool *ret_found, ol_err *err);
/* Known, not deleted, proof equal; else OL_ERR_PAYMENT_KEY. */
ol_rc stored_key_authorise(ol_db *db, const payment_key *key, ol_arena *arena, stored_key *ret,
                           ol_err *err);

typedef struct key_balances {
    ol_usd initial_balance;
    ol_usd spent;
    ol_usd reserved;
    bool is_grant;
} key_balances;
ol_rc key_balances_read(ol_db *db, int64_t key_id, key_balances *ret, ol_err *err);

/* Credits an author (Coordinator 3.3): the balance, the total, and the row that explains them. */
typedef struct author_credit {
    ol_str project_id; /* owner/name */
    int64_t key_id;
    ol_usd attached;
    ol_usd refund;
    ol_usd amount;
    ol_str call_id;
} author_credit;
ol_rc author_credit_add(ol_db *db, const author_credit *credit, int64_t at_ms, ol_err *err);

/* The owner part of owner/name. */
ol_str project_owner(ol_str project_id);

#endif
