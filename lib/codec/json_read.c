#include "lib/codec/json_read.h"

#include <string.h>

#include "lib/codec/json_error.h"
#include "lib/codec/json_scan.h"
#include "lib/codec/utf8.h"

static const ol_json_limits STANDARD = {OL_JSON_BYTES_CEILING, OL_JSON_DEPTH_MAX};

ol_rc ol__json_parse_marked(ol_str text, ol__json_marks *marks, ol_json *ret, ol_err *err)
{
    ol__json_fault fault = {0};
    ol_str value;
    if (text.len > STANDARD.bytes_max)
        return ol_json_parse(text, ret, err); /* words it */
    if (text.data == NULL)
        text = OL_STR("");
    if (!ol__json_scan_marked(text, STANDARD.depth_max, marks, &value, &fault))
        return ol__json_fail(err, OL_ERR_SYNTAX, text.data, fault.at, fault.at,
                             text.data + text.len, fault.what);
    *ret = (ol_json){value, text.data};
    return OL_OK;
}

ol_rc ol_json_parse_within(ol_str text, ol_json_limits limits, ol_json *ret, ol_err *err)
{
    ol__json_fault fault = {0};
    ol_str value;
    size_t nodes;
    OL_ASSERT(limits.bytes_max <= OL_JSON_BYTES_CEILING);
    if (text.len > limits.bytes_max)
        return ol_fail(err, OL_ERR_LIMIT, "JSON of %zu bytes is longer than %zu", text.len,
                       limits.bytes_max);
    if (text.data == NULL)
        text = OL_STR("");
    if (!ol__json_scan(text, limits.depth_max, NULL, &nodes, &value, &fault))
        return ol__json_fail(err, OL_ERR_SYNTAX, text.data, fault.at, fault.at,
                             text.data + text.len, fault.what);
    *ret = (ol_json){value, text.data};
    return OL_OK;
}

ol_rc ol_json_parse(ol_str text, ol_json *ret, ol_err *err)
{
    return ol_json_parse_within(text, STANDARD, ret, err);
}

bool ol_json_valid(ol_str text)
{
    ol_json ignored;
    return ol_json_parse(text, &ignored, NULL) == OL_OK;
}

ol_json_kind ol_json_kind_of(const ol_json *value)
{
    switch (value->raw.data[0]) {
    case 'n':
        return OL_JSON_NULL;
    case 't':
    case 'f':
        return OL_JSON_BOOL;
    case '"':
        return OL_JSON_STRING;
    case '[':
        return OL_JSON_ARRAY;
    case '{':
        return OL_JSON_OBJECT;
    default:
        return OL_JSON_NUMBER;
    }
}

ol_json_iter ol_json_iterate(const ol_json *container)
{
    OL_ASSERT(ol_json_kind_of(container) >= OL_JSON_ARRAY);
    const char *begin = container->raw.data;
    return (ol_json_iter){begin + 1, begin + container->raw.len, container->doc};
}

/* Where the next value or key begins; false at the closing bracket. */
static bool arrive(ol_json_iter *it)
{
    it->at = ol__json_skip_space(it->at, it->end);
    if (*it->at == ',')
        it->at = ol__json_skip_space(it->at + 1, it->end);
    return *it->at != ']' && *it->at != '}';
}

static ol_json take(ol_json_iter *it)
{
    const char *begin = it->at;
    it->at = ol__json_value_end(begin, it->end);
    return (ol_json){{begin, (size_t)(it->at - begin)}, it->doc};
}

bool ol_json_next_item(ol_json_iter *it, ol_json *ret_item)
{
    if (!arrive(it))
        return false;
    *ret_item = take(it);
    return true;
}

bool ol_json_next_member(ol_json_iter *it, ol_json *ret_key, ol_json *ret_value)
{
    if (!arrive(it))
        return false;
    *ret_key = take(it);
    it->at = ol__json_skip_space(it->at, it->end);
    OL_ASSERT(*it->at == ':');
    it->at = ol__json_skip_space(it->at + 1, it->end);
    *ret_value = take(it);
    return true;
}

bool ol__json_next_marked(ol_json_iter *it, const ol__json_mark *mark, ol_json *ret_key,
                          ol_json *ret_value)
{
    if (!arrive(it))
        return false;
    *ret_key = take(it);
    it->at = ol__json_skip_space(it->at, it->end);
    OL_ASSERT(*it->at == ':');
    const char *begin = ol__json_skip_space(it->at + 1, it->end);
    it->at = mark->end;
    *ret_value = (ol_json){{begin, (size_t)(mark->end - begin)}, it->doc};
    return true;
}

