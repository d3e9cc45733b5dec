#include <stdlib.h>
#include <string.h>

#include "lib/net/http_internal.h"

enum { WINDOW_MS = 60000, RENEW_MS = 1000, FIRST_SIZE = 256 };

static size_t hash(const uint8_t ip[16], unsigned group)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ group; /* FNV-1a: short keys, not for secrets */
    for (size_t i = 0; i < 16; i++)
        h = (h ^ ip[i]) * UINT64_C(0x100000001b3);
    return (size_t)(h ^ (h >> 32));
}

static ol__rate_entry *find(const ol__rates *rates, const uint8_t ip[16], unsigned group)
{
    for (size_t i = hash(ip, group);; i++) {
        ol__rate_entry *entry = &rates->entry[i & (rates->size - 1)];
        if (entry->group == 0 || (entry->group == group && memcmp(entry->ip, ip, 16) == 0))
            return entry;
    }
}

/* A table twice as large, or as large as before, without what has ended. */
static bool renew(ol__rates *rates, int64_t now_ms)
{
    if (now_ms < rates->renew_after_ms)
        return false;
    rates->renew_after_ms = now_ms + RENEW_MS; /* a full table is walked once a second */
    size_t live = 0;
    for (size_t i = 0; i < rates->size; i++)
        live += rates->entry[i].group != 0 && rates->entry[i].ends_ms > now_ms;
    size_t size = rates->size == 0 ? FIRST_SIZE : rates->size;
    while (size < (size_t)OL_WEB_RATE_IPS_MAX * 2 && live * 4 > size)
        size *= 2;
    if (live * 2 >= size)
        return false;
    rates->renew_after_ms = 0;
    ol__rates fresh = *rates;
    fresh.entry = calloc(size, sizeof *fresh.entry);
    if (fresh.entry == NULL)
        return false;
    fresh.size = size;
    fresh.used = live;
    for (size_t i = 0; i < rates->size; i++) {
        const ol__rate_entry *old = &rates->entry[i];
        if (old->group != 0 && old->ends_ms > now_ms)
            *find(&fresh, old->ip, old->group) = *old;
    }
    free(rates->entry);
    *rates = fresh;
    return true;
}

bool ol__rate_pass(ol__rates *rates, const uint8_t ip[16], unsigned group, uint32_t limit,
                   int64_t now_ms)
{
    OL_ASSERT(group > 0 && group < OL_WEB_RATE_GROUPS_MAX);
    if (limit == 0)
        return true;
    ol__rate_entry *entry;
    if (rates->used * 2 >= rates->size && !renew(rates, now_ms) && rates->size == 0)
        entry = &rates->shared[group];
    else
        entry = find(rates, ip, group);
    if (entry->group == 0) {
        if (rates->used * 2 >= rates->size) {
            entry = &rates->shared[group];
        } else {
            rates->used++;
            memcpy(entry->ip, ip, sizeof entry->ip);
        }
        entry->group = group;
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

void ol__rates_deinit(ol__rates *rates)
{
    free(rates->entry);
    *rates = (ol__rates){0};
}
