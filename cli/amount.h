/* NEAR as people write and read it. Nothing here is a floating-point number. */
#ifndef CLI_AMOUNT_H
#define CLI_AMOUNT_H

#include "lib/base/arena.h"
#include "lib/base/money.h"

enum { AMOUNT_NEAR_DIGITS = 24 }; /* behind the point: 1 NEAR is 10^24 yocto */

/* `0.25near` (any case, a space before the unit allowed), or whole yocto: `1000`. A fraction
 * without a unit is refused, since nobody could tell which was meant. */
bool amount_near_parse(ol_str text, ol_yocto *ret);

/* `0.25 NEAR`: exact, without trailing zeros. NULL data when the arena is full. */
ol_str amount_near_format(ol_arena *arena, ol_yocto amount);

#endif
