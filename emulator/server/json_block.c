#include "emulator/server/json_block.h"

#include <string.h>

#include "lib/codec/base58.h"

/* NEAR 8: signatures of blocks are faked; 64 zero bytes. */
static void put_signature(ol_json_writer *w)
{
    static const uint8_t zeroes[64];
    char storage[OL_BASE58_TEXT_MAX];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_buf_add_str(&text, OL_STR("ed25519:"));
    ol_base58_add(&text, (ol_bytes){zeroes, sizeof zeroes});
    ol_json_put_str(w, "signature", ol_buf_str(&text));
}

static void put_empty_list(ol_json_writer *w, const char *key)
{
    ol_json_key(w, key);
    ol_json_array_begin(w);
    ol_json_array_end(w);
}

static void put_no_hash(ol_json_writer *w, const char *key)
{
    static const ol_sha256 none = {{0}};
    json_put_hash(w, key, &none);
}

static void header_identity(ol_json_writer *w, const ol_block *block)
{
    ol_json_put_u64(w, "height", block->height);
    ol_json_put_u64(w, "prev_height", block->prev_height);
    json_put_hash(w, "epoch_id", &block->epoch_id);
    json_put_hash(w, "next_epoch_id", &block->next_epoch_id);
    json_put_hash(w, "hash", &block->hash);
    json_put_hash(w, "prev_hash", &block->prev_hash);
}

static void header_roots(ol_json_writer *w, const ol_block *block)
{
    json_put_hash(w, "prev_state_root", &block->prev_state_root);
    json_put_hash(w, "block_body_hash", &block->chunk_hash);
    json_put_hash(w, "chunk_receipts_root", &block->receipts_root);
    json_put_hash(w, "chunk_headers_root", &block->chunk_hash);
    json_put_hash(w, "chunk_tx_root", &block->transactions_root);
    json_put_hash(w, "outcome_root", &block->outcome_root);
    put_no_hash(w, "challenges_root");
    json_put_hash(w, "random_value", &block->random_value);
    put_no_hash(w, "next_bp_hash");
    json_put_hash(w, "block_merkle_root", &block->prev_hash);
}

static void header_time(ol_json_writer *w, const ol_block *block)
{
    ol_json_put_u64(w, "timestamp", block->timestamp_ns);
    ol_json_put_dec(w, "timestamp_nanosec", block->timestamp_ns);
}

/* The newest block that was final when this one was made; a fault of the node does not change what
 * blocks say. */
static void header_finality(ol_json_writer *w, const localnet *net, const ol_block *block)
{
    const ol_block *final = block;
    for (uint64_t i = 0; i < net->set->finality_lag && final != NULL; i++)
        final = ol_node_parent(net->node, final);
    if (final != NULL) {
        json_put_hash(w, "last_final_block", &final->hash);
        json_put_hash(w, "last_ds_final_block", &final->hash);
    } else {
        put_no_hash(w, "last_final_block");
        put_no_hash(w, "last_ds_final_block");
    }
}

static void header_rest(ol_json_writer *w, const localnet *net, const ol_block *block)
{
    uint64_t version = ol_node_settings(net->node)->protocol_version;
    ol_json_put_u64(w, "chunks_included", 1);
    put_empty_list(w, "validator_proposals");
    ol_json_key(w, "chunk_mask");
    ol_json_array_begin(w);
    ol_json_add_bool(w, true);
    ol_json_array_end(w);
    ol_json_put_dec(w, "gas_price", block->gas_price.yocto);
    ol_json_put_u64(w, "block_ordinal", block->ordinal);
    ol_json_put_cstr(w, "rent_paid", "0");
    ol_json_put_cstr(w, "validator_reward", "0");
    ol_json_put_dec(w, "total_supply", block->money.after.yocto);
    put_empty_list(w, "challenges_result");
    ol_json_put_null(w, "epoch_sync_data_hash");
    put_empty_list(w, "approvals");
    put_signature(w);
    ol_json_put_u64(w, "latest_protocol_version", version);
    ol_json_put_null(w, "chunk_endorsements");
}

static void header(ol_json_writer *w, const localnet *net, const ol_block *block)
{
    ol_json_object_begin(w);
    header_identity(w, block);
    header_roots(w, block);
    header_time(w, block);
    header_finality(w, net, block);
    header_rest(w, net, block);
    ol_json_object_end(w);
}

void json_block(ol_json_writer *w, const localnet *net, const ol_block *block)
{
    ol_json_object_begin(w);
    ol_json_put_cstr(w, "author", LOCALNET_VALIDATOR);
    ol_json_key(w, "header");
    header(w, net, block);
    ol_json_key(w, "chunks");
    ol_json_array_begin(w);
    json_chunk_header(w, block);
    ol_json_array_end(w);
    ol_json_object_end(w);
}

static void chunk_roots(ol_json_writer *w, const ol_block *block)
{
    json_put_hash(w, "chunk_hash", &block->chunk_hash);
    json_put_hash(w, "prev_block_hash", &block->prev_hash);
    json_put_hash(w, "outcome_root", &block->outcome_root);
    json_put_hash(w, "prev_state_root", &block->prev_state_root);
    json_put_hash(w, "encoded_merkle_root", &block->chunk_hash);
    json_put_hash(w, "outgoing_receipts_root", &block->receipts_root);
    json_put_hash(w, "tx_root", &block->transactions_root);
}

void json_chunk_header(ol_json_writer *w, const ol_block *block)
{
    ol_json_object_begin(w);
    chunk_roots(w, block);
    ol_json_put_u64(w, "encoded_length", 8);
    ol_json_put_u64(w, "height_created", block->height);
    ol_json_put_u64(w, "height_included", block->height);
    ol_json_put_u64(w, "shard_id", 0);
    ol_json_put_u64(w, "gas_used", block->gas_used);
    ol_json_put_u64(w, "gas_limit", LOCALNET_CHUNK_GAS_LIMIT);
    ol_json_put_cstr(w, "rent_paid", "0");
    ol_json_put_cstr(w, "validator_reward", "0");
    ol_json_put_dec(w, "balance_burnt", block->money.burnt.yocto);
    put_empty_list(w, "validator_proposals");
    ol_json_put_null(w, "congestion_info");
    ol_json_put_null(w, "bandwidth_requests");
    put_signature(w);
    ol_json_object_end(w);
}

void json_chunk(ol_json_writer *w, const ol_block *block)
{
    ol_json_object_begin(w);
    ol_json_put_cstr(w, "author", LOCALNET_VALIDATOR);
    ol_json_key(w, "header");
    json_chunk_header(w, block);
    ol_json_key(w, "transactions");
    ol_json_array_begin(w);
    for (size_t i = 0; i < block->transaction_count; i++)
        json_transaction(w, &block->transactions[i]);
    ol_json_array_end(w);
    ol_json_key(w, "receipts");
    ol_json_array_begin(w);
    for (size_t i = 0; i < block->incoming_count; i++)
        json_receipt(w, block->incoming[i]);
    ol_json_array_end(w);
    ol_json_object_end(w);
}
