#include <stdio.h>
#include <string.h>

#include "lib/codec/base64.h"
#include "lib/codec/json_read.h"
#include "tests/harness/http_stub.h"
#include "tests/harness/test.h"
#include "tests/unit/broker/fake_run.h"

/* A node that answers by method and keeps the last request. */
typedef struct node {
    char request[65536];
    size_t request_len;
} node;

static const char KEY_ANSWER[] =
    "{\"jsonrpc\":\"2.0\",\"result\":{\"nonce\":41,\"permission\":\"FullAccess\",\"block_hash\":"
    "\"11111111111111111111111111111111\",\"block_height\":1},\"id\":\"proxy\"}";

static void serve(void *context, const stub_request *request, stub_conn *conn)
{
    node *n = context;
    size_t at;
    n->request_len = request->body.len < sizeof n->request ? request->body.len : 0;
    memcpy(n->request, request->body.data, n->request_len);
    const char *answer = "{\"jsonrpc\":\"2.0\",\"result\":{\"ok\":true},\"id\":\"proxy\"}";
    if (ol_str_find(request->body, OL_STR("view_access_key\""), &at))
        answer = KEY_ANSWER;
    else if (ol_str_find(request->body, OL_STR("\"panics\""), &at))
        answer = "{\"jsonrpc\": \"2.0\", \"result\":{\"error\":\"wasm execution failed\"},"
                 "\"id\":\"proxy\"}";
    else if (ol_str_find(request->body, OL_STR("call_function"), &at))
        answer = "{\"jsonrpc\":\"2.0\",\"result\":{\"result\":[34,104,105,34],\"logs\":[]},"
                 "\"id\":\"proxy\"}";
    else if (ol_str_find(request->body, OL_STR("\"gas_price\""), &at))
        answer = "{\"jsonrpc\":\"2.0\",\"result\":{\"gas_price\":\"100000000\"},\"id\":\"proxy\"}";
    else if (ol_str_find(request->body, OL_STR("\"fails\""), &at)) {
        stub_answer(conn, 500, NULL, OL_STR("node down"));
        return;
    } else if (ol_str_find(request->body, OL_STR("\"garbles\""), &at))
        answer = "not JSON";
    stub_answer(conn, 200, "Content-Type: application/json\r\n", ol_str_of(answer));
}

typedef struct fixture {
    node node;
    http_stub *stub;
    char url[64];
    ol_broker *broker;
    ol_run *run;
    ol_run_host host;
} fixture;

static void fixture_deinit(fixture *f)
{
    ol_broker_end(f->broker);
    ol_broker_close(f->broker);
    http_stub_stop(f->stub);
    fake_run_free(f->run);
}

static void fixture_init(fixture *f, uint64_t calls_max, bool transactions)
{
    ol_err err = {0};
    f->stub = http_stub_start(serve, &f->node);
    (void)snprintf(f->url, sizeof f->url, "http://127.0.0.1:%u", http_stub_port(f->stub));
    const ol_broker_plan plan = {
        .rpc_url = ol_str_of(f->url), .rpc_calls_max = calls_max, .rpc_transactions = transactions};
    CHECK_OK(ol_broker_open(&plan, &f->broker, &err));
    f->run = fake_run_new();
    f->host = ol_broker_host(f->broker);
    const ol_broker_run about = {.instructions_max = 5};
    ol_broker_begin(f->broker, &about);
}

#define CALL(f, function, ...)                                                                     \
    do {                                                                                           \
        static const char *const texts_[] = {__VA_ARGS__ __VA_OPT__(, ) ""};                       \
        fake_call((f)->run, &(f)->host, function, texts_, OL_COUNT(texts_) - 1);                   \
    } while (0)

static ol_str request_of(const fixture *f)
{
    return (ol_str){f->node.request, f->node.request_len};
}

