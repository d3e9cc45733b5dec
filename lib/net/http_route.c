#include <stdio.h>
#include <string.h>

#include "lib/codec/utf8.h"
#include "lib/net/http_internal.h"
#include "lib/net/uuid_read.h"

static int method_index(ol_web_method method)
{
    switch (method) {
    case OL_WEB_GET:
        return 0;
    case OL_WEB_POST:
        return 1;
    case OL_WEB_PUT:
        return 2;
    case OL_WEB_DELETE:
        return 3;
    }
    OL_UNREACHABLE();
}

static bool type_parse(ol_str name, ol__param_type *ret)
{
    static const struct {
        ol_str name;
        ol__param_type type;
    } types[] = {
        {OL_STR_INIT("uuid"), OL__PARAM_UUID},
        {OL_STR_INIT("u32"), OL__PARAM_U32},
        {OL_STR_INIT("i32"), OL__PARAM_I32},
        {OL_STR_INIT("i64"), OL__PARAM_I64},
    };
    OL_EACH (row, types) {
        if (ol_str_eq(row->name, name)) {
            *ret = row->type;
            return true;
        }
    }
    return false;
}

static bool segment_compile(ol_str part, ol__segment *ret)
{
    if (!ol_str_starts(part, OL_STR("{"))) {
        *ret = (ol__segment){.literal = part};
        return part.len > 0;
    }
    if (!ol_str_ends(part, OL_STR("}")))
        return false;
    ol_str inner = ol_str_slice(part, 1, part.len - 1);
    ol__segment segment = {.name = inner, .type = OL__PARAM_TEXT};
    ol_str type;
    if (ol_str_cut(inner, ':', &segment.name, &type) && !type_parse(type, &segment.type))
        return false;
    *ret = segment;
    return segment.name.len > 0;
}

static bool pattern_compile(const char *pattern, ol__path *ret)
{
    ol__path path = {.pattern = pattern};
    ol_str rest = ol_str_of(pattern);
    if (!ol_str_starts(rest, OL_STR("/")))
        return false;
    rest = ol_str_slice(rest, 1, rest.len);
    ol_str part;
    while (ol_str_next(&rest, '/', &part)) {
        if (path.segments == OL_WEB_SEGMENTS_MAX ||
            !segment_compile(part, &path.segment[path.segments]))
            return false;
        path.params += path.segment[path.segments].literal.len == 0;
        path.segments++;
    }
    *ret = path;
    return path.params <= OL_WEB_PARAMS_MAX;
}

static void allow_add(ol__path *path, ol_web_method method)
{
    static const char *const names[OL__METHODS] = {"GET,HEAD", "POST", "PUT", "DELETE"};
    size_t len = strlen(path->allow);
    int n = snprintf(path->allow + len, sizeof path->allow - len, "%s%s", len > 0 ? "," : "",
                     names[method_index(method)]);
    OL_ASSERT(n > 0 && (size_t)n < sizeof path->allow - len);
}

static ol__path *path_of_pattern(ol__path *paths, size_t count, const char *pattern)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(paths[i].pattern, pattern) == 0)
            return &paths[i];
    }
    return NULL;
}

/* A literal wins over a parameter: /wasm/upload is not the checksum "upload". */
static void literals_first(ol__path *paths, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        ol__path path = paths[i];
        size_t at = i;
        for (; at > 0 && paths[at - 1].params > path.params; at--)
            paths[at] = paths[at - 1];
        paths[at] = path;
    }
}

ol_rc ol__paths_compile(const ol_web_route *routes, size_t count, ol__path *paths,
                        size_t *ret_count, ol_err *err)
{
    size_t made = 0;
    for (size_t i = 0; i < count; i++) {
        const ol_web_route *row = &routes[i];
        ol__path *path = path_of_pattern(paths, made, row->pattern);
        if (path == NULL) {
            path = &paths[made];
            if (!pattern_compile(row->pattern, path))
                return ol_fail(err, OL_ERR_INVALID, "bad route pattern %s", row->pattern);
            path->first = row;
            made++;
        }
        int index = method_index(row->method);
        if (path->row[index] != NULL || path->first->gate != row->gate ||
            path->first->cors != row->cors || path->first->rate != row->rate)
            return ol_fail(err, OL_ERR_INVALID, "rows of %s disagree", row->pattern);
        path->row[index] = row;
        allow_add(path, row->method);
    }
    literals_first(paths, made);
    *ret_count = made;
    return OL_OK;
}

