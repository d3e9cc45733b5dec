/* Outgoing HTTP of a run (Host interfaces 5): wasi:http and outlayer:http through one policy. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/broker/internal.h"

#define NS_OF_MS(ms) ((int64_t)(ms) * 1000000)

/* Host interfaces 5: a guest writes up to 16 MiB of a body; all bodies together twice that. */
#define OUT_BYTES_MAX OL_MIB(16)
#define OUT_BYTES_OF_RUN_MAX OL_MIB(32)
/* What one answer of outlayer:http may hold; its frame has room for 24 MiB. */
#define CALL_BODY_BYTES_MAX OL_MIB(16)
#define STREAM_ARENA_BYTES OL_KIB(512)

static const char BUDGET[] = "HTTP budget exceeded";

int64_t ol__now_ns(void)
{
    return ol_mono_ns(ol_clock_real());
}

/* ---- lives of streams ---- */

static void stream_free(ol__stream *stream)
{
    ol__egress *egress = &stream->broker->egress;
    ol__stream **at = &egress->first;
    while (*at != stream)
        at = &(*at)->next;
    *at = stream->next;
    egress->open--;
    egress->queued_bytes -= stream->out.len - stream->out_at;
    if (stream->in_loop)
        ol_http_loop_remove(egress->loop, stream->handle);
    if (stream->handle != NULL)
        curl_easy_cleanup(stream->handle);
    curl_slist_free_all(stream->headers);
    curl_slist_free_all(stream->pinned);
    ol_buf_deinit(&stream->out);
    ol_buf_deinit(&stream->in);
    ol_arena_deinit(&stream->arena);
    free(stream);
}

static ol__stream *stream_new(ol_broker *broker, uint32_t id, bool call)
{
    ol__egress *egress = &broker->egress;
    ol__stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL)
        return NULL;
    stream->broker = broker;
    stream->tag = ++egress->tags;
    stream->id = id;
    stream->call = call;
    stream->arena = ol_arena_new(STREAM_ARENA_BYTES);
    stream->out = ol_buf_new(OUT_BYTES_MAX);
    /* Beyond a piece curl may hand us one more buffer at once. */
    stream->in = ol_buf_new(call ? CALL_BODY_BYTES_MAX : 4 * (size_t)OL_HTTP_FRAME_BYTES_MAX);
    stream->answer_bytes_max = CALL_BODY_BYTES_MAX;
    stream->body_bytes = -1;
    stream->opened_ns = stream->heard_ns = ol__now_ns();
    stream->next = egress->first;
    egress->first = stream;
    egress->open++;
    return stream;
}

static ol__stream *stream_find(ol__egress *egress, uint32_t id)
{
    ol__stream *stream = egress->first;
    while (stream != NULL && (stream->call || stream->id != id))
        stream = stream->next;
    return stream;
}

void ol__stream_fail(ol__stream *stream, uint8_t code, const char *text)
{
    if (stream->failure.set)
        return;
    ol_str copy;
    bool copied = ol_arena_copy(&stream->arena, ol_str_of(text), &copy);
    stream->failure =
        (ol__failure){.set = true, .code = code, .text = copied ? copy.data : "out of memory"};
    stream->state = OL__STREAM_ENDED;
}

/* ---- what the guest gets ---- */

static const char *code_text(uint8_t code)
{
    switch (code) {
    case OL__HTTP_CONNECTION_TIMEOUT:
        return "connection timed out";
    case OL__HTTP_CONNECTION_REFUSED:
        return "connection refused";
    case OL__HTTP_CONNECTION_TERMINATED:
        return "connection terminated";
    case OL__HTTP_CONNECTION_READ_TIMEOUT:
        return "reading timed out";
    case OL__HTTP_TLS_CERTIFICATE_ERROR:
        return "TLS certificate error";
    case OL__HTTP_TLS_PROTOCOL_ERROR:
        return "TLS protocol error";
    default:
        return "HTTP protocol error";
    }
}

