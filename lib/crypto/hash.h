/* SHA-256 and SHA-512. */
#ifndef OL_CRYPTO_HASH_H
#define OL_CRYPTO_HASH_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

enum { OL_SHA256_BYTES = 32, OL_SHA512_BYTES = 64 };

typedef struct ol_sha256 {
    uint8_t bytes[OL_SHA256_BYTES];
} ol_sha256;

typedef struct ol_sha512 {
    uint8_t bytes[OL_SHA512_BYTES];
} ol_sha512;

/* Lower-case hex, NUL-terminated. */
typedef struct ol_sha256_hex {
    char data[2 * OL_SHA256_BYTES + 1];
} ol_sha256_hex;

ol_sha256 ol_sha256_of(ol_bytes bytes);
ol_sha512 ol_sha512_of(ol_bytes bytes);
ol_sha256_hex ol_sha256_hex_of(ol_bytes bytes); /* hash and print in one */
ol_sha256_hex ol_sha256_format(const ol_sha256 *hash);
bool ol_sha256_parse(ol_str hex, ol_sha256 *ret);          /* 64 digits of either case */
bool ol_sha256_eq(const ol_sha256 *a, const ol_sha256 *b); /* constant time */

static inline ol_str ol_sha256_hex_str(const ol_sha256_hex *hex)
{
    return (ol_str){hex->data, sizeof hex->data - 1};
}

static inline ol_bytes ol_sha256_bytes(const ol_sha256 *hash)
{
    return (ol_bytes){hash->bytes, OL_SHA256_BYTES};
}

/* In pieces; nothing is allocated, nothing to free. */
typedef struct ol_sha256_stream {
    uint64_t state[16]; /* of the library below */
} ol_sha256_stream;

void ol_sha256_stream_init(ol_sha256_stream *stream);
void ol_sha256_stream_add(ol_sha256_stream *stream, ol_bytes bytes);
ol_sha256 ol_sha256_stream_end(ol_sha256_stream *stream);

#endif
