#include <crypto_aead_chacha20poly1305.h>
#include <crypto_aead_xchacha20poly1305.h>

#include "sdk/outlayer.h"

void ol_crypto_chacha_seal(const uint8_t key[OL_CRYPTO_AEAD_KEY_BYTES],
                           const uint8_t nonce[OL_CRYPTO_CHACHA_NONCE_BYTES], ol_bytes associated,
                           ol_bytes plain, uint8_t *ret)
{
    (void)crypto_aead_chacha20poly1305_ietf_encrypt(
        ret, NULL, plain.data, plain.len, associated.data, associated.len, NULL, nonce, key);
}

int32_t ol_crypto_chacha_open(const uint8_t key[OL_CRYPTO_AEAD_KEY_BYTES],
                              const uint8_t nonce[OL_CRYPTO_CHACHA_NONCE_BYTES],
                              ol_bytes associated, ol_bytes sealed, uint8_t *ret)
{
    if (sealed.len < OL_CRYPTO_AEAD_TAG_BYTES)
        return OL_EINVAL;
    int rc = crypto_aead_chacha20poly1305_ietf_decrypt(ret, NULL, NULL, sealed.data, sealed.len,
                                                       associated.data, associated.len, nonce, key);
    return rc == 0 ? 0 : OL_EDENIED;
}

void ol_crypto_xchacha_seal(const uint8_t key[OL_CRYPTO_AEAD_KEY_BYTES],
                            const uint8_t nonce[OL_CRYPTO_XCHACHA_NONCE_BYTES], ol_bytes associated,
                            ol_bytes plain, uint8_t *ret)
{
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(
        ret, NULL, plain.data, plain.len, associated.data, associated.len, NULL, nonce, key);
}

int32_t ol_crypto_xchacha_open(const uint8_t key[OL_CRYPTO_AEAD_KEY_BYTES],
                               const uint8_t nonce[OL_CRYPTO_XCHACHA_NONCE_BYTES],
                               ol_bytes associated, ol_bytes sealed, uint8_t *ret)
{
    if (sealed.len < OL_CRYPTO_AEAD_TAG_BYTES)
        return OL_EINVAL;
    int rc = crypto_aead_xchacha20poly1305_ietf_decrypt(
        ret, NULL, NULL, sealed.data, sealed.len, associated.data, associated.len, nonce, key);
    return rc == 0 ? 0 : OL_EDENIED;
}
