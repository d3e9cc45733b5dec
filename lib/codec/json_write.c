#include "lib/codec/json_write.h"

#include <math.h>

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

void ol_json_key(ol_json_writer *w, const char *key)
{
    ol_json_key_str(w, ol_str_of(key));
}

void ol_json_key_str(ol_json_writer *w, ol_str key)
{
    ol_json_add_str(w, key);
    ol_buf_add_char(w->into, ':');
    w->comma = false;
}

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
        size_t len = ol_utf8_char_len(ol_str_slice(text, at, text.len));
        if (len == 0)
            break;
        at += len;
    }
    return at;
}

static void add_escape(ol_buf *into, unsigned char c)
{
    static const char SHORT[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                 ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
    static const char HEX[] = "0123456789abcdef";
    ol_buf_add_char(into, '\\');
    if (c < sizeof SHORT && SHORT[c] != 0) {
        ol_buf_add_char(into, SHORT[c]);
        return;
    }
    ol_buf_add_str(into, OL_STR("u00"));
    ol_buf_add_char(into, HEX[c >> 4]);
    ol_buf_add_char(into, HEX[c & 15]);
}

void ol_json_escape(ol_buf *into, ol_str text)
{
    while (text.len > 0 && ol_buf_ok(into)) {
        size_t plain = plain_len(text);
        ol_buf_add_str(into, (ol_str){text.data, plain});
        text = ol_str_slice(text, plain, text.len);
        if (text.len == 0)
            break;
        unsigned char c = (unsigned char)text.data[0];
        if (c < 0x80) {
            add_escape(into, c);
            text = ol_str_slice(text, 1, text.len);
        } else { /* no character: everything up to the next ASCII byte, repaired */
            size_t run = 1;
            while (run < text.len && (unsigned char)text.data[run] >= 0x80)
                run++;
            ol_utf8_add_lossy(into, ol_str_bytes((ol_str){text.data, run}));
            text = ol_str_slice(text, run, text.len);
        }
    }
}

void ol_json_add_raw(ol_json_writer *w, ol_str json)
{
    separate(w);
    ol_buf_add_str(w->into, json);
}

void ol_json_add_null(ol_json_writer *w)
{
    ol_json_add_raw(w, OL_STR("null"));
}

void ol_json_add_bool(ol_json_writer *w, bool value)
{
    ol_json_add_raw(w, value ? OL_STR("true") : OL_STR("false"));
}

void ol_json_add_str(ol_json_writer *w, ol_str value)
{
    separate(w);
    ol_buf_add_char(w->into, '"');
    ol_json_escape(w->into, value);
    ol_buf_add_char(w->into, '"');
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
    ol_json_add_raw(w, (ol_str){text.data, text.len});
}

void ol_json_add_dec(ol_json_writer *w, ol_u128 value)
{
    ol_u128_text text = ol_u128_format(value);
    ol_json_add_str(w, (ol_str){text.data, text.len});
}

void ol_json_add_double(ol_json_writer *w, double value)
{
    if (!isfinite(value)) {
        ol_json_add_null(w);
        return;
    }
    ol_double_text text = ol_double_format(value);
    ol_json_add_raw(w, (ol_str){text.data, text.len});
}

void ol_json_add_hex(ol_json_writer *w, ol_bytes value)
{
    separate(w);
    ol_buf_add_char(w->into, '"');
    ol_hex_add(w->into, value);
    ol_buf_add_char(w->into, '"');
}

void ol_json_add_base64(ol_json_writer *w, ol_bytes value)
{
    separate(w);
    ol_buf_add_char(w->into, '"');
    ol_base64_add(w->into, value);
    ol_buf_add_char(w->into, '"');
}

void ol_json_add_byte_array(ol_json_writer *w, ol_bytes value)
{
    ol_json_array_begin(w);
    for (size_t i = 0; i < value.len && ol_buf_ok(w->into); i++) {
        uint8_t byte = value.data[i];
        char text[4];
        size_t len = 0;
        if (i > 0)
            text[len++] = ',';
        if (byte >= 100)
            text[len++] = (char)('0' + byte / 100);
        if (byte >= 10)
            text[len++] = (char)('0' + byte / 10 % 10);
        text[len++] = (char)('0' + byte % 10);
        ol_buf_add_str(w->into, (ol_str){text, len});
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
