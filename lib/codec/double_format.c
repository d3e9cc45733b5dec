#include <string.h>

#include "lib/base/assert.h"
#include "lib/codec/bignum.h"
#include "lib/codec/double.h"

/* Shortest digits that identify the double, and where the point stands: 0.d1d2… * 10^point. */
enum { SHORTEST_MAX = 17 };

typedef struct digits {
    char digit[SHORTEST_MAX + 1];
    size_t count;
    int point;
} digits;

static void set_digits(digits *d, uint64_t whole, int places_behind_point)
{
    char text[20];
    size_t count = 0;
    for (; whole > 0; whole /= 10)
        text[count++] = (char)('0' + whole % 10);
    d->point = (int)count - places_behind_point;
    size_t zeros = 0;
    while (text[zeros] == '0')
        zeros++;
    d->count = count - zeros;
    for (size_t i = 0; i < d->count; i++)
        d->digit[i] = text[count - 1 - i];
}

/* Numbers people write: up to 15 digits and few places. The first number of places at which
 * whole / 10^places gives the value back has the fewest digits, and with at most 15 digits no other
 * text of that length does so. */
static bool shortest_quick(double value, digits *d)
{
    static const double POW10[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};
    for (int places = 0; places < (int)OL_COUNT(POW10); places++) {
        double scaled = value * POW10[places];
        if (scaled >= 1e15)
            return false;
        uint64_t whole = (uint64_t)(scaled + 0.5);
        if (whole != 0 && (double)whole / POW10[places] == value) {
            set_digits(d, whole, places);
            return true;
        }
    }
    return false;
}

/* Steele and White's free-format algorithm: value = number / scale, and the doubles next to it lie
 * 2 * above and 2 * below away (in units of 1 / scale). */
typedef struct ratio {
    ol__big number;
    ol__big scale;
    ol__big above;
    ol__big below;
    bool even; /* ties round to this value, so the middles belong to it */
} ratio;

static void ratio_of(uint64_t mantissa, int exponent, bool lowest_of_its_power, ratio *r)
{
    unsigned wide = lowest_of_its_power ? 2 : 1; /* the gap below is half of that above */
    unsigned up = exponent > 0 ? (unsigned)exponent : 0;
    unsigned down = exponent < 0 ? (unsigned)-exponent : 0;
    ol__big_set(&r->number, mantissa);
    ol__big_shift(&r->number, up + wide);
    ol__big_set(&r->scale, 1);
    ol__big_shift(&r->scale, down + wide);
    ol__big_set(&r->below, 1);
    ol__big_shift(&r->below, up);
    ol__big_set(&r->above, 1);
    ol__big_shift(&r->above, up + wide - 1);
    r->even = (mantissa & 1) == 0;
}

static void mul_pow10(ol__big *n, unsigned power)
{
    ol__big_mul_pow5(n, power);
    ol__big_shift(n, power);
}

static bool reaches_above(const ratio *r)
{
    ol__big sum;
    ol__big_copy(&sum, &r->number);
    ol__big_add(&sum, &r->above);
    int order = ol__big_compare(&sum, &r->scale);
    return r->even ? order >= 0 : order > 0;
}

static bool reaches_below(const ratio *r)
{
    int order = ol__big_compare(&r->number, &r->below);
    return r->even ? order <= 0 : order < 0;
}

static void times_ten(ratio *r)
{
    ol__big_mul_small(&r->number, 10, 0);
    ol__big_mul_small(&r->above, 10, 0);
    ol__big_mul_small(&r->below, 10, 0);
}

/* Scales so that the value is 0.d1d2…; returns the place of the point. */
static int scale_to_fraction(ratio *r, uint64_t mantissa, int exponent)
{
    /* log10(value), a little too small, rounded up: right or one too small. */
    int bits = 63 - __builtin_clzll(mantissa);
    double log = (double)(exponent + bits) * 0.30102999566398114 - 1e-10;
    int point = (int)log + (log > 0);
    if (point >= 0) {
        mul_pow10(&r->scale, (unsigned)point);
    } else {
        mul_pow10(&r->number, (unsigned)-point);
        mul_pow10(&r->above, (unsigned)-point);
        mul_pow10(&r->below, (unsigned)-point);
    }
    if (reaches_above(r)) {
        ol__big_mul_small(&r->scale, 10, 0);
        point++;
    }
    return point;
}

/* number / scale as one digit; number becomes the remainder. With the scale's top limb filled above
 * its middle, the estimate from top limbs is off by at most one. */
