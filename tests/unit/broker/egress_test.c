#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/http_stub.h"
#include "tests/harness/test.h"
#include "tests/unit/broker/fake_run.h"

enum { HOST_LIMIT_MS = 120 }; /* in place of thirty seconds */

static void serve(void *context, const stub_request *request, stub_conn *conn)
{
    (void)context;
    if (ol_str_eq(request->target, OL_STR("/silent"))) {
        (void)stub_pause(conn, 20000);
        stub_close(conn);
    } else if (ol_str_eq(request->target, OL_STR("/stalls"))) {
        (void)stub_write(conn, OL_STR("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"));
        (void)stub_pause(conn, 20000);
        stub_close(conn);
    } else if (ol_str_eq(request->target, OL_STR("/cut"))) {
        (void)stub_write(conn, OL_STR("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"));
        stub_close(conn);
    } else if (ol_str_eq(request->target, OL_STR("/moved"))) {
        stub_answer(conn, 302, "Location: http://169.254.169.254/\r\n", OL_STR("away"));
    } else if (ol_str_eq(request->target, OL_STR("/nonsense"))) {
        (void)stub_write(conn, OL_STR("HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"));
        stub_close(conn);
    } else if (ol_str_starts(request->target, OL_STR("/endless"))) {
        static const char head[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
        (void)stub_write(conn, ol_str_of(head));
        char *block = calloc(1, OL_MIB(1));
        while (stub_write(conn, (ol_str){block, OL_MIB(1)})) {
        }
        free(block);
        stub_close(conn);
    } else if (ol_str_eq(request->target, OL_STR("/echo"))) {
        stub_answer(conn, 200, "Connection: keep-alive\r\nKeep-Alive: timeout=5\r\nX-One: 1\r\n",
                    request->body);
    } else { /* what the server saw */
        stub_answer(conn, 200, NULL, request->head);
    }
}

typedef struct names {
    unsigned asked;
} names;

static ol_rc resolve(void *context, ol_str host, ol_addresses *ret, ol_err *err)
{
    names *n = context;
    __atomic_fetch_add(&n->asked, 1, __ATOMIC_SEQ_CST);
    if (ol_str_eq(host, OL_STR("unknown.example")))
        return ol_fail(err, OL_ERR_NETWORK, "Name or service not known");
    *ret = (ol_addresses){.count = 1, .addr = {{.bytes = {127, 0, 0, 1}}}};
    if (ol_str_eq(host, OL_STR("mixed.example")))
        *ret = (ol_addresses){.count = 2,
                              .addr = {{.bytes = {127, 0, 0, 1}}, {.bytes = {10, 0, 0, 1}}}};
    return OL_OK;
}

/* This machine plays the public network; everything else is judged as ever. */
static bool allow(const ol_addr *address)
{
    return (!address->ipv6 && address->bytes[0] == 127) || ol_addr_is_public(address);
}

/* Outlives every test: a look-up may end after the test that began it. */
static names resolver;

typedef struct fixture {
    http_stub *stub;
    ol_broker *broker;
    ol_run *run;
    ol_run_host host;
    ol_str list[4];
    ol_broker_run about;
} fixture;

static void fixture_deinit(fixture *f)
{
    ol_broker_end(f->broker);
    ol_broker_close(f->broker);
    http_stub_stop(f->stub);
    fake_run_free(f->run);
}

static void fixture_init(fixture *f, const char *tls_host, uint32_t head_ms)
{
    ol_err err = {0};
    __atomic_store_n(&resolver.asked, 0, __ATOMIC_SEQ_CST);
    f->stub = tls_host != NULL ? http_stub_start_tls(serve, NULL, tls_host)
                               : http_stub_start(serve, NULL);
    const ol_broker_plan plan = {.allow = allow,
                                 .resolve = resolve,
                                 .resolve_context = &resolver,
                                 .ca_file = http_stub_ca(f->stub),
                                 .http_head_ms = head_ms,
                                 .http_idle_ms = head_ms};
    CHECK_OK(ol_broker_open(&plan, &f->broker, &err));
    f->run = fake_run_new();
    f->host = ol_broker_host(f->broker);
    f->about = (ol_broker_run){.network = {.kind = OL_NETWORK_PUBLIC}, .instructions_max = 777};
    ol_broker_begin(f->broker, &f->about);
}

static void allow_only(fixture *f, const char *host)
{
    f->list[0] = ol_str_of(host);
    f->about.network = (ol_network_policy){OL_NETWORK_HOSTS, f->list, 1};
    ol_broker_begin(f->broker, &f->about);
}

static char authority_text[200];

static const char *at(const fixture *f, const char *host)
{
    (void)snprintf(authority_text, sizeof authority_text, "%s:%u", host, http_stub_port(f->stub));
    return authority_text;
}

static void open_request(fixture *f, uint32_t id, const char *method, const char *scheme,
                         const char *authority, const char *path, bool body)
{
    static const ol_frame_pair headers[] = {
        {{(const uint8_t *)"x-guest", 7}, {(const uint8_t *)"1", 1}},
        {{(const uint8_t *)"host", 4}, {(const uint8_t *)"evil", 4}},
        {{(const uint8_t *)"transfer-encoding", 17}, {(const uint8_t *)"gzip", 4}},
        {{(const uint8_t *)"content-length", 14}, {(const uint8_t *)"99", 2}},
    };
    const ol_frame_http_open request = {.method = ol_str_of(method),
                                        .scheme = ol_str_of(scheme),
                                        .authority = ol_str_of(authority),
                                        .path = ol_str_of(path),
                                        .headers = headers,
                                        .headers_count = OL_COUNT(headers),
                                        .body_bytes = -1,
                                        .has_body = body};
    f->host.http_open(f->host.env, f->run, id, &request);
}

static bool has_head_1(const ol_run *run)
{
    return run->stream[1].head || run->stream[1].failed;
}

static bool finished_1(const ol_run *run)
{
    return run->stream[1].ended || run->stream[1].failed || run->answered;
}

/* Pulls until the stream ends or fails. */
static void drain(fixture *f, uint32_t id)
{
    OL_ASSERT(id == 1);
    CHECK(fake_run_until(f->run, &f->host, has_head_1));
    fake_stream *stream = &f->run->stream[id];
    while (!stream->ended && !stream->failed) {
        f->run->answered = false;
        f->host.http_pull(f->host.env, f->run, id);
        CHECK(fake_run_until(f->run, &f->host, finished_1));
    }
}

static void check_refused(fixture *f, const char *authority, const char *text)
{
    fake_run_free(f->run);
    f->run = fake_run_new();
    open_request(f, 1, "GET", "http", authority, "/", false);
    CHECK(fake_run_until(f->run, &f->host, has_head_1));
    CHECK_ROW(f->run->stream[1].failed, authority);
    CHECK_EQ_ROW(f->run->stream[1].code, 0, authority);
    CHECK_STR_ROW(ol_str_of(f->run->stream[1].text), ol_str_of(text), authority);
}

static const char BLOCKED[] = "destination blocked: internal/private/link-local address";

TEST("H18, H19, H20: internal addresses are blocked, by number, in IPv6 and behind names")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, NULL, 5000);
    check_refused(&f, "169.254.169.254", BLOCKED);
    check_refused(&f, "[::ffff:10.0.0.1]", BLOCKED);
    check_refused(&f, "[::1]:80", BLOCKED);
    check_refused(&f, "mixed.example", BLOCKED);
    check_refused(&f, "unknown.example", "dns resolution failed: Name or service not known");
    check_refused(&f, "", "request has no host");
    CHECK_EQ(http_stub_connections(f.stub), 0);
}

