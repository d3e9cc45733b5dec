#include "lib/base/str.h"

#include <string.h>

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static bool space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

ol_str ol_str_of(const char *nul_terminated)
{
    if (nul_terminated == NULL)
        return (ol_str){"", 0};
    return (ol_str){nul_terminated, strlen(nul_terminated)};
}

bool ol_bytes_eq(ol_bytes a, ol_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool ol_str_eq(ol_str a, ol_str b)
{
    return ol_bytes_eq(ol_str_bytes(a), ol_str_bytes(b));
}

bool ol_str_eq_nocase(ol_str a, ol_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.data[i]) != lower(b.data[i]))
            return false;
    }
    return true;
}

int ol_str_compare(ol_str a, ol_str b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool ol_str_starts(ol_str s, ol_str prefix)
{
    return s.len >= prefix.len && ol_str_eq(ol_str_slice(s, 0, prefix.len), prefix);
}

bool ol_str_ends(ol_str s, ol_str suffix)
{
    return s.len >= suffix.len && ol_str_eq(ol_str_slice(s, s.len - suffix.len, s.len), suffix);
}

bool ol_str_find(ol_str s, ol_str needle, size_t *ret_at)
{
    for (size_t at = 0; at + needle.len <= s.len; at++) {
        if (needle.len == 0 || memcmp(s.data + at, needle.data, needle.len) == 0) {
            *ret_at = at;
            return true;
        }
    }
    return false;
}

static void split(ol_str s, size_t at, ol_str *ret_head, ol_str *ret_tail)
{
    *ret_head = (ol_str){s.data, at};
    *ret_tail = (ol_str){s.data + at + 1, s.len - at - 1};
}

bool ol_str_cut(ol_str s, char at, ol_str *ret_head, ol_str *ret_tail)
{
    const char *hit = s.len == 0 ? NULL : memchr(s.data, at, s.len);
    if (hit == NULL)
        return false;
    split(s, (size_t)(hit - s.data), ret_head, ret_tail);
    return true;
}

bool ol_str_cut_last(ol_str s, char at, ol_str *ret_head, ol_str *ret_tail)
{
    for (size_t i = s.len; i > 0; i--) {
        if (s.data[i - 1] == at) {
            split(s, i - 1, ret_head, ret_tail);
            return true;
        }
    }
    return false;
}

bool ol_str_next(ol_str *rest, char separator, ol_str *ret_part)
{
    if (rest->len == 0)
        return false;
    if (ol_str_cut(*rest, separator, ret_part, rest))
        return true;
    *ret_part = *rest;
    *rest = (ol_str){rest->data + rest->len, 0};
    return true;
}

ol_str ol_str_trim(ol_str s)
{
    while (s.len > 0 && space(s.data[0]))
        s = (ol_str){s.data + 1, s.len - 1};
    while (s.len > 0 && space(s.data[s.len - 1]))
        s.len--;
    return s;
}

ol_str ol_str_slice(ol_str s, size_t from, size_t to)
{
    if (to > s.len)
        to = s.len;
    if (from > to)
        from = to;
    /* No arithmetic on the null pointer of an empty text: C leaves even adding zero undefined. */
    return (ol_str){from == 0 ? s.data : s.data + from, to - from};
}
