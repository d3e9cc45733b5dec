#define PCRE2_CODE_UNIT_WIDTH 8
#include "lib/secrets/account_pattern.h"

#include <pcre2.h>

#include "lib/base/buf.h"
#include "lib/secrets/condition.h"

enum {
    ACCOUNT_BYTES_MAX = 64,
    WRAPPING_BYTES = 8,    /* \A(?: and )\z */
    WORKSPACE_INTS = 4096, /* states alive at once: with the id's length this bounds the work */
    OFFSETS = 2,           /* one pair: the longest match */
    HEAP_KIB_MAX = 1024,
    /* One for the pattern as a whole. The matcher calls itself for what looks around, recurses or
     * gives nothing back (`(ab)++`, which it would even judge wrongly): whatever the scan missed
     * ends here. */
    CALLS_MAX = 1,
};

typedef struct scan {
    ol_str text;
    size_t at;
    bool in_class;
} scan;

/* Behind a backslash: quoting, and `\c`, which take more than the next character, so that this scan
 * and the matcher would part; outside of classes also references to groups, and what changes where
 * a match counts. */
static bool escape_allowed(char c, bool in_class)
{
    const char *refused = in_class ? "cQE" : "cQE123456789gkGKCXRZ";
    for (const char *one = refused; *one != '\0'; one++) {
        if (c == *one)
            return false;
    }
    return true;
}

/* Behind `(?`: groups without capture, with a name, and flags; not the flag x, whose comments would
 * hide from this scan what the matcher reads. */
static bool group_allowed(ol_str rest)
{
    static const char FLAGS[] = "imsU-";
    if (ol_str_starts(rest, OL_STR("P<")) || ol_str_starts(rest, OL_STR(":")))
        return true;
    for (size_t i = 0; i < rest.len; i++) {
        bool flag = false;
        if (rest.data[i] == ':' || rest.data[i] == ')')
            return true;
        for (const char *one = FLAGS; *one != '\0'; one++)
            flag = flag || rest.data[i] == *one;
        if (!flag)
            return false;
    }
    return false;
}

/* Behind a bracket in a class: `:alpha:]` belongs to it with its own end. Any other bracket there
 * is to be escaped; the matcher would take some of them for more than themselves. */
static bool posix_class_skip(scan *s, ol_str rest)
{
    size_t n = 1;
    if (!ol_str_starts(rest, OL_STR(":")))
        return false;
    while (n < rest.len && ((rest.data[n] >= 'a' && rest.data[n] <= 'z') || rest.data[n] == '^'))
        n++;
    if (!ol_str_starts(ol_str_slice(rest, n, rest.len), OL_STR(":]")))
        return false;
    s->at += n + 2;
    return true;
}

static bool step_allowed(scan *s)
{
    char c = s->text.data[s->at++];
    ol_str rest = ol_str_slice(s->text, s->at, s->text.len);
    if (c == '\\') {
        s->at++;
        return rest.len > 0 && escape_allowed(rest.data[0], s->in_class);
    }
    if (s->in_class) {
        s->in_class = c != ']';
        return c != '[' || posix_class_skip(s, rest);
    }
    if (c == '[') {
        s->in_class = true;
        /* A bracket that stands first is a member of the class. */
        if (ol_str_starts(rest, OL_STR("^")))
            s->at++;
        if (s->at < s->text.len && s->text.data[s->at] == ']')
            s->at++;
        return true;
    }
    if (c != '(')
        return true;
    if (ol_str_starts(rest, OL_STR("*")))
        return false;
    return !ol_str_starts(rest, OL_STR("?")) || group_allowed(ol_str_slice(rest, 1, rest.len));
}

static bool pattern_allowed(ol_str pattern)
{
    scan s = {pattern, 0, false};
    if (pattern.len > OL_CONDITION_PATTERN_BYTES_MAX)
        return false;
    while (s.at < pattern.len) {
        if (!step_allowed(&s))
            return false;
    }
    return true;
}

static pcre2_code *compile(ol_str pattern)
{
    char text[OL_CONDITION_PATTERN_BYTES_MAX + WRAPPING_BYTES];
    int error;
    size_t error_at;
    ol_buf whole = ol_buf_over(text, sizeof text);
    ol_buf_add_str(&whole, OL_STR("\\A(?:"));
    ol_buf_add_str(&whole, pattern);
    ol_buf_add_str(&whole, OL_STR(")\\z"));
    if (!ol_buf_ok(&whole))
        return NULL;
    return pcre2_compile((PCRE2_SPTR)whole.data, whole.len,
                         PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY |
                             PCRE2_NEVER_BACKSLASH_C,
                         &error, &error_at, NULL);
}

static ol_pattern_match match(const pcre2_code *code, ol_str account)
{
    int workspace[WORKSPACE_INTS];
    pcre2_match_data *data = pcre2_match_data_create(OFFSETS, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    int rc = PCRE2_ERROR_NOMEMORY;
    bool whole = false;
    if (data != NULL && context != NULL) {
        (void)pcre2_set_heap_limit(context, HEAP_KIB_MAX);
        (void)pcre2_set_match_limit(context, CALLS_MAX);
        rc = pcre2_dfa_match(code, (PCRE2_SPTR)account.data, account.len, 0,
                             PCRE2_ANCHORED | PCRE2_ENDANCHORED, data, context, workspace,
                             WORKSPACE_INTS);
        whole = rc >= 0 && pcre2_get_ovector_pointer(data)[1] == account.len;
    }
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    if (rc == PCRE2_ERROR_NOMATCH)
        return OL_PATTERN_NO;
    if (rc < 0)
        return OL_PATTERN_UNUSABLE;
    return whole ? OL_PATTERN_YES : OL_PATTERN_NO;
}

ol_pattern_match ol_account_pattern_match(ol_str pattern, ol_str account)
{
    ol_pattern_match verdict;
    pcre2_code *code;
    if (!pattern_allowed(pattern))
        return OL_PATTERN_UNUSABLE;
    code = compile(pattern);
    if (code == NULL)
        return OL_PATTERN_UNUSABLE;
    verdict =
        account.len == 0 || account.len > ACCOUNT_BYTES_MAX ? OL_PATTERN_NO : match(code, account);
    pcre2_code_free(code);
    return verdict;
}
