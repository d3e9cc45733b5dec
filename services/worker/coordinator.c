#include "services/worker/coordinator.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/codec/hex.h"
#include "lib/codec/json_write.h"
#include "lib/crypto/random.h"
#include "lib/crypto/secret.h"
#include "lib/net/http_client.h"
#include "lib/net/url.h"

enum {
    REQUEST_MS = 120000,   /* Worker 4: the whole of a request */
    POLL_SLACK_MS = 10000, /* Worker 4: a poll gets its timeout and this */
    DELIVER_MS = 600000,   /* Worker 8.3 */
    BACKOFF_FIRST_MS = 100,
    BACKOFF_LAST_MS = 10000,
    HEARTBEAT_MS = 10000,
    TELL_MS = 5000,
    SYSTEM_POLL_SECONDS = 60, /* Worker 11 */
};

struct coordinator {
    const worker_settings *settings;
    ol_str worker_id;
    ol_str life;          /* empty: not told */
    tee_session *session; /* NULL: none is asked for */
    ol_http_client *polling;
    ol_http_client *reporting;
    ol_buf poll_url;
    ol_buf authorization; /* "Bearer …"; wiped when closed */
    ol_buf answer;        /* of the poll */
    ol_buf small;         /* answers nobody reads */
    ol_buf body;
};

static unsigned capabilities(const worker_settings *settings)
{
    return (settings->compilation ? OL_CAP_COMPILATION : 0U) |
           (settings->execution ? OL_CAP_EXECUTION : 0U);
}

coordinator *coordinator_open(const worker_settings *settings, ol_str worker_id)
{
    coordinator *c = calloc(1, sizeof *c);
    if (c == NULL)
        return NULL;
    char ca[4096] = "";
    if (settings->ca_file.len > 0)
        (void)snprintf(ca, sizeof ca, "%.*s", OL_FMT(settings->ca_file));
    const ol_http_options options = {.ca_file = ca[0] != '\0' ? ca : NULL,
                                     .user_agent = "outlayer-worker/" OL_VERSION};
    c->settings = settings;
    c->worker_id = worker_id;
    c->polling = ol_http_client_new(&options);
    c->reporting = ol_http_client_new(&options);
    c->poll_url = ol_buf_new(OL_KIB(8));
    c->authorization = ol_buf_new(OL_KIB(17));
    c->answer = ol_buf_new(OL_TASK_BYTES_MAX);
    c->small = ol_buf_new(OL_KIB(64));
    c->body = ol_buf_new(OL_COMPLETE_BYTES_MAX);
    ol_buf_addf(&c->poll_url,
                "%.*s/executions/poll?timeout=%llu&capabilities=%.*s&claim=1&worker_id=",
                OL_FMT(settings->api_url), (unsigned long long)settings->poll_seconds,
                OL_FMT(ol_capabilities_text(capabilities(settings))));
    ol_percent_encode(worker_id, &c->poll_url);
    ol_buf_addf(&c->authorization, "Bearer %.*s", OL_FMT(settings->api_token));
    if (c->polling == NULL || c->reporting == NULL || !ol_buf_ok(&c->poll_url) ||
        !ol_buf_ok(&c->authorization)) {
        coordinator_close(c);
        return NULL;
    }
    return c;
}

void coordinator_close(coordinator *c)
{
    if (c == NULL)
        return;
    ol_http_client_free(c->polling);
    ol_http_client_free(c->reporting);
    if (c->authorization.data != NULL)
        ol_wipe(c->authorization.data, c->authorization.size);
    ol_buf_deinit(&c->authorization);
    ol_buf_deinit(&c->poll_url);
    ol_buf_deinit(&c->answer);
    ol_buf_deinit(&c->small);
    ol_buf_deinit(&c->body);
    free(c);
}

void coordinator_use_session(coordinator *c, tee_session *session)
{
    c->session = session;
}

void coordinator_use_life(coordinator *c, ol_str life)
{
    c->life = life;
    ol_buf_addf(&c->poll_url, "&life=%.*s", OL_FMT(life));
}

void coordinator_interrupt(coordinator *c)
{
    ol_http_client_cancel(c->polling);
}

