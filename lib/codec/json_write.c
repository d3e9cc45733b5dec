#include "lib/codec/json_write.h"

#include <math.h>
#include <string.h>

#include "lib/codec/base64.h"
#include "lib/codec/block.h"
#include "lib/codec/double.h"
#include "lib/codec/hex.h"
#include "lib/codec/utf8.h"

ol_json_writer ol_json_writer_over(ol_buf *into)
{
    return (ol_json_writer){.into = into};
}

/* A value or key is due: separates it from what stands before. */
static void separate(ol_json_writer *w)
{
    if (w->comma)
        ol_buf_add_char(w->into, ',');
    w->comma = true;
}

static void begin(ol_json_writer *w, char bracket)
{
    separate(w);
    ol_buf_add_char(w->into, bracket);
    w->depth++;
    w->comma = false;
}

static void end(ol_json_writer *w, char bracket)
{
    OL_ASSERT(w->depth > 0);
    ol_buf_add_char(w->into, bracket);
    w->depth--;
    w->comma = true;
}

void ol_json_object_begin(ol_json_writer *w)
{
    begin(w, '{');
}

void ol_json_object_end(ol_json_writer *w)
{
    end(w, '}');
}

void ol_json_array_begin(ol_json_writer *w)
{
    begin(w, '[');
}

void ol_json_array_end(ol_json_writer *w)
{
    end(w, ']');
}

/* Keys of the program need no escapes: they are copied, with everything around them in one step. */
void ol_json_key(ol_json_writer *w, const char *key)
{
    enum { AROUND_BYTES = sizeof ",\\\"\\\":" };
    size_t len = strlen(key);
    char *at = (char *)ol_buf_reserve(w->into, len + AROUND_BYTES);
    if (at == NULL)
        return;
    char *begin = at;
    if (w->comma)
        *at++ = ',';
    if (w->nested)
        *at++ = '\\';
    *at++ = '"';
    memcpy(at, key, len);
    at += len;
    if (w->nested)
        *at++ = '\\';
    *at++ = '"';
    *at++ = ':';
    w->into->len += (size_t)(at - begin);
    w->comma = false;
}

void ol_json_key_str(ol_json_writer *w, ol_str key)
{
    ol_json_add_str(w, key);
    ol_buf_add_char(w->into, ':');
    w->comma = false;
}

#ifndef OL_TEXT_IS_UTF8
/* Bytes at the start that stand for themselves in a JSON string. */
static size_t plain_len(ol_str text)
{
    size_t at = 0;
    while (at < text.len) {
        if (text.len - at >= OL__BLOCK_BYTES) {
            unsigned mask = ol__block_string_special(ol__block_load(text.data + at));
            if (mask == 0) {
                at += OL__BLOCK_BYTES;
                continue;
            }
            at += (size_t)__builtin_ctz(mask);
        }
        char c = text.data[at];
        if (c == '"' || c == '\\' || (unsigned char)c < ' ')
            break;
        if ((signed char)c > 0) {
            at++;
            continue;
        }
        size_t len = ol_utf8_char_len(ol_str_slice(text, at, text.len));
        if (len == 0)
            break;
        at += len;
    }
    return at;
}
#endif

