/* Blocks, chunks, receipts, changes and what a node tells about itself (NEAR 5.1). */
#include "tests/conformance/localnet/net_lab.h"

static const char FINAL[] = "{\"finality\":\"final\"}";

static const char *at_block(net_lab *it, uint64_t height, const char *rest)
{
    return net_text(it, "{\"block_id\":%llu%s}", (unsigned long long)height, rest);
}

TEST("a block header has every field that strict clients read")
{
    static const char *const fields[] = {"height",
                                         "prev_height",
                                         "epoch_id",
                                         "next_epoch_id",
                                         "hash",
                                         "prev_hash",
                                         "prev_state_root",
                                         "chunk_receipts_root",
                                         "chunk_headers_root",
                                         "chunk_tx_root",
                                         "outcome_root",
                                         "chunks_included",
                                         "challenges_root",
                                         "timestamp",
                                         "timestamp_nanosec",
                                         "random_value",
                                         "validator_proposals",
                                         "chunk_mask",
                                         "gas_price",
                                         "block_ordinal",
                                         "rent_paid",
                                         "validator_reward",
                                         "total_supply",
                                         "challenges_result",
                                         "last_final_block",
                                         "last_ds_final_block",
                                         "next_bp_hash",
                                         "block_merkle_root",
                                         "epoch_sync_data_hash",
                                         "approvals",
                                         "signature",
                                         "latest_protocol_version",
                                         "block_body_hash",
                                         "chunk_endorsements"};
    static const char *const chunk_fields[] = {"chunk_hash",
                                               "prev_block_hash",
                                               "outcome_root",
                                               "prev_state_root",
                                               "encoded_merkle_root",
                                               "encoded_length",
                                               "height_created",
                                               "height_included",
                                               "shard_id",
                                               "gas_used",
                                               "gas_limit",
                                               "rent_paid",
                                               "validator_reward",
                                               "balance_burnt",
                                               "outgoing_receipts_root",
                                               "tx_root",
                                               "validator_proposals",
                                               "congestion_info",
                                               "bandwidth_requests",
                                               "signature"};
    net_lab lab;
    net_open(&lab, NULL);
    ol_json block = net_result(&lab, "block", FINAL);
    CHECK(net_has(&block, "author"));
    OL_EACH (field, fields)
        CHECK_ROW(net_has(&block, net_text(&lab, "header.%s", *field)), *field);
    OL_EACH (field, chunk_fields)
        CHECK_ROW(net_has(&block, net_text(&lab, "chunks.0.%s", *field)), *field);
    net_close(&lab);
}

TEST("a block is found by height, by hash, by finality and by its place in the chain")
{
    static const char *const flags[] = {"--finality-lag", "2", NULL};
    net_lab lab;
    net_open(&lab, flags);
    (void)net_dev(&lab, "mine", "{\"blocks\":5}");
    uint64_t head = net_height(&lab);
    ol_json block = net_result(&lab, "block", FINAL);
    CHECK_EQ(net_u64(&block, "header.height"), head - 2);
    block = net_result(&lab, "block", "{\"finality\":\"near-final\"}");
    CHECK_EQ(net_u64(&block, "header.height"), head - 1);
    block = net_result(&lab, "block", "{\"sync_checkpoint\":\"genesis\"}");
    CHECK_EQ(net_u64(&block, "header.height"), 1);
    block = net_result(&lab, "block", "{\"sync_checkpoint\":\"earliest_available\"}");
    CHECK_EQ(net_u64(&block, "header.height"), 1);
    block = net_result(&lab, "block", at_block(&lab, 4, ""));
    ol_str hash = net_str(&lab, &block, "header.hash");
    ol_json same =
        net_result(&lab, "block", net_text(&lab, "{\"block_id\":\"%.*s\"}", OL_FMT(hash)));
    CHECK_STR(same.raw, block.raw);
    same = net_result(&lab, "block", net_text(&lab, "[\"%.*s\"]", OL_FMT(hash)));
    CHECK_STR(same.raw, block.raw);
    net_close(&lab);
}

