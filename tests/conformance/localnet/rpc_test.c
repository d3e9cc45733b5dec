/* Envelope, errors and queries of NEAR 5 over real HTTP. */
#include <string.h>

#include "lib/codec/base58.h"
#include "tests/conformance/localnet/net_lab.h"

static void check_error(net_lab *it, const ol_json *error, const char *name, const char *cause,
                        const char *row)
{
    CHECK_STR_ROW(net_str(it, error, "name"), ol_str_of(name), row);
    CHECK_STR_ROW(net_str(it, error, "cause.name"), ol_str_of(cause), row);
    CHECK_ROW(net_has(error, "code") && net_has(error, "message"), row);
}

TEST("a request that is no request is refused with 400, and its id comes back when it has one")
{
    static const struct {
        const char *body;
        const char *id;
        const char *cause;
    } cases[] = {
        {"", "null", "PARSE_ERROR"},
        {"{", "null", "PARSE_ERROR"},
        {"[]", "null", "PARSE_ERROR"},
        {"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\",\"params\":[]}]", "null",
         "PARSE_ERROR"},
        {"{\"id\":7}", "7", "PARSE_ERROR"},
        {"{\"jsonrpc\":\"1.0\",\"id\":7,\"method\":\"status\"}", "7", "PARSE_ERROR"},
        {"{\"jsonrpc\":{}}", "null", "PARSE_ERROR"},
        {"{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":5}", "\"x\"", "PARSE_ERROR"},
        {"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"no_such\"}", "null", "METHOD_NOT_FOUND"},
        {"{\"jsonrpc\":\"2.0\",\"id\":\"\\u00e9\",\"method\":\"no_such\"}", "\"\\u00e9\"",
         "METHOD_NOT_FOUND"},
    };
    net_lab lab;
    net_open(&lab, NULL);
    OL_EACH (c, cases) {
        ol_err err = {0};
        ol_json root;
        wire_answer answer = net_post(&lab, "/", c->body);
        CHECK_EQ_ROW(answer.status, 400, c->body);
        CHECK_OK(ol_json_parse(answer.body, &root, &err));
        CHECK_STR_ROW(net_at(&root, "id").raw, ol_str_of(c->id), c->body);
        ol_json error = net_at(&root, "error");
        check_error(&lab, &error, "REQUEST_VALIDATION_ERROR", c->cause, c->body);
    }
    net_close(&lab);
}

TEST("deep nesting is refused, and the largest body is taken")
{
    net_lab lab;
    net_open(&lab, NULL);
    ol_buf body = ol_buf_new(OL_MIB(11));
    for (int i = 0; i < 200; i++)
        ol_buf_add_char(&body, '[');
    ol_buf_add_char(&body, '\0');
    CHECK_EQ(net_post(&lab, "/", (const char *)body.data).status, 400);

    ol_buf_clear(&body);
    ol_buf_add_str(&body, OL_STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\",\"x\":\""));
    memset(ol_buf_reserve(&body, OL_MIB(10)), 'a', OL_MIB(10));
    body.len += OL_MIB(10) - body.len - 2;
    ol_buf_add(&body, (ol_bytes){(const uint8_t *)"\"}\0", 3});
    CHECK_EQ(net_post(&lab, "/", (const char *)body.data).status, 200);
    body.len -= 3;
    ol_buf_add(&body, (ol_bytes){(const uint8_t *)"aa\"}\0", 5});
    CHECK_EQ(net_post(&lab, "/", (const char *)body.data).status, 413);
    ol_buf_deinit(&body);
    net_close(&lab);
}

TEST("any page may ask: CORS is open on every path")
{
    static const char *const paths[] = {"/", "/status", "/health", "/v0/block/1", "/dev/status"};
    net_lab lab;
    net_open(&lab, NULL);
    OL_EACH (path, paths) {
        ol_str value;
        ol_buf request = ol_buf_new(4096);
        wire_answer answer;
        wire_request(&request, "OPTIONS", *path,
                     "Origin: http://page.test\r\nAccess-Control-Request-Method: POST\r\n",
                     OL_STR(""));
        CHECK(wire_exchange(&lab.client, ol_buf_str(&request), NET_LAB_WAIT_MS, &answer));
        CHECK_EQ_ROW(answer.status, 200, *path);
        CHECK_ROW(wire_header(answer.head, OL_STR("access-control-allow-origin"), &value), *path);
        CHECK_STR_ROW(value, OL_STR("*"), *path);
        ol_buf_deinit(&request);
    }
    net_close(&lab);
}

