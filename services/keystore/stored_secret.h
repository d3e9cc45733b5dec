/* A secret as the contract holds it (Keystore 4, /decrypt step 1). */
#ifndef KEYSTORE_STORED_SECRET_H
#define KEYSTORE_STORED_SECRET_H

#include "lib/secrets/accessor.h"
#include "services/keystore/chain.h"

typedef struct stored_secret {
    ol_bytes blob;
    ol_condition *access;
    ol_accessor accessor; /* as stored: its branch is the one the seed has */
    ol_str vault;         /* empty: the default master */
} stored_secret;

/* Views get_secret_with_vault. OL_ERR_INVALID `Secrets not found in contract`; OL_ERR_PENDING; the
 * chain's failures. In the arena. */
ol_rc stored_secret_view(chain_read *read, ol_str contract, const ol_accessor *accessor,
                         ol_str profile, ol_str owner, ol_arena *arena, stored_secret *ret,
                         ol_err *err);

#endif
