/* What lib/ takes from math.h. Contracts do not compute with floating point. */
#ifndef OL_CONTRACTS_LIBC_MATH_H
#define OL_CONTRACTS_LIBC_MATH_H

#define isfinite(x) __builtin_isfinite(x)

#endif
