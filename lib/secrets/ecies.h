/* Sealing to an X25519 key (Keystore 3, ECIES v1):
 *
 *   0x01 ‖ E(32) ‖ nonce(12) ‖ ciphertext ‖ tag(16)
 *
 * E is the sender's fresh point; the key is HKDF-SHA256(X25519(e, P), purpose); the cipher
 * ChaCha20-Poly1305 without associated data. */
#ifndef OL_SECRETS_ECIES_H
#define OL_SECRETS_ECIES_H

#include "lib/base/buf.h"
#include "lib/crypto/random.h"
#include "lib/crypto/x25519.h"

enum {
    OL_ECIES_VERSION = 0x01,
    OL_ECIES_OVERHEAD_BYTES = 1 + 32 + 12 + 16, /* what a blob is longer than its plaintext */
};

/* The purposes in use: HKDF's info. */
#define OL_ECIES_SECRET "outlayer-keystore-v1" /* secrets, stored rows */
#define OL_ECIES_REPLY "outlayer-reply-v1"     /* Keystore 15, X6: answers to a worker */

/* Appends plain.len + OL_ECIES_OVERHEAD_BYTES bytes; false when `into` has no room, or for a
 * recipient whose point has small order. */
OL_MUST_USE bool ol_ecies_seal(const ol_x25519_public *recipient, ol_str purpose, ol_bytes plain,
                               const ol_random *random, ol_buf *into);

/* Appends the plaintext, which the caller wipes; false for anything that was not sealed so to this
 * key, and when `into` has no room. */
OL_MUST_USE bool ol_ecies_open(const ol_x25519_key *key, ol_str purpose, ol_bytes blob,
                               ol_buf *into);

#endif
