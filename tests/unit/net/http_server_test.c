#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/queue.h"
#include "lib/net/http_server.h"
#include "tests/harness/test.h"
#include "tests/harness/wire_client.h"

enum { WAIT_MS = 10000, SMALL_BODY = 1000 };

/* ---- A little program to serve: what it holds is answered by a thread of its own. */

typedef struct app {
    ol_web_server *server;
    ol_queue held;
    pthread_t answerer;
} app;

static void *answer_run(void *cls)
{
    app *a = cls;
    ol_web_request *request;
    while ((request = ol_queue_pop(&a->held, -1)) != NULL)
        ol_web_answer_text(request, 200, OL_STR("later"));
    return NULL;
}

static void echo(ol_web_request *request, void *context)
{
    (void)context;
    ol_web_answer(request, 200, OL_WEB_TYPE_BYTES, ol_web_body_of(request));
}

static void hello(ol_web_request *request, void *context)
{
    (void)context;
    ol_web_answer_static(request, 200, OL_WEB_TYPE_TEXT, OL_STR("OK"));
}

static void held(ol_web_request *request, void *context)
{
    app *a = context;
    ol_web_hold(request);
    ol_web_release_body(request);
    if (!ol_queue_push(&a->held, request))
        ol_web_answer_empty(request, 503);
}

static void params(ol_web_request *request, void *context)
{
    (void)context;
    ol_str text =
        ol_arena_printf(ol_web_arena(request), "%.*s|%.*s", OL_FMT(ol_web_param(request, 0)),
                        OL_FMT(ol_web_param(request, 1)));
    ol_web_answer_text(request, 200, text);
}

static void one_param(ol_web_request *request, void *context)
{
    (void)context;
    ol_web_answer_text(request, 200, ol_web_param(request, 0));
}

static void query(ol_web_request *request, void *context)
{
    const ol_web_field *field;
    size_t count;
    ol_err err;
    (void)context;
    if (ol_web_query(request, &field, &count, &err) != OL_OK) {
        ol_web_answer_text(request, 400, ol_err_text(&err));
        return;
    }
    ol_buf out = ol_buf_new(OL_KIB(64));
    for (size_t i = 0; i < count; i++)
        ol_buf_addf(&out, "%.*s=%.*s;", OL_FMT(field[i].name), OL_FMT(field[i].value));
    ol_web_answer_buf(request, 200, OL_WEB_TYPE_TEXT, &out);
}

static void ip(ol_web_request *request, void *context)
{
    (void)context;
    ol_web_answer_text(request, 200, ol_str_of(ol_web_client_ip(request)));
}

static bool gate_pass(ol_web_request *request, void *context)
{
    ol_str token;
    (void)context;
    if (ol_web_bearer(request, &token) && ol_str_eq(token, OL_STR("good")))
        return true;
    ol_web_answer_empty(request, 401);
    return false;
}

static const ol_web_gate GATE = {"test", gate_pass};
static const ol_web_cors OPEN = {true, "GET,POST,OPTIONS", "content-type"};
static const ol_web_cors LISTED = {false, "GET", "content-type"};

static const ol_web_route ROUTES[] = {
    {OL_WEB_GET, "/health", NULL, &LISTED, OL_WEB_BODY_NONE, 0, 0, hello},
    {OL_WEB_POST, "/echo", NULL, &OPEN, OL_WEB_BODY_ANY, OL_MIB(2), 0, echo},
    {OL_WEB_POST, "/json", NULL, &OPEN, OL_WEB_BODY_JSON, SMALL_BODY, 0, echo},
    {OL_WEB_POST, "/held", NULL, NULL, OL_WEB_BODY_ANY, OL_MIB(2), 0, held},
    {OL_WEB_GET, "/gated/{id:i64}", &GATE, NULL, OL_WEB_BODY_NONE, 0, 0, one_param},
    {OL_WEB_DELETE, "/gated/{id:i64}", &GATE, NULL, OL_WEB_BODY_NONE, 0, 0, one_param},
    {OL_WEB_GET, "/two/{a}/{b:u32}", NULL, NULL, OL_WEB_BODY_NONE, 0, 0, params},
    {OL_WEB_GET, "/call/{id:uuid}", NULL, NULL, OL_WEB_BODY_NONE, 0, 0, one_param},
    {OL_WEB_GET, "/query", NULL, NULL, OL_WEB_BODY_NONE, 0, 0, query},
    {OL_WEB_GET, "/limited", NULL, NULL, OL_WEB_BODY_NONE, 0, 1, hello},
    {OL_WEB_GET, "/two/{a}/literal", NULL, NULL, OL_WEB_BODY_NONE, 0, 0, one_param},
    {OL_WEB_POST, "/call/literal", NULL, NULL, OL_WEB_BODY_NONE, 0, 0, hello},
    {OL_WEB_GET, "/", NULL, NULL, OL_WEB_BODY_NONE, 0, 0, hello},
    {OL_WEB_GET, "/ip", NULL, NULL, OL_WEB_BODY_NONE, 0, 0, ip},
};