static void settle_call(ol__stream *stream)
{
    ol_host_value values[2 * OL_HTTP_HEADERS_MAX + 4];
    size_t n = 0;
    if (stream->state != OL__STREAM_ENDED)
        return;
    if (stream->failure.set) {
        const char *text = stream->failure.code == OL__HTTP_INTERNAL_ERROR
                               ? stream->failure.text
                               : code_text(stream->failure.code);
        values[n++] = (ol_host_value){.number = 1};
        values[n++] = (ol_host_value){.bytes = ol_str_bytes(ol_str_of(text))};
    } else {
        values[n++] = (ol_host_value){.number = 0};
        values[n++] = (ol_host_value){.number = stream->status};
        values[n++] = (ol_host_value){.number = stream->pairs};
        for (size_t i = 0; i < stream->pairs; i++) {
            values[n++] = (ol_host_value){.bytes = stream->pair[i].name};
            values[n++] = (ol_host_value){.bytes = stream->pair[i].value};
        }
        values[n++] = (ol_host_value){.bytes = ol_buf_bytes(&stream->in)};
    }
    ol_run_answer(stream->broker->run, stream->id, OL_FN_HTTP_REQUEST, values, n);
    stream_free(stream);
}

static void give_error(ol__stream *stream)
{
    ol_str text = stream->failure.code == OL__HTTP_INTERNAL_ERROR ? ol_str_of(stream->failure.text)
                                                                  : OL_STR("");
    ol_run_http_error(stream->broker->run, stream->id, stream->failure.code, text);
    stream_free(stream);
}

static void give_piece(ol__stream *stream)
{
    size_t held = stream->in.len - stream->in_at;
    size_t part = held < OL_HTTP_FRAME_BYTES_MAX ? held : OL_HTTP_FRAME_BYTES_MAX;
    stream->pulled = false;
    ol_run_http_piece(stream->broker->run, stream->id,
                      (ol_bytes){stream->in.data + stream->in_at, part});
    stream->in_at += part;
    if (stream->in_at == stream->in.len) {
        ol_buf_clear(&stream->in);
        stream->in_at = 0;
    }
    if (stream->in_paused && stream->in.len == 0) {
        stream->in_paused = false;
        stream->heard_ns = ol__now_ns(); /* the silence was ours */
        (void)curl_easy_pause(stream->handle, stream->out_paused ? CURLPAUSE_SEND : CURLPAUSE_CONT);
        ol_http_loop_kick(stream->broker->egress.loop);
    }
}

void ol__stream_settle(ol__stream *stream)
{
    if (stream->call) {
        settle_call(stream);
        return;
    }
    if (!stream->head_sent) {
        if (stream->failure.set) {
            give_error(stream);
            return;
        }
        if (!stream->head_complete)
            return;
        const ol_frame_http_head head = {stream->status, stream->pairs, stream->pair};
        stream->head_sent = true;
        ol_run_http_head(stream->broker->run, stream->id, &head);
    }
    if (!stream->pulled)
        return;
    if (stream->in.len > stream->in_at) {
        give_piece(stream);
    } else if (stream->failure.set) {
        give_error(stream);
    } else if (stream->state == OL__STREAM_ENDED) {
        ol_run_http_end(stream->broker->run, stream->id);
        stream_free(stream);
    }
}

/* Each may free itself, or others through the run's end. */
static void settle_all(ol__egress *egress)
{
    ol__stream *next;
    for (ol__stream *stream = egress->first; stream != NULL; stream = next) {
        next = stream->next;
        ol__stream_settle(stream);
    }
}

static void on_done(void *context, CURL *handle, CURLcode code)
{
    char *private = NULL;
    (void)context;
    (void)curl_easy_getinfo(handle, CURLINFO_PRIVATE, &private);
    ol__stream *stream = (ol__stream *)(void *)private;
    stream->in_loop = false;
    stream->state = OL__STREAM_ENDED;
    if (code != CURLE_OK)
        ol__stream_fail(stream, ol__exchange_code(code), "");
}

/* ---- the checks, in their order ---- */

static void record_attempt(ol__stream *stream, ol_str host)
{
    ol__egress *egress = &stream->broker->egress;
    OL_ASSERT(egress->records <= OL_HTTP_REQUESTS_MAX);
    ol_egress_record *record = &egress->record[egress->records];
    stream->record = egress->records++;
    *record = (ol_egress_record){.bytes = stream->body_bytes, .allowed = true};
    (void)snprintf(record->host, sizeof record->host, "%.*s", OL_FMT(host));
}

static void refuse(ol__stream *stream, const char *reason, const char *format, ...) OL_PRINTF(3, 4);

static void refuse(ol__stream *stream, const char *reason, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ol_egress_record *record = &stream->broker->egress.record[stream->record];
    record->allowed = false;
    record->reason = reason;
    ol__stream_fail(stream, OL__HTTP_INTERNAL_ERROR, text);
}

