/* wasi:http of components: what the shim asks of a broker behind a socket, and what a guest sees.
 * The broker here is a thread of the test; the guest runs in a forked child, its callbacks speak a
 * toy protocol: one message = kind, id, payload. */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/harness/test.h"
#include "tests/unit/engine/guest_run.h"

enum { MESSAGE_BYTES_MAX = OLW_HTTP_PIECE_BYTES_MAX + 4096, STREAMS_MAX = 8, HELD_BYTES = 150000 };

typedef enum kind { OPEN, SEND, LAST, PULL, DROP, HEAD, PIECE, END, ERROR } kind;

typedef struct message {
    uint32_t kind, id;
    uint32_t len;
    uint8_t data[MESSAGE_BYTES_MAX];
} message;

static bool put(int fd, kind k, uint32_t id, olw_str data)
{
    static _Thread_local message m;
    m.kind = k;
    m.id = id;
    m.len = (uint32_t)data.len;
    if (data.len > 0)
        memcpy(m.data, data.data, data.len);
    size_t bytes = offsetof(message, data) + data.len;
    return send(fd, &m, bytes, MSG_NOSIGNAL) == (ssize_t)bytes;
}

static olw_str text(const char *t)
{
    return (olw_str){(const uint8_t *)t, strlen(t)};
}

/* ---- the run's side -------------------------------------------------------------------------- */

typedef struct run_link {
    int fd;
    message kept[STREAMS_MAX]; /* by id: at most one event a stream is under way */
} run_link;

static run_link run_side;

static bool on_open(void *env, uint32_t id, const olw_http_request *r)
{
    char head[2048];
    const run_link *l = env;
    int n = snprintf(head, sizeof head, "%.*s %.*s %.*s %.*s body=%d", (int)r->method.len,
                     (const char *)r->method.data, (int)r->scheme.len, (const char *)r->scheme.data,
                     (int)r->authority.len, (const char *)r->authority.data, (int)r->path.len,
                     (const char *)r->path.data, r->has_body);
    for (size_t i = 0; i < r->headers_len; i++)
        n += snprintf(head + n, sizeof head - (size_t)n, " [%.*s=%.*s]",
                      (int)r->headers[i].name.len, (const char *)r->headers[i].name.data,
                      (int)r->headers[i].value.len, (const char *)r->headers[i].value.data);
    return put(l->fd, OPEN, id, text(head));
}

static bool on_send(void *env, uint32_t id, olw_str data, bool last)
{
    const run_link *l = env;
    return data.len <= OLW_HTTP_PIECE_BYTES_MAX && put(l->fd, last ? LAST : SEND, id, data);
}

static bool on_pull(void *env, uint32_t id)
{
    const run_link *l = env;
    return put(l->fd, PULL, id, (olw_str){NULL, 0});
}

static void on_drop(void *env, uint32_t id)
{
    const run_link *l = env;
    (void)put(l->fd, DROP, id, (olw_str){NULL, 0});
}

static bool on_next(void *env, uint32_t id, olw_http_event *ret)
{
    static const olw_http_pair headers[] = {
        {{(const uint8_t *)"x-lab", 5}, {(const uint8_t *)"43", 2}}};
    static message m;
    run_link *l = env;
    for (;;) {
        ssize_t n = recv(l->fd, &m, sizeof m, MSG_DONTWAIT);
        if (n == 0)
            return false;
        if (n < 0)
            break;
        l->kept[m.id] = m;
        ret->read = true;
    }
    message *k = &l->kept[id];
    if (k->kind == 0) /* nothing kept; OPEN never comes this way */
        return true;
    ret->status = 201;
    ret->data = (olw_str){k->data, k->len};
    ret->kind = k->kind == HEAD    ? OLW_HTTP_HEAD
                : k->kind == PIECE ? OLW_HTTP_PIECE
                : k->kind == END   ? OLW_HTTP_END
                                   : OLW_HTTP_ERROR;
    if (k->kind == HEAD) {
        ret->headers = headers;
        ret->headers_len = 1;
    }
    if (k->kind == ERROR)
        ret->code = k->data[0] == 't' ? OLW_HTTP_CONNECTION_TIMEOUT : OLW_HTTP_INTERNAL_ERROR;
    k->kind = 0;
    return true;
}

