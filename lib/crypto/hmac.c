#include "lib/crypto/hmac.h"

#include <string.h>

#include "lib/crypto/secret.h"

enum { BLOCK_BYTES = 64 }; /* of SHA-256 */

/* hash(key ^ pad, message) */
static ol_sha256 keyed(const uint8_t key[static BLOCK_BYTES], uint8_t pad, ol_bytes message)
{
    uint8_t block[BLOCK_BYTES];
    ol_sha256_stream stream;
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        block[i] = key[i] ^ pad;
    ol_sha256_stream_init(&stream);
    ol_sha256_stream_add(&stream, (ol_bytes){block, sizeof block});
    ol_sha256_stream_add(&stream, message);
    ol_wipe(block, sizeof block);
    return ol_sha256_stream_end(&stream);
}

ol_sha256 ol_hmac_sha256(ol_bytes key, ol_bytes message)
{
    uint8_t block[BLOCK_BYTES] = {0};
    if (key.len > BLOCK_BYTES) {
        ol_sha256 short_key = ol_sha256_of(key);
        memcpy(block, short_key.bytes, sizeof short_key.bytes);
        ol_wipe(&short_key, sizeof short_key);
    } else if (key.len > 0) {
        memcpy(block, key.data, key.len);
    }
    ol_sha256 inner = keyed(block, 0x36, message);
    ol_sha256 outer = keyed(block, 0x5c, ol_sha256_bytes(&inner));
    ol_wipe(block, sizeof block);
    return outer;
}

ol_sha256 ol_hkdf_sha256(ol_bytes material, ol_str info)
{
    static const uint8_t NO_SALT[OL_SHA256_BYTES]; /* RFC 5869 2.2: zeroes where there is none */
    uint8_t block[OL_HKDF_INFO_BYTES + 1];
    OL_ASSERT(info.len <= OL_HKDF_INFO_BYTES);
    ol_sha256 extracted = ol_hmac_sha256((ol_bytes){NO_SALT, sizeof NO_SALT}, material);
    if (info.len > 0)
        memcpy(block, info.data, info.len);
    block[info.len] = 1; /* the number of the block */
    ol_sha256 key = ol_hmac_sha256(ol_sha256_bytes(&extracted), (ol_bytes){block, info.len + 1});
    ol_wipe(&extracted, sizeof extracted);
    return key;
}
