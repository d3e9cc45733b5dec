/* Reading JSON: one pass checks the whole text, afterwards values are slices of it.
 *
 *   ol_json root, input;
 *   OL_TRY(ol_json_parse(text, &root, err));             // syntax, UTF-8, depth, no trailing bytes
 *   if (ol_json_find(&root, OL_STR("input"), &input)) …  // a borrowed slice; nothing is allocated
 *
 * Every value of a checked document is well formed: strings are UTF-8 without lone surrogates,
 * numbers are finite as doubles. So walking cannot fail; asking for a type can (OL_ERR_SHAPE).
 * Numbers stay text until wanted. Structs are filled through json_bind.h, documents printed again
 * through json_print.h.
 *
 * Error texts read `path: what at line L column C`: the byte of that column (from 1) is the
 * one that broke the rule, for a wrong value its last one. OL_ERR_SYNTAX: not JSON, or too deep.
 * OL_ERR_SHAPE: JSON, but not what was asked for. OL_ERR_LIMIT: longer than allowed. */
#ifndef OL_CODEC_JSON_READ_H
#define OL_CODEC_JSON_READ_H

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/num.h"

enum {
    OL_JSON_DEPTH_MAX = 127,         /* Coordinator 19: levels, the outermost included */
    OL_JSON_DEPTH_CEILING = 1024,    /* the most a caller may allow */
    OL_JSON_BYTES_CEILING = 1 << 30, /* offsets are 32 bits */
};

typedef enum ol_json_kind {
    OL_JSON_NULL,
    OL_JSON_BOOL,
    OL_JSON_NUMBER,
    OL_JSON_STRING,
    OL_JSON_ARRAY,
    OL_JSON_OBJECT,
} ol_json_kind;

/* One value of a checked document. Borrowed: lives as long as the text. */
typedef struct ol_json {
    ol_str raw;      /* from its first byte to its last, no space around */
    const char *doc; /* start of the document, for positions in errors */
} ol_json;

typedef struct ol_json_limits {
    size_t bytes_max;
    unsigned depth_max;
} ol_json_limits;

/* Checks all of `text`; space around the value is allowed, anything else is refused. */
ol_rc ol_json_parse(ol_str text, ol_json *ret, ol_err *err);
ol_rc ol_json_parse_within(ol_str text, ol_json_limits limits, ol_json *ret, ol_err *err);
/* The same without an error to fill, for callers that only ask yes or no. */
bool ol_json_valid(ol_str text);

ol_json_kind ol_json_kind_of(const ol_json *value);
static inline bool ol_json_is_null(const ol_json *value)
{
    return value->raw.data[0] == 'n';
}

/* Walking. An iterator costs one scan of the container; descending scans again, so descend by name
 * or once, not in search of something.
 *
 *   ol_json_iter it = ol_json_iterate(&array);
 *   while (ol_json_next_item(&it, &item)) … */
typedef struct ol_json_iter {
    const char *at;
    const char *end;
    const char *doc;
} ol_json_iter;

ol_json_iter ol_json_iterate(const ol_json *container); /* an array or an object */
bool ol_json_next_item(ol_json_iter *it, ol_json *ret_item);
bool ol_json_next_member(ol_json_iter *it, ol_json *ret_key, ol_json *ret_value);

size_t ol_json_count(const ol_json *container); /* items, or members with duplicates */
/* Is this string (a key) that text, escapes resolved? */
bool ol_json_text_is(const ol_json *string, ol_str text);
/* The same of any value: false for what is no string. For documents of others. */
static inline bool ol_json_says(const ol_json *value, ol_str text)
{
    return ol_json_kind_of(value) == OL_JSON_STRING && ol_json_text_is(value, text);
}
/* The last member of that name; false when there is none or `object` is no object. */
bool ol_json_find(const ol_json *object, ol_str name, ol_json *ret);

/* Asking for a type. The value must have it: numbers are integers in range (`5`, not `5.0` or
 * `"5"`), a double is any number, correctly rounded. */
ol_rc ol_json_bool(const ol_json *value, bool *ret, ol_err *err);
ol_rc ol_json_u8(const ol_json *value, uint8_t *ret, ol_err *err);
ol_rc ol_json_u32(const ol_json *value, uint32_t *ret, ol_err *err);
ol_rc ol_json_u64(const ol_json *value, uint64_t *ret, ol_err *err);
ol_rc ol_json_i64(const ol_json *value, int64_t *ret, ol_err *err);
ol_rc ol_json_u128(const ol_json *value, ol_u128 *ret, ol_err *err);
ol_rc ol_json_i128(const ol_json *value, ol_i128 *ret, ol_err *err);
ol_rc ol_json_double(const ol_json *value, double *ret, ol_err *err);
/* A number in a string, as money travels: digits only, at least one. */
ol_rc ol_json_u128_text(const ol_json *value, ol_u128 *ret, ol_err *err);

/* Text, escapes resolved: a slice of the document when it has none, else a copy in the arena. */
ol_rc ol_json_text(const ol_json *value, ol_arena *arena, ol_str *ret, ol_err *err);
/* Decodes a string into `storage`, which must hold raw.len - 2 bytes; returns the bytes written. */
size_t ol_json_text_decode(const ol_json *string, char *storage);

/* A byte list: an array of integers 0-255 (how the wire carries bytes), into the arena. */
ol_rc ol_json_byte_array(const ol_json *value, ol_arena *arena, ol_bytes *ret, ol_err *err);

/* For decoders: the value is JSON but not what was expected. `expected` continues "expected ",
 * such as "a boolean"; the text names path, what was there, and position. */
ol_rc ol_json_wrong_type(const ol_json *value, const char *expected, ol_err *err);
/* The same with words of one's own: "path: WORDS at line L column C". */
ol_rc ol_json_wrong_shape(const ol_json *value, ol_err *err, const char *words, ...)
    OL_PRINTF(3, 4);

#endif