/* What a status means for a worker. */
static ol_rc status_to_rc(int status, ol_str body, ol_err *err)
{
    ol_rc rc = status < 300                     ? OL_OK
               : status == 404                  ? OL_ERR_NOT_FOUND
               : status == 401                  ? OL_ERR_UNAUTHORIZED
               : status == 403                  ? OL_ERR_FORBIDDEN
               : status == 409                  ? OL_ERR_CONFLICT
               : status == 413                  ? OL_ERR_LIMIT
               : status == 429 || status >= 500 ? OL_ERR_UNAVAILABLE
                                                : OL_ERR_INVALID;
    if (rc == OL_OK)
        return OL_OK;
    (void)ol_fail(err, rc, "coordinator answered %d", status);
    if (body.len > 0)
        (void)ol_note(err, "%.*s", OL_FMT(ol_str_slice(body, 0, 150)));
    return rc;
}

static ol_rc exchange(coordinator *c, ol_http_client *client, ol_http_request *request,
                      const tee_session_id *session, ol_buf *into, ol_http_answer *answer,
                      ol_err *err)
{
    ol_http_header headers[3] = {{OL_STR("Authorization"), ol_buf_str(&c->authorization)}};
    request->headers = 1;
    if (ol_str_eq(request->method, OL_STR("POST")))
        headers[request->headers++] =
            (ol_http_header){OL_STR("Content-Type"), OL_STR("application/json")};
    if (session->text[0] != '\0')
        headers[request->headers++] =
            (ol_http_header){OL_STR("X-TEE-Session"), ol_str_of(session->text)};
    request->header = headers;
    ol_buf_clear(into);
    return ol_http_exchange(client, request, into, answer, err);
}

/* A poll without a session is 401 and empty, a report 403 (Coordinator 4.2). */
static bool session_refused(const ol_http_answer *answer, const ol_buf *body)
{
    size_t at;
    return (answer->status == 401 && body->len == 0) ||
           (answer->status == 403 && ol_str_find(ol_buf_str(body), OL_STR("TEE session"), &at));
}

static ol_rc ask(coordinator *c, ol_http_client *client, ol_http_request *request, ol_buf *into,
                 int *ret_status, ol_err *err)
{
    ol_http_answer answer;
    tee_session_id session = {""};
    for (int tries = 2; tries > 0; tries--) {
        if (c->session != NULL)
            OL_TRY(tee_session_get(c->session, c->reporting, &session, err));
        OL_TRY(exchange(c, client, request, &session, into, &answer, err));
        if (c->session == NULL || !session_refused(&answer, into))
            break;
        tee_session_lost(c->session, &session);
    }
    *ret_status = answer.status;
    return status_to_rc(answer.status, ol_buf_str(into), err);
}

ol_rc coordinator_poll(coordinator *c, ol_arena *arena, ol_claim_answer *ret, bool *ret_some,
                       ol_err *err)
{
    int status = 0;
    ol_http_request request = {.method = OL_STR("GET"),
                               .url = ol_buf_str(&c->poll_url),
                               .total_ms =
                                   (uint32_t)c->settings->poll_seconds * 1000 + POLL_SLACK_MS};
    OL_TRY_NOTE(err, ask(c, c->polling, &request, &c->answer, &status, err), "poll");
    if (status == 204 || c->answer.len == 0) {
        *ret_some = false;
        return OL_OK;
    }
    OL_TRY_NOTE(err, ol_claim_answer_decode(ol_buf_str(&c->answer), arena, ret, err),
                "poll answer");
    *ret_some = ret->has_task;
    return OL_OK;
}

static ol_rc post(coordinator *c, ol_str base, const char *path, ol_str json, uint32_t total_ms,
                  ol_err *err)
{
    char url[4096];
    int status = 0;
    int n = snprintf(url, sizeof url, "%.*s%s", OL_FMT(base), path);
    OL_ASSERT(n > 0 && (size_t)n < sizeof url);
    ol_http_request request = {.method = OL_STR("POST"),
                               .url = ol_str_of(url),
                               .body = ol_str_bytes(json),
                               .total_ms = total_ms};
    return ask(c, c->reporting, &request, &c->small, &status, err);
}

ol_rc coordinator_tell(coordinator *c, const char *path, ol_str json, bool hidden, ol_err *err)
{
    ol_str base = hidden && c->settings->hidden_logs_url.len > 0 ? c->settings->hidden_logs_url
                                                                 : c->settings->api_url;
    return post(c, base, path, json, TELL_MS, err);
}

/* ---- the chain's side ---- */

