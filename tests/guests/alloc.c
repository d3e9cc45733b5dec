/* The guest library's malloc under a random history: blocks keep what was written into them, never
 * overlap, are aligned, and come back. Host calls in between make a component's adapter grow memory
 * for itself. Prints `ok` or what broke. */
#include <outlayer.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 200, STEPS = 60000 };

static struct {
    uint8_t *data;
    size_t bytes;
    uint8_t mark;
} held[BLOCKS];

static uint32_t state = 12345;

static uint32_t next(uint32_t below)
{
    state = state * 1664525 + 1013904223;
    return (state >> 8) % below;
}

/* Mostly small, some large. */
static size_t size_next(void)
{
    return next(10) == 0 ? next(200000) : next(600);
}

static bool intact(size_t i, size_t bytes)
{
    for (size_t k = 0; k < bytes; k++) {
        if (held[i].data[k] != held[i].mark)
            return false;
    }
    return true;
}

static void fill(size_t i, uint32_t step)
{
    held[i].mark = (uint8_t)step;
    memset(held[i].data, held[i].mark, held[i].bytes);
}

static const char *step(uint32_t n)
{
    size_t i = next(BLOCKS), bytes = size_next();
    if (held[i].data == NULL) {
        held[i].data = next(8) == 0 ? calloc(1, bytes) : malloc(bytes);
        held[i].bytes = bytes;
    } else if (next(2) == 0) {
        if (!intact(i, held[i].bytes))
            return "a block was overwritten";
        free(held[i].data);
        held[i].data = NULL;
        return NULL;
    } else {
        size_t kept = bytes < held[i].bytes ? bytes : held[i].bytes;
        held[i].data = realloc(held[i].data, bytes);
        if (held[i].data != NULL && !intact(i, kept))
            return "realloc lost bytes";
        held[i].bytes = bytes;
    }
    if (held[i].data == NULL)
        return "no memory";
    if ((uintptr_t)held[i].data % 16 != 0)
        return "not aligned";
    fill(i, n);
    return NULL;
}

int main(void)
{
    const char *problem = NULL;
    for (uint32_t n = 0; n < STEPS && problem == NULL; n++) {
        if (n % 1000 == 0)
            (void)ol_now_ms();
        problem = step(n);
    }
    for (size_t i = 0; i < BLOCKS && problem == NULL; i++) {
        if (held[i].data != NULL && !intact(i, held[i].bytes))
            problem = "a block was overwritten";
    }
    /* Volatile, or the compiler takes for granted that memory is never short. */
    void *volatile beyond = malloc(SIZE_MAX - 8), *volatile overflowing = calloc(SIZE_MAX / 2, 3);
    if (problem == NULL && (beyond != NULL || overflowing != NULL))
        problem = "more than there is";
    if (problem == NULL && __builtin_wasm_memory_size(0) > 1000)
        problem = "memory is not used again";
    return ol_output(ol_str_of(problem == NULL ? "ok" : problem)) != 0;
}
