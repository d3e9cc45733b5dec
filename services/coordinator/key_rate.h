/* Requests of one payment key in a fixed minute (Coordinator 2.1 step 6), counted after its secret
 * was checked. Loop thread only. */
#ifndef COORDINATOR_KEY_RATE_H
#define COORDINATOR_KEY_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEY_RATES_MAX = 65536 }; /* keys counted at once; more share a counter */

typedef struct key_rate_entry {
    int64_t key_id; /* 0: free */
    int64_t ends_ms;
    uint64_t count;
} key_rate_entry;

typedef struct key_rates {
    key_rate_entry *entry;
    size_t size; /* power of two */
    size_t used;
    int64_t clean_after_ms;
    key_rate_entry shared;
} key_rates;

/* Counts one request; false when it is beyond the limit (0: none). */
bool key_rate_pass(key_rates *rates, int64_t key_id, uint64_t limit, int64_t now_ms);
void key_rates_deinit(key_rates *rates);

#endif
