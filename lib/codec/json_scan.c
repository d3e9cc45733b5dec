#include "lib/codec/json_scan.h"

#include <string.h>

#include "lib/base/assert.h"
#include "lib/codec/block.h"
#include "lib/codec/double.h"
#include "lib/codec/json_read.h"
#include "lib/codec/utf8.h"

/* Faults are worded as the reference's reader words them, since its clients know those texts
 * (Coordinator 1 and 19). Functions that scan return where they stopped, NULL with a fault. */

static const char *broken(ol__json_fault *ret, const char *at, const char *what)
{
    *ret = (ol__json_fault){at, what, false};
    return NULL;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && is_digit(*at))
        at++;
    return at;
}

/* At least one digit, as behind `.` and `e`. */
static const char *scan_digits(const char *at, const char *end, ol__json_fault *ret)
{
    if (at == end)
        return broken(ret, at, "EOF while parsing a value");
    if (!is_digit(*at))
        return broken(ret, at, "invalid number");
    return skip_digits(at, end);
}

/* Can the number pass the largest double? Below 300 digits without exponent it cannot. */
static bool is_finite(ol_str number, bool has_exponent)
{
#ifdef OL_NO_DOUBLES
    /* Where no double is ever made, as in contracts, none can be too large. */
    (void)number;
    (void)has_exponent;
    return true;
#else
    double value;
    if (!has_exponent && number.len < 300)
        return true;
    return ol_double_parse(number, &value);
#endif
}

static inline const char *scan_number(const char *at, const char *end, ol__json_fault *ret)
{
    const char *begin = at;
    bool has_exponent = false;
    if (*at == '-')
        at++;
    if (at < end && *at == '0') {
        at++;
        if (at < end && is_digit(*at))
            return broken(ret, at, "invalid number");
    } else if ((at = scan_digits(at, end, ret)) == NULL) {
        return NULL;
    }
    if (at < end && *at == '.' && (at = scan_digits(at + 1, end, ret)) == NULL)
        return NULL;
    if (at < end && (*at | 0x20) == 'e') {
        has_exponent = true;
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        if ((at = scan_digits(at, end, ret)) == NULL)
            return NULL;
    }
    if (!is_finite((ol_str){begin, (size_t)(at - begin)}, has_exponent))
        return broken(ret, at - 1, "number out of range");
    return at;
}

static int hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static const char *scan_hex4(const char *at, const char *end, unsigned *ret_unit,
                             ol__json_fault *ret)
{
    *ret_unit = 0;
    for (int i = 0; i < 4; i++, at++) {
        if (at == end)
            return broken(ret, at, "EOF while parsing a string");
        int digit = hex_value(*at);
        if (digit < 0)
            return broken(ret, at, "invalid escape");
        *ret_unit = *ret_unit << 4 | (unsigned)digit;
    }
    return at;
}

/* Behind `\u`. A high surrogate must be followed by a low one. */
static const char *scan_unicode(const char *at, const char *end, ol__json_fault *ret)
{
    unsigned unit;
    if ((at = scan_hex4(at, end, &unit, ret)) == NULL)
        return NULL;
    if (unit >= 0xDC00 && unit <= 0xDFFF)
        return broken(ret, at - 1, "lone leading surrogate in hex escape");
    if (unit < 0xD800 || unit > 0xDBFF)
        return at;
    for (int i = 0; i < 2; i++, at++) {
        if (at == end)
            return broken(ret, at, "EOF while parsing a string");
        if (*at != "\\u"[i])
            return broken(ret, at, "unexpected end of hex escape");
    }
    if ((at = scan_hex4(at, end, &unit, ret)) == NULL)
        return NULL;
    if (unit < 0xDC00 || unit > 0xDFFF)
        return broken(ret, at - 1, "lone leading surrogate in hex escape");
    return at;
}

/* Behind a backslash. */
static const char *scan_escape(const char *at, const char *end, ol__json_fault *ret)
{
    ret->escaped = true;
    if (at == end)
        return broken(ret, at, "EOF while parsing a string");
    switch (*at) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return at + 1;
    case 'u':
        return scan_unicode(at + 1, end, ret);
    default:
        return broken(ret, at, "invalid escape");
    }
}

/* A byte in a string that is not plain ASCII and not the closing quote. */
static const char *scan_special(const char *at, const char *end, ol__json_fault *ret)
{
    if (*at == '\\')
        return scan_escape(at + 1, end, ret);
    if ((unsigned char)*at < ' ')
        return broken(ret, at, "control character (\\u0000-\\u001F) found while parsing a string");
    size_t len = ol_utf8_char_len((ol_str){at, (size_t)(end - at)});
    if (len == 0)
        return broken(ret, at, "invalid unicode code point");
    return at + len;
}

