/* Coordinator 15, cases 1-14 and 83-84: what is refused before money is looked at. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/conformance/coordinator/lab.h"

/* Sanitizers have a memory of their own. */
#ifdef OL_SANITIZED
enum { OL_SANITIZED_BUILD = 1 };
#else
enum { OL_SANITIZED_BUILD = 0 };
#endif

static ol_str header_of(wire_answer answer, const char *name)
{
    ol_str value = {"", 0};
    (void)wire_header(answer.head, ol_str_of(name), &value);
    return value;
}

TEST("C1: GET /health answers OK")
{
    lab it;
    lab_start(&it, NULL);
    wire_answer answer = lab_send(&it, "GET", "/health", "", "");
    CHECK_EQ(answer.status, 200);
    CHECK_STR(answer.body, OL_STR("OK"));
    CHECK_STR(header_of(answer, "content-type"), OL_STR("text/plain; charset=utf-8"));
    lab_stop(&it);
}

TEST("C2: an unknown endpoint is 404 with the JSON that tells it from a missing row")
{
    lab it;
    lab_start(&it, NULL);
    static const char *const paths[] = {"/nope",         "/",        "/health/",
                                        "/call/a.near/", "//health", "/wallet/v1/address",
                                        "/storage/none"};
    OL_EACH (path, paths) {
        wire_answer answer = lab_send(&it, "GET", *path, "", "");
        CHECK_EQ_ROW(answer.status, 404, *path);
        CHECK_STR_ROW(answer.body,
                      OL_STR("{\"error\":\"not_found\",\"message\":\"Unknown endpoint\"}"), *path);
    }
    wire_answer missing = lab_send(&it, "GET", "/attestations/12345", "", "");
    CHECK_EQ(missing.status, 404);
    CHECK_EQ(missing.body.len, 0);
    lab_stop(&it);
}

TEST("C3: a preflight of the HTTPS API allows every origin")
{
    lab it;
    lab_start(&it, NULL);
    wire_answer answer =
        lab_send(&it, "OPTIONS", "/call/a/b",
                 "Origin: https://any.example\r\nAccess-Control-Request-Method: POST\r\n", "");
    CHECK_EQ(answer.status, 200);
    CHECK_EQ(answer.body.len, 0);
    CHECK_STR(header_of(answer, "access-control-allow-origin"), OL_STR("*"));
    CHECK_STR(header_of(answer, "access-control-allow-methods"), OL_STR("GET,POST,OPTIONS"));
    CHECK_HAS(header_of(answer, "access-control-allow-headers"), OL_STR("x-idempotency-key"), "");
    lab_stop(&it);
}

TEST("C4: a restricted route names listed origins alone")
{
    lab it;
    static const char *const settings[] = {
        "CORS_ALLOWED_ORIGINS=http://ok.example, https://dash.example", NULL};
    lab_start(&it, settings);
    wire_answer answer =
        lab_send(&it, "OPTIONS", "/public/stats", "Origin: https://evil.example\r\n", "");
    CHECK_EQ(answer.status, 200);
    CHECK_EQ(header_of(answer, "access-control-allow-origin").len, 0);
    answer = lab_send(&it, "OPTIONS", "/jobs/claim", "Origin: https://dash.example\r\n", "");
    CHECK_EQ(answer.status, 200);
    CHECK_STR(header_of(answer, "access-control-allow-origin"), OL_STR("https://dash.example"));
    lab_stop(&it);
}

static const char CALL[] = "/call/a.near/p";

TEST("C5: a body that is no JSON is 400 before the key is asked for")
{
    static const struct {
        const char *body;
        const char *text;
    } cases[] = {
        {"{", "EOF while parsing an object at line 1 column 1"},
        {"{\"input\":1,}", "trailing comma at line 1 column 12"},
        {"{\"input\":1} x", "trailing characters at line 1 column 13"},
    };
    lab it;
    lab_start(&it, NULL);
    OL_EACH (row, cases) {
        wire_answer answer = lab_post(&it, CALL, "", row->body);
        CHECK_EQ_ROW(answer.status, 400, row->body);
        CHECK_STARTS(answer.body, OL_STR("Failed to parse the request body as JSON: "), row->body);
        CHECK_ENDS(answer.body, ol_str_of(row->text), row->body);
    }
    lab_stop(&it);
}

TEST("C6: a body of another shape is 422 before the key is asked for")
{
    static const struct {
        const char *body;
        const char *text;
    } cases[] = {
        {"{}", "missing field `input` at line 1 column 2"},
        {"{\"input\":1,\"async\":\"yes\"}",
         "async: invalid type: string \"yes\", expected a boolean at line 1 column 24"},
        {"{\"input\":1,\"input\":2}", "duplicate field `input` at line 1 column 18"},
        {"{\"input\":1,\"secrets_ref\":{\"profile\":\"x\"}}",
         "secrets_ref: missing field `account_id` at line 1 column 40"},
        {"{\"input\":1,\"resource_limits\":{\"max_memory_mb\":4294967296}}",
         "resource_limits.max_memory_mb: invalid value: integer `4294967296`, expected u32 at line "
         "1 column 56"},
    };
    lab it;
    lab_start(&it, NULL);
    OL_EACH (row, cases) {
        wire_answer answer = lab_post(&it, CALL, "", row->body);
        CHECK_EQ_ROW(answer.status, 422, row->body);
        CHECK_STARTS(answer.body,
                     OL_STR("Failed to deserialize the JSON body into the target type: "),
                     row->body);
        CHECK_ENDS(answer.body, ol_str_of(row->text), row->body);
    }
    lab_stop(&it);
}

