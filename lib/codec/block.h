/* Sixteen bytes at a time: which of them need a closer look. Private to this library. The bits of a
 * mask count from the first byte. Where the machine has no SSE2 (wasm32) a plain loop does it. */
#ifndef OL_CODEC_BLOCK_H
#define OL_CODEC_BLOCK_H

#include <stdint.h>

enum { OL__BLOCK_BYTES = 16 };

#if defined(__SSE2__) && !defined(OL_NO_VECTORS)
#include <emmintrin.h>

typedef __m128i ol__block;

static inline ol__block ol__block_load(const char *at)
{
    return _mm_loadu_si128((const __m128i_u *)(const void *)at);
}

/* Quote, backslash, control byte, or not ASCII (as a signed byte below space). */
static inline unsigned ol__block_string_special(ol__block b)
{
    __m128i hit =
        _mm_or_si128(_mm_cmpeq_epi8(b, _mm_set1_epi8('"')), _mm_cmpeq_epi8(b, _mm_set1_epi8('\\')));
    hit = _mm_or_si128(hit, _mm_cmplt_epi8(b, _mm_set1_epi8(' ')));
    return (unsigned)_mm_movemask_epi8(hit);
}

static inline unsigned ol__block_quote_or_backslash(ol__block b)
{
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(b, _mm_set1_epi8('"')),
                                                    _mm_cmpeq_epi8(b, _mm_set1_epi8('\\'))));
}

/* Quote or any bracket: setting bit 5 turns [ ] into { }. */
static inline unsigned ol__block_structure(ol__block b)
{
    __m128i folded = _mm_or_si128(b, _mm_set1_epi8(0x20));
    __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(folded, _mm_set1_epi8('{')),
                               _mm_cmpeq_epi8(folded, _mm_set1_epi8('}')));
    hit = _mm_or_si128(hit, _mm_cmpeq_epi8(b, _mm_set1_epi8('"')));
    return (unsigned)_mm_movemask_epi8(hit);
}

static inline unsigned ol__block_not_ascii(ol__block b)
{
    return (unsigned)_mm_movemask_epi8(b);
}

#else

typedef struct ol__block {
    const unsigned char *at;
} ol__block;

static inline ol__block ol__block_load(const char *at)
{
    return (ol__block){(const unsigned char *)at};
}

#define OL__BLOCK_MASK(condition)                                                                  \
    unsigned mask = 0;                                                                             \
    for (unsigned i = 0; i < OL__BLOCK_BYTES; i++) {                                               \
        unsigned char c = b.at[i];                                                                 \
        mask |= (unsigned)(condition) << i;                                                        \
    }                                                                                              \
    return mask

static inline unsigned ol__block_string_special(ol__block b)
{
    OL__BLOCK_MASK(c == '"' || c == '\\' || c < ' ' || c >= 0x80);
}

static inline unsigned ol__block_quote_or_backslash(ol__block b)
{
    OL__BLOCK_MASK(c == '"' || c == '\\');
}

static inline unsigned ol__block_structure(ol__block b)
{
    OL__BLOCK_MASK(c == '"' || (c | 0x20) == '{' || (c | 0x20) == '}');
}

static inline unsigned ol__block_not_ascii(ol__block b)
{
    OL__BLOCK_MASK(c >= 0x80);
}

#endif
#endif
