/* outlayer:wallet/api against a scripted coordinator (Host interfaces 11). */
#include <stdio.h>
#include <string.h>

#include "tests/harness/http_stub.h"
#include "tests/harness/test.h"
#include "tests/unit/broker/fake_run.h"

typedef struct fixture {
    int status;
    const char *answer;
    char request[4096];
    http_stub *stub;
    char url[64];
    ol_broker *broker;
    ol_run *run;
    ol_run_host host;
} fixture;

static void serve(void *context, const stub_request *request, stub_conn *conn)
{
    fixture *f = context;
    ol_str id = stub_header(request, "X-Wallet-Id");
    ol_str auth = stub_header(request, "X-Internal-Wallet-Auth");
    ol_str once = stub_header(request, "X-Idempotency-Key");
    (void)snprintf(f->request, sizeof f->request, "%.*s %.*s %.*s %.*s %.*s %.*s",
                   OL_FMT(request->method), OL_FMT(request->target), OL_FMT(id), OL_FMT(auth),
                   OL_FMT(once), OL_FMT(request->body));
    stub_answer(conn, f->status, NULL, ol_str_of(f->answer));
}

static void fixture_init(fixture *f)
{
    ol_err err = {0};
    *f = (fixture){.status = 200, .answer = "{\"ok\":true}"};
    f->stub = http_stub_start(serve, f);
    (void)snprintf(f->url, sizeof f->url, "http://127.0.0.1:%u", http_stub_port(f->stub));
    const ol_broker_plan plan = {.coordinator_url = ol_str_of(f->url),
                                 .wallet_token = OL_STR("token")};
    CHECK_OK(ol_broker_open(&plan, &f->broker, &err));
    f->run = fake_run_new();
    f->host = ol_broker_host(f->broker);
    const ol_broker_run about = {.wallet_id = OL_STR("w1"), .vrf = {.request_id = 7}};
    ol_broker_begin(f->broker, &about);
}

static void fixture_deinit(fixture *f)
{
    ol_broker_end(f->broker);
    ol_broker_close(f->broker);
    http_stub_stop(f->stub);
    fake_run_free(f->run);
}

#define CALL(f, function, ...)                                                                     \
    do {                                                                                           \
        static const char *const texts_[] = {__VA_ARGS__ __VA_OPT__(, ) ""};                       \
        fake_call((f)->run, &(f)->host, function, texts_, OL_COUNT(texts_) - 1);                   \
    } while (0)

static void check(const fixture *f, const char *value, const char *error)
{
    CHECK_STR(fake_value(f->run, 0), ol_str_of(value));
    CHECK_STR(fake_value(f->run, 1), ol_str_of(error));
}