static unsigned divide_digit(ol__big *number, const ol__big *scale)
{
    size_t n = scale->count;
    if (number->count < n)
        return 0;
    ol_u128 top = number->limb[n - 1];
    if (number->count > n)
        top |= (ol_u128)number->limb[n] << 64;
    unsigned digit = (unsigned)(top / ((ol_u128)scale->limb[n - 1] + 1));
    if (digit > 0) {
        ol__big product;
        ol__big_copy(&product, scale);
        ol__big_mul_small(&product, digit, 0);
        ol__big_sub(number, &product);
    }
    while (ol__big_compare(number, scale) >= 0) {
        ol__big_sub(number, scale);
        digit++;
    }
    OL_ASSERT(digit <= 9);
    return digit;
}

/* Fills the scale's top limb (all four numbers are shifted alike), for divide_digit's estimate. */
static void fill_top_limb(ratio *r)
{
    unsigned shift = (unsigned)__builtin_clzll(r->scale.limb[r->scale.count - 1]);
    ol__big_shift(&r->number, shift);
    ol__big_shift(&r->scale, shift);
    ol__big_shift(&r->above, shift);
    ol__big_shift(&r->below, shift);
}

static void shortest_exact(uint64_t mantissa, int exponent, bool lowest_of_its_power, digits *d)
{
    ratio r;
    ratio_of(mantissa, exponent, lowest_of_its_power, &r);
    d->point = scale_to_fraction(&r, mantissa, exponent);
    d->count = 0;
    fill_top_limb(&r);
    for (;;) {
        times_ten(&r);
        unsigned digit = divide_digit(&r.number, &r.scale);
        bool low = reaches_below(&r);
        bool high = reaches_above(&r);
        if (low && high) { /* both this digit and the next identify it: take the nearer */
            ol__big_shift(&r.number, 1);
            int order = ol__big_compare(&r.number, &r.scale);
            digit += order > 0 || (order == 0 && (digit & 1) != 0);
        } else if (high) {
            digit++;
        }
        OL_ASSERT(digit <= 9 && d->count < SHORTEST_MAX);
        d->digit[d->count++] = (char)('0' + digit);
        if (low || high)
            return;
    }
}

static void put(ol_double_text *text, char c)
{
    OL_ASSERT(text->len + 1 < sizeof text->data);
    text->data[text->len++] = c;
}

static void put_digits(ol_double_text *text, const digits *d, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        put(text, i < d->count ? d->digit[i] : '0');
}

static void put_exponent(ol_double_text *text, int exponent)
{
    unsigned size = (unsigned)(exponent < 0 ? -exponent : exponent);
    put(text, 'e');
    put(text, exponent < 0 ? '-' : '+');
    if (size >= 100)
        put(text, (char)('0' + size / 100));
    if (size >= 10)
        put(text, (char)('0' + size / 10 % 10));
    put(text, (char)('0' + size % 10));
}

/* Coordinator 19: plain from 1e-5 up to below 1e16, always with a point. */
static void layout(ol_double_text *text, const digits *d)
{
    if (d->point > 0 && d->point <= 16) {
        size_t whole = (size_t)d->point;
        put_digits(text, d, 0, whole);
        put(text, '.');
        put_digits(text, d, whole, d->count > whole ? d->count : whole + 1);
    } else if (d->point <= 0 && d->point > -5) {
        put(text, '0');
        put(text, '.');
        for (int i = d->point; i < 0; i++)
            put(text, '0');
        put_digits(text, d, 0, d->count);
    } else {
        put(text, d->digit[0]);
        if (d->count > 1)
            put(text, '.');
        put_digits(text, d, 1, d->count);
        put_exponent(text, d->point - 1);
    }
}

ol_double_text ol_double_format(double value)
{
    const uint64_t fraction_mask = ((uint64_t)1 << 52) - 1;
    ol_double_text text = {.len = 0};
    uint64_t bits;
    digits d = {.count = 0};
    memcpy(&bits, &value, sizeof bits);
    unsigned biased = (unsigned)(bits >> 52 & 0x7FF);
    uint64_t mantissa = bits & fraction_mask;
    OL_ASSERT(biased != 0x7FF);
    if (bits >> 63 != 0) {
        put(&text, '-');
        value = -value;
    }
    if (biased == 0 && mantissa == 0)
        d = (digits){.digit = "0", .count = 1, .point = 1};
    else if (value < 1e-4 || !shortest_quick(value, &d))
        shortest_exact(biased == 0 ? mantissa : mantissa | (uint64_t)1 << 52,
                       biased == 0 ? -1074 : (int)biased - 1075, mantissa == 0 && biased > 1, &d);
    layout(&text, &d);
    text.data[text.len] = '\0';
    return text;
}