TEST("C7: a body without a JSON content type is 415")
{
    lab it;
    lab_start(&it, NULL);
    wire_answer answer = lab_send(&it, "POST", CALL, "", "{}");
    CHECK_EQ(answer.status, 415);
    CHECK_STR(answer.body, OL_STR("Expected request with `Content-Type: application/json`"));
    lab_stop(&it);
}

/* One lab for the header's faults: they touch no state. */
TEST("C8 C9 C10 C11 C12 C13 C14: the header's first fault is named")
{
    static const struct {
        const char *headers;
        int status;
        const char *error;
    } cases[] = {
        {"", 401, "Missing X-Payment-Key header"},
        {"Authorization: Bearer wk_x\r\n", 401,
         "A wallet API key identifies a wallet and does not pay for calls; send X-Payment-Key"},
        {"X-Payment-Key: alice.near:1\r\n", 400,
         "Invalid X-Payment-Key format: Expected format: owner:nonce:key"},
        {"X-Payment-Key: alice.near:x:" LAB_SECRET "\r\n", 400,
         "Invalid X-Payment-Key format: Invalid nonce"},
        {"X-Payment-Key: alice.near:4294967296:" LAB_SECRET "\r\n", 400,
         "Invalid X-Payment-Key format: Invalid nonce"},
        {"X-Payment-Key: :1:" LAB_SECRET "\r\n", 400,
         "Invalid X-Payment-Key format: Invalid owner"},
        {"X-Payment-Key: alice.near:1:\r\n", 400, "Invalid X-Payment-Key format: Empty key"},
        {"X-Payment-Key: "
         "alice.near:1:00112233445566778899aabbccddeeff00112233445566778899aabbccddeef\r\n",
         400, "Invalid X-Payment-Key format: Key must be exactly 64 hex characters (got 63 chars)"},
        {"X-Payment-Key: "
         "alice.near:1:g0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\r\n",
         400, "Invalid X-Payment-Key format: Key must contain only hex characters (0-9, a-f, A-F)"},
        {"X-Payment-Key: alice.near:1:" LAB_SECRET "\r\nX-Wallet-Id: rsa:00\r\n", 400,
         "Invalid X-Wallet-Id format. Expected 'ed25519:<hex>' or 'secp256k1:<hex>'"},
    };
    lab it;
    lab_start(&it, NULL);
    OL_EACH (row, cases) {
        wire_answer answer = lab_post(&it, CALL, row->headers, "{\"input\":1}");
        CHECK_STR_ROW(lab_member(&it, answer.body, "error"), ol_str_of(row->error), row->headers);
        CHECK_EQ_ROW(answer.status, row->status, row->headers);
    }
    lab_stop(&it);
}

TEST("C83: admin routes answer 401 without and 403 with a wrong credential, both empty")
{
    lab it;
    lab_start(&it, NULL);
    static const struct {
        const char *headers;
        int status;
    } cases[] = {
        {"", 401},
        {"Authorization: Basic eDp5\r\n", 401},
        {"Authorization: Bearer x\r\n", 403},
        {"Authorization: Bearer " LAB_ADMIN_TOKEN "\r\n", 200},
    };
    OL_EACH (row, cases) {
        wire_answer answer = lab_send(&it, "GET", "/admin/grant-keys", row->headers, "");
        CHECK_EQ_ROW(answer.status, row->status, row->headers);
        if (row->status != 200)
            CHECK_EQ_ROW(answer.body.len, 0, row->headers);
    }
    CHECK_EQ(lab_send(&it, "GET", "/admin/grant-keys", it.worker, "").status, 403);
    lab_stop(&it);
}

TEST("C84: hidden logs are taken on the private listener alone")
{
    lab it;
    lab_start(&it, NULL);
    const char *body =
        "{\"request_id\":1,\"job_id\":7,\"log_type\":\"compilation\",\"stderr\":\"e\"}";
    wire_answer answer = lab_post(&it, "/internal/system-logs", "", body);
    CHECK_EQ(answer.status, 404);
    CHECK_HAS(answer.body, OL_STR("Unknown endpoint"), "public");
    answer =
        lab_inner(&it, "POST", "/internal/system-logs", "Content-Type: application/json\r\n", body);
    CHECK_EQ(answer.status, 201);
    CHECK_STR(answer.body, OL_STR("{\"id\":1}"));
    answer = lab_send(&it, "GET", "/admin/compile-logs/7",
                      "Authorization: Bearer " LAB_ADMIN_TOKEN "\r\n", "");
    CHECK_EQ(answer.status, 200);
    CHECK_STR(lab_member(&it, answer.body, "0.stderr"), OL_STR("e"));
    CHECK_EQ(lab_inner(&it, "GET", "/metrics", "", "").status, 200);
    CHECK_EQ(lab_send(&it, "GET", "/metrics", "", "").status, 404);
    lab_stop(&it);
}

