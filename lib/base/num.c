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

/* Nine digits a step by long division over 32-bit limbs: no division wider than 64 bits, which
 * would be a library call on every machine, and a dear one in a contract. */
ol_u128_text ol_u128_format(ol_u128 value)
{
    enum { STEP = 1000000000, STEP_DIGITS = 9, LIMBS = 4 };
    ol_u128_text text = {{0}, 0};
    char reversed[OL_U128_DIGITS_MAX + STEP_DIGITS];
    uint32_t limb[LIMBS];
    size_t limbs = 0;
    size_t digits = 0;
    for (; value != 0; value >>= 32)
        limb[limbs++] = (uint32_t)value;
    while (limbs > 0) {
        uint64_t rest = 0;
        for (size_t i = limbs; i-- > 0;) {
            uint64_t part = rest << 32 | limb[i];
            limb[i] = (uint32_t)(part / STEP);
            rest = part % STEP;
        }
        while (limbs > 0 && limb[limbs - 1] == 0)
            limbs--;
        uint32_t nine = (uint32_t)rest;
        for (size_t i = 0; i < STEP_DIGITS && (limbs > 0 || nine != 0); i++, nine /= 10)
            reversed[digits++] = (char)('0' + nine % 10);
    }
    if (digits == 0)
        reversed[digits++] = '0';
    for (size_t i = 0; i < digits; i++)
        text.data[i] = reversed[digits - 1 - i];
    text.len = digits;
    return text;
}