TEST("every method answers, and what it does not understand is a parse error")
{
    static const char *const needs[] = {"query",
                                        "send_tx",
                                        "block",
                                        "tx",
                                        "broadcast_tx_async",
                                        "broadcast_tx_commit",
                                        "chunk",
                                        "EXPERIMENTAL_tx_status",
                                        "EXPERIMENTAL_receipt",
                                        "EXPERIMENTAL_changes",
                                        "EXPERIMENTAL_changes_in_block",
                                        "EXPERIMENTAL_protocol_config",
                                        "EXPERIMENTAL_view_account",
                                        "EXPERIMENTAL_call_function",
                                        "sandbox_patch_state",
                                        "sandbox_fast_forward"};
    static const char *const params[] = {"{}", "[]", "null", "{\"block_id\":null}", "7", "[[[]]]"};
    net_lab lab;
    net_open(&lab, NULL);
    OL_EACH (method, needs) {
        OL_EACH (p, params) {
            ol_json error = net_error(&lab, *method, *p, 400);
            check_error(&lab, &error, "REQUEST_VALIDATION_ERROR", "PARSE_ERROR", *method);
            CHECK_EQ_ROW(net_at(&error, "code").raw.len, 6, *method);
            CHECK_STR_ROW(net_at(&error, "data").raw,
                          net_at(&error, "cause.info.error_message").raw, *method);
        }
    }
    net_close(&lab);
}

TEST("status tells the chain, its head and its genesis")
{
    net_lab lab;
    net_open(&lab, NULL);
    ol_json status = net_result(&lab, "status", "[]");
    CHECK_STR(net_str(&lab, &status, "chain_id"), OL_STR("localnet"));
    CHECK_EQ(net_u64(&status, "protocol_version"), 86);
    uint64_t height = net_u64(&status, "sync_info.latest_block_height");
    (void)net_dev(&lab, "mine", "{\"blocks\":3}");
    wire_answer answer = net_get(&lab, "/status");
    ol_err err = {0};
    CHECK_EQ(answer.status, 200);
    CHECK_OK(ol_json_parse(answer.body, &status, &err));
    CHECK_EQ(net_u64(&status, "sync_info.latest_block_height"), height + 3);
    CHECK_EQ(net_get(&lab, "/health").status, 200);
    net_close(&lab);
}

TEST("a chain of protocol version 84 says so")
{
    static const char *const flags[] = {"--protocol-version", "84", "--chain-id", "mine", NULL};
    net_lab lab;
    net_open(&lab, flags);
    ol_json status = net_result(&lab, "status", "[]");
    CHECK_EQ(net_u64(&status, "protocol_version"), 84);
    CHECK_STR(net_str(&lab, &status, "chain_id"), OL_STR("mine"));
    net_close(&lab);
}

/* ---- query */

TEST("view_account tells balance, storage and that there is no contract")
{
    net_lab lab;
    net_open(&lab, NULL);
    ol_json account = net_result(&lab, "query",
                                 "{\"request_type\":\"view_account\",\"finality\":\"final\","
                                 "\"account_id\":\"alice.test.near\"}");
    CHECK_EQ(net_dec(&account, "amount") / NEAR_YOCTO, 1000);
    CHECK_EQ(net_dec(&account, "locked"), 0);
    CHECK_EQ(net_u64(&account, "storage_usage"), 182);
    CHECK_EQ(net_u64(&account, "storage_paid_at"), 0);
    CHECK_STR(net_str(&lab, &account, "code_hash"), OL_STR("11111111111111111111111111111111"));
    CHECK_EQ(net_u64(&account, "block_height"), net_height(&lab));
    CHECK(net_has(&account, "block_hash"));
    net_close(&lab);
}

