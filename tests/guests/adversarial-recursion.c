/* Calls itself as deep as its input says, without end when it says nothing. */
#include <outlayer.h>
#include <stdio.h>

static uint64_t deepest;

static uint64_t dive(uint64_t depth);

/* Through a pointer the compiler cannot see behind, so that it makes no loop of it; without locals
 * in memory, so that it is the engine's stack that ends. */
static uint64_t (*volatile deeper)(uint64_t) = dive;

static uint64_t dive(uint64_t depth)
{
    return depth == deepest ? 0 : deeper(depth + 1) + 1;
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