TEST("each function asks the coordinator what the page says, with the wallet's headers")
{
    OL_AUTO(fixture) f;
    fixture_init(&f);
    CALL(&f, OL_FN_WALLET_GET_ID);
    check(&f, "w1", "");
    CHECK_EQ(http_stub_requests(f.stub), 0);
    CALL(&f, OL_FN_WALLET_GET_ADDRESS, "near");
    check(&f, "{\"ok\":true}", "");
    CHECK_STR(ol_str_of(f.request), OL_STR("GET /wallet/v1/address?chain=near w1 token  "));
    CALL(&f, OL_FN_WALLET_WITHDRAW, "near", "a.near", "5", "");
    CHECK_STR(ol_str_of(f.request),
              OL_STR("POST /wallet/v1/intents/withdraw w1 token 7:1 {\"chain\":\"near\",\"to\":"
                     "\"a.near\",\"amount\":\"5\",\"token\":null}"));
    CALL(&f, OL_FN_WALLET_WITHDRAW_DRY_RUN, "near", "a.near", "5", "t");
    CHECK_STR(ol_str_of(f.request),
              OL_STR("POST /wallet/v1/intents/withdraw/dry-run w1 token  {\"chain\":\"near\","
                     "\"to\":\"a.near\",\"amount\":\"5\",\"token\":\"t\"}"));
    CALL(&f, OL_FN_WALLET_GET_REQUEST_STATUS, "a/b");
    CHECK_STR(ol_str_of(f.request), OL_STR("GET /wallet/v1/requests/a%2Fb w1 token  "));
    CALL(&f, OL_FN_WALLET_LIST_TOKENS);
    CHECK_STR(ol_str_of(f.request), OL_STR("GET /wallet/v1/tokens w1 token  "));
    CALL(&f, OL_FN_WALLET_TRANSFER, "", "a.near", "5");
    CHECK_STR(ol_str_of(f.request),
              OL_STR("POST /wallet/v1/transfer w1 token 7:2 {\"chain\":\"near\",\"receiver_id\":"
                     "\"a.near\",\"amount\":\"5\"}"));
    CALL(&f, OL_FN_WALLET_GET_BALANCE, "", "a b");
    CHECK_STR(ol_str_of(f.request),
              OL_STR("GET /wallet/v1/balance?chain=near&token=a%20b w1 token  "));
    CALL(&f, OL_FN_WALLET_INTENTS_DEPOSIT, "t", "5");
    CHECK_STR(ol_str_of(f.request), OL_STR("POST /wallet/v1/intents/deposit w1 token 7:3 "
                                           "{\"token\":\"t\",\"amount\":\"5\"}"));
    CALL(&f, OL_FN_WALLET_SWAP, "a", "b", "5", "");
    CHECK_STR(ol_str_of(f.request),
              OL_STR("POST /wallet/v1/intents/swap w1 token 7:4 {\"token_in\":\"a\",\"token_out\":"
                     "\"b\",\"amount_in\":\"5\",\"min_amount_out\":null}"));
}

TEST("H47: a busy wallet says which request it works on")
{
    OL_AUTO(fixture) f;
    fixture_init(&f);
    f.status = 409;
    f.answer = "{\"error\":\"wallet_busy\",\"message\":\"m\",\"in_flight_request_id\":\"r\"}";
    CALL(&f, OL_FN_WALLET_LIST_TOKENS);
    check(&f, "", "wallet_busy: m in_flight_request_id=r");
    f.answer = "{\"error\":\"policy_denied\",\"message\":\"m\",\"terminal\":true}";
    CALL(&f, OL_FN_WALLET_LIST_TOKENS);
    check(&f, "", "policy_denied: m terminal=true");
    f.answer = "{\"error\":\"wallet_frozen\"}";
    CALL(&f, OL_FN_WALLET_LIST_TOKENS);
    check(&f, "", "wallet_frozen");
    f.answer = "{\"message\":\"m\"}";
    CALL(&f, OL_FN_WALLET_LIST_TOKENS);
    check(&f, "", "m");
}

TEST("H48: a body that is no JSON is the error")
{
    OL_AUTO(fixture) f;
    fixture_init(&f);
    f.status = 502;
    f.answer = "Bad Gateway";
    CALL(&f, OL_FN_WALLET_LIST_TOKENS);
    check(&f, "", "Bad Gateway");
}

TEST("H49: an empty argument is refused without a request, and counted")
{
    OL_AUTO(fixture) f;
    fixture_init(&f);
    for (int i = 0; i < 50; i++) {
        CALL(&f, OL_FN_WALLET_WITHDRAW, "near", "", "5", "");
        check(&f, "", "chain, to, and amount are required");
    }
    CHECK_EQ(http_stub_requests(f.stub), 0);
    for (int i = 0; i < 2; i++) {
        CALL(&f, OL_FN_WALLET_LIST_TOKENS);
        check(&f, "", "Wallet rate limit exceeded: 51 calls (max: 50)");
    }
    CALL(&f, OL_FN_WALLET_GET_ID);
    check(&f, "w1", "");
}
