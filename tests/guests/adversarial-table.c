/* Grows a table as far as it may and prints how many entries it got. */
#include <stdio.h>

static __externref_t table[0];

int main(void)
{
    unsigned entries = 0;
    for (unsigned step = 1U << 30; step > 0; step /= 2) {
        while (__builtin_wasm_table_grow(table, __builtin_wasm_ref_null_extern(), (int)step) != -1)
            entries += step;
    }
    (void)printf("%u", entries);
    return 0;
}
