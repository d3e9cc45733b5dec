/* Works in one long loop without a call, then reads out of bounds: the trap after which the
 * engine's counter has not seen the loop (Engine 2). */
#include <stdint.h>

int main(void)
{
    uint32_t work = 1;
    for (uint32_t i = 0; i < 200000000; i++) {
        work = work * 1664525u + 1013904223u;
        __asm__ volatile("" : "+r"(work)); /* so that the loop is not folded into its result */
    }
    return *(volatile uint8_t *)(uintptr_t)(0xfffffff0u | (work & 1));
}
