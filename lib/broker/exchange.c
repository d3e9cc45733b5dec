/* One outgoing request as curl sees it: head, body in both directions, outcome. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/broker/internal.h"

/* Host interfaces 5: neither settable by a guest nor shown to it. */
static const ol_str FORBIDDEN[] = {
    OL_STR_INIT("connection"),
    OL_STR_INIT("keep-alive"),
    OL_STR_INIT("proxy-authenticate"),
    OL_STR_INIT("proxy-authorization"),
    OL_STR_INIT("proxy-connection"),
    OL_STR_INIT("te"),
    OL_STR_INIT("transfer-encoding"),
    OL_STR_INIT("upgrade"),
    OL_STR_INIT("host"),
    OL_STR_INIT("http2-settings"),
};

bool ol__header_forbidden(ol_str name)
{
    OL_EACH (one, FORBIDDEN) {
        if (ol_str_eq_nocase(name, *one))
            return true;
    }
    return false;
}

static bool is_token(ol_str text)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool fine = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    (c != '\0' && strchr(marks, c) != NULL);
        if (!fine)
            return false;
    }
    return text.len > 0;
}

static bool is_value(ol_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if ((c < ' ' && c != '\t') || c == 0x7F)
            return false;
    }
    return true;
}

static bool add_line(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (longer != NULL)
        *list = longer;
    return longer != NULL;
}

/* Ours to set: framing follows from the body, and a 100-continue round trip serves nobody. */
static bool is_ours(ol_str name)
{
    return ol__header_forbidden(name) || ol_str_eq_nocase(name, OL_STR("content-length")) ||
           ol_str_eq_nocase(name, OL_STR("expect"));
}

static bool add_headers(ol__stream *stream, const ol__request_head *head)
{
    bool accept = false;
    for (size_t i = 0; i < head->headers_count; i++) {
        ol_str name = ol_bytes_str(head->headers[i].name);
        ol_str value = ol_str_trim(ol_bytes_str(head->headers[i].value));
        if (is_ours(name))
            continue;
        if (!is_token(name) || !is_value(value))
            return false;
        accept |= ol_str_eq_nocase(name, OL_STR("accept"));
        /* curl's notation for a header without a value ends in a semicolon. */
        ol_str line = ol_arena_printf(&stream->arena, value.len > 0 ? "%.*s: %.*s" : "%.*s;%.*s",
                                      OL_FMT(name), OL_FMT(value));
        if (line.data == NULL || !add_line(&stream->headers, line.data))
            return false;
    }
    return (accept || add_line(&stream->headers, "Accept:")) &&
           add_line(&stream->headers, "Expect:");
}

/* ---- request body ---- */

static size_t on_read(char *into, size_t size, size_t count, void *context)
{
    ol__stream *stream = context;
    size_t room = size * count;
    size_t have = stream->out.len - stream->out_at;
    if (have == 0) {
        stream->out_paused = !stream->out_last;
        return stream->out_last ? 0 : CURL_READFUNC_PAUSE;
    }
    size_t part = have < room ? have : room;
    memcpy(into, stream->out.data + stream->out_at, part);
    stream->out_at += part;
    stream->broker->egress.queued_bytes -= part;
    stream->heard_ns = ol__now_ns();
    if (stream->out_at == stream->out.len) {
        ol_buf_clear(&stream->out);
        stream->out_at = 0;
    }
    return part;
}

/* ---- response ---- */

static void start_head(ol__stream *stream)
{
    stream->pairs = 0;
    stream->pairs_bytes = 0;
    stream->status = 0;
}

/* "HTTP/1.1 200 OK" */
static bool take_status(ol__stream *stream, ol_str line)
{
    ol_str version;
    ol_str rest;
    uint32_t status;
    if (!ol_str_cut(line, ' ', &version, &rest) ||
        !ol_u32_parse(ol_str_slice(rest, 0, 3), &status) || status < 100 || status > 999)
        return false;
    start_head(stream);
    stream->status = (uint16_t)status;
    return true;
}

