/* A growing list in an arena. Items move when it grows: keep positions, not pointers. Running out
 * of memory ends the process, as everywhere in the chain (state.h). */
#ifndef OL_EMULATOR_LIST_H
#define OL_EMULATOR_LIST_H

#include <string.h>

#include "lib/base/arena.h"

typedef struct ol_list {
    void *items;
    size_t count;
    size_t size; /* items there is room for */
} ol_list;

static inline void *ol_take(ol_arena *arena, size_t count, size_t item_bytes)
{
    void *taken = ol_arena_array(arena, count, item_bytes);
    OL_ASSERT(taken != NULL || count == 0);
    return taken;
}

#define OL_TAKE(arena, type) ((type *)ol_take((arena), 1, sizeof(type)))

/* Room for one more item, zeroed, counted. */
static inline void *ol_list_add(ol_list *list, ol_arena *arena, size_t item_bytes)
{
    if (list->count == list->size) {
        size_t size = list->size == 0 ? 4 : list->size * 2;
        uint8_t *items = ol_take(arena, size, item_bytes);
        if (list->count > 0)
            memcpy(items, list->items, list->count * item_bytes);
        list->items = items;
        list->size = size;
    }
    return (uint8_t *)list->items + list->count++ * item_bytes;
}

/* OL_LIST_ADD(&list, arena, ol_str) = text; */
#define OL_LIST_ADD(list, arena, type) (*(type *)ol_list_add((list), (arena), sizeof(type)))
#define OL_LIST_ITEMS(list, type) ((type *)(list)->items)

/* Copies that live as long as the arena. */
static inline ol_str ol_keep(ol_arena *arena, ol_str text)
{
    ol_str kept = {"", 0};
    bool ok = text.len == 0 || ol_arena_copy(arena, text, &kept);
    OL_ASSERT(ok);
    return kept;
}

static inline ol_bytes ol_keep_bytes(ol_arena *arena, ol_bytes bytes)
{
    return ol_str_bytes(ol_keep(arena, ol_bytes_str(bytes)));
}

#endif