TEST("every function of near:rpc/api asks the node what the specification says")
{
    static const struct {
        ol_host_fn function;
        const char *text[4];
        size_t texts;
        const char *method;
        const char *params;
    } cases[] = {
        {OL_FN_RPC_VIEW,
         {"c.near", "m", "{}", ""},
         4,
         "query",
         "{\"request_type\":\"call_function\",\"finality\":\"final\",\"account_id\":\"c.near\","
         "\"method_name\":\"m\",\"args_base64\":\"e30=\"}"},
        {OL_FN_RPC_VIEW_ACCOUNT,
         {"a.near", "optimistic"},
         2,
         "query",
         "{\"request_type\":\"view_account\",\"finality\":\"optimistic\",\"account_id\":\"a."
         "near\"}"},
        {OL_FN_RPC_VIEW_ACCESS_KEY_LIST,
         {"a", "7"},
         2,
         "query",
         "{\"request_type\":\"view_access_key_list\",\"block_id\":7,\"account_id\":\"a\"}"},
        {OL_FN_RPC_VIEW_CODE,
         {"a", "Hash"},
         2,
         "query",
         "{\"request_type\":\"view_code\",\"block_id\":\"Hash\",\"account_id\":\"a\"}"},
        {OL_FN_RPC_VIEW_STATE,
         {"a", "cA==", "final"},
         3,
         "query",
         "{\"request_type\":\"view_state\",\"finality\":\"final\",\"account_id\":\"a\","
         "\"prefix_base64\":\"cA==\"}"},
        {OL_FN_RPC_BLOCK, {""}, 1, "block", "{\"finality\":\"final\"}"},
        {OL_FN_RPC_CHUNK, {"12,3"}, 1, "chunk", "{\"block_id\":12,\"shard_id\":3}"},
        {OL_FN_RPC_CHUNK, {"x,3"}, 1, "chunk", "{\"block_id\":0,\"shard_id\":3}"},
        {OL_FN_RPC_CHUNK, {"Hash"}, 1, "chunk", "{\"chunk_id\":\"Hash\"}"},
        {OL_FN_RPC_CHANGES, {"5"}, 1, "EXPERIMENTAL_changes", "{\"block_id\":5}"},
        {OL_FN_RPC_SEND_TX,
         {"dHg=", ""},
         2,
         "send_tx",
         "{\"signed_tx_base64\":\"dHg=\",\"wait_until\":\"EXECUTED_OPTIMISTIC\"}"},
        {OL_FN_RPC_SEND_TX,
         {"dHg=", "NONE"},
         2,
         "send_tx",
         "{\"signed_tx_base64\":\"dHg=\",\"wait_until\":\"NONE\"}"},
        {OL_FN_RPC_TX_STATUS,
         {"h", "s.near", ""},
         3,
         "EXPERIMENTAL_tx_status",
         "{\"tx_hash\":\"h\",\"sender_account_id\":\"s.near\"}"},
        {OL_FN_RPC_TX_STATUS,
         {"h", "s.near", "FINAL"},
         3,
         "EXPERIMENTAL_tx_status",
         "{\"tx_hash\":\"h\",\"sender_account_id\":\"s.near\",\"wait_until\":\"FINAL\"}"},
        {OL_FN_RPC_RECEIPT, {"r\"1"}, 1, "EXPERIMENTAL_receipt", "{\"receipt_id\":\"r\\\"1\"}"},
        {OL_FN_RPC_GAS_PRICE, {""}, 1, "gas_price", "[null]"},
        {OL_FN_RPC_GAS_PRICE, {"9"}, 1, "gas_price", "[9]"},
        {OL_FN_RPC_GAS_PRICE, {"Hash"}, 1, "gas_price", "[\"Hash\"]"},
        {OL_FN_RPC_STATUS, {""}, 0, "status", "[]"},
        {OL_FN_RPC_NETWORK_INFO, {""}, 0, "network_info", "[]"},
        {OL_FN_RPC_VALIDATORS, {"Epoch"}, 1, "validators", "[\"Epoch\"]"},
        {OL_FN_RPC_RAW, {"tx", "{ \"a\" : 1 }"}, 2, "tx", "{ \"a\" : 1 }"},
        {OL_FN_RPC_RAW, {"tx", "not json"}, 2, "tx", "[]"},
    };
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, 1000, true);
    OL_EACH (c, cases) {
        char want[1024];
        (void)snprintf(want, sizeof want,
                       "{\"jsonrpc\":\"2.0\",\"id\":\"proxy\",\"method\":\"%s\",\"params\":%s}",
                       c->method, c->params);
        fake_call(f.run, &f.host, c->function, c->text, c->texts);
        CHECK_STR_ROW(request_of(&f), ol_str_of(want), c->params);
        CHECK_STR_ROW(fake_value(f.run, 1), OL_STR(""), c->params);
    }
    CHECK_EQ(http_stub_connections(f.stub), 1);
}