/* ---- the broker's side ------------------------------------------------------------------------
 */

typedef struct broker {
    int fd;
    const char *refuse; /* answer every request with this error */
    bool early;         /* answer before the request's body has come */
    bool vanish;        /* close on the first request */
    uint32_t hold;      /* answer when that many requests are there, the last first */
    uint32_t opened;
    size_t held_sent[STREAMS_MAX];
    char head[2048]; /* what was asked */
    uint8_t *body;   /* echoed */
    size_t body_len, sent;
    unsigned drops;
} broker;

/* Each held request is answered with HELD_BYTES and its own number of bytes more. */
static void answer_held_pull(broker *b, uint32_t id)
{
    static const uint8_t zeros[OLW_HTTP_PIECE_BYTES_MAX];
    size_t left = HELD_BYTES + id - b->held_sent[id];
    size_t n = left < sizeof zeros ? left : sizeof zeros;
    (void)put(b->fd, n == 0 ? END : PIECE, id, (olw_str){zeros, n});
    b->held_sent[id] += n;
}

static void answer_held_open(broker *b)
{
    if (++b->opened < b->hold)
        return;
    for (uint32_t id = b->hold; id > 0; id--)
        (void)put(b->fd, HEAD, id, (olw_str){NULL, 0});
}

static void answer_pull(broker *b, uint32_t id)
{
    size_t left = b->body_len - b->sent;
    size_t n = left < OLW_HTTP_PIECE_BYTES_MAX ? left : OLW_HTTP_PIECE_BYTES_MAX;
    (void)put(b->fd, n == 0 ? END : PIECE, id, (olw_str){b->body + b->sent, n});
    b->sent += n;
}

static void *broker_main(void *env)
{
    broker *b = env;
    message *m = calloc(1, sizeof *m);
    while (m != NULL && recv(b->fd, m, sizeof *m, 0) > 0) {
        if (m->kind == OPEN) {
            memcpy(b->head, m->data, m->len);
            if (b->vanish)
                break;
            if (b->hold > 0)
                answer_held_open(b);
            else if (b->refuse != NULL)
                (void)put(b->fd, ERROR, m->id, text(b->refuse));
            else if (b->early)
                (void)put(b->fd, HEAD, m->id, (olw_str){NULL, 0});
        } else if (m->kind == SEND || m->kind == LAST) {
            b->body = realloc(b->body, b->body_len + m->len + 1);
            memcpy(b->body + b->body_len, m->data, m->len);
            b->body_len += m->len;
            if (m->kind == LAST && b->refuse == NULL && !b->early)
                (void)put(b->fd, HEAD, m->id, (olw_str){NULL, 0});
        } else if (m->kind == PULL) {
            (b->hold > 0 ? answer_held_pull : answer_pull)(b, m->id);
        } else if (m->kind == DROP) {
            b->drops++;
        }
    }
    free(m);
    (void)shutdown(b->fd, SHUT_RDWR);
    return NULL;
}

/* Runs httpc.c: "METHOD host path\nbody" → status line, then the response's body. */
static const guest_result *request(guest *g, broker *b, const char *input)
{
    int ends[2];
    pthread_t thread;
    CHECK_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    b->fd = ends[1];
    run_side.fd = ends[0];
    olw_job job = guest_job(input);
    job.http = (olw_http){.env = &run_side,
                          .fd = ends[0],
                          .open = on_open,
                          .send = on_send,
                          .pull = on_pull,
                          .next = on_next,
                          .drop = on_drop};
    CHECK_EQ(pthread_create(&thread, NULL, broker_main, b), 0);
    const guest_result *r = guest_run(g, &job);
    (void)shutdown(ends[0], SHUT_RDWR);
    (void)pthread_join(thread, NULL);
    (void)close(ends[0]);
    (void)close(ends[1]);
    return r;
}