ol_rc coordinator_post(coordinator *c, const char *path, ol_str json, bool internal, ol_err *err)
{
    if (!internal)
        return post(c, c->settings->api_url, path, json, REQUEST_MS, err);
    char url[4096];
    ol_http_answer answer;
    const ol_http_header headers[] = {
        {OL_STR("X-Internal-Wallet-Auth"), c->settings->api_token},
        {OL_STR("Content-Type"), OL_STR("application/json")},
    };
    int n = snprintf(url, sizeof url, "%.*s%s", OL_FMT(c->settings->api_url), path);
    OL_ASSERT(n > 0 && (size_t)n < sizeof url);
    const ol_http_request request = {.method = OL_STR("POST"),
                                     .url = ol_str_of(url),
                                     .header = headers,
                                     .headers = OL_COUNT(headers),
                                     .body = ol_str_bytes(json),
                                     .total_ms = REQUEST_MS};
    ol_buf_clear(&c->small);
    OL_TRY(ol_http_exchange(c->reporting, &request, &c->small, &answer, err));
    return status_to_rc(answer.status, ol_buf_str(&c->small), err);
}

bool coordinator_final(ol_rc rc)
{
    return rc == OL_ERR_INVALID || rc == OL_ERR_NOT_FOUND || rc == OL_ERR_CONFLICT ||
           rc == OL_ERR_LIMIT;
}

ol_rc coordinator_cursor(coordinator *c, ol_opt_u64 *ret, ol_err *err)
{
    char url[4096];
    int status = 0;
    ol_json root;
    ol_json height;
    int n = snprintf(url, sizeof url, "%.*s/workers/block-cursor", OL_FMT(c->settings->api_url));
    OL_ASSERT(n > 0 && (size_t)n < sizeof url);
    ol_http_request request = {
        .method = OL_STR("GET"), .url = ol_str_of(url), .total_ms = HEARTBEAT_MS};
    OL_TRY_NOTE(err, ask(c, c->reporting, &request, &c->small, &status, err), "block cursor");
    OL_TRY_NOTE(err, ol_json_parse(ol_buf_str(&c->small), &root, err), "block cursor");
    *ret = (ol_opt_u64){0};
    ret->has = ol_json_find(&root, OL_STR("block_height"), &height) &&
               ol_json_u64(&height, &ret->value, NULL) == OL_OK;
    return OL_OK;
}

ol_rc coordinator_branch(coordinator *c, ol_str repo, ol_str commit, ol_arena *arena, ol_str *ret,
                         ol_err *err)
{
    char url[4096];
    int status = 0;
    ol_json root;
    ol_json branch;
    ol_buf text = ol_buf_over(url, sizeof url);
    ol_buf_addf(&text, "%.*s/github/resolve-branch?repo=", OL_FMT(c->settings->api_url));
    ol_percent_encode(repo, &text);
    ol_buf_add_str(&text, OL_STR("&commit="));
    ol_percent_encode(commit, &text);
    if (!ol_buf_ok(&text))
        return ol_fail(err, OL_ERR_LIMIT, "repository or commit is too long");
    ol_http_request request = {
        .method = OL_STR("GET"), .url = ol_buf_str(&text), .total_ms = HEARTBEAT_MS};
    OL_TRY_NOTE(err, ask(c, c->reporting, &request, &c->small, &status, err), "branch");
    OL_TRY_NOTE(err, ol_json_parse(ol_buf_str(&c->small), &root, err), "branch");
    *ret = (ol_str){NULL, 0};
    if (!ol_json_find(&root, OL_STR("branch"), &branch) || ol_json_is_null(&branch))
        return OL_OK;
    OL_TRY_NOTE(err, ol_json_text(&branch, arena, ret, err), "branch");
    return ol_arena_copy(arena, *ret, ret) ? OL_OK
                                           : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
}

static ol_rc close_task(coordinator *c, const char *type, ol_str data_id, bool kept, ol_err *err)
{
    char storage[512];
    ol_buf body = ol_buf_over(storage, sizeof storage);
    ol_json_writer w = ol_json_writer_over(&body);
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "task_type", type);
    ol_json_put_str(&w, "data_id", data_id);
    if (kept)
        ol_json_put_bool(&w, "kept", true);
    ol_json_object_end(&w);
    if (!ol_buf_ok(&body))
        return ol_fail(err, OL_ERR_LIMIT, "data_id too long");
    ol_rc rc = coordinator_post(c, "/system-callbacks/close", ol_buf_str(&body), false, err);
    return coordinator_final(rc) ? OL_OK : rc;
}

