/* Releasing a secret to a run: the steps of /decrypt (Keystore 4; 15, X4 and X7). */
#ifndef KEYSTORE_RELEASE_H
#define KEYSTORE_RELEASE_H

#include "services/keystore/keystore.h"
#include "services/keystore/stored_secret.h"

typedef struct release {
    ol_accessor accessor;
    ol_str profile;
    ol_str owner;
    ol_str user_account_id;
    ol_str task_id;
    bool has_request_id; /* X7: of a run that the chain asked for */
    uint64_t request_id;
    ol_str executed_wasm_sha256; /* X7: empty where the worker does not say */
} release;

typedef struct released {
    ol_buf plain;      /* the secret: the caller wipes and frees */
    bool has_verified; /* X4: there were codes to check */
    ol_str *verified;  /* names whose value was generated here, in the arena */
    size_t verified_count;
} released;

/* Every decision is logged, without values, and counted. OL_ERR_UNAUTHORIZED where access is
 * denied, OL_ERR_INVALID where there is nothing to release, OL_ERR_PENDING where the chain has to
 * be asked, other failures: not decided, so not released. */
ol_rc secret_release(keystore *ks, const release *ask, chain_read *read, ol_arena *arena,
                     released *ret, ol_err *err);

#endif
