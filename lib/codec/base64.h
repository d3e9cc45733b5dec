/* Base64 (RFC 4648 4): standard alphabet, padded, and decoded as strictly: padding is required,
 * bits behind the end must be zero, white space is refused. */
#ifndef OL_CODEC_BASE64_H
#define OL_CODEC_BASE64_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"

/* Characters of `bytes` encoded bytes; SIZE_MAX where they do not fit a size. */
size_t ol_base64_text_len(size_t bytes);
void ol_base64_add(ol_buf *into, ol_bytes bytes);
ol_str ol_base64_of(ol_arena *arena, ol_bytes bytes); /* NULL data when the arena is full */

/* Into `ret`, which must hold text.len / 4 * 3 bytes. */
OL_MUST_USE bool ol_base64_decode_into(ol_str text, uint8_t *ret, size_t *ret_len);
/* false for other text, or when the arena is full. */
OL_MUST_USE bool ol_base64_decode(ol_str text, ol_arena *arena, ol_bytes *ret);

#endif
