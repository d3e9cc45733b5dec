#include "lib/net/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/codec/json_write.h"
#include "lib/net/http_internal.h"

enum {
    CONNECTIONS_STANDARD = 4096,
    HEAD_SECONDS = 60,
    BODY_SECONDS = 120,
    SEND_SECONDS = 300,
    LAST_ANSWERS_MS = 2000,       /* for them to leave, when the server ends */
    BODY_FIRST_BYTES = 64 * 1024, /* a promised length is believed this far */
    BACKLOG = 1024,
    REFUSAL_BYTES_MAX = 8192,
};
#define ARENA_BYTES OL_MIB(32)
/* A refused body is read to its end up to here, so that the peer sees the answer and may go on;
 * beyond it the connection is closed. */
#define DRAIN_BYTES_MAX OL_MIB(16)

/* ---- A request, step by step. */

static bool method_parse(const char *text, ol_web_method *ret)
{
    static const struct {
        const char *name;
        ol_web_method method;
    } methods[] = {{"GET", OL_WEB_GET},
                   {"HEAD", OL_WEB_GET},
                   {"POST", OL_WEB_POST},
                   {"PUT", OL_WEB_PUT},
                   {"DELETE", OL_WEB_DELETE}};
    OL_EACH (row, methods) {
        if (strcmp(row->name, text) == 0) {
            *ret = row->method;
            return true;
        }
    }
    return false;
}

static const ol_web_route *row_of(const ol__path *path, ol_web_method method)
{
    for (size_t i = 0; i < OL__METHODS; i++) {
        if (path->row[i] != NULL && path->row[i]->method == method)
            return path->row[i];
    }
    return NULL;
}

/* `application/json` or `application/…+json`, parameters aside. */
static bool type_is_json(const ol_web_request *request)
{
    ol_str type;
    ol_str head;
    ol_str rest;
    if (!ol_web_header(request, "content-type", &type))
        return false;
    if (ol_str_cut(type, ';', &head, &rest))
        type = head;
    type = ol_str_trim(type);
    if (ol_str_eq_nocase(type, OL_STR("application/json")))
        return true;
    ol_str tail = ol_str_slice(type, type.len < 5 ? 0 : type.len - 5, type.len);
    ol_str front = ol_str_slice(type, 0, strlen("application/"));
    return type.len > strlen("application/+json") && ol_str_eq_nocase(tail, OL_STR("+json")) &&
           ol_str_eq_nocase(front, OL_STR("application/"));
}

static void refuse(ol_web_request *request, unsigned status, const char *text)
{
    ol_buf json;
    if (!ol_web_server_of(request)->set.json_refusals) {
        ol_web_answer_text(request, status, ol_str_of(text));
        return;
    }
    json = ol_buf_new(REFUSAL_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&json);
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "error", text);
    ol_json_object_end(&w);
    ol_web_answer_json(request, status, &json);
}

static bool rate_passes(ol_web_request *request)
{
    ol_web_server *server = request->from->server;
    unsigned group = request->path->first->rate;
    uint8_t ip[16];
    ol_rate_key key = {.group = group};
    ol__client_ip_find(request, ip);
    if (group == OL_WEB_RATE_NONE)
        return true;
    _Static_assert(sizeof key.part == sizeof ip, "an address is a key");
    memcpy(key.part, ip, sizeof ip);
    uint32_t limit = server->set.rate_limits[group];
    if (ol_rate_pass(&server->rates, key, limit, ol_wall_ms(server->set.clock)))
        return true;
    char text[96];
    ol_buf line = ol_buf_over(text, sizeof text);
    ol_buf_addf(&line, "Rate limit exceeded: %u requests/minute allowed. Try again later.", limit);
    ol_web_answer_text(request, MHD_HTTP_TOO_MANY_REQUESTS, ol_buf_str(&line));
    return false;
}

static void length_find(ol_web_request *request)
{
    ol_str text;
    uint64_t bytes;
    if (ol_web_header(request, "transfer-encoding", &text))
        request->body_told = SIZE_MAX;
    else if (ol_web_header(request, "content-length", &text) && ol_u64_parse(text, &bytes))
        request->body_told = (size_t)bytes;
    else
        request->body_told = 0;
}

static const char TOO_LONG[] = "Failed to buffer the request body: length limit exceeded";

