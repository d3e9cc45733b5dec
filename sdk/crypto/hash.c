#include <crypto_hash_sha256.h>
#include <crypto_hash_sha512.h>
#include <string.h>

#include "lib/crypto/keccak.h"
#include "sdk/outlayer.h"

void ol_crypto_sha256(ol_bytes data, uint8_t ret[OL_CRYPTO_SHA256_BYTES])
{
    (void)crypto_hash_sha256(ret, data.data, data.len);
}

void ol_crypto_sha512(ol_bytes data, uint8_t ret[OL_CRYPTO_SHA512_BYTES])
{
    (void)crypto_hash_sha512(ret, data.data, data.len);
}

void ol_crypto_keccak256(ol_bytes data, uint8_t ret[OL_CRYPTO_KECCAK256_BYTES])
{
    ol_keccak256 hash = ol_keccak256_of(data);
    memcpy(ret, hash.bytes, sizeof hash.bytes);
}