TEST("a view answers with what the method returned, all else with the envelope")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, 100, true);
    CALL(&f, OL_FN_RPC_VIEW, "c", "m", "{}", "");
    CHECK_STR(fake_value(f.run, 0), OL_STR("\"hi\""));
    CALL(&f, OL_FN_RPC_STATUS);
    CHECK_STR(fake_value(f.run, 0),
              OL_STR("{\"jsonrpc\":\"2.0\",\"result\":{\"ok\":true},\"id\":\"proxy\"}"));
}

TEST("H27: a method that panics leaves the error empty and the envelope in the value")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, 100, true);
    CALL(&f, OL_FN_RPC_VIEW, "c", "panics", "{}", "");
    CHECK_STR(fake_value(f.run, 0),
              OL_STR("{\"jsonrpc\":\"2.0\",\"result\":{\"error\":\"wasm execution failed\"},"
                     "\"id\":\"proxy\"}"));
    CHECK_STR(fake_value(f.run, 1), OL_STR(""));
}

TEST("H28: the gas price is JSON text with its quotes")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, 100, true);
    CALL(&f, OL_FN_RPC_GAS_PRICE, "");
    CHECK_STR(fake_value(f.run, 0), OL_STR("\"100000000\""));
}

TEST("H26: the call beyond the limit is refused, and refused calls count on")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, 100, true);
    for (int i = 0; i < 100; i++) {
        CALL(&f, OL_FN_RPC_STATUS);
        CHECK_STR(fake_value(f.run, 1), OL_STR(""));
    }
    CALL(&f, OL_FN_RPC_STATUS);
    CHECK_STR(fake_value(f.run, 1), OL_STR("RPC rate limit exceeded: 101 calls (max: 100)"));
    CALL(&f, OL_FN_RPC_STATUS);
    CHECK_STR(fake_value(f.run, 1), OL_STR("RPC rate limit exceeded: 102 calls (max: 100)"));
    CHECK_EQ(http_stub_requests(f.stub), 100);
    const ol_broker_run about = {.instructions_max = 5};
    ol_broker_begin(f.broker, &about); /* the next run starts at nothing */
    CALL(&f, OL_FN_RPC_STATUS);
    CHECK_STR(fake_value(f.run, 1), OL_STR(""));
}

#define KEY                                                                                        \
    "ed25519:3D4YudUQRE39Lc4JHghuB5WM8kbgDDa34mnrEP5DdTApVH81af7e2dWgNPEaiQfdJnZq1CNPp5im4Rg5b7"   \
    "33oiMP"

TEST("H29, H30: amounts that are none are refused before anything is asked")
{
    static const struct {
        bool transfer;
        const char *amount;
        const char *gas;
        const char *want;
    } cases[] = {
        {false, "1x", "1", "Invalid deposit: invalid digit found in string"},
        {false, "", "1", "Invalid deposit: cannot parse integer from empty string"},
        {false, "340282366920938463463374607431768211456", "1",
         "Invalid deposit: number too large to fit in target type"},
        {false, "1", "-1", "Invalid gas: invalid digit found in string"},
        {false, "1", "18446744073709551616", "Invalid gas: number too large to fit in target type"},
        {true, "", "", "Invalid amount: cannot parse integer from empty string"},
        {true, "+", "", "Invalid amount: invalid digit found in string"},
    };
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, 100, true);
    OL_EACH (c, cases) {
        const char *call[] = {"a.near", KEY, "b.near", "m", "{}", c->amount, c->gas, ""};
        const char *transfer[] = {"a.near", KEY, "b.near", c->amount, ""};
        if (c->transfer)
            fake_call(f.run, &f.host, OL_FN_RPC_TRANSFER, transfer, OL_COUNT(transfer));
        else
            fake_call(f.run, &f.host, OL_FN_RPC_CALL, call, OL_COUNT(call));
        CHECK_STR_ROW(fake_value(f.run, 1), ol_str_of(c->want), c->want);
    }
    CHECK_EQ(http_stub_requests(f.stub), 0);
}