TEST("an unknown account is UNKNOWN_ACCOUNT with where it was looked for")
{
    net_lab lab;
    net_open(&lab, NULL);
    ol_json error = net_error(
        &lab, "query",
        "{\"request_type\":\"view_account\",\"finality\":\"final\",\"account_id\":\"nobody.near\"}",
        200);
    check_error(&lab, &error, "HANDLER_ERROR", "UNKNOWN_ACCOUNT", "query");
    CHECK_STR(net_str(&lab, &error, "cause.info.requested_account_id"), OL_STR("nobody.near"));
    CHECK(net_has(&error, "cause.info.block_height") && net_has(&error, "cause.info.block_hash"));
    CHECK_STR(net_str(&lab, &error, "data"),
              OL_STR("account nobody.near does not exist while viewing"));
    net_close(&lab);
}

TEST("an unknown access key is a result with an error in it, and an error by the newer name")
{
    static const char params[] = "{\"request_type\":\"view_access_key\",\"finality\":\"final\","
                                 "\"account_id\":\"alice.test.near\",\"public_key\":"
                                 "\"ed25519:FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF\"}";
    net_lab lab;
    net_open(&lab, NULL);
    ol_json result = net_result(&lab, "query", params);
    CHECK_STR(net_str(&lab, &result, "error"),
              OL_STR("access key ed25519:FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF does not "
                     "exist while viewing"));
    CHECK(net_has(&result, "logs") && net_has(&result, "block_height"));
    ol_json error = net_error(&lab, "EXPERIMENTAL_view_access_key", params, 200);
    check_error(&lab, &error, "HANDLER_ERROR", "UNKNOWN_ACCESS_KEY", "proper");
    net_close(&lab);
}

TEST("keys are viewed one by one and as a list")
{
    net_lab lab;
    net_open(&lab, NULL);
    ol_json list = net_result(&lab, "query",
                              "{\"request_type\":\"view_access_key_list\",\"finality\":"
                              "\"optimistic\",\"account_id\":\"bob.test.near\"}");
    ol_str key = net_str(&lab, &list, "keys.0.public_key");
    CHECK_STR(net_str(&lab, &list, "keys.0.access_key.permission"), OL_STR("FullAccess"));
    ol_json one = net_result(
        &lab, "query",
        net_text(&lab,
                 "{\"request_type\":\"view_access_key\",\"block_id\":%llu,\"account_id\":"
                 "\"bob.test.near\",\"public_key\":\"%.*s\"}",
                 (unsigned long long)net_height(&lab), OL_FMT(key)));
    CHECK_STR(net_str(&lab, &one, "permission"), OL_STR("FullAccess"));
    CHECK(net_has(&one, "nonce"));
    net_close(&lab);
}

TEST("a function-call key is shown with allowance, receiver and methods")
{
    net_lab lab;
    net_open(&lab, NULL);
    const ol_str methods[] = {OL_STR("ping"), OL_STR("pong")};
    ol_public_key key = {.curve = OL_CURVE_ED25519, .bytes = {9, 9, 9}};
    ol_action action = {.kind = OL_ACTION_ADD_KEY};
    action.add_key.key = key;
    action.add_key.access = (ol_access_key){.permission = OL_PERMISSION_CALL,
                                            .has_allowance = true,
                                            .allowance = OL_YOCTO(77),
                                            .receiver_id = OL_STR("bob.test.near"),
                                            .methods = methods,
                                            .method_count = 2};
    (void)net_send(&lab, net_sign(&lab, "alice.test.near", "alice.test.near", &action, 1));
    ol_str text = ol_public_key_text(&key, &lab.arena);
    ol_json one = net_result(
        &lab, "query",
        net_text(&lab,
                 "{\"request_type\":\"view_access_key\",\"finality\":\"final\",\"account_id\":"
                 "\"alice.test.near\",\"public_key\":\"%.*s\"}",
                 OL_FMT(text)));
    CHECK_STR(net_at(&one, "permission").raw,
              OL_STR("{\"FunctionCall\":{\"allowance\":\"77\",\"receiver_id\":\"bob.test.near\","
                     "\"method_names\":[\"ping\",\"pong\"]}}"));
    net_close(&lab);
}

