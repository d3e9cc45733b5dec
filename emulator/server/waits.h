/* Requests that wait for the chain: held connections, asked again after every block and ended by
 * their deadline. Nobody polls. */
#ifndef LOCALNET_WAITS_H
#define LOCALNET_WAITS_H

#include "lib/net/http_server.h"

enum { WAITS_MAX = 4096 };

struct localnet;
typedef struct waiter waiter;

/* Answers the request when its time has come (true), or leaves it waiting. `late`: answer now,
 * whatever there is. Belongs to the thread of the node. */
typedef bool waiter_try(struct localnet *net, waiter *it, bool late);

/* Lies in the arena of its request, so that it goes with the answer. A kind of waiter puts this
 * first in a struct of its own. */
struct waiter {
    waiter *next;
    ol_web_request *request; /* held */
    int64_t deadline_ns;
    waiter_try *try_now;
};

typedef struct waits {
    waiter *first;
    size_t count;
} waits;

/* false when too many wait already; the request stays the caller's. */
OL_MUST_USE bool waits_add(waits *it, waiter *one);
/* After a block. */
void waits_try_all(struct localnet *net, waits *it);
/* Ends those whose deadline has passed; `all` ends every one. */
void waits_expire(struct localnet *net, waits *it, int64_t now_ns, bool all);
int64_t waits_next_ns(const waits *it); /* the earliest deadline; < 0: none */

#endif
