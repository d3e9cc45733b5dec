#include "lib/base/num.h"

#include <string.h>

/* Digits that always fit 64 bits: most numbers need no wider arithmetic, which is slow. */
enum { U64_DIGITS_SAFE = 19 };

bool ol_u128_parse(ol_str text, ol_u128 *ret)
{
    uint64_t head = 0;
    size_t i = 0;
    if (text.len == 0)
        return false;
    for (; i < text.len && i < U64_DIGITS_SAFE; i++) {
        char c = text.data[i];
        if (c < '0' || c > '9')
            return false;
        head = head * 10 + (uint64_t)(c - '0');
    }
    ol_u128 value = head;
    for (; i < text.len; i++) {
        char c = text.data[i];
        if (c < '0' || c > '9')
            return false;
        if (value > OL_U128_MAX / 10 || !ol_u128_add(value * 10, (ol_u128)(c - '0'), &value))
            return false;
    }
    *ret = value;
    return true;
}

bool ol_u64_parse(ol_str text, uint64_t *ret)
{
    ol_u128 wide;
    return ol_u128_parse(text, &wide) && ol_u64_of_u128(wide, ret);
}

bool ol_u32_parse(ol_str text, uint32_t *ret)
{
    uint64_t wide;
    return ol_u64_parse(text, &wide) && ol_u32_of(wide, ret);
}

bool ol_i64_parse(ol_str text, int64_t *ret)
{
    bool negative = text.len > 0 && text.data[0] == '-';
    uint64_t magnitude;
    if (!ol_u64_parse(ol_str_slice(text, negative, text.len), &magnitude))
        return false;
    if (magnitude > (uint64_t)INT64_MAX + negative)
        return false;
    *ret = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

/* Above 64 bits nine digits a step by long division over 32-bit limbs: no division wider than 64
 * bits, which would be a library call on every machine, and a dear one in a contract. */
ol_u128_text ol_u128_format(ol_u128 value)
{
    enum { STEP = 1000000000, STEP_DIGITS = 9, LIMBS = 4 };
    ol_u128_text text;
    char digits[OL_U128_DIGITS_MAX + STEP_DIGITS];
    char *const end = digits + sizeof digits;
    char *at = end;
    uint64_t low = (uint64_t)value;
    uint64_t high = (uint64_t)(value >> 64);
    while (high != 0) {
        uint32_t limb[LIMBS] = {(uint32_t)low, (uint32_t)(low >> 32), (uint32_t)high,
                                (uint32_t)(high >> 32)};
        uint64_t rest = 0;
        for (size_t i = LIMBS; i-- > 0;) {
            uint64_t part = rest << 32 | limb[i];
            limb[i] = (uint32_t)(part / STEP);
            rest = part % STEP;
        }
        low = limb[0] | (uint64_t)limb[1] << 32;
        high = limb[2] | (uint64_t)limb[3] << 32;
        for (size_t i = 0; i < STEP_DIGITS; i++, rest /= 10)
            *--at = (char)('0' + (int)(rest % 10));
    }
    /* Zeros of a whole step are needed only below digits that follow: there always are some. */
    while (low != 0 || at == end) {
        *--at = (char)('0' + (int)(low % 10));
        low /= 10;
    }
    text.len = (size_t)(end - at);
    memcpy(text.data, at, text.len);
    text.data[text.len] = '\0';
    return text;
}
