#include "lib/codec/hex.h"

static int value_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

void ol_hex_encode(ol_bytes bytes, char *ret_digits)
{
    static const char DIGITS[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.len; i++) {
        ret_digits[2 * i] = DIGITS[bytes.data[i] >> 4];
        ret_digits[2 * i + 1] = DIGITS[bytes.data[i] & 15];
    }
}

void ol_hex_add(ol_buf *into, ol_bytes bytes)
{
    size_t len;
    uint8_t *room = ol_size_mul(bytes.len, 2, &len) ? ol_buf_reserve(into, len) : NULL;
    if (room == NULL) {
        into->failed = true;
        return;
    }
    ol_hex_encode(bytes, (char *)room);
    into->len += len;
}

ol_str ol_hex_of(ol_arena *arena, ol_bytes bytes)
{
    size_t len;
    char *text =
        ol_size_mul(bytes.len, 2, &len) && len < SIZE_MAX ? ol_arena_alloc(arena, len + 1) : NULL;
    if (text == NULL)
        return (ol_str){NULL, 0};
    ol_hex_encode(bytes, text);
    return (ol_str){text, len};
}

bool ol_hex_is_digits(ol_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (value_of(text.data[i]) < 0)
            return false;
    }
    return true;
}

bool ol_hex_decode_fixed(ol_str digits, uint8_t *ret, size_t size)
{
    if (digits.len / 2 != size || digits.len % 2 != 0 || !ol_hex_is_digits(digits))
        return false;
    for (size_t i = 0; i < size; i++)
        ret[i] = (uint8_t)(value_of(digits.data[2 * i]) << 4 | value_of(digits.data[2 * i + 1]));
    return true;
}

bool ol_hex_decode(ol_str digits, ol_arena *arena, ol_bytes *ret)
{
    size_t size = digits.len / 2;
    if (digits.len % 2 != 0 || !ol_hex_is_digits(digits))
        return false;
    uint8_t *bytes = ol_arena_alloc(arena, size + 1);
    if (bytes == NULL || !ol_hex_decode_fixed(digits, bytes, size))
        return false;
    *ret = (ol_bytes){bytes, size};
    return true;
}
