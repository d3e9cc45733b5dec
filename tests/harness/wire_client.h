/* A minimal HTTP/1.1 client over one kept-alive loopback connection, for tests and benchmarks: it
 * costs next to nothing, so that what is measured is the server, and it can be cut at any byte. */
#ifndef OL_TESTS_HARNESS_WIRE_CLIENT_H
#define OL_TESTS_HARNESS_WIRE_CLIENT_H

#include "lib/base/buf.h"
#include "lib/base/fd.h"

typedef struct wire_fault {
    bool failed;
    const char *stage; /* what was being done */
    int error;         /* errno; 0: the server closed the connection */
    size_t received;   /* bytes of the answer until then */
} wire_fault;

typedef struct wire_client {
    ol_fd socket;
    uint16_t port;
    ol_buf in;        /* the answer as it came: head and body */
    wire_fault fault; /* of the last exchange */
} wire_client;

typedef struct wire_answer {
    int status;
    ol_str head; /* from the status line to the empty line; dies with the next exchange */
    ol_str body;
} wire_answer;

wire_client wire_client_new(uint16_t port); /* connects when first used, and again when cut */
void wire_client_deinit(wire_client *client);

/* Sends a whole request and reads the whole answer (Content-Length only). false: the connection
 * could not be made, was cut, or `timeout_ms` passed; the next call connects anew. A kept
 * connection that the server closed before this request is replaced; a request once begun is never
 * sent again. */
OL_MUST_USE bool wire_exchange(wire_client *client, ol_str request, int timeout_ms,
                               wire_answer *ret);

/* Says on stderr where the last exchange failed; nothing when it did not. */
void wire_fault_print(const wire_client *client);

/* Only sends; the answer is left unread. */
OL_MUST_USE bool wire_begin(wire_client *client, ol_str request);

/* Writes "METHOD path HTTP/1.1" with Host, Content-Length when there is a body, and `headers`, each
 * line ended by \r\n. */
void wire_request(ol_buf *out, const char *method, const char *path, const char *headers,
                  ol_str body);

/* A header's value, found case-insensitively; false when absent. */
bool wire_header(ol_str head, ol_str name, ol_str *ret_value);

#endif
