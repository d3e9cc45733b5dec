/* Checked integers. Numbers from outside are compared and added through these alone; false means
 * the result does not fit and leaves *ret as it was. */
#ifndef OL_BASE_NUM_H
#define OL_BASE_NUM_H

#include "lib/base/str.h"

typedef unsigned __int128 ol_u128;
typedef __int128 ol_i128;

#define OL_U128_MAX (~(ol_u128)0)
/* Digits of the largest 128-bit number, 2^128 - 1. */
enum { OL_U128_DIGITS_MAX = 39 };

#define OL_KIB(n) ((size_t)(n) * 1024)
#define OL_MIB(n) ((size_t)(n) * 1024 * 1024)

static inline bool ol_size_add(size_t a, size_t b, size_t *ret)
{
    size_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return false;
    *ret = sum;
    return true;
}

static inline bool ol_size_mul(size_t a, size_t b, size_t *ret)
{
    size_t product;
    if (__builtin_mul_overflow(a, b, &product))
        return false;
    *ret = product;
    return true;
}

static inline bool ol_u64_add(uint64_t a, uint64_t b, uint64_t *ret)
{
    uint64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return false;
    *ret = sum;
    return true;
}

static inline bool ol_u64_mul(uint64_t a, uint64_t b, uint64_t *ret)
{
    uint64_t product;
    if (__builtin_mul_overflow(a, b, &product))
        return false;
    *ret = product;
    return true;
}

static inline bool ol_u128_add(ol_u128 a, ol_u128 b, ol_u128 *ret)
{
    if (a > OL_U128_MAX - b)
        return false;
    *ret = a + b;
    return true;
}

static inline bool ol_u128_mul(ol_u128 a, ol_u128 b, ol_u128 *ret)
{
    ol_u128 product;
    if (__builtin_mul_overflow(a, b, &product))
        return false;
    *ret = product;
    return true;
}

/* Narrowing. */
static inline bool ol_u32_of(uint64_t wide, uint32_t *ret)
{
    if (wide > UINT32_MAX)
        return false;
    *ret = (uint32_t)wide;
    return true;
}

static inline bool ol_u64_of_u128(ol_u128 wide, uint64_t *ret)
{
    if (wide > UINT64_MAX)
        return false;
    *ret = (uint64_t)wide;
    return true;
}

/* Decimal text: digits only, at least one, no sign, no space; leading zeros are allowed. */
bool ol_u32_parse(ol_str text, uint32_t *ret);
bool ol_u64_parse(ol_str text, uint64_t *ret);
bool ol_u128_parse(ol_str text, ol_u128 *ret);
bool ol_i64_parse(ol_str text, int64_t *ret); /* one leading '-' allowed */

/* Decimal text of a number, in the caller's storage. */
typedef struct ol_u128_text {
    char data[OL_U128_DIGITS_MAX + 1]; /* NUL-terminated */
    size_t len;
} ol_u128_text;

ol_u128_text ol_u128_format(ol_u128 value);

#endif
