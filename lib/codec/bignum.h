/* Whole numbers as large as converting doubles needs. Private to this library; freestanding.
 * Limbs of 64 bits, least significant first; `count` excludes leading zero limbs. */
#ifndef OL_CODEC_BIGNUM_H
#define OL_CODEC_BIGNUM_H

#include "lib/base/num.h"

/* 800 digits shifted to the size of 10^1143 (the smallest double has 324 places before its first
 * digit, and 800 digits may follow) stay below 2^3900. */
enum { OL__BIG_LIMBS = 64 };

typedef struct ol__big {
    size_t count;
    uint64_t limb[OL__BIG_LIMBS];
} ol__big;

void ol__big_set(ol__big *n, uint64_t value);
void ol__big_copy(ol__big *to, const ol__big *from);
void ol__big_mul_small(ol__big *n, uint64_t factor, uint64_t plus); /* n * factor + plus */
void ol__big_mul_pow5(ol__big *n, unsigned exponent);
void ol__big_shift(ol__big *n, unsigned bits); /* to the left */
void ol__big_add(ol__big *n, const ol__big *m);
void ol__big_sub(ol__big *n, const ol__big *m); /* n >= m */
int ol__big_compare(const ol__big *a, const ol__big *b);
size_t ol__big_bits(const ol__big *n); /* 0 for zero */

#endif
