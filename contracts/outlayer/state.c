#include "contracts/outlayer/state.h"

#include <string.h>

#include "contracts/outlayer/call.h"

ol_buf *state_begin(uint8_t first, size_t bytes)
{
    ol_buf *buf = near_alloc(sizeof *buf);
    *buf = ol_buf_over(near_alloc(bytes + 1), bytes + 1);
    ol_buf_add_char(buf, (char)first);
    return buf;
}

ol_bytes state_end(const ol_buf *buf)
{
    OL_ASSERT(ol_buf_ok(buf));
    return ol_buf_bytes(buf);
}

ol_bytes state_key(record kind)
{
    ol_buf *key = state_begin((uint8_t)kind, 0);
    return state_end(key);
}

ol_bytes state_key_u64(record kind, uint64_t number)
{
    ol_buf *key = state_begin((uint8_t)kind, sizeof number);
    for (int shift = 56; shift >= 0; shift -= 8)
        ol_buf_add_char(key, (char)(number >> shift));
    return state_end(key);
}

ol_bytes state_key_text(record kind, ol_str text)
{
    ol_buf *key = state_begin((uint8_t)kind, text.len);
    ol_buf_add_str(key, text);
    return state_end(key);
}

ol_borsh *state_open(ol_bytes record, uint8_t newest, uint8_t *ret_version)
{
    ol_borsh *cursor = near_alloc(sizeof *cursor);
    *cursor = ol_borsh_over(record);
    uint8_t version = ol_borsh_u8(cursor);
    REQUIRE(version >= 1 && version <= newest, "Unknown layout %u of a record", version);
    if (ret_version != NULL)
        *ret_version = version;
    return cursor;
}

void state_close(const ol_borsh *cursor)
{
    REQUIRE(ol_borsh_done(cursor), "A record has an unexpected length");
}

void state_add_number(ol_buf *into, ol_u128 value)
{
    uint8_t bytes[1 + sizeof value];
    uint8_t count = 0;
    for (; value != 0; value >>= 8)
        bytes[++count] = (uint8_t)value;
    bytes[0] = count;
    ol_buf_add(into, (ol_bytes){bytes, (size_t)count + 1});
}

/* Bytes off the front; NULL, and the cursor failed, when there are fewer. */
static const uint8_t *take(ol_borsh *cursor, size_t bytes)
{
    if (cursor->failed || cursor->rest.len < bytes) {
        cursor->failed = true;
        return NULL;
    }
    const uint8_t *at = cursor->rest.data;
    cursor->rest = (ol_bytes){at + bytes, cursor->rest.len - bytes};
    return at;
}

ol_u128 state_number(ol_borsh *cursor)
{
    uint8_t count = ol_borsh_u8(cursor);
    ol_u128 value = 0;
    const uint8_t *bytes = take(cursor, count <= sizeof value ? count : SIZE_MAX);
    if (bytes != NULL)
        memcpy(&value, bytes, count); /* little endian, as wasm is */
    return value;
}

/* Lengths below 128 take one byte, others four more. */
enum { LONG_TEXT = 0x80, NO_TEXT = 0x81 };

void state_add_text(ol_buf *into, ol_str text)
{
    if (text.len < LONG_TEXT) {
        ol_borsh_add_u8(into, (uint8_t)text.len);
        ol_buf_add_str(into, text);
        return;
    }
    ol_borsh_add_u8(into, LONG_TEXT);
    ol_borsh_add_str(into, text);
}

ol_str state_text(ol_borsh *cursor)
{
    size_t len = ol_borsh_u8(cursor);
    if (len == LONG_TEXT)
        len = ol_borsh_u32(cursor);
    else if (len > LONG_TEXT)
        cursor->failed = true;
    const uint8_t *at = take(cursor, len);
    return at == NULL ? OL_STR("") : (ol_str){(const char *)at, len};
}

void state_add_text_or_null(ol_buf *into, ol_str text)
{
    if (text.data == NULL)
        ol_borsh_add_u8(into, NO_TEXT);
    else
        state_add_text(into, text);
}

ol_str state_text_or_null(ol_borsh *cursor)
{
    if (cursor->rest.len == 0 || cursor->rest.data[0] != NO_TEXT)
        return state_text(cursor);
    (void)ol_borsh_u8(cursor);
    return (ol_str){NULL, 0};
}
