#include "services/runner/job_link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/proto/limits.h"
#include "lib/sandbox/sealed_memfd.h"

enum {
    RESULT_WORDS_BYTES = 256,
    CALL_HEAD_BYTES_MAX = 64 * 1024, /* the function, and a length and a number for each value */
};

_Static_assert(2 + 16 * OL_HOST_VALUES_MAX <= CALL_HEAD_BYTES_MAX, "all that is not bytes fits");

job_link *job_link_new(int socket)
{
    job_link *link = calloc(1, sizeof *link);
    if (link == NULL)
        return NULL;
    link->socket = socket;
    return link;
}

/* ---- the job ------------------------------------------------------------------------------- */

static ol_rc job_payload(job_link *link, int fd, ol_bytes packet, ol_bytes *ret, ol_err *err)
{
    ol_frame_head head;
    ol_bytes payload;
    ol_frame_step step = OL_FRAME_BROKEN;
    if (ol_frame_head_decode(packet, &head, &payload))
        step = ol_frame_read(&link->reader, packet, ol_frame_to_run_bytes_max(head.kind), &head,
                             &payload);
    if (step != OL_FRAME_MESSAGE)
        return ol_fail(err, OL_ERR_PROTOCOL, "no job");
    if (head.kind == OL_FRAME_JOB) {
        /* The packet buffer is used again, so the job moves out. */
        uint8_t *copy = malloc(payload.len + 1);
        if (copy == NULL)
            return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
        memcpy(copy, payload.data, payload.len);
        *ret = (ol_bytes){copy, payload.len};
        return OL_OK;
    }
    uint64_t bytes;
    if (head.kind != OL_FRAME_JOB_FILE || !ol_frame_run_decode(payload, &bytes))
        return ol_fail(err, OL_ERR_PROTOCOL, "no job");
    return ol_memfd_map(fd, bytes, ret, err);
}

ol_rc job_link_take_job(job_link *link, ol_frame_job *ret, ol_err *err)
{
    ol_bytes payload = {0};
    OL_AUTO(ol_fd) file = OL_FD_NONE;
    size_t count = 1;
    ssize_t got =
        ol_frame_receive(link->socket, link->packet, OL_FRAME_PACKET_BYTES_MAX, 0, &file.n, &count);
    if (got <= 0)
        return ol_fail(err, OL_ERR_PROTOCOL, "no job");
    if (count == 0)
        file = OL_FD_NONE;
    OL_TRY(job_payload(link, file.n, (ol_bytes){link->packet, (size_t)got}, &payload, err));

    if (!ol_frame_job_decode(payload, link->variable, ret))
        return ol_fail(err, OL_ERR_PROTOCOL, "no job");
    return OL_OK;
}

/* ---- receiving ----------------------------------------------------------------------------- */

static void event_deinit(job_event *event)
{
    free(event->data);
    *event = (job_event){0};
}

/* Keeps the event of a stream until somebody asks for it. */
static bool event_file(job_link *link, const ol_frame_head *head, ol_bytes payload)
{
    for (size_t i = 0; i < JOB_STREAMS_MAX; i++) {
        job_event *e = &link->event[i];
        if (i < link->events && e->kind != 0)
            continue;
        if (i == link->events)
            link->events++;
        uint8_t *copy = malloc(payload.len + 1);
        if (copy == NULL)
            return false;
        if (payload.len > 0)
            memcpy(copy, payload.data, payload.len);
        *e = (job_event){head->id, head->kind, copy, payload.len};
        return true;
    }
    return false;
}

typedef enum link_step { LINK_NOTHING, LINK_MESSAGE, LINK_GONE } link_step;

/* One whole message, or nothing yet. */
static link_step receive(job_link *link, int flags, ol_frame_head *ret_head, ol_bytes *ret_payload)
{
    for (;;) {
        ssize_t got = recv(link->socket, link->packet, OL_FRAME_PACKET_BYTES_MAX, flags);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return LINK_NOTHING;
        if (got <= 0)
            return LINK_GONE;
        ol_bytes packet = {link->packet, (size_t)got}, piece;
        ol_frame_head head;
        if (!ol_frame_head_decode(packet, &head, &piece))
            return LINK_GONE;
        ol_frame_step step = ol_frame_read(
            &link->reader, packet, ol_frame_to_run_bytes_max(head.kind), ret_head, ret_payload);
        if (step == OL_FRAME_MESSAGE)
            return LINK_MESSAGE;
        if (step == OL_FRAME_BROKEN)
            return LINK_GONE;
    }
}

/* ---- calls --------------------------------------------------------------------------------- */

