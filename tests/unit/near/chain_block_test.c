#include "lib/near/chain_block.h"

#include "lib/base/buf.h"
#include "tests/harness/test.h"

#define HEAD                                                                                       \
    "{\"block\":{\"author\":\"v\",\"header\":{\"height\":12,\"hash\":\"h12\",\"prev_hash\":"       \
    "\"h11\","                                                                                     \
    "\"prev_height\":11,\"timestamp\":1700000000000000000}},\"shards\":["
#define OUTCOME(receiver, status, logs)                                                            \
    "{\"execution_outcome\":{\"proof\":[],\"block_hash\":\"h12\",\"id\":\"r1\",\"outcome\":{"      \
    "\"logs\":" logs                                                                               \
    ",\"receipt_ids\":[],\"gas_burnt\":5000,\"tokens_burnt\":\"1\",\"executor_id\":\"" receiver    \
    "\",\"status\":" status                                                                        \
    "}},\"receipt\":{\"predecessor_id\":\"alice.near\",\"receiver_id\":\"" receiver                \
    "\",\"receipt_id\":\"r1\",\"receipt\":{\"Action\":{\"signer_id\":\"alice.near\","              \
    "\"signer_public_key\":\"ed25519:k\"}}},\"tx_hash\":\"t1\"}"
#define SHARD(outcomes)                                                                            \
    "{\"shard_id\":0,\"chunk\":null,\"receipt_execution_outcomes\":" outcomes                      \
    ",\"state_changes\":[]}"
#define FINE "{\"SuccessReceiptId\":\"r2\"}"
#define FAILED "{\"Failure\":{\"ActionError\":{\"index\":0,\"kind\":{}}}}"

static ol_rc parse(const char *document, ol_arena *arena, ol_chain_block *ret, ol_err *err)
{
    *arena = ol_arena_new(OL_MIB(1));
    return ol_chain_block_parse(ol_str_of(document), OL_STR("outlayer.near"), arena, ret, err);
}

TEST("a block is its place in the chain and what receipts of the contract logged")
{
    ol_arena arena;
    ol_chain_block block;
    ol_err err;
    CHECK_OK(parse(HEAD SHARD("[" OUTCOME("other.near", FINE, "[\"x\"]") "," OUTCOME(
                       "outlayer.near", FINE, "[\"a\\u0041\",\"b\"]") "]") "," SHARD("null") "]}",
                   &arena, &block, &err));
    CHECK_EQ(block.height, 12);
    CHECK_STR(block.hash, OL_STR("h12"));
    CHECK_STR(block.prev_hash, OL_STR("h11"));
    CHECK(block.has_prev_height);
    CHECK_EQ(block.prev_height, 11);
    CHECK_EQ(block.timestamp_ns, 1700000000000000000);
    CHECK_EQ(block.outcomes, 1);
    const ol_chain_outcome *one = &block.outcome[0];
    CHECK_STR(one->receipt_id, OL_STR("r1"));
    CHECK_STR(one->transaction_hash, OL_STR("t1"));
    CHECK_STR(one->predecessor_id, OL_STR("alice.near"));
    CHECK_STR(one->signer_public_key, OL_STR("ed25519:k"));
    CHECK_STR(one->block_hash, OL_STR("h12"));
    CHECK_EQ(one->gas_burnt, 5000);
    CHECK_EQ(one->logs, 2);
    CHECK_STR(one->log[0], OL_STR("aA"));
    ol_arena_deinit(&arena);
}

TEST("failed receipts, silent ones and other accounts' are left out")
{
    ol_arena arena;
    ol_chain_block block;
    ol_err err;
    CHECK_OK(parse(
        HEAD SHARD("[" OUTCOME("outlayer.near", FAILED, "[\"x\"]") "," OUTCOME(
            "outlayer.near", FINE, "[]") "," OUTCOME("outlayer.nearby", FINE, "[\"x\"]") "]") "]}",
        &arena, &block, &err));
    CHECK_EQ(block.outcomes, 0);
    ol_arena_deinit(&arena);
}

TEST("more receipts than a list begins with are all kept")
{
    ol_arena arena;
    ol_chain_block block;
    ol_err err;
    ol_buf text = ol_buf_new(OL_MIB(1));
    ol_buf_add_str(&text, OL_STR(HEAD "{\"receipt_execution_outcomes\":["));
    for (int i = 0; i < 100; i++)
        ol_buf_addf(&text, "%s%s", i == 0 ? "" : ",", OUTCOME("outlayer.near", FINE, "[\"x\"]"));
    ol_buf_add_str(&text, OL_STR("]}]}"));
    ol_buf_add_char(&text, '\0');
    CHECK_OK(parse((const char *)text.data, &arena, &block, &err));
    CHECK_EQ(block.outcomes, 100);
    CHECK_STR(block.outcome[99].log[0], OL_STR("x"));
    ol_arena_deinit(&arena);
    ol_buf_deinit(&text);
}

TEST("a document that is no block is refused with its place")
{
    static const char *const bad[] = {
        "",
        "{}",
        "{\"block\":{}}",
        "{\"block\":{\"header\":{\"height\":\"12\",\"hash\":\"h\",\"prev_hash\":\"p\"}}}",
        "{\"block\":{\"header\":{\"height\":12,\"hash\":\"h\",\"prev_hash\":\"p\",\"timestamp\":1}}"
        "}",
        HEAD "{\"receipt_execution_outcomes\":{}}]}",
        HEAD "{\"receipt_execution_outcomes\":[{}]}]}",
        HEAD "{\"receipt_execution_outcomes\":[5]}]}",
    };
    OL_EACH (text, bad) {
        ol_arena arena;
        ol_chain_block block;
        ol_err err = {0};
        CHECK_ROW(parse(*text, &arena, &block, &err) != OL_OK, *text);
        CHECK_ROW(err.text[0] != '\0', *text);
        ol_arena_deinit(&arena);
    }
}