TEST("H21, H22: the list of hosts is judged by whole names before any is looked up")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, "a.com", 5000);
    allow_only(&f, "a.com");
    open_request(&f, 1, "GET", "https", at(&f, "A.com."), "/x?y=1", false);
    drain(&f, 1);
    CHECK_STR(ol_str_of(f.run->stream[1].text), OL_STR(""));
    CHECK_EQ(f.run->stream[1].status, 200);
    CHECK_STARTS(ol_buf_str(&f.run->stream[1].body), OL_STR("GET /x?y=1 HTTP/1.1\r\n"), "head");
    CHECK_EQ(resolver.asked, 1);
    check_refused(&f, "b.a.com",
                  "host \"b.a.com\" is not in the project's manifest network allowlist");
    check_refused(&f, "a.com.evil.example",
                  "host \"a.com.evil.example\" is not in the project's manifest network allowlist");
    CHECK_EQ(resolver.asked, 1);
    const ol_egress_record *record;
    CHECK_EQ(ol_broker_records(f.broker, &record), 3);
    CHECK(record[0].allowed && !record[1].allowed && !record[2].allowed);
    CHECK_STR(ol_str_of(record[1].host), OL_STR("b.a.com"));
}

TEST("H23: a connector without a manifest reaches nothing")
{
    ol_manifest none = {0};
    ol_network_policy policy = ol_network_policy_of(
        &none, ol_project_is_connector(OL_STR("connectors.outlayer.near/bank")));
    CHECK_EQ(policy.kind, OL_NETWORK_NONE);
    CHECK(!ol_network_allows(&policy, OL_STR("a.com")));
    CHECK(!ol_project_is_connector(OL_STR("x.connectors.outlayer.near/bank")));
    policy = ol_network_policy_of(&none, false);
    CHECK(ol_network_allows(&policy, OL_STR("a.com")));
    ol_manifest connector = {.connector_id = OL_STR("bank")};
    policy = ol_network_policy_of(&connector, false);
    CHECK_EQ(policy.kind, OL_NETWORK_NONE);
    ol_manifest empty = {.has_network = true};
    policy = ol_network_policy_of(&empty, false);
    CHECK(!ol_network_allows(&policy, OL_STR("a.com")));
}

