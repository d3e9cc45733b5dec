#include "lib/codec/base58.h"

#include <string.h>

static const char ALPHABET[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/* Digits of base 58, least significant first. Returns their count. */
static size_t to_digits(ol_bytes bytes, uint8_t digits[OL_BASE58_TEXT_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned carry = bytes.data[i];
        for (size_t j = 0; j < count; j++) {
            carry += (unsigned)digits[j] << 8;
            digits[j] = (uint8_t)(carry % 58);
            carry /= 58;
        }
        for (; carry > 0; carry /= 58) {
            OL_ASSERT(count < OL_BASE58_TEXT_MAX);
            digits[count++] = (uint8_t)(carry % 58);
        }
    }
    return count;
}

void ol_base58_add(ol_buf *into, ol_bytes bytes)
{
    uint8_t digits[OL_BASE58_TEXT_MAX];
    if (bytes.len > OL_BASE58_BYTES_MAX) {
        into->failed = true;
        return;
    }
    for (size_t i = 0; i < bytes.len && bytes.data[i] == 0; i++)
        ol_buf_add_char(into, ALPHABET[0]);
    for (size_t i = to_digits(bytes, digits); i > 0; i--)
        ol_buf_add_char(into, ALPHABET[digits[i - 1]]);
}

ol_str ol_base58_of(ol_arena *arena, ol_bytes bytes)
{
    char storage[OL_BASE58_BYTES_MAX + OL_BASE58_TEXT_MAX];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_str copy;
    ol_base58_add(&text, bytes);
    if (!ol_buf_ok(&text) || !ol_arena_copy(arena, ol_buf_str(&text), &copy))
        return (ol_str){NULL, 0};
    return copy;
}

static int value_of(char c)
{
    const char *hit = memchr(ALPHABET, c, sizeof ALPHABET - 1);
    return hit == NULL ? -1 : (int)(hit - ALPHABET);
}

bool ol_base58_decode(ol_str text, uint8_t *ret, size_t size, size_t *ret_len)
{
    uint8_t bytes[OL_BASE58_BYTES_MAX]; /* least significant first */
    size_t count = 0;
    size_t zeros = 0;
    if (text.len > OL_BASE58_TEXT_MAX)
        return false;
    while (zeros < text.len && text.data[zeros] == ALPHABET[0])
        zeros++;
    for (size_t i = zeros; i < text.len; i++) {
        int digit = value_of(text.data[i]);
        if (digit < 0)
            return false;
        unsigned carry = (unsigned)digit;
        for (size_t j = 0; j < count; j++) {
            carry += (unsigned)bytes[j] * 58;
            bytes[j] = (uint8_t)carry;
            carry >>= 8;
        }
        if (carry > 0) {
            if (count == sizeof bytes)
                return false;
            bytes[count++] = (uint8_t)carry;
        }
    }
    if (zeros + count > size)
        return false;
    memset(ret, 0, zeros);
    for (size_t i = 0; i < count; i++)
        ret[zeros + i] = bytes[count - 1 - i];
    *ret_len = zeros + count;
    return true;
}

bool ol_base58_decode_fixed(ol_str text, uint8_t *ret, size_t size)
{
    uint8_t bytes[OL_BASE58_BYTES_MAX];
    size_t len;
    OL_ASSERT(size <= sizeof bytes);
    if (!ol_base58_decode(text, bytes, sizeof bytes, &len) || len != size)
        return false;
    memcpy(ret, bytes, size);
    return true;
}
