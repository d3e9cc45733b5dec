#include <string.h>

#include "lib/base/assert.h"
#include "lib/codec/bignum.h"
#include "lib/codec/double.h"

/* Digits that can decide a rounding: the exact middle between two doubles has at most 768. Further
 * ones only say "a little more". */
enum { DIGITS_MAX = 800 };

/* Text taken apart: digits d1 d2 … without zeros in front, value d1d2… * 10^exponent. */
typedef struct decimal {
    bool negative;
    bool more; /* non-zero digits beyond DIGITS_MAX were left out */
    size_t count;
    int64_t exponent;
    uint64_t head; /* the first 19 digits as a number */
    uint8_t digit[DIGITS_MAX];
} decimal;

/* Exponents of more digits than this mean zero or infinity whatever stands before. */
#define EXPONENT_CEILING INT64_C(1000000000000)

static void take_digit(decimal *d, char c, bool behind_point)
{
    uint8_t digit = (uint8_t)(c - '0');
    if (d->count == DIGITS_MAX) {
        d->more = d->more || digit != 0;
        d->exponent += !behind_point;
        return;
    }
    d->exponent -= behind_point;
    if (digit == 0 && d->count == 0)
        return;
    if (d->count < 19)
        d->head = d->head * 10 + digit;
    d->digit[d->count++] = digit;
}

static void take_exponent(decimal *d, ol_str text)
{
    bool negative = false;
    int64_t exponent = 0;
    size_t at = 0;
    if (text.len > 0 && (text.data[0] == '-' || text.data[0] == '+'))
        negative = text.data[at++] == '-';
    for (; at < text.len && exponent < EXPONENT_CEILING; at++)
        exponent = exponent * 10 + (text.data[at] - '0');
    d->exponent += negative ? -exponent : exponent;
}

static void take_apart(ol_str text, decimal *d)
{
    bool behind_point = false;
    size_t at = 0;
    d->negative = text.len > 0 && text.data[0] == '-';
    d->more = false;
    d->count = 0;
    d->exponent = 0;
    d->head = 0;
    for (at = d->negative; at < text.len; at++) {
        if (text.data[at] == '.') {
            behind_point = true;
        } else if ((text.data[at] | 0x20) == 'e') {
            take_exponent(d, ol_str_slice(text, at + 1, text.len));
            break;
        } else {
            take_digit(d, text.data[at], behind_point);
        }
    }
    while (d->count > 0 && d->digit[d->count - 1] == 0 && !d->more) {
        d->count--;
        d->exponent++;
        if (d->count < 19)
            d->head /= 10;
    }
}

