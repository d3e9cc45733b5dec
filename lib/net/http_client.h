/* An HTTP client over libcurl: one persistent connection set per client, one client per thread.
 *
 * No proxy, no cookies, no redirect followed by curl itself. With an address filter, every address
 * a name resolves to is judged before anything is sent, at each redirect anew, and the connection
 * uses an address that was judged (Host interfaces 5). */
#ifndef OL_NET_HTTP_CLIENT_H
#define OL_NET_HTTP_CLIENT_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/net/resolve.h"

typedef struct ol_http_client ol_http_client;

typedef struct ol_http_options {
    uint32_t connect_ms; /* 0: ten seconds (Worker 4) */
    /* PEM file of authorities trusted in place of the system's; NULL-terminated or NULL. */
    const char *ca_file;
    /* Judges every address; NULL: all may be reached. */
    ol_addr_allow_fn *allow;
    /* Turns names into addresses where `allow` is set; NULL: the system's resolver. */
    ol_resolve_fn *resolve;
    void *resolve_context;
    const char *user_agent; /* NULL: outlayer/VERSION */
} ol_http_options;

typedef struct ol_http_header {
    ol_str name;
    ol_str value;
} ol_http_header;

typedef struct ol_http_request {
    ol_str method; /* GET, POST, … */
    ol_str url;
    const ol_http_header *header;
    size_t headers;
    ol_bytes body; /* sent when the method is POST, PUT or PATCH */
    uint32_t total_ms;
    unsigned redirects_max; /* 0: a 3xx is an answer like another */
    bool tls_only;          /* an http URL, given or redirected to, is refused */
} ol_http_request;

typedef struct ol_http_answer {
    int status;
    const char *final_url; /* after redirects; lives until the next exchange */
} ol_http_answer;

/* NULL when memory is short. */
ol_http_client *ol_http_client_new(const ol_http_options *options);
void ol_http_client_free(ol_http_client *client); /* NULL is fine */

/* One exchange. The body of the answer is appended to `into` as it arrives and counted against its
 * maximum: OL_ERR_LIMIT beyond. OL_ERR_TIMEOUT, OL_ERR_NETWORK, OL_ERR_FORBIDDEN (an address or
 * scheme refused), OL_ERR_INVALID (a URL). Texts never hold the URL or a header. */
ol_rc ol_http_exchange(ol_http_client *client, const ol_http_request *request, ol_buf *into,
                       ol_http_answer *ret, ol_err *err);

/* Another thread asks an exchange under way to end (OL_ERR_TIMEOUT); it stays ended. */
void ol_http_client_cancel(ol_http_client *client);

#endif
