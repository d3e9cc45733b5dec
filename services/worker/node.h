/* A node of the chain and the block routes, seen from one thread: connections that stay open. */
#ifndef WORKER_NODE_H
#define WORKER_NODE_H

#include "lib/near/block_source.h"
#include "lib/near/rpc.h"
#include "services/worker/settings.h"

typedef struct node node;

/* NULL when memory is short. `settings` outlives it. */
node *node_open(const worker_settings *settings);
void node_close(node *n); /* NULL is fine */

/* Another thread makes what is under way end; nothing works afterwards. */
void node_interrupt(node *n);

/* Live as long as the node. Refusals that nodes send with another status than 200 (NEAR 5.3) are
 * answers like any other. */
const ol_rpc *node_rpc(node *n);
const ol_fetch *node_fetch(node *n);

#endif
