/* Random documents, good and damaged, read by us and by jansson. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lib/codec/json_print.h"
#include "tests/harness/test.h"

typedef struct maker {
    uint64_t state;
    ol_buf *into;
} maker;

static uint64_t pick(maker *m, uint64_t below)
{
    m->state ^= m->state << 13;
    m->state ^= m->state >> 7;
    m->state ^= m->state << 17;
    return (m->state >> 11) % below;
}

static void make_space(maker *m)
{
    while (pick(m, 8) == 0)
        ol_buf_add_char(m->into, " \t\r\n"[pick(m, 4)]);
}

static void make_string(maker *m)
{
    static const char *const PIECES[] = {"a",
                                         "key",
                                         "\\n",
                                         "\\\"",
                                         "\\\\",
                                         "\\u00e9",
                                         "\\/",
                                         "\xC3\xA9",
                                         "\xE2\x82\xAC",
                                         "\\ud83d\\ude00",
                                         "\xF0\x9F\x98\x80",
                                         " ",
                                         "}",
                                         "]",
                                         "\x7F"};
    ol_buf_add_char(m->into, '"');
    for (uint64_t i = pick(m, 12); i > 0; i--)
        ol_buf_add_str(m->into, ol_str_of(PIECES[pick(m, OL_COUNT(PIECES))]));
    ol_buf_add_char(m->into, '"');
}

static void make_number(maker *m)
{
    if (pick(m, 3) == 0)
        ol_buf_add_char(m->into, '-');
    ol_buf_addf(m->into, "%lu", pick(m, (uint64_t)1 << pick(m, 52)));
    if (pick(m, 3) == 0)
        ol_buf_addf(m->into, ".%lu", pick(m, 1000000));
    if (pick(m, 4) == 0)
        ol_buf_addf(m->into, "e%d", (int)pick(m, 60) - 30);
}

static void make_value(maker *m, unsigned depth)
{
    make_space(m);
    uint64_t kind = pick(m, depth > 0 ? 7 : 5);
    if (kind == 0) {
        make_string(m);
    } else if (kind == 1 || kind == 2) {
        make_number(m);
    } else if (kind < 5) {
        static const char *const WORDS[] = {"true", "false", "null"};
        ol_buf_add_str(m->into, ol_str_of(WORDS[pick(m, 3)]));
    } else {
        bool object = kind == 5;
        ol_buf_add_char(m->into, object ? '{' : '[');
        make_space(m);
        for (uint64_t i = 0, n = pick(m, 6); i < n; i++) {
            if (i > 0)
                ol_buf_add_char(m->into, ',');
            make_space(m);
            if (object) {
                make_string(m);
                make_space(m);
                ol_buf_add_char(m->into, ':');
            }
            make_value(m, depth - 1);
        }
        ol_buf_add_char(m->into, object ? '}' : ']');
    }
    make_space(m);
}

static void damage(maker *m)
{
    size_t at = pick(m, m->into->len);
    switch (pick(m, 3)) {
    case 0:
        m->into->data[at] = (uint8_t)"{}[],:\"\\0-.eu x\x01\xFF"[pick(m, 17)];
        break;
    case 1:
        m->into->len = at;
        break;
    default:
        memmove(m->into->data + at, m->into->data + at + 1, m->into->len - at - 1);
        m->into->len--;
    }
}

/* *ret_too_big: an integer beyond 64 bits, which the peer has no type for. */
static json_t *read_by_peer(ol_str text, bool *ret_too_big)
{
    json_error_t error;
    json_t *value = json_loadb(text.data, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    *ret_too_big = value == NULL && json_error_code(&error) == json_error_numeric_overflow;
    return value;
}

/* The peer forgets the sign of an integer zero. */
static bool has_minus_zero(ol_str text)
{
    size_t at;
    while (ol_str_find(text, OL_STR("-0"), &at)) {
        text = ol_str_slice(text, at + 2, text.len);
        if (text.len == 0 || (text.data[0] != '.' && text.data[0] != 'e'))
            return true;
    }
    return false;
}

/* Both printed by us, keys sorted, then compared as texts: our print of our reading against our
 * reading of the peer's print. */
static void check_same(ol_str text, const json_t *theirs, uint64_t seed)
{
    ol_buf ours = ol_buf_new(OL_MIB(1));
    ol_buf again = ol_buf_new(OL_MIB(1));
    ol_json value;
    ol_err err;
    char *dumped = json_dumps(theirs, JSON_ENCODE_ANY | JSON_COMPACT);
    CHECK(dumped != NULL);
    CHECK_OK(ol_json_parse(text, &value, &err));
    CHECK_OK(ol_json_print(&value, OL_JSON_KEYS_SORTED, &ours, &err));
    CHECK_OK(ol_json_parse(ol_str_of(dumped), &value, &err));
    CHECK_OK(ol_json_print(&value, OL_JSON_KEYS_SORTED, &again, &err));
    char row[32];
    (void)snprintf(row, sizeof row, "seed %lu", seed);
    CHECK_STR_ROW(ol_buf_str(&again), ol_buf_str(&ours), row);
    free(dumped);
    ol_buf_deinit(&ours);
    ol_buf_deinit(&again);
}

TEST("jansson reads random documents as we do")
{
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        ol_buf text = ol_buf_new(OL_MIB(1));
        maker m = {seed * 0x9E3779B97F4A7C15u, &text};
        make_value(&m, 6);
        bool too_big;
        json_t *theirs = read_by_peer(ol_buf_str(&text), &too_big);
        if (theirs == NULL)
            ol_test_fail(__FILE__, __LINE__, "the peer refuses %.*s", OL_FMT(ol_buf_str(&text)));
        if (!has_minus_zero(ol_buf_str(&text)))
            check_same(ol_buf_str(&text), theirs, seed);
        json_decref(theirs);
        ol_buf_deinit(&text);
    }
}

TEST("jansson refuses the damaged documents that we refuse")
{
    size_t refused = 0;
    for (uint64_t seed = 1; seed <= 20000; seed++) {
        ol_buf text = ol_buf_new(OL_MIB(1));
        maker m = {seed * 0xD1342543DE82EF95u, &text};
        make_value(&m, 4);
        damage(&m);
        bool ours = ol_json_valid(ol_buf_str(&text));
        bool too_big;
        json_t *theirs = read_by_peer(ol_buf_str(&text), &too_big);
        if (!too_big && ours != (theirs != NULL))
            ol_test_fail(__FILE__, __LINE__, "seed %lu: we say %d to %.*s", seed, ours,
                         OL_FMT(ol_buf_str(&text)));
        refused += !ours;
        if (theirs != NULL && !has_minus_zero(ol_buf_str(&text)))
            check_same(ol_buf_str(&text), theirs, seed);
        json_decref(theirs);
        ol_buf_deinit(&text);
    }
    CHECK(refused > 5000);
}
