/* NEAR JSON-RPC: requests as text, answers taken apart. The network is the caller's: a callback
 * posts a body and brings the answer's body. */
#ifndef OL_NEAR_RPC_H
#define OL_NEAR_RPC_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

typedef struct ol_rpc {
    /* POSTs JSON. The answer's body is appended to `into`. Fails for any status but 200. */
    ol_rc (*post)(void *context, ol_str body, ol_buf *into, ol_err *err);
    void *context;
} ol_rpc;

/* `{"jsonrpc":"2.0","id":"…","method":…,"params":…}` */
void ol_rpc_envelope(ol_buf *into, ol_str id, ol_str method, ol_str params_json);

/* `params` of a block by finality or id (Host interfaces 7): empty or `final`, `optimistic`, a
 * decimal height, else a block hash. Appends `"finality":"…"` or `"block_id":…` without braces. */
void ol_rpc_add_block(ol_buf *into, ol_str finality_or_block);

/* Params of query call_function; the arguments are Base64 on the wire. */
void ol_rpc_add_call_function(ol_buf *into, ol_str account, ol_str method, ol_bytes args,
                              ol_str finality_or_block);

/* The bytes a view returned. false when the answer has no result array (an error, for instance). */
bool ol_rpc_view_result(ol_str answer, ol_arena *arena, ol_bytes *ret);

/* Calls a view method at final finality; what it returned is usually JSON. OL_ERR_NETWORK with the
 * node's own words when the node refused or the method failed. */
ol_rc ol_rpc_view(const ol_rpc *rpc, ol_str account, ol_str method, ol_str args_json,
                  ol_arena *arena, ol_str *ret, ol_err *err);

#endif