TEST("each block names the one before, the final one, and a later time")
{
    static const char *const flags[] = {"--finality-lag", "2", NULL};
    net_lab lab;
    net_open(&lab, flags);
    (void)net_dev(&lab, "mine", "{\"blocks\":6}");
    ol_json grand = net_result(&lab, "block", at_block(&lab, 4, ""));
    ol_json parent = net_result(&lab, "block", at_block(&lab, 5, ""));
    ol_json block = net_result(&lab, "block", at_block(&lab, 6, ""));
    CHECK_STR(net_str(&lab, &block, "header.prev_hash"), net_str(&lab, &parent, "header.hash"));
    CHECK_STR(net_str(&lab, &block, "header.last_final_block"),
              net_str(&lab, &grand, "header.hash"));
    CHECK_EQ(net_u64(&block, "header.prev_height"), 5);
    CHECK_EQ(net_u64(&block, "header.block_ordinal"), 6);
    CHECK(net_u64(&block, "header.timestamp") > net_u64(&parent, "header.timestamp"));
    CHECK_EQ(net_u64(&block, "header.timestamp"), net_dec(&block, "header.timestamp_nanosec"));
    net_close(&lab);
}

TEST("a chunk is found by its hash and by its block; other shards do not exist")
{
    net_lab lab;
    net_open(&lab, NULL);
    const char *tx = net_transfer(&lab, "alice.test.near", "bob.test.near", 5);
    ol_json sent = net_send(&lab, tx);
    ol_str block_hash = net_str(&lab, &sent, "transaction_outcome.block_hash");
    ol_json chunk =
        net_result(&lab, "chunk",
                   net_text(&lab, "{\"block_id\":\"%.*s\",\"shard_id\":0}", OL_FMT(block_hash)));
    CHECK_STR(net_str(&lab, &chunk, "transactions.0.hash"), ol_str_of(net_hash(&lab, tx)));
    ol_str hash = net_str(&lab, &chunk, "header.chunk_hash");
    ol_json same = net_result(&lab, "chunk", net_text(&lab, "[\"%.*s\"]", OL_FMT(hash)));
    CHECK_STR(same.raw, chunk.raw);
    same = net_result(&lab, "chunk", net_text(&lab, "{\"chunk_id\":\"%.*s\"}", OL_FMT(hash)));
    CHECK_STR(same.raw, chunk.raw);
    /* The receipt travels in the next chunk. */
    block_hash = net_str(&lab, &sent, "receipts_outcome.0.block_hash");
    chunk =
        net_result(&lab, "chunk",
                   net_text(&lab, "{\"block_id\":\"%.*s\",\"shard_id\":0}", OL_FMT(block_hash)));
    CHECK_STR(net_str(&lab, &chunk, "receipts.0.receipt_id"),
              net_str(&lab, &sent, "receipts_outcome.0.id"));

    ol_json error = net_error(&lab, "chunk", at_block(&lab, 1, ",\"shard_id\":5"), 200);
    CHECK_STR(net_str(&lab, &error, "cause.name"), OL_STR("INVALID_SHARD_ID"));
    CHECK_EQ(net_u64(&error, "cause.info.shard_id"), 5);
    error = net_error(&lab, "chunk", "[\"11111111111111111111111111111111\"]", 200);
    CHECK_STR(net_str(&lab, &error, "cause.name"), OL_STR("UNKNOWN_CHUNK"));
    CHECK(net_has(&error, "cause.info.chunk_hash"));
    net_close(&lab);
}

TEST("receipts are shown by their id, unknown ones by an error")
{
    net_lab lab;
    net_open(&lab, NULL);
    ol_json sent = net_send(&lab, net_transfer(&lab, "alice.test.near", "bob.test.near", 9));
    ol_str id = net_str(&lab, &sent, "receipts_outcome.0.id");
    ol_json receipt = net_result(&lab, "EXPERIMENTAL_receipt",
                                 net_text(&lab, "{\"receipt_id\":\"%.*s\"}", OL_FMT(id)));
    CHECK_STR(net_str(&lab, &receipt, "receipt_id"), id);
    CHECK_STR(net_str(&lab, &receipt, "predecessor_id"), OL_STR("alice.test.near"));
    CHECK_EQ(net_u64(&receipt, "priority"), 0);
    CHECK_STR(net_at(&receipt, "receipt.Action.actions").raw,
              OL_STR("[{\"Transfer\":{\"deposit\":\"9\"}}]"));
    CHECK_STR(net_str(&lab, &receipt, "receipt.Action.signer_id"), OL_STR("alice.test.near"));
    /* NEAR 4.3: gas is bought at 10^9 at least. */
    CHECK_STR(net_str(&lab, &receipt, "receipt.Action.gas_price"), OL_STR("1000000000"));
    ol_json error = net_error(&lab, "EXPERIMENTAL_receipt",
                              "{\"receipt_id\":\"11111111111111111111111111111111\"}", 200);
    CHECK_STR(net_str(&lab, &error, "cause.name"), OL_STR("UNKNOWN_RECEIPT"));
    CHECK(net_has(&error, "cause.info.receipt_id"));
    net_close(&lab);
}

