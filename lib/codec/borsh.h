/* Borsh, NEAR's binary form: little-endian integers, 32-bit lengths, one byte for options. */
#ifndef OL_CODEC_BORSH_H
#define OL_CODEC_BORSH_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

void ol_borsh_add_u8(ol_buf *into, uint8_t value);
void ol_borsh_add_u16(ol_buf *into, uint16_t value);
void ol_borsh_add_u32(ol_buf *into, uint32_t value);
void ol_borsh_add_u64(ol_buf *into, uint64_t value);
void ol_borsh_add_u128(ol_buf *into, ol_u128 value);
void ol_borsh_add_bool(ol_buf *into, bool value);
/* Length, then bytes; more than 2^32 - 1 marks the buffer as failed. */
void ol_borsh_add_bytes(ol_buf *into, ol_bytes bytes);
void ol_borsh_add_str(ol_buf *into, ol_str text);
void ol_borsh_add_fixed(ol_buf *into, ol_bytes bytes); /* no length before */

/* A cursor over bytes. Failure is sticky: reads past the end give zeroes and mark the cursor, so
 * that a decoder reads freely and asks once, at the end. */
typedef struct ol_borsh {
    ol_bytes rest;
    bool failed;
} ol_borsh;

static inline ol_borsh ol_borsh_over(ol_bytes bytes)
{
    return (ol_borsh){bytes, false};
}

uint8_t ol_borsh_u8(ol_borsh *cursor);
uint16_t ol_borsh_u16(ol_borsh *cursor);
uint32_t ol_borsh_u32(ol_borsh *cursor);
uint64_t ol_borsh_u64(ol_borsh *cursor);
ol_u128 ol_borsh_u128(ol_borsh *cursor);
bool ol_borsh_bool(ol_borsh *cursor);      /* 0 or 1, else failed; also an option's first byte */
ol_bytes ol_borsh_bytes(ol_borsh *cursor); /* borrowed */
ol_str ol_borsh_str(ol_borsh *cursor);     /* borrowed, UTF-8 */
void ol_borsh_fixed(ol_borsh *cursor, uint8_t *ret, size_t size);

/* Everything was there and nothing is left. */
static inline bool ol_borsh_done(const ol_borsh *cursor)
{
    return !cursor->failed && cursor->rest.len == 0;
}

#endif