/* Behind the opening quote; returns behind the closing one. */
static inline const char *scan_string(const char *at, const char *end, ol__json_fault *ret)
{
    while (at < end) {
        while (end - at >= 2 * OL__BLOCK_BYTES &&
               ol__block_plain(ol__block_load(at), ol__block_load(at + OL__BLOCK_BYTES)))
            at += 2 * OL__BLOCK_BYTES;
        if (at == end)
            break;
        if (end - at >= OL__BLOCK_BYTES) {
            unsigned mask = ol__block_string_special(ol__block_load(at));
            if (mask == 0) {
                at += OL__BLOCK_BYTES;
                continue;
            }
            at += __builtin_ctz(mask);
        }
        if (*at == '"')
            return at + 1;
        if ((signed char)*at >= ' ' && *at != '\\')
            at++;
        else if ((at = scan_special(at, end, ret)) == NULL)
            return NULL;
    }
    return broken(ret, end, "EOF while parsing a string");
}

static const char *scan_word(const char *at, const char *end, const char *word, ol__json_fault *ret)
{
    for (; *word != '\0'; word++, at++) {
        if (at == end)
            return broken(ret, at, "EOF while parsing a value");
        if (*at != *word)
            return broken(ret, at, "expected ident");
    }
    return at;
}

static const char *scan_scalar(const char *at, const char *end, ol__json_fault *ret)
{
    switch (*at) {
    case '"':
        return scan_string(at + 1, end, ret);
    case 't':
        return scan_word(at, end, "true", ret);
    case 'f':
        return scan_word(at, end, "false", ret);
    case 'n':
        return scan_word(at, end, "null", ret);
    default:
        if (*at == '-' || is_digit(*at))
            return scan_number(at, end, ret);
        return broken(ret, at, "expected value");
    }
}

/* Which of the open containers are objects, and where the nodes of those above begin. */
typedef struct scan {
    const char *text;
    const char *end;
    ol__json_node *nodes; /* NULL: check only */
    size_t count;
    size_t open; /* node of the innermost container; its `end` holds the one around it */
    unsigned depth;
    ol__json_marks *marks; /* NULL: none are wanted */
    uint64_t object[OL_JSON_DEPTH_CEILING / 64];
} scan;

static inline bool in_object(const scan *s)
{
    return (s->object[(s->depth - 1) / 64] >> ((s->depth - 1) % 64) & 1) != 0;
}

static inline void add_node(scan *s, const char *from, const char *to)
{
    if (s->nodes != NULL)
        s->nodes[s->count++] =
            (ol__json_node){(uint32_t)(from - s->text), (uint32_t)(to - s->text)};
}

static inline void enter(scan *s, const char *at)
{
    uint64_t bit = (uint64_t)1 << (s->depth % 64);
    if (*at == '{')
        s->object[s->depth / 64] |= bit;
    else
        s->object[s->depth / 64] &= ~bit;
    s->depth++;
    if (s->nodes != NULL) {
        s->nodes[s->count] = (ol__json_node){(uint32_t)(at - s->text), (uint32_t)s->open};
        s->open = s->count++;
    }
}

/* A value ends here. */
static inline void mark(scan *s, const char *end, bool escaped)
{
    if (s->depth != 1 || s->marks == NULL)
        return;
    if (s->marks->count < s->marks->max)
        s->marks->items[s->marks->count] = (ol__json_mark){end, escaped};
    s->marks->count++;
}

static inline void leave(scan *s, const char *at)
{
    s->depth--;
    mark(s, at + 1, false);
    if (s->nodes != NULL) {
        size_t around = s->nodes[s->open].end;
        s->nodes[s->open].end = (uint32_t)s->count;
        s->nodes[s->count++] = (ol__json_node){(uint32_t)(at - s->text), (uint32_t)s->open};
        s->open = around;
    }
}

/* A key and its colon; returns where the value begins. */
static inline const char *scan_key(scan *s, const char *at, ol__json_fault *ret)
{
    if (at == s->end)
        return broken(ret, at, "EOF while parsing an object");
    if (*at != '"')
        return broken(ret, at, *at == '}' ? "trailing comma" : "key must be a string");
    const char *key = at;
    if ((at = scan_string(at + 1, s->end, ret)) == NULL)
        return NULL;
    add_node(s, key, at);
    at = ol__json_skip_space(at, s->end);
    if (at == s->end)
        return broken(ret, at, "EOF while parsing an object");
    if (*at != ':')
        return broken(ret, at, "expected `:`");
    return ol__json_skip_space(at + 1, s->end);
}

/* Behind a value inside a container: closes what closes here; returns where the next value begins,
 * or the end of the outermost value with depth 0. */
