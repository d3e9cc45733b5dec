#include <crypto_auth_hmacsha256.h>
#include <crypto_auth_hmacsha512.h>
#include <crypto_kdf_hkdf_sha256.h>
#include <crypto_kdf_hkdf_sha512.h>
#include <utils.h>

#include "sdk/outlayer.h"

_Static_assert(OL_CRYPTO_HKDF_SHA256_BYTES_MAX == crypto_kdf_hkdf_sha256_BYTES_MAX, "RFC 5869");
_Static_assert(OL_CRYPTO_HKDF_SHA512_BYTES_MAX == crypto_kdf_hkdf_sha512_BYTES_MAX, "RFC 5869");

void ol_crypto_hmac_sha256(ol_bytes key, ol_bytes data, uint8_t ret[OL_CRYPTO_SHA256_BYTES])
{
    crypto_auth_hmacsha256_state state;
    (void)crypto_auth_hmacsha256_init(&state, key.data, key.len);
    (void)crypto_auth_hmacsha256_update(&state, data.data, data.len);
    (void)crypto_auth_hmacsha256_final(&state, ret);
}

void ol_crypto_hmac_sha512(ol_bytes key, ol_bytes data, uint8_t ret[OL_CRYPTO_SHA512_BYTES])
{
    crypto_auth_hmacsha512_state state;
    (void)crypto_auth_hmacsha512_init(&state, key.data, key.len);
    (void)crypto_auth_hmacsha512_update(&state, data.data, data.len);
    (void)crypto_auth_hmacsha512_final(&state, ret);
}

int32_t ol_crypto_hkdf_sha256(ol_bytes material, ol_bytes salt, ol_bytes info, uint8_t *ret,
                              size_t size)
{
    uint8_t extracted[crypto_kdf_hkdf_sha256_KEYBYTES];
    if (size > OL_CRYPTO_HKDF_SHA256_BYTES_MAX)
        return OL_EINVAL;
    (void)crypto_kdf_hkdf_sha256_extract(extracted, salt.data, salt.len, material.data,
                                         material.len);
    (void)crypto_kdf_hkdf_sha256_expand(ret, size, (const char *)info.data, info.len, extracted);
    sodium_memzero(extracted, sizeof extracted);
    return 0;
}

int32_t ol_crypto_hkdf_sha512(ol_bytes material, ol_bytes salt, ol_bytes info, uint8_t *ret,
                              size_t size)
{
    uint8_t extracted[crypto_kdf_hkdf_sha512_KEYBYTES];
    if (size > OL_CRYPTO_HKDF_SHA512_BYTES_MAX)
        return OL_EINVAL;
    (void)crypto_kdf_hkdf_sha512_extract(extracted, salt.data, salt.len, material.data,
                                         material.len);
    (void)crypto_kdf_hkdf_sha512_expand(ret, size, (const char *)info.data, info.len, extracted);
    sodium_memzero(extracted, sizeof extracted);
    return 0;
}

bool ol_crypto_equal(ol_bytes a, ol_bytes b)
{
    return a.len == b.len && sodium_memcmp(a.data, b.data, a.len) == 0;
}

void ol_crypto_wipe(void *data, size_t size)
{
    sodium_memzero(data, size);
}
