/* 128-bit arithmetic that the compiler calls by name; a wasm instruction has 64 bits at most. */
#include <stdbool.h>
#include <stdint.h>

typedef unsigned __int128 u128;

typedef union wide {
    u128 all;
    struct {
        uint64_t low;
        uint64_t high;
    };
    uint32_t limb[4];
} wide;

__int128 __multi3(__int128 a, __int128 b);
u128 __udivmodti4(u128 a, u128 b, u128 *ret_rest);
u128 __udivti3(u128 a, u128 b);
u128 __umodti3(u128 a, u128 b);
u128 __ashlti3(u128 a, int bits);
u128 __lshrti3(u128 a, int bits);

static wide multiply_words(uint64_t a, uint64_t b)
{
    uint64_t a0 = (uint32_t)a;
    uint64_t a1 = a >> 32;
    uint64_t b0 = (uint32_t)b;
    uint64_t b1 = b >> 32;
    uint64_t low = a0 * b0;
    uint64_t mid = a1 * b0 + (low >> 32);
    uint64_t cross = a0 * b1 + (uint32_t)mid;
    wide w;
    w.low = cross << 32 | (uint32_t)low;
    w.high = a1 * b1 + (mid >> 32) + (cross >> 32);
    return w;
}

__int128 __multi3(__int128 a, __int128 b)
{
    wide x = {.all = (u128)a};
    wide y = {.all = (u128)b};
    wide product = multiply_words(x.low, y.low);
    product.high += x.low * y.high + x.high * y.low;
    return (__int128)product.all;
}

u128 __ashlti3(u128 a, int bits)
{
    wide w = {.all = a};
    if (bits == 0)
        return a;
    if (bits >= 64) {
        w.high = w.low << (bits - 64);
        w.low = 0;
    } else {
        w.high = w.high << bits | w.low >> (64 - bits);
        w.low <<= bits;
    }
    return w.all;
}

u128 __lshrti3(u128 a, int bits)
{
    wide w = {.all = a};
    if (bits == 0)
        return a;
    if (bits >= 64) {
        w.low = w.high >> (bits - 64);
        w.high = 0;
    } else {
        w.low = w.low >> bits | w.high << (64 - bits);
        w.high >>= bits;
    }
    return w.all;
}

/* Long division by a divisor of 32 bits: four steps. */
static u128 divide_small(wide a, uint32_t divisor, u128 *ret_rest)
{
    uint64_t rest = 0;
    for (int i = 3; i >= 0; i--) {
        uint64_t part = rest << 32 | a.limb[i];
        a.limb[i] = (uint32_t)(part / divisor);
        rest = part % divisor;
    }
    *ret_rest = rest;
    return a.all;
}

static bool less(wide a, wide b)
{
    return a.high != b.high ? a.high < b.high : a.low < b.low;
}

static wide subtract(wide a, wide b)
{
    wide w = {.low = a.low - b.low};
    w.high = a.high - b.high - (a.low < b.low);
    return w;
}

/* Bit by bit: slow, and rare, since hardly a divisor is wide. Division by zero traps. */
static u128 divide_wide(wide a, wide divisor, u128 *ret_rest)
{
    wide quotient = {.all = 0};
    wide rest = {.all = 0};
    if (divisor.low == 0 && divisor.high == 0)
        __builtin_trap();
    for (int i = 0; i < 128; i++) {
        bool carry = rest.high >> 63 != 0;
        rest.high = rest.high << 1 | rest.low >> 63;
        rest.low = rest.low << 1 | a.high >> 63;
        a.high = a.high << 1 | a.low >> 63;
        a.low <<= 1;
        quotient.high = quotient.high << 1 | quotient.low >> 63;
        quotient.low <<= 1;
        if (carry || !less(rest, divisor)) {
            rest = subtract(rest, divisor);
            quotient.low |= 1;
        }
    }
    *ret_rest = rest.all;
    return quotient.all;
}

u128 __udivmodti4(u128 a, u128 b, u128 *ret_rest)
{
    wide x = {.all = a};
    wide y = {.all = b};
    if (y.high == 0 && y.low <= UINT32_MAX && y.low != 0)
        return divide_small(x, (uint32_t)y.low, ret_rest);
    return divide_wide(x, y, ret_rest);
}

u128 __udivti3(u128 a, u128 b)
{
    u128 rest;
    return __udivmodti4(a, b, &rest);
}

u128 __umodti3(u128 a, u128 b)
{
    u128 rest;
    (void)__udivmodti4(a, b, &rest);
    return rest;
}
