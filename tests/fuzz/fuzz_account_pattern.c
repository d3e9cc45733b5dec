/* A pattern, a line feed, an account id. A match says something about an id of 1 to 64 bytes; plain
 * text matches itself alone; what looks around, refers back or calls itself is refused. */
#include <string.h>

#include "lib/secrets/account_pattern.h"
#include "lib/secrets/condition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ACCOUNT_BYTES_MAX = 64 };

static bool is_plain(ol_str pattern)
{
    static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyz0123456789-_@";
    for (size_t i = 0; i < pattern.len; i++) {
        if (pattern.data[i] == '\0' || strchr(PLAIN, pattern.data[i]) == NULL)
            return false;
    }
    return pattern.len <= OL_CONDITION_PATTERN_BYTES_MAX;
}

static bool is_ascii(ol_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((uint8_t)text.data[i] >= 0x80)
            return false;
    }
    return true;
}

/* Refused anywhere a pattern can have them but inside of a class, behind a backslash or in a
 * comment: so no backslash, class or comment stands before. */
static bool has_forbidden(ol_str pattern)
{
    static const ol_str FORBIDDEN[] = {OL_STR_INIT("(?="), OL_STR_INIT("(?!"),  OL_STR_INIT("(?<="),
                                       OL_STR_INIT("(?R"), OL_STR_INIT("(?<!"), OL_STR_INIT("(*"),
                                       OL_STR_INIT("(?>"), OL_STR_INIT("(?C")};
    OL_EACH (one, FORBIDDEN) {
        size_t at;
        if (!ol_str_find(pattern, *one, &at))
            continue;
        bool hidden = false;
        for (size_t i = 0; i < at; i++)
            hidden = hidden || pattern.data[i] == '\\' || pattern.data[i] == '[';
        if (!hidden)
            return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ol_str text = {(const char *)data, size};
    ol_str pattern;
    ol_str account;
    if (!ol_str_cut_last(text, '\n', &pattern, &account))
        return 0;
    ol_pattern_match got = ol_account_pattern_match(pattern, account);
    bool possible = account.len >= 1 && account.len <= ACCOUNT_BYTES_MAX;
    OL_ASSERT(got != OL_PATTERN_YES || possible);
    OL_ASSERT(got == OL_PATTERN_UNUSABLE || pattern.len <= OL_CONDITION_PATTERN_BYTES_MAX);
    if (is_plain(pattern) && is_ascii(account)) /* an id that is no text is beyond the matcher */
        OL_ASSERT(got ==
                  (possible && ol_str_eq(pattern, account) ? OL_PATTERN_YES : OL_PATTERN_NO));
    if (has_forbidden(pattern))
        OL_ASSERT(got == OL_PATTERN_UNUSABLE);
    return 0;
}