TEST("key, signer and receiver are checked in that order")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, 100, true);
    CALL(&f, OL_FN_RPC_TRANSFER, "!", "ed25519:xyz", "!", "1", "");
    CHECK_STARTS(fake_value(f.run, 1), OL_STR("Invalid secret key: "), "key");
    CALL(&f, OL_FN_RPC_TRANSFER, "!", "secp256k1:xyz", "!", "1", "");
    CHECK_STARTS(fake_value(f.run, 1), OL_STR("Invalid secret key: "), "type");
    CALL(&f, OL_FN_RPC_TRANSFER, "!", KEY, "!", "1", "");
    CHECK_STARTS(fake_value(f.run, 1), OL_STR("Invalid signer account: "), "signer");
    CALL(&f, OL_FN_RPC_TRANSFER, "a.near", KEY, "!", "1", "");
    CHECK_STARTS(fake_value(f.run, 1), OL_STR("Invalid receiver account: "), "receiver");
    CHECK_EQ(http_stub_requests(f.stub), 0);
}

TEST("a transfer takes the next nonce, is signed by the guest's key and counts twice")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, 3, true);
    CALL(&f, OL_FN_RPC_TRANSFER, "a.near", KEY, "b.near", "7", "");
    CHECK_STR(fake_value(f.run, 1), OL_STR(""));
    CHECK(fake_value(f.run, 0).len >= 40);
    CHECK_EQ(http_stub_requests(f.stub), 2);
    ol_json root, params, text;
    ol_arena arena = ol_arena_new(65536);
    ol_str base64;
    ol_bytes signed_tx;
    ol_err err = {0};
    CHECK_OK(ol_json_parse(request_of(&f), &root, &err));
    CHECK(ol_json_find(&root, OL_STR("params"), &params));
    CHECK(ol_json_find(&params, OL_STR("signed_tx_base64"), &text));
    CHECK_OK(ol_json_text(&text, &arena, &base64, &err));
    CHECK(ol_base64_decode(base64, &arena, &signed_tx));
    /* signer 4+6, key 1+32, nonce 8, receiver 4+6, block 32, actions 4, transfer 1+16, signature */
    CHECK_EQ(signed_tx.len, 10 + 33 + 8 + 10 + 32 + 4 + 17 + 65);
    CHECK_EQ(signed_tx.data[43], 42);
    CHECK_EQ(signed_tx.data[97], 3);
    CHECK_EQ(signed_tx.data[98], 7);
    ol_arena_deinit(&arena);
    CALL(&f, OL_FN_RPC_TRANSFER, "a.near", KEY, "b.near", "7", "");
    CHECK_STR(fake_value(f.run, 1), OL_STR("RPC rate limit exceeded: 4 calls (max: 3)"));
}

TEST("H31: a chunk with two commas is no chunk")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, 100, true);
    CALL(&f, OL_FN_RPC_CHUNK, "1,2,3");
    CHECK_STR(fake_value(f.run, 1),
              OL_STR("Invalid format. Use 'block_id,shard_id' or 'chunk_id'"));
}

