/* The HTTP server (names begin with ol_web_; http_client.h is the other side): one event-loop
 * thread a listener over libmicrohttpd, routes as const rows.
 *
 * A request walks: known path? (404) -> OPTIONS (answered here) -> rate group (429) -> gate of the
 * path (credentials; the row's class) -> method (405 with `allow`) -> path parameters (400) -> body
 * form and size (415, 413) -> handler. Everything refused before the handler is refused in this
 * order (Coordinator 1 and 19), so a handler sees only requests of the right form.
 *
 * A handler runs on the loop thread and must not block. It either answers before it returns, or
 * calls ol_web_hold and answers later, from any one thread. A held request is a suspended
 * connection: it costs its connection memory (OL_WEB_CONNECTION_BYTES), this struct, and whatever
 * the handler keeps; ol_web_release_body gives the body and the arena back. */
#ifndef OL_NET_HTTP_SERVER_H
#define OL_NET_HTTP_SERVER_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/rate.h"

typedef struct ol_web_server ol_web_server;
typedef struct ol_web_request ol_web_request;

typedef enum ol_web_method {
    OL_WEB_GET = 1, /* a GET row answers HEAD too, without the body */
    OL_WEB_POST = 2,
    OL_WEB_PUT = 4,
    OL_WEB_DELETE = 8,
} ol_web_method;

enum {
    OL_WEB_CONNECTION_BYTES = 12 * 1024, /* headers of one request and its answer */
    OL_WEB_HEADERS_MAX = 64,
    OL_WEB_SEGMENTS_MAX = 8, /* of a path */
    OL_WEB_PARAMS_MAX = 4,
    OL_WEB_ANSWER_HEADERS_MAX = 6, /* that a handler may add */
    OL_WEB_QUERY_FIELDS_MAX = 32,
    OL_WEB_ROUTES_MAX = 160,
    OL_WEB_IP_TEXT_BYTES = 46,
};

typedef void ol_web_handler(ol_web_request *request, void *context);

/* Credentials of a path. Refuses by answering and returning false. Runs before the method is
 * looked at; a path's rows share one gate. */
typedef struct ol_web_gate {
    const char *name; /* for tests and documentation: "worker", "admin" */
    bool (*pass)(ol_web_request *request, void *context);
} ol_web_gate;

/* `origins` NULL: any origin, answered `*`. Else the server's list of origins (settings) decides.
 */
typedef struct ol_web_cors {
    bool any_origin;
    const char *methods; /* "GET,POST,OPTIONS" */
    const char *headers; /* "content-type,…" */
} ol_web_cors;

/* Requests per client address in a fixed window of 60 s. Rows with the same group share a counter.
 * The limit comes from ol_web_settings.rate_limits[group]; 0 is unlimited. */
typedef enum ol_web_rate_group {
    OL_WEB_RATE_NONE = 0,
    OL_WEB_RATE_GROUPS_MAX = OL_RATE_GROUPS,
} ol_web_rate_group;

typedef enum ol_web_body {
    OL_WEB_BODY_NONE, /* a body is read and thrown away */
    OL_WEB_BODY_JSON, /* 415 without a JSON content type */
    OL_WEB_BODY_ANY,
} ol_web_body;

/* One row. Patterns: "/calls/{call_id:uuid}"; parameter types: none (any text), uuid, u32, i32,
 * i64. The text of a fault is the one of Coordinator 19 (`Invalid URL: …`). */
typedef struct ol_web_route {
    ol_web_method method;
    const char *pattern;
    const ol_web_gate *gate; /* NULL: open */
    const ol_web_cors *cors; /* NULL: no CORS headers */
    ol_web_body body;
    size_t body_bytes_max;
    unsigned rate; /* group, OL_WEB_RATE_NONE: not limited */
    ol_web_handler *handle;
} ol_web_route;

typedef struct ol_web_settings {
    const char *host; /* numeric address to listen on */
    uint16_t port;    /* 0 takes a free one */
    const ol_web_route *routes;
    size_t route_count;
    void *context;              /* handed to handlers and gates */
    const char *const *origins; /* allowed origins for policies without any_origin */
    size_t origin_count;
    const char *const *proxies; /* addresses whose X-Forwarded-For and X-Real-IP count */
    size_t proxy_count;
    uint32_t rate_limits[OL_WEB_RATE_GROUPS_MAX];
    unsigned connections_max;        /* 0: 4,096 */
    unsigned connections_per_ip_max; /* 0: no limit */
    unsigned head_seconds;           /* from connection or last answer to a whole head; 0: 60 */
    unsigned body_seconds;           /* from the head to a whole body; 0: 120 */
    unsigned send_seconds;           /* from the answer to its last byte; 0: 300 */
    size_t arena_bytes_max;          /* of one request; 0: 32 MiB */
    bool json_refusals;              /* what is refused before a handler: {"error":text}, not text */
    const ol_clock *clock;
} ol_web_settings;

