#include "lib/codec/borsh.h"

#include <string.h>

#include "lib/codec/utf8.h"

static void add_little_endian(ol_buf *into, ol_u128 value, size_t size)
{
    uint8_t bytes[sizeof value];
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    ol_buf_add(into, (ol_bytes){bytes, size});
}

void ol_borsh_add_u8(ol_buf *into, uint8_t value)
{
    add_little_endian(into, value, 1);
}

void ol_borsh_add_u16(ol_buf *into, uint16_t value)
{
    add_little_endian(into, value, 2);
}

void ol_borsh_add_u32(ol_buf *into, uint32_t value)
{
    add_little_endian(into, value, 4);
}

void ol_borsh_add_u64(ol_buf *into, uint64_t value)
{
    add_little_endian(into, value, 8);
}

void ol_borsh_add_u128(ol_buf *into, ol_u128 value)
{
    add_little_endian(into, value, 16);
}

void ol_borsh_add_bool(ol_buf *into, bool value)
{
    ol_borsh_add_u8(into, value);
}

void ol_borsh_add_bytes(ol_buf *into, ol_bytes bytes)
{
    uint32_t len;
    if (!ol_u32_of(bytes.len, &len)) {
        into->failed = true;
        return;
    }
    ol_borsh_add_u32(into, len);
    ol_buf_add(into, bytes);
}

void ol_borsh_add_str(ol_buf *into, ol_str text)
{
    ol_borsh_add_bytes(into, ol_str_bytes(text));
}

void ol_borsh_add_fixed(ol_buf *into, ol_bytes bytes)
{
    ol_buf_add(into, bytes);
}

/* The next bytes; NULL, and the cursor marked, when there are fewer. */
static const uint8_t *take(ol_borsh *cursor, size_t size)
{
    if (cursor->failed || cursor->rest.len < size) {
        cursor->failed = true;
        return NULL;
    }
    const uint8_t *bytes = cursor->rest.data;
    cursor->rest.data += size;
    cursor->rest.len -= size;
    return bytes;
}

static ol_u128 take_little_endian(ol_borsh *cursor, size_t size)
{
    const uint8_t *bytes = take(cursor, size);
    ol_u128 value = 0;
    for (size_t i = size; bytes != NULL && i > 0; i--)
        value = value << 8 | bytes[i - 1];
    return value;
}

uint8_t ol_borsh_u8(ol_borsh *cursor)
{
    return (uint8_t)take_little_endian(cursor, 1);
}

uint16_t ol_borsh_u16(ol_borsh *cursor)
{
    return (uint16_t)take_little_endian(cursor, 2);
}

uint32_t ol_borsh_u32(ol_borsh *cursor)
{
    return (uint32_t)take_little_endian(cursor, 4);
}

uint64_t ol_borsh_u64(ol_borsh *cursor)
{
    return (uint64_t)take_little_endian(cursor, 8);
}

ol_u128 ol_borsh_u128(ol_borsh *cursor)
{
    return take_little_endian(cursor, 16);
}

bool ol_borsh_bool(ol_borsh *cursor)
{
    uint8_t byte = ol_borsh_u8(cursor);
    if (byte > 1)
        cursor->failed = true;
    return byte == 1;
}

ol_bytes ol_borsh_bytes(ol_borsh *cursor)
{
    size_t len = ol_borsh_u32(cursor);
    const uint8_t *bytes = take(cursor, len);
    return (ol_bytes){bytes, bytes == NULL ? 0 : len};
}

ol_str ol_borsh_str(ol_borsh *cursor)
{
    ol_str text = ol_bytes_str(ol_borsh_bytes(cursor));
    if (!ol_utf8_valid(text))
        cursor->failed = true;
    return cursor->failed ? (ol_str){"", 0} : text;
}

void ol_borsh_fixed(ol_borsh *cursor, uint8_t *ret, size_t size)
{
    const uint8_t *bytes = take(cursor, size);
    if (bytes == NULL)
        memset(ret, 0, size);
    else
        memcpy(ret, bytes, size);
}
