/* How often somebody came within a fixed minute (Coordinator 1, 2.1 step 6). One thread's own; its
 * memory is bounded, whoever comes. */
#ifndef OL_BASE_RATE_H
#define OL_BASE_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    OL_RATE_KEYS_MAX = 65536, /* counted at once; more share the counter of their group */
    OL_RATE_GROUPS = 8,
};

/* Who: an address, a row's number; groups are counted apart. */
typedef struct ol_rate_key {
    uint64_t part[2];
    uint32_t group; /* 1..OL_RATE_GROUPS - 1 */
} ol_rate_key;

typedef struct ol_rate_entry {
    ol_rate_key key; /* group 0: free */
    int64_t ends_ms;
    uint64_t count;
} ol_rate_entry;

/* Zeroed is empty. */
typedef struct ol_rates {
    ol_rate_entry *entry;
    size_t size; /* power of two */
    size_t used;
    int64_t renew_after_ms;
    ol_rate_entry shared[OL_RATE_GROUPS];
} ol_rates;

/* Counts one; false when it is beyond the limit of its minute (0: no limit). */
bool ol_rate_pass(ol_rates *rates, ol_rate_key key, uint64_t limit, int64_t now_ms);
void ol_rates_deinit(ol_rates *rates);

#endif
