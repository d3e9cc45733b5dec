#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/net/http_internal.h"

const char OL_WEB_TYPE_TEXT[] = "text/plain; charset=utf-8";
const char OL_WEB_TYPE_JSON[] = "application/json";
const char OL_WEB_TYPE_BYTES[] = "application/octet-stream";

/* ---- What a request holds. */

ol_str ol_web_path(const ol_web_request *request)
{
    return request->url;
}

const ol_web_route *ol_web_route_of(const ol_web_request *request)
{
    return request->route;
}

ol_web_method ol_web_method_of(const ol_web_request *request)
{
    return request->method;
}

ol_str ol_web_param(const ol_web_request *request, size_t index)
{
    OL_ASSERT(request->path != NULL && index < request->path->params);
    return request->param[index];
}

bool ol_web_header(const ol_web_request *request, const char *name, ol_str *ret)
{
    const char *value = NULL;
    size_t len = 0;
    if (MHD_lookup_connection_value_n(request->mhd, MHD_HEADER_KIND, name, strlen(name), &value,
                                      &len) != MHD_YES)
        return false;
    *ret = ol_str_trim((ol_str){value == NULL ? "" : value, len}); /* RFC 9110 5.5 */
    return true;
}

bool ol_web_bearer(const ol_web_request *request, ol_str *ret)
{
    ol_str value;
    if (!ol_web_header(request, "authorization", &value) ||
        !ol_str_starts(value, OL_STR("Bearer ")))
        return false;
    ol_str token = ol_str_slice(value, strlen("Bearer "), value.len);
    if (token.len == 0 || token.data[0] == ' ')
        return false;
    *ret = token;
    return true;
}

typedef struct query_fill {
    ol_web_request *request;
    ol_web_field *field;
    size_t count;
    ol_rc rc;
} query_fill;

static enum MHD_Result query_add(void *cls, enum MHD_ValueKind kind, const char *key,
                                 size_t key_len, const char *value, size_t value_len)
{
    query_fill *fill = cls;
    (void)kind;
    if (fill->count == OL_WEB_QUERY_FIELDS_MAX) {
        fill->rc = OL_ERR_LIMIT;
        return MHD_NO;
    }
    ol_web_field *field = &fill->field[fill->count];
    ol_str raw = {value == NULL ? "" : value, value_len};
    if (!ol__percent_decode((ol_str){key, key_len}, false, &fill->request->arena, &field->name) ||
        !ol__percent_decode(raw, false, &fill->request->arena, &field->value)) {
        fill->rc = OL_ERR_NO_MEMORY;
        return MHD_NO;
    }
    fill->count++;
    return MHD_YES;
}

ol_rc ol_web_query(ol_web_request *request, const ol_web_field **ret, size_t *ret_count,
                   ol_err *err)
{
    query_fill fill = {.request = request};
    int fields = MHD_get_connection_values_n(request->mhd, MHD_GET_ARGUMENT_KIND, NULL, NULL);
    if (fields > OL_WEB_QUERY_FIELDS_MAX)
        return ol_fail(err, OL_ERR_LIMIT, "more than %d query fields", OL_WEB_QUERY_FIELDS_MAX);
    if (fields > 0) {
        fill.field = ol_arena_array(&request->arena, (size_t)fields, sizeof *fill.field);
        if (fill.field == NULL)
            return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
        (void)MHD_get_connection_values_n(request->mhd, MHD_GET_ARGUMENT_KIND, query_add, &fill);
    }
    if (fill.rc != OL_OK)
        return ol_fail(err, fill.rc, "the query cannot be read");
    *ret = fill.field;
    *ret_count = fill.count;
    return OL_OK;
}

ol_bytes ol_web_body_of(const ol_web_request *request)
{
    return (ol_bytes){request->body, request->body_len};
}

uint8_t *ol_web_body_take(ol_web_request *request, size_t *ret_len)
{
    uint8_t *body = request->body;
    *ret_len = request->body_len;
    request->body = NULL;
    request->body_len = request->body_size = 0;
    return body;
}

ol_arena *ol_web_arena(ol_web_request *request)
{
    return &request->arena;
}

ol_web_server *ol_web_server_of(const ol_web_request *request)
{
    return request->from->server;
}

void ol_web_tag_set(ol_web_request *request, int64_t tag)
{
    request->tag = tag;
}

int64_t ol_web_tag(const ol_web_request *request)
{
    return request->tag;
}

/* ---- Client address (Coordinator 1): headers count only when the peer is a configured proxy. */

static bool ip_parse(ol_str text, uint8_t ret_ip[16])
{
    char buffer[OL_WEB_IP_TEXT_BYTES];
    struct in_addr v4;
    if (text.len == 0 || text.len >= sizeof buffer)
        return false;
    memcpy(buffer, text.data, text.len);
    buffer[text.len] = 0;
    if (inet_pton(AF_INET, buffer, &v4) == 1) {
        static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
        memcpy(ret_ip, mapped, sizeof mapped);
        memcpy(ret_ip + sizeof mapped, &v4, sizeof v4);
        return true;
    }
    return inet_pton(AF_INET6, buffer, ret_ip) == 1;
}

static bool forwarded_find(const ol_web_request *request, ol_str *ret)
{
    ol_str value;
    ol_str rest;
    if (ol_web_header(request, "x-forwarded-for", &value)) {
        ol_str first;
        if (!ol_str_cut(value, ',', &first, &rest))
            first = value;
        *ret = ol_str_trim(first);
        return true;
    }
    if (!ol_web_header(request, "x-real-ip", &value))
        return false;
    *ret = ol_str_trim(value);
    return true;
}

