/* Memory with a ceiling that dies all at once: one per request. Not for threads to share. */
#ifndef OL_BASE_ARENA_H
#define OL_BASE_ARENA_H

#include "lib/base/assert.h"
#include "lib/base/num.h"

typedef struct ol_arena {
    struct ol_arena_chunk *chunk; /* newest first */
    size_t used;                  /* bytes handed out, with padding */
    size_t max;
} ol_arena;

ol_arena ol_arena_new(size_t bytes_max); /* allocates nothing yet */
void ol_arena_deinit(ol_arena *arena);
void ol_arena_wipe(ol_arena *arena); /* overwrites what it handed out, then deinit: for secrets */

/* Zeroed, aligned for any type; NULL when the ceiling is reached or memory is short. */
void *ol_arena_alloc(ol_arena *arena, size_t bytes);
void *ol_arena_array(ol_arena *arena, size_t count, size_t item_bytes);

/* Copies with a NUL behind (not counted in len). false when there is no room. */
OL_MUST_USE bool ol_arena_copy(ol_arena *arena, ol_str text, ol_str *ret);
OL_MUST_USE bool ol_arena_copy_bytes(ol_arena *arena, ol_bytes bytes, ol_bytes *ret);
/* Formatted text; an empty string with NULL data when there is no room. */
ol_str ol_arena_printf(ol_arena *arena, const char *format, ...) OL_PRINTF(2, 3);

#define OL_ARENA_NEW(arena, type) ((type *)ol_arena_alloc((arena), sizeof(type)))

#endif
