/* Connections, and the watch that ends those past their deadline. MHD's own timeout counts silence
 * only, which a peer that drips one byte at a time never keeps. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "lib/net/http_internal.h"

enum { WATCH_MS = 1000 };

static const int64_t NS_PER_SECOND = 1000000000;

/* In place of a deadline: the watch has shut this connection down. */
static const int64_t PASSED = -1;

bool ol__deadline_set(ol__connection *connection, unsigned seconds)
{
    int64_t at = 0;
    int64_t was = atomic_load_explicit(&connection->deadline_ns, memory_order_relaxed);
    if (seconds > 0)
        at = ol_mono_ns(connection->server->set.clock) + (int64_t)seconds * NS_PER_SECOND;
    while (was != PASSED) {
        if (atomic_compare_exchange_weak(&connection->deadline_ns, &was, at))
            return true;
    }
    return false;
}

static void peer_text_find(ol__connection *connection, const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        (void)inet_ntop(AF_INET, &v4.sin_addr, connection->peer_text, sizeof connection->peer_text);
    } else if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
            (void)inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], connection->peer_text,
                            sizeof connection->peer_text);
        else
            (void)inet_ntop(AF_INET6, &v6.sin6_addr, connection->peer_text,
                            sizeof connection->peer_text);
    }
}

static ol__connection *connection_new(ol_web_server *server, struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *address =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const union MHD_ConnectionInfo *fd =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    ol__connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL || address == NULL || fd == NULL) {
        free(connection);
        return NULL;
    }
    connection->server = server;
    connection->fd = fd->connect_fd;
    connection->request.from = connection;
    ol__request_reset(&connection->request);
    peer_text_find(connection, address->client_addr);
    for (size_t i = 0; i < server->set.proxy_count; i++)
        connection->peer_is_proxy |= strcmp(server->set.proxies[i], connection->peer_text) == 0;
    (void)ol__deadline_set(connection, server->set.head_seconds);
    return connection;
}

void ol__connection_notify(void *cls, struct MHD_Connection *mhd, void **socket_context,
                           enum MHD_ConnectionNotificationCode code)
{
    ol_web_server *server = cls;
    ol__connection *connection = *socket_context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        connection = connection_new(server, mhd);
        *socket_context = connection;
        if (connection == NULL)
            return; /* refused by the first request */
        pthread_mutex_lock(&server->lock);
        connection->next = server->list;
        if (server->list != NULL)
            server->list->prev = connection;
        server->list = connection;
        pthread_mutex_unlock(&server->lock);
        atomic_fetch_add(&server->connections, 1);
        return;
    }
    if (connection == NULL)
        return;
    pthread_mutex_lock(&server->lock); /* after this the watch cannot touch the descriptor */
    if (connection->prev != NULL)
        connection->prev->next = connection->next;
    else
        server->list = connection->next;
    if (connection->next != NULL)
        connection->next->prev = connection->prev;
    pthread_mutex_unlock(&server->lock);
    atomic_fetch_sub(&server->connections, 1);
    ol__request_reset(&connection->request);
    free(connection);
    *socket_context = NULL;
}

static void *watch_run(void *cls)
{
    ol_web_server *server = cls;
    pthread_mutex_lock(&server->lock);
    while (!server->ending) {
        struct timespec until;
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += WATCH_MS / 1000;
        (void)pthread_cond_timedwait(&server->wake, &server->lock, &until);
        int64_t now = ol_mono_ns(server->set.clock);
        for (ol__connection *at = server->list; at != NULL; at = at->next) {
            int64_t deadline = atomic_load_explicit(&at->deadline_ns, memory_order_relaxed);
            /* Only if nothing has moved the deadline since: a request that is being taken up in
             * this moment stays. */
            if (deadline > 0 && deadline < now &&
                atomic_compare_exchange_strong(&at->deadline_ns, &deadline, PASSED))
                (void)shutdown(at->fd, SHUT_RDWR); /* the loop sees the end and closes */
        }
    }
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

ol_rc ol__watch_start(ol_web_server *server, ol_err *err)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&server->watch, NULL, watch_run, server) != 0)
        return ol_fail(err, OL_ERR_ENVIRONMENT, "no thread for the HTTP server");
    server->watching = true;
    return OL_OK;
}

void ol__watch_stop(ol_web_server *server)
{
    if (!server->watching)
        return;
    pthread_mutex_lock(&server->lock);
    server->ending = true;
    pthread_cond_signal(&server->wake);
    pthread_mutex_unlock(&server->lock);
    (void)pthread_join(server->watch, NULL);
    pthread_cond_destroy(&server->wake);
    pthread_mutex_destroy(&server->lock);
}
