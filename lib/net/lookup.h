/* Names resolved beside a poll(2) loop: each look-up runs on a thread of its own, results wait in a
 * mailbox whose descriptor becomes readable. Closing the mailbox leaves stuck look-ups behind; they
 * end by themselves and touch nothing of ours. */
#ifndef OL_NET_LOOKUP_H
#define OL_NET_LOOKUP_H

#include "lib/net/resolve.h"

typedef struct ol_lookups ol_lookups;

enum { OL_LOOKUPS_AT_ONCE_MAX = 64 };

/* NULL: no memory or no descriptor. The resolver and its context outlive every look-up. */
ol_lookups *ol_lookups_open(ol_resolve_fn *resolve, void *context);
void ol_lookups_close(ol_lookups *lookups); /* NULL is fine */

/* false: too many under way, or no thread. `tag` comes back with the result. */
bool ol_lookups_start(ol_lookups *lookups, uint64_t tag, ol_str host);

int ol_lookups_fd(const ol_lookups *lookups);

typedef struct ol_lookup_result {
    uint64_t tag;
    ol_rc rc;
    ol_addresses addresses; /* rc == OL_OK */
    ol_err err;
} ol_lookup_result;

/* Takes one result; false when there is none. */
bool ol_lookups_take(ol_lookups *lookups, ol_lookup_result *ret);

#endif
