/* malloc for programs that live for milliseconds: a tenth of the C library's code, which every
 * guest would carry otherwise. Small blocks come in powers of two and go back to a list of their
 * size; large ones are cut to measure, and the block at the end of memory grows and shrinks in
 * place, so that a growing buffer is not copied. Nothing is ever returned to the host. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAGE_BYTES = 65536,
    ALIGNMENT = 16,
    SMALLEST_BITS = 4, /* 16 bytes */
    LARGEST_BITS = 12, /* 4 KiB; beyond, blocks are cut to measure */
    SIZES = LARGEST_BITS - SMALLEST_BITS + 1,
};

#define BYTES_MAX ((size_t)1 << 31)

typedef struct block {
    size_t bytes;       /* of the payload behind this head */
    struct block *next; /* in its list, while free */
    uint64_t unused;    /* fills the head to the alignment */
} block;

_Static_assert(sizeof(block) == ALIGNMENT, "payloads are aligned because heads are");

/* The linker's: what lies behind data and stack, and where memory ends at first. */
extern uint8_t __heap_base, __heap_end;

static struct {
    uintptr_t top; /* first byte never given out; 0 before the first call */
    uintptr_t end; /* of what is ours behind it */
    block *small[SIZES];
    block *large; /* in no order */
} heap;

static bool is_last(const block *b)
{
    return (uintptr_t)(b + 1) + b->bytes == heap.top;
}

/* Room for `bytes` behind the top, from the host when need be. The adapter of a component grows
 * memory for itself, too: then the heap goes on behind its pages. */
static bool make_room(size_t bytes)
{
    if (heap.top == 0) {
        heap.top = ((uintptr_t)&__heap_base + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1);
        heap.end = (uintptr_t)&__heap_end;
    }
    while (heap.end - heap.top < bytes) {
        size_t pages = (bytes - (heap.end - heap.top) + PAGE_BYTES - 1) / PAGE_BYTES;
        size_t before = __builtin_wasm_memory_grow(0, pages);
        if (before == (size_t)-1)
            return false;
        if (before * PAGE_BYTES != heap.end)
            heap.top = heap.end = before * PAGE_BYTES;
        heap.end += pages * PAGE_BYTES;
    }
    return true;
}

static unsigned size_index(size_t bytes)
{
    unsigned bits = bytes <= 1U << SMALLEST_BITS
                        ? SMALLEST_BITS
                        : 32U - (unsigned)__builtin_clz((unsigned)bytes - 1);
    return bits - SMALLEST_BITS;
}

static size_t rounded(size_t bytes)
{
    if (bytes <= 1U << LARGEST_BITS)
        return (size_t)1 << (size_index(bytes) + SMALLEST_BITS);
    return (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

/* A free block that holds `bytes` and does not waste more than it gives; NULL when there is none.
 */
static block *reuse(size_t bytes)
{
    bool small = bytes <= 1U << LARGEST_BITS;
    block **from = small ? &heap.small[size_index(bytes)] : &heap.large;
    while (*from != NULL && ((*from)->bytes < bytes || (*from)->bytes / 2 > bytes))
        from = &(*from)->next;
    block *found = *from;
    if (found != NULL)
        *from = found->next;
    return found;
}

void *malloc(size_t bytes)
{
    if (bytes > BYTES_MAX)
        return NULL;
    bytes = rounded(bytes);
    block *b = reuse(bytes);
    if (b != NULL)
        return b + 1;
    if (!make_room(bytes + sizeof *b))
        return NULL;
    b = (block *)heap.top;
    b->bytes = bytes;
    heap.top += sizeof *b + bytes;
    return b + 1;
}

void free(void *payload)
{
    if (payload == NULL)
        return;
    block *b = (block *)payload - 1;
    if (is_last(b)) {
        heap.top = (uintptr_t)b;
        return;
    }
    block **list = b->bytes <= 1U << LARGEST_BITS ? &heap.small[size_index(b->bytes)] : &heap.large;
    b->next = *list;
    *list = b;
}

void *realloc(void *payload, size_t bytes)
{
    if (payload == NULL)
        return malloc(bytes);
    if (bytes > BYTES_MAX)
        return NULL;
    block *b = (block *)payload - 1;
    size_t wanted = rounded(bytes);
    if (wanted <= b->bytes)
        return payload;
    if (is_last(b) && make_room(wanted - b->bytes) && is_last(b)) {
        heap.top += wanted - b->bytes;
        b->bytes = wanted;
        return payload;
    }
    void *moved = malloc(bytes);
    if (moved == NULL)
        return NULL;
    memcpy(moved, payload, b->bytes);
    free(payload);
    return moved;
}

void *calloc(size_t count, size_t each)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, each, &bytes))
        return NULL;
    void *payload = malloc(bytes);
    return payload == NULL ? NULL : memset(payload, 0, bytes); /* blocks come back used */
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    return alignment > ALIGNMENT ? NULL : malloc(bytes);
}

int posix_memalign(void **ret, size_t alignment, size_t bytes)
{
    enum { NO_MEMORY = 48 }; /* ENOMEM of WASI */
    void *payload = aligned_alloc(alignment, bytes);
    if (payload == NULL)
        return NO_MEMORY;
    *ret = payload;
    return 0;
}
