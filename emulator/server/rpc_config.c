/* EXPERIMENTAL_protocol_config and genesis_config. What has no meaning on a chain of one validator
 * is shown as mainnet has it, so that strict clients find every field. */
#include "emulator/server/json_block.h"
#include "emulator/server/rpc_error.h"
#include "emulator/server/rpc_methods.h"
#include "emulator/server/rpc_params.h"

/* NEAR 4.2: how long a transaction may wait, in blocks. NEAR 6: blocks of an epoch. */
enum { VALIDITY_BLOCKS = 86400, EPOCH_BLOCKS = 43200 };

static void put_ratio(ol_json_writer *w, const char *key, int64_t above, int64_t below)
{
    ol_json_key(w, key);
    ol_json_array_begin(w);
    ol_json_add_i64(w, above);
    ol_json_add_i64(w, below);
    ol_json_array_end(w);
}

static void put_numbers(ol_json_writer *w)
{
    static const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {
        {"num_block_producer_seats", 1},
        {"epoch_length", EPOCH_BLOCKS},
        {"block_producer_kickout_threshold", 80},
        {"chunk_producer_kickout_threshold", 80},
        {"chunk_validator_only_kickout_threshold", 70},
        {"target_validator_mandates_per_shard", 68},
        {"num_blocks_per_year", 63072000},
        {"minimum_stake_divisor", 10},
        {"transaction_validity_period", VALIDITY_BLOCKS},
        {"max_kickout_stake_perc", 30},
        {"minimum_validators_per_shard", 1},
        {"num_chunk_producer_seats", 1},
        {"num_chunk_validator_seats", 1},
        {"num_chunk_only_producer_seats", 0},
        {"shuffle_shard_assignment_for_chunk_producers_seed", 0},
    };
    OL_EACH (row, numbers)
        ol_json_put_u64(w, row->name, row->value);
}

static void put_shards(ol_json_writer *w)
{
    ol_json_key(w, "num_block_producer_seats_per_shard");
    ol_json_array_begin(w);
    ol_json_add_u64(w, 1);
    ol_json_array_end(w);
    ol_json_key(w, "avg_hidden_validator_seats_per_shard");
    ol_json_array_begin(w);
    ol_json_add_u64(w, 0);
    ol_json_array_end(w);
    ol_json_key(w, "shard_layout");
    ol_json_add_raw(w, OL_STR("{\"V0\":{\"num_shards\":1,\"version\":0}}"));
    ol_json_put_bool(w, "dynamic_resharding", false);
    ol_json_put_bool(w, "shuffle_shard_assignment_for_chunk_producers", false);
}

static void put_money(ol_json_writer *w, const ol_node_options *set)
{
    ol_json_put_dec(w, "min_gas_price", set->gas_price.yocto);
    ol_json_put_dec(w, "max_gas_price", set->gas_price.yocto);
    ol_json_put_cstr(w, "fishermen_threshold", "0");
    ol_json_put_cstr(w, "protocol_treasury_account", LOCALNET_VALIDATOR);
    put_ratio(w, "gas_price_adjustment_rate", 0, 1);
    put_ratio(w, "protocol_reward_rate", 0, 1);
    put_ratio(w, "max_inflation_rate", 0, 1);
    put_ratio(w, "minimum_stake_ratio", 1, 62500);
    put_ratio(w, "online_min_threshold", 9, 10);
    put_ratio(w, "online_max_threshold", 99, 100);
    put_ratio(w, "protocol_upgrade_stake_threshold", 4, 5);
}

static void genesis_members(ol_json_writer *w, const localnet *net)
{
    const ol_node_options *set = ol_node_settings(net->node);
    char text[OL_TIME_TEXT_BYTES];
    ol_time_format((int64_t)(set->genesis_time_ns / 1000000), text);
    ol_json_put_u64(w, "protocol_version", set->protocol_version);
    ol_json_put_cstr(w, "genesis_time", text);
    ol_json_put_str(w, "chain_id", set->chain_id);
    ol_json_put_u64(w, "genesis_height", set->genesis_height);
    ol_json_put_u64(w, "gas_limit", LOCALNET_CHUNK_GAS_LIMIT);
    put_numbers(w);
    put_shards(w);
    put_money(w, set);
}

rpc_end rpc_protocol_config(rpc_call *call)
{
    const ol_block *block;
    ol_json_writer *w = &call->w;
    if (!rpc_need_block(call, RPC_BY_NAME, &block))
        return RPC_FAILED;
    ol_json_object_begin(w);
    genesis_members(w, call->net);
    ol_json_put_raw(w, "runtime_config", ol_node_runtime_config(call->net->node));
    ol_json_object_end(w);
    return RPC_DONE;
}

rpc_end rpc_genesis_config(rpc_call *call)
{
    ol_json_writer *w = &call->w;
    ol_json_object_begin(w);
    genesis_members(w, call->net);
    ol_json_put_dec(w, "total_supply", ol_node_genesis(call->net->node)->money.after.yocto);
    ol_json_key(w, "validators");
    ol_json_array_begin(w);
    ol_json_object_begin(w);
    ol_json_put_cstr(w, "account_id", LOCALNET_VALIDATOR);
    json_put_public_key(w, "public_key", ol_node_validator_key(call->net->node));
    ol_json_put_cstr(w, "amount", "0");
    ol_json_object_end(w);
    ol_json_array_end(w);
    ol_json_object_end(w);
    return RPC_DONE;
}
