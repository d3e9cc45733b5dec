#include "services/worker/view_cache.h"

#include <pthread.h>
#include <stdlib.h>

#include "lib/base/clock.h"

enum { PLACES = 1024 };
#define ENTRY_BYTES_MAX OL_KIB(64)

typedef struct entry {
    ol_arena arena;
    ol_str key; /* NULL data: empty place */
    cached_view view;
    int64_t stored_ns;
} entry;

struct view_cache {
    pthread_mutex_t lock;
    int64_t fresh_ns;
    entry place[PLACES];
};

view_cache *view_cache_new(int64_t fresh_ns)
{
    view_cache *cache = calloc(1, sizeof *cache);
    if (cache == NULL)
        return NULL;
    (void)pthread_mutex_init(&cache->lock, NULL);
    cache->fresh_ns = fresh_ns;
    return cache;
}

void view_cache_free(view_cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t i = 0; i < PLACES; i++)
        ol_arena_deinit(&cache->place[i].arena);
    (void)pthread_mutex_destroy(&cache->lock);
    free(cache);
}

/* FNV-1a */
static entry *place_of(view_cache *cache, ol_str key)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < key.len; i++)
        hash = (hash ^ (unsigned char)key.data[i]) * UINT64_C(1099511628211);
    return &cache->place[(hash >> 32) % PLACES];
}

bool view_cache_find(view_cache *cache, ol_str key, ol_arena *arena, cached_view *ret)
{
    cached_view view;
    (void)pthread_mutex_lock(&cache->lock);
    const entry *at = place_of(cache, key);
    bool found =
        at->key.data != NULL && ol_str_eq(at->key, key) &&
        (cache->fresh_ns == 0 || ol_mono_ns(ol_clock_real()) - at->stored_ns < cache->fresh_ns) &&
        ol_arena_copy(arena, at->view.first, &view.first) &&
        ol_arena_copy(arena, at->view.second, &view.second);
    (void)pthread_mutex_unlock(&cache->lock);
    if (found)
        *ret = view;
    return found;
}

void view_cache_store(view_cache *cache, ol_str key, const cached_view *view)
{
    entry fresh = {.arena = ol_arena_new(ENTRY_BYTES_MAX),
                   .stored_ns = ol_mono_ns(ol_clock_real())};
    bool fits = ol_arena_copy(&fresh.arena, key, &fresh.key) &&
                ol_arena_copy(&fresh.arena, view->first, &fresh.view.first) &&
                ol_arena_copy(&fresh.arena, view->second, &fresh.view.second);
    if (!fits) { /* too long to be worth keeping */
        ol_arena_deinit(&fresh.arena);
        return;
    }
    (void)pthread_mutex_lock(&cache->lock);
    entry *at = place_of(cache, key);
    ol_arena old = at->arena;
    *at = fresh;
    (void)pthread_mutex_unlock(&cache->lock);
    ol_arena_deinit(&old);
}
