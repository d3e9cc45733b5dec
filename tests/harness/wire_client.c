#include "tests/harness/wire_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"

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

static bool wire_connect(wire_client *client)
{
    if (ol_fd_is_open(client->socket))
        return true;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(client->port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client->socket.n = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->socket.n < 0)
        return false;
    int on = 1;
    (void)setsockopt(client->socket.n, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(client->socket.n, (struct sockaddr *)&at, sizeof at) == 0)
        return true;
    ol_fd_deinit(&client->socket);
    return false;
}

static bool wire_send(const wire_client *client, ol_str request)
{
    while (request.len > 0) {
        ssize_t put = send(client->socket.n, request.data, request.len, MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
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
    ol_buf_clear(&client->in);
    while (!wire_whole(ol_buf_str(&client->in), ret)) {
        int64_t left_ms = (until - ol_mono_ns(ol_clock_real())) / 1000000;
        struct pollfd readable = {.fd = client->socket.n, .events = POLLIN};
        if (left_ms <= 0 || poll(&readable, 1, (int)left_ms) <= 0)
            return false;
        uint8_t *at = ol_buf_reserve(&client->in, READ_BYTES);
        ssize_t got = at == NULL ? -1 : recv(client->socket.n, at, READ_BYTES, 0);
        if (got <= 0)
            return false;
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
