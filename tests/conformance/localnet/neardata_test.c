/* Blocks as a follower of the chain reads them (NEAR 6). */
#include "lib/near/chain_block.h"
#include "tests/conformance/localnet/net_lab.h"

static ol_json document(net_lab *it, const char *path)
{
    wire_answer answer = net_get(it, path);
    ol_json root;
    ol_str kept;
    ol_err err = {0};
    CHECK_EQ_ROW(answer.status, 200, path);
    CHECK(ol_arena_copy(&it->arena, answer.body, &kept));
    CHECK_OK(ol_json_parse(kept, &root, &err));
    return root;
}

static const char *block_path(net_lab *it, uint64_t height)
{
    return net_text(it, "/v0/block/%llu", (unsigned long long)height);
}

TEST("a block holds its chunk, its transactions with outcomes, and its receipts' outcomes")
{
    net_lab lab;
    net_open(&lab, NULL);
    net_deploy_probe(&lab, "dev.test.near");
    ol_json sent =
        net_send(&lab, net_call(&lab, "alice.test.near", "dev.test.near", "set", "7", TGAS(10), 0));
    ol_json block =
        net_result(&lab, "block",
                   net_text(&lab, "{\"block_id\":\"%.*s\"}",
                            OL_FMT(net_str(&lab, &sent, "transaction_outcome.block_hash"))));
    uint64_t height = net_u64(&block, "header.height");
    ol_json first = document(&lab, block_path(&lab, height));
    CHECK_STR(net_at(&first, "block").raw, block.raw);
    CHECK_EQ(net_u64(&first, "shards.0.shard_id"), 0);
    CHECK_STR(net_str(&lab, &first, "shards.0.chunk.transactions.0.transaction.hash"),
              net_str(&lab, &sent, "transaction.hash"));
    CHECK_STR(net_at(&first, "shards.0.chunk.transactions.0.outcome.execution_outcome").raw,
              net_at(&sent, "transaction_outcome").raw);
    CHECK_STR(net_at(&first, "shards.0.receipt_execution_outcomes").raw, OL_STR("[]"));
    CHECK_STR(net_at(&first, "shards.0.state_changes").raw, OL_STR("[]"));
    ol_json second = document(&lab, block_path(&lab, height + 1));
    CHECK_STR(net_at(&second, "shards.0.receipt_execution_outcomes.0.execution_outcome").raw,
              net_at(&sent, "receipts_outcome.0").raw);
    CHECK_STR(net_str(&lab, &second, "shards.0.receipt_execution_outcomes.0.receipt.receiver_id"),
              OL_STR("dev.test.near"));
    CHECK_STR(net_str(&lab, &second, "shards.0.receipt_execution_outcomes.0.tx_hash"),
              net_str(&lab, &sent, "transaction.hash"));
    CHECK_STR(net_str(&lab, &second, "shards.0.chunk.receipts.0.receipt_id"),
              net_str(&lab, &sent, "receipts_outcome.0.id"));
    net_close(&lab);
}

TEST("the worker's own reader finds the logs of a contract in such a block")
{
    net_lab lab;
    ol_chain_block seen;
    ol_err err = {0};
    net_open(&lab, NULL);
    net_deploy_probe(&lab, "dev.test.near");
    ol_json sent =
        net_send(&lab, net_call(&lab, "alice.test.near", "dev.test.near", "set", "7", TGAS(10), 0));
    ol_json block =
        net_result(&lab, "block",
                   net_text(&lab, "{\"block_id\":\"%.*s\"}",
                            OL_FMT(net_str(&lab, &sent, "receipts_outcome.0.block_hash"))));
    ol_json root = document(&lab, block_path(&lab, net_u64(&block, "header.height")));
    CHECK_OK(ol_chain_block_parse(root.raw, OL_STR("dev.test.near"), &lab.arena, &seen, &err));
    CHECK_EQ(seen.height, net_u64(&block, "header.height"));
    CHECK_EQ(seen.outcomes, 1);
    CHECK_EQ(seen.outcome[0].logs, 2);
    CHECK_STR(seen.outcome[0].log[1], OL_STR("7"));
    CHECK_STR(seen.outcome[0].transaction_hash, net_str(&lab, &sent, "transaction.hash"));
    net_close(&lab);
}

