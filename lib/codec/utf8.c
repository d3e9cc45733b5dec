#include "lib/codec/utf8.h"

#include "lib/codec/block.h"

#define REPLACEMENT OL_STR("\xEF\xBF\xBD")

/* What the lead byte says: length, and the range of the second byte, which keeps out long forms,
 * surrogates and what lies beyond U+10FFFF (Unicode, table 3-7). */
static size_t expected(uint8_t lead, uint8_t *ret_low, uint8_t *ret_high)
{
    *ret_low = 0x80;
    *ret_high = 0xBF;
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    if (lead == 0xE0)
        *ret_low = 0xA0;
    if (lead == 0xED)
        *ret_high = 0x9F;
    if (lead == 0xF0)
        *ret_low = 0x90;
    if (lead == 0xF4)
        *ret_high = 0x8F;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* Bytes at the start that could begin a character; all of it when *ret_whole. */
static size_t character(const uint8_t *at, size_t len, bool *ret_whole)
{
    uint8_t low, high;
    size_t want = expected(at[0], &low, &high);
    *ret_whole = want == 1;
    if (want <= 1)
        return 1;
    for (size_t i = 1; i < want; i++) {
        if (i >= len || at[i] < (i == 1 ? low : 0x80) || at[i] > (i == 1 ? high : 0xBF))
            return i;
    }
    *ret_whole = true;
    return want;
}

size_t ol_utf8_char_len(ol_str text)
{
    bool whole;
    if (text.len == 0)
        return 0;
    size_t len = character(ol_str_bytes(text).data, text.len, &whole);
    return whole ? len : 0;
}

size_t ol_utf8_valid_len(ol_str text)
{
    size_t at = 0;
    while (at < text.len) {
        if (text.len - at >= OL__BLOCK_BYTES) {
            unsigned mask = ol__block_not_ascii(ol__block_load(text.data + at));
            at += mask == 0 ? OL__BLOCK_BYTES : (size_t)__builtin_ctz(mask);
            if (mask == 0)
                continue;
        }
        size_t len = ol_utf8_char_len((ol_str){text.data + at, text.len - at});
        if (len == 0)
            return at;
        at += len;
    }
    return at;
}

bool ol_utf8_valid(ol_str text)
{
    return ol_utf8_valid_len(text) == text.len;
}

void ol_utf8_add_lossy(ol_buf *into, ol_bytes bytes)
{
    while (bytes.len > 0 && ol_buf_ok(into)) {
        size_t valid = ol_utf8_valid_len(ol_bytes_str(bytes));
        ol_buf_add(into, (ol_bytes){bytes.data, valid});
        bytes = (ol_bytes){bytes.data + valid, bytes.len - valid};
        if (bytes.len > 0) {
            bool whole;
            size_t bad = character(bytes.data, bytes.len, &whole);
            OL_ASSERT(!whole);
            ol_buf_add_str(into, REPLACEMENT);
            bytes = (ol_bytes){bytes.data + bad, bytes.len - bad};
        }
    }
}

ol_str ol_utf8_cut(ol_str text, size_t bytes_max)
{
    if (text.len <= bytes_max)
        return text;
    size_t end = bytes_max;
    /* At most three steps back: a character has at most three bytes that continue it. */
    for (int i = 0; i < 3 && end > 0 && ((uint8_t)text.data[end] & 0xC0) == 0x80; i++)
        end--;
    return (ol_str){text.data, end};
}

size_t ol_utf8_put(uint32_t code_point, char ret[4])
{
    if (code_point < 0x80) {
        ret[0] = (char)code_point;
        return 1;
    }
    size_t len = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    static const uint8_t LEAD[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = len - 1; i > 0; i--) {
        ret[i] = (char)(0x80 | (code_point & 0x3F));
        code_point >>= 6;
    }
    ret[0] = (char)(LEAD[len] | code_point);
    return len;
}
