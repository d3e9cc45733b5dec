/* Base58 with Bitcoin's alphabet, as NEAR writes keys, hashes and signatures. The work grows with
 * the square of the length, hence the limit. */
#ifndef OL_CODEC_BASE58_H
#define OL_CODEC_BASE58_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"

/* Longest input in bytes: a signature has 64, a transaction never travels in base58. */
enum { OL_BASE58_BYTES_MAX = 128, OL_BASE58_TEXT_MAX = 177 };

void ol_base58_add(ol_buf *into, ol_bytes bytes);     /* too long marks the buffer as failed */
ol_str ol_base58_of(ol_arena *arena, ol_bytes bytes); /* NULL data: too long, or arena full */

/* Exactly `size` bytes; false leaves *ret as it was. */
OL_MUST_USE bool ol_base58_decode_fixed(ol_str text, uint8_t *ret, size_t size);
/* Up to `size` bytes; false for other characters or more bytes. */
OL_MUST_USE bool ol_base58_decode(ol_str text, uint8_t *ret, size_t size, size_t *ret_len);

#endif
