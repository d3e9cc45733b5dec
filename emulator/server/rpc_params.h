/* Parameters of JSON-RPC methods: an object, or a list by position (NEAR 5). A member that is null
 * counts as absent; unknown members are ignored. Functions that return false have failed the call
 * with PARSE_ERROR (or UNKNOWN_BLOCK): the method returns RPC_FAILED. */
#ifndef LOCALNET_RPC_PARAMS_H
#define LOCALNET_RPC_PARAMS_H

#include "emulator/server/rpc.h"

/* Only in an object. */
#define RPC_BY_NAME SIZE_MAX

/* May be absent: no failure. */
bool rpc_param(const rpc_call *call, const char *name, size_t position, ol_json *ret);

OL_MUST_USE bool rpc_need_text(rpc_call *call, const char *name, size_t position, ol_str *ret);
OL_MUST_USE bool rpc_need_account(rpc_call *call, const char *name, size_t position, ol_str *ret);
OL_MUST_USE bool rpc_need_hash(rpc_call *call, const char *name, size_t position, ol_sha256 *ret);
OL_MUST_USE bool rpc_need_base64(rpc_call *call, const char *name, size_t position, ol_bytes *ret);
OL_MUST_USE bool rpc_need_key(rpc_call *call, const char *name, size_t position,
                              ol_public_key *ret);

/* The block that `block_id`, `finality` or `sync_checkpoint` names; `position` is that of a
 * block_id in a list. Unknown blocks fail as the methods `block` and `chunk` tell it. */
OL_MUST_USE bool rpc_need_block(rpc_call *call, size_t position, const ol_block **ret);
/* The same, as `query` tells it: with the reference in the info. */
OL_MUST_USE bool rpc_need_query_block(rpc_call *call, const ol_block **ret);
/* The head when nothing is named. */
OL_MUST_USE bool rpc_take_block(rpc_call *call, size_t position, const ol_block **ret);

/* Is it that string? false for values of other types. */
bool rpc_is(const ol_json *value, const char *text);
OL_MUST_USE bool rpc_hash_parse(ol_str text, ol_sha256 *ret);

#endif
