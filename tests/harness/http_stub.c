#include "tests/harness/http_stub.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "tests/harness/test_ca.h"

enum { CONNECTIONS_MAX = 256 };

struct stub_conn {
    http_stub *stub;
    int socket;
    SSL *tls;
    pthread_t thread;
    bool closing;
    ol_buf in;
};

struct http_stub {
    stub_handler *handler;
    void *context;
    int listener;
    int stop; /* an event: readable once the server stops */
    uint16_t port;
    SSL_CTX *tls;
    char ca[64];
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    unsigned requests;
    unsigned connections;
    stub_conn *conn[CONNECTIONS_MAX];
};

static bool receive(stub_conn *conn)
{
    struct pollfd ready[2] = {{.fd = conn->socket, .events = POLLIN},
                              {.fd = conn->stub->stop, .events = POLLIN}};
    if (conn->tls == NULL || SSL_pending(conn->tls) == 0) {
        if (poll(ready, 2, -1) < 0 || ready[1].revents != 0)
            return false;
    }
    uint8_t *at = ol_buf_reserve(&conn->in, 16384);
    OL_ASSERT(at != NULL);
    ssize_t got =
        conn->tls != NULL ? SSL_read(conn->tls, at, 16384) : read(conn->socket, at, 16384);
    if (got <= 0)
        return false;
    conn->in.len += (size_t)got;
    return true;
}

bool stub_write(stub_conn *conn, ol_str bytes)
{
    while (bytes.len > 0) {
        size_t part = bytes.len > 65536 ? 65536 : bytes.len;
        ssize_t put = conn->tls != NULL ? SSL_write(conn->tls, bytes.data, (int)part)
                                        : send(conn->socket, bytes.data, part, MSG_NOSIGNAL);
        if (put <= 0)
            return false;
        bytes = ol_str_slice(bytes, (size_t)put, bytes.len);
    }
    return true;
}

void stub_answer(stub_conn *conn, int status, const char *headers, ol_str body)
{
    char head[2048];
    int n = snprintf(head, sizeof head, "HTTP/1.1 %d Scripted\r\nContent-Length: %zu\r\n%s\r\n",
                     status, body.len, headers != NULL ? headers : "");
    OL_ASSERT(n > 0 && (size_t)n < sizeof head);
    ol_buf all = ol_buf_new(body.len + (size_t)n);
    ol_buf_add_str(&all, (ol_str){head, (size_t)n});
    ol_buf_add_str(&all, body);
    (void)stub_write(conn, ol_buf_str(&all));
    ol_buf_deinit(&all);
}

void stub_answer_view(stub_conn *conn, ol_str json, unsigned height)
{
    ol_buf body = ol_buf_new(OL_MIB(4));
    ol_buf_add_str(&body, OL_STR("{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{\"result\":["));
    for (size_t i = 0; i < json.len; i++)
        ol_buf_addf(&body, "%s%u", i > 0 ? "," : "", (unsigned)(unsigned char)json.data[i]);
    ol_buf_addf(&body, "],\"logs\":[],\"block_height\":%u,\"block_hash\":\"x\"}}", height);
    stub_answer(conn, 200, "Content-Type: application/json\r\n", ol_buf_str(&body));
    ol_buf_deinit(&body);
}

void stub_close(stub_conn *conn)
{
    conn->closing = true;
}

bool stub_pause(stub_conn *conn, int ms)
{
    int64_t end = ol_mono_ns(ol_clock_real()) / 1000000 + ms;
    for (;;) {
        int64_t left = end - ol_mono_ns(ol_clock_real()) / 1000000;
        struct pollfd ready[2] = {{.fd = conn->stub->stop, .events = POLLIN},
                                  {.fd = conn->socket, .events = POLLRDHUP}};
        if (left <= 0)
            return true;
        int rc = poll(ready, 2, (int)left);
        if (rc > 0)
            return false;
    }
}