ol_rc coordinator_close_task(coordinator *c, const char *type, ol_str data_id, ol_err *err)
{
    return close_task(c, type, data_id, false, err);
}

ol_rc coordinator_keep_key(coordinator *c, ol_str data_id, ol_err *err)
{
    return close_task(c, "delete_payment_key", data_id, true, err);
}

ol_rc coordinator_system_poll(coordinator *c, ol_json *ret, ol_err *err)
{
    char url[4096];
    int status = 0;
    int n = snprintf(url, sizeof url, "%.*s/system-callbacks/poll?timeout=%d&capabilities=%.*s",
                     OL_FMT(c->settings->api_url), SYSTEM_POLL_SECONDS,
                     OL_FMT(ol_capabilities_text(capabilities(c->settings))));
    OL_ASSERT(n > 0 && (size_t)n < sizeof url);
    ol_http_request request = {.method = OL_STR("GET"),
                               .url = ol_str_of(url),
                               .total_ms = SYSTEM_POLL_SECONDS * 1000 + POLL_SLACK_MS};
    OL_TRY_NOTE(err, ask(c, c->polling, &request, &c->answer, &status, err), "system poll");
    OL_TRY_NOTE(err, ol_json_parse(ol_buf_str(&c->answer), ret, err), "system poll");
    if (ol_json_is_null(ret))
        *ret = (ol_json){0};
    return OL_OK;
}

/* ---- code ---- */

ol_rc coordinator_wasm_created(coordinator *c, ol_str checksum, ol_arena *arena, ol_str *ret,
                               ol_err *err)
{
    char url[4096];
    int status = 0;
    ol_json root;
    ol_json created;
    int n = snprintf(url, sizeof url, "%.*s/wasm/exists/%.*s", OL_FMT(c->settings->api_url),
                     OL_FMT(checksum));
    OL_ASSERT(n > 0 && (size_t)n < sizeof url);
    ol_http_request request = {.method = OL_STR("GET"), .url = ol_str_of(url), .total_ms = TELL_MS};
    OL_TRY(ask(c, c->reporting, &request, &c->small, &status, err));
    OL_TRY(ol_json_parse(ol_buf_str(&c->small), &root, err));
    *ret = (ol_str){NULL, 0};
    ol_str text;
    if (ol_json_find(&root, OL_STR("created_at"), &created) && !ol_json_is_null(&created)) {
        OL_TRY(ol_json_text(&created, arena, &text, err));
        if (!ol_arena_copy(arena, text, ret)) /* out of the answer's buffer */
            return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    }
    return OL_OK;
}

static void add_part(ol_buf *into, const char *boundary, const char *name, const char *more,
                     ol_bytes content)
{
    ol_buf_addf(into, "--%s\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\n", boundary,
                name, more);
    ol_buf_add(into, content);
    ol_buf_add_str(into, OL_STR("\r\n"));
}

ol_rc coordinator_upload(coordinator *c, const wasm_upload *upload, ol_err *err)
{
    /* 32 digits at random, so that no module holds them. */
    uint8_t random[16];
    char boundary[2 * sizeof random + 1] = "";
    char url[4096];
    char type[128];
    ol_http_answer answer;
    ol_buf body = ol_buf_new(upload->wasm.len + OL_KIB(16));
    ol_random_fill(ol_random_kernel(), random, sizeof random);
    ol_hex_encode((ol_bytes){random, sizeof random}, boundary);
    add_part(&body, boundary, "checksum", "", ol_str_bytes(upload->checksum));
    add_part(&body, boundary, "repo_url", "", ol_str_bytes(upload->repo_url));
    add_part(&body, boundary, "commit_hash", "", ol_str_bytes(upload->commit_hash));
    add_part(&body, boundary, "build_target", "", ol_str_bytes(upload->build_target));
    add_part(&body, boundary, "wasm_file",
             "; filename=\"code.wasm\"\r\nContent-Type: application/wasm", upload->wasm);
    ol_buf_addf(&body, "--%s--\r\n", boundary);
    (void)snprintf(type, sizeof type, "multipart/form-data; boundary=%s", boundary);
    int n = snprintf(url, sizeof url, "%.*s/wasm/upload", OL_FMT(c->settings->api_url));
    OL_ASSERT(n > 0 && (size_t)n < sizeof url);
    const ol_http_header headers[] = {{OL_STR("Authorization"), ol_buf_str(&c->authorization)},
                                      {OL_STR("Content-Type"), ol_str_of(type)}};
    const ol_http_request request = {.method = OL_STR("POST"),
                                     .url = ol_str_of(url),
                                     .header = headers,
                                     .headers = OL_COUNT(headers),
                                     .body = ol_buf_bytes(&body),
                                     .total_ms = REQUEST_MS};
    ol_buf_clear(&c->small);
    ol_rc rc = ol_buf_ok(&body) ? ol_http_exchange(c->reporting, &request, &c->small, &answer, err)
                                : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    if (rc == OL_OK)
        rc = status_to_rc(answer.status, ol_buf_str(&c->small), err);
    ol_buf_deinit(&body);
    return rc;
}