static const char *const ORIGINS[] = {"http://ok.example"};
static const char *const PROXIES[] = {"127.0.0.1"};

static void app_start(app *a, ol_web_settings set)
{
    ol_err err = {0};
    *a = (app){0};
    set.host = "127.0.0.1";
    set.routes = ROUTES;
    set.route_count = OL_COUNT(ROUTES);
    set.context = a;
    set.origins = ORIGINS;
    set.origin_count = OL_COUNT(ORIGINS);
    CHECK_OK(ol_queue_init(&a->held, 4096, &err));
    CHECK(pthread_create(&a->answerer, NULL, answer_run, a) == 0);
    CHECK_OK(ol_web_server_start(&set, &a->server, &err));
}

static void app_stop(app *a)
{
    ol_queue_close(&a->held);
    (void)pthread_join(a->answerer, NULL);
    ol_web_server_free(a->server);
    ol_queue_deinit(&a->held);
}

static wire_answer exchange(wire_client *client, const char *method, const char *path,
                            const char *headers, ol_str body)
{
    wire_answer answer;
    ol_buf request = ol_buf_new(OL_MIB(32));
    wire_request(&request, method, path, headers, body);
    CHECK(ol_buf_ok(&request));
    bool done = wire_exchange(client, ol_buf_str(&request), WAIT_MS, &answer);
    ol_buf_deinit(&request);
    wire_fault_print(client);
    CHECK_ROW(done, path);
    return answer;
}

static int raw_connect(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0);
    return fd;
}

/* ---- Behaviour. */

TEST("an unknown path is 404 with the JSON that verifiers know")
{
    app a;
    app_start(&a, (ol_web_settings){0});
    wire_client client = wire_client_new(ol_web_server_port(a.server));
    static const char *const paths[] = {"//",      "/nope",     "/health/",
                                        "/gated/", "/two/a/1/", "/two//1"};
    OL_EACH (path, paths) {
        wire_answer answer = exchange(&client, "GET", *path, "", OL_STR(""));
        CHECK_EQ_ROW(answer.status, 404, *path);
        CHECK_STR_ROW(answer.body,
                      OL_STR("{\"error\":\"not_found\",\"message\":\"Unknown endpoint\"}"), *path);
    }
    wire_client_deinit(&client);
    app_stop(&a);
}

TEST("a path answers its methods, HEAD with GET, and 405 with allow for others")
{
    app a;
    app_start(&a, (ol_web_settings){0});
    wire_client client = wire_client_new(ol_web_server_port(a.server));
    CHECK_STR(exchange(&client, "GET", "/health", "", OL_STR("")).body, OL_STR("OK"));
    CHECK_STR(exchange(&client, "GET", "/", "", OL_STR("")).body, OL_STR("OK"));
    wire_answer wrong = exchange(&client, "PATCH", "/health", "", OL_STR(""));
    CHECK_EQ(wrong.status, 405);
    CHECK_EQ(wrong.body.len, 0);
    ol_str allow = {0};
    CHECK(wire_header(wrong.head, OL_STR("allow"), &allow));
    CHECK_STR(allow, OL_STR("GET,HEAD"));
    wrong = exchange(&client, "POST", "/gated/1", "Authorization: Bearer good\r\n", OL_STR("x"));
    CHECK_EQ(wrong.status, 405);
    CHECK(wire_header(wrong.head, OL_STR("allow"), &allow));
    CHECK_STR(allow, OL_STR("GET,HEAD,DELETE"));
    wire_client_deinit(&client);
    app_stop(&a);
}

