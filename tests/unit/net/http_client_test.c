#include "lib/net/http_client.h"

#include <stdio.h>
#include <string.h>

#include "tests/harness/http_stub.h"
#include "tests/harness/test.h"

static bool every_address(const ol_addr *address)
{
    (void)address;
    return true;
}

static ol_rc loopback(void *context, ol_str host, ol_addresses *ret, ol_err *err)
{
    (void)context, (void)host, (void)err;
    *ret = (ol_addresses){.count = 1, .addr = {{.bytes = {127, 0, 0, 1}}}};
    return OL_OK;
}

static void echo(void *context, const stub_request *request, stub_conn *conn)
{
    uint16_t *port = context;
    char headers[128];
    if (ol_str_eq(request->target, OL_STR("/away"))) {
        (void)snprintf(headers, sizeof headers, "Location: http://169.254.169.254/latest\r\n");
        stub_answer(conn, 302, headers, OL_STR("moved"));
    } else if (ol_str_starts(request->target, OL_STR("/hop"))) {
        (void)snprintf(headers, sizeof headers, "Location: %s\r\n",
                       ol_str_eq(request->target, OL_STR("/hop-end")) ? "/end" : "/hop");
        stub_answer(conn, 301, headers, OL_STR("moved"));
    } else if (ol_str_eq(request->target, OL_STR("/slow"))) {
        (void)stub_pause(conn, 20000);
    } else if (ol_str_eq(request->target, OL_STR("/endless"))) {
        (void)stub_write(conn, OL_STR("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"));
        char block[4096];
        memset(block, 'x', sizeof block);
        while (stub_write(conn, (ol_str){block, sizeof block})) {
        }
        stub_close(conn);
    } else {
        ol_buf body = ol_buf_new(OL_MIB(1));
        ol_buf_addf(&body, "%.*s %.*s %.*s", OL_FMT(request->method), OL_FMT(request->target),
                    OL_FMT(request->body));
        stub_answer(conn, 200, NULL, ol_buf_str(&body));
        ol_buf_deinit(&body);
    }
    (void)port;
}

typedef struct fixture {
    http_stub *stub;
    ol_http_client *client;
    ol_buf body;
    ol_http_answer answer;
    ol_err err;
    char url[128];
} fixture;

static fixture fixture_new(ol_http_options options)
{
    fixture f = {.stub = http_stub_start(echo, NULL), .body = ol_buf_new(65536)};
    f.client = ol_http_client_new(&options);
    CHECK(f.client != NULL);
    return f;
}

static void fixture_deinit(fixture *f)
{
    ol_http_client_free(f->client);
    http_stub_stop(f->stub);
    ol_buf_deinit(&f->body);
}

static ol_rc get(fixture *f, const char *host, const char *path, unsigned redirects, uint32_t ms)
{
    (void)snprintf(f->url, sizeof f->url, "http://%s:%u%s", host, http_stub_port(f->stub), path);
    const ol_http_request request = {.method = OL_STR("GET"),
                                     .url = ol_str_of(f->url),
                                     .redirects_max = redirects,
                                     .total_ms = ms};
    ol_buf_clear(&f->body);
    return ol_http_exchange(f->client, &request, &f->body, &f->answer, &f->err);
}

TEST("one connection serves request after request")
{
    OL_AUTO(fixture) f = fixture_new((ol_http_options){0});
    ol_err err = {0};
    for (int i = 0; i < 5; i++) {
        CHECK_OK(get(&f, "127.0.0.1", "/x", 0, 5000));
        CHECK_EQ(f.answer.status, 200);
        CHECK_STR(ol_buf_str(&f.body), OL_STR("GET /x "));
    }
    (void)snprintf(f.url, sizeof f.url, "http://127.0.0.1:%u/p", http_stub_port(f.stub));
    const ol_http_header header = {OL_STR("Content-Type"), OL_STR("application/json")};
    const ol_http_request post = {.method = OL_STR("POST"),
                                  .url = ol_str_of(f.url),
                                  .body = ol_str_bytes(OL_STR("{}")),
                                  .header = &header,
                                  .headers = 1,
                                  .total_ms = 5000};
    ol_buf_clear(&f.body);
    CHECK_OK(ol_http_exchange(f.client, &post, &f.body, &f.answer, &err));
    CHECK_STR(ol_buf_str(&f.body), OL_STR("POST /p {}"));
    CHECK_EQ(http_stub_connections(f.stub), 1);
}

TEST("an answer is counted while it is read")
{
    OL_AUTO(fixture) f = fixture_new((ol_http_options){0});
    CHECK_EQ(get(&f, "127.0.0.1", "/endless", 0, 20000), OL_ERR_LIMIT);
    CHECK(f.body.len <= 65536);
}

