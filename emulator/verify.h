/* Whether the network takes a transaction (NEAR 4.2), and what taking it changes. */
#ifndef OL_EMULATOR_VERIFY_H
#define OL_EMULATOR_VERIFY_H

#include "emulator/check.h"
#include "emulator/fees.h"

typedef struct ol_verdict {
    ol_failure failure; /* NONE: taken */
    ol_cost cost;
    ol_account signer; /* charged */
    ol_access_key key; /* with its new nonce and allowance */
} ol_verdict;

/* In the order of NEAR 4.2, but for expiry, which the caller knows. `height` is that of the block
 * which would take it. Texts of the failure are borrowed from the transaction, the state and the
 * arena. */
void ol_transaction_verify(const ol_params *params, const ol_state *state,
                           const ol_signed_transaction *transaction, ol_yocto gas_price,
                           uint64_t height, ol_arena *arena, ol_verdict *ret);

/* A call key's rules for a list of actions; delegate actions obey them as well. */
ol_failure ol_call_key_check(const ol_access_key *key, const ol_action *actions, size_t count,
                             ol_str receiver_id);

/* Nonces of a key begin with, and stay below, a million per block (NEAR 4.2). */
enum { OL_NONCES_PER_BLOCK = 1000000 };
static inline uint64_t ol_nonce_bound(uint64_t height)
{
    uint64_t bound = UINT64_MAX;
    (void)ol_u64_mul(height, OL_NONCES_PER_BLOCK, &bound);
    return bound;
}

#endif