static bool segments_match(const ol__path *path, const ol_str *part, ol__match *ret)
{
    size_t params = 0;
    for (size_t i = 0; i < path->segments; i++) {
        const ol__segment *segment = &path->segment[i];
        if (segment->literal.len > 0) {
            if (!ol_str_eq(segment->literal, part[i]))
                return false;
        } else {
            if (part[i].len == 0) /* an empty parameter does not match (Coordinator 19) */
                return false;
            ret->raw[params++] = part[i];
        }
    }
    ret->path = path;
    return true;
}

bool ol__path_match(const ol__path *paths, size_t count, ol_str url, ol__match *ret)
{
    ol_str part[OL_WEB_SEGMENTS_MAX];
    size_t parts = 0;
    if (url.len == 0 || url.data[0] != '/')
        return false;
    size_t from = 1;
    for (size_t at = 1; url.len > 1 && at <= url.len; at++) { /* "/" has no parts */
        if (at < url.len && url.data[at] != '/')
            continue;
        if (parts == OL_WEB_SEGMENTS_MAX)
            return false;
        part[parts++] = (ol_str){url.data + from, at - from};
        from = at + 1;
    }
    for (size_t i = 0; i < count; i++) {
        if (paths[i].segments == parts && segments_match(&paths[i], part, ret))
            return true;
    }
    return false;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool ol__percent_decode(ol_str text, bool plus_is_space, ol_arena *arena, ol_str *ret)
{
    if (memchr(text.data, '%', text.len) == NULL &&
        !(plus_is_space && memchr(text.data, '+', text.len) != NULL)) {
        *ret = text;
        return true;
    }
    char *out = ol_arena_alloc(arena, text.len + 1);
    if (out == NULL)
        return false;
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '%' && text.len - i > 2) {
            int high = hex_digit(text.data[i + 1]);
            int low = hex_digit(text.data[i + 2]);
            if (high >= 0 && low >= 0) {
                c = (char)(unsigned char)(high * 16 + low);
                i += 2;
            }
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        out[len++] = c;
    }
    *ret = (ol_str){out, len};
    return true;
}

static ol_rc number_refuse(const ol__match *match, size_t index, ol_str value, const char *type,
                           ol_err *err)
{
    if (match->path->params == 1)
        return ol_fail(err, OL_ERR_INVALID, "Invalid URL: Cannot parse `\"%.*s\"` to a `%s`",
                       OL_FMT(value), type);
    return ol_fail(err, OL_ERR_INVALID,
                   "Invalid URL: Cannot parse value at index %zu with value `\"%.*s\"` to a `%s`",
                   index, OL_FMT(value), type);
}

static bool i32_parse(ol_str text)
{
    int64_t wide;
    return ol_i64_parse(text, &wide) && wide >= INT32_MIN && wide <= INT32_MAX;
}

static ol_rc param_check(const ol__match *match, const ol__segment *segment, size_t index,
                         ol_arena *arena, ol_str *value, ol_err *err)
{
    uint32_t u32;
    int64_t i64;
    switch (segment->type) {
    case OL__PARAM_TEXT:
        return OL_OK;
    case OL__PARAM_UUID: {
        char text[OL_UUID_CANONICAL_LEN + 1];
        if (ol_uuid_read(*value, text, err) != OL_OK)
            return ol_prefix(err, "Invalid URL: ");
        if (!ol_arena_copy(arena, ol_str_of(text), value))
            return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
        return OL_OK;
    }
    case OL__PARAM_U32:
        return ol_u32_parse(*value, &u32) ? OL_OK : number_refuse(match, index, *value, "u32", err);
    case OL__PARAM_I32:
        return i32_parse(*value) ? OL_OK : number_refuse(match, index, *value, "i32", err);
    case OL__PARAM_I64:
        return ol_i64_parse(*value, &i64) ? OL_OK : number_refuse(match, index, *value, "i64", err);
    }
    OL_UNREACHABLE();
}

ol_rc ol__params_parse(const ol__match *match, ol_arena *arena, ol_str *ret_params, ol_err *err)
{
    size_t index = 0;
    for (size_t i = 0; i < match->path->segments; i++) {
        const ol__segment *segment = &match->path->segment[i];
        if (segment->literal.len > 0)
            continue;
        if (!ol__percent_decode(match->raw[index], false, arena, &ret_params[index]))
            return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
        if (!ol_utf8_valid(ret_params[index]))
            return ol_fail(err, OL_ERR_INVALID, "Invalid URL: Invalid UTF-8 in `%.*s`",
                           OL_FMT(segment->name));
        OL_TRY(param_check(match, segment, index, arena, &ret_params[index], err));
        index++;
    }
    return OL_OK;
}