static size_t call_bytes(const ol_host_value *values, size_t count)
{
    size_t bytes = 0; /* of at most OL_HOST_VALUES_MAX parts of the guest's memory */
    for (size_t i = 0; i < count; i++)
        bytes += values[i].bytes.len;
    return bytes;
}

/* What a supervisor would answer, were the call not larger than one may be (Host interfaces 6: a
 * function never traps on what a service refuses). */
static void refuse_size(job_link *link, ol_host_fn function, const ol_host_value *values,
                        size_t count, const ol_host_value **ret, size_t *ret_count)
{
    ol_str letters = ol_host_results(function);
    ol_host_value *answer = link->answer;
    size_t longest = 0;
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        longest = values[i].bytes.len > longest ? values[i].bytes.len : longest;
    bool storage = OL_HOST_FUNCTION[function].interface == OL_HOST_STORAGE;
    (void)snprintf(link->refusal, sizeof link->refusal, "%s too large: %zu bytes (max %zu)",
                   storage ? "Storage value" : "Arguments",
                   storage ? longest : call_bytes(values, count),
                   storage ? (size_t)OL_STORAGE_VALUE_BYTES_MAX
                           : (size_t)OL_FRAME_CALL_BYTES_MAX - CALL_HEAD_BYTES_MAX);
    const ol_host_value text = {.bytes = ol_str_bytes(ol_str_of(link->refusal))};
    if (ol_str_eq(letters, OL_STR("R"))) {
        answer[n++] = (ol_host_value){.number = 1}; /* an error */
        answer[n++] = text;
    } else {
        for (; n < letters.len; n++) /* the last text says why, where there is one */
            answer[n] = letters.data[n] == 's' && n + 1 == letters.len
                            ? text
                            : (ol_host_value){.number = 0};
    }
    *ret = answer;
    *ret_count = n;
}

bool job_link_call(job_link *link, ol_host_fn function, const ol_host_value *values, size_t count,
                   const ol_host_value **ret, size_t *ret_count)
{
    ol_frame_head head;
    ol_bytes payload;
    if (call_bytes(values, count) > OL_FRAME_CALL_BYTES_MAX - CALL_HEAD_BYTES_MAX) {
        refuse_size(link, function, values, count, ret, ret_count);
        return true;
    }
    uint32_t id = ++link->calls;
    ol_buf words = ol_buf_new(OL_FRAME_CALL_BYTES_MAX);
    bool sent = ol_frame_call_encode(function, values, count, &words) &&
                ol_frame_send_all(link->socket, OL_FRAME_CALL, id, ol_buf_bytes(&words),
                                  (ol_bytes){NULL, 0});
    ol_buf_deinit(&words);
    if (!sent)
        return false;
    for (;;) {
        if (receive(link, 0, &head, &payload) != LINK_MESSAGE)
            return false;
        if (head.kind == OL_FRAME_ANSWER) {
            *ret = link->answer;
            return head.id == id &&
                   ol_frame_answer_decode(function, payload, link->answer, ret_count);
        }
        if (!event_file(link, &head, payload))
            return false;
    }
}

bool job_link_send_result(job_link *link, const ol_frame_result *result)
{
    ol_buf words =
        ol_buf_new(RESULT_WORDS_BYTES + OL_FRAME_TEXT_BYTES_MAX + OL_FRAME_TAIL_BYTES_MAX);
    ol_frame_result_encode(result, &words);
    bool sent = ol_buf_ok(&words) && ol_frame_send_all(link->socket, OL_FRAME_RESULT, 0,
                                                       ol_buf_bytes(&words), result->output);
    ol_buf_deinit(&words);
    return sent;
}

/* ---- outgoing HTTP ------------------------------------------------------------------------- */

static ol_str str_of(olw_str s)
{
    return (ol_str){(const char *)s.data, s.len};
}

static bool http_open(void *env, uint32_t id, const olw_http_request *request)
{
    job_link *link = env;
    if (request->headers_len > OL_FRAME_HEADERS_MAX)
        return false;
    for (size_t i = 0; i < request->headers_len; i++) {
        const olw_http_pair *from = &request->headers[i];
        link->header[i] =
            (ol_frame_pair){{from->name.data, from->name.len}, {from->value.data, from->value.len}};
    }
    const ol_frame_http_open open = {
        .method = str_of(request->method),
        .scheme = str_of(request->scheme),
        .authority = str_of(request->authority),
        .path = str_of(request->path),
        .headers_count = request->headers_len,
        .headers = link->header,
        .body_bytes = request->body_bytes < 0 ? -1 : request->body_bytes,
        .has_body = request->has_body,
        .connect_timeout_ms = request->connect_timeout_ms,
        .first_byte_timeout_ms = request->first_byte_timeout_ms,
        .between_bytes_timeout_ms = request->between_bytes_timeout_ms,
    };
    ol_buf words = ol_buf_new(OL_FRAME_HTTP_HEAD_BYTES_MAX);
    ol_frame_http_open_encode(&open, &words);
    bool sent = ol_buf_ok(&words) && ol_frame_send_all(link->socket, OL_FRAME_HTTP_OPEN, id,
                                                       ol_buf_bytes(&words), (ol_bytes){NULL, 0});
    ol_buf_deinit(&words);
    return sent;
}

