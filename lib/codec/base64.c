#include "lib/codec/base64.h"

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t ol_base64_text_len(size_t bytes)
{
    size_t groups = bytes / 3 + (bytes % 3 != 0);
    size_t len;
    return ol_size_mul(groups, 4, &len) ? len : SIZE_MAX;
}

static void encode(ol_bytes bytes, char *out)
{
    size_t i = 0;
    for (; i + 3 <= bytes.len; i += 3, out += 4) {
        const uint8_t *b = bytes.data + i;
        out[0] = ALPHABET[b[0] >> 2];
        out[1] = ALPHABET[(b[0] & 3) << 4 | b[1] >> 4];
        out[2] = ALPHABET[(b[1] & 15) << 2 | b[2] >> 6];
        out[3] = ALPHABET[b[2] & 63];
    }
    if (i < bytes.len) {
        bool two = bytes.len - i == 2;
        uint8_t first = bytes.data[i];
        uint8_t second = two ? bytes.data[i + 1] : 0;
        out[0] = ALPHABET[first >> 2];
        out[1] = ALPHABET[(first & 3) << 4 | second >> 4];
        out[2] = two ? ALPHABET[(second & 15) << 2] : '=';
        out[3] = '=';
    }
}

void ol_base64_add(ol_buf *into, ol_bytes bytes)
{
    size_t len = ol_base64_text_len(bytes.len);
    uint8_t *room = ol_buf_reserve(into, len);
    if (room == NULL)
        return;
    encode(bytes, (char *)room);
    into->len += len;
}

ol_str ol_base64_of(ol_arena *arena, ol_bytes bytes)
{
    size_t len = ol_base64_text_len(bytes.len);
    char *text = len < SIZE_MAX ? ol_arena_alloc(arena, len + 1) : NULL;
    if (text == NULL)
        return (ol_str){NULL, 0};
    encode(bytes, text);
    return (ol_str){text, len};
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Three bytes, or fewer in the last group; 0 when the group is malformed. */
static size_t decode_group(const char *text, bool last, uint8_t *out)
{
    size_t padding = !last || text[3] != '=' ? 0 : text[2] != '=' ? 1 : 2;
    uint32_t bits = 0;
    for (size_t i = 0; i < 4 - padding; i++) {
        int value = value_of(text[i]);
        if (value < 0)
            return 0;
        bits |= (uint32_t)value << (18 - 6 * i);
    }
    if ((padding == 1 && (bits & 0xFF) != 0) || (padding == 2 && (bits & 0xFFFF) != 0))
        return 0;
    for (size_t i = 0; i < 3 - padding; i++)
        out[i] = (uint8_t)(bits >> (16 - 8 * i));
    return 3 - padding;
}

bool ol_base64_decode_into(ol_str text, uint8_t *ret, size_t *ret_len)
{
    size_t len = 0;
    if (text.len % 4 != 0)
        return false;
    for (size_t at = 0; at < text.len; at += 4) {
        size_t bytes = decode_group(text.data + at, at + 4 == text.len, ret + len);
        if (bytes == 0)
            return false;
        len += bytes;
    }
    *ret_len = len;
    return true;
}

bool ol_base64_decode(ol_str text, ol_arena *arena, ol_bytes *ret)
{
    uint8_t *bytes = ol_arena_alloc(arena, text.len / 4 * 3 + 1);
    size_t len;
    if (bytes == NULL || !ol_base64_decode_into(text, bytes, &len))
        return false;
    *ret = (ol_bytes){bytes, len};
    return true;
}