/* Everything that can be refused by the head alone, in the order of http_server.h. */
static void head_check(ol_web_request *request, const char *method)
{
    ol_web_server *server = request->from->server;
    ol__match match;
    ol_err err;
    if (!ol__path_match(server->paths, server->path_count, request->url, &match)) {
        ol_web_answer_static(request, MHD_HTTP_NOT_FOUND, OL_WEB_TYPE_JSON,
                             OL_STR("{\"error\":\"not_found\",\"message\":\"Unknown endpoint\"}"));
        return;
    }
    request->path = match.path;
    if (strcmp(method, "OPTIONS") == 0) {
        ol__cors_preflight(request);
        return;
    }
    if (!rate_passes(request))
        return;
    const ol_web_gate *gate = match.path->first->gate;
    if (gate != NULL && !gate->pass(request, server->set.context)) {
        OL_ASSERT(request->response != NULL);
        return;
    }
    request->route =
        method_parse(method, &request->method) ? row_of(match.path, request->method) : NULL;
    if (request->route == NULL) {
        ol_web_add_header(request, "allow", ol_str_of(match.path->allow));
        ol_web_answer_empty(request, MHD_HTTP_METHOD_NOT_ALLOWED);
        return;
    }
    if (ol__params_parse(&match, &request->arena, request->param, &err) != OL_OK)
        refuse(request, MHD_HTTP_BAD_REQUEST, err.text);
    else if (request->route->body == OL_WEB_BODY_JSON && !type_is_json(request))
        refuse(request, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
               "Expected request with `Content-Type: application/json`");
    else if (request->body_told != SIZE_MAX && request->body_told > request->route->body_bytes_max)
        refuse(request, MHD_HTTP_CONTENT_TOO_LARGE, TOO_LONG);
}

static void count(const ol_web_request *request)
{
    ol_web_server *server = request->from->server;
    size_t row = request->route != NULL ? (size_t)(request->route - server->set.routes)
                                        : server->set.route_count;
    atomic_fetch_add_explicit(&server->counts[row * 6 + request->status / 100], 1,
                              memory_order_relaxed);
}

static enum MHD_Result response_queue(ol_web_request *request)
{
    if (request->response == NULL)
        return MHD_NO;
    count(request);
    (void)ol__deadline_set(request->from, request->from->server->set.send_seconds);
    enum MHD_Result queued = MHD_queue_response(request->mhd, request->status, request->response);
    MHD_destroy_response(request->response); /* the queue keeps its own reference */
    request->response = NULL;
    return queued;
}

static enum MHD_Result head_arrived(ol_web_request *request, const char *method)
{
    ol_web_server *server = request->from->server;
    ol_str expect;
    request->phase = OL__BODY;
    if (!ol__deadline_set(request->from, server->set.body_seconds))
        return MHD_NO;
    length_find(request);
    if (MHD_get_connection_values_n(request->mhd, MHD_HEADER_KIND, NULL, NULL) > OL_WEB_HEADERS_MAX)
        ol_web_answer_empty(request, MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE);
    else
        head_check(request, method);
    request->body_drop = request->response != NULL || request->route == NULL ||
                         request->route->body == OL_WEB_BODY_NONE;
    if (request->response == NULL || request->body_told == 0)
        return MHD_YES;
    /* Refused with a body to come: read a bearable one, so that the answer is not lost in a reset
     * connection; do not ask for one that waits for our leave. */
    bool waits = ol_web_header(request, "expect", &expect);
    if (waits || (request->body_told != SIZE_MAX && request->body_told > DRAIN_BYTES_MAX))
        return response_queue(request);
    return MHD_YES;
}

static bool body_room(ol_web_request *request, size_t bytes)
{
    size_t wanted = request->body_len + bytes;
    if (wanted <= request->body_size)
        return true;
    size_t size = request->body_size * 2;
    if (size == 0)
        size = request->body_told < BODY_FIRST_BYTES ? request->body_told : BODY_FIRST_BYTES;
    if (request->body_told != SIZE_MAX && size > request->body_told)
        size = request->body_told;
    if (size < wanted)
        size = wanted;
    uint8_t *grown = realloc(request->body, size);
    if (grown == NULL)
        return false;
    request->body = grown;
    request->body_size = size;
    return true;
}

static void body_drop(ol_web_request *request)
{
    free(request->body);
    request->body = NULL;
    request->body_len = request->body_size = 0;
    request->body_drop = true;
}

