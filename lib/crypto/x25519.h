/* X25519 key agreement (RFC 7748). */
#ifndef OL_CRYPTO_X25519_H
#define OL_CRYPTO_X25519_H

#include "lib/base/assert.h"
#include "lib/base/str.h"

enum { OL_X25519_BYTES = 32 };

typedef struct ol_x25519_public {
    uint8_t bytes[OL_X25519_BYTES];
} ol_x25519_public;

/* A scalar, clamped where it is used. Wiped by deinit; no view as text, no row in KV. */
typedef struct ol_x25519_key {
    uint8_t secret[OL_X25519_BYTES];
} ol_x25519_key;

void ol_x25519_key_of(const uint8_t scalar[OL_X25519_BYTES], ol_x25519_key *ret);
void ol_x25519_key_deinit(ol_x25519_key *key);
ol_x25519_public ol_x25519_public_of(const ol_x25519_key *key);

/* The shared secret, to be hashed before use and wiped by the caller. False (and *ret zero) for a
 * peer's point of small order, with which the secret would be zero whoever computes it. */
OL_MUST_USE bool ol_x25519_agree(const ol_x25519_key *key, const ol_x25519_public *peer,
                                 uint8_t ret[OL_X25519_BYTES]);

#endif