static inline const char *scan_behind(scan *s, const char *at, ol__json_fault *ret)
{
    while (s->depth > 0) {
        bool object = in_object(s);
        at = ol__json_skip_space(at, s->end);
        if (at == s->end)
            return broken(ret, at,
                          object ? "EOF while parsing an object" : "EOF while parsing a list");
        if (*at == ',') {
            at = ol__json_skip_space(at + 1, s->end);
            if (object)
                return scan_key(s, at, ret);
            if (at < s->end && *at == ']')
                return broken(ret, at, "trailing comma");
            return at;
        }
        if (*at != (object ? '}' : ']'))
            return broken(ret, at, object ? "expected `,` or `}`" : "expected `,` or `]`");
        leave(s, at++);
    }
    return at;
}

/* One value and everything within. */
static const char *scan_value(scan *s, const char *at, unsigned depth_max, ol__json_fault *ret)
{
    do {
        if (at == s->end)
            return broken(ret, at, "EOF while parsing a value");
        const char *begin = at;
        if (*at == '{' || *at == '[') {
            if (s->depth == depth_max)
                return broken(ret, at, "recursion limit exceeded");
            enter(s, at);
            at = ol__json_skip_space(at + 1, s->end);
            if (at < s->end && *at == (*begin == '{' ? '}' : ']'))
                leave(s, at++);
            else if (*begin == '{' || at == s->end) {
                if (at == s->end && *begin == '[')
                    return broken(ret, at, "EOF while parsing a list");
                if ((at = scan_key(s, at, ret)) == NULL)
                    return NULL;
                continue;
            } else {
                continue;
            }
        } else {
            ret->escaped = false;
            if ((at = scan_scalar(at, s->end, ret)) == NULL)
                return NULL;
            add_node(s, begin, at);
            mark(s, at, ret->escaped);
        }
        if ((at = scan_behind(s, at, ret)) == NULL)
            return NULL;
    } while (s->depth > 0);
    return at;
}

static bool scan_text(scan *s, ol_str text, unsigned depth_max, ol_str *ret_value,
                      ol__json_fault *ret_fault)
{
    OL_ASSERT(depth_max <= OL_JSON_DEPTH_CEILING && text.len <= OL_JSON_BYTES_CEILING);
    s->text = text.data;
    s->end = text.data + text.len;
    const char *begin = ol__json_skip_space(text.data, s->end);
    const char *end = scan_value(s, begin, depth_max, ret_fault);
    if (end == NULL)
        return false;
    const char *rest = ol__json_skip_space(end, s->end);
    if (rest < s->end)
        return broken(ret_fault, rest, "trailing characters") != NULL;
    *ret_value = (ol_str){begin, (size_t)(end - begin)};
    return true;
}

bool ol__json_scan(ol_str text, unsigned depth_max, ol__json_node *nodes, size_t *ret_nodes,
                   ol_str *ret_value, ol__json_fault *ret_fault)
{
    scan s = {.nodes = nodes};
    if (!scan_text(&s, text, depth_max, ret_value, ret_fault))
        return false;
    *ret_nodes = s.count;
    return true;
}

bool ol__json_scan_marked(ol_str text, unsigned depth_max, ol__json_marks *marks, ol_str *ret_value,
                          ol__json_fault *ret_fault)
{
    scan s = {.marks = marks};
    return scan_text(&s, text, depth_max, ret_value, ret_fault);
}

const char *ol__json_string_end(const char *at, const char *end)
{
    for (;;) {
        if (end - at >= OL__BLOCK_BYTES) {
            unsigned mask = ol__block_quote_or_backslash(ol__block_load(at));
            if (mask == 0) {
                at += OL__BLOCK_BYTES;
                continue;
            }
            at += __builtin_ctz(mask);
        }
        OL_ASSERT(at < end);
        if (*at == '"')
            return at + 1;
        at += *at == '\\' ? 2 : 1;
    }
}

static const char *container_end(const char *at, const char *end)
{
    unsigned depth = 0;
    for (;;) {
        if (end - at >= OL__BLOCK_BYTES) {
            unsigned mask = ol__block_structure(ol__block_load(at));
            if (mask == 0) {
                at += OL__BLOCK_BYTES;
                continue;
            }
            at += __builtin_ctz(mask);
        }
        OL_ASSERT(at < end);
        char c = *at++;
        if (c == '"')
            at = ol__json_string_end(at, end);
        else if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && --depth == 0)
            return at;
    }
}

const char *ol__json_value_end(const char *at, const char *end)
{
    if (*at == '"')
        return ol__json_string_end(at + 1, end);
    if (*at == '{' || *at == '[')
        return container_end(at, end);
    while (at < end && *at != ',' && *at != ']' && *at != '}' && !ol__json_is_space(*at))
        at++;
    return at;
}
