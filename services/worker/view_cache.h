/* Answers of contract views, kept for a while or for ever, in a table of fixed size: a newcomer
 * takes the place of whoever has the same hash. Shared by threads. */
#ifndef WORKER_VIEW_CACHE_H
#define WORKER_VIEW_CACHE_H

#include "lib/base/arena.h"

typedef struct view_cache view_cache;

typedef struct cached_view { /* two texts are all that is kept of a view */
    ol_str first;
    ol_str second;
} cached_view;

/* fresh_ns 0: for ever. NULL: no memory. */
view_cache *view_cache_new(int64_t fresh_ns);
void view_cache_free(view_cache *cache); /* NULL is fine */

/* Copies into the arena. */
bool view_cache_find(view_cache *cache, ol_str key, ol_arena *arena, cached_view *ret);
void view_cache_store(view_cache *cache, ol_str key, const cached_view *view);

#endif