ol_str stub_header(const stub_request *request, const char *name)
{
    ol_str rest = request->head;
    ol_str line;
    while (ol_str_next(&rest, '\n', &line)) {
        ol_str key;
        ol_str value;
        if (ol_str_cut(line, ':', &key, &value) && ol_str_eq_nocase(key, ol_str_of(name)))
            return ol_str_trim(value);
    }
    return OL_STR("");
}

static bool read_chunked(stub_conn *conn, size_t at, ol_buf *body)
{
    for (;;) {
        size_t end;
        while (!ol_str_find(ol_str_slice(ol_buf_str(&conn->in), at, conn->in.len), OL_STR("\r\n"),
                            &end)) {
            if (!receive(conn))
                return false;
        }
        size_t size = strtoul((const char *)conn->in.data + at, NULL, 16);
        at += end + 2;
        while (conn->in.len < at + size + 2) {
            if (!receive(conn))
                return false;
        }
        ol_buf_add_str(body, ol_str_slice(ol_buf_str(&conn->in), at, at + size));
        at += size + 2;
        if (size == 0)
            return true;
    }
}

/* One request; false ends the connection. Pipelining is not spoken. */
static bool serve_one(stub_conn *conn)
{
    size_t end;
    ol_buf_clear(&conn->in);
    while (!ol_str_find(ol_buf_str(&conn->in), OL_STR("\r\n\r\n"), &end)) {
        if (!receive(conn))
            return false;
    }
    pthread_mutex_lock(&conn->stub->lock);
    (void)__atomic_fetch_add(&conn->stub->requests, 1, __ATOMIC_RELAXED); /* read without it */
    pthread_cond_broadcast(&conn->stub->arrived);
    pthread_mutex_unlock(&conn->stub->lock);
    ol_buf head = ol_buf_new(65536);
    ol_buf body = ol_buf_new(OL_MIB(64));
    ol_buf_add_str(&head, ol_str_slice(ol_buf_str(&conn->in), 0, end + 2));
    stub_request request = {.head = ol_buf_str(&head)};
    ol_str rest = request.head;
    (void)ol_str_next(&rest, ' ', &request.method);
    (void)ol_str_next(&rest, ' ', &request.target);
    bool ok = true;
    uint64_t length = 0;
    if (ol_str_eq_nocase(stub_header(&request, "transfer-encoding"), OL_STR("chunked"))) {
        ok = read_chunked(conn, end + 4, &body);
    } else if (ol_u64_parse(stub_header(&request, "content-length"), &length)) {
        while (ok && conn->in.len < end + 4 + length)
            ok = receive(conn);
        ol_buf_add_str(&body, ol_str_slice(ol_buf_str(&conn->in), end + 4, conn->in.len));
    }
    request.body = ol_buf_str(&body);
    if (ok)
        conn->stub->handler(conn->stub->context, &request, conn);
    ol_buf_deinit(&head);
    ol_buf_deinit(&body);
    return ok && !conn->closing;
}

static void *serve(void *context)
{
    stub_conn *conn = context;
    if (conn->tls == NULL || SSL_accept(conn->tls) == 1) {
        while (serve_one(conn)) {
        }
    }
    if (conn->tls != NULL)
        (void)SSL_shutdown(conn->tls);
    (void)shutdown(conn->socket, SHUT_RDWR);
    return NULL;
}

