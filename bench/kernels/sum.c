/* A tight loop over an array of 32-bit numbers: nothing but loads, adds and the loop itself. */
#include "bench/kernels/kernel.h"

static volatile uint32_t seed = 1;
static uint32_t item[65536];

KERNEL uint32_t run(void)
{
    uint32_t total = seed;
    for (uint32_t i = 0; i < 65536; i++)
        item[i] = i ^ total;
    for (int round = 0; round < 1000; round++) {
        for (uint32_t i = 0; i < 65536; i++)
            total = (total ^ item[i]) + (total << 1);
    }
    return total;
}
