/* Heap sort of half a million numbers, twice: compares and scattered loads. */
#include "bench/kernels/kernel.h"

enum { COUNT = 500000 };

static uint32_t item[COUNT];

static void sift(uint32_t from, uint32_t count)
{
    for (;;) {
        uint32_t child = 2 * from + 1;
        if (child >= count)
            return;
        if (child + 1 < count && item[child + 1] > item[child])
            child++;
        if (item[from] >= item[child])
            return;
        uint32_t swap = item[from];
        item[from] = item[child];
        item[child] = swap;
        from = child;
    }
}

KERNEL uint32_t run(void)
{
    uint32_t seed = 2463534242u;
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < COUNT; i++)
            item[i] = kernel_random(&seed);
        for (uint32_t i = COUNT / 2; i > 0; i--)
            sift(i - 1, COUNT);
        for (uint32_t end = COUNT - 1; end > 0; end--) {
            uint32_t largest = item[0];
            item[0] = item[end];
            item[end] = largest;
            sift(0, end);
        }
    }
    return item[COUNT / 2];
}