static enum MHD_Result body_arrived(ol_web_request *request, const char *data, size_t bytes)
{
    request->body_seen += bytes;
    if (request->body_drop)
        return request->body_seen > DRAIN_BYTES_MAX ? MHD_NO : MHD_YES;
    if (request->body_len + bytes > request->route->body_bytes_max) {
        body_drop(request);
        refuse(request, MHD_HTTP_CONTENT_TOO_LARGE, TOO_LONG);
        return MHD_YES;
    }
    if (!body_room(request, bytes))
        return MHD_NO;
    memcpy(request->body + request->body_len, data, bytes);
    request->body_len += bytes;
    return MHD_YES;
}

static enum MHD_Result request_ready(ol_web_request *request)
{
    ol_web_server *server = request->from->server;
    request->phase = OL__HANDED;
    if (!ol__deadline_set(request->from, 0))
        return MHD_NO; /* the peer would never learn what the handler did */
    if (request->response != NULL)
        return response_queue(request);
    server->loop_held = false;
    request->route->handle(request, server->set.context);
    if (server->loop_held)
        return MHD_YES; /* somebody else's now; MHD comes back after the answer */
    OL_ASSERT(request->response != NULL || request->status != 0);
    return response_queue(request);
}

static enum MHD_Result on_access(void *cls, struct MHD_Connection *mhd, const char *url,
                                 const char *method, const char *version, const char *upload_data,
                                 size_t *upload_bytes, void **request_context)
{
    (void)cls;
    (void)version;
    ol_web_request *request = *request_context;
    if (request == NULL) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
        ol__connection *connection = info == NULL ? NULL : info->socket_context;
        if (connection == NULL)
            return MHD_NO;
        request = &connection->request;
        request->mhd = mhd;
        request->url = ol_str_of(url);
        *request_context = request;
        return head_arrived(request, method);
    }
    if (*upload_bytes > 0) {
        size_t bytes = *upload_bytes;
        *upload_bytes = 0;
        return body_arrived(request, upload_data, bytes);
    }
    if (request->phase == OL__HANDED)
        return response_queue(request);
    return request_ready(request);
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **request_context,
                         enum MHD_RequestTerminationCode code)
{
    ol_web_server *server = cls;
    ol_web_request *request = *request_context;
    (void)mhd;
    (void)code;
    if (request == NULL)
        return;
    *request_context = NULL;
    ol__request_reset(request);
    (void)ol__deadline_set(request->from, server->set.head_seconds);
}

/* Paths and queries are decoded here, after they are taken apart. */
static size_t on_unescape(void *cls, struct MHD_Connection *mhd, char *text)
{
    (void)cls;
    (void)mhd;
    return strlen(text);
}

/* ---- Start and end. */

static ol_rc listen_open(ol_web_server *server, ol_err *err)
{
    struct sockaddr_storage address = {0};
    socklen_t bytes;
    const char *host = server->set.host;
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(server->set.port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(server->set.port)};
    if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
        memcpy(&address, &v4, bytes = sizeof v4);
    } else if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1) {
        memcpy(&address, &v6, bytes = sizeof v6);
    } else {
        return ol_fail(err, OL_ERR_SETTINGS, "%s is not a numeric address", host);
    }
    int on = 1;
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    server->listen_fd = fd;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&address, bytes) != 0 || listen(fd, BACKLOG) != 0)
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "cannot listen on %s port %u", host,
                             server->set.port);
    bytes = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &bytes) != 0)
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "getsockname");
    if (address.ss_family == AF_INET) {
        memcpy(&v4, &address, sizeof v4);
        server->port = ntohs(v4.sin_port);
    } else {
        memcpy(&v6, &address, sizeof v6);
        server->port = ntohs(v6.sin6_port);
    }
    return OL_OK;
}

static ol_rc daemon_start(ol_web_server *server, ol_err *err)
{
    server->daemon =
        MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_INTERNAL_POLLING_THREAD | MHD_ALLOW_SUSPEND_RESUME,
                         0, NULL, NULL, on_access, server, MHD_OPTION_LISTEN_SOCKET,
                         server->listen_fd, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                         (size_t)OL_WEB_CONNECTION_BYTES, MHD_OPTION_CONNECTION_LIMIT,
                         server->set.connections_max, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
                         server->set.connections_per_ip_max, MHD_OPTION_NOTIFY_COMPLETED,
                         on_completed, server, MHD_OPTION_NOTIFY_CONNECTION, ol__connection_notify,
                         server, MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, server, MHD_OPTION_END);
    if (server->daemon == NULL)
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "the HTTP server does not start");
    server->listen_fd = -1; /* the daemon closes it */
    return OL_OK;
}

