/* From a contract call to its callback, on the real programs: what comes back, and whose money it
 * costs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/e2e/chain_lab.h"
#include "tests/harness/http_stub.h"
#include "tests/harness/test.h"

/* The execution_completed event among the logs. */
static ol_str completed_event(const chain_result *result)
{
    size_t at;
    for (size_t i = 0; i < result->logs; i++) {
        if (ol_str_find(result->log[i], OL_STR("execution_completed"), &at))
            return result->log[i];
    }
    return OL_STR("(no event)");
}

TEST("W34: a request comes back through its callback by one transaction, is paid and counted")
{
    OL_AUTO(chain_lab) l;
    chain_lab_open(&l, &(chain_lab_options){0});
    uint64_t nonce = chain_worker_nonce(&l.chain);
    ol_u128 before = chain_balance(&l.chain, ALICE);
    chain_result result = chain_lab_echo(&l, OL_STR("hi"));
    CHECK_EQ(result.state, OL_TX_SUCCEEDED);
    CHECK_STR(result.value, OL_STR("\"hi\""));
    CHECK_HAS(completed_event(&result), OL_STR("\"compilation_note\":\"Cached WASM from 20"),
              "event");
    chain_lab_settle(&l, 1, 0);
    CHECK_EQ(chain_worker_nonce(&l.chain), nonce + 1);
    ol_u128 after = chain_balance(&l.chain, ALICE);
    CHECK(after < before);
    CHECK(before - after < DEPOSIT); /* the rest of the deposit came back */
    ol_buf jobs = ol_buf_new(OL_KIB(64));
    ol_err err = {0};
    size_t at;
    CHECK_OK(stack_get(&l.stack, "/public/jobs?source=near", &jobs, &err));
    CHECK_HAS(ol_buf_str(&jobs), OL_STR("\"user_account_id\":\"" ALICE "\""), "jobs");
    CHECK_HAS(ol_buf_str(&jobs), OL_STR("\"transaction_hash\":\""), "jobs");
    CHECK(ol_str_find(ol_buf_str(&jobs), OL_STR("\"actual_cost_yocto\":\""), &at));
    CHECK(ol_str_find(ol_buf_str(&jobs), OL_STR("\"resolve_tx_id\":\""), &at));
    ol_buf_deinit(&jobs);
}

TEST("all formats come back as the contract renders them")
{
    OL_AUTO(chain_lab) l;
    chain_lab_open(&l, &(chain_lab_options){0});
    static const char *const cases[][3] = {
        {"Text", "line\n\"q\" \xf0\x9f\x98\x80", "\"line\\n\\\"q\\\" \xf0\x9f\x98\x80\""},
        {"Json", " {\"b\" : [1, 2] , \"a\":null} ", "{\"a\":null,\"b\":[1,2]}"},
        {"Bytes", "\x01\x02\x03", "\"AQID\""},
        {"Text", "", "\"\""},
    };
    OL_EACH (row, cases) {
        chain_result result =
            chain_lab_run(&l, chain_lab_args(&l, &l.echo, (*row)[0], ol_str_of((*row)[1]), ""));
        CHECK_STR_ROW(result.value, ol_str_of((*row)[2]), (*row)[0]);
    }
    chain_lab_settle(&l, OL_COUNT(cases), 0);
}