TEST("worker routes look at the credential, then the method, then the body")
{
    static const struct {
        const char *method;
        const char *headers;
        int status;
    } cases[] = {
        {"GET", "", 401},
        {"POST", "", 401},
        {"POST", "Authorization: Bearer nope\r\n", 401},
    };
    static const char *const paths[] = {
        "/jobs/claim",        "/jobs/complete", "/https-calls/complete",
        "/executions/create", "/locks/acquire", "/topup/complete",
        "/payment-keys/init", "/attestations",  "/wasm/upload"};
    lab it;
    lab_start(&it, NULL);
    OL_EACH (path, paths) {
        OL_EACH (row, cases) {
            wire_answer answer = lab_send(&it, row->method, *path, row->headers, "{");
            CHECK_EQ_ROW(answer.status, row->status, *path);
            CHECK_EQ_ROW(answer.body.len, 0, *path);
        }
        wire_answer wrong = lab_send(&it, "GET", *path, it.worker, "");
        CHECK_EQ_ROW(wrong.status, 405, *path);
        CHECK_STR_ROW(header_of(wrong, "allow"), OL_STR("POST"), *path);
    }
    lab_stop(&it);
}

TEST("a body beyond the route's limit is 413, and the connection goes on")
{
    lab it;
    lab_start(&it, NULL);
    size_t bytes = OL_MIB(10) + 1;
    char *body = malloc(bytes + 1);
    CHECK(body != NULL);
    memset(body, 'x', bytes);
    body[bytes] = 0;
    wire_answer answer = lab_post(&it, CALL, "", body);
    CHECK_EQ(answer.status, 413);
    CHECK_STR(answer.body, OL_STR("Failed to buffer the request body: length limit exceeded"));
    body[OL_MIB(2) + 1] = 0;
    answer =
        lab_inner(&it, "POST", "/internal/system-logs", "Content-Type: application/json\r\n", body);
    CHECK_EQ(answer.status, 413);
    free(body);
    lab_stop(&it);
}

static unsigned status_number(const lab *it, const char *name)
{
    ol_buf text = ol_buf_new(OL_KIB(64));
    ol_err err;
    char path[64];
    ol_str line;
    uint32_t number = 0;
    ol_buf name_path = ol_buf_over(path, sizeof path);
    ol_buf_addf(&name_path, "/proc/%d/status", (int)it->pid);
    ol_buf_add_char(&name_path, 0);
    CHECK_OK(ol_file_load(path, &text, &err));
    ol_str rest = ol_buf_str(&text);
    while (ol_str_next(&rest, '\n', &line)) {
        ol_str key;
        ol_str value;
        ol_str unit;
        if (!ol_str_cut(line, ':', &key, &value) || !ol_str_eq(key, ol_str_of(name)))
            continue;
        value = ol_str_trim(value);
        (void)ol_str_cut(value, ' ', &value, &unit);
        CHECK(ol_u32_parse(value, &number));
    }
    ol_buf_deinit(&text);
    return number;
}

TEST("clients that drip, stall or half-close cost no thread and little memory, and are cut in time")
{
    static const char *const starts[] = {
        "",
        "GET /health HTTP/1.1\r\nX: y",
        ("POST /call/bob.near/y HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
         "Content-Length: 10485760\r\n\r\n{\"input\":"),
        "POST /jobs/complete HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    };
    enum { SLOW = 200, KIB_EACH = 32 };
    static const char *const settings[] = {"HEAD_SECONDS=2", "BODY_SECONDS=2", NULL};
    static lab_pending slow[SLOW];
    lab it;
    lab_start(&it, settings);
    CHECK_EQ(lab_send(&it, "GET", "/health", "", "").status, 200);
    unsigned threads = status_number(&it, "Threads");
    unsigned anonymous = status_number(&it, "RssAnon");
    for (size_t i = 0; i < SLOW; i++) {
        slow[i] = lab_begin_raw(&it, ol_str_of(starts[i % OL_COUNT(starts)]));
        if (i % 2 == 0)
            CHECK(shutdown(slow[i].fd, SHUT_WR) == 0);
    }
    CHECK_EQ(lab_send(&it, "GET", "/health", "", "").status, 200);
    CHECK_EQ(status_number(&it, "Threads"), threads);
    unsigned after = status_number(&it, "RssAnon");
    CHECK(OL_SANITIZED_BUILD || after < anonymous + SLOW * KIB_EACH);
    for (size_t i = 0; i < SLOW; i++) {
        CHECK(lab_answered(&slow[i], LAB_WAIT_MS)); /* its end, or a refusal */
        lab_drop(&slow[i]);
    }
    lab_pending fresh = lab_begin(&it, "GET", "/health", "", ""); /* the idle one was cut too */
    CHECK_EQ(lab_finish(&fresh).status, 200);
    lab_drop(&fresh);
    lab_stop(&it);
}