size_t ol_json_count(const ol_json *container)
{
    ol_json_iter it = ol_json_iterate(container);
    bool object = ol_json_kind_of(container) == OL_JSON_OBJECT;
    ol_json key;
    ol_json value;
    size_t count = 0;
    while (object ? ol_json_next_member(&it, &key, &value) : ol_json_next_item(&it, &value))
        count++;
    return count;
}

static unsigned hex_value(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

static uint32_t unit(const char *digits)
{
    return hex_value(digits[0]) << 12 | hex_value(digits[1]) << 8 | hex_value(digits[2]) << 4 |
           hex_value(digits[3]);
}

/* The character an escape stands for; *at is behind the backslash and moves behind the escape. */
static size_t unescape(const char **at, char ret[4])
{
    static const char NAMES[] = "bfnrt";
    static const char VALUES[] = "\b\f\n\r\t";
    char c = *(*at)++;
    if (c != 'u') {
        const char *name = memchr(NAMES, c, sizeof NAMES - 1);
        ret[0] = name != NULL ? VALUES[name - NAMES] : c;
        return 1;
    }
    uint32_t code = unit(*at);
    *at += 4;
    if (code >= 0xD800 && code <= 0xDBFF) {
        code = 0x10000 + ((code - 0xD800) << 10) + (unit(*at + 2) - 0xDC00);
        *at += 6;
    }
    return ol_utf8_put(code, ret);
}

static ol_str inside_quotes(const ol_json *string)
{
    OL_ASSERT(string->raw.len >= 2 && string->raw.data[0] == '"');
    return (ol_str){string->raw.data + 1, string->raw.len - 2};
}

static const char *find_backslash(const char *at, const char *end)
{
    const char *hit = at == end ? NULL : memchr(at, '\\', (size_t)(end - at));
    return hit != NULL ? hit : end;
}

size_t ol_json_text_decode(const ol_json *string, char *storage)
{
    ol_str inside = inside_quotes(string);
    const char *at = inside.data;
    const char *end = at + inside.len;
    char *out = storage;
    while (at < end) {
        size_t plain = (size_t)(find_backslash(at, end) - at);
        memcpy(out, at, plain);
        out += plain;
        at += plain;
        if (at < end) {
            char character[4];
            at++;
            size_t len = unescape(&at, character);
            memcpy(out, character, len);
            out += len;
        }
    }
    return (size_t)(out - storage);
}

bool ol_json_text_is(const ol_json *string, ol_str text)
{
    ol_str inside = inside_quotes(string);
    const char *at = inside.data;
    const char *end = at + inside.len;
    while (at < end) {
        char character[4];
        size_t plain = (size_t)(find_backslash(at, end) - at);
        if (plain > text.len || memcmp(at, text.data, plain) != 0)
            return false;
        at += plain;
        text = (ol_str){text.data + plain, text.len - plain};
        if (at == end)
            break;
        at++;
        size_t len = unescape(&at, character);
        if (len > text.len || memcmp(character, text.data, len) != 0)
            return false;
        text = (ol_str){text.data + len, text.len - len};
    }
    return text.len == 0;
}

bool ol_json_find(const ol_json *object, ol_str name, ol_json *ret)
{
    if (ol_json_kind_of(object) != OL_JSON_OBJECT)
        return false;
    ol_json_iter it = ol_json_iterate(object);
    ol_json key;
    ol_json value;
    bool found = false;
    while (ol_json_next_member(&it, &key, &value)) {
        if (ol_json_text_is(&key, name)) {
            *ret = value;
            found = true;
        }
    }
    return found;
}

ol_rc ol_json_text(const ol_json *value, ol_arena *arena, ol_str *ret, ol_err *err)
{
    if (ol_json_kind_of(value) != OL_JSON_STRING)
        return ol_json_wrong_type(value, "a string", err);
    ol_str inside = inside_quotes(value);
    if (find_backslash(inside.data, inside.data + inside.len) == inside.data + inside.len) {
        *ret = inside;
        return OL_OK;
    }
    char *storage = ol_arena_alloc(arena, inside.len);
    if (storage == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "no memory for a text of %zu bytes", inside.len);
    *ret = (ol_str){storage, ol_json_text_decode(value, storage)};
    return OL_OK;
}