TEST("the gas price is the floor of mainnet, with and without a block")
{
    static const char *const params[] = {"[null]", "[]", "[1]", "{\"block_id\":null}",
                                         "{\"block_id\":1}"};
    net_lab lab;
    net_open(&lab, NULL);
    OL_EACH (p, params) {
        ol_json price = net_result(&lab, "gas_price", *p);
        CHECK_STR_ROW(price.raw, OL_STR("{\"gas_price\":\"100000000\"}"), *p);
    }
    net_close(&lab);
}

TEST("validators are one, however they are asked for")
{
    static const char *const params[] = {"[null]", "\"latest\"", "{\"block_id\":1}", "[]",
                                         "{\"epoch_id\":\"11111111111111111111111111111111\"}"};
    static const char *const fields[] = {
        "next_validators",    "current_fishermen",  "next_fishermen", "current_proposals",
        "prev_epoch_kickout", "epoch_start_height", "epoch_height"};
    net_lab lab;
    net_open(&lab, NULL);
    OL_EACH (p, params) {
        ol_json it = net_result(&lab, "validators", *p);
        ol_json current = net_at(&it, "current_validators");
        CHECK_EQ_ROW(ol_json_count(&current), 1, *p);
        OL_EACH (field, fields)
            CHECK_ROW(net_has(&it, *field), *field);
    }
    ol_json info = net_result(&lab, "network_info", "[]");
    CHECK_EQ(net_u64(&info, "num_active_peers"), 0);
    net_close(&lab);
}

TEST("the configuration holds the prices of the protocol version")
{
    net_lab lab;
    net_open(&lab, NULL);
    ol_json it = net_result(&lab, "EXPERIMENTAL_protocol_config", FINAL);
    CHECK_EQ(net_u64(&it, "protocol_version"), 86);
    CHECK_STR(net_str(&lab, &it, "chain_id"), OL_STR("localnet"));
    CHECK_STR(net_str(&lab, &it, "runtime_config.storage_amount_per_byte"),
              OL_STR("10000000000000000000"));
    /* NEAR 1.5 */
    CHECK_EQ(net_u64(&it, "runtime_config.wasm_config.limit_config.max_total_prepaid_gas"),
             1000000000000000);
    CHECK_EQ(net_u64(&it, "runtime_config.wasm_config.limit_config.yield_timeout_length_in_blocks"),
             200);
    it = net_result(&lab, "EXPERIMENTAL_genesis_config", "[]");
    CHECK(net_dec(&it, "total_supply") > NEAR_YOCTO);
    net_close(&lab);
}

TEST("changes are told with their cause, for the accounts asked for")
{
    net_lab lab;
    net_open(&lab, NULL);
    net_deploy_probe(&lab, "dev.test.near");
    ol_json sent =
        net_send(&lab, net_call(&lab, "alice.test.near", "dev.test.near", "set", "7", TGAS(10), 0));
    ol_str in = net_str(&lab, &sent, "receipts_outcome.0.block_hash");
    ol_str id = net_str(&lab, &sent, "receipts_outcome.0.id");
    ol_json it = net_result(&lab, "EXPERIMENTAL_changes",
                            net_text(&lab,
                                     "{\"block_id\":\"%.*s\",\"changes_type\":\"data_changes\","
                                     "\"account_ids\":[\"dev.test.near\"],\"key_prefix_base64\":"
                                     "\"\"}",
                                     OL_FMT(in)));
    CHECK_STR(net_str(&lab, &it, "block_hash"), in);
    CHECK_STR(net_at(&it, "changes").raw,
              ol_str_of(net_text(&lab,
                                 "[{\"cause\":{\"type\":\"receipt_processing\",\"receipt_hash\":"
                                 "\"%.*s\"},\"type\":\"data_update\",\"change\":{\"account_id\":"
                                 "\"dev.test.near\",\"key_base64\":\"bm90ZQ==\",\"value_base64\":"
                                 "\"Nw==\"}}]",
                                 OL_FMT(id))));
    it = net_result(&lab, "changes",
                    net_text(&lab,
                             "{\"block_id\":\"%.*s\",\"changes_type\":\"data_changes\","
                             "\"account_ids\":[\"bob.test.near\"],\"key_prefix_base64\":\"\"}",
                             OL_FMT(in)));
    CHECK_STR(net_at(&it, "changes").raw, OL_STR("[]"));
    it = net_result(&lab, "EXPERIMENTAL_changes",
                    net_text(&lab,
                             "{\"block_id\":\"%.*s\",\"changes_type\":\"account_changes\","
                             "\"account_ids\":[\"alice.test.near\"]}",
                             OL_FMT(net_str(&lab, &sent, "transaction_outcome.block_hash"))));
    CHECK_STR(net_str(&lab, &it, "changes.0.type"), OL_STR("account_update"));
    CHECK_STR(net_str(&lab, &it, "changes.0.cause.type"), OL_STR("transaction_processing"));
    CHECK_STR(net_str(&lab, &it, "changes.0.cause.tx_hash"),
              net_str(&lab, &sent, "transaction.hash"));
    CHECK(net_has(&it, "changes.0.change.amount") && net_has(&it, "changes.0.change.code_hash"));
    net_close(&lab);
}

