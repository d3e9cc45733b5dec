/* Authenticated encryption: ChaCha20-Poly1305 (RFC 8439) and, for nonces drawn at random without
 * counting, XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03). */
#ifndef OL_CRYPTO_AEAD_H
#define OL_CRYPTO_AEAD_H

#include "lib/base/assert.h"
#include "lib/base/str.h"

enum {
    OL_AEAD_KEY_BYTES = 32,
    OL_AEAD_TAG_BYTES = 16,
    OL_CHACHA_NONCE_BYTES = 12,
    OL_XCHACHA_NONCE_BYTES = 24,
};

/* Writes plain.len + OL_AEAD_TAG_BYTES bytes, the tag last; `ret` may be where plain lies. */
void ol_chacha_seal(const uint8_t key[OL_AEAD_KEY_BYTES],
                    const uint8_t nonce[OL_CHACHA_NONCE_BYTES], ol_bytes associated, ol_bytes plain,
                    uint8_t *ret);
/* Writes sealed.len - OL_AEAD_TAG_BYTES bytes; false, and nothing of the plaintext in `ret`, when
 * the bytes are not those that were sealed. */
OL_MUST_USE bool ol_chacha_open(const uint8_t key[OL_AEAD_KEY_BYTES],
                                const uint8_t nonce[OL_CHACHA_NONCE_BYTES], ol_bytes associated,
                                ol_bytes sealed, uint8_t *ret);

void ol_xchacha_seal(const uint8_t key[OL_AEAD_KEY_BYTES],
                     const uint8_t nonce[OL_XCHACHA_NONCE_BYTES], ol_bytes associated,
                     ol_bytes plain, uint8_t *ret);
OL_MUST_USE bool ol_xchacha_open(const uint8_t key[OL_AEAD_KEY_BYTES],
                                 const uint8_t nonce[OL_XCHACHA_NONCE_BYTES], ol_bytes associated,
                                 ol_bytes sealed, uint8_t *ret);

#endif
