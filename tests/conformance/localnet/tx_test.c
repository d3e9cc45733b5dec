/* Transactions over JSON-RPC: levels of waiting, outcomes, refusals (NEAR 5.1–5.3). */
#include <string.h>

#include "lib/near/dev_key.h"
#include "tests/conformance/localnet/net_lab.h"

static const char *tx_params(net_lab *it, const char *hash, const char *level)
{
    return net_text(it,
                    "{\"tx_hash\":\"%s\",\"sender_account_id\":\"alice.test.near\","
                    "\"wait_until\":\"%s\"}",
                    hash, level);
}

static const char *send_params(net_lab *it, const char *base64, const char *level)
{
    return net_text(it, "{\"signed_tx_base64\":\"%s\",\"wait_until\":\"%s\"}", base64, level);
}

/* What a wait for that level is answered now: 408 when it is not reached. */
static ol_json level_now(net_lab *it, const char *hash, const char *level, int status)
{
    return net_rpc(it, "tx", tx_params(it, hash, level), status);
}

TEST("each level of waiting is met when it can be shown, and not before")
{
    static const char *const flags[] = {"--finality-lag", "2", "--wait-ms", "1", NULL};
    static const struct {
        const char *level;
        int from; /* blocks after sending */
    } cases[] = {
        {"NONE", 0},           {"INCLUDED", 1}, {"EXECUTED_OPTIMISTIC", 2},
        {"INCLUDED_FINAL", 3}, {"EXECUTED", 3}, {"FINAL", 5},
    };
    static const char *const shown[] = {"NONE",     "INCLUDED", "EXECUTED_OPTIMISTIC",
                                        "EXECUTED", "EXECUTED", "FINAL"};
    net_lab lab;
    net_open(&lab, flags);
    (void)net_dev(&lab, "mine", "{\"blocks\":3}");
    const char *tx = net_transfer(&lab, "alice.test.near", "bob.test.near", 5);
    ol_json sent = net_result(&lab, "send_tx", send_params(&lab, tx, "NONE"));
    CHECK_STR(sent.raw, OL_STR("{\"final_execution_status\":\"NONE\"}"));
    const char *hash = net_hash(&lab, tx);
    for (int made = 0; made <= 5; made++) {
        if (made > 0)
            (void)net_dev(&lab, "mine", "{}");
        OL_EACH (c, cases) {
            const char *row = net_text(&lab, "%s after %d blocks", c->level, made);
            bool met = made >= c->from;
            ol_json answer = level_now(&lab, hash, c->level, met ? 200 : 408);
            if (met)
                CHECK_STR_ROW(net_str(&lab, &answer, "result.final_execution_status"),
                              ol_str_of(shown[made]), row);
            else
                CHECK_STR_ROW(net_str(&lab, &answer, "error.cause.name"), OL_STR("TIMEOUT_ERROR"),
                              row);
        }
    }
    net_close(&lab);
}

TEST("a request that waits is answered by the block that fulfils it")
{
    static const char *const levels[] = {"INCLUDED", "EXECUTED_OPTIMISTIC", "FINAL"};
    net_lab lab;
    net_open(&lab, NULL);
    OL_EACH (level, levels) {
        net_pending waiting;
        const char *tx = net_transfer(&lab, "alice.test.near", "bob.test.near", 1);
        net_begin(&lab, &waiting, "send_tx", send_params(&lab, tx, *level));
        net_await_waiting(&lab, 1);
        (void)net_dev(&lab, "mine", "{\"blocks\":3}");
        CHECK_EQ_ROW(net_finish(&waiting)->status, 200, *level);
        net_drop(&waiting);
    }
    net_close(&lab);
}

TEST("a transaction that comes after the question is still found")
{
    net_lab lab;
    net_pending asked;
    net_open(&lab, NULL);
    const char *tx = net_transfer(&lab, "alice.test.near", "bob.test.near", 1);
    const char *hash = net_hash(&lab, tx);
    ol_json error = net_error(&lab, "tx", tx_params(&lab, hash, "NONE"), 200);
    CHECK_STR(net_str(&lab, &error, "cause.name"), OL_STR("UNKNOWN_TRANSACTION"));
    CHECK_STR(net_str(&lab, &error, "cause.info.requested_transaction_hash"), ol_str_of(hash));
    CHECK_STR(net_str(&lab, &error, "data"),
              ol_str_of(net_text(&lab, "Transaction %s doesn't exist", hash)));

    net_begin(&lab, &asked, "tx", tx_params(&lab, hash, "FINAL"));
    net_await_waiting(&lab, 1);
    (void)net_result(&lab, "broadcast_tx_async", net_text(&lab, "[\"%s\"]", tx));
    (void)net_dev(&lab, "mine", "{\"blocks\":4}");
    CHECK_EQ(net_finish(&asked)->status, 200);
    net_drop(&asked);
    net_close(&lab);
}