static void *accept_all(void *context)
{
    http_stub *stub = context;
    for (;;) {
        struct pollfd ready[2] = {{.fd = stub->listener, .events = POLLIN},
                                  {.fd = stub->stop, .events = POLLIN}};
        if (poll(ready, 2, -1) < 0 || ready[1].revents != 0)
            return NULL;
        int fd = accept4(stub->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        int on = 1;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        stub_conn *conn = calloc(1, sizeof *conn);
        OL_ASSERT(conn != NULL && stub->connections < CONNECTIONS_MAX);
        *conn = (stub_conn){.stub = stub, .socket = fd, .in = ol_buf_new(OL_MIB(64))};
        if (stub->tls != NULL) {
            conn->tls = SSL_new(stub->tls);
            (void)SSL_set_fd(conn->tls, fd);
        }
        pthread_mutex_lock(&stub->lock);
        stub->conn[stub->connections++] = conn;
        pthread_mutex_unlock(&stub->lock);
        OL_ASSERT(pthread_create(&conn->thread, NULL, serve, conn) == 0);
    }
}

static http_stub *start(stub_handler *handler, void *context, const char *tls_host)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    http_stub *stub = calloc(1, sizeof *stub);
    OL_ASSERT(stub != NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    stub->handler = handler;
    stub->context = context;
    (void)pthread_mutex_init(&stub->lock, NULL);
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&stub->arrived, &monotonic);
    if (tls_host != NULL)
        stub->tls = test_ca_server(tls_host, stub->ca, sizeof stub->ca);
    stub->stop = eventfd(0, EFD_CLOEXEC);
    stub->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    OL_ASSERT(stub->stop >= 0 && stub->listener >= 0);
    OL_ASSERT(bind(stub->listener, (const struct sockaddr *)&address, sizeof address) == 0);
    OL_ASSERT(listen(stub->listener, 128) == 0);
    OL_ASSERT(getsockname(stub->listener, (struct sockaddr *)&address, &length) == 0);
    stub->port = ntohs(address.sin_port);
    OL_ASSERT(pthread_create(&stub->thread, NULL, accept_all, stub) == 0);
    return stub;
}

http_stub *http_stub_start(stub_handler *handler, void *context)
{
    return start(handler, context, NULL);
}

http_stub *http_stub_start_tls(stub_handler *handler, void *context, const char *host)
{
    return start(handler, context, host);
}

void http_stub_stop(http_stub *stub)
{
    uint64_t one = 1;
    if (stub == NULL)
        return;
    OL_ASSERT(write(stub->stop, &one, sizeof one) == (ssize_t)sizeof one);
    (void)pthread_join(stub->thread, NULL);
    for (unsigned i = 0; i < stub->connections; i++) {
        stub_conn *conn = stub->conn[i];
        (void)shutdown(conn->socket, SHUT_RDWR);
        (void)pthread_join(conn->thread, NULL);
        if (conn->tls != NULL)
            SSL_free(conn->tls);
        (void)close(conn->socket);
        ol_buf_deinit(&conn->in);
        free(conn);
    }
    if (stub->tls != NULL) {
        SSL_CTX_free(stub->tls);
        (void)unlink(stub->ca);
    }
    (void)close(stub->listener);
    (void)close(stub->stop);
    (void)pthread_mutex_destroy(&stub->lock);
    (void)pthread_cond_destroy(&stub->arrived);
    free(stub);
}

uint16_t http_stub_port(const http_stub *stub)
{
    return stub->port;
}

const char *http_stub_ca(const http_stub *stub)
{
    return stub->tls != NULL ? stub->ca : NULL;
}

unsigned http_stub_requests(const http_stub *stub)
{
    return __atomic_load_n(&stub->requests, __ATOMIC_RELAXED);
}

unsigned http_stub_connections(const http_stub *stub)
{
    return __atomic_load_n(&stub->connections, __ATOMIC_RELAXED);
}

bool http_stub_await(http_stub *stub, unsigned requests, int timeout_ms)
{
    struct timespec end;
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += timeout_ms / 1000;
    end.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (end.tv_nsec >= 1000000000) {
        end.tv_sec++;
        end.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&stub->lock);
    int rc = 0;
    while (stub->requests < requests && rc == 0)
        rc = pthread_cond_timedwait(&stub->arrived, &stub->lock, &end);
    bool reached = stub->requests >= requests;
    pthread_mutex_unlock(&stub->lock);
    return reached;
}
