#include "tests/harness/wire_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"

#define CONNECT_NS INT64_C(5000000000)
enum { ANSWER_BYTES_MAX = 80 * 1024 * 1024, READ_BYTES = 16 * 1024 };

wire_client wire_client_new(uint16_t port)
{
    return (wire_client){.socket = OL_FD_NONE, .port = port, .in = ol_buf_new(ANSWER_BYTES_MAX)};
}

void wire_client_deinit(wire_client *client)
{
    ol_fd_deinit(&client->socket);
    ol_buf_deinit(&client->in);
}

/* Notes where the exchange ended, for wire_fault_print. */
static bool wire_fail(wire_client *client, const char *stage, int error)
{
    client->fault =
        (wire_fault){.stage = stage, .error = error, .received = client->in.len, .failed = true};
    return false;
}

/* poll until the descriptor is ready or the time is over. A signal is no end: libFuzzer's timer
 * interrupts its main thread every few seconds. */
static bool wire_wait(int fd, short events, int64_t until_ns)
{
    for (;;) {
        int64_t left_ms = (until_ns - ol_mono_ns(ol_clock_real())) / 1000000;
        struct pollfd ready = {.fd = fd, .events = events};
        int n = left_ms <= 0 ? 0 : poll(&ready, 1, (int)left_ms);
        if (n > 0)
            return true;
        if (n == 0)
            errno = ETIMEDOUT;
        if (errno != EINTR)
            return false;
    }
}

/* RFC 9112 9.5: a server may close an idle connection. What it has closed before we send anything
 * is no failure: the request goes over a new connection. Once bytes are out nothing is repeated. */
static bool wire_is_stale(const wire_client *client)
{
    char byte;
    ssize_t n = recv(client->socket.n, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

static bool wire_connected(int fd, const struct sockaddr_in *at)
{
    int error = 0;
    socklen_t len = sizeof error;
    if (connect(fd, (const struct sockaddr *)at, sizeof *at) == 0)
        return true;
    if (errno != EINTR)
        return false;
    /* An interrupted connect goes on by itself. */
    if (!wire_wait(fd, POLLOUT, ol_mono_ns(ol_clock_real()) + CONNECT_NS) ||
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        return false;
    errno = error;
    return error == 0;
}

static bool wire_connect(wire_client *client)
{
    client->fault = (wire_fault){0};
    ol_buf_clear(&client->in);
    if (ol_fd_is_open(client->socket) && wire_is_stale(client))
        ol_fd_deinit(&client->socket);
    if (ol_fd_is_open(client->socket))
        return true;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(client->port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client->socket.n = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->socket.n < 0)
        return wire_fail(client, "socket", errno);
    int on = 1;
    (void)setsockopt(client->socket.n, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (wire_connected(client->socket.n, &at))
        return true;
    wire_fail(client, "connect", errno);
    ol_fd_deinit(&client->socket);
    return false;
}

static bool wire_send(wire_client *client, ol_str request)
{
    while (request.len > 0) {
        ssize_t put = send(client->socket.n, request.data, request.len, MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return wire_fail(client, "send", errno);
        request = ol_str_slice(request, (size_t)put, request.len);
    }
    return true;
}

bool wire_header(ol_str head, ol_str name, ol_str *ret_value)
{
    ol_str line;
    while (ol_str_next(&head, '\n', &line)) {
        ol_str key;
        ol_str value;
        if (ol_str_cut(line, ':', &key, &value) && ol_str_eq_nocase(key, name)) {
            *ret_value = ol_str_trim(value);
            return true;
        }
    }
    return false;
}

/* Whether the answer is whole; *ret is filled when it is. */
static bool wire_whole(ol_str in, wire_answer *ret)
{
    size_t head_len;
    ol_str length;
    uint64_t body_len = 0;
    uint32_t status;
    if (!ol_str_find(in, OL_STR("\r\n\r\n"), &head_len))
        return false;
    ol_str head = ol_str_slice(in, 0, head_len + 2);
    if (wire_header(head, OL_STR("content-length"), &length) && !ol_u64_parse(length, &body_len))
        return false;
    if (in.len < head_len + 4 + body_len || !ol_u32_parse(ol_str_slice(in, 9, 12), &status))
        return false;
    *ret = (wire_answer){
        .status = (int)status, .head = head, .body = ol_str_slice(in, head_len + 4, in.len)};
    return true;
}

static bool wire_receive(wire_client *client, int timeout_ms, wire_answer *ret)
{
    int64_t until = ol_mono_ns(ol_clock_real()) + (int64_t)timeout_ms * 1000000;
    while (!wire_whole(ol_buf_str(&client->in), ret)) {
        if (!wire_wait(client->socket.n, POLLIN, until))
            return wire_fail(client, "wait for the answer", errno);
        uint8_t *at = ol_buf_reserve(&client->in, READ_BYTES);
        if (at == NULL)
            return wire_fail(client, "keep the answer", ENOMEM);
        ssize_t got = recv(client->socket.n, at, READ_BYTES, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return wire_fail(client, "receive", got == 0 ? 0 : errno);
        client->in.len += (size_t)got;
    }
    return true;
}

bool wire_exchange(wire_client *client, ol_str request, int timeout_ms, wire_answer *ret)
{
    if (wire_connect(client) && wire_send(client, request) &&
        wire_receive(client, timeout_ms, ret)) {
        ol_str connection;
        if (wire_header(ret->head, OL_STR("connection"), &connection) &&
            ol_str_eq_nocase(connection, OL_STR("close")))
            ol_fd_deinit(&client->socket);
        return true;
    }
    ol_fd_deinit(&client->socket);
    return false;
}

void wire_fault_print(const wire_client *client)
{
    const wire_fault *at = &client->fault;
    if (at->failed)
        (void)fprintf(stderr, "port %u: %s: %s, after %zu bytes of the answer\n", client->port,
                      at->stage, at->error == 0 ? "closed by the server" : strerror(at->error),
                      at->received);
}

bool wire_begin(wire_client *client, ol_str request)
{
    return wire_connect(client) && wire_send(client, request);
}

void wire_request(ol_buf *out, const char *method, const char *path, const char *headers,
                  ol_str body)
{
    ol_buf_addf(out, "%s %s HTTP/1.1\r\nHost: localhost\r\n%s", method, path, headers);
    if (body.len > 0)
        ol_buf_addf(out, "Content-Length: %zu\r\n", body.len);
    ol_buf_add_str(out, OL_STR("\r\n"));
    ol_buf_add_str(out, body);
}
