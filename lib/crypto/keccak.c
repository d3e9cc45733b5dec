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

static uint64_t rotate(uint64_t lane, unsigned bits)
{
    return bits == 0 ? lane : lane << bits | lane >> (64 - bits);
}

static void theta(uint64_t a[LANES])
{
    uint64_t column[SIDE];
    for (unsigned x = 0; x < SIDE; x++)
        column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (unsigned i = 0; i < LANES; i++)
        a[i] ^= column[(i + 4) % SIDE] ^ rotate(column[(i + 1) % SIDE], 1);
}

/* Rho and pi together: each lane, turned by the next triangular number, goes where pi says. */
static void rho_pi(uint64_t a[LANES])
{
    unsigned x = 1;
    unsigned y = 0;
    uint64_t carried = a[1];
    for (unsigned t = 0; t < ROUNDS; t++) {
        unsigned next_y = (2 * x + 3 * y) % SIDE;
        x = y;
        y = next_y;
        uint64_t displaced = a[x + SIDE * y];
        a[x + SIDE * y] = rotate(carried, (t + 1) * (t + 2) / 2 % 64);
        carried = displaced;
    }
}

static void chi(uint64_t a[LANES])
{
    for (unsigned row = 0; row < LANES; row += SIDE) {
        uint64_t before[SIDE];
        memcpy(before, a + row, sizeof before);
        for (unsigned x = 0; x < SIDE; x++)
            a[row + x] = before[x] ^ (~before[(x + 1) % SIDE] & before[(x + 2) % SIDE]);
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
