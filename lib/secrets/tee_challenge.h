/* What a worker signs to open a session with a service (Keystore 9; 15, X3, X6). */
#ifndef OL_SECRETS_TEE_CHALLENGE_H
#define OL_SECRETS_TEE_CHALLENGE_H

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/crypto/x25519.h"

enum { OL_TEE_CHALLENGE_BYTES = 32, OL_TEE_STATEMENT_BYTES_MAX = 256 };

/* `outlayer-tee-auth:v2:{server}:{challenge hex}`, and `:{reply key hex}` where answers are to be
 * sealed to one. `server` is `keystore` or `coordinator`: a signature for one says nothing to the
 * other, and no such text is a transaction. OL_ERR_LIMIT where `into` has no room. */
ol_rc ol_tee_statement(ol_str server, const uint8_t challenge[OL_TEE_CHALLENGE_BYTES],
                       const ol_x25519_public *reply_key, ol_buf *into, ol_err *err);

#endif