static void judge_addresses(ol__stream *stream, ol_rc rc, const ol_addresses *addresses,
                            const ol_err *err)
{
    if (rc != OL_OK)
        refuse(stream, "dns", "dns resolution failed: %s", err->text);
    else if (!ol_addresses_allowed(addresses, stream->broker->plan.allow))
        refuse(stream, "address", "destination blocked: internal/private/link-local address");
    else
        (void)ol__exchange_start(stream, addresses);
}

static void look_up(ol__stream *stream)
{
    ol_addresses literal = {.count = 1};
    if (ol_addr_parse(stream->url.host, &literal.addr[0]))
        judge_addresses(stream, OL_OK, &literal, NULL);
    else if (!ol_lookups_start(stream->broker->egress.lookups, stream->tag, stream->url.host))
        refuse(stream, "dns", "dns resolution failed: too many look-ups");
}

/* Checks 1 to 3, and the budget of requests. */
static bool admit(ol__stream *stream, ol_str url, bool has_authority)
{
    ol_broker *broker = stream->broker;
    ol__egress *egress = &broker->egress;
    ol_err err;
    if (egress->requests >= OL_HTTP_REQUESTS_MAX || egress->open > OL_HTTP_AT_ONCE_MAX) {
        stream->record =
            egress->records < OL_HTTP_REQUESTS_MAX ? egress->records : OL_HTTP_REQUESTS_MAX;
        ol__stream_fail(stream, OL__HTTP_INTERNAL_ERROR, BUDGET);
        return false;
    }
    egress->requests++;
    bool parsed = has_authority && ol_url_parse(url, &stream->url, &err) == OL_OK;
    record_attempt(stream, parsed ? stream->url.host : OL_STR(""));
    if (egress->timeouts >= OL_HTTP_TIMEOUTS_MAX)
        refuse(stream, "timeouts", "Execution aborted: %u HTTP requests exceeded 30s timeout",
               egress->timeouts);
    else if (!has_authority)
        refuse(stream, "host", "request has no host");
    else if (!parsed)
        refuse(stream, "url", "%s", err.text);
    else if (!ol_network_allows(&broker->about.network, stream->url.host))
        refuse(stream, "allowlist",
               "host \"%.*s\" is not in the project's manifest network allowlist",
               OL_FMT(stream->url.host));
    return !stream->failure.set;
}

/* A guest may shorten what the host allows, not extend it. */
static int64_t shorter_ns(uint32_t ours_ms, uint32_t guest_ms)
{
    return NS_OF_MS(guest_ms > 0 && guest_ms < ours_ms ? guest_ms : ours_ms);
}

static void set_clocks(ol__stream *stream, uint32_t first_byte_ms, uint32_t between_ms)
{
    const ol_broker_plan *plan = &stream->broker->plan;
    stream->head_due_ns = stream->opened_ns + shorter_ns(plan->http_head_ms, first_byte_ms);
    stream->head_due_counts = first_byte_ms == 0 || first_byte_ms >= plan->http_head_ms;
    stream->idle_ns = shorter_ns(plan->http_idle_ms, between_ms);
}

void ol__egress_open(ol_broker *broker, uint32_t id, const ol_frame_http_open *request)
{
    if (!ol__egress_start(broker) || stream_find(&broker->egress, id) != NULL) {
        ol_run_http_error(broker->run, id, OL__HTTP_INTERNAL_ERROR, OL_STR("out of memory"));
        return;
    }
    ol__stream *stream = stream_new(broker, id, false);
    if (stream == NULL) {
        ol_run_http_error(broker->run, id, OL__HTTP_INTERNAL_ERROR, OL_STR("out of memory"));
        return;
    }
    stream->has_body = request->has_body;
    stream->body_bytes = request->body_bytes;
    set_clocks(stream, request->first_byte_timeout_ms, request->between_bytes_timeout_ms);
    ol_str url = ol_arena_printf(
        &stream->arena, "%.*s://%.*s%s%.*s", OL_FMT(request->scheme), OL_FMT(request->authority),
        request->path.len == 0 || request->path.data[0] == '/' || request->path.data[0] == '?'
            ? ""
            : "/",
        OL_FMT(request->path));
    const ol__request_head head = {request->method, request->headers, request->headers_count,
                                   request->connect_timeout_ms};
    if (admit(stream, url, request->authority.len > 0) && ol__exchange_prepare(stream, &head))
        look_up(stream);
    ol__stream_settle(stream);
}