TEST("a view runs on the state of the block it names")
{
    static const char view[] = "{\"request_type\":\"call_function\",\"account_id\":"
                               "\"dev.test.near\",\"method_name\":\"get\",\"args_base64\":\"\",%s}";
    net_lab lab;
    net_open(&lab, NULL);
    net_deploy_probe(&lab, "dev.test.near");
    uint64_t before = net_height(&lab);
    (void)net_send(&lab,
                   net_call(&lab, "alice.test.near", "dev.test.near", "set", "[1,2]", TGAS(10), 0));
    ol_json result = net_result(&lab, "query", net_text(&lab, view, "\"finality\":\"final\""));
    CHECK_STR(net_at(&result, "result").raw, OL_STR("[91,49,44,50,93]"));
    CHECK_STR(net_at(&result, "logs").raw, OL_STR("[]"));
    result = net_result(
        &lab, "query",
        net_text(&lab, view, net_text(&lab, "\"block_id\":%llu", (unsigned long long)before)));
    CHECK_STR(net_at(&result, "result").raw, OL_STR("[110,117,108,108]")); /* null */
    CHECK_EQ(net_u64(&result, "block_height"), before);
    net_close(&lab);
}

TEST("a view that fails is a result whose error clients match by words")
{
    static const struct {
        const char *account;
        const char *method;
        const char *words;
    } cases[] = {
        {"dev.test.near", "nothing",
         "wasm execution failed with error: MethodResolveError(MethodNotFound)"},
        {"dev.test.near", "fail", "no such luck"},
        {"alice.test.near", "get", "CodeDoesNotExist { account_id: \"alice.test.near\" }"},
        {"dev.test.near", "set", "ProhibitedInView"},
    };
    net_lab lab;
    net_open(&lab, NULL);
    net_deploy_probe(&lab, "dev.test.near");
    OL_EACH (c, cases) {
        const char *params = net_text(&lab,
                                      "{\"request_type\":\"call_function\",\"finality\":\"final\","
                                      "\"account_id\":\"%s\",\"method_name\":\"%s\","
                                      "\"args_base64\":\"\"}",
                                      c->account, c->method);
        ol_json result = net_result(&lab, "query", params);
        CHECK_HAS(net_str(&lab, &result, "error"), ol_str_of(c->words), c->method);
        CHECK_STARTS(net_str(&lab, &result, "error"), OL_STR("wasm execution failed with error: "),
                     c->method);
        ol_json error = net_error(&lab, "EXPERIMENTAL_call_function", params, 200);
        check_error(&lab, &error, "HANDLER_ERROR", "CONTRACT_EXECUTION_ERROR", c->method);
    }
    net_close(&lab);
}

TEST("state and code of a contract are read as base64; without code that is an error")
{
    net_lab lab;
    net_open(&lab, NULL);
    net_deploy_probe(&lab, "dev.test.near");
    (void)net_send(&lab,
                   net_call(&lab, "alice.test.near", "dev.test.near", "set", "7", TGAS(10), 0));
    ol_json state = net_result(&lab, "query",
                               "{\"request_type\":\"view_state\",\"finality\":\"final\","
                               "\"account_id\":\"dev.test.near\",\"prefix_base64\":\"bm8=\"}");
    CHECK_STR(net_at(&state, "values").raw, OL_STR("[{\"key\":\"bm90ZQ==\",\"value\":\"Nw==\"}]"));
    state = net_result(&lab, "query",
                       "{\"request_type\":\"view_state\",\"finality\":\"final\","
                       "\"account_id\":\"dev.test.near\",\"prefix_base64\":\"eA==\"}");
    CHECK_STR(net_at(&state, "values").raw, OL_STR("[]"));
    ol_json code = net_result(&lab, "query",
                              "{\"request_type\":\"view_code\",\"finality\":\"final\","
                              "\"account_id\":\"dev.test.near\"}");
    ol_json account = net_result(&lab, "query",
                                 "{\"request_type\":\"view_account\",\"finality\":\"final\","
                                 "\"account_id\":\"dev.test.near\"}");
    CHECK_STR(net_str(&lab, &code, "hash"), net_str(&lab, &account, "code_hash"));
    CHECK_STARTS(net_str(&lab, &code, "code_base64"), OL_STR("AGFzbQ"), "wasm");
    ol_json error = net_error(&lab, "query",
                              "{\"request_type\":\"view_code\",\"finality\":\"final\","
                              "\"account_id\":\"alice.test.near\"}",
                              200);
    check_error(&lab, &error, "HANDLER_ERROR", "NO_CONTRACT_CODE", "code");
    CHECK_STR(net_str(&lab, &error, "cause.info.contract_account_id"), OL_STR("alice.test.near"));
    net_close(&lab);
}