/* Listens and starts the loop thread; *ret is set before that thread runs, NULL on failure. The
 * settings' texts and tables must outlive the server. */
ol_rc ol_web_server_start(const ol_web_settings *settings, ol_web_server **ret, ol_err *err);
uint16_t ol_web_server_port(const ol_web_server *server);
/* Stops accepting connections; running requests go on and close their connection. */
void ol_web_server_quiesce(ol_web_server *server);
unsigned ol_web_server_held(const ol_web_server *server); /* requests somebody holds */
/* Every held request must have been answered. Closes all connections, joins, frees. */
void ol_web_server_free(ol_web_server *server);

/* ---- What a request holds. Borrowed; header and body views die with the answer or with
 * ol_web_release_body. */

ol_str ol_web_path(const ol_web_request *request); /* as sent, without the query */
const ol_web_route *ol_web_route_of(const ol_web_request *request);
ol_web_method ol_web_method_of(const ol_web_request *request);
/* Of the pattern's parameters, in order: percent-decoded UTF-8; a uuid in lower-case hyphenated
 * form. */
ol_str ol_web_param(const ol_web_request *request, size_t index);
/* First header of that name (case-insensitive), or false. */
bool ol_web_header(const ol_web_request *request, const char *name, ol_str *ret);
/* Token of `Authorization: Bearer T`: one space, case-sensitive scheme, not empty. */
bool ol_web_bearer(const ol_web_request *request, ol_str *ret);

typedef struct ol_web_field {
    ol_str name; /* decoded */
    ol_str value;
} ol_web_field;

/* The query, decoded (`+` is a space), in order; at most OL_WEB_QUERY_FIELDS_MAX, more is
 * OL_ERR_LIMIT. Lives in the arena. */
ol_rc ol_web_query(ol_web_request *request, const ol_web_field **ret, size_t *ret_count,
                   ol_err *err);
ol_bytes ol_web_body_of(const ol_web_request *request);
/* Moves the body out; free() it. */
uint8_t *ol_web_body_take(ol_web_request *request, size_t *ret_len);
ol_arena *ol_web_arena(ol_web_request *request);
const char *ol_web_client_ip(const ol_web_request *request); /* Coordinator 1, client IP */
ol_web_server *ol_web_server_of(const ol_web_request *request);
/* A number the gate leaves for the handler, such as whose credential it was; 0 at first. */
void ol_web_tag_set(ol_web_request *request, int64_t tag);
int64_t ol_web_tag(const ol_web_request *request);

/* ---- Answers: exactly one a request. Answering a held request gives it back to its loop thread;
 * the request must not be touched afterwards. */

/* Adds a header to the answer to come. `name` must be a literal; the value is copied. */
void ol_web_add_header(ol_web_request *request, const char *name, ol_str value);
/* `type` NULL: no content-type. The bytes are copied, or borrowed for ever (literals), or moved. */
void ol_web_answer(ol_web_request *request, unsigned status, const char *type, ol_bytes body);
void ol_web_answer_static(ol_web_request *request, unsigned status, const char *type,
                          ol_str literal);
void ol_web_answer_buf(ol_web_request *request, unsigned status, const char *type, ol_buf *body);
/* A file from its beginning, `bytes` long; the descriptor is taken. */
void ol_web_answer_file(ol_web_request *request, unsigned status, const char *type, int fd,
                        uint64_t bytes);
void ol_web_answer_empty(ol_web_request *request, unsigned status);
void ol_web_answer_text(ol_web_request *request, unsigned status, ol_str text);  /* text/plain */
void ol_web_answer_json(ol_web_request *request, unsigned status, ol_buf *json); /* moved */

extern const char OL_WEB_TYPE_TEXT[];  /* text/plain; charset=utf-8 */
extern const char OL_WEB_TYPE_JSON[];  /* application/json */
extern const char OL_WEB_TYPE_BYTES[]; /* application/octet-stream */

/* ---- Holding. */

void ol_web_hold(ol_web_request *request);
void ol_web_release_body(ol_web_request *request);
/* The peer closed or half-closed its end; a long poll asks before it takes work. */
bool ol_web_peer_gone(const ol_web_request *request);

/* ---- Figures. */

typedef struct ol_web_count {
    const ol_web_route *route; /* NULL: unknown paths */
    uint64_t by_class[6];      /* index: status / 100 */
} ol_web_count;

/* Row `index` of 0..routes (the last is the unknown paths); false beyond. */
bool ol_web_server_count(const ol_web_server *server, size_t index, ol_web_count *ret);
unsigned ol_web_server_connections(const ol_web_server *server);

#endif