static void sleep_ms(int64_t ms)
{
    const struct timespec span = {ms / 1000, (long)(ms % 1000) * 1000000};
    (void)nanosleep(&span, NULL);
}

/* Would the same request, sent again, perhaps be taken? */
static bool worth_repeating(ol_rc rc)
{
    return rc == OL_ERR_TIMEOUT || rc == OL_ERR_NETWORK || rc == OL_ERR_UNAVAILABLE;
}

ol_rc coordinator_complete(coordinator *c, const ol_job_report *report, const _Atomic bool *stop,
                           ol_err *err)
{
    const ol_clock *clock = ol_clock_real();
    int64_t end_ns = ol_mono_ns(clock) + (int64_t)DELIVER_MS * 1000000;
    int64_t pause_ms = BACKOFF_FIRST_MS;
    ol_buf_clear(&c->body);
    ol_json_writer w = ol_json_writer_over(&c->body);
    ol_job_report_encode(report, &w);
    if (!ol_buf_ok(&c->body))
        return ol_fail(err, OL_ERR_LIMIT, "report larger than %zu bytes", c->body.max);
    for (;;) {
        ol_rc rc =
            post(c, c->settings->api_url, "/jobs/complete", ol_buf_str(&c->body), REQUEST_MS, err);
        if (rc == OL_OK || !worth_repeating(rc))
            return rc;
        if (ol_mono_ns(clock) + pause_ms * 1000000 > end_ns ||
            atomic_load_explicit(stop, memory_order_relaxed))
            return ol_note(err, "report given up");
        sleep_ms(pause_ms);
        pause_ms = pause_ms * 2 > BACKOFF_LAST_MS ? BACKOFF_LAST_MS : pause_ms * 2;
    }
}

ol_rc coordinator_wasm(coordinator *c, ol_str checksum, ol_buf *into, ol_err *err)
{
    char url[4096];
    int status = 0;
    int n =
        snprintf(url, sizeof url, "%.*s/wasm/%.*s", OL_FMT(c->settings->api_url), OL_FMT(checksum));
    OL_ASSERT(n > 0 && (size_t)n < sizeof url);
    ol_http_request request = {
        .method = OL_STR("GET"), .url = ol_str_of(url), .total_ms = REQUEST_MS};
    return ask(c, c->reporting, &request, into, &status, err);
}

ol_rc coordinator_heartbeat(coordinator *c, const heartbeat_report *report, ol_err *err)
{
    char url[4096];
    int status = 0;
    ol_json_writer w = ol_json_writer_over(&c->body);
    ol_buf_clear(&c->body);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "worker_id", c->worker_id);
    ol_json_put_str(&w, "worker_name", c->worker_id);
    ol_json_put_str(&w, "status", report->status);
    if (c->life.len > 0)
        ol_json_put_str(&w, "life", c->life);
    if (report->task_id.len > 0)
        ol_json_put_str(&w, "current_task_id", report->task_id);
    if (report->last_poll_s > 0)
        ol_json_put_i64(&w, "last_poll_at", report->last_poll_s);
    if (report->block_height > 0)
        ol_json_put_u64(&w, "event_monitor_block_height", report->block_height);
    ol_json_object_end(&w);
    int n = snprintf(url, sizeof url, "%.*s/workers/heartbeat", OL_FMT(c->settings->api_url));
    OL_ASSERT(n > 0 && (size_t)n < sizeof url && ol_buf_ok(&c->body));
    ol_http_request request = {.method = OL_STR("POST"),
                               .url = ol_str_of(url),
                               .body = ol_buf_bytes(&c->body),
                               .total_ms = HEARTBEAT_MS};
    return ask(c, c->reporting, &request, &c->small, &status, err);
}
