#include "lib/crypto/aead.h"

#include <sodium.h>

_Static_assert(OL_AEAD_KEY_BYTES == crypto_aead_chacha20poly1305_ietf_KEYBYTES, "key");
_Static_assert(OL_AEAD_TAG_BYTES == crypto_aead_chacha20poly1305_ietf_ABYTES, "tag");
_Static_assert(OL_CHACHA_NONCE_BYTES == crypto_aead_chacha20poly1305_ietf_NPUBBYTES, "nonce");
_Static_assert(OL_AEAD_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");
_Static_assert(OL_AEAD_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES, "tag");
_Static_assert(OL_XCHACHA_NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce");

void ol_chacha_seal(const uint8_t key[OL_AEAD_KEY_BYTES],
                    const uint8_t nonce[OL_CHACHA_NONCE_BYTES], ol_bytes associated, ol_bytes plain,
                    uint8_t *ret)
{
    int rc = crypto_aead_chacha20poly1305_ietf_encrypt(
        ret, NULL, plain.data, plain.len, associated.data, associated.len, NULL, nonce, key);
    OL_ASSERT(rc == 0);
}

bool ol_chacha_open(const uint8_t key[OL_AEAD_KEY_BYTES],
                    const uint8_t nonce[OL_CHACHA_NONCE_BYTES], ol_bytes associated,
                    ol_bytes sealed, uint8_t *ret)
{
    return crypto_aead_chacha20poly1305_ietf_decrypt(ret, NULL, NULL, sealed.data, sealed.len,
                                                     associated.data, associated.len, nonce,
                                                     key) == 0;
}

void ol_xchacha_seal(const uint8_t key[OL_AEAD_KEY_BYTES],
                     const uint8_t nonce[OL_XCHACHA_NONCE_BYTES], ol_bytes associated,
                     ol_bytes plain, uint8_t *ret)
{
    int rc = crypto_aead_xchacha20poly1305_ietf_encrypt(
        ret, NULL, plain.data, plain.len, associated.data, associated.len, NULL, nonce, key);
    OL_ASSERT(rc == 0);
}

bool ol_xchacha_open(const uint8_t key[OL_AEAD_KEY_BYTES],
                     const uint8_t nonce[OL_XCHACHA_NONCE_BYTES], ol_bytes associated,
                     ol_bytes sealed, uint8_t *ret)
{
    return crypto_aead_xchacha20poly1305_ietf_decrypt(ret, NULL, NULL, sealed.data, sealed.len,
                                                      associated.data, associated.len, nonce,
                                                      key) == 0;
}
