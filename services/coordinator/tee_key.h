/* Worker session keys and their signatures, in the forms of Coordinator 7. */
#ifndef COORDINATOR_TEE_KEY_H
#define COORDINATOR_TEE_KEY_H

#include "lib/base/arena.h"
#include "lib/base/err.h"

/* `ed25519:base58` or 64 hex digits; the signature 128 hex digits or `ed25519:base58`; over
 * `statement`: the text of Keystore 15, X3, or the raw challenge. *ret_key is the key as
 * `ed25519:base58`, in the arena. OL_ERR_FORBIDDEN with what is wrong. */
ol_rc tee_signature_check(ol_str public_key, ol_str signature, ol_bytes statement, ol_arena *arena,
                          ol_str *ret_key, ol_err *err);

#endif