TEST("the newest blocks and the first are found by redirects")
{
    static const char *const flags[] = {"--finality-lag", "2", NULL};
    static const struct {
        const char *path;
        const char *target;
    } cases[] = {
        {"/v0/last_block/final", "/v0/block/5"},
        {"/v0/last_block/optimistic", "/v0/block_opt/7"},
        {"/v0/first_block", "/v0/block/1"},
    };
    net_lab lab;
    net_open(&lab, flags);
    (void)net_dev(&lab, "mine", "{\"blocks\":6}");
    OL_EACH (c, cases) {
        ol_str location;
        wire_answer answer = net_get(&lab, c->path);
        CHECK_EQ_ROW(answer.status, 302, c->path);
        CHECK_ROW(wire_header(answer.head, OL_STR("location"), &location), c->path);
        CHECK_STR_ROW(location, ol_str_of(c->target), c->path);
    }
    net_close(&lab);
}

TEST("a height without a block is null for ever, one far ahead is 404, no number is 400")
{
    net_lab lab;
    net_open(&lab, NULL);
    (void)net_dev(&lab, "fault", "{\"kind\":\"skip-heights\",\"count\":2}");
    (void)net_dev(&lab, "mine", "{\"blocks\":2}");
    CHECK_EQ(net_height(&lab), 5);
    CHECK_STR(net_get(&lab, "/v0/block/2").body, OL_STR("null"));
    CHECK_STR(net_get(&lab, "/v0/block/3").body, OL_STR("null"));
    CHECK_STR(net_get(&lab, "/v0/block/0").body, OL_STR("null"));
    ol_json block = document(&lab, "/v0/block/4");
    CHECK_EQ(net_u64(&block, "block.header.prev_height"), 1);
    CHECK_EQ(net_get(&lab, "/v0/block/1000").status, 404);
    CHECK_EQ(net_get(&lab, "/v0/block/x").status, 400);
    (void)net_error(&lab, "block", "{\"block_id\":2}", 422);
    net_close(&lab);
}

TEST("a height just above the newest final block is answered when that block is final")
{
    static const char *const flags[] = {"--finality-lag", "2", NULL};
    net_lab lab;
    net_pending final;
    net_pending optimistic;
    net_open(&lab, flags);
    (void)net_dev(&lab, "mine", "{\"blocks\":4}"); /* head 5, final 3 */
    net_begin_get(&lab, &final, "/v0/block/5");
    net_begin_get(&lab, &optimistic, "/v0/block_opt/6");
    net_await_waiting(&lab, 2);
    ol_json status = net_dev(&lab, "mine", "{}");
    CHECK_EQ(net_u64(&status, "waiting"), 1);
    CHECK_EQ(net_finish(&optimistic)->status, 200);
    (void)net_dev(&lab, "mine", "{}");
    wire_answer *answer = net_finish(&final);
    CHECK_EQ(answer->status, 200);
    CHECK_HAS(answer->body, OL_STR("\"height\":5"), "block 5");
    net_drop(&final);
    net_drop(&optimistic);
    net_close(&lab);
}

TEST("a height that is waited for too long is 404: ask again")
{
    static const char *const flags[] = {"--wait-ms", "20", NULL};
    net_lab lab;
    net_open(&lab, flags);
    CHECK_EQ(net_get(&lab, "/v0/block/2").status, 404);
    (void)net_dev(&lab, "mine", "{}");
    CHECK_EQ(net_get(&lab, "/v0/block/2").status, 200);
    net_close(&lab);
}