void ol__client_ip_find(ol_web_request *request, uint8_t ret_ip[16])
{
    const ol__connection *from = request->from;
    ol_str text;
    memset(ret_ip, 0, 16);
    if (!from->peer_is_proxy || !forwarded_find(request, &text) || !ip_parse(text, ret_ip)) {
        text = ol_str_of(from->peer_text);
        (void)ip_parse(text, ret_ip);
    }
    memcpy(request->ip_text, text.data, text.len);
    request->ip_text[text.len] = 0;
}

const char *ol_web_client_ip(const ol_web_request *request)
{
    return request->ip_text;
}

/* ---- Answers. */

void ol_web_add_header(ol_web_request *request, const char *name, ol_str value)
{
    OL_ASSERT(request->extras < OL_WEB_ANSWER_HEADERS_MAX);
    char *copy = strndup(value.data, value.len);
    if (copy != NULL)
        request->extra[request->extras++] = (ol__extra_header){name, copy};
}

static void answer(ol_web_request *request, unsigned status, const char *type,
                   struct MHD_Response *response)
{
    OL_ASSERT(request->response == NULL && status >= 100 && status < 600);
    request->status = status;
    request->response = response; /* NULL (no memory) closes the connection */
    if (response != NULL) {
        if (type != NULL)
            (void)MHD_add_response_header(response, "content-type", type);
        for (size_t i = 0; i < request->extras; i++)
            (void)MHD_add_response_header(response, request->extra[i].name,
                                          request->extra[i].value);
        ol__cors_headers(request, response);
    }
    if (request->held) {
        ol_web_server *server = request->from->server;
        request->held = false;
        request->unsent = true;
        atomic_fetch_add(&server->unsent, 1);
        atomic_fetch_sub(&server->held, 1);
        MHD_resume_connection(request->mhd); /* from here on the loop thread owns the request */
    }
}

/* The library wants a pointer without const for what it only reads. */
static struct MHD_Response *response_over(ol_bytes bytes, enum MHD_ResponseMemoryMode mode)
{
    union {
        const uint8_t *in;
        void *out;
    } cast = {.in = bytes.data == NULL ? (const uint8_t *)"" : bytes.data};
    return MHD_create_response_from_buffer(bytes.len, cast.out, mode);
}

void ol_web_answer(ol_web_request *request, unsigned status, const char *type, ol_bytes body)
{
    answer(request, status, type, response_over(body, MHD_RESPMEM_MUST_COPY));
}

void ol_web_answer_static(ol_web_request *request, unsigned status, const char *type,
                          ol_str literal)
{
    answer(request, status, type, response_over(ol_str_bytes(literal), MHD_RESPMEM_PERSISTENT));
}

void ol_web_answer_buf(ol_web_request *request, unsigned status, const char *type, ol_buf *body)
{
    if (!ol_buf_ok(body)) { /* the answer did not fit: nothing half-written leaves */
        ol_buf_deinit(body);
        ol_web_answer_empty(request, 500);
        return;
    }
    size_t len;
    uint8_t *bytes = ol_buf_take(body, &len);
    struct MHD_Response *response =
        bytes == NULL ? response_over((ol_bytes){NULL, 0}, MHD_RESPMEM_PERSISTENT)
                      : MHD_create_response_from_buffer(len, bytes, MHD_RESPMEM_MUST_FREE);
    if (response == NULL)
        free(bytes);
    answer(request, status, type, response);
}

void ol_web_answer_file(ol_web_request *request, unsigned status, const char *type, int fd,
                        uint64_t bytes)
{
    struct MHD_Response *response = MHD_create_response_from_fd64(bytes, fd);
    if (response == NULL)
        (void)close(fd);
    answer(request, status, type, response);
}

void ol_web_answer_empty(ol_web_request *request, unsigned status)
{
    ol_web_answer_static(request, status, NULL, OL_STR(""));
}

void ol_web_answer_text(ol_web_request *request, unsigned status, ol_str text)
{
    ol_web_answer(request, status, OL_WEB_TYPE_TEXT, ol_str_bytes(text));
}

void ol_web_answer_json(ol_web_request *request, unsigned status, ol_buf *json)
{
    ol_web_answer_buf(request, status, OL_WEB_TYPE_JSON, json);
}

/* ---- Holding. */

void ol_web_hold(ol_web_request *request)
{
    ol_web_server *server = request->from->server;
    OL_ASSERT(!request->held && request->response == NULL && request->phase == OL__HANDED);
    request->held = true;
    server->loop_held = true;
    atomic_fetch_add(&server->held, 1);
    MHD_suspend_connection(request->mhd);
}

void ol_web_release_body(ol_web_request *request)
{
    free(request->body);
    request->body = NULL;
    request->body_len = request->body_size = 0;
    for (size_t i = 0; i < OL_WEB_PARAMS_MAX; i++)
        request->param[i] = (ol_str){NULL, 0};
    ol_arena_deinit(&request->arena);
}

bool ol_web_peer_gone(const ol_web_request *request)
{
    char byte;
    ssize_t n = recv(request->from->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

void ol__request_reset(ol_web_request *request)
{
    OL_ASSERT(!request->held);
    ol__connection *from = request->from;
    if (request->unsent)
        atomic_fetch_sub(&from->server->unsent, 1);
    free(request->body);
    ol_arena_deinit(&request->arena);
    for (size_t i = 0; i < request->extras; i++)
        free(request->extra[i].value);
    if (request->response != NULL)
        MHD_destroy_response(request->response);
    *request =
        (ol_web_request){.from = from, .arena = ol_arena_new(from->server->set.arena_bytes_max)};
}