static bool http_send(void *env, uint32_t id, olw_str data, bool last)
{
    const job_link *link = env;
    return ol_frame_send_all(link->socket, last ? OL_FRAME_HTTP_LAST : OL_FRAME_HTTP_SEND, id,
                             (ol_bytes){data.data, data.len}, (ol_bytes){NULL, 0});
}

static bool http_pull(void *env, uint32_t id)
{
    const job_link *link = env;
    return ol_frame_send_all(link->socket, OL_FRAME_HTTP_PULL, id, (ol_bytes){NULL, 0},
                             (ol_bytes){NULL, 0});
}

static void http_drop(void *env, uint32_t id)
{
    job_link *link = env;
    for (size_t i = 0; i < link->events; i++) {
        if (link->event[i].kind != 0 && link->event[i].id == id)
            event_deinit(&link->event[i]);
    }
    (void)ol_frame_send_all(link->socket, OL_FRAME_HTTP_DROP, id, (ol_bytes){NULL, 0},
                            (ol_bytes){NULL, 0});
}

static bool head_show(job_link *link, ol_bytes payload, olw_http_event *ret)
{
    ol_frame_http_head head;
    if (!ol_frame_http_head_decode(payload, link->header, &head))
        return false;
    _Static_assert(sizeof(ol_frame_pair) == sizeof(olw_http_pair), "same layout");
    ret->kind = OLW_HTTP_HEAD;
    ret->status = head.status;
    ret->headers = (const olw_http_pair *)(const void *)link->header;
    ret->headers_len = head.headers_count;
    return true;
}

/* Lends the event out; it lives until the next one is shown. */
static bool event_show(job_link *link, job_event *event, olw_http_event *ret)
{
    event_deinit(&link->shown);
    link->shown = *event;
    *event = (job_event){0};
    ol_bytes payload = {link->shown.data, link->shown.len};
    *ret = (olw_http_event){.kind = OLW_HTTP_NOTHING};
    if (link->shown.kind == OL_FRAME_HTTP_HEAD)
        return head_show(link, payload, ret);
    if (link->shown.kind == OL_FRAME_HTTP_PIECE) {
        ret->kind = OLW_HTTP_PIECE;
        ret->data = (olw_str){payload.data, payload.len};
        return true;
    }
    if (link->shown.kind == OL_FRAME_HTTP_END) {
        ret->kind = OLW_HTTP_END;
        return true;
    }
    ol_frame_http_error error;
    if (link->shown.kind != OL_FRAME_HTTP_ERROR || !ol_frame_http_error_decode(payload, &error))
        return false;
    ret->kind = OLW_HTTP_ERROR;
    ret->code = (olw_http_code)error.code;
    ret->data = (olw_str){(const uint8_t *)error.text.data, error.text.len};
    return true;
}

static bool http_next(void *env, uint32_t id, olw_http_event *ret)
{
    job_link *link = env;
    ol_frame_head head;
    ol_bytes payload;
    link_step step;
    bool read = false, good = true;
    while ((step = receive(link, MSG_DONTWAIT, &head, &payload)) == LINK_MESSAGE) {
        if (!event_file(link, &head, payload))
            return false;
        read = true;
    }
    if (step == LINK_GONE)
        return false;
    *ret = (olw_http_event){.kind = OLW_HTTP_NOTHING};
    for (size_t i = 0; i < link->events; i++) {
        if (link->event[i].kind != 0 && link->event[i].id == id) {
            good = event_show(link, &link->event[i], ret);
            break;
        }
    }
    ret->read = read;
    return good;
}

/* The guest is answered an internal error. */
static bool http_open_refused(void *env, uint32_t id, const olw_http_request *request)
{
    (void)env;
    (void)id;
    (void)request;
    return false;
}

olw_http job_link_http(job_link *link, bool allowed)
{
    return (olw_http){
        .env = link,
        .fd = allowed ? link->socket : -1,
        .open = allowed ? http_open : http_open_refused,
        .send = http_send,
        .pull = http_pull,
        .next = http_next,
        .drop = http_drop,
    };
}
