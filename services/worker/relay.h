/* The contract's events, told to the coordinator (Worker 3.2, 3.3). Every call is idempotent there,
 * so an event may be relayed twice and by several monitors; none may be lost. */
#ifndef WORKER_RELAY_H
#define WORKER_RELAY_H

#include "lib/near/chain_block.h"
#include "lib/near/event_log.h"
#include "lib/near/rpc.h"
#include "services/worker/coordinator.h"

/* One request to the coordinator. */
typedef struct relay {
    const char *path;
    bool internal;         /* authenticates as the wallet relays do */
    ol_buf body;           /* JSON */
    const char *event;     /* for logs */
    ol_opt_u64 request_id; /* of an execution request */
} relay;

enum { RELAY_BODY_BYTES_MAX = 10 * 1024 * 1024 }; /* what the route takes (Coordinator 1) */

/* Of whom and where the event is. */
typedef struct relay_place {
    const worker_settings *settings;
    const ol_rpc *rpc; /* for input that the contract keeps */
    const ol_chain_block *block;
    const ol_chain_outcome *outcome;
    ol_str finality; /* of what is read from the contract */
} relay_place;

/* OL_OK with *ret_some false: an event nobody needs to hear of. OL_ERR_SHAPE and its kind: an event
 * that makes no sense, which is dropped; OL_ERR_NOT_FOUND: a request that is over already. Other
 * failures pass. `item` is one element of the event's data; ret->body is overwritten. */
ol_rc relay_build(const relay_place *place, const ol_event *event, const ol_json *item,
                  ol_arena *arena, relay *ret, bool *ret_some, ol_err *err);

#endif
