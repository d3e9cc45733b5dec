/* Hexadecimal: lower case out, both cases in. */
#ifndef OL_CODEC_HEX_H
#define OL_CODEC_HEX_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"

/* Writes 2 * len digits, no NUL. */
void ol_hex_encode(ol_bytes bytes, char *ret_digits);
void ol_hex_add(ol_buf *into, ol_bytes bytes);
ol_str ol_hex_of(ol_arena *arena, ol_bytes bytes); /* NULL data when the arena is full */

/* Exactly 2 * size digits into `size` bytes; false leaves *ret as it was. */
OL_MUST_USE bool ol_hex_decode_fixed(ol_str digits, uint8_t *ret, size_t size);
/* An even number of digits; false for other text, or when the arena is full. */
OL_MUST_USE bool ol_hex_decode(ol_str digits, ol_arena *arena, ol_bytes *ret);
bool ol_hex_is_digits(ol_str text); /* of either case; true for none */

#endif