TEST("W35: sizes on both sides of every limit come back whole, each by one transaction")
{
    static const size_t sizes[] = {600, 1000, 1023, 1024, 5000, 9999, 10000, 100000, 200000};
    OL_AUTO(chain_lab) l;
    chain_lab_open(&l, &(chain_lab_options){0});
    uint64_t nonce = chain_worker_nonce(&l.chain);
    char *text = malloc(200002);
    CHECK(text != NULL);
    OL_EACH (size, sizes) {
        char row[32];
        (void)snprintf(row, sizeof row, "%zu bytes", *size);
        memset(text, 'a' + (char)(size - sizes), *size + 2);
        chain_result result = chain_lab_echo(&l, (ol_str){text + 1, *size});
        text[0] = text[*size + 1] = '"';
        CHECK_ROW(ol_str_eq(result.value, (ol_str){text, *size + 2}), row);
    }
    chain_lab_settle(&l, OL_COUNT(sizes), 0);
    CHECK_EQ(chain_worker_nonce(&l.chain), nonce + OL_COUNT(sizes));
    memset(text, '"', 9000); /* each is several bytes in the event */
    chain_result result = chain_lab_echo(&l, (ol_str){text, 9000});
    CHECK_EQ(result.value.len, 2 + 2 * 9000);
    CHECK_STARTS(result.value, OL_STR("\"\\\"\\\""), "quotes");
    free(text);
}

TEST("W36: a failure of 3,000 bytes reaches the caller's event, cut between characters")
{
    OL_AUTO(chain_lab) l;
    ol_sha256_hex exit;
    ol_err err = {0};
    char input[3100] = "1 ";
    chain_lab_open(&l, &(chain_lab_options){0});
    CHECK_OK(stack_upload(&l.stack, "guests/adversarial-exit.wasm", &exit, &err));
    for (size_t n = 2; n + 3 <= 3002; n += 3)
        memcpy(input + n, "\xe2\x82\xac", 3); /* three bytes: 512 is inside one of them */
    ol_u128 before = chain_balance(&l.chain, ALICE);
    chain_result result =
        chain_lab_run(&l, chain_lab_args(&l, &exit, "Text", ol_str_of(input), ""));
    CHECK_EQ(result.state, OL_TX_SUCCEEDED);
    CHECK_STR(result.value, OL_STR("null"));
    CHECK_HAS(completed_event(&result), OL_STR("... (truncated, original size: "), "error");
    CHECK_HAS(completed_event(&result), OL_STR("\"success\":false"), "event");
    chain_lab_settle(&l, 1, 1);
    CHECK(before - chain_balance(&l.chain, ALICE) < DEPOSIT);
}

TEST("W37: an answer lost after inclusion, and requests that were never carried out, resolve once")
{
    static const char *const faults[] = {
        "{\"kind\":\"rpc-timeout\",\"count\":1,\"method\":\"send_tx\"}",
        "{\"kind\":\"http-500\",\"count\":2,\"method\":\"send_tx\"}",
        "{\"kind\":\"rpc-timeout\",\"count\":3,\"method\":\"tx\"}",
        "{\"kind\":\"http-500\",\"count\":2,\"method\":\"query\"}",
    };
    OL_AUTO(chain_lab) l;
    chain_lab_open(&l, &(chain_lab_options){0});
    unsigned done = 0;
    OL_EACH (fault, faults) {
        char hash[OL_HASH_TEXT_BYTES];
        uint64_t nonce = chain_worker_nonce(&l.chain);
        ol_str args = chain_lab_args(&l, &l.echo, "Text", OL_STR("once"), "");
        chain_lab_begin(&l, OL_STR("{}"), hash); /* refused by the contract; the nonce is known */
        (void)chain_end(&l.chain, ALICE, hash);
        chain_control(&l.chain, "fault", *fault);
        chain_result result = chain_lab_run(&l, args);
        CHECK_STR_ROW(result.value, OL_STR("\"once\""), *fault);
        chain_lab_settle(&l, ++done, 0);
        CHECK_EQ_ROW(chain_worker_nonce(&l.chain), nonce + 1, *fault);
    }
}

typedef struct served {
    ol_buf wasm;
    unsigned requests;
} served;

static void serve_wasm(void *context, const stub_request *request, stub_conn *conn)
{
    served *s = context;
    (void)request;
    s->requests++;
    stub_answer(conn, 200, "Content-Type: application/wasm\r\n", ol_buf_str(&s->wasm));
}

