/* Blocks, chunks, the gas price. */
#include "emulator/server/json_block.h"
#include "emulator/server/rpc_error.h"
#include "emulator/server/rpc_methods.h"
#include "emulator/server/rpc_params.h"

rpc_end rpc_block(rpc_call *call)
{
    const ol_block *block;
    if (!rpc_need_block(call, 0, &block))
        return RPC_FAILED;
    json_block(&call->w, call->net, block);
    return RPC_DONE;
}

static rpc_end chunk_by_hash(rpc_call *call)
{
    ol_str text;
    ol_sha256 hash;
    if (!rpc_need_text(call, "chunk_id", 0, &text) || !rpc_need_hash(call, "chunk_id", 0, &hash))
        return RPC_FAILED;
    const ol_block *block = ol_node_block_of(call->net->node, &hash);
    if (block != NULL && ol_sha256_eq(&block->chunk_hash, &hash)) {
        json_chunk(&call->w, block);
        return RPC_DONE;
    }
    ol_json_writer info = rpc_fail_begin(call);
    json_put_hash(&info, "chunk_hash", &hash);
    return rpc_fail_end(call, &info, "UNKNOWN_CHUNK",
                        "Chunk with hash %.*s has never been observed on this node", OL_FMT(text));
}

rpc_end rpc_chunk(rpc_call *call)
{
    const ol_block *block;
    ol_json shard;
    uint64_t shard_id;
    ol_err err;
    if (!rpc_param(call, "shard_id", 1, &shard))
        return chunk_by_hash(call);
    if (!rpc_need_block(call, 0, &block))
        return RPC_FAILED;
    if (ol_json_u64(&shard, &shard_id, &err) != OL_OK)
        return rpc_fail_parse_err(call, &err);
    if (shard_id == 0) {
        json_chunk(&call->w, block);
        return RPC_DONE;
    }
    ol_json_writer info = rpc_fail_begin(call);
    ol_json_put_u64(&info, "shard_id", shard_id);
    return rpc_fail_end(call, &info, "INVALID_SHARD_ID", "Shard id %llu does not exist",
                        (unsigned long long)shard_id);
}

rpc_end rpc_gas_price(rpc_call *call)
{
    const ol_block *block;
    if (!rpc_take_block(call, 0, &block))
        return RPC_FAILED;
    ol_json_object_begin(&call->w);
    ol_json_put_dec(&call->w, "gas_price", block->gas_price.yocto);
    ol_json_object_end(&call->w);
    return RPC_DONE;
}
