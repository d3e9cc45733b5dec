/* Calls itself as deep as its input says, without end when it says nothing. */
#include <outlayer.h>
#include <stdio.h>

static uint64_t deepest;

__attribute__((noinline)) static uint64_t dive(uint64_t depth)
{
    volatile uint64_t here = depth;
    if (here == deepest)
        return 0;
    return dive(here + 1) + 1;
}

int main(void)
{
    ol_buf input = ol_buf_new(64);
    if (ol_input(&input) != 0)
        return 1;
    deepest = UINT64_MAX;
    (void)ol_u64_parse(ol_str_trim(ol_buf_str(&input)), &deepest);
    (void)printf("%llu", (unsigned long long)dive(0));
    return 0;
}