TEST("the gate of a path speaks before its method and its parameters")
{
    static const struct {
        const char *method;
        const char *path;
        const char *headers;
        int status;
    } cases[] = {
        {"GET", "/gated/1", "", 401},
        {"POST", "/gated/1", "", 401},
        {"GET", "/gated/x", "", 401},
        {"OPTIONS", "/gated/x", "", 200},
        {"GET", "/gated/1", "Authorization: bearer good\r\n", 401},
        {"GET", "/gated/1", "Authorization: Bearer  good\r\n", 401},
        {"GET", "/gated/1", "Authorization: Bearer good\r\n", 200},
        {"POST", "/gated/1", "Authorization: Bearer good\r\n", 405},
        {"GET", "/gated/x", "Authorization: Bearer good\r\n", 400},
    };
    app a;
    app_start(&a, (ol_web_settings){0});
    wire_client client = wire_client_new(ol_web_server_port(a.server));
    OL_EACH (row, cases)
        CHECK_EQ_ROW(exchange(&client, row->method, row->path, row->headers, OL_STR("")).status,
                     row->status, row->path);
    wire_client_deinit(&client);
    app_stop(&a);
}

TEST("a parameter that does not parse is 400 and named")
{
    static const struct {
        const char *path;
        int status;
        const char *body;
    } cases[] = {
        {"/two/a%2Fb/7", 200, "a/b|7"},
        {"/two/a/x", 400,
         "Invalid URL: Cannot parse value at index 1 with value `\"x\"` to a `u32`"},
        {"/two/a/4294967296", 400,
         "Invalid URL: Cannot parse value at index 1 with value `\"4294967296\"` to a `u32`"},
        {"/two/%ff/1", 400, "Invalid URL: Invalid UTF-8 in `a`"},
        {"/call/xyz", 400, "Invalid URL: UUID parsing failed: invalid character: found `x` at 0"},
        {"/call/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 200, "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"},
        {"/call/%7BAAAAAAAA-AAAA-AAAA-AAAA-AAAAAAAAAAAA%7D", 200,
         "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"},
        {"/call/aaaa", 400,
         "Invalid URL: UUID parsing failed: invalid length: expected length 32 for simple format, "
         "found 4"},
        {"/call/aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaa", 400,
         "Invalid URL: UUID parsing failed: invalid group length in group 4: expected 12, found "
         "11"},
        {"/call/a-b", 400,
         "Invalid URL: UUID parsing failed: invalid group count: expected 5, found 2"},
    };
    app a;
    app_start(&a, (ol_web_settings){0});
    wire_client client = wire_client_new(ol_web_server_port(a.server));
    OL_EACH (row, cases) {
        wire_answer answer = exchange(&client, "GET", row->path, "", OL_STR(""));
        CHECK_STR_ROW(answer.body, ol_str_of(row->body), row->path);
        CHECK_EQ_ROW(answer.status, row->status, row->path);
    }
    wire_client_deinit(&client);
    app_stop(&a);
}

TEST("a literal segment wins over a parameter, whatever the method")
{
    app a;
    app_start(&a, (ol_web_settings){0});
    wire_client client = wire_client_new(ol_web_server_port(a.server));
    CHECK_EQ(exchange(&client, "GET", "/call/literal", "", OL_STR("")).status, 405);
    CHECK_STR(exchange(&client, "POST", "/call/literal", "", OL_STR("")).body, OL_STR("OK"));
    CHECK_STR(exchange(&client, "GET", "/two/x/literal", "", OL_STR("")).body, OL_STR("x"));
    wire_client_deinit(&client);
    app_stop(&a);
}

TEST("query fields are decoded once, with + as a space")
{
    app a;
    app_start(&a, (ol_web_settings){0});
    wire_client client = wire_client_new(ol_web_server_port(a.server));
    wire_answer answer = exchange(&client, "GET", "/query?a=b+c%2Bd&e=%2525&f", "", OL_STR(""));
    CHECK_STR(answer.body, OL_STR("a=b c+d;e=%25;f=;"));
    ol_buf path = ol_buf_new(OL_KIB(8));
    ol_buf_add_str(&path, OL_STR("/query?"));
    for (int i = 0; i <= OL_WEB_QUERY_FIELDS_MAX; i++)
        ol_buf_addf(&path, "a%d=1&", i);
    ol_buf_add_char(&path, 0);
    answer = exchange(&client, "GET", (const char *)path.data, "", OL_STR(""));
    CHECK_EQ(answer.status, 400);
    ol_buf_deinit(&path);
    wire_client_deinit(&client);
    app_stop(&a);
}

TEST("a body goes through whole, and its limit is 413 on a connection that stays")
{
    app a;
    app_start(&a, (ol_web_settings){0});
    wire_client client = wire_client_new(ol_web_server_port(a.server));
    ol_buf body = ol_buf_new(OL_MIB(4));
    while (body.len <= OL_MIB(2))
        ol_buf_addf(&body, "%zu ", body.len);
    ol_str whole = ol_str_slice(ol_buf_str(&body), 0, OL_MIB(2));
    wire_answer answer = exchange(&client, "POST", "/echo", "", whole);
    CHECK_EQ(answer.status, 200);
    CHECK(ol_str_eq(answer.body, whole));
    answer = exchange(&client, "POST", "/echo", "", ol_buf_str(&body));
    CHECK_EQ(answer.status, 413);
    CHECK_STR(answer.body, OL_STR("Failed to buffer the request body: length limit exceeded"));
    answer = exchange(&client, "POST", "/echo", "", OL_STR("again"));
    CHECK_STR(answer.body, OL_STR("again"));
    ol_buf_deinit(&body);
    wire_client_deinit(&client);
    app_stop(&a);
}

TEST("a chunked body is joined, and limited like any other")
{
    app a;
    wire_answer answer;
    app_start(&a, (ol_web_settings){0});
    wire_client client = wire_client_new(ol_web_server_port(a.server));
    CHECK(wire_exchange(&client,
                        OL_STR("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                               "\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"),
                        WAIT_MS, &answer));
    CHECK_STR(answer.body, OL_STR("hello world"));
    ol_buf request = ol_buf_new(OL_KIB(64));
    ol_buf_addf(&request, "POST /json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                          "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 11; i++)
        ol_buf_addf(&request, "64\r\n%0100d\r\n", i);
    ol_buf_addf(&request, "0\r\n\r\n");
    CHECK(wire_exchange(&client, ol_buf_str(&request), WAIT_MS, &answer));
    CHECK_EQ(answer.status, 413);
    ol_buf_deinit(&request);
    wire_client_deinit(&client);
    app_stop(&a);
}

TEST("a JSON route wants a JSON content type, before it looks at the size")
{
    static const struct {
        const char *type;
        int status;
    } cases[] = {
        {"", 415},
        {"Content-Type: text/plain\r\n", 415},
        {"Content-Type: application/jsonx\r\n", 415},
        {"Content-Type: json\r\n", 415},
        {"Content-Type: text/json\r\n", 415},
        {"Content-Type: \r\n", 415},
        {"Content-Type: application/json\r\n", 413},
        {"Content-Type: Application/JSON; charset=utf-8\r\n", 413},
        {"Content-Type: application/vnd.x+json\r\n", 413},
    };
    app a;
    app_start(&a, (ol_web_settings){0});
    wire_client client = wire_client_new(ol_web_server_port(a.server));
    static const char large[SMALL_BODY + 1] = {'x'};
    OL_EACH (row, cases) {
        wire_answer answer =
            exchange(&client, "POST", "/json", row->type, (ol_str){large, sizeof large});
        CHECK_EQ_ROW(answer.status, row->status, row->type);
        if (row->status == 415)
            CHECK_STR(answer.body,
                      OL_STR("Expected request with `Content-Type: application/json`"));
    }
    wire_client_deinit(&client);
    app_stop(&a);
}

TEST("a held request is answered later, from another thread")
{
    app a;
    app_start(&a, (ol_web_settings){0});
    wire_client client = wire_client_new(ol_web_server_port(a.server));
    for (int i = 0; i < 200; i++) {
        wire_answer answer = exchange(&client, "POST", "/held", "", OL_STR("body"));
        CHECK_STR(answer.body, OL_STR("later"));
    }
    CHECK_EQ(ol_web_server_held(a.server), 0);
    wire_client_deinit(&client);
    app_stop(&a);
}

TEST("a preflight tells the path's policy, listed origins are echoed, others get nothing")
{
    app a;
    ol_str value = {0};
    app_start(&a, (ol_web_settings){0});
    wire_client client = wire_client_new(ol_web_server_port(a.server));
    wire_answer answer = exchange(&client, "OPTIONS", "/echo", "Origin: http://x\r\n", OL_STR(""));
    CHECK_EQ(answer.status, 200);
    CHECK(wire_header(answer.head, OL_STR("access-control-allow-origin"), &value));
    CHECK_STR(value, OL_STR("*"));
    CHECK(wire_header(answer.head, OL_STR("access-control-allow-methods"), &value));
    CHECK_STR(value, OL_STR("GET,POST,OPTIONS"));
    CHECK(wire_header(answer.head, OL_STR("allow"), &value));
    CHECK_STR(value, OL_STR("POST"));
    answer = exchange(&client, "GET", "/health", "Origin: http://ok.example\r\n", OL_STR(""));
    CHECK(wire_header(answer.head, OL_STR("access-control-allow-origin"), &value));
    CHECK_STR(value, OL_STR("http://ok.example"));
    answer = exchange(&client, "GET", "/health", "Origin: http://evil\r\n", OL_STR(""));
    CHECK(!wire_header(answer.head, OL_STR("access-control-allow-origin"), &value));
    CHECK_EQ(exchange(&client, "OPTIONS", "/nope", "", OL_STR("")).status, 404);
    wire_client_deinit(&client);
    app_stop(&a);
}

TEST("a rate group counts an address for sixty seconds, and says its limit")
{
    app a;
    ol_fake_clock clock = ol_fake_clock_at(1000000);
    app_start(&a, (ol_web_settings){.rate_limits = {[1] = 3}, .clock = &clock.clock});
    wire_client client = wire_client_new(ol_web_server_port(a.server));
    for (int i = 0; i < 3; i++)
        CHECK_EQ(exchange(&client, "GET", "/limited", "", OL_STR("")).status, 200);
    wire_answer answer =
        exchange(&client, "GET", "/limited", "X-Forwarded-For: 1.2.3.4\r\n", OL_STR(""));
    CHECK_EQ(answer.status, 429);
    CHECK_STR(answer.body,
              OL_STR("Rate limit exceeded: 3 requests/minute allowed. Try again later."));
    CHECK_EQ(exchange(&client, "GET", "/health", "", OL_STR("")).status, 200);
    wire_client_deinit(&client);
    app_stop(&a);
}

TEST("forwarded addresses count only from a configured proxy")
{
    app a;
    app_start(&a, (ol_web_settings){0});
    wire_client client = wire_client_new(ol_web_server_port(a.server));
    const char *forwarded = "X-Forwarded-For: 9.8.7.6, 1.1.1.1\r\nX-Real-IP: 5.5.5.5\r\n";
    CHECK_STR(exchange(&client, "GET", "/ip", forwarded, OL_STR("")).body, OL_STR("127.0.0.1"));
    wire_client_deinit(&client);
    app_stop(&a);
    app_start(&a, (ol_web_settings){.proxies = PROXIES, .proxy_count = OL_COUNT(PROXIES)});
    client = wire_client_new(ol_web_server_port(a.server));
    CHECK_STR(exchange(&client, "GET", "/ip", forwarded, OL_STR("")).body, OL_STR("9.8.7.6"));
    CHECK_STR(exchange(&client, "GET", "/ip", "X-Real-IP: 2001:db8::1\r\n", OL_STR("")).body,
              OL_STR("2001:db8::1"));
    CHECK_STR(exchange(&client, "GET", "/ip", "X-Forwarded-For: junk\r\n", OL_STR("")).body,
              OL_STR("127.0.0.1"));
    wire_client_deinit(&client);
    app_stop(&a);
}

TEST("too many headers are refused, and a head beyond the connection's memory too")
{
    app a;
    app_start(&a, (ol_web_settings){0});
    wire_client client = wire_client_new(ol_web_server_port(a.server));
    ol_buf headers = ol_buf_new(OL_KIB(64));
    for (int i = 0; i <= OL_WEB_HEADERS_MAX; i++)
        ol_buf_addf(&headers, "X-%d: 1\r\n", i);
    ol_buf_add_char(&headers, 0);
    CHECK_EQ(exchange(&client, "GET", "/health", (const char *)headers.data, OL_STR("")).status,
             431);
    ol_buf_clear(&headers);
    ol_buf_addf(&headers, "X: %0*d\r\n", OL_WEB_CONNECTION_BYTES, 0);
    ol_buf_add_char(&headers, 0);
    wire_answer answer =
        exchange(&client, "GET", "/health", (const char *)headers.data, OL_STR(""));
    CHECK(answer.status >= 400 && answer.status < 500);
    ol_buf_deinit(&headers);
    wire_client_deinit(&client);
    app_stop(&a);
}

/* Waits for the other side to end the connection; false after WAIT_MS. */
static bool ends(int fd)
{
    char bytes[4096];
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    while (poll(&poller, 1, WAIT_MS) == 1) {
        if (read(fd, bytes, sizeof bytes) <= 0)
            return true;
    }
    return false;
}

TEST("a head or body that drips in without end is cut at its deadline")
{
    static const char *const starts[] = {
        "",
        "GET /health HTTP/1.1\r\nX: y",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
    };
    app a;
    app_start(&a, (ol_web_settings){.head_seconds = 1, .body_seconds = 1});
    OL_EACH (start, starts) {
        int fd = raw_connect(ol_web_server_port(a.server));
        CHECK(write(fd, *start, strlen(*start)) == (ssize_t)strlen(*start));
        CHECK_ROW(ends(fd), *start);
        (void)close(fd);
    }
    app_stop(&a);
}

TEST("a peer that half-closes still gets its answer")
{
    app a;
    static const char text[] = "POST /held HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nz";
    app_start(&a, (ol_web_settings){0});
    int fd = raw_connect(ol_web_server_port(a.server));
    CHECK(write(fd, text, sizeof text - 1) == (ssize_t)sizeof text - 1);
    CHECK(shutdown(fd, SHUT_WR) == 0);
    char answer[512] = {0};
    size_t len = 0;
    for (ssize_t n; (n = read(fd, answer + len, sizeof answer - 1 - len)) > 0;)
        len += (size_t)n;
    CHECK_STARTS(ol_str_of(answer), OL_STR("HTTP/1.1 200"), "answer");
    CHECK_ENDS(ol_str_of(answer), OL_STR("later"), "answer");
    (void)close(fd);
    app_stop(&a);
}

TEST("the server counts answers by row and class")
{
    app a;
    ol_web_count count;
    app_start(&a, (ol_web_settings){0});
    wire_client client = wire_client_new(ol_web_server_port(a.server));
    (void)exchange(&client, "GET", "/health", "", OL_STR(""));
    (void)exchange(&client, "GET", "/health", "", OL_STR(""));
    (void)exchange(&client, "GET", "/nope", "", OL_STR(""));
    CHECK(ol_web_server_count(a.server, 0, &count));
    CHECK_EQ(count.by_class[2], 2);
    CHECK(ol_web_server_count(a.server, OL_COUNT(ROUTES), &count));
    CHECK_EQ(count.by_class[4], 1);
    CHECK(!ol_web_server_count(a.server, OL_COUNT(ROUTES) + 1, &count));
    wire_client_deinit(&client);
    app_stop(&a);
}
