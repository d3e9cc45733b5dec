/* A scripted HTTP/1.1 server for tests, plain or TLS, on a loopback port of its own: one thread a
 * connection, one handler that writes what it likes, slow, broken or endless. */
#ifndef OL_TESTS_HARNESS_HTTP_STUB_H
#define OL_TESTS_HARNESS_HTTP_STUB_H

#include "lib/base/buf.h"
#include "lib/base/num.h"
#include "lib/base/str.h"

typedef struct http_stub http_stub;
typedef struct stub_conn stub_conn;

typedef struct stub_request {
    ol_str method;
    ol_str target; /* path and query */
    ol_str head;   /* request line and headers */
    ol_str body;
} stub_request;

/* Runs on the connection's thread, several at once on several connections. */
typedef void stub_handler(void *context, const stub_request *request, stub_conn *conn);

/* Aborts the test program when no socket can be had. */
http_stub *http_stub_start(stub_handler *handler, void *context);
/* TLS with a certificate for `host`, signed by an authority made for this server; its certificate
 * is written to a temporary file whose path is `http_stub_ca`. */
http_stub *http_stub_start_tls(stub_handler *handler, void *context, const char *host);
void http_stub_stop(http_stub *stub); /* wakes and joins every handler */

uint16_t http_stub_port(const http_stub *stub);
const char *http_stub_ca(const http_stub *stub);    /* NULL without TLS */
unsigned http_stub_requests(const http_stub *stub); /* heads read so far */
unsigned http_stub_connections(const http_stub *stub);

/* Waits until that many requests have come; false after `timeout_ms`. */
bool http_stub_await(http_stub *stub, unsigned requests, int timeout_ms);

/* Status line, Content-Length, `headers` (lines ended by \r\n, or NULL), body. */
void stub_answer(stub_conn *conn, int status, const char *headers, ol_str body);
/* As a NEAR node: what a view of a contract returned. */
void stub_answer_view(stub_conn *conn, ol_str json, unsigned height);
/* Bytes as they are; false when the peer is gone. */
bool stub_write(stub_conn *conn, ol_str bytes);
/* Sleeps until `ms` pass or the server stops (false) or the peer hangs up (false). */
bool stub_pause(stub_conn *conn, int ms);
/* The connection ends after this request. */
void stub_close(stub_conn *conn);

/* A header of a request; empty when absent. */
ol_str stub_header(const stub_request *request, const char *name);

#endif
