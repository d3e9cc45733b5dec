#include "lib/base/rate.h"

#include <stdlib.h>

#include "lib/base/assert.h"

enum { WINDOW_MS = 60000, RENEW_MS = 1000, FIRST_SIZE = 64 };

/* Spreads row numbers and neighbouring addresses; not for secrets. */
static uint64_t hash(ol_rate_key key)
{
    static const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t h = (key.part[0] ^ key.group) * odd;
    h = ((h ^ (h >> 32)) + key.part[1]) * odd;
    return h ^ (h >> 32);
}

static bool same(ol_rate_key a, ol_rate_key b)
{
    return a.group == b.group && a.part[0] == b.part[0] && a.part[1] == b.part[1];
}

/* Where the key stands, or would: a table is never more than half full. */
static ol_rate_entry *find(const ol_rates *rates, ol_rate_key key)
{
    for (uint64_t i = hash(key);; i++) {
        ol_rate_entry *entry = &rates->entry[i & (rates->size - 1)];
        if (entry->key.group == 0 || same(entry->key, key))
            return entry;
    }
}

/* A table with room, without what has ended; false when there is none to be had. */
static bool renew(ol_rates *rates, int64_t now_ms)
{
    if (now_ms < rates->renew_after_ms)
        return false;
    rates->renew_after_ms = now_ms + RENEW_MS; /* a full table is walked once a second */
    size_t live = 0;
    for (size_t i = 0; i < rates->size; i++)
        live += rates->entry[i].key.group != 0 && rates->entry[i].ends_ms > now_ms;
    size_t size = rates->size == 0 ? FIRST_SIZE : rates->size;
    while (size < (size_t)OL_RATE_KEYS_MAX * 2 && live * 4 > size)
        size *= 2;
    if (live * 2 >= size)
        return false;
    ol_rates fresh = *rates;
    fresh.entry = calloc(size, sizeof *fresh.entry);
    if (fresh.entry == NULL)
        return false;
    fresh.size = size;
    fresh.used = live;
    fresh.renew_after_ms = 0;
    for (size_t i = 0; i < rates->size; i++) {
        const ol_rate_entry *old = &rates->entry[i];
        if (old->key.group != 0 && old->ends_ms > now_ms)
            *find(&fresh, old->key) = *old;
    }
    free(rates->entry);
    *rates = fresh;
    return true;
}

static ol_rate_entry *entry_of(ol_rates *rates, ol_rate_key key, int64_t now_ms)
{
    ol_rate_entry *shared = &rates->shared[key.group];
    bool full = rates->used * 2 >= rates->size && !renew(rates, now_ms);
    if (rates->size == 0)
        return shared;
    ol_rate_entry *entry = find(rates, key);
    if (entry->key.group != 0)
        return entry;
    if (full)
        return shared;
    entry->key = key;
    rates->used++;
    return entry;
}

bool ol_rate_pass(ol_rates *rates, ol_rate_key key, uint64_t limit, int64_t now_ms)
{
    OL_ASSERT(key.group > 0 && key.group < OL_RATE_GROUPS);
    if (limit == 0)
        return true;
    ol_rate_entry *entry = entry_of(rates, key, now_ms);
    if (entry->ends_ms <= now_ms) {
        entry->ends_ms = now_ms + WINDOW_MS;
        entry->count = 0;
    }
    if (entry->count >= limit)
        return false;
    entry->count++;
    return true;
}

void ol_rates_deinit(ol_rates *rates)
{
    free(rates->entry);
    *rates = (ol_rates){0};
}