/* An escape, `times` times escaped: `\n`, `\\n`. */
static void add_escape(ol_buf *into, unsigned char c, unsigned times)
{
    static const char SHORT[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                 ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
    static const char HEX[] = "0123456789abcdef";
    bool is_short = c < sizeof SHORT && SHORT[c] != 0;
    ol_buf_add_char(into, '\\');
    if (times == 2) {
        ol_buf_add_char(into, '\\');
        if (c == '"' || c == '\\')
            ol_buf_add_char(into, '\\');
    }
    if (is_short) {
        ol_buf_add_char(into, SHORT[c]);
        return;
    }
    ol_buf_add_str(into, OL_STR("u00"));
    ol_buf_add_char(into, HEX[c >> 4]);
    ol_buf_add_char(into, HEX[c & 15]);
}

#ifdef OL_TEXT_IS_UTF8
/* Every text was checked when it was read, as in contracts: what is not ASCII is copied. */
static bool ol__byte_is_plain(char c)
{
    return (unsigned char)c >= ' ';
}

static uint64_t ol__word_escaped(uint64_t word)
{
    return ol__word_special(word) & ~word;
}
#elif defined(OL__BLOCK_IS_WORDS)
static bool ol__byte_is_plain(char c)
{
    return (signed char)c >= ' ';
}

static uint64_t ol__word_escaped(uint64_t word)
{
    return ol__word_special(word);
}
#endif

#ifdef OL__BLOCK_IS_WORDS
/* Copies and looks in one step, eight or sixteen bytes at a time, as long as there is room; quotes
 * and backslashes are escaped on the way. Returns what is left: what begins with another byte that
 * is not plain, or does not fit. */
static ol_str escape_words(ol_buf *into, ol_str text, unsigned times)
{
    enum { WORD = sizeof(uint64_t), ESCAPED_BYTES_MAX = 4 };
    const char *at = text.data;
    const char *end = at + text.len;
    uint8_t *out = into->data + into->len;
    const uint8_t *limit = into->data + into->size;
    while (at < end && limit - out >= WORD + ESCAPED_BYTES_MAX) {
        if (end - at >= WORD) {
            ol__word word = *(const ol__word *)(const void *)at;
            uint64_t special = ol__word_escaped(word.bits);
            size_t plain = special == 0 ? WORD : (size_t)__builtin_ctzll(special) / 8;
            *(ol__word *)(void *)out = word; /* behind `plain` it is overwritten */
            at += plain;
            out += plain;
            while (special == 0 && end - at >= OL__BLOCK_BYTES && limit - out >= OL__BLOCK_BYTES) {
                ol__block b = ol__block_load(at);
                if ((ol__word_escaped(b.low) | ol__word_escaped(b.high)) != 0)
                    break;
                ol__block_store(b, out);
                at += OL__BLOCK_BYTES;
                out += OL__BLOCK_BYTES;
            }
            if (special == 0)
                continue;
        }
        char c = *at;
        if (c == '"' || c == '\\') {
            for (unsigned i = times == 2 ? 3 : 1; i > 0; i--)
                *out++ = '\\';
        } else if (!ol__byte_is_plain(c)) {
            break;
        }
        *out++ = (uint8_t)c;
        at++;
    }
    into->len = (size_t)(out - into->data);
    return (ol_str){at, (size_t)(end - at)};
}
#else
static ol_str escape_words(ol_buf *into, ol_str text, unsigned times)
{
    (void)into;
    (void)times;
    return text;
}
#endif

static void escape(ol_buf *into, ol_str text, unsigned times)
{
    while (text.len > 0 && ol_buf_ok(into)) {
        text = escape_words(into, text, times);
        if (text.len == 0)
            break;
#ifdef OL_TEXT_IS_UTF8
        /* A control character, or no room for words. */
        if ((unsigned char)text.data[0] >= ' ' && text.data[0] != '"' && text.data[0] != '\\')
            ol_buf_add_char(into, text.data[0]);
        else
            add_escape(into, (unsigned char)text.data[0], times);
        text = (ol_str){text.data + 1, text.len - 1};
#else
        size_t plain = plain_len(text);
        ol_buf_add_str(into, (ol_str){text.data, plain});
        text = ol_str_slice(text, plain, text.len);
        if (text.len == 0)
            break;
        unsigned char c = (unsigned char)text.data[0];
        if (c < 0x80) {
            add_escape(into, c, times);
            text = ol_str_slice(text, 1, text.len);
        } else { /* no character: everything up to the next ASCII byte, repaired */
            size_t run = 1;
            while (run < text.len && (unsigned char)text.data[run] >= 0x80)
                run++;
            ol_utf8_add_lossy(into, ol_str_bytes((ol_str){text.data, run}));
            text = ol_str_slice(text, run, text.len);
        }
#endif
    }
}

void ol_json_escape(ol_buf *into, ol_str text)
{
    escape(into, text, 1);
}

static void quote(ol_json_writer *w)
{
    if (w->nested)
        ol_buf_add_char(w->into, '\\');
    ol_buf_add_char(w->into, '"');
}

void ol_json_text_begin(ol_json_writer *w)
{
    OL_ASSERT(!w->nested);
    separate(w);
    quote(w);
    w->nested = true;
    w->comma = false;
}

void ol_json_text_end(ol_json_writer *w)
{
    OL_ASSERT(w->nested);
    w->nested = false;
    quote(w);
    w->comma = true;
}

void ol_json_add_raw(ol_json_writer *w, ol_str json)
{
    separate(w);
    if (w->nested)
        escape(w->into, json, 1);
    else
        ol_buf_add_str(w->into, json);
}

/* null, true, numbers: nothing in them needs an escape. */
static void add_word(ol_json_writer *w, ol_str word)
{
    separate(w);
    ol_buf_add_str(w->into, word);
}

void ol_json_add_null(ol_json_writer *w)
{
    add_word(w, OL_STR("null"));
}

void ol_json_add_bool(ol_json_writer *w, bool value)
{
    add_word(w, value ? OL_STR("true") : OL_STR("false"));
}

void ol_json_add_str(ol_json_writer *w, ol_str value)
{
    separate(w);
    quote(w);
    escape(w->into, value, w->nested ? 2 : 1);
    quote(w);
}

void ol_json_add_cstr(ol_json_writer *w, const char *value)
{
    ol_json_add_str(w, ol_str_of(value));
}

void ol_json_add_u64(ol_json_writer *w, uint64_t value)
{
    ol_json_add_u128(w, value);
}

void ol_json_add_i64(ol_json_writer *w, int64_t value)
{
    separate(w);
    if (value < 0)
        ol_buf_add_char(w->into, '-');
    ol_u128_text text = ol_u128_format(value < 0 ? -(ol_u128)value : (ol_u128)value);
    ol_buf_add_str(w->into, (ol_str){text.data, text.len});
}

void ol_json_add_u128(ol_json_writer *w, ol_u128 value)
{
    ol_u128_text text = ol_u128_format(value);
    add_word(w, (ol_str){text.data, text.len});
}

void ol_json_add_dec(ol_json_writer *w, ol_u128 value)
{
    ol_u128_text text = ol_u128_format(value);
    separate(w);
    quote(w);
    ol_buf_add_str(w->into, (ol_str){text.data, text.len});
    quote(w);
}

void ol_json_add_double(ol_json_writer *w, double value)
{
    if (!isfinite(value)) {
        ol_json_add_null(w);
        return;
    }
    ol_double_text text = ol_double_format(value);
    add_word(w, (ol_str){text.data, text.len});
}

void ol_json_add_hex(ol_json_writer *w, ol_bytes value)
{
    separate(w);
    quote(w);
    ol_hex_add(w->into, value);
    quote(w);
}

void ol_json_add_base64(ol_json_writer *w, ol_bytes value)
{
    separate(w);
    quote(w);
    ol_base64_add(w->into, value);
    quote(w);
}

void ol_json_add_byte_array(ol_json_writer *w, ol_bytes value)
{
    enum { ITEM_BYTES_MAX = sizeof ",255" - 1, STEP = 64 };
    ol_json_array_begin(w);
    for (size_t i = 0; i < value.len;) {
        size_t stop = value.len - i < STEP ? value.len : i + STEP;
        char *begin = (char *)ol_buf_reserve(w->into, (stop - i) * ITEM_BYTES_MAX);
        char *at = begin;
        if (at == NULL)
            return;
        for (; i < stop; i++) {
            unsigned byte = value.data[i];
            if (i > 0)
                *at++ = ',';
            if (byte >= 100)
                *at++ = (char)('0' + byte / 100);
            if (byte >= 10)
                *at++ = (char)('0' + byte / 10 % 10);
            *at++ = (char)('0' + byte % 10);
        }
        w->into->len += (size_t)(at - begin);
    }
    ol_json_array_end(w);
}

#define OL_JSON_PUT(suffix, type)                                                                  \
    void ol_json_put_##suffix(ol_json_writer *w, const char *key, type value)                      \
    {                                                                                              \
        ol_json_key(w, key);                                                                       \
        ol_json_add_##suffix(w, value);                                                            \
    }
OL_JSON_PUTS
#undef OL_JSON_PUT

void ol_json_put_null(ol_json_writer *w, const char *key)
{
    ol_json_key(w, key);
    ol_json_add_null(w);
}
