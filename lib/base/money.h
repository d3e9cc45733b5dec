/* Money: unsigned 128-bit, typed by currency so that currencies do not mix, every step checked.
 * false means the result does not fit; *ret is then untouched. */
#ifndef OL_BASE_MONEY_H
#define OL_BASE_MONEY_H

#include "lib/base/num.h"

/* 10^-6 USD (Coordinator, Notation). */
typedef struct ol_usd {
    ol_u128 micro;
} ol_usd;

/* 10^-24 NEAR. */
typedef struct ol_yocto {
    ol_u128 yocto;
} ol_yocto;

#define OL_USD(n) ((ol_usd){(ol_u128)(n)})
#define OL_YOCTO(n) ((ol_yocto){(ol_u128)(n)})

#define OL_MONEY_FUNCTIONS(type, member)                                                           \
    static inline bool type##_add(type a, type b, type *ret)                                       \
    {                                                                                              \
        return ol_u128_add(a.member, b.member, &ret->member);                                      \
    }                                                                                              \
    static inline bool type##_sub(type a, type b, type *ret)                                       \
    {                                                                                              \
        if (a.member < b.member)                                                                   \
            return false;                                                                          \
        ret->member = a.member - b.member;                                                         \
        return true;                                                                               \
    }                                                                                              \
    static inline type type##_sub_floor(type a, type b) /* never below zero */                     \
    {                                                                                              \
        return (type){a.member < b.member ? 0 : a.member - b.member};                              \
    }                                                                                              \
    static inline bool type##_mul(type a, uint64_t factor, type *ret)                              \
    {                                                                                              \
        return ol_u128_mul(a.member, factor, &ret->member);                                        \
    }                                                                                              \
    static inline bool type##_less(type a, type b)                                                 \
    {                                                                                              \
        return a.member < b.member;                                                                \
    }                                                                                              \
    static inline type type##_min(type a, type b)                                                  \
    {                                                                                              \
        return a.member < b.member ? a : b;                                                        \
    }                                                                                              \
    static inline bool type##_eq(type a, type b)                                                   \
    {                                                                                              \
        return a.member == b.member;                                                               \
    }                                                                                              \
    static inline bool type##_is_zero(type a)                                                      \
    {                                                                                              \
        return a.member == 0;                                                                      \
    }                                                                                              \
    static inline bool type##_parse(ol_str text, type *ret)                                        \
    {                                                                                              \
        return ol_u128_parse(text, &ret->member);                                                  \
    }                                                                                              \
    static inline ol_u128_text type##_format(type a)                                               \
    {                                                                                              \
        return ol_u128_format(a.member);                                                           \
    }

OL_MONEY_FUNCTIONS(ol_usd, micro)
OL_MONEY_FUNCTIONS(ol_yocto, yocto)

/* printf argument: "%s", USD(amount); lives to the end of the full expression. */
#define USD(amount) (ol_usd_format(amount).data)
#define YOCTO(amount) (ol_yocto_format(amount).data)

#endif
