/* Memory that is never given back: a call's 64 MiB begin zeroed and die with it (NEAR 2), so an
 * allocation is an addition. */
#include "contracts/host/near.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 16, PAGE_BYTES = 65536 };

extern uint8_t __heap_base; /* set by the linker: behind stack and data */

typedef struct heap {
    uintptr_t next; /* 0: nothing was allocated yet */
    uintptr_t last; /* the newest block, which alone can grow in place */
} heap;

static heap *the_heap(void)
{
    static heap it; /* the one writable object of the host library: a call has one thread */
    if (it.next == 0)
        it.next = ((uintptr_t)&__heap_base + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1);
    return &it;
}

static void claim(heap *it, uintptr_t from, size_t bytes)
{
    uintptr_t end = (uintptr_t)__builtin_wasm_memory_size(0) * PAGE_BYTES;
    if (from > end || bytes > end - from - ALIGNMENT)
        near_panic(OL_STR("out of memory"));
    it->last = from;
    it->next = (from + bytes + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1);
}

void *near_alloc(size_t bytes)
{
    heap *it = the_heap();
    uintptr_t from = it->next;
    claim(it, from, bytes);
    return (void *)from;
}

void *malloc(size_t bytes)
{
    return near_alloc(bytes);
}

void *calloc(size_t count, size_t item_bytes)
{
    size_t bytes;
    return ol_size_mul(count, item_bytes, &bytes) ? near_alloc(bytes) : NULL;
}

/* Copies up to `bytes` from the old block, whose length nobody kept: what lies behind it is ours,
 * too, and harmless. */
void *realloc(void *old, size_t bytes)
{
    heap *it = the_heap();
    if (old == NULL)
        return near_alloc(bytes);
    if ((uintptr_t)old == it->last) {
        claim(it, it->last, bytes);
        return old;
    }
    size_t most = it->next - (uintptr_t)old;
    void *moved = near_alloc(bytes);
    memcpy(moved, old, bytes < most ? bytes : most);
    return moved;
}

void free(void *memory)
{
    (void)memory;
}