TEST("a prefix longer than any key finds nothing")
{
    net_lab lab;
    net_open(&lab, NULL);
    ol_buf prefix = ol_buf_new(8193);
    memset(ol_buf_reserve(&prefix, 8192), 'A', 8192);
    prefix.len = 8192;
    ol_buf_add_char(&prefix, '\0');
    ol_json state =
        net_result(&lab, "query",
                   net_text(&lab,
                            "{\"request_type\":\"view_state\",\"finality\":\"final\","
                            "\"account_id\":\"bob.test.near\",\"prefix_base64\":\"%s\"}",
                            (const char *)prefix.data));
    CHECK_STR(net_at(&state, "values").raw, OL_STR("[]"));
    ol_buf_deinit(&prefix);
    net_close(&lab);
}

TEST("a state of more than 50,000 bytes is not shown")
{
    net_lab lab;
    net_open(&lab, NULL);
    net_deploy_probe(&lab, "dev.test.near");
    ol_buf args = ol_buf_new(60001);
    memset(ol_buf_reserve(&args, 60000), 'x', 60000);
    args.len = 60000;
    ol_buf_add_char(&args, '\0');
    (void)net_send(&lab,
                   net_call(&lab, "alice.test.near", "dev.test.near", "forget", "", TGAS(10), 0));
    ol_json outcome = net_send(&lab, net_call(&lab, "alice.test.near", "dev.test.near", "keep",
                                              (const char *)args.data, TGAS(100), 0));
    CHECK(net_has(&outcome, "status.SuccessValue"));
    ol_json error = net_error(&lab, "query",
                              "{\"request_type\":\"view_state\",\"finality\":\"final\","
                              "\"account_id\":\"dev.test.near\",\"prefix_base64\":\"\"}",
                              200);
    check_error(&lab, &error, "HANDLER_ERROR", "TOO_LARGE_CONTRACT_STATE", "state");
    ol_buf_deinit(&args);
    net_close(&lab);
}

TEST("the older form of a query, a path and base58, still works")
{
    static const struct {
        const char *params;
        const char *has;
    } cases[] = {
        {"[\"account/alice.test.near\",\"\"]", "amount"},
        {"[\"access_key/alice.test.near\",\"\"]", "keys"},
        {"[\"contract/dev.test.near\",\"\"]", "values"},
        {"[\"code/dev.test.near\",\"\"]", "code_base64"},
        {"[\"call/dev.test.near/get\",\"\"]", "result"},
    };
    net_lab lab;
    net_open(&lab, NULL);
    net_deploy_probe(&lab, "dev.test.near");
    OL_EACH (c, cases) {
        ol_json result = net_result(&lab, "query", c->params);
        CHECK_ROW(net_has(&result, c->has) && net_has(&result, "block_hash"), c->params);
    }
    net_close(&lab);
}

TEST("blocks that are not there are UNKNOWN_BLOCK with 422")
{
    static const struct {
        const char *method;
        const char *params;
    } cases[] = {
        {"block", "{\"block_id\":99999}"},
        {"block", "[99999]"},
        {"block", "{\"block_id\":\"11111111111111111111111111111111\"}"},
        {"chunk", "{\"block_id\":99999,\"shard_id\":0}"},
        {"gas_price", "[99999]"},
        {"query", "{\"request_type\":\"view_account\",\"block_id\":99999,\"account_id\":\"ok\"}"},
        {"EXPERIMENTAL_changes_in_block", "{\"block_id\":99999}"},
    };
    net_lab lab;
    net_open(&lab, NULL);
    OL_EACH (c, cases) {
        ol_json error = net_error(&lab, c->method, c->params, 422);
        check_error(&lab, &error, "HANDLER_ERROR", "UNKNOWN_BLOCK", c->params);
    }
    ol_json error = net_error(&lab, "block", "{\"block_id\":99999}", 422);
    CHECK_STR(net_str(&lab, &error, "data"),
              OL_STR("DB Not Found Error: BLOCK HEIGHT: 99999 \n Cause: Unknown"));
    net_close(&lab);
}

