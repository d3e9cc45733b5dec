/* Messages signed off the chain (NEP-413, NEAR 7): what a wallet signs, and how it is checked. */
#ifndef OL_NEAR_NEP413_H
#define OL_NEAR_NEP413_H

#include "lib/base/err.h"
#include "lib/crypto/ed25519.h"
#include "lib/crypto/hash.h"

enum { OL_NEP413_NONCE_BYTES = 32, OL_NEP413_BYTES_MAX = 64 * 1024 };

typedef struct ol_nep413 {
    ol_str message;
    uint8_t nonce[OL_NEP413_NONCE_BYTES];
    ol_str recipient;
    ol_str callback_url; /* NULL data: none */
} ol_nep413;

/* SHA-256(u32le(2^31 + 413) ‖ borsh(message, nonce, recipient, callback_url)): no transaction can
 * begin with that number. OL_ERR_LIMIT beyond OL_NEP413_BYTES_MAX in all. */
ol_rc ol_nep413_hash(const ol_nep413 *message, ol_sha256 *ret, ol_err *err);

/* Whether the key is one of the account's full-access keys is the caller's to ask the chain. */
OL_MUST_USE bool ol_nep413_verify(const ol_nep413 *message, const ol_ed25519_public *key,
                                  const ol_ed25519_signature *signature);

#endif
