/* The node about itself and its validators. Much of it is for show: there is one node, alone. */
#include "emulator/server/json_block.h"
#include "emulator/server/rpc_error.h"
#include "emulator/server/rpc_methods.h"
#include "emulator/server/rpc_params.h"

static void put_time(ol_json_writer *w, const char *key, uint64_t ns)
{
    char text[OL_TIME_TEXT_BYTES];
    ol_time_format((int64_t)(ns / 1000000), text);
    ol_json_put_cstr(w, key, text);
}

rpc_end rpc_health(rpc_call *call)
{
    ol_json_add_null(&call->w);
    return RPC_DONE;
}

static void sync_info(ol_json_writer *w, const localnet *net)
{
    const ol_block *head = ol_node_head(net->node);
    const ol_block *earliest = ol_node_earliest(net->node);
    ol_json_key(w, "sync_info");
    ol_json_object_begin(w);
    json_put_hash(w, "latest_block_hash", &head->hash);
    ol_json_put_u64(w, "latest_block_height", head->height);
    json_put_hash(w, "latest_state_root", &head->prev_state_root);
    put_time(w, "latest_block_time", head->timestamp_ns);
    ol_json_put_bool(w, "syncing", false);
    json_put_hash(w, "earliest_block_hash", &earliest->hash);
    ol_json_put_u64(w, "earliest_block_height", earliest->height);
    put_time(w, "earliest_block_time", earliest->timestamp_ns);
    json_put_hash(w, "epoch_id", &head->epoch_id);
    ol_json_put_u64(w, "epoch_start_height", ol_node_settings(net->node)->genesis_height);
    ol_json_object_end(w);
}

static void version(ol_json_writer *w)
{
    ol_json_key(w, "version");
    ol_json_object_begin(w);
    ol_json_put_cstr(w, "version", OL_VERSION);
    ol_json_put_cstr(w, "build", "outlayer-localnet");
    ol_json_put_cstr(w, "commit", "unknown");
    ol_json_put_cstr(w, "rustc_version", "none");
    ol_json_object_end(w);
}

void json_node_status(ol_json_writer *w, const localnet *net)
{
    const ol_node_options *set = ol_node_settings(net->node);
    char address[128];
    ol_buf text = ol_buf_over(address, sizeof address);
    ol_buf_addf(&text, "%.*s:%u", OL_FMT(net->set->host), net->port);
    ol_json_object_begin(w);
    version(w);
    ol_json_put_str(w, "chain_id", set->chain_id);
    json_put_hash(w, "genesis_hash", &net->genesis_hash);
    ol_json_put_u64(w, "protocol_version", set->protocol_version);
    ol_json_put_u64(w, "latest_protocol_version", set->protocol_version);
    ol_json_put_str(w, "rpc_addr", ol_buf_str(&text));
    json_put_public_key(w, "node_public_key", ol_node_validator_key(net->node));
    ol_json_put_null(w, "node_key");
    ol_json_put_cstr(w, "validator_account_id", LOCALNET_VALIDATOR);
    json_put_public_key(w, "validator_public_key", ol_node_validator_key(net->node));
    ol_json_key(w, "validators");
    ol_json_array_begin(w);
    ol_json_object_begin(w);
    ol_json_put_cstr(w, "account_id", LOCALNET_VALIDATOR);
    ol_json_object_end(w);
    ol_json_array_end(w);
    ol_json_put_i64(w, "uptime_sec", (ol_wall_ms(net->clock) - net->started_ms) / 1000);
    sync_info(w, net);
    ol_json_put_null(w, "detailed_debug_status");
    ol_json_object_end(w);
}

rpc_end rpc_status(rpc_call *call)
{
    json_node_status(&call->w, call->net);
    return RPC_DONE;
}

static void put_empty_list(ol_json_writer *w, const char *key)
{
    ol_json_key(w, key);
    ol_json_array_begin(w);
    ol_json_array_end(w);
}

rpc_end rpc_network_info(rpc_call *call)
{
    ol_json_writer *w = &call->w;
    ol_json_object_begin(w);
    put_empty_list(w, "active_peers");
    ol_json_put_u64(w, "num_active_peers", 0);
    ol_json_put_u64(w, "peer_max_count", 0);
    ol_json_put_u64(w, "sent_bytes_per_sec", 0);
    ol_json_put_u64(w, "received_bytes_per_sec", 0);
    put_empty_list(w, "known_producers");
    ol_json_object_end(w);
    return RPC_DONE;
}

static void put_one(ol_json_writer *w, const char *key, uint64_t value)
{
    ol_json_key(w, key);
    ol_json_array_begin(w);
    ol_json_add_u64(w, value);
    ol_json_array_end(w);
}

static void validator_identity(ol_json_writer *w, const localnet *net)
{
    ol_json_put_cstr(w, "account_id", LOCALNET_VALIDATOR);
    json_put_public_key(w, "public_key", ol_node_validator_key(net->node));
    ol_json_put_cstr(w, "stake", "0");
    put_one(w, "shards", 0);
}

static void current_validator(ol_json_writer *w, const localnet *net, uint64_t blocks)
{
    ol_json_object_begin(w);
    validator_identity(w, net);
    ol_json_put_bool(w, "is_slashed", false);
    ol_json_put_u64(w, "num_produced_blocks", blocks);
    ol_json_put_u64(w, "num_expected_blocks", blocks);
    ol_json_put_u64(w, "num_produced_chunks", blocks);
    ol_json_put_u64(w, "num_expected_chunks", blocks);
    ol_json_put_u64(w, "num_produced_endorsements", blocks);
    ol_json_put_u64(w, "num_expected_endorsements", blocks);
    put_one(w, "num_produced_chunks_per_shard", blocks);
    put_one(w, "num_expected_chunks_per_shard", blocks);
    put_one(w, "num_produced_endorsements_per_shard", blocks);
    put_one(w, "num_expected_endorsements_per_shard", blocks);
    put_one(w, "shards_produced", 0);
    put_one(w, "shards_endorsed", 0);
    ol_json_object_end(w);
}

rpc_end rpc_validators(rpc_call *call)
{
    ol_json_writer *w = &call->w;
    const ol_block *block = ol_node_head(call->net->node);
    ol_json id;
    /* `[null]`, `{"epoch_id":…}`, `"latest"` and no parameters mean the one epoch there is. */
    if (rpc_param(call, "block_id", 0, &id) && !rpc_take_block(call, 0, &block))
        return RPC_FAILED;
    ol_json_object_begin(w);
    ol_json_key(w, "current_validators");
    ol_json_array_begin(w);
    current_validator(w, call->net, block->ordinal);
    ol_json_array_end(w);
    ol_json_key(w, "next_validators");
    ol_json_array_begin(w);
    ol_json_object_begin(w);
    validator_identity(w, call->net);
    ol_json_object_end(w);
    ol_json_array_end(w);
    put_empty_list(w, "current_fishermen");
    put_empty_list(w, "next_fishermen");
    put_empty_list(w, "current_proposals");
    put_empty_list(w, "prev_epoch_kickout");
    ol_json_put_u64(w, "epoch_start_height", ol_node_settings(call->net->node)->genesis_height);
    ol_json_put_u64(w, "epoch_height", block->epoch_height);
    ol_json_object_end(w);
    return RPC_DONE;
}