static ol_str by_url(chain_lab *l, uint16_t port, const char *hash, const char *rest)
{
    return ol_arena_printf(&l->chain.arena,
                           "{\"source\":{\"WasmUrl\":{\"url\":\"https://127.0.0.1:%u/code.wasm\","
                           "\"hash\":\"%s\",\"build_target\":null}}%s}",
                           port, hash, rest);
}

TEST("W45: compile-only, not cached and not published: the answer is the hash of the code")
{
    char path[512];
    char ca[600];
    served s = {.wasm = ol_buf_new(OL_MIB(8))};
    ol_err err = {0};
    (void)snprintf(path, sizeof path, "%s/examples/env-probe.wasm", getenv("OL_WASM"));
    CHECK_OK(ol_file_load(path, &s.wasm, &err));
    ol_sha256_hex hash = ol_sha256_hex_of(ol_buf_bytes(&s.wasm));
    http_stub *web = http_stub_start_tls(serve_wasm, &s, "127.0.0.1");
    uint16_t port = http_stub_port(web);
    (void)snprintf(ca, sizeof ca, "TRUSTED_CA_FILE=%s", http_stub_ca(web));
    const char *const settings[] = {ca, "ALLOW_LOOPBACK_ADDRESSES=true", NULL};
    OL_AUTO(chain_lab) l;
    chain_lab_open(&l, &(chain_lab_options){.worker = settings});
    char want[80];
    (void)snprintf(want, sizeof want, "\"%s\"", hash.data);
    CHECK_STR(chain_lab_run(&l, by_url(&l, port, hash.data, "")).value, ol_str_of(want));
    CHECK_EQ(s.requests, 1);
    /* And once more, cached now. */
    CHECK_STR(chain_lab_run(&l, by_url(&l, port, hash.data, "")).value, ol_str_of(want));
    /* Other bytes than the hash names are refused, and the caller hears of it. */
    char other[65];
    (void)snprintf(other, sizeof other, "%064d", 1);
    chain_result refused = chain_lab_run(&l, by_url(&l, port, other, ""));
    CHECK_STR(refused.value, OL_STR("null"));
    CHECK_HAS(completed_event(&refused), OL_STR("Hash mismatch!"), "event");
    CHECK(chain_view_becomes(&l.chain, CHAIN_OUTLAYER, "get_pending_request_ids", "{}", "[]"));
    http_stub_stop(web);
    ol_buf_deinit(&s.wasm);
}

TEST("code by URL is fetched, run, and attached_usd of nobody is not asked for")
{
    char path[512];
    char ca[600];
    served s = {.wasm = ol_buf_new(OL_MIB(8))};
    ol_err err = {0};
    (void)snprintf(path, sizeof path, "%s/guests/guest-says.wasm", getenv("OL_WASM"));
    CHECK_OK(ol_file_load(path, &s.wasm, &err));
    ol_sha256_hex hash = ol_sha256_hex_of(ol_buf_bytes(&s.wasm));
    http_stub *web = http_stub_start_tls(serve_wasm, &s, "127.0.0.1");
    (void)snprintf(ca, sizeof ca, "TRUSTED_CA_FILE=%s", http_stub_ca(web));
    const char *const settings[] = {ca, "ALLOW_LOOPBACK_ADDRESSES=true", NULL};
    OL_AUTO(chain_lab) l;
    chain_lab_open(&l, &(chain_lab_options){.worker = settings});
    chain_result result = chain_lab_run(
        &l,
        by_url(&l, http_stub_port(web), hash.data,
               ",\"input_data\":\"hey\",\"resource_limits\":{\"max_instructions\":1000000000}"));
    CHECK_STARTS(result.value, OL_STR("\"" ALICE " said \\\"hey\\\" at block "), "value");
    CHECK_HAS(completed_event(&result), OL_STR("\"compilation_note\":\"Freshly compiled\""),
              "event");
    chain_lab_settle(&l, 1, 0);
    http_stub_stop(web);
    ol_buf_deinit(&s.wasm);
}
