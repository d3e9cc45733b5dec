#include "lib/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 4096, ALIGNMENT = 16 };

struct ol_arena_chunk {
    struct ol_arena_chunk *next;
    size_t size;
    size_t used;
    _Alignas(ALIGNMENT) uint8_t data[];
};

ol_arena ol_arena_new(size_t bytes_max)
{
    return (ol_arena){.max = bytes_max};
}

void ol_arena_deinit(ol_arena *arena)
{
    struct ol_arena_chunk *chunk = arena->chunk;
    while (chunk != NULL) {
        struct ol_arena_chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    *arena = (ol_arena){.max = arena->max};
}

void ol_arena_wipe(ol_arena *arena)
{
    for (struct ol_arena_chunk *chunk = arena->chunk; chunk != NULL; chunk = chunk->next)
        explicit_bzero(chunk->data, chunk->used);
    ol_arena_deinit(arena);
}

static struct ol_arena_chunk *chunk_with(ol_arena *arena, size_t bytes)
{
    struct ol_arena_chunk *chunk = arena->chunk;
    if (chunk != NULL && chunk->size - chunk->used >= bytes)
        return chunk;
    size_t size = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
    chunk = calloc(1, sizeof *chunk + size);
    if (chunk == NULL)
        return NULL;
    chunk->size = size;
    chunk->next = arena->chunk;
    arena->chunk = chunk;
    return chunk;
}

void *ol_arena_alloc(ol_arena *arena, size_t bytes)
{
    size_t padded;
    size_t used;
    if (!ol_size_add(bytes, ALIGNMENT - 1, &padded))
        return NULL;
    padded &= ~(size_t)(ALIGNMENT - 1);
    if (!ol_size_add(arena->used, padded, &used) || used > arena->max)
        return NULL;
    struct ol_arena_chunk *chunk = chunk_with(arena, padded);
    if (chunk == NULL)
        return NULL;
    void *at = chunk->data + chunk->used;
    chunk->used += padded;
    arena->used = used;
    return at;
}

void *ol_arena_array(ol_arena *arena, size_t count, size_t item_bytes)
{
    size_t bytes;
    if (!ol_size_mul(count, item_bytes, &bytes))
        return NULL;
    return ol_arena_alloc(arena, bytes);
}

bool ol_arena_copy_bytes(ol_arena *arena, ol_bytes bytes, ol_bytes *ret)
{
    size_t with_end;
    if (!ol_size_add(bytes.len, 1, &with_end))
        return false;
    uint8_t *copy = ol_arena_alloc(arena, with_end);
    if (copy == NULL)
        return false;
    if (bytes.len > 0)
        memcpy(copy, bytes.data, bytes.len);
    *ret = (ol_bytes){copy, bytes.len};
    return true;
}

bool ol_arena_copy(ol_arena *arena, ol_str text, ol_str *ret)
{
    ol_bytes copy;
    if (!ol_arena_copy_bytes(arena, ol_str_bytes(text), &copy))
        return false;
    *ret = ol_bytes_str(copy);
    return true;
}

ol_str ol_arena_printf(ol_arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (wanted < 0)
        return (ol_str){NULL, 0};
    char *text = ol_arena_alloc(arena, (size_t)wanted + 1);
    if (text == NULL)
        return (ol_str){NULL, 0};
    va_start(arguments, format);
    (void)vsnprintf(text, (size_t)wanted + 1, format, arguments);
    va_end(arguments);
    return (ol_str){text, (size_t)wanted};
}
