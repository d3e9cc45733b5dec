/* A call to a node and what it answered, refusals told apart (NEAR 5.3). */
#ifndef OL_NEAR_RPC_ANSWER_H
#define OL_NEAR_RPC_ANSWER_H

#include "lib/codec/json_read.h"
#include "lib/near/rpc.h"

typedef enum ol_rpc_fault {
    OL_RPC_FINE,
    OL_RPC_LOST,          /* no answer of a node: it may have acted or not */
    OL_RPC_TIMEOUT,       /* the node gave up waiting (408): ask again */
    OL_RPC_SERVER,        /* INTERNAL_ERROR: perhaps later */
    OL_RPC_CONGESTED,     /* ShardCongested, ShardStuck: later */
    OL_RPC_UNKNOWN_BLOCK, /* skipped, or not there yet */
    OL_RPC_UNKNOWN_CHUNK,
    OL_RPC_UNKNOWN_TRANSACTION,
    OL_RPC_UNKNOWN_RECEIPT,
    OL_RPC_UNKNOWN_ACCOUNT,
    OL_RPC_UNKNOWN_KEY, /* query view_access_key; the key cannot sign */
    OL_RPC_BAD_NONCE,   /* InvalidNonce, NonceTooLarge: `key_nonce` where the node told it */
    OL_RPC_EXPIRED,     /* the transaction's block is too old or unknown: sign anew */
    OL_RPC_INVALID_TRANSACTION, /* anything else wrong with it: repeating does not help */
    OL_RPC_REFUSED,             /* any other error: repeating does not help */
} ol_rpc_fault;

/* `lost`, `bad_nonce`, …: for logs. */
const char *ol_rpc_fault_name(ol_rpc_fault fault);
/* Would the same request, sent again later, perhaps be answered? */
bool ol_rpc_fault_passes(ol_rpc_fault fault);

typedef struct ol_rpc_answer {
    ol_rpc_fault fault;
    ol_json result; /* OL_RPC_FINE: a slice of the buffer */
    bool has_key_nonce;
    uint64_t key_nonce; /* OL_RPC_BAD_NONCE: of the access key */
} ol_rpc_answer;

enum { OL_RPC_BODY_BYTES_MAX = 64 * 1024 * 1024 }; /* a block of a busy chain */

/* Takes an answer's body apart. OL_OK for a result; else ret->fault is set and the error is
 * OL_ERR_TIMEOUT, OL_ERR_NOT_FOUND, OL_ERR_UNAVAILABLE (passes) or OL_ERR_INVALID, with the node's
 * own words. `error` members of a `query` result count as refusals. */
ol_rc ol_rpc_answer_read(ol_str body, ol_rpc_answer *ret, ol_err *err);

/* One call. The answer's body stays in `into` (cleared first), which ret->result points into. A
 * failed post is OL_RPC_LOST with the error of the post. */
ol_rc ol_rpc_call(const ol_rpc *rpc, const char *method, ol_str params_json, ol_buf *into,
                  ol_rpc_answer *ret, ol_err *err);

#endif
