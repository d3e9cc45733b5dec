/* Copying and comparing, eight bytes a step. The bulk instructions cost one operation a byte (NEAR
 * 1.6), these loops about half of one. */
#include <stdint.h>
#include <string.h>

/* A wasm load may be unaligned; `packed` tells the compiler, `may_alias` that it may be any type.
 */
typedef struct __attribute__((packed, may_alias)) word {
    uint64_t bits;
} word;

enum { WORD = sizeof(uint64_t), STRIDE = 8 * WORD };

/* Once: its callers are called from everywhere. */
__attribute__((noinline)) static void forward(unsigned char *to, const unsigned char *from,
                                              size_t bytes)
{
    for (; bytes >= STRIDE; bytes -= STRIDE, to += STRIDE, from += STRIDE) {
        word *t = (word *)to;
        const word *f = (const word *)from;
        t[0] = f[0];
        t[1] = f[1];
        t[2] = f[2];
        t[3] = f[3];
        t[4] = f[4];
        t[5] = f[5];
        t[6] = f[6];
        t[7] = f[7];
    }
    for (; bytes >= WORD; bytes -= WORD, to += WORD, from += WORD)
        *(word *)to = *(const word *)from;
    for (; bytes > 0; bytes--)
        *to++ = *from++;
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    forward(to, from, bytes);
    return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
    unsigned char *t = to;
    const unsigned char *f = from;
    if (t <= f || t >= f + bytes) {
        forward(t, f, bytes);
        return to;
    }
    while (bytes > 0) {
        bytes--;
        t[bytes] = f[bytes];
    }
    return to;
}

void *memset(void *to, int byte, size_t bytes)
{
    unsigned char *t = to;
    uint64_t all = (unsigned char)byte * 0x0101010101010101u;
    for (; bytes >= WORD; bytes -= WORD, t += WORD)
        *(word *)t = (word){all};
    for (; bytes > 0; bytes--)
        *t++ = (unsigned char)byte;
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const unsigned char *x = a;
    const unsigned char *y = b;
    for (; bytes >= WORD && ((const word *)x)->bits == ((const word *)y)->bits; bytes -= WORD) {
        x += WORD;
        y += WORD;
    }
    for (; bytes > 0; bytes--, x++, y++) {
        if (*x != *y)
            return *x < *y ? -1 : 1;
    }
    return 0;
}

void *memchr(const void *in, int byte, size_t bytes)
{
    const uint64_t ones = 0x0101010101010101u;
    const unsigned char *at = in;
    uint64_t all = (unsigned char)byte * ones;
    for (; bytes >= WORD; bytes -= WORD, at += WORD) {
        uint64_t x = ((const word *)at)->bits ^ all;
        if (((x - ones) & ~x & ones << 7) != 0) /* one of them is zero */
            break;
    }
    for (; bytes > 0; bytes--, at++) {
        if (*at == (unsigned char)byte)
            return (void *)(uintptr_t)at;
    }
    return NULL;
}

size_t strlen(const char *text)
{
    const char *at = text;
    while (*at != '\0')
        at++;
    return (size_t)(at - text);
}