TEST("a server that says nothing is given up at the deadline")
{
    OL_AUTO(fixture) f = fixture_new((ol_http_options){0});
    CHECK_EQ(get(&f, "127.0.0.1", "/slow", 0, 100), OL_ERR_TIMEOUT);
}

TEST("redirects are followed as often as allowed, and no more")
{
    OL_AUTO(fixture) f = fixture_new((ol_http_options){0});
    ol_err err = {0};
    CHECK_OK(get(&f, "127.0.0.1", "/hop-end", 5, 5000));
    CHECK_STR(ol_buf_str(&f.body), OL_STR("GET /end "));
    CHECK_EQ(get(&f, "127.0.0.1", "/hop", 5, 5000), OL_ERR_NETWORK);
    CHECK_OK(get(&f, "127.0.0.1", "/hop", 0, 5000));
    CHECK_EQ(f.answer.status, 301);
}

TEST("with a filter a loopback address, by number or by name, is never connected to")
{
    OL_AUTO(fixture) f = fixture_new((ol_http_options){.allow = ol_addr_is_public});
    static const char *const hosts[] = {"127.0.0.1", "localhost", "[::1]", "127.1",
                                        "[::ffff:127.0.0.1]"};
    OL_EACH (host, hosts) {
        ol_rc rc = get(&f, *host, "/", 0, 5000);
        CHECK_ROW(rc == OL_ERR_FORBIDDEN || rc == OL_ERR_NETWORK, *host);
        if (rc == OL_ERR_FORBIDDEN)
            CHECK_STR_ROW(ol_err_text(&f.err),
                          OL_STR("destination blocked: internal/private/link-local address"),
                          *host);
    }
    CHECK_EQ(http_stub_connections(f.stub), 0);
}

static bool all_but_metadata(const ol_addr *address)
{
    return address->ipv6 || address->bytes[0] != 169;
}

TEST("W27: a redirect to an internal address is refused at that hop")
{
    OL_AUTO(fixture) f = fixture_new((ol_http_options){.allow = all_but_metadata});
    CHECK_EQ(get(&f, "127.0.0.1", "/away", 5, 5000), OL_ERR_FORBIDDEN);
    CHECK_EQ(http_stub_requests(f.stub), 1);
}

TEST("the connection goes to the address that was judged, not to a second look-up")
{
    OL_AUTO(fixture)
    f = fixture_new((ol_http_options){.allow = every_address, .resolve = loopback});
    ol_err err = {0};
    CHECK_OK(get(&f, "no-such-name.invalid", "/x", 0, 5000));
    CHECK_STR(ol_buf_str(&f.body), OL_STR("GET /x "));
}

TEST("a certificate counts only for its name and its authority")
{
    http_stub *stub = http_stub_start_tls(echo, NULL, "tls.example");
    ol_buf body = ol_buf_new(65536);
    ol_http_answer answer;
    ol_err err = {0};
    char url[128];
    (void)snprintf(url, sizeof url, "https://tls.example:%u/x", http_stub_port(stub));
    ol_http_options options = {
        .ca_file = http_stub_ca(stub), .allow = every_address, .resolve = loopback};
    ol_http_client *client = ol_http_client_new(&options);
    ol_http_request request = {
        .method = OL_STR("GET"), .url = ol_str_of(url), .total_ms = 5000, .tls_only = true};
    CHECK_OK(ol_http_exchange(client, &request, &body, &answer, &err));
    CHECK_STR(ol_buf_str(&body), OL_STR("GET /x "));
    (void)snprintf(url, sizeof url, "https://other.example:%u/x", http_stub_port(stub));
    request.url = ol_str_of(url);
    CHECK_EQ(ol_http_exchange(client, &request, &body, &answer, &err), OL_ERR_NETWORK);
    ol_http_client_free(client);
    options.ca_file = NULL;
    client = ol_http_client_new(&options);
    (void)snprintf(url, sizeof url, "https://tls.example:%u/x", http_stub_port(stub));
    request.url = ol_str_of(url);
    CHECK_EQ(ol_http_exchange(client, &request, &body, &answer, &err), OL_ERR_NETWORK);
    (void)snprintf(url, sizeof url, "http://tls.example:%u/x", http_stub_port(stub));
    request.url = ol_str_of(url);
    CHECK_EQ(ol_http_exchange(client, &request, &body, &answer, &err), OL_ERR_FORBIDDEN);
    ol_http_client_free(client);
    ol_buf_deinit(&body);
    http_stub_stop(stub);
}
