#include "cli/amount.h"

#include <string.h>

static ol_u128 near_unit(void)
{
    ol_u128 unit = 1;
    for (int i = 0; i < AMOUNT_NEAR_DIGITS; i++)
        unit *= 10;
    return unit;
}

/* The digits behind the point as yocto; at least one, at most 24. */
static bool fraction_parse(ol_str digits, ol_u128 *ret)
{
    char padded[AMOUNT_NEAR_DIGITS];
    if (digits.len == 0 || digits.len > sizeof padded)
        return false;
    memset(padded, '0', sizeof padded);
    memcpy(padded, digits.data, digits.len);
    return ol_u128_parse((ol_str){padded, sizeof padded}, ret);
}

bool amount_near_parse(ol_str text, ol_yocto *ret)
{
    static const ol_str UNIT = OL_STR_INIT("near");
    ol_u128 whole = 0, fraction = 0, sum;
    text = ol_str_trim(text);
    if (text.len <= UNIT.len ||
        !ol_str_eq_nocase(ol_str_slice(text, text.len - UNIT.len, text.len), UNIT))
        return ol_yocto_parse(text, ret);
    ol_str number = ol_str_trim(ol_str_slice(text, 0, text.len - UNIT.len)), before = number, after;
    if (ol_str_cut(number, '.', &before, &after) && !fraction_parse(after, &fraction))
        return false;
    if (!ol_u128_parse(before, &whole) || !ol_u128_mul(whole, near_unit(), &whole) ||
        !ol_u128_add(whole, fraction, &sum))
        return false;
    ret->yocto = sum;
    return true;
}

ol_str amount_near_format(ol_arena *arena, ol_yocto amount)
{
    ol_u128_text whole = ol_u128_format(amount.yocto / near_unit());
    ol_u128 rest = amount.yocto % near_unit();
    char digits[AMOUNT_NEAR_DIGITS + 1] = "";
    size_t len = AMOUNT_NEAR_DIGITS;
    for (size_t i = AMOUNT_NEAR_DIGITS; i-- > 0; rest /= 10)
        digits[i] = (char)('0' + (int)(rest % 10));
    while (len > 0 && digits[len - 1] == '0')
        len--;
    if (len == 0)
        return ol_arena_printf(arena, "%s NEAR", whole.data);
    return ol_arena_printf(arena, "%s.%.*s NEAR", whole.data, (int)len, digits);
}