TEST("H32: transactions can be switched off, by every door")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, 1, false);
    CALL(&f, OL_FN_RPC_SEND_TX, "dHg=", "");
    CHECK_STR(fake_value(f.run, 1), OL_STR("Transaction method 'send_tx' is disabled"));
    CALL(&f, OL_FN_RPC_RAW, "broadcast_tx_async", "[]");
    CHECK_STR(fake_value(f.run, 1), OL_STR("Transaction method 'broadcast_tx_async' is disabled"));
    CALL(&f, OL_FN_RPC_RAW, "broadcast_tx_commit", "[]");
    CHECK_STR(fake_value(f.run, 1), OL_STR("Transaction method 'broadcast_tx_commit' is disabled"));
    CALL(&f, OL_FN_RPC_TRANSFER, "a.near", KEY, "b.near", "7", "");
    CHECK_STR(fake_value(f.run, 1), OL_STR("Transaction method 'send_tx' is disabled"));
    CALL(&f, OL_FN_RPC_STATUS); /* none of them was counted */
    CHECK_STR(fake_value(f.run, 1), OL_STR(""));
}

TEST("a node in trouble is told without its address")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, 100, true);
    CALL(&f, OL_FN_RPC_RAW, "fails", "[]");
    CHECK_STR(fake_value(f.run, 1),
              OL_STR("RPC returned status 500 Internal Server Error: node down"));
    CALL(&f, OL_FN_RPC_RAW, "garbles", "[]");
    CHECK_STR(fake_value(f.run, 1), OL_STR("Failed to parse RPC response"));
    http_stub_stop(f.stub);
    CALL(&f, OL_FN_RPC_STATUS);
    CHECK_STR(fake_value(f.run, 1), OL_STR("Failed to send RPC request"));
    f.stub = http_stub_start(serve, &f.node);
}

TEST("H42: refunds are bounded by what was attached, and happen once")
{
    ol_err err = {0};
    ol_broker *broker;
    const ol_broker_plan plan = {0};
    CHECK_OK(ol_broker_open(&plan, &broker, &err));
    ol_run *run = fake_run_new();
    const ol_run_host host = ol_broker_host(broker);
    const ol_broker_run about = {.attached = OL_USD(100)};
    ol_broker_begin(broker, &about);
    static const struct {
        uint64_t amount;
        const char *want;
    } cases[] = {
        {101, "Refund amount 101 exceeds attached USD 100"},
        {40, ""},
        {1, "refund_usd can only be called once per execution"},
    };
    OL_EACH (c, cases) {
        const ol_host_value amount = {.number = c->amount};
        host.call(host.env, run, 1, OL_FN_PAYMENT_REFUND_USD, &amount, 1);
        CHECK_STR_ROW(fake_value(run, 0), ol_str_of(c->want), c->want);
    }
    ol_usd refund;
    CHECK(ol_broker_refund(broker, &refund));
    CHECK_EQ(refund.micro, 40);
    ol_broker_begin(broker, &about);
    CHECK(!ol_broker_refund(broker, &refund));
    ol_broker_close(broker);
    fake_run_free(run);
}

TEST("packages without their services are refused with the words of the specification")
{
    ol_err err = {0};
    ol_broker *broker;
    const ol_broker_plan plan = {0};
    CHECK_OK(ol_broker_open(&plan, &broker, &err));
    ol_frame_refusal refusals[OL_HOST_INTERFACES];
    size_t count = ol_broker_refusals(broker, refusals);
    CHECK_EQ(count, 4);
    for (size_t i = 0; i < count; i++) {
        const char *starts =
            refusals[i].interface == OL_HOST_RPC ? "Failed to instantiate component"
            : refusals[i].interface == OL_HOST_STORAGE
                ? "WASM imports `near:storage/api` but storage is not configured."
            : refusals[i].interface == OL_HOST_VRF
                ? "WASM imports near:vrf/api but VRF is not available.\nVRF requires: keystore "
                  "configured + blockchain execution with request_id."
                : "WASM imports outlayer:wallet/api but wallet is not available.\nWallet "
                  "requires: X-Wallet-Id header in the execution request.";
        CHECK_STARTS(refusals[i].text, ol_str_of(starts), starts);
    }
    ol_broker_close(broker);
}