TEST("forbidden headers leave neither the guest nor the server, and redirects are not followed")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, NULL, 5000);
    open_request(&f, 1, "GET", "http", at(&f, "h.example"), "/head", false);
    drain(&f, 1);
    ol_str seen = ol_buf_str(&f.run->stream[1].body);
    size_t where;
    CHECK(ol_str_find(seen, OL_STR("x-guest: 1\r\n"), &where));
    CHECK(ol_str_find(seen, OL_STR("Host: h.example:"), &where));
    CHECK(!ol_str_find(seen, OL_STR("evil"), &where));
    CHECK(!ol_str_find(seen, OL_STR("gzip"), &where));
    CHECK(!ol_str_find(seen, OL_STR("content-length"), &where));
    CHECK(!ol_str_find(seen, OL_STR("Accept"), &where));
    CHECK(!ol_str_find(seen, OL_STR("User-Agent"), &where));
    fake_run_free(f.run);
    f.run = fake_run_new();
    open_request(&f, 1, "GET", "http", at(&f, "h.example"), "/moved", false);
    drain(&f, 1);
    CHECK_EQ(f.run->stream[1].status, 302);
    CHECK_STR(ol_buf_str(&f.run->stream[1].body), OL_STR("away"));
    CHECK_HAS(ol_buf_str(&f.run->stream[1].headers), OL_STR("location: http://169.254.169.254/\n"),
              "headers");
}

TEST("bodies stream both ways, in pieces, and come back whole")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, NULL, 5000);
    enum { PIECE = 50000, PIECES = 60 };
    char *piece = malloc(PIECE);
    ol_buf sent = ol_buf_new(OL_MIB(8));
    OL_ASSERT(piece != NULL);
    open_request(&f, 1, "POST", "http", at(&f, "h.example"), "/echo", true);
    for (int i = 0; i < PIECES; i++) {
        memset(piece, 'a' + i % 26, PIECE);
        ol_buf_add_str(&sent, (ol_str){piece, PIECE});
        f.host.http_send(f.host.env, f.run, 1, (ol_bytes){(const uint8_t *)piece, PIECE},
                         i == PIECES - 1);
    }
    drain(&f, 1);
    CHECK(f.run->stream[1].ended);
    CHECK_EQ(f.run->stream[1].body.len, PIECE * PIECES);
    CHECK(ol_bytes_eq(ol_buf_bytes(&f.run->stream[1].body), ol_buf_bytes(&sent)));
    size_t where;
    ol_str headers = ol_buf_str(&f.run->stream[1].headers);
    CHECK(ol_str_find(headers, OL_STR("x-one: 1\n"), &where));
    CHECK(!ol_str_find(headers, OL_STR("keep-alive"), &where));
    CHECK(!ol_str_find(headers, OL_STR("connection"), &where));
    ol_buf_deinit(&sent);
    free(piece);
}