/* request: func(method, url, headers, body, timeout-ms, max-bytes) */
void ol__egress_call(ol_broker *broker, uint32_t id, const ol_host_value *values, size_t count)
{
    OL_ASSERT(count >= 6);
    size_t pairs = (size_t)values[2].number;
    OL_ASSERT(count == 6 + 2 * pairs && pairs <= OL_HTTP_HEADERS_MAX);
    ol__stream *stream = ol__egress_start(broker) ? stream_new(broker, id, true) : NULL;
    if (stream == NULL) {
        const ol_host_value refusal[] = {{.number = 1},
                                         {.bytes = ol_str_bytes(OL_STR("out of memory"))}};
        ol_run_answer(broker->run, id, OL_FN_HTTP_REQUEST, refusal, OL_COUNT(refusal));
        return;
    }
    ol_frame_pair pair[OL_HTTP_HEADERS_MAX];
    for (size_t i = 0; i < pairs; i++) {
        pair[i] = (ol_frame_pair){values[3 + 2 * i].bytes, values[4 + 2 * i].bytes};
        if (ol__header_forbidden(ol_bytes_str(pair[i].name)))
            ol__stream_fail(stream, OL__HTTP_INTERNAL_ERROR, "forbidden header");
    }
    const ol_host_value *rest = &values[3 + 2 * pairs];
    ol_bytes body = rest[0].bytes;
    uint32_t timeout_ms = (uint32_t)rest[1].number;
    uint64_t max_bytes = rest[2].number;
    if (max_bytes > 0 && max_bytes < stream->answer_bytes_max)
        stream->answer_bytes_max = (size_t)max_bytes;
    stream->has_body = body.len > 0;
    stream->body_bytes = (int64_t)body.len;
    stream->out_last = true;
    ol_buf_add(&stream->out, body);
    broker->egress.queued_bytes += stream->out.len;
    if (!ol_buf_ok(&stream->out))
        ol__stream_fail(stream, OL__HTTP_INTERNAL_ERROR, BUDGET);
    set_clocks(stream, timeout_ms, 0);
    const ol__request_head head = {ol_bytes_str(values[0].bytes), pair, pairs, 0};
    ol_str url;
    bool copied = ol_arena_copy(&stream->arena, ol_bytes_str(values[1].bytes), &url);
    if (!stream->failure.set && admit(stream, copied ? url : OL_STR(""), true) &&
        ol__exchange_prepare(stream, &head))
        look_up(stream);
    ol__stream_settle(stream);
}

/* ---- the guest goes on ---- */

void ol__egress_send(ol_broker *broker, uint32_t id, ol_bytes piece, bool last)
{
    ol__egress *egress = &broker->egress;
    ol__stream *stream = stream_find(egress, id);
    if (stream == NULL || stream->failure.set)
        return;
    ol_buf_add(&stream->out, piece);
    egress->queued_bytes += ol_buf_ok(&stream->out) ? piece.len : 0;
    stream->out_last = last;
    if (!ol_buf_ok(&stream->out) || egress->queued_bytes > OUT_BYTES_OF_RUN_MAX) {
        ol__stream_fail(stream, OL__HTTP_INTERNAL_ERROR, BUDGET);
        ol__stream_settle(stream);
        return;
    }
    if (stream->out_paused && stream->in_loop) {
        stream->out_paused = false;
        stream->heard_ns = ol__now_ns();
        (void)curl_easy_pause(stream->handle, stream->in_paused ? CURLPAUSE_RECV : CURLPAUSE_CONT);
        ol_http_loop_kick(egress->loop);
        settle_all(egress);
    }
}

void ol__egress_pull(ol_broker *broker, uint32_t id)
{
    ol__stream *stream = stream_find(&broker->egress, id);
    if (stream == NULL) { /* a stream we gave up already */
        ol_run_http_end(broker->run, id);
        return;
    }
    stream->pulled = true;
    ol__stream_settle(stream);
}

void ol__egress_drop(ol_broker *broker, uint32_t id)
{
    ol__stream *stream = stream_find(&broker->egress, id);
    if (stream != NULL)
        stream_free(stream);
}

/* ---- time ---- */

