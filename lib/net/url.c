#include "lib/net/url.h"

#include <string.h>

#define BAD_URL(err, ...) ol_fail(err, OL_ERR_INVALID, "invalid URL: " __VA_ARGS__)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool clean(ol_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c <= ' ' || c == 0x7F || c == '\\')
            return false;
    }
    return true;
}

/* Letters, digits, - _ . only: no percent escapes, no Unicode, so that no two readers differ. */
static bool name_valid(ol_str host)
{
    for (size_t i = 0; i < host.len; i++) {
        char c = host.data[i];
        if (!is_letter(c) && !is_digit(c) && c != '-' && c != '_' && c != '.')
            return false;
    }
    return host.len > 0 && host.len <= OL_HOST_BYTES_MAX && host.data[0] != '.';
}

static bool ipv6_valid(ol_str host)
{
    for (size_t i = 0; i < host.len; i++) {
        char c = host.data[i];
        if (hex_digit(c) < 0 && c != ':' && c != '.')
            return false;
    }
    return host.len >= 2 && host.len <= 45;
}

static ol_rc parse_port(ol_str text, ol_url *url, ol_err *err)
{
    uint32_t port = 0;
    url->has_port = text.len > 0;
    if (text.len == 0) /* `host:` is allowed and means the scheme's own */
        return OL_OK;
    if (text.len > 5 || !ol_u32_parse(text, &port) || port == 0 || port > UINT16_MAX)
        return BAD_URL(err, "port out of range");
    url->port = (uint16_t)port;
    return OL_OK;
}

static ol_rc parse_authority(ol_str authority, ol_url *url, ol_err *err)
{
    ol_str port = {"", 0};
    size_t at;
    if (ol_str_find(authority, OL_STR("@"), &at))
        return BAD_URL(err, "user information is not allowed");
    if (authority.len > 0 && authority.data[0] == '[') {
        ol_str inside = ol_str_slice(authority, 1, authority.len);
        ol_str after;
        if (!ol_str_cut(inside, ']', &url->host, &after))
            return BAD_URL(err, "missing ]");
        if (after.len > 0 && after.data[0] != ':')
            return BAD_URL(err, "text after ]");
        port = ol_str_slice(after, 1, after.len);
        url->ipv6 = true;
        if (!ipv6_valid(url->host))
            return BAD_URL(err, "malformed IPv6 address");
        return parse_port(port, url, err);
    }
    if (!ol_str_cut(authority, ':', &url->host, &port))
        url->host = authority;
    if (url->host.len == 0)
        return BAD_URL(err, "no host");
    if (!name_valid(url->host))
        return BAD_URL(err, "malformed host");
    return parse_port(port, url, err);
}

ol_rc ol_url_parse(ol_str text, ol_url *ret, ol_err *err)
{
    ol_url url = {0};
    ol_str head;
    ol_str fragment;
    if (text.len > OL_URL_TEXT_BYTES_MAX)
        return BAD_URL(err, "longer than %d bytes", OL_URL_TEXT_BYTES_MAX);
    if (!clean(text))
        return BAD_URL(err, "space, control character or backslash");
    if (ol_str_cut(text, '#', &head, &fragment))
        text = head;
    url.text = text;
    if (text.len >= 8 && ol_str_eq_nocase(ol_str_slice(text, 0, 8), OL_STR("https://"))) {
        url.tls = true;
        url.port = 443;
        text = ol_str_slice(text, 8, text.len);
    } else if (text.len >= 7 && ol_str_eq_nocase(ol_str_slice(text, 0, 7), OL_STR("http://"))) {
        url.port = 80;
        text = ol_str_slice(text, 7, text.len);
    } else {
        return BAD_URL(err, "only http and https");
    }
    size_t end = 0;
    while (end < text.len && text.data[end] != '/' && text.data[end] != '?')
        end++;
    url.target = ol_str_slice(text, end, text.len);
    OL_TRY(parse_authority(ol_str_slice(text, 0, end), &url, err));
    *ret = url;
    return OL_OK;
}

static bool has_scheme(ol_str text)
{
    size_t i = 0;
    while (i < text.len && (is_letter(text.data[i]) || (i > 0 && is_digit(text.data[i]))))
        i++;
    return i > 0 && i < text.len && text.data[i] == ':';
}

/* The path of `from` up to and with its last slash; `/` when it has none. */
static ol_str folder_of(const ol_url *from)
{
    ol_str path = from->target;
    ol_str query;
    ol_str head;
    ol_str file;
    if (ol_str_cut(path, '?', &head, &query))
        path = head;
    if (!ol_str_cut_last(path, '/', &head, &file))
        return OL_STR("/");
    return (ol_str){path.data, head.len + 1};
}

ol_rc ol_url_follow(const ol_url *from, ol_str location, ol_arena *arena, ol_url *ret, ol_err *err)
{
    const char *scheme = from->tls ? "https" : "http";
    ol_str origin = {from->text.data, from->text.len - from->target.len};
    ol_str text = {NULL, 0};
    if (location.len > OL_URL_TEXT_BYTES_MAX)
        return BAD_URL(err, "longer than %d bytes", OL_URL_TEXT_BYTES_MAX);
    if (has_scheme(location)) {
        if (!ol_arena_copy(arena, location, &text))
            text.data = NULL;
    } else if (ol_str_starts(location, OL_STR("//"))) {
        text = ol_arena_printf(arena, "%s:%.*s", scheme, OL_FMT(location));
    } else if (ol_str_starts(location, OL_STR("/"))) {
        text = ol_arena_printf(arena, "%.*s%.*s", OL_FMT(origin), OL_FMT(location));
    } else if (ol_str_starts(location, OL_STR("?"))) {
        ol_str path = from->target;
        ol_str query;
        ol_str head;
        if (ol_str_cut(path, '?', &head, &query))
            path = head;
        text =
            ol_arena_printf(arena, "%.*s%.*s%.*s", OL_FMT(origin), OL_FMT(path), OL_FMT(location));
    } else {
        ol_str folder = folder_of(from);
        text = ol_arena_printf(arena, "%.*s%.*s%.*s", OL_FMT(origin), OL_FMT(folder),
                               OL_FMT(location));
    }
    if (text.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    return ol_url_parse(text, ret, err);
}

void ol_url_authority(const ol_url *url, ol_buf *into)
{
    ol_buf_addf(into, url->ipv6 ? "[%.*s]" : "%.*s", OL_FMT(url->host));
    if (url->port != (url->tls ? 443 : 80))
        ol_buf_addf(into, ":%u", (unsigned)url->port);
}

void ol_percent_encode(ol_str text, ol_buf *into)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~')
            ol_buf_add_char(into, c);
        else
            ol_buf_addf(into, "%%%02X", (unsigned)(unsigned char)c);
    }
}

bool ol_percent_decode(ol_str text, ol_buf *into)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '%') {
            if (i + 2 >= text.len)
                return false;
            int high = hex_digit(text.data[i + 1]);
            int low = hex_digit(text.data[i + 2]);
            if (high < 0 || low < 0 || (high == 0 && low == 0))
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        ol_buf_add_char(into, c);
    }
    return ol_buf_ok(into);
}
