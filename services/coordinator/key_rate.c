#include "services/coordinator/key_rate.h"

#include <stdlib.h>

enum { WINDOW_MS = 60000, CLEAN_MS = 1000, FIRST_SIZE = 64 };

static key_rate_entry *find(const key_rates *rates, int64_t key_id)
{
    uint64_t hash = (uint64_t)key_id * UINT64_C(0x9e3779b97f4a7c15); /* spreads row numbers */
    for (uint64_t i = hash >> 32;; i++) {
        key_rate_entry *entry = &rates->entry[i & (rates->size - 1)];
        if (entry->key_id == 0 || entry->key_id == key_id)
            return entry;
    }
}

/* A table with room, without what has ended; false when there is none to be had. */
static bool renew(key_rates *rates, int64_t now_ms)
{
    size_t live = 0;
    if (now_ms < rates->clean_after_ms)
        return false;
    rates->clean_after_ms = now_ms + CLEAN_MS; /* a full table is walked once a second */
    for (size_t i = 0; i < rates->size; i++)
        live += rates->entry[i].key_id != 0 && rates->entry[i].ends_ms > now_ms;
    size_t size = rates->size == 0 ? FIRST_SIZE : rates->size;
    while (live * 4 > size && size < (size_t)KEY_RATES_MAX * 2)
        size *= 2;
    if (live * 2 >= size)
        return false;
    key_rates fresh = *rates;
    fresh.entry = calloc(size, sizeof *fresh.entry);
    if (fresh.entry == NULL)
        return false;
    fresh.size = size;
    fresh.used = live;
    fresh.clean_after_ms = 0;
    for (size_t i = 0; i < rates->size; i++) {
        if (rates->entry[i].key_id != 0 && rates->entry[i].ends_ms > now_ms)
            *find(&fresh, rates->entry[i].key_id) = rates->entry[i];
    }
    free(rates->entry);
    *rates = fresh;
    return true;
}

bool key_rate_pass(key_rates *rates, int64_t key_id, uint64_t limit, int64_t now_ms)
{
    if (limit == 0)
        return true;
    bool full = rates->used * 2 >= rates->size && !renew(rates, now_ms);
    key_rate_entry *entry = rates->size == 0 ? &rates->shared : find(rates, key_id);
    if (entry->key_id == 0 && entry != &rates->shared) {
        if (full) {
            entry = &rates->shared;
        } else {
            entry->key_id = key_id;
            rates->used++;
        }
    }
    if (entry->ends_ms <= now_ms) {
        entry->ends_ms = now_ms + WINDOW_MS;
        entry->count = 0;
    }
    if (entry->count >= limit)
        return false;
    entry->count++;
    return true;
}

void key_rates_deinit(key_rates *rates)
{
    free(rates->entry);
    *rates = (key_rates){0};
}