static void standards_fill(ol_web_settings *set)
{
    if (set->connections_max == 0)
        set->connections_max = CONNECTIONS_STANDARD;
    if (set->head_seconds == 0)
        set->head_seconds = HEAD_SECONDS;
    if (set->body_seconds == 0)
        set->body_seconds = BODY_SECONDS;
    if (set->send_seconds == 0)
        set->send_seconds = SEND_SECONDS;
    if (set->arena_bytes_max == 0)
        set->arena_bytes_max = ARENA_BYTES;
    if (set->clock == NULL)
        set->clock = ol_clock_real();
}

static ol_rc tables_make(ol_web_server *server, ol_err *err)
{
    size_t rows = server->set.route_count;
    if (rows > OL_WEB_ROUTES_MAX)
        return ol_fail(err, OL_ERR_LIMIT, "more than %d routes", OL_WEB_ROUTES_MAX);
    server->paths = calloc(rows, sizeof *server->paths);
    server->counts = calloc((rows + 1) * 6, sizeof *server->counts);
    if (server->paths == NULL || server->counts == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    return ol__paths_compile(server->set.routes, rows, server->paths, &server->path_count, err);
}

static ol_rc start(ol_web_server *server, ol_err *err)
{
    OL_TRY(tables_make(server, err));
    OL_TRY(listen_open(server, err));
    OL_TRY(ol__watch_start(server, err));
    return daemon_start(server, err);
}

ol_rc ol_web_server_start(const ol_web_settings *settings, ol_web_server **ret, ol_err *err)
{
    ol_web_server *server = calloc(1, sizeof *server);
    if (server == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    server->set = *settings;
    server->listen_fd = -1;
    standards_fill(&server->set);
    *ret = server; /* before its thread is there: handlers read this pointer */
    ol_rc rc = start(server, err);
    if (rc != OL_OK) {
        *ret = NULL;
        ol_web_server_free(server);
    }
    return rc;
}

uint16_t ol_web_server_port(const ol_web_server *server)
{
    return server->port;
}

void ol_web_server_quiesce(ol_web_server *server)
{
    int fd = MHD_quiesce_daemon(server->daemon);
    if (fd < 0)
        return;
    /* New connections are refused from here on. The loop thread may still be taking the descriptor
     * out of its set, so that its number must not be free yet. */
    (void)shutdown(fd, SHUT_RDWR);
    server->listen_fd = fd;
}

unsigned ol_web_server_held(const ol_web_server *server)
{
    return atomic_load(&server->held);
}

unsigned ol_web_server_connections(const ol_web_server *server)
{
    return atomic_load(&server->connections);
}

/* Answers given a moment ago are still with the loop thread, and stopping it would drop them. A
 * client that does not read its answer is not waited for. */
static void answers_send(const ol_web_server *server)
{
    const struct timespec step = {.tv_nsec = 1000000};
    for (int ms = 0; ms < LAST_ANSWERS_MS && atomic_load(&server->unsent) > 0; ms++)
        (void)nanosleep(&step, NULL);
}

void ol_web_server_free(ol_web_server *server)
{
    if (server == NULL)
        return;
    OL_ASSERT(atomic_load(&server->held) == 0);
    if (server->daemon != NULL)
        answers_send(server);
    if (server->daemon != NULL)
        MHD_stop_daemon(server->daemon);
    ol__watch_stop(server);
    if (server->listen_fd >= 0)
        (void)close(server->listen_fd);
    ol_rates_deinit(&server->rates);
    free(server->paths);
    free(server->counts);
    free(server);
}

bool ol_web_server_count(const ol_web_server *server, size_t index, ol_web_count *ret)
{
    if (index > server->set.route_count)
        return false;
    ret->route = index < server->set.route_count ? &server->set.routes[index] : NULL;
    for (size_t i = 0; i < OL_COUNT(ret->by_class); i++)
        ret->by_class[i] =
            atomic_load_explicit(&server->counts[index * 6 + i], memory_order_relaxed);
    return true;
}
