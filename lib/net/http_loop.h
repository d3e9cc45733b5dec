/* Many HTTP transfers on one thread, for programs that have their own poll(2) loop: curl's multi
 * interface, its sockets and its timer. */
#ifndef OL_NET_HTTP_LOOP_H
#define OL_NET_HTTP_LOOP_H

#include <curl/curl.h>
#include <poll.h>

#include "lib/base/err.h"

typedef struct ol_http_loop ol_http_loop;

/* A transfer has ended; the handle has left the loop and is the owner's again. Called from
 * ol_http_loop_turn alone. */
typedef void ol_http_loop_done(void *context, CURL *handle, CURLcode code);

ol_http_loop *ol_http_loop_new(ol_http_loop_done *done, void *context); /* NULL: no memory */
void ol_http_loop_free(ol_http_loop *loop); /* handles inside stay their owners'; NULL is fine */

/* A handle with what every outgoing request of ours has: no signals, no proxy, no redirect, only
 * http and https, HTTP/1.1. NULL: no memory. */
CURL *ol_http_handle_new(const char *ca_file);

bool ol_http_loop_add(ol_http_loop *loop, CURL *handle); /* it starts at the next turn */
void ol_http_loop_remove(ol_http_loop *loop, CURL *handle);

/* Before each wait: fills at most `max` descriptors, returns how many; brings *wake_ns (monotonic)
 * forward when a timer is due earlier. */
size_t ol_http_loop_poll_add(ol_http_loop *loop, struct pollfd *fds, size_t max, int64_t *wake_ns);
/* After each wait, with the same descriptors. */
void ol_http_loop_turn(ol_http_loop *loop, const struct pollfd *fds, size_t count);
/* Runs what is due without waiting: after a handle was added or unpaused. */
void ol_http_loop_kick(ol_http_loop *loop);

#endif