static bool take_header(ol__stream *stream, ol_str line)
{
    ol_str name;
    ol_str value;
    if (!ol_str_cut(line, ':', &name, &value))
        return false;
    stream->pairs_bytes += line.len;
    if (stream->pairs == OL_HTTP_HEADERS_MAX || stream->pairs_bytes > OL_HTTP_HEADER_BYTES_MAX)
        return false;
    value = ol_str_trim(value);
    if (ol__header_forbidden(name))
        return true;
    ol_str lower;
    ol_frame_pair *pair = &stream->pair[stream->pairs];
    if (!is_token(name) || !ol_arena_copy(&stream->arena, name, &lower) ||
        !ol_arena_copy_bytes(&stream->arena, ol_str_bytes(value), &pair->value))
        return false;
    uint8_t *c = ol_arena_alloc(&stream->arena, lower.len + 1);
    if (c == NULL)
        return false;
    for (size_t i = 0; i < lower.len; i++)
        c[i] = (uint8_t)(lower.data[i] >= 'A' && lower.data[i] <= 'Z' ? lower.data[i] + 32
                                                                      : lower.data[i]);
    pair->name = (ol_bytes){c, lower.len};
    stream->pairs++;
    return true;
}

static size_t on_header(char *data, size_t size, size_t count, void *context)
{
    ol__stream *stream = context;
    size_t bytes = size * count;
    ol_str line = {data, bytes};
    while (line.len > 0 && (line.data[line.len - 1] == '\n' || line.data[line.len - 1] == '\r'))
        line.len--;
    stream->heard_ns = ol__now_ns();
    if (stream->head_complete) /* trailers: not shown */
        return bytes;
    bool fine = true;
    if (line.len == 0)
        stream->head_complete = stream->status >= 200; /* 1xx: another head follows */
    else if (ol_str_starts(line, OL_STR("HTTP/")))
        fine = take_status(stream, line);
    else
        fine = take_header(stream, line);
    if (!fine)
        ol__stream_fail(stream, OL__HTTP_PROTOCOL_ERROR, "");
    return fine ? bytes : 0;
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    ol__stream *stream = context;
    ol__egress *egress = &stream->broker->egress;
    size_t bytes = size * count;
    size_t held = stream->in.len - stream->in_at;
    stream->heard_ns = ol__now_ns();
    /* A piece waits for the guest already: let the peer wait too. */
    if (!stream->call && held > 0 && held + bytes > OL_HTTP_FRAME_BYTES_MAX) {
        stream->in_paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    if (egress->body_bytes + bytes > OL_HTTP_BODIES_BYTES_MAX) {
        ol__stream_fail(stream, OL__HTTP_INTERNAL_ERROR, "HTTP budget exceeded");
        return 0;
    }
    if (stream->call && stream->in.len + bytes > stream->answer_bytes_max) {
        ol__stream_fail(stream, OL__HTTP_INTERNAL_ERROR, "response body larger than max-bytes");
        return 0;
    }
    egress->body_bytes += bytes;
    if (stream->in_at > 0 && held == 0) {
        ol_buf_clear(&stream->in);
        stream->in_at = 0;
    }
    ol_buf_add(&stream->in, (ol_bytes){(const uint8_t *)data, bytes});
    if (!ol_buf_ok(&stream->in)) {
        ol__stream_fail(stream, OL__HTTP_INTERNAL_ERROR, "out of memory");
        return 0;
    }
    return bytes;
}

/* ---- set-up ---- */

/* The last fence: what curl connects to is judged once more. */
static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    const ol__stream *stream = context;
    ol_addr plain;
    (void)purpose;
    if (!ol_addr_of_socket(&address->addr, &plain) || !stream->broker->plan.allow(&plain))
        return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool set_method(ol__stream *stream, ol_str method)
{
    CURL *h = stream->handle;
    ol_str copy;
    if (!is_token(method) || !ol_arena_copy(&stream->arena, method, &copy))
        return false;
    if (stream->has_body) {
        (void)curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
        (void)curl_easy_setopt(h, CURLOPT_READFUNCTION, on_read);
        (void)curl_easy_setopt(h, CURLOPT_READDATA, stream);
        (void)curl_easy_setopt(h, CURLOPT_INFILESIZE_LARGE, (curl_off_t)stream->body_bytes);
    }
    if (ol_str_eq(method, OL_STR("HEAD")))
        (void)curl_easy_setopt(h, CURLOPT_NOBODY, 1L);
    else
        (void)curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, copy.data);
    return true;
}

