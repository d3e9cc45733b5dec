/* Blocks by height, from one of two places behind one interface: neardata routes, or a node's
 * JSON-RPC (NEAR 6). Nothing here opens a connection; callbacks do. Not for threads to share. */
#ifndef OL_NEAR_BLOCK_SOURCE_H
#define OL_NEAR_BLOCK_SOURCE_H

#include "lib/near/chain_block.h"
#include "lib/near/rpc.h"

typedef enum ol_fetched {
    OL_FETCHED_BLOCK,
    OL_FETCHED_SKIPPED, /* there is no block of that height, and never will be */
    OL_FETCHED_NOT_YET, /* ask again, the same height */
} ol_fetched;

typedef struct ol_block_source ol_block_source;

/* GETs a URL; the answer's body is appended to `into`. Fails only when there is no answer. */
typedef struct ol_fetch {
    ol_rc (*get)(void *context, ol_str url, ol_buf *into, int *ret_status, ol_err *err);
    void *context;
} ol_fetch;

/* `url` is `https://…/v0/block`, to which `/{height}` is appended, or holds `{block_id}` (Worker
 * 2). With `optimistic` the routes of blocks that are not final are used: `…/v0/block_opt`. */
ol_rc ol_block_source_neardata(const ol_fetch *fetch, ol_str url, ol_str contract_id,
                               bool optimistic, ol_block_source **ret, ol_err *err);

/* The node must know every block asked for (an archival one beyond about 36 hours). Per block: the
 * block, its new chunks, and what touched the contract's state; per touched receipt its
 * transaction. */
ol_rc ol_block_source_rpc(const ol_rpc *rpc, ol_str contract_id, bool optimistic,
                          ol_block_source **ret, ol_err *err);

void ol_block_source_close(ol_block_source *s); /* NULL is fine */

/* Texts of the block live until the next call. Failure: nothing is known about that height, ask
 * again later. */
ol_rc ol_block_source_get(ol_block_source *s, uint64_t height, ol_fetched *ret_what,
                          ol_chain_block *ret, ol_err *err);

/* For the two places. */
struct ol_block_source {
    ol_rc (*get)(ol_block_source *s, uint64_t height, ol_fetched *ret_what, ol_chain_block *ret,
                 ol_err *err);
    void (*close)(ol_block_source *s);
};

#endif
