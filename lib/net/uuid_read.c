#include "lib/net/uuid_read.h"

#include <string.h>

static const size_t GROUP_START[] = {0, 9, 14, 19, 24, 37};

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool hyphen_due(size_t at)
{
    return at == 8 || at == 13 || at == 18 || at == 23;
}

/* Takes off braces or the URN's head; *ret_plain says that there was neither. */
static ol_str strip(ol_str text, bool *ret_plain)
{
    *ret_plain = false;
    if (text.len >= 2 && text.data[0] == '{' && text.data[text.len - 1] == '}')
        return ol_str_slice(text, 1, text.len - 1);
    if (ol_str_starts(text, OL_STR("urn:uuid:")))
        return ol_str_slice(text, strlen("urn:uuid:"), text.len);
    *ret_plain = true;
    return text;
}

static void put(char ret[OL_UUID_CANONICAL_LEN + 1], size_t *at, char c)
{
    if (hyphen_due(*at))
        ret[(*at)++] = '-';
    ret[(*at)++] = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
}

static bool read_digits(ol_str text, bool hyphens, char ret[OL_UUID_CANONICAL_LEN + 1])
{
    size_t at = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (hyphens && hyphen_due(i)) {
            if (text.data[i] != '-')
                return false;
        } else if (is_hex(text.data[i])) {
            put(ret, &at, text.data[i]);
        } else {
            return false;
        }
    }
    ret[at] = 0;
    return at == OL_UUID_CANONICAL_LEN;
}

static size_t char_len(unsigned char first)
{
    return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* Why it is no UUID: the first foreign character, else lengths. `text` is UTF-8. */
static ol_rc explain(ol_str whole, ol_str text, bool plain, ol_err *err)
{
    size_t hyphens = 0;
    size_t bound[4] = {0};
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '-') {
            if (hyphens < OL_COUNT(bound))
                bound[hyphens] = i;
            hyphens++;
        } else if (!is_hex(text.data[i])) {
            ol_str found = ol_str_slice(text, i, i + char_len((unsigned char)text.data[i]));
            return ol_fail(err, OL_ERR_INVALID,
                           "UUID parsing failed: invalid character: found `%.*s` at %zu",
                           OL_FMT(found), i + (size_t)(text.data - whole.data));
        }
    }
    if (hyphens == 0 && plain)
        return ol_fail(
            err, OL_ERR_INVALID,
            "UUID parsing failed: invalid length: expected length 32 for simple format, found %zu",
            whole.len);
    if (hyphens != OL_COUNT(bound))
        return ol_fail(err, OL_ERR_INVALID,
                       "UUID parsing failed: invalid group count: expected 5, found %zu",
                       hyphens + 1);
    for (size_t i = 0; i <= OL_COUNT(bound); i++) {
        size_t start = i == 0 ? 0 : bound[i - 1] + 1;
        size_t len = (i < OL_COUNT(bound) ? bound[i] : text.len) - start;
        size_t wanted = GROUP_START[i + 1] - GROUP_START[i] - 1;
        if (len != wanted)
            return ol_fail(
                err, OL_ERR_INVALID,
                "UUID parsing failed: invalid group length in group %zu: expected %zu, found %zu",
                i, wanted, len);
    }
    return ol_fail(err, OL_ERR_INVALID, "UUID parsing failed");
}

ol_rc ol_uuid_read(ol_str text, char ret[OL_UUID_CANONICAL_LEN + 1], ol_err *err)
{
    bool plain;
    char canonical[OL_UUID_CANONICAL_LEN + 1];
    ol_str digits = strip(text, &plain);
    bool simple = digits.len == 32;
    if ((simple || digits.len == OL_UUID_CANONICAL_LEN) &&
        read_digits(digits, !simple, canonical)) {
        memcpy(ret, canonical, sizeof canonical);
        return OL_OK;
    }
    return explain(text, digits, plain, err);
}