bool ol__exchange_prepare(ol__stream *stream, const ol__request_head *head)
{
    const ol_broker_plan *plan = &stream->broker->plan;
    stream->handle = ol_http_handle_new(plan->ca_file);
    stream->pair = ol_arena_array(&stream->arena, OL_HTTP_HEADERS_MAX, sizeof *stream->pair);
    if (stream->handle == NULL || stream->pair == NULL) {
        ol__stream_fail(stream, OL__HTTP_INTERNAL_ERROR, "out of memory");
        return false;
    }
    CURL *h = stream->handle;
    if (!set_method(stream, head->method)) {
        ol__stream_fail(stream, OL__HTTP_INTERNAL_ERROR, "malformed method");
        return false;
    }
    if (!add_headers(stream, head)) {
        ol__stream_fail(stream, OL__HTTP_INTERNAL_ERROR, "malformed header");
        return false;
    }
    (void)curl_easy_setopt(h, CURLOPT_PRIVATE, stream);
    (void)curl_easy_setopt(h, CURLOPT_HTTPHEADER, stream->headers);
    (void)curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(h, CURLOPT_HEADERDATA, stream);
    (void)curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(h, CURLOPT_WRITEDATA, stream);
    (void)curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    (void)curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, stream);
    (void)curl_easy_setopt(h, CURLOPT_PATH_AS_IS, 1L);
    (void)curl_easy_setopt(h, CURLOPT_BUFFERSIZE, 65536L);
    if (head->connect_ms > 0)
        (void)curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)head->connect_ms);
    return true;
}

/* Tells curl which addresses the name has: these were judged, no second look-up happens. */
static bool pin(ol__stream *stream, const ol_addresses *addresses)
{
    char storage[OL_HOST_BYTES_MAX + 64 + OL_ADDRESSES_MAX * (OL_ADDR_TEXT_BYTES + 3)];
    ol_buf line = ol_buf_over(storage, sizeof storage);
    if (stream->url.ipv6)
        return true; /* a literal: curl asks nobody */
    ol_buf_addf(&line, "%.*s:%u:", OL_FMT(stream->url.host), (unsigned)stream->url.port);
    for (size_t i = 0; i < addresses->count; i++) {
        char text[OL_ADDR_TEXT_BYTES];
        ol_addr_format(&addresses->addr[i], text);
        ol_buf_addf(&line, addresses->addr[i].ipv6 ? "%s[%s]" : "%s%s", i > 0 ? "," : "", text);
    }
    ol_buf_add_char(&line, '\0');
    OL_ASSERT(ol_buf_ok(&line));
    if (!add_line(&stream->pinned, storage))
        return false;
    (void)curl_easy_setopt(stream->handle, CURLOPT_RESOLVE, stream->pinned);
    return true;
}

bool ol__exchange_start(ol__stream *stream, const ol_addresses *addresses)
{
    ol_str url;
    if (!pin(stream, addresses) || !ol_arena_copy(&stream->arena, stream->url.text, &url) ||
        curl_easy_setopt(stream->handle, CURLOPT_URL, url.data) != CURLE_OK ||
        !ol_http_loop_add(stream->broker->egress.loop, stream->handle)) {
        ol__stream_fail(stream, OL__HTTP_INTERNAL_ERROR, "out of memory");
        return false;
    }
    stream->in_loop = true;
    stream->state = OL__STREAM_UNDER_WAY;
    return true;
}

uint8_t ol__exchange_code(CURLcode code)
{
    switch ((int)code) { /* the cases that have a name in wasi:http */
    case CURLE_OPERATION_TIMEDOUT:
        return OL__HTTP_CONNECTION_TIMEOUT;
    case CURLE_COULDNT_CONNECT:
        return OL__HTTP_CONNECTION_REFUSED;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
        return OL__HTTP_TLS_CERTIFICATE_ERROR;
    case CURLE_SSL_CONNECT_ERROR:
        return OL__HTTP_TLS_PROTOCOL_ERROR;
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
        return OL__HTTP_CONNECTION_TERMINATED;
    default:
        return OL__HTTP_PROTOCOL_ERROR;
    }
}
