/* Ed25519 signatures (RFC 8032). */
#ifndef OL_CRYPTO_ED25519_H
#define OL_CRYPTO_ED25519_H

#include "lib/base/assert.h"
#include "lib/base/str.h"

enum { OL_ED25519_PUBLIC_BYTES = 32, OL_ED25519_SEED_BYTES = 32, OL_ED25519_SIGNATURE_BYTES = 64 };

typedef struct ol_ed25519_public {
    uint8_t bytes[OL_ED25519_PUBLIC_BYTES];
} ol_ed25519_public;

typedef struct ol_ed25519_signature {
    uint8_t bytes[OL_ED25519_SIGNATURE_BYTES];
} ol_ed25519_signature;

/* Seed and public key. Wiped by deinit; no view as text, no row in KV. */
typedef struct ol_ed25519_key {
    uint8_t secret[OL_ED25519_SEED_BYTES + OL_ED25519_PUBLIC_BYTES];
} ol_ed25519_key;

/* The seed stays the caller's to wipe. For a new key fill it from lib/crypto/random.h. */
void ol_ed25519_key_of_seed(const uint8_t seed[OL_ED25519_SEED_BYTES], ol_ed25519_key *ret);
void ol_ed25519_key_deinit(ol_ed25519_key *key);
ol_ed25519_public ol_ed25519_public_of(const ol_ed25519_key *key);

ol_ed25519_signature ol_ed25519_sign(const ol_ed25519_key *key, ol_bytes message);
/* Refuses keys of small order and malleable signatures. */
OL_MUST_USE bool ol_ed25519_verify(const ol_ed25519_public *key, ol_bytes message,
                                   const ol_ed25519_signature *signature);

#endif