/* When this stream is given up, unless something happens; < 0: never. */
static int64_t due_ns(const ol__stream *stream)
{
    if (stream->state == OL__STREAM_ENDED)
        return -1;
    if (!stream->head_complete)
        return stream->head_due_ns;
    bool ours = stream->in_paused || stream->out_paused; /* the guest's silence, not the peer's */
    return ours ? -1 : stream->heard_ns + stream->idle_ns;
}

static void leave_loop(ol__stream *stream)
{
    if (stream->in_loop)
        ol_http_loop_remove(stream->broker->egress.loop, stream->handle);
    stream->in_loop = false;
}

/* Worker 7.2: the second request that takes too long ends the run. */
static void penalise(ol_broker *broker)
{
    char text[256];
    (void)snprintf(text, sizeof text,
                   "Execution terminated: %u HTTP requests exceeded 30s timeout limit (penalty). "
                   "Full execution cost is charged with no refund (consumed %llu instructions)",
                   broker->egress.timeouts, (unsigned long long)broker->about.instructions_max);
    ol_run_end(broker->run, OL_RUN_EGRESS_PENALTY, ol_str_of(text));
}

static void expire(ol_broker *broker)
{
    ol__egress *egress = &broker->egress;
    int64_t now = ol__now_ns();
    for (ol__stream *stream = egress->first; stream != NULL; stream = stream->next) {
        int64_t due = due_ns(stream);
        if (due < 0 || due > now)
            continue;
        leave_loop(stream);
        if (stream->head_complete) {
            ol__stream_fail(stream, OL__HTTP_CONNECTION_READ_TIMEOUT, "");
            continue;
        }
        ol__stream_fail(stream, OL__HTTP_CONNECTION_TIMEOUT, "");
        if (stream->head_due_counts && ++egress->timeouts == OL_HTTP_TIMEOUTS_MAX) {
            penalise(broker);
            return;
        }
    }
}

size_t ol__egress_poll_add(ol_broker *broker, struct pollfd *fds, size_t max, int64_t *wake_ns)
{
    ol__egress *egress = &broker->egress;
    if (egress->first == NULL || max < 2)
        return 0;
    fds[0] = (struct pollfd){.fd = ol_lookups_fd(egress->lookups), .events = POLLIN};
    for (const ol__stream *stream = egress->first; stream != NULL; stream = stream->next) {
        int64_t due = due_ns(stream);
        if (due >= 0 && (*wake_ns < 0 || due < *wake_ns))
            *wake_ns = due;
    }
    return 1 + ol_http_loop_poll_add(egress->loop, fds + 1, max - 1, wake_ns);
}

static void take_lookups(ol__egress *egress)
{
    static const ol_lookup_result nothing = {0};
    ol_lookup_result result = nothing;
    while (ol_lookups_take(egress->lookups, &result)) {
        for (ol__stream *stream = egress->first; stream != NULL; stream = stream->next) {
            if (stream->tag == result.tag && stream->state == OL__STREAM_RESOLVING)
                judge_addresses(stream, result.rc, &result.addresses, &result.err);
        }
    }
}

void ol__egress_poll_done(ol_broker *broker, const struct pollfd *fds, size_t count)
{
    ol__egress *egress = &broker->egress;
    if (egress->loop == NULL)
        return;
    if (count > 0) {
        if (fds[0].revents != 0)
            take_lookups(egress);
        ol_http_loop_turn(egress->loop, fds + 1, count - 1);
    }
    expire(broker);
    settle_all(egress);
}

/* ---- begin and end ---- */

bool ol__egress_start(ol_broker *broker)
{
    ol__egress *egress = &broker->egress;
    if (egress->loop == NULL)
        egress->loop = ol_http_loop_new(on_done, egress);
    if (egress->lookups == NULL)
        egress->lookups = ol_lookups_open(broker->plan.resolve, broker->plan.resolve_context);
    if (egress->record == NULL)
        egress->record = calloc(OL_HTTP_REQUESTS_MAX + 1, sizeof *egress->record);
    return egress->loop != NULL && egress->lookups != NULL && egress->record != NULL;
}

/* Connections go with their run: nothing of one guest's is reused for another. */
void ol__egress_end(ol_broker *broker)
{
    ol__egress *egress = &broker->egress;
    while (egress->first != NULL)
        stream_free(egress->first);
    ol_http_loop_free(egress->loop);
    ol_lookups_close(egress->lookups);
    egress->loop = NULL;
    egress->lookups = NULL;
}
