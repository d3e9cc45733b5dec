#include "lib/near/rpc_answer.h"

#include "tests/harness/test.h"

TEST("what a node refuses is told apart by its cause and by the transaction's own error")
{
#define HANDLER(cause, data)                                                                       \
    "{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"error\":{\"name\":\"HANDLER_ERROR\",\"cause\":{\"name\":" \
    "\"" cause "\",\"info\":{}},\"code\":-32000,\"message\":\"Server error\",\"data\":" data "}}"
#define INVALID(error)                                                                             \
    HANDLER("INVALID_TRANSACTION", "{\"TxExecutionError\":{\"InvalidTxError\":" error "}}")
    static const struct {
        const char *body;
        ol_rpc_fault fault;
        ol_rc rc;
    } cases[] = {
        {"{\"result\":{\"a\":1}}", OL_RPC_FINE, OL_OK},
        {"{\"result\":null}", OL_RPC_FINE, OL_OK},
        {"", OL_RPC_LOST, OL_ERR_NETWORK},
        {"<html>", OL_RPC_LOST, OL_ERR_NETWORK},
        {"{\"jsonrpc\":\"2.0\"}", OL_RPC_LOST, OL_ERR_NETWORK},
        {HANDLER("UNKNOWN_BLOCK", "\"DB Not Found Error\""), OL_RPC_UNKNOWN_BLOCK,
         OL_ERR_NOT_FOUND},
        {HANDLER("UNKNOWN_TRANSACTION", "\"Transaction H doesn't exist\""),
         OL_RPC_UNKNOWN_TRANSACTION, OL_ERR_NOT_FOUND},
        {HANDLER("UNKNOWN_RECEIPT", "null"), OL_RPC_UNKNOWN_RECEIPT, OL_ERR_NOT_FOUND},
        {HANDLER("UNKNOWN_CHUNK", "null"), OL_RPC_UNKNOWN_CHUNK, OL_ERR_NOT_FOUND},
        {HANDLER("UNKNOWN_ACCOUNT", "\"account x does not exist while viewing\""),
         OL_RPC_UNKNOWN_ACCOUNT, OL_ERR_NOT_FOUND},
        {HANDLER("TIMEOUT_ERROR", "\"Timeout\""), OL_RPC_TIMEOUT, OL_ERR_TIMEOUT},
        {HANDLER("X", "\"Timeout\""), OL_RPC_TIMEOUT, OL_ERR_TIMEOUT},
        {HANDLER("SOMETHING_ELSE", "null"), OL_RPC_REFUSED, OL_ERR_INVALID},
        {"{\"error\":{\"name\":\"INTERNAL_ERROR\",\"cause\":{\"name\":\"INTERNAL_ERROR\","
         "\"info\":{\"error_message\":\"x\"}}}}",
         OL_RPC_SERVER, OL_ERR_UNAVAILABLE},
        {"{\"error\":{\"name\":\"REQUEST_VALIDATION_ERROR\",\"cause\":{\"name\":"
         "\"METHOD_NOT_FOUND\",\"info\":{}},\"code\":-32601,\"message\":\"Method not found\"}}",
         OL_RPC_REFUSED, OL_ERR_INVALID},
        {INVALID("\"Expired\""), OL_RPC_EXPIRED, OL_ERR_INVALID},
        {INVALID("\"InvalidSignature\""), OL_RPC_INVALID_TRANSACTION, OL_ERR_INVALID},
        {INVALID("{\"InvalidNonce\":{\"tx_nonce\":5,\"ak_nonce\":18446744073709551615}}"),
         OL_RPC_BAD_NONCE, OL_ERR_INVALID},
        {INVALID("{\"NonceTooLarge\":{\"tx_nonce\":5,\"upper_bound\":4}}"), OL_RPC_BAD_NONCE,
         OL_ERR_INVALID},
        {INVALID("{\"ShardCongested\":{\"shard_id\":0}}"), OL_RPC_CONGESTED, OL_ERR_UNAVAILABLE},
        {INVALID("{\"ShardStuck\":{\"shard_id\":0}}"), OL_RPC_CONGESTED, OL_ERR_UNAVAILABLE},
        {INVALID("{\"NotEnoughBalance\":{\"signer_id\":\"a\",\"balance\":\"0\",\"cost\":\"1\"}}"),
         OL_RPC_INVALID_TRANSACTION, OL_ERR_INVALID},
        {HANDLER("INVALID_TRANSACTION", "{}"), OL_RPC_INVALID_TRANSACTION, OL_ERR_INVALID},
        {"{\"result\":{\"error\":\"access key ed25519:x does not exist while viewing\","
         "\"logs\":[],\"block_height\":1,\"block_hash\":\"h\"}}",
         OL_RPC_UNKNOWN_KEY, OL_ERR_NOT_FOUND},
        {"{\"result\":{\"error\":\"wasm execution failed with error: "
         "MethodResolveError(MethodNotFound)\",\"logs\":[]}}",
         OL_RPC_REFUSED, OL_ERR_INVALID},
    };
    OL_EACH (row, cases) {
        ol_rpc_answer answer;
        ol_err err = {0};
        CHECK_EQ_ROW(ol_rpc_answer_read(ol_str_of(row->body), &answer, &err), row->rc, row->body);
        CHECK_EQ_ROW(answer.fault, row->fault, row->body);
        CHECK_ROW(row->rc == OL_OK || err.text[0] != '\0', row->body);
    }
    ol_rpc_answer answer;
    ol_err err;
    (void)ol_rpc_answer_read(
        OL_STR(INVALID("{\"InvalidNonce\":{\"tx_nonce\":5,\"ak_nonce\":18446744073709551615}}")),
        &answer, &err);
    CHECK(answer.has_key_nonce);
    CHECK_EQ(answer.key_nonce, UINT64_MAX);
}

TEST("only what passes by itself is worth repeating")
{
    CHECK(ol_rpc_fault_passes(OL_RPC_LOST));
    CHECK(ol_rpc_fault_passes(OL_RPC_TIMEOUT));
    CHECK(ol_rpc_fault_passes(OL_RPC_SERVER));
    CHECK(ol_rpc_fault_passes(OL_RPC_CONGESTED));
    CHECK(!ol_rpc_fault_passes(OL_RPC_BAD_NONCE));
    CHECK(!ol_rpc_fault_passes(OL_RPC_EXPIRED));
    CHECK(!ol_rpc_fault_passes(OL_RPC_INVALID_TRANSACTION));
    CHECK(!ol_rpc_fault_passes(OL_RPC_UNKNOWN_TRANSACTION));
    CHECK(!ol_rpc_fault_passes(OL_RPC_REFUSED));
}
