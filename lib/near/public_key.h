/* Public keys and signatures as NEAR carries them: a curve's tag and its bytes (NEAR 4.1). */
#ifndef OL_NEAR_PUBLIC_KEY_H
#define OL_NEAR_PUBLIC_KEY_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/codec/borsh.h"
#include "lib/crypto/ed25519.h"

/* The tags of the wire. ML-DSA-65 (2) is not spoken here. */
typedef enum ol_curve { OL_CURVE_ED25519 = 0, OL_CURVE_SECP256K1 = 1 } ol_curve;

enum {
    OL_PUBLIC_KEY_BYTES_MAX = 64, /* ed25519: 32; secp256k1: x and y */
    OL_SIGNATURE_BYTES_MAX = 65,  /* ed25519: 64; secp256k1: r, s and the recovery id */
};

typedef struct ol_public_key {
    ol_curve curve;
    uint8_t bytes[OL_PUBLIC_KEY_BYTES_MAX]; /* zero behind the curve's length */
} ol_public_key;

typedef struct ol_signature {
    ol_curve curve;
    uint8_t bytes[OL_SIGNATURE_BYTES_MAX];
} ol_signature;

ol_public_key ol_public_key_of_ed25519(const ol_ed25519_public *key);
ol_signature ol_signature_of_ed25519(const ol_ed25519_signature *signature);

/* The bytes without their tag; borrowed from the value. */
ol_bytes ol_public_key_bytes(const ol_public_key *key);
ol_bytes ol_signature_bytes(const ol_signature *signature);
bool ol_public_key_eq(const ol_public_key *a, const ol_public_key *b);

/* Tag and bytes. Reading marks the cursor for another tag. */
void ol_public_key_encode(const ol_public_key *key, ol_buf *into);
void ol_public_key_decode(ol_borsh *from, ol_public_key *ret);
void ol_signature_encode(const ol_signature *signature, ol_buf *into);
void ol_signature_decode(ol_borsh *from, ol_signature *ret);

/* `ed25519:` or `secp256k1:` and Base58; a key without a curve is ed25519. */
OL_MUST_USE bool ol_public_key_parse(ol_str text, ol_public_key *ret);
void ol_public_key_add_text(ol_buf *into, const ol_public_key *key);
void ol_signature_add_text(ol_buf *into, const ol_signature *signature);
ol_str ol_public_key_text(const ol_public_key *key, ol_arena *arena); /* NULL data: arena full */

/* Over a 32-byte hash, with the key's curve; false for a signature of the other curve. */
OL_MUST_USE bool ol_signature_verify(const ol_public_key *key, const uint8_t hash[32],
                                     const ol_signature *signature);

#endif
