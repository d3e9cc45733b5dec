#include "lib/codec/bignum.h"

#include <string.h>

#include "lib/base/assert.h"

static void push(ol__big *n, uint64_t limb)
{
    OL_ASSERT(n->count < OL__BIG_LIMBS);
    n->limb[n->count++] = limb;
}

static void trim(ol__big *n)
{
    while (n->count > 0 && n->limb[n->count - 1] == 0)
        n->count--;
}

void ol__big_set(ol__big *n, uint64_t value)
{
    n->count = value != 0;
    n->limb[0] = value;
}

void ol__big_copy(ol__big *to, const ol__big *from)
{
    to->count = from->count;
    memcpy(to->limb, from->limb, from->count * sizeof from->limb[0]);
}

void ol__big_mul_small(ol__big *n, uint64_t factor, uint64_t plus)
{
    ol_u128 carry = plus;
    for (size_t i = 0; i < n->count; i++) {
        carry += (ol_u128)n->limb[i] * factor;
        n->limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
    if (carry != 0)
        push(n, (uint64_t)carry);
}

void ol__big_mul_pow5(ol__big *n, unsigned exponent)
{
    /* 5^27 is the largest power of five in 64 bits. */
    const uint64_t pow5_27 = 7450580596923828125u;
    for (; exponent >= 27; exponent -= 27)
        ol__big_mul_small(n, pow5_27, 0);
    uint64_t rest = 1;
    for (; exponent > 0; exponent--)
        rest *= 5;
    ol__big_mul_small(n, rest, 0);
}

void ol__big_shift(ol__big *n, unsigned bits)
{
    size_t limbs = bits / 64;
    bits %= 64;
    if (n->count == 0)
        return;
    if (bits > 0) {
        uint64_t over = 0;
        for (size_t i = 0; i < n->count; i++) {
            uint64_t limb = n->limb[i];
            n->limb[i] = limb << bits | over;
            over = limb >> (64 - bits);
        }
        if (over != 0)
            push(n, over);
    }
    if (limbs > 0) {
        OL_ASSERT(n->count + limbs <= OL__BIG_LIMBS);
        memmove(n->limb + limbs, n->limb, n->count * sizeof n->limb[0]);
        memset(n->limb, 0, limbs * sizeof n->limb[0]);
        n->count += limbs;
    }
}

void ol__big_add(ol__big *n, const ol__big *m)
{
    uint64_t carry = 0;
    while (n->count < m->count)
        push(n, 0);
    for (size_t i = 0; i < n->count; i++) {
        ol_u128 sum = (ol_u128)n->limb[i] + (i < m->count ? m->limb[i] : 0) + carry;
        n->limb[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
    if (carry != 0)
        push(n, carry);
}

void ol__big_sub(ol__big *n, const ol__big *m)
{
    uint64_t borrow = 0;
    for (size_t i = 0; i < n->count; i++) {
        ol_u128 take = (ol_u128)(i < m->count ? m->limb[i] : 0) + borrow;
        borrow = n->limb[i] < take;
        n->limb[i] = (uint64_t)(n->limb[i] - take);
    }
    OL_ASSERT(borrow == 0);
    trim(n);
}

int ol__big_compare(const ol__big *a, const ol__big *b)
{
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    for (size_t i = a->count; i > 0; i--) {
        if (a->limb[i - 1] != b->limb[i - 1])
            return a->limb[i - 1] < b->limb[i - 1] ? -1 : 1;
    }
    return 0;
}

size_t ol__big_bits(const ol__big *n)
{
    if (n->count == 0)
        return 0;
    return n->count * 64 - (size_t)__builtin_clzll(n->limb[n->count - 1]);
}
