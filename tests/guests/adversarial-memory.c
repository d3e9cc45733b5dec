/* Takes all the memory it is given, page by page, touches it, and prints how many pages it has. */
#include <stdint.h>
#include <stdio.h>

enum { PAGE_BYTES = 65536 };

int main(void)
{
    size_t pages = __builtin_wasm_memory_size(0);
    while (__builtin_wasm_memory_grow(0, 1) != (size_t)-1) {
        *(volatile uint8_t *)(pages * PAGE_BYTES) = 1;
        pages++;
    }
    (void)printf("%zu", pages);
    return 0;
}
