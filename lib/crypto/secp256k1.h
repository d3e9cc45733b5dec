/* ECDSA over secp256k1 with recoverable signatures, as NEAR and Ethereum use it. Hashes are
 * signed, not messages. */
#ifndef OL_CRYPTO_SECP256K1_H
#define OL_CRYPTO_SECP256K1_H

#include "lib/base/assert.h"
#include "lib/base/str.h"

enum { OL_SECP256K1_PUBLIC_BYTES = 64, OL_SECP256K1_SIGNATURE_BYTES = 65 };

/* x and y, big-endian; no tag before. */
typedef struct ol_secp256k1_public {
    uint8_t bytes[OL_SECP256K1_PUBLIC_BYTES];
} ol_secp256k1_public;

/* r, s and the recovery id (0-3). */
typedef struct ol_secp256k1_signature {
    uint8_t bytes[OL_SECP256K1_SIGNATURE_BYTES];
} ol_secp256k1_signature;

/* False for a secret that is no scalar of the curve. The secret stays the caller's to wipe. */
OL_MUST_USE bool ol_secp256k1_public_of(const uint8_t secret[32], ol_secp256k1_public *ret);
/* Deterministic (RFC 6979), low s. False as above. */
OL_MUST_USE bool ol_secp256k1_sign(const uint8_t secret[32], const uint8_t hash[32],
                                   ol_secp256k1_signature *ret);
/* Refuses high s, points off the curve, and recovery ids above 3. */
OL_MUST_USE bool ol_secp256k1_verify(const ol_secp256k1_public *key, const uint8_t hash[32],
                                     const ol_secp256k1_signature *signature);

#endif
