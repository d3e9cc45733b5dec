/* What a worker signs to open a session with a service (Keystore 9; 15, X3, X6). */
#ifndef OL_SECRETS_TEE_CHALLENGE_H
#define OL_SECRETS_TEE_CHALLENGE_H

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/crypto/ed25519.h"
#include "lib/crypto/x25519.h"

enum { OL_TEE_CHALLENGE_BYTES = 32, OL_TEE_STATEMENT_BYTES_MAX = 256 };

/* `outlayer-tee-auth:v2:{server}:{challenge hex}`, and `:{reply key hex}` where answers are to be
 * sealed to one. `server` is `keystore` or `coordinator`: a signature for one says nothing to the
 * other, and no such text is a transaction. OL_ERR_LIMIT where `into` has no room. */
ol_rc ol_tee_statement(ol_str server, const uint8_t challenge[OL_TEE_CHALLENGE_BYTES],
                       const ol_x25519_public *reply_key, ol_buf *into, ol_err *err);

/* The body of a registration in that form, signed; `reply_key` may be NULL. There is no function
 * that signs a bare challenge: 32 bytes of somebody else's could be the hash of a transaction
 * (Keystore 17). OL_ERR_PROTOCOL for what is no challenge, OL_ERR_LIMIT. */
ol_rc ol_tee_registration(ol_str server, ol_str challenge_hex, const ol_ed25519_key *key,
                          const ol_x25519_public *reply_key, ol_buf *into, ol_err *err);

#endif