/* Clinger's fast case: both factors are exact doubles, so one operation rounds once. */
static bool parse_exact(const decimal *d, double *ret)
{
    static const double POW10[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (d->count > 19 || d->head > (uint64_t)1 << 53 || d->exponent < -22 || d->exponent > 22)
        return false;
    double head = (double)d->head;
    *ret = d->exponent < 0 ? head / POW10[-d->exponent] : head * POW10[d->exponent];
    return true;
}

static double assemble(uint64_t mantissa, int exponent)
{
    /* mantissa < 2^53 times 2^exponent, normal or subnormal; both fit by construction. */
    uint64_t bits = mantissa;
    if (mantissa >> 52 != 0)
        bits = (mantissa & (((uint64_t)1 << 52) - 1)) | (uint64_t)(exponent + 1075) << 52;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Rounds top * 2^exponent (top has its highest bit set; `more` says something follows). */
static bool round_top(uint64_t top, int exponent, bool more, double *ret)
{
    int drop = 11;
    if (exponent + drop < -1074) /* subnormal: fewer bits are left */
        drop = -1074 - exponent;
    if (drop > 64) {
        *ret = 0;
        return true;
    }
    uint64_t kept = drop == 64 ? 0 : top >> drop;
    uint64_t half = (uint64_t)1 << (drop - 1);
    uint64_t rest = drop == 64 ? top : top & ((half << 1) - 1);
    if (rest > half || (rest == half && (more || (kept & 1) != 0)))
        kept++;
    exponent += drop;
    if (kept >> 53 != 0) {
        kept >>= 1;
        exponent++;
    }
    if (exponent > 971)
        return false;
    *ret = assemble(kept, exponent);
    return true;
}

static void big_of(const decimal *d, ol__big *ret)
{
    ol__big_set(ret, d->head);
    for (size_t at = 19; at < d->count; at += 18) {
        uint64_t part = 0;
        uint64_t scale = 1;
        for (size_t i = at; i < at + 18 && i < d->count; i++) {
            part = part * 10 + d->digit[i];
            scale *= 10;
        }
        ol__big_mul_small(ret, scale, part);
    }
}

/* The highest 64 bits; *ret_more when others below are set. n >= 1. */
static uint64_t top_bits(const ol__big *n, bool *ret_more)
{
    unsigned shift = (unsigned)__builtin_clzll(n->limb[n->count - 1]);
    uint64_t top = n->limb[n->count - 1] << shift;
    size_t below = n->count - 1;
    if (below > 0 && shift > 0) {
        top |= n->limb[below - 1] >> (64 - shift);
        *ret_more = *ret_more || n->limb[below - 1] << shift != 0;
        below--;
    }
    for (size_t i = 0; i < below; i++)
        *ret_more = *ret_more || n->limb[i] != 0;
    return top;
}

static bool parse_whole(const decimal *d, double *ret)
{
    ol__big n;
    bool more = d->more;
    big_of(d, &n);
    ol__big_mul_pow5(&n, (unsigned)d->exponent);
    int exponent = (int)ol__big_bits(&n) - 64 + (int)d->exponent;
    uint64_t top = top_bits(&n, &more);
    return round_top(top, exponent, more, ret);
}

/* Moves the highest bit of n to the top of limb `limbs - 1`; returns by how many bits. */
static unsigned align(ol__big *n, size_t limbs)
{
    unsigned shift = (unsigned)(limbs * 64 - ol__big_bits(n));
    ol__big_shift(n, shift);
    return shift;
}

/* floor(a * 2^64 / b) for aligned a < b of the same length: one step of long division. The estimate
 * from two limbs over one is too large by at most 2. *ret_more: there is a remainder. */
static uint64_t divide_top(ol__big *a, const ol__big *b, bool *ret_more)
{
    size_t n = b->count;
    ol_u128 top = (ol_u128)a->limb[n - 1] << 64 | (n > 1 ? a->limb[n - 2] : 0);
    ol_u128 wide = top / b->limb[n - 1];
    uint64_t quotient = wide > UINT64_MAX ? UINT64_MAX : (uint64_t)wide;
    ol__big product;
    ol__big_shift(a, 64);
    for (;;) {
        ol__big_copy(&product, b);
        ol__big_mul_small(&product, quotient, 0);
        if (ol__big_compare(&product, a) <= 0)
            break;
        quotient--;
    }
    *ret_more = *ret_more || ol__big_compare(&product, a) != 0;
    return quotient;
}

static bool parse_fraction(const decimal *d, double *ret)
{
    ol__big a;
    ol__big b;
    bool more = d->more;
    unsigned power = (unsigned)-d->exponent;
    big_of(d, &a);
    ol__big_set(&b, 1);
    ol__big_mul_pow5(&b, power);
    size_t limbs = a.count > b.count ? a.count : b.count;
    int exponent = (int)align(&b, limbs) - (int)align(&a, limbs) - (int)power;
    if (ol__big_compare(&a, &b) >= 0) { /* a / b in [1, 2): take one bit less */
        ol__big_shift(&b, 1);
        limbs = b.count;
        ol__big_shift(&a, 63);
        ol__big_shift(&b, 63);
        exponent++;
        OL_ASSERT(b.count == limbs);
    }
    uint64_t top = divide_top(&a, &b, &more);
    return round_top(top, exponent - 64, more, ret);
}

bool ol_double_parse(ol_str number, double *ret)
{
    decimal d;
    double value = 0;
    take_apart(number, &d);
    if (d.count > 0) {
        int64_t places = (int64_t)d.count + d.exponent; /* value < 10^places */
        if (places > 310)
            return false;
        bool fits = true;
        if (places < -325)
            value = 0;
        else if (!parse_exact(&d, &value))
            fits = d.exponent >= 0 ? parse_whole(&d, &value) : parse_fraction(&d, &value);
        if (!fits)
            return false;
    }
    *ret = d.negative ? -value : value;
    return true;
}
