/* Values of a type that is asked for. */
#include <stdarg.h>
#include <stdio.h>

#include "lib/codec/double.h"
#include "lib/codec/json_error.h"
#include "lib/codec/json_read.h"
#include "lib/codec/utf8.h"

enum { WORDS_BYTES = 400, QUOTED_BYTES_MAX = 128 };

static const char *last_byte(const ol_json *value)
{
    /* A container is refused at its bracket: nothing within was looked at. */
    if (ol_json_kind_of(value) >= OL_JSON_ARRAY)
        return value->raw.data;
    return value->raw.data + value->raw.len - 1;
}

static ol_rc wrong(const ol_json *value, const char *words, ol_err *err)
{
    /* The path includes the value itself, not what is inside of it. */
    const char *at = last_byte(value);
    return ol__json_fail(err, OL_ERR_SHAPE, value->doc, value->raw.data, at, at + 1, words);
}

ol_rc ol_json_wrong_shape(const ol_json *value, ol_err *err, const char *format, ...)
{
    char words[WORDS_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    return wrong(value, words, err);
}

static bool is_integer(ol_str number)
{
    size_t at = number.len > 0 && number.data[0] == '-';
    for (; at < number.len; at++) {
        if (number.data[at] < '0' || number.data[at] > '9')
            return false;
    }
    return !ol_str_eq(number, OL_STR("-0"));
}

#ifndef OL_SHORT_FAULTS
static void describe(const ol_json *value, char words[static WORDS_BYTES])
{
    ol_str shown = ol_utf8_cut(value->raw, QUOTED_BYTES_MAX);
    const char *more = shown.len < value->raw.len ? "…" : "";
    const char *format = "null";
    switch (ol_json_kind_of(value)) {
    case OL_JSON_NULL:
        break;
    case OL_JSON_BOOL:
        format = "boolean `%.*s%s`";
        break;
    case OL_JSON_NUMBER:
        format = is_integer(value->raw) ? "integer `%.*s%s`" : "floating point `%.*s%s`";
        break;
    case OL_JSON_STRING:
        format = "string %.*s%s";
        break;
    case OL_JSON_ARRAY:
        format = "sequence";
        break;
    case OL_JSON_OBJECT:
        format = "map";
        break;
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(words, WORDS_BYTES, format, OL_FMT(shown), more);
#pragma GCC diagnostic pop
}
#endif

#ifdef OL_SHORT_FAULTS
/* What was expected is enough where code is paid by the byte. */
ol_rc ol_json_wrong_type(const ol_json *value, const char *expected, ol_err *err)
{
    return ol_json_wrong_shape(value, err, "invalid type: expected %s", expected);
}
#else
ol_rc ol_json_wrong_type(const ol_json *value, const char *expected, ol_err *err)
{
    char what[WORDS_BYTES];
    describe(value, what);
    return ol_json_wrong_shape(value, err, "invalid type: %s, expected %s", what, expected);
}
#endif

ol_rc ol_json_bool(const ol_json *value, bool *ret, ol_err *err)
{
    if (ol_json_kind_of(value) != OL_JSON_BOOL)
        return ol_json_wrong_type(value, "a boolean", err);
    *ret = value->raw.data[0] == 't';
    return OL_OK;
}

/* An integer within [low, high]: magnitude and sign apart, so that both ends of 128 bits fit. */
typedef struct integer_type {
    const char *name;
    ol_u128 below; /* largest magnitude of a negative one */
    ol_u128 above;
} integer_type;

static ol_rc integer(const ol_json *value, const integer_type *type, bool *ret_negative,
                     ol_u128 *ret, ol_err *err)
{
    ol_str text = value->raw;
    ol_u128 magnitude;
    if (ol_json_kind_of(value) != OL_JSON_NUMBER || !is_integer(text))
        return ol_json_wrong_type(value, type->name, err);
    bool negative = text.data[0] == '-';
    if (!ol_u128_parse(ol_str_slice(text, negative, text.len), &magnitude) ||
        magnitude > (negative ? type->below : type->above)) {
        ol_str shown = ol_str_slice(text, 0, QUOTED_BYTES_MAX);
        return ol_json_wrong_shape(value, err, "invalid value: integer `%.*s`, expected %s",
                                   OL_FMT(shown), type->name);
    }
    *ret_negative = negative;
    *ret = magnitude;
    return OL_OK;
}

#define UNSIGNED_ROW(function, type)                                                               \
    ol_rc ol_json_##function(const ol_json *value, type *ret, ol_err *err)                         \
    {                                                                                              \
        static const integer_type TYPE = {#function, 0, (type) ~(type)0};                          \
        bool negative;                                                                             \
        ol_u128 magnitude;                                                                         \
        OL_TRY(integer(value, &TYPE, &negative, &magnitude, err));                                 \
        *ret = (type)magnitude;                                                                    \
        return OL_OK;                                                                              \
    }

UNSIGNED_ROW(u8, uint8_t)
UNSIGNED_ROW(u32, uint32_t)
UNSIGNED_ROW(u64, uint64_t)
UNSIGNED_ROW(u128, ol_u128)

ol_rc ol_json_i64(const ol_json *value, int64_t *ret, ol_err *err)
{
    static const integer_type TYPE = {"i64", (ol_u128)1 << 63, ((ol_u128)1 << 63) - 1};
    bool negative;
    ol_u128 magnitude;
    OL_TRY(integer(value, &TYPE, &negative, &magnitude, err));
    *ret = (int64_t)(negative ? -magnitude : magnitude);
    return OL_OK;
}

ol_rc ol_json_i128(const ol_json *value, ol_i128 *ret, ol_err *err)
{
    static const integer_type TYPE = {"i128", (ol_u128)1 << 127, ((ol_u128)1 << 127) - 1};
    bool negative;
    ol_u128 magnitude;
    OL_TRY(integer(value, &TYPE, &negative, &magnitude, err));
    *ret = (ol_i128)(negative ? -magnitude : magnitude);
    return OL_OK;
}

ol_rc ol_json_double(const ol_json *value, double *ret, ol_err *err)
{
    if (ol_json_kind_of(value) != OL_JSON_NUMBER)
        return ol_json_wrong_type(value, "f64", err);
    bool finite = ol_double_parse(value->raw, ret);
    OL_ASSERT(finite); /* the scan refuses others */
    return OL_OK;
}

ol_rc ol_json_u128_text(const ol_json *value, ol_u128 *ret, ol_err *err)
{
    if (ol_json_kind_of(value) != OL_JSON_STRING)
        return ol_json_wrong_type(value, "a string", err);
    if (!ol_u128_parse(ol_str_slice(value->raw, 1, value->raw.len - 1), ret)) {
#ifdef OL_SHORT_FAULTS
        return ol_json_wrong_type(value, "a decimal u128 string", err);
#else
        char what[WORDS_BYTES];
        describe(value, what);
        return ol_json_wrong_shape(value, err, "invalid value: %s, expected a decimal u128 string",
                                   what);
#endif
    }
    return OL_OK;
}

ol_rc ol_json_byte_array(const ol_json *value, ol_arena *arena, ol_bytes *ret, ol_err *err)
{
    if (ol_json_kind_of(value) != OL_JSON_ARRAY)
        return ol_json_wrong_type(value, "a sequence", err);
    /* Items take a digit and a comma at least. */
    size_t most = value->raw.len / 2;
    uint8_t *bytes = ol_arena_alloc(arena, most);
    if (bytes == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "no memory for a list of %zu bytes", most);
    ol_json_iter it = ol_json_iterate(value);
    ol_json item;
    size_t count = 0;
    while (ol_json_next_item(&it, &item)) {
        OL_ASSERT(count < most);
        OL_TRY(ol_json_u8(&item, &bytes[count++], err));
    }
    *ret = (ol_bytes){bytes, count};
    return OL_OK;
}
