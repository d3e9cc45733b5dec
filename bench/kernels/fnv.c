/* FNV-1a over 64 MiB: a dependent chain of multiplications. */
#include "bench/kernels/kernel.h"

static uint8_t text[65536];

KERNEL uint32_t run(void)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (uint32_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * 131);
    for (int round = 0; round < 1024; round++) {
        for (uint32_t i = 0; i < sizeof text; i++)
            hash = (hash ^ text[i]) * 0x100000001b3u;
    }
    return (uint32_t)(hash >> 32);
}
