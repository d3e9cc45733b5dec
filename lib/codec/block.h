/* Sixteen bytes at a time: which of them need a closer look. Private to this library. The bits of a
 * mask count from the first byte, and only the first one counts. Where the machine has no SSE2
 * (wasm32) two 64-bit words do it. */
#ifndef OL_CODEC_BLOCK_H
#define OL_CODEC_BLOCK_H

#include <stdbool.h>
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

/* Nothing special in either of two. */
static inline bool ol__block_plain(ol__block a, ol__block b)
{
    return (ol__block_string_special(a) | ol__block_string_special(b)) == 0;
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
#define OL__BLOCK_IS_WORDS 1

/* Two words of eight. A byte of a word that is hit gets its highest bit set; those above the first
 * hit may be set wrongly, because borrows run upwards: callers look at the first one only. */
typedef struct ol__block {
    uint64_t low;
    uint64_t high;
} ol__block;

#define OL__ONES UINT64_C(0x0101010101010101)
#define OL__TOPS UINT64_C(0x8080808080808080)

typedef struct __attribute__((packed, may_alias)) ol__word {
    uint64_t bits; /* little endian, at any address */
} ol__word;

static inline ol__block ol__block_load(const char *at)
{
    const ol__word *word = (const ol__word *)(const void *)at;
    return (ol__block){word[0].bits, word[1].bits};
}

static inline void ol__block_store(ol__block b, uint8_t *to)
{
    ol__word *word = (ol__word *)(void *)to;
    word[0].bits = b.low;
    word[1].bits = b.high;
}

/* The first hit of two words as a mask: at most one bit is set. */
static inline unsigned ol__block_first(uint64_t low, uint64_t high)
{
    if ((low | high) == 0)
        return 0;
    unsigned at =
        low != 0 ? (unsigned)__builtin_ctzll(low) / 8 : 8 + (unsigned)__builtin_ctzll(high) / 8;
    return 1u << at;
}

/* Bytes equal to `c`: their highest bit, once masked with OL__TOPS. */
static inline uint64_t ol__word_equals(uint64_t word, unsigned char c)
{
    uint64_t x = word ^ (OL__ONES * c);
    return (x - OL__ONES) & ~x;
}

static inline uint64_t ol__word_special(uint64_t word)
{
    return ((word - OL__ONES * ' ') | ((word ^ OL__ONES * '"') - OL__ONES) |
            ((word ^ OL__ONES * '\\') - OL__ONES) | word) &
           OL__TOPS;
}

/* Nothing special in either of two. Asked first with the sum of words whose bytes below '#' all
 * count, spaces too: half the work, and only text with spaces looks twice. */
static inline bool ol__block_plain(ol__block a, ol__block b)
{
    const uint64_t hash = OL__ONES * '#';
    const uint64_t slash = OL__ONES * '\\';
    uint64_t hit = a.low | a.high | b.low | b.high;
    hit |= (a.low - hash) | (a.high - hash) | (b.low - hash) | (b.high - hash);
    hit |= ((a.low ^ slash) - OL__ONES) | ((a.high ^ slash) - OL__ONES) |
           ((b.low ^ slash) - OL__ONES) | ((b.high ^ slash) - OL__ONES);
    return (hit & OL__TOPS) == 0;
}

static inline unsigned ol__block_string_special(ol__block b)
{
    return ol__block_first(ol__word_special(b.low), ol__word_special(b.high));
}

static inline uint64_t ol__word_quote_or_backslash(uint64_t word)
{
    return (ol__word_equals(word, '"') | ol__word_equals(word, '\\')) & OL__TOPS;
}

static inline unsigned ol__block_quote_or_backslash(ol__block b)
{
    return ol__block_first(ol__word_quote_or_backslash(b.low), ol__word_quote_or_backslash(b.high));
}

static inline uint64_t ol__word_structure(uint64_t word)
{
    uint64_t folded = word | OL__ONES * 0x20;
    return (ol__word_equals(word, '"') | ol__word_equals(folded, '{') |
            ol__word_equals(folded, '}')) &
           OL__TOPS;
}

static inline unsigned ol__block_structure(ol__block b)
{
    return ol__block_first(ol__word_structure(b.low), ol__word_structure(b.high));
}

static inline unsigned ol__block_not_ascii(ol__block b)
{
    return ol__block_first(b.low & OL__TOPS, b.high & OL__TOPS);
}

#endif
#endif
