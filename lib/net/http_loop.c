#include "lib/net/http_loop.h"

#include <pthread.h>
#include <stdlib.h>

#include "lib/base/clock.h"

/* Sockets of one loop: more transfers at once than a run may have, and some that linger. */
enum { SOCKETS_MAX = 64 };

typedef struct watched {
    curl_socket_t socket;
    short events;
} watched;

struct ol_http_loop {
    CURLM *multi;
    ol_http_loop_done *done;
    void *context;
    watched socket[SOCKETS_MAX];
    size_t sockets;
    int64_t timer_ns; /* monotonic; < 0: none */
    bool due;         /* something was added: turn even without an event */
};

static pthread_once_t library_once = PTHREAD_ONCE_INIT;

static void library_start(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

static int on_socket(CURL *handle, curl_socket_t socket, int what, void *context, void *unused)
{
    ol_http_loop *loop = context;
    size_t i = 0;
    (void)handle, (void)unused;
    while (i < loop->sockets && loop->socket[i].socket != socket)
        i++;
    if (what == CURL_POLL_REMOVE) {
        if (i < loop->sockets)
            loop->socket[i] = loop->socket[--loop->sockets];
        return 0;
    }
    if (i == SOCKETS_MAX)
        return -1; /* fails the transfer */
    short events =
        (short)((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0));
    loop->socket[i] = (watched){socket, events};
    if (i == loop->sockets)
        loop->sockets++;
    return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *context)
{
    ol_http_loop *loop = context;
    (void)multi;
    loop->timer_ns =
        timeout_ms < 0 ? -1 : ol_mono_ns(ol_clock_real()) + (int64_t)timeout_ms * 1000000;
    return 0;
}

ol_http_loop *ol_http_loop_new(ol_http_loop_done *done, void *context)
{
    (void)pthread_once(&library_once, library_start);
    ol_http_loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL)
        return NULL;
    loop->multi = curl_multi_init();
    if (loop->multi == NULL) {
        free(loop);
        return NULL;
    }
    loop->done = done;
    loop->context = context;
    loop->timer_ns = -1;
    (void)curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    (void)curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
    (void)curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    (void)curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
    (void)curl_multi_setopt(loop->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    return loop;
}

void ol_http_loop_free(ol_http_loop *loop)
{
    if (loop == NULL)
        return;
    (void)curl_multi_cleanup(loop->multi);
    free(loop);
}

CURL *ol_http_handle_new(const char *ca_file)
{
    (void)pthread_once(&library_once, library_start);
    CURL *h = curl_easy_init();
    if (h == NULL)
        return NULL;
    (void)curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(h, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(h, CURLOPT_NOPROXY, "*");
    (void)curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(h, CURLOPT_TCP_NODELAY, 1L);
    (void)curl_easy_setopt(h, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    if (ca_file != NULL)
        (void)curl_easy_setopt(h, CURLOPT_CAINFO, ca_file);
    return h;
}

bool ol_http_loop_add(ol_http_loop *loop, CURL *handle)
{
    loop->due = true;
    return curl_multi_add_handle(loop->multi, handle) == CURLM_OK;
}

void ol_http_loop_remove(ol_http_loop *loop, CURL *handle)
{
    (void)curl_multi_remove_handle(loop->multi, handle);
}

size_t ol_http_loop_poll_add(ol_http_loop *loop, struct pollfd *fds, size_t max, int64_t *wake_ns)
{
    size_t count = loop->sockets < max ? loop->sockets : max;
    for (size_t i = 0; i < count; i++)
        fds[i] = (struct pollfd){.fd = loop->socket[i].socket, .events = loop->socket[i].events};
    int64_t wanted = loop->due ? 0 : loop->timer_ns;
    if (wanted >= 0 && (*wake_ns < 0 || wanted < *wake_ns))
        *wake_ns = wanted;
    return count;
}

/* Hands over what has ended. The owner may add and remove handles meanwhile. */
static void collect(ol_http_loop *loop)
{
    int left = 0;
    for (CURLMsg *message = curl_multi_info_read(loop->multi, &left); message != NULL;
         message = curl_multi_info_read(loop->multi, &left)) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURL *handle = message->easy_handle;
        CURLcode code = message->data.result;
        (void)curl_multi_remove_handle(loop->multi, handle);
        loop->done(loop->context, handle, code);
    }
}

void ol_http_loop_kick(ol_http_loop *loop)
{
    int running = 0;
    loop->due = false;
    if (loop->timer_ns >= 0 && loop->timer_ns <= ol_mono_ns(ol_clock_real()))
        loop->timer_ns = -1;
    (void)curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(loop);
}

void ol_http_loop_turn(ol_http_loop *loop, const struct pollfd *fds, size_t count)
{
    int running = 0;
    for (size_t i = 0; i < count; i++) {
        if (fds[i].revents == 0)
            continue;
        int what = (fds[i].revents & POLLIN ? CURL_CSELECT_IN : 0) |
                   (fds[i].revents & POLLOUT ? CURL_CSELECT_OUT : 0) |
                   (fds[i].revents & (POLLERR | POLLHUP | POLLNVAL) ? CURL_CSELECT_ERR : 0);
        (void)curl_multi_socket_action(loop->multi, fds[i].fd, what, &running);
    }
    bool timer = loop->timer_ns >= 0 && loop->timer_ns <= ol_mono_ns(ol_clock_real());
    if (timer || loop->due)
        ol_http_loop_kick(loop);
    else
        collect(loop);
}
