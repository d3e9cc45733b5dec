/* In place of lib/base/arena.c: memory of a call is never given back, so an arena is a name for it.
 */
#include "lib/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "contracts/host/near.h"

ol_arena ol_arena_new(size_t bytes_max)
{
    return (ol_arena){.max = bytes_max};
}

void ol_arena_deinit(ol_arena *arena)
{
    (void)arena;
}

void *ol_arena_alloc(ol_arena *arena, size_t bytes)
{
    if (bytes > arena->max - arena->used)
        return NULL;
    arena->used += bytes;
    return near_alloc(bytes);
}

void *ol_arena_array(ol_arena *arena, size_t count, size_t item_bytes)
{
    size_t bytes;
    return ol_size_mul(count, item_bytes, &bytes) ? ol_arena_alloc(arena, bytes) : NULL;
}

bool ol_arena_copy_bytes(ol_arena *arena, ol_bytes bytes, ol_bytes *ret)
{
    size_t with_end;
    uint8_t *copy = ol_size_add(bytes.len, 1, &with_end) ? ol_arena_alloc(arena, with_end) : NULL;
    if (copy == NULL)
        return false;
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
    char *text = ol_arena_alloc(arena, (size_t)wanted + 1);
    if (text == NULL)
        return (ol_str){NULL, 0};
    va_start(arguments, format);
    (void)vsnprintf(text, (size_t)wanted + 1, format, arguments);
    va_end(arguments);
    return (ol_str){text, (size_t)wanted};
}
