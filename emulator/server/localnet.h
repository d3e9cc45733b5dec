/* The chain as a program: one thread owns the node and everything here; the HTTP side hands it
 * requests through a queue and gets answers back. So nothing in this folder takes a lock. */
#ifndef LOCALNET_LOCALNET_H
#define LOCALNET_LOCALNET_H

#include <stdatomic.h>

#include "emulator/node.h"
#include "emulator/server/faults.h"
#include "emulator/server/options.h"
#include "emulator/server/waits.h"
#include "lib/base/clock.h"
#include "lib/base/queue.h"
#include "lib/net/http_server.h"

typedef struct localnet {
    const localnet_options *set;
    const ol_clock *clock;
    ol_node *node;
    faults faults;
    waits waits;
    int64_t started_ms;
    int64_t next_block_ns;  /* monotonic: when the clock asks for a block */
    bool halted;            /* a block failed: no more by themselves */
    uint64_t busy_height;   /* of the newest block in which something happened */
    ol_sha256 genesis_hash; /* outlives the block, which is forgotten in time */
    uint16_t port;
    /* The HTTP side. */
    ol_queue arrivals; /* of arrival * */
    _Atomic bool stopping;
} localnet;

/* A request on its way to the thread of the node; lies in the request's arena. */
typedef void arrival_fn(localnet *net, ol_web_request *request);
typedef struct arrival {
    ol_web_request *request; /* held */
    arrival_fn *serve;
} arrival;

/* produce.c: making blocks. */

/* One block with everything that hangs on it: faults, then those who wait. */
ol_rc localnet_block(localnet *net, ol_err *err);
/* Is one to be made now? And when, if not: never is < 0. */
bool localnet_block_is_due(const localnet *net, int64_t now_ns);
int64_t localnet_block_due_ns(const localnet *net);
/* After anything that changed the chain without localnet_block: a fork, a patch, a restore. */
void localnet_chain_changed(localnet *net);

/* driver.c: the thread of the node, until net->stopping. */
void *driver_run(void *net);

#endif
