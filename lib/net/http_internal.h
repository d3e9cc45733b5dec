/* Inside the HTTP server only: what its files share. */
#ifndef OL_NET_HTTP_INTERNAL_H
#define OL_NET_HTTP_INTERNAL_H

#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#include "lib/net/http_server.h"

/* ---- Paths: rows with the same pattern, compiled. */

typedef enum ol__param_type {
    OL__PARAM_TEXT,
    OL__PARAM_UUID,
    OL__PARAM_U32,
    OL__PARAM_I32,
    OL__PARAM_I64,
} ol__param_type;

typedef struct ol__segment {
    ol_str literal; /* empty: a parameter */
    ol_str name;    /* of the parameter */
    ol__param_type type;
} ol__segment;

enum { OL__METHODS = 4 }; /* GET POST PUT DELETE */

typedef struct ol__path {
    const char *pattern;
    ol__segment segment[OL_WEB_SEGMENTS_MAX];
    size_t segments;
    size_t params;
    const ol_web_route *row[OL__METHODS];
    const ol_web_route *first; /* carries gate, CORS policy and rate group of the path */
    char allow[40];            /* "GET,HEAD,POST": in the order of the rows */
} ol__path;

/* OL_ERR_INVALID for a pattern the server cannot serve: a mistake in the table. */
ol_rc ol__paths_compile(const ol_web_route *routes, size_t count, ol__path *paths,
                        size_t *ret_count, ol_err *err);

typedef struct ol__match {
    const ol__path *path;
    ol_str raw[OL_WEB_PARAMS_MAX]; /* as sent */
} ol__match;

bool ol__path_match(const ol__path *paths, size_t count, ol_str url, ol__match *ret);
/* Decodes and checks the parameters; the text of a failure is the answer's. */
ol_rc ol__params_parse(const ol__match *match, ol_arena *arena, ol_str *ret_params, ol_err *err);

/* %XX and, where asked, `+`; false for no memory. A stray % stands for itself. */
bool ol__percent_decode(ol_str text, bool plus_is_space, ol_arena *arena, ol_str *ret);

/* ---- Server, connection, request. */

typedef struct ol__connection ol__connection;

typedef enum ol__phase {
    OL__IDLE,   /* between requests */
    OL__BODY,   /* the head is here */
    OL__HANDED, /* the handler has it, or had it */
} ol__phase;

typedef struct ol__extra_header {
    const char *name;
    char *value; /* heap */
} ol__extra_header;

struct ol_web_request {
    ol__connection *from;
    struct MHD_Connection *mhd;
    const ol__path *path; /* NULL: unknown */
    const ol_web_route *route;
    ol_str url;
    ol_web_method method;
    ol__phase phase;
    ol_str param[OL_WEB_PARAMS_MAX];
    uint8_t *body;
    size_t body_len;
    size_t body_size; /* allocated */
    size_t body_seen; /* received, kept or not */
    size_t body_told; /* Content-Length; SIZE_MAX: chunked */
    bool body_drop;   /* refused: read and thrown away */
    bool held;
    bool unsent; /* was held, is answered, and the answer is not out yet */
    struct MHD_Response *response;
    unsigned status;
    int64_t tag;
    ol__extra_header extra[OL_WEB_ANSWER_HEADERS_MAX];
    size_t extras;
    ol_arena arena;
    char ip_text[OL_WEB_IP_TEXT_BYTES];
};

struct ol__connection {
    ol_web_server *server;
    ol__connection *next;
    ol__connection *prev;
    int fd;
    _Atomic int64_t deadline_ns; /* the watch shuts the socket down after it; 0: none; -1: it did */
    char peer_text[OL_WEB_IP_TEXT_BYTES];
    bool peer_is_proxy;
    ol_web_request request;
};

struct ol_web_server {
    ol_web_settings set;
    struct MHD_Daemon *daemon;
    int listen_fd;
    uint16_t port;
    ol__path *paths;
    size_t path_count;
    ol_rates rates; /* by client address; loop thread only */
    bool loop_held; /* loop thread only: the handler now running has held its request */
    atomic_uint held;
    atomic_uint unsent;
    atomic_uint connections;
    _Atomic uint64_t *counts; /* (route_count + 1) * 6 */

    pthread_mutex_t lock; /* the list of connections, and the watch's end */
    pthread_cond_t wake;
    ol__connection *list;
    bool ending;
    pthread_t watch;
    bool watching;
};

/* The server's word about a connection that began or ended (MHD_NotifyConnectionCallback). */
void ol__connection_notify(void *cls, struct MHD_Connection *mhd, void **socket_context,
                           enum MHD_ConnectionNotificationCode code);
ol_rc ol__watch_start(ol_web_server *server, ol_err *err);
void ol__watch_stop(ol_web_server *server); /* no connection is left */
/* Seconds from now as a deadline; 0 clears. false: the last one has passed, the connection is shut
 * down, and what it carries must not be acted upon. */
bool ol__deadline_set(ol__connection *connection, unsigned seconds);
/* Frees what a request holds and makes the struct ready for the next one. */
void ol__request_reset(ol_web_request *request);
void ol__client_ip_find(ol_web_request *request, uint8_t ret_ip[16]);
/* Answers OPTIONS on a known path; adds the policy's headers to any answer. */
void ol__cors_preflight(ol_web_request *request);
void ol__cors_headers(const ol_web_request *request, struct MHD_Response *response);

#endif