TEST("a transaction that never comes is waited for until the time is over")
{
    static const char *const flags[] = {"--wait-ms", "20", NULL};
    net_lab lab;
    net_open(&lab, flags);
    ol_json error =
        net_error(&lab, "tx", tx_params(&lab, "11111111111111111111111111111111", "INCLUDED"), 408);
    CHECK_STR(net_str(&lab, &error, "cause.name"), OL_STR("TIMEOUT_ERROR"));
    CHECK_STR(net_str(&lab, &error, "data"), OL_STR("Timeout"));
    net_close(&lab);
}

TEST("the final outcome of a transfer holds everything that came of it")
{
    net_lab lab;
    net_open(&lab, NULL);
    const char *tx = net_transfer(&lab, "alice.test.near", "bob.test.near", NEAR_YOCTO);
    ol_json it = net_send(&lab, tx);
    CHECK_STR(net_str(&lab, &it, "final_execution_status"), OL_STR("FINAL"));
    CHECK_STR(net_at(&it, "status").raw, OL_STR("{\"SuccessValue\":\"\"}"));
    CHECK_STR(net_str(&lab, &it, "transaction.hash"), ol_str_of(net_hash(&lab, tx)));
    CHECK_STR(net_at(&it, "transaction.actions").raw,
              OL_STR("[{\"Transfer\":{\"deposit\":\"1000000000000000000000000\"}}]"));
    CHECK_EQ(net_u64(&it, "transaction.priority_fee"), 0);
    /* NEAR 8, known figures. */
    CHECK_EQ(net_u64(&it, "transaction_outcome.outcome.gas_burnt"), 223182562500);
    CHECK_EQ(net_dec(&it, "transaction_outcome.outcome.tokens_burnt"),
             (ol_u128)2231825625 * 10000000000u);
    CHECK_STR(net_str(&lab, &it, "transaction_outcome.outcome.executor_id"),
              OL_STR("alice.test.near"));
    CHECK_STR(net_str(&lab, &it, "transaction_outcome.outcome.status.SuccessReceiptId"),
              net_str(&lab, &it, "receipts_outcome.0.id"));
    CHECK_STR(net_at(&it, "transaction_outcome.outcome.metadata").raw,
              OL_STR("{\"version\":1,\"gas_profile\":null}"));
    CHECK_EQ(net_u64(&it, "receipts_outcome.0.outcome.gas_burnt"), 223182562500);
    /* The refund: burns gas that nobody pays. */
    CHECK_STR(net_str(&lab, &it, "receipts_outcome.1.id"),
              net_str(&lab, &it, "receipts_outcome.0.outcome.receipt_ids.0"));
    CHECK_EQ(net_dec(&it, "receipts_outcome.1.outcome.tokens_burnt"), 0);
    CHECK(!net_has(&it, "receipts_outcome.2") && !net_has(&it, "receipts"));
    ol_json with =
        net_result(&lab, "EXPERIMENTAL_tx_status", tx_params(&lab, net_hash(&lab, tx), "FINAL"));
    CHECK_STR(net_str(&lab, &with, "receipts.0.receiver_id"), OL_STR("bob.test.near"));
    CHECK_STR(net_str(&lab, &with, "receipts.1.predecessor_id"), OL_STR("system"));
    net_close(&lab);
}

TEST("a failed call tells its error, its index and keeps its logs")
{
    net_lab lab;
    net_open(&lab, NULL);
    net_deploy_probe(&lab, "dev.test.near");
    ol_json it =
        net_send(&lab, net_call(&lab, "alice.test.near", "dev.test.near", "fail", "", TGAS(10), 0));
    CHECK_STR(net_at(&it, "status").raw,
              OL_STR("{\"Failure\":{\"ActionError\":{\"index\":0,\"kind\":{\"FunctionCallError\":"
                     "{\"ExecutionError\":\"Smart contract panicked: no such luck\"}}}}}"));
    CHECK_STR(net_at(&it, "receipts_outcome.0.outcome.logs").raw, OL_STR("[\"about to fail\"]"));
    CHECK_EQ(net_u64(&it, "receipts_outcome.0.outcome.metadata.version"), 3);
    CHECK(net_has(&it, "receipts_outcome.0.outcome.metadata.gas_profile.0.cost_category"));
    net_close(&lab);
}