TEST("a guest that does not read is not read for, and the budget of bodies ends the stream")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, NULL, 5000);
    open_request(&f, 1, "GET", "http", at(&f, "h.example"), "/endless", false);
    drain(&f, 1);
    CHECK(f.run->stream[1].failed);
    CHECK_STR(ol_str_of(f.run->stream[1].text), OL_STR("HTTP budget exceeded"));
    CHECK(f.run->stream[1].body.len <= OL_HTTP_BODIES_BYTES_MAX);
    CHECK(f.run->stream[1].body.len > OL_HTTP_BODIES_BYTES_MAX - OL_MIB(1));
}

TEST("request 257 of a run is beyond its budget")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, NULL, 5000);
    for (uint32_t i = 1; i <= 256; i++) {
        open_request(&f, i, "GET", "http", "10.0.0.1", "/", false);
        CHECK_STR(ol_str_of(f.run->stream[i].text), ol_str_of(BLOCKED));
    }
    open_request(&f, 257, "GET", "http", "10.0.0.1", "/", false);
    CHECK_STR(ol_str_of(f.run->stream[257].text), OL_STR("HTTP budget exceeded"));
    const ol_egress_record *record;
    CHECK_EQ(ol_broker_records(f.broker, &record), 256);
}

TEST("H25: the second request that takes too long ends the run with full charge")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, NULL, HOST_LIMIT_MS);
    open_request(&f, 1, "GET", "http", at(&f, "h.example"), "/silent", false);
    CHECK(fake_run_until(f.run, &f.host, has_head_1));
    CHECK(f.run->stream[1].failed);
    CHECK_EQ(f.run->stream[1].code, 1); /* connection-timeout */
    CHECK(!f.run->over);
    open_request(&f, 2, "GET", "http", at(&f, "h.example"), "/silent", false);
    CHECK(fake_run_until(f.run, &f.host, fake_over));
    CHECK_EQ(f.run->class, OL_RUN_EGRESS_PENALTY);
    CHECK_STR(ol_str_of(f.run->text),
              OL_STR("Execution terminated: 2 HTTP requests exceeded 30s timeout limit (penalty). "
                     "Full execution cost is charged with no refund (consumed 777 instructions)"));
    f.run->over = false;
    check_refused(&f, "h.example", "Execution aborted: 2 HTTP requests exceeded 30s timeout");
}

TEST("a limit the guest shortened itself is no abuse")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, NULL, 20000);
    for (uint32_t i = 0; i < 3; i++) {
        fake_run_free(f.run);
        f.run = fake_run_new();
        char authority[300];
        (void)snprintf(authority, sizeof authority, "%s", at(&f, "h.example"));
        const ol_frame_http_open request = {.method = OL_STR("GET"),
                                            .scheme = OL_STR("http"),
                                            .authority = ol_str_of(authority),
                                            .path = OL_STR("/silent"),
                                            .body_bytes = -1,
                                            .first_byte_timeout_ms = 50};
        f.host.http_open(f.host.env, f.run, 1, &request);
        CHECK(fake_run_until(f.run, &f.host, has_head_1));
        CHECK_EQ(f.run->stream[1].code, 1);
        CHECK(!f.run->over);
    }
}

TEST("a body that stalls or is cut fails where it broke")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, NULL, HOST_LIMIT_MS);
    open_request(&f, 1, "GET", "http", at(&f, "h.example"), "/stalls", false);
    drain(&f, 1);
    CHECK(f.run->stream[1].failed);
    CHECK_EQ(f.run->stream[1].code, 4); /* connection-read-timeout */
    CHECK_STR(ol_buf_str(&f.run->stream[1].body), OL_STR("abc"));
    fake_run_free(f.run);
    f.run = fake_run_new();
    open_request(&f, 1, "GET", "http", at(&f, "h.example"), "/cut", false);
    drain(&f, 1);
    CHECK_EQ(f.run->stream[1].code, 3); /* connection-terminated */
    CHECK(!f.run->over);
}