TEST("global contracts are read by hash and by account, and shown where they are used")
{
    static const char module[] = "\0asm\1\0\0\0";
    net_lab lab;
    net_open(&lab, NULL);
    ol_action deploys[] = {{.kind = OL_ACTION_DEPLOY_GLOBAL}, {.kind = OL_ACTION_DEPLOY_GLOBAL}};
    deploys[0].deploy_global.code = (ol_bytes){(const uint8_t *)module, sizeof module - 1};
    deploys[1].deploy_global = deploys[0].deploy_global;
    deploys[1].deploy_global.by_account = true;
    (void)net_send(&lab, net_sign(&lab, "alice.test.near", "alice.test.near", deploys, 2));
    ol_sha256 hash = ol_sha256_of(deploys[0].deploy_global.code);
    ol_str text = ol_base58_of(&lab.arena, ol_sha256_bytes(&hash));
    ol_json by_hash = net_result(
        &lab, "query",
        net_text(&lab,
                 "{\"request_type\":\"view_global_contract_code\",\"finality\":\"final\","
                 "\"code_hash\":\"%.*s\"}",
                 OL_FMT(text)));
    CHECK_STR(net_str(&lab, &by_hash, "code_base64"), OL_STR("AGFzbQEAAAA="));
    CHECK_STR(net_str(&lab, &by_hash, "hash"), text);
    ol_json by_account = net_result(&lab, "query",
                                    "{\"request_type\":\"view_global_contract_code_by_account_id\","
                                    "\"finality\":\"final\",\"account_id\":\"alice.test.near\"}");
    CHECK_STR(net_str(&lab, &by_account, "hash"), text);

    ol_action use = {.kind = OL_ACTION_USE_GLOBAL};
    use.use_global.hash = hash;
    (void)net_send(&lab, net_sign(&lab, "bob.test.near", "bob.test.near", &use, 1));
    ol_json account = net_result(&lab, "query",
                                 "{\"request_type\":\"view_account\",\"finality\":\"final\","
                                 "\"account_id\":\"bob.test.near\"}");
    CHECK_STR(net_str(&lab, &account, "global_contract_hash"), text);
    CHECK_STR(net_str(&lab, &account, "code_hash"), OL_STR("11111111111111111111111111111111"));
    ol_json error = net_error(&lab, "query",
                              "{\"request_type\":\"view_global_contract_code_by_account_id\","
                              "\"finality\":\"final\",\"account_id\":\"bob.test.near\"}",
                              200);
    check_error(&lab, &error, "HANDLER_ERROR", "NO_GLOBAL_CONTRACT_CODE", "bob");
    net_close(&lab);
}

TEST("the newer names of queries answer what query answers")
{
    static const struct {
        const char *type;
        const char *rest;
    } cases[] = {
        {"view_account", ""},
        {"view_access_key_list", ""},
        {"view_code", ""},
        {"view_state", ",\"prefix_base64\":\"\""},
        {"call_function", ",\"method_name\":\"get\",\"args_base64\":\"\""},
    };
    net_lab lab;
    net_open(&lab, NULL);
    net_deploy_probe(&lab, "dev.test.near");
    OL_EACH (c, cases) {
        const char *params = net_text(
            &lab,
            "{\"request_type\":\"%s\",\"finality\":\"final\",\"account_id\":\"dev.test.near\"%s}",
            c->type, c->rest);
        ol_json first = net_result(&lab, "query", params);
        ol_json second = net_result(&lab, net_text(&lab, "EXPERIMENTAL_%s", c->type), params);
        CHECK_STR_ROW(second.raw, first.raw, c->type);
    }
    net_close(&lab);
}

TEST("a block whose state is forgotten cannot be viewed, and says so")
{
    net_lab lab;
    net_open(&lab, NULL);
    (void)net_dev(&lab, "mine", "{\"blocks\":3700}");
    ol_json error = net_error(
        &lab, "query",
        "{\"request_type\":\"view_account\",\"block_id\":2,\"account_id\":\"bob.test.near\"}", 200);
    check_error(&lab, &error, "HANDLER_ERROR", "GARBAGE_COLLECTED_BLOCK", "block 2");
    CHECK_EQ(net_u64(&error, "cause.info.block_height"), 2);
    net_close(&lab);
}