TEST("a call that yields is Started until somebody answers, then has that value")
{
    net_lab lab;
    net_open(&lab, NULL);
    net_deploy_probe(&lab, "dev.test.near");
    const char *tx = net_call(&lab, "alice.test.near", "dev.test.near", "wait", "{}", TGAS(100), 0);
    const char *hash = net_hash(&lab, tx);
    (void)net_result(&lab, "send_tx", send_params(&lab, tx, "NONE"));
    (void)net_dev(&lab, "mine", "{\"blocks\":5}");
    ol_json it = net_result(&lab, "tx", tx_params(&lab, hash, "INCLUDED"));
    CHECK_STR(net_at(&it, "status").raw, OL_STR("\"Started\""));
    ol_str callback = net_str(&lab, &it, "receipts_outcome.0.outcome.status.SuccessReceiptId");
    ol_json receipt = net_result(&lab, "EXPERIMENTAL_receipt",
                                 net_text(&lab, "{\"receipt_id\":\"%.*s\"}", OL_FMT(callback)));
    CHECK_STR(net_at(&receipt, "receipt.Action.is_promise_yield").raw, OL_STR("true"));
    (void)net_send(&lab, net_call(&lab, "bob.test.near", "dev.test.near", "answer", "{\"a\":1}",
                                  TGAS(100), 0));
    it = net_result(&lab, "tx", tx_params(&lab, hash, "EXECUTED"));
    CHECK_STR(net_at(&it, "status").raw, OL_STR("{\"SuccessValue\":\"eyJhIjoxfQ==\"}"));
    net_close(&lab);
}

TEST("200 blocks without an answer end a yield")
{
    net_lab lab;
    net_open(&lab, NULL);
    net_deploy_probe(&lab, "dev.test.near");
    const char *tx = net_call(&lab, "alice.test.near", "dev.test.near", "wait", "{}", TGAS(100), 0);
    (void)net_result(&lab, "send_tx", send_params(&lab, tx, "NONE"));
    (void)net_dev(&lab, "mine", "{\"blocks\":100}");
    ol_json it = net_result(&lab, "tx", tx_params(&lab, net_hash(&lab, tx), "INCLUDED"));
    CHECK_STR(net_at(&it, "status").raw, OL_STR("\"Started\""));
    (void)net_result(&lab, "sandbox_fast_forward", "{\"delta_height\":105}");
    it = net_result(&lab, "tx", tx_params(&lab, net_hash(&lab, tx), "FINAL"));
    CHECK_STR(net_at(&it, "status").raw, OL_STR("{\"SuccessValue\":\"InRpbWVvdXQi\"}"));
    net_close(&lab);
}

TEST("sending the same transaction again succeeds and changes nothing")
{
    net_lab lab;
    net_open(&lab, NULL);
    const char *tx = net_transfer(&lab, "alice.test.near", "bob.test.near", 5 * NEAR_YOCTO);
    ol_json first = net_send(&lab, tx);
    ol_json again = net_result(&lab, "send_tx", send_params(&lab, tx, "FINAL"));
    CHECK_STR(net_str(&lab, &again, "transaction.hash"), net_str(&lab, &first, "transaction.hash"));
    again = net_result(&lab, "broadcast_tx_commit", net_text(&lab, "[\"%s\"]", tx));
    CHECK_STR(net_at(&again, "receipts_outcome").raw, net_at(&first, "receipts_outcome").raw);
    net_close(&lab);
}

TEST("a transaction that is not valid is INVALID_TRANSACTION with the reason in its data")
{
    net_lab lab;
    net_open(&lab, NULL);
    ol_action transfer = ol_action_transfer(OL_YOCTO(1));
    ol_action much = ol_action_transfer(OL_YOCTO(5000 * NEAR_YOCTO));
    struct {
        const char *tx;
        const char *data;
    } cases[] = {
        {net_sign(&lab, "nobody.test.near", "bob.test.near", &transfer, 1),
         "{\"TxExecutionError\":{\"InvalidTxError\":{\"SignerDoesNotExist\":{\"signer_id\":"
         "\"nobody.test.near\"}}}}"},
        {net_sign(&lab, "alice.test.near", "bob.test.near", &much, 1),
         "{\"TxExecutionError\":{\"InvalidTxError\":{\"NotEnoughBalance\":{\"signer_id\":"
         "\"alice.test.near\","},
    };
    OL_EACH (c, cases) {
        ol_json error = net_error(&lab, "send_tx", send_params(&lab, c->tx, "FINAL"), 200);
        CHECK_STR(net_str(&lab, &error, "cause.name"), OL_STR("INVALID_TRANSACTION"));
        CHECK_STARTS(net_at(&error, "data").raw, ol_str_of(c->data), c->data);
    }
    /* A nonce that is used up, and a signature that is not the key's. */
    const char *early = net_transfer(&lab, "alice.test.near", "bob.test.near", 1);
    const char *tx = net_transfer(&lab, "alice.test.near", "bob.test.near", 2);
    (void)net_send(&lab, tx);
    ol_json error = net_error(&lab, "send_tx", send_params(&lab, early, "FINAL"), 200);
    CHECK_HAS(net_at(&error, "data").raw, OL_STR("{\"InvalidNonce\":{\"tx_nonce\":"), "nonce");
    tx = net_transfer(&lab, "alice.test.near", "bob.test.near", 3);
    char *broken = (char *)ol_arena_alloc(&lab.arena, strlen(tx) + 1);
    memcpy(broken, tx, strlen(tx));
    broken[strlen(tx) - 10] = broken[strlen(tx) - 10] == 'A' ? 'B' : 'A';
    error = net_error(&lab, "send_tx", send_params(&lab, broken, "FINAL"), 200);
    CHECK_STR(net_at(&error, "data").raw,
              OL_STR("{\"TxExecutionError\":{\"InvalidTxError\":\"InvalidSignature\"}}"));
    net_close(&lab);
}