TEST("a request's head goes out whole and its body, written after handle, is streamed")
{
    guest *g = guest_open("httpc.p2.wasm", NULL, 0);
    broker b = {0};
    const guest_result *r = request(g, &b, "POST api.example.com:8443 /a?b=c\nhello");
    CHECK_STR(guest_text(r), OL_STR(""));
    CHECK_STR(guest_out(r), OL_STR("status 201\nhello"));
    CHECK_STR(ol_str_of(b.head), OL_STR("POST https api.example.com:8443 /a?b=c body=1 "
                                        "[host=api.example.com:8443] [x-lab=42]"));
    free(b.body);
    guest_close(g);
}

TEST("a megabyte goes there and back in pieces")
{
    enum { BODY = 60000 }; /* httpc.c reads at most 64 KiB of input */
    static char input[BODY + 100];
    guest *g = guest_open("httpc.p2.wasm", NULL, 0);
    broker b = {0};
    int head = snprintf(input, sizeof input, "POST h /\n");
    memset(input + head, 'z', BODY);
    const guest_result *r = request(g, &b, input);
    CHECK_STR(guest_text(r), OL_STR(""));
    CHECK_EQ(b.body_len, BODY);
    CHECK_EQ(r->out_len, strlen("status 201\n") + BODY);
    free(b.body);

    b = (broker){.body = calloc(1, OL_MIB(1)), .body_len = OL_MIB(1)};
    r = request(g, &b, "GET h /");
    CHECK_EQ(r->class, P2_OK);
    CHECK_EQ(r->out_len, strlen("status 201\n") + OL_MIB(1));
    free(b.body);
    guest_close(g);
}

TEST("an answer may come before the request's body has ended")
{
    guest *g = guest_open("httpc.p2.wasm", NULL, 0);
    broker b = {.early = true};
    const guest_result *r = request(g, &b, "POST h /\nhello");
    CHECK_STR(guest_text(r), OL_STR(""));
    CHECK_STARTS(guest_out(r), OL_STR("status 201\n"), "out");
    free(b.body);
    guest_close(g);
}

TEST("a refusal reaches the guest and the stream is let go")
{
    static const char *const refusals[] = {"timeout", "host \"h\" is not in the allowlist"};
    guest *g = guest_open("httpc.p2.wasm", NULL, 0);
    OL_EACH (refusal, refusals) {
        broker b = {.refuse = *refusal};
        const guest_result *r = request(g, &b, "GET h /");
        CHECK_EQ_ROW(r->class, P2_EXIT, *refusal); /* httpc.c returns 18 */
        CHECK_ROW(b.drops == 1, *refusal);
        free(b.body);
    }
    guest_close(g);
}

TEST("several requests wait side by side, answered in any order, one of them let go")
{
    guest *g = guest_open("@many_requests.p2.wasm", NULL, 0);
    broker b = {.hold = 4};
    const guest_result *r = request(g, &b, "");
    CHECK_STR(guest_text(r), OL_STR(""));
    CHECK_STR(guest_out(r), OL_STR("150002 150003 150004"));
    guest_close(g);
}

TEST("a broker that goes away fails the request, not the process")
{
    guest *g = guest_open("httpc.p2.wasm", NULL, 0);
    broker b = {.vanish = true};
    const guest_result *r = request(g, &b, "GET h /");
    CHECK_EQ(r->class, P2_EXIT);
    free(b.body);
    guest_close(g);
}

TEST("a run without outgoing HTTP answers at once")
{
    guest *g = guest_open("httpc.p2.wasm", NULL, 0);
    olw_job job = guest_job("GET h /");
    CHECK_EQ(guest_run(g, &job)->class, P2_EXIT);
    guest_close(g);
}