TEST("removed data is a deletion, and a block's touched accounts are listed once a kind")
{
    net_lab lab;
    net_open(&lab, NULL);
    net_deploy_probe(&lab, "dev.test.near");
    (void)net_send(&lab,
                   net_call(&lab, "alice.test.near", "dev.test.near", "set", "7", TGAS(10), 0));
    ol_json sent = net_send(
        &lab, net_call(&lab, "alice.test.near", "dev.test.near", "forget", "", TGAS(10), 0));
    ol_str in = net_str(&lab, &sent, "receipts_outcome.0.block_hash");
    ol_json it = net_result(&lab, "EXPERIMENTAL_changes",
                            net_text(&lab,
                                     "{\"block_id\":\"%.*s\",\"changes_type\":\"data_changes\","
                                     "\"account_ids\":[\"dev.test.near\"],\"key_prefix_base64\":"
                                     "\"bm8=\"}",
                                     OL_FMT(in)));
    CHECK_STR(net_str(&lab, &it, "changes.0.type"), OL_STR("data_deletion"));
    CHECK_STR(net_at(&it, "changes.0.change").raw,
              OL_STR("{\"account_id\":\"dev.test.near\",\"key_base64\":\"bm90ZQ==\"}"));
    it = net_result(&lab, "EXPERIMENTAL_changes_in_block",
                    net_text(&lab, "{\"block_id\":\"%.*s\"}", OL_FMT(in)));
    CHECK_HAS(net_at(&it, "changes").raw,
              OL_STR("{\"type\":\"data_touched\",\"account_id\":\"dev.test.near\"}"), "data");
    CHECK_HAS(net_at(&it, "changes").raw,
              OL_STR("{\"type\":\"account_touched\",\"account_id\":\"dev.test.near\"}"), "account");
    net_close(&lab);
}

TEST("keys added and code deployed are changes, too")
{
    net_lab lab;
    net_open(&lab, NULL);
    ol_public_key key = {.curve = OL_CURVE_ED25519, .bytes = {7}};
    ol_action actions[] = {ol_action_add_full_key(&key),
                           ol_action_deploy(ol_str_bytes(OL_STR("\0asm\1\0\0\0")))};
    ol_json sent = net_send(&lab, net_sign(&lab, "bob.test.near", "bob.test.near", actions, 2));
    ol_str in = net_str(&lab, &sent, "receipts_outcome.0.block_hash");
    static const struct {
        const char *type;
        const char *change;
        const char *has;
    } cases[] = {
        {"all_access_key_changes", "access_key_update", "change.access_key.permission"},
        {"contract_code_changes", "contract_code_update", "change.code_base64"},
    };
    OL_EACH (c, cases) {
        ol_json it = net_result(&lab, "EXPERIMENTAL_changes",
                                net_text(&lab,
                                         "{\"block_id\":\"%.*s\",\"changes_type\":\"%s\","
                                         "\"account_ids\":[\"bob.test.near\"]}",
                                         OL_FMT(in), c->type));
        ol_json changes = net_at(&it, "changes");
        bool found = false;
        ol_json one;
        ol_json_iter all = ol_json_iterate(&changes);
        while (ol_json_next_item(&all, &one))
            found |= ol_str_eq(net_str(&lab, &one, "type"), ol_str_of(c->change)) &&
                     net_has(&one, c->has);
        CHECK_ROW(found, c->type);
    }
    ol_json it = net_result(&lab, "EXPERIMENTAL_changes",
                            net_text(&lab,
                                     "{\"block_id\":\"%.*s\",\"changes_type\":"
                                     "\"single_access_key_changes\",\"keys\":[{\"account_id\":"
                                     "\"bob.test.near\",\"public_key\":\"%.*s\"}]}",
                                     OL_FMT(in), OL_FMT(ol_public_key_text(&key, &lab.arena))));
    ol_json changes = net_at(&it, "changes");
    CHECK_EQ(ol_json_count(&changes), 1);
    net_close(&lab);
}