TEST("broadcast_tx_async answers with the hash, whatever becomes of the transaction")
{
    net_lab lab;
    net_open(&lab, NULL);
    ol_action much = ol_action_transfer(OL_YOCTO(5000 * NEAR_YOCTO));
    const char *const sent[] = {
        net_transfer(&lab, "alice.test.near", "bob.test.near", 1),
        net_sign(&lab, "alice.test.near", "bob.test.near", &much, 1),
    };
    OL_EACH (tx, sent) {
        ol_json hash = net_result(&lab, "broadcast_tx_async", net_text(&lab, "[\"%s\"]", *tx));
        CHECK_STR_ROW(net_str(&lab, &hash, ""), ol_str_of(net_hash(&lab, *tx)), *tx);
    }
    net_close(&lab);
}

TEST("bytes that are no transaction are a parse error")
{
    static const char *const cases[] = {"\"\"", "\"!!!\"", "\"AAAA\"", "5"};
    net_lab lab;
    net_open(&lab, NULL);
    OL_EACH (c, cases) {
        ol_json error = net_error(&lab, "broadcast_tx_commit", net_text(&lab, "[%s]", *c), 400);
        CHECK_STR_ROW(net_str(&lab, &error, "cause.name"), OL_STR("PARSE_ERROR"), *c);
    }
    net_close(&lab);
}

TEST("a hundred transactions go into one block")
{
    enum { COUNT = 100 };
    net_lab lab;
    net_open(&lab, NULL);
    for (int i = 0; i < COUNT; i++)
        (void)net_result(
            &lab, "broadcast_tx_async",
            net_text(&lab, "[\"%s\"]", net_transfer(&lab, "alice.test.near", "bob.test.near", 1)));
    (void)net_dev(&lab, "mine", "{}");
    ol_json chunk = net_result(
        &lab, "chunk",
        net_text(&lab, "{\"block_id\":%llu,\"shard_id\":0}", (unsigned long long)net_height(&lab)));
    ol_json list = net_at(&chunk, "transactions");
    CHECK_EQ(ol_json_count(&list), COUNT);
    net_close(&lab);
}

TEST("by demand, a transaction needs nobody to make blocks, up to its finality")
{
    static const char *const lags[] = {"0", "2", "5"};
    OL_EACH (lag, lags) {
        const char *const flags[] = {"--produce", "demand", "--finality-lag", *lag, NULL};
        net_lab lab;
        net_open(&lab, flags);
        const char *tx = net_transfer(&lab, "alice.test.near", "bob.test.near", 1);
        ol_json it = net_result(&lab, "send_tx", send_params(&lab, tx, "FINAL"));
        CHECK_STR_ROW(net_str(&lab, &it, "final_execution_status"), OL_STR("FINAL"), *lag);
        net_close(&lab);
    }
}

TEST("by demand, what control changed becomes final, and then the chain rests")
{
    static const char *const flags[] = {"--produce", "demand", "--finality-lag", "2", NULL};
    net_lab lab;
    net_pending next;
    net_open(&lab, flags);
    (void)net_dev(&lab, "fund", "{\"account_id\":\"bob.test.near\",\"amount\":\"5\"}");
    net_begin_get(&lab, &next, "/v0/block/2"); /* the patch's block, once it is final */
    CHECK_EQ(net_finish(&next)->status, 200);
    net_drop(&next);
    CHECK_EQ(net_height(&lab), 4);
    CHECK_EQ(net_height(&lab), 4);
    net_close(&lab);
}

TEST("requests that still wait at the end are answered with a timeout")
{
    net_lab lab;
    net_pending waiting;
    net_open(&lab, NULL);
    const char *tx = net_transfer(&lab, "alice.test.near", "bob.test.near", 1);
    net_begin(&lab, &waiting, "send_tx", send_params(&lab, tx, "FINAL"));
    net_await_waiting(&lab, 1);
    net_close(&lab);
    CHECK_EQ(net_finish(&waiting)->status, 408);
    net_drop(&waiting);
}
