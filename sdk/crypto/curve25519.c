#include <crypto_scalarmult_curve25519.h>
#include <crypto_sign_ed25519.h>
#include <string.h>
#include <utils.h>

#include "sdk/outlayer.h"

void ol_crypto_ed25519_public(const uint8_t seed[OL_CRYPTO_ED25519_SEED_BYTES],
                              uint8_t ret[OL_CRYPTO_ED25519_PUBLIC_BYTES])
{
    uint8_t secret[crypto_sign_ed25519_SECRETKEYBYTES];
    (void)crypto_sign_ed25519_seed_keypair(ret, secret, seed);
    sodium_memzero(secret, sizeof secret);
}

void ol_crypto_ed25519_sign(const uint8_t seed[OL_CRYPTO_ED25519_SEED_BYTES], ol_bytes message,
                            uint8_t ret[OL_CRYPTO_ED25519_SIGNATURE_BYTES])
{
    uint8_t secret[crypto_sign_ed25519_SECRETKEYBYTES], public_key[OL_CRYPTO_ED25519_PUBLIC_BYTES];
    (void)crypto_sign_ed25519_seed_keypair(public_key, secret, seed);
    (void)crypto_sign_ed25519_detached(ret, NULL, message.data, message.len, secret);
    sodium_memzero(secret, sizeof secret);
}

int32_t ol_crypto_ed25519_verify(const uint8_t public_key[OL_CRYPTO_ED25519_PUBLIC_BYTES],
                                 ol_bytes message,
                                 const uint8_t signature[OL_CRYPTO_ED25519_SIGNATURE_BYTES])
{
    int rc = crypto_sign_ed25519_verify_detached(signature, message.data, message.len, public_key);
    return rc == 0 ? 0 : OL_EDENIED;
}

void ol_crypto_x25519_public(const uint8_t secret[OL_CRYPTO_X25519_BYTES],
                             uint8_t ret[OL_CRYPTO_X25519_BYTES])
{
    (void)crypto_scalarmult_curve25519_base(ret, secret);
}

int32_t ol_crypto_x25519(const uint8_t secret[OL_CRYPTO_X25519_BYTES],
                         const uint8_t peer[OL_CRYPTO_X25519_BYTES],
                         uint8_t ret[OL_CRYPTO_X25519_BYTES])
{
    if (crypto_scalarmult_curve25519(ret, secret, peer) == 0)
        return 0;
    memset(ret, 0, OL_CRYPTO_X25519_BYTES);
    return OL_EDENIED;
}
