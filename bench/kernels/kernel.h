/* A kernel is a freestanding wasm module with one export, `run`, whose result keeps the work alive.
 */
#ifndef OL_BENCH_KERNEL_H
#define OL_BENCH_KERNEL_H

#include <stdint.h>

#define KERNEL __attribute__((export_name("run")))

/* xorshift32: the same numbers on every machine. */
static inline uint32_t kernel_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

#endif
