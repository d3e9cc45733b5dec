#include "lib/codec/double.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/test.h"

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double of_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Doubles of every kind, the same in each run: xorshift64. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void check_parse(const char *text)
{
    double want = strtod(text, NULL);
    double got = 0;
    bool fits = ol_double_parse(ol_str_of(text), &got);
    CHECK_EQ_ROW(fits, isfinite(want) != 0, text);
    if (fits)
        CHECK_EQ_ROW(bits_of(got), bits_of(want), text);
}

TEST("known hard numbers are rounded correctly")
{
    static const char *const HARD[] = {
        "0",
        "-0",
        "0e5",
        "1",
        "1e22",
        "1e23",
        "9007199254740993",
        "9007199254740992.5",
        "9007199254740993.0000000000000000000000000000000000000000000000000000000000000001",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "1e309",
        "2.2250738585072011e-308",
        "2.2250738585072012e-308",
        "2.2250738585072014e-308",
        "4.9406564584124654e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "2.5e-324",
        "1e-323",
        "1e-324",
        "1e-400",
        "1e400",
        "0.000000000000000000000000001e27",
        "179769313486231580793728971405301e276",
        "6929495644600919.5",
        "3.7455744005952583e15",
        "2.2250738585072008890245868760858598876504231122409594654935248025624400092282356951787758"
        "88803759155264230978095043431208587738715835729182199302029437922422355981982750124204178"
        "89682e-308",
    };
    OL_EACH (text, HARD)
        check_parse(*text);
}

TEST("long digits decide by their last one")
{
    /* The middle between two neighbours, exactly, one above and one below: 2^53 + 1 with zeros. */
    char text[1200];
    for (size_t zeros = 0; zeros < 900; zeros += 149) {
        int head = snprintf(text, sizeof text, "9007199254740993.");
        memset(text + head, '0', zeros);
        (void)snprintf(text + head + zeros, sizeof text - (size_t)head - zeros, "1");
        check_parse(text);
    }
}

TEST("a million random texts parse as the C library parses them")
{
    uint64_t state = 88172645463325252u;
    for (int i = 0; i < 250000; i++) {
        char text[80];
        uint64_t a = next_random(&state);
        uint64_t b = next_random(&state);
        (void)snprintf(text, sizeof text, "%lu%lue%d", a, b, (int)(a % 700) - 380);
        check_parse(text);
        (void)snprintf(text, sizeof text, "%lu.%lu", a % 1000000, b);
        check_parse(text);
        (void)snprintf(text, sizeof text, "%lue%d", a >> (b % 64), (int)(b % 660) - 345);
        check_parse(text);
        double value = of_bits(a);
        if (isfinite(value)) {
            (void)snprintf(text, sizeof text, "%.17g", value);
            check_parse(text);
        }
    }
}

/* Digits of the shortest "%.*e" that reads back, and how many. */
static size_t shortest_by_trial(double value)
{
    char text[64];
    for (int digits = 1; digits < 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*e", digits - 1, value);
        if (strtod(text, NULL) == value)
            return (size_t)digits;
    }
    return 17;
}

static size_t count_digits(const char *text)
{
    size_t count = 0;
    size_t zeros = 0;
    for (; *text != '\0' && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (count == 0 && *text == '0'))
            continue;
        count++;
        zeros = *text == '0' ? zeros + 1 : 0;
    }
    return count - zeros;
}

static void check_format(double value)
{
    ol_double_text text = ol_double_format(value);
    CHECK_EQ_ROW(text.len, strlen(text.data), text.data);
    CHECK_EQ_ROW(bits_of(strtod(text.data, NULL)), bits_of(value), text.data);
    if (value != 0)
        CHECK_ROW(count_digits(text.data) <= shortest_by_trial(value), text.data);
}

TEST("random doubles print as the shortest text that reads back")
{
    uint64_t state = 4101842887655102017u;
    for (int i = 0; i < 60000; i++) {
        uint64_t bits = next_random(&state);
        if (isfinite(of_bits(bits)))
            check_format(of_bits(bits));
        check_format((double)(bits % 100000000) / 1000);
        check_format((double)(int64_t)bits);
        check_format(of_bits(bits & (((uint64_t)1 << 52) - 1))); /* subnormal */
        check_format(of_bits((bits % 2046 + 1) << 52));          /* powers of two */
        check_format(of_bits(((bits % 2046 + 1) << 52) - 1));
    }
}

static const struct {
    double value;
    const char *text;
} FORMS[] = {
    {0.0, "0.0"},
    {-0.0, "-0.0"},
    {1.0, "1.0"},
    {-1500.0, "-1500.0"},
    {0.1, "0.1"},
    {100000.0, "100000.0"},
    {1e15, "1000000000000000.0"},
    {1234567890123456.0, "1234567890123456.0"},
    {9007199254740994.0, "9007199254740994.0"},
    {1e16, "1e+16"},
    {12345678901234568.0, "1.2345678901234568e+16"},
    {1e21, "1e+21"},
    {18446744073709551616.0, "1.8446744073709552e+19"},
    {1e-4, "0.0001"},
    {1e-5, "0.00001"},
    {1.5e-5, "0.000015"},
    {1.23e-5, "0.0000123"},
    {1e-6, "1e-6"},
    {1.25e-6, "1.25e-6"},
    {1e-7, "1e-7"},
    {5e-324, "5e-324"},
    {1.7976931348623157e308, "1.7976931348623157e+308"},
    {0.30000000000000004, "0.30000000000000004"},
    {2.2250738585072014e-308, "2.2250738585072014e-308"},
    {9.5367431640625e-7, "9.5367431640625e-7"},
    {1e23, "1e+23"},
    {9.999999999999999e22, "1e+23"},
};

TEST("doubles are laid out as the wire has them")
{
    OL_EACH (row, FORMS)
        CHECK_STR(ol_str_of(ol_double_format(row->value).data), ol_str_of(row->text));
}
