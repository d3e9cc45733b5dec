#include "lib/crypto/keccak.h"

#include <string.h>

/* Keccak-f[1600]: 25 lanes of 64 bits, 24 rounds (FIPS 202, section 3). */
enum { LANES = 25, SIDE = 5, ROUNDS = 24, RATE_BYTES = 136 };

static const uint64_t ROUND_CONSTANT[ROUNDS] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000,
    0x000000000000808B, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
    0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};

/* Rho and pi together: the lane that was carried goes where pi says, turned by the next triangular
 * number. FIPS 202, 3.2.2 and 3.2.3, walked along the one cycle of pi that leaves out lane 0. */
static const uint8_t GOES_TO[LANES - 1] = {10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,
                                           15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1};
static const uint8_t TURNED_BY[LANES - 1] = {1,  3,  6,  10, 15, 21, 28, 36, 45, 55, 2,  14,
                                             27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44};

/* By 1 to 63 bits. */
static inline uint64_t rotate(uint64_t lane, unsigned bits)
{
    return lane << bits | lane >> (64 - bits);
}

static inline void theta(uint64_t a[LANES])
{
    uint64_t column[SIDE];
    for (unsigned x = 0; x < SIDE; x++)
        column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (unsigned x = 0; x < SIDE; x++) {
        uint64_t both = column[(x + 4) % SIDE] ^ rotate(column[(x + 1) % SIDE], 1);
        for (unsigned y = 0; y < LANES; y += SIDE)
            a[x + y] ^= both;
    }
}

static inline void rho_pi(uint64_t a[LANES])
{
    uint64_t carried = a[1];
    for (unsigned t = 0; t < LANES - 1; t++) {
        uint64_t displaced = a[GOES_TO[t]];
        a[GOES_TO[t]] = rotate(carried, TURNED_BY[t]);
        carried = displaced;
    }
}

static inline void chi(uint64_t a[LANES])
{
    for (unsigned row = 0; row < LANES; row += SIDE) {
        uint64_t first = a[row], second = a[row + 1];
        a[row] ^= ~second & a[row + 2];
        a[row + 1] ^= ~a[row + 2] & a[row + 3];
        a[row + 2] ^= ~a[row + 3] & a[row + 4];
        a[row + 3] ^= ~a[row + 4] & first;
        a[row + 4] ^= ~first & second;
    }
}

static void permute(uint64_t a[LANES])
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        theta(a);
        rho_pi(a);
        chi(a);
        a[0] ^= ROUND_CONSTANT[round];
    }
}

static void absorb(uint64_t a[LANES], const uint8_t block[RATE_BYTES])
{
    for (unsigned i = 0; i < RATE_BYTES; i++)
        a[i / 8] ^= (uint64_t)block[i] << (8 * (i % 8));
    permute(a);
}

ol_keccak256 ol_keccak256_of(ol_bytes bytes)
{
    uint64_t lanes[LANES] = {0};
    uint8_t last[RATE_BYTES] = {0};
    while (bytes.len >= RATE_BYTES) {
        absorb(lanes, bytes.data);
        bytes.data += RATE_BYTES;
        bytes.len -= RATE_BYTES;
    }
    if (bytes.len > 0)
        memcpy(last, bytes.data, bytes.len);
    last[bytes.len] = 0x01;
    last[RATE_BYTES - 1] |= 0x80;
    absorb(lanes, last);
    ol_keccak256 hash;
    for (unsigned i = 0; i < sizeof hash.bytes; i++)
        hash.bytes[i] = (uint8_t)(lanes[i / 8] >> (8 * (i % 8)));
    return hash;
}