TEST("a server that speaks no HTTP, or has the wrong name, is an error of its kind")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, "right.example", 5000);
    open_request(&f, 1, "GET", "https", at(&f, "wrong.example"), "/", false);
    drain(&f, 1);
    CHECK(f.run->stream[1].failed);
    CHECK_EQ(f.run->stream[1].code, 5); /* TLS-certificate-error */
    fake_run_free(f.run);
    f.run = fake_run_new();
    open_request(&f, 1, "GET", "https", at(&f, "right.example"), "/nonsense", false);
    drain(&f, 1);
    CHECK_EQ(f.run->stream[1].code, 7); /* HTTP-protocol-error */
}

static void request_call(fixture *f, const char *method, const char *url, const char *header,
                         const char *body, uint64_t timeout_ms, uint64_t max_bytes)
{
    const ol_host_value values[] = {{.bytes = ol_str_bytes(ol_str_of(method))},
                                    {.bytes = ol_str_bytes(ol_str_of(url))},
                                    {.number = 1},
                                    {.bytes = ol_str_bytes(ol_str_of(header))},
                                    {.bytes = ol_str_bytes(OL_STR("v"))},
                                    {.bytes = ol_str_bytes(ol_str_of(body))},
                                    {.number = timeout_ms},
                                    {.number = max_bytes}};
    f->run->answered = false;
    f->host.call(f->host.env, f->run, 1, OL_FN_HTTP_REQUEST, values, OL_COUNT(values));
    CHECK(fake_run_until(f->run, &f->host, fake_answered));
}

TEST("outlayer:http goes through the same policy and answers in one piece")
{
    OL_AUTO(fixture) f = {0};
    char url[400];
    fixture_init(&f, NULL, 5000);
    (void)snprintf(url, sizeof url, "http://%s/echo", at(&f, "h.example"));
    request_call(&f, "POST", url, "x-any", "hello", 0, 0);
    CHECK_EQ(f.run->number[0], 0);
    CHECK_EQ(f.run->number[1], 200);
    CHECK_STR(fake_value(f.run, 3), OL_STR("hello"));
    request_call(&f, "POST", url, "x-any", "hello", 0, 4);
    CHECK_EQ(f.run->number[0], 1);
    CHECK_STR(fake_value(f.run, 1), OL_STR("response body larger than max-bytes"));
    request_call(&f, "POST", url, "Host", "", 0, 0);
    CHECK_STR(fake_value(f.run, 1), OL_STR("forbidden header"));
    request_call(&f, "GET", "http://10.1.1.1/", "x", "", 0, 0);
    CHECK_STR(fake_value(f.run, 1), ol_str_of(BLOCKED));
    request_call(&f, "GET", "ftp://a.example/", "x", "", 0, 0);
    CHECK_STARTS(fake_value(f.run, 1), OL_STR("invalid URL: "), "scheme");
    (void)snprintf(url, sizeof url, "http://%s/silent", at(&f, "h.example"));
    request_call(&f, "GET", url, "x", "", 60, 0);
    CHECK_STR(fake_value(f.run, 1), OL_STR("connection timed out"));
    allow_only(&f, "other.example");
    request_call(&f, "GET", url, "x", "", 60, 0);
    CHECK_STR(fake_value(f.run, 1),
              OL_STR("host \"h.example\" is not in the project's manifest network allowlist"));
}

TEST("many requests at once are served together, and dropped ones are forgotten")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, NULL, 5000);
    open_request(&f, 2, "GET", "http", at(&f, "h.example"), "/silent", false);
    open_request(&f, 3, "GET", "http", at(&f, "h.example"), "/endless", false);
    open_request(&f, 1, "GET", "http", at(&f, "h.example"), "/echo", false);
    drain(&f, 1);
    CHECK(f.run->stream[1].ended);
    f.host.http_drop(f.host.env, f.run, 2);
    f.host.http_drop(f.host.env, f.run, 3);
    CHECK(!f.run->stream[2].failed);
    fake_run_free(f.run);
    f.run = fake_run_new();
    for (uint32_t i = 1; i <= 40; i++)
        open_request(&f, i, "GET", "http", at(&f, "h.example"), "/silent", false);
    CHECK_STR(ol_str_of(f.run->stream[40].text), OL_STR("HTTP budget exceeded"));
    CHECK(!f.run->stream[30].failed);
}
