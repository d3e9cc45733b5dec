#include "cli/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/interrupt.h"
#include "lib/codec/json_read.h"
#include "lib/proto/limits.h"

enum { URL_BYTES_MAX = 8192, RETRY_MS = 200, DRY_RUN_BYTES_MAX = 2 * OL_BODY_BYTES_MAX };

struct api {
    const cli *cli;
    ol_http_client *client;
    ol_str base;
    interrupt interrupt;
};

ol_rc api_open(const cli *it, api **ret, ol_err *err)
{
    const char *ca_file = getenv("OUTLAYER_CA_FILE");
    ol_http_options options = {.ca_file = ca_file, .user_agent = "outlayer-cli/" OL_VERSION};
    if (it->api.len == 0)
        return ol_fail(err, OL_ERR_USAGE, "no API is known for network %.*s: name it with --api",
                       OL_FMT(it->network));
    api *a = calloc(1, sizeof *a);
    if (a == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    a->cli = it;
    a->base = it->api;
    while (ol_str_ends(a->base, OL_STR("/")))
        a->base.len--;
    a->client = ol_http_client_new(&options);
    a->interrupt.client = a->client;
    if (a->client == NULL) {
        free(a);
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    }
    *ret = a;
    return OL_OK;
}

void api_close(api *a)
{
    if (a == NULL || a->interrupt.watched)
        return;
    ol_http_client_free(a->client);
    free(a);
}

void api_header(api_request *request, const char *name, ol_str value)
{
    OL_ASSERT(request->headers < API_HEADERS_MAX);
    request->header[request->headers++] = (ol_http_header){ol_str_of(name), value};
}

/* What a status means where the body has no reason we know (User experience 3). */
static ol_rc status_reason(int status)
{
    switch (status) {
    case 400:
    case 415:
    case 422:
        return OL_ERR_INVALID;
    case 401:
        return OL_ERR_UNAUTHORIZED;
    case 402:
        return OL_ERR_BALANCE;
    case 403:
        return OL_ERR_FORBIDDEN;
    case 404:
        return OL_ERR_NOT_FOUND;
    case 409:
        return OL_ERR_CONFLICT;
    case 413:
        return OL_ERR_LIMIT;
    case 429:
        return OL_ERR_RATE_LIMIT;
    case 504:
        return OL_ERR_PENDING;
    default:
        return status >= 500 ? OL_ERR_UNAVAILABLE : OL_ERR_PROTOCOL;
    }
}

static void member_copy(const ol_json *root, ol_str name, char *into, size_t bytes)
{
    ol_json value;
    if (!ol_json_find(root, name, &value) || ol_json_kind_of(&value) != OL_JSON_STRING ||
        value.raw.len - 1 > bytes)
        return;
    into[ol_json_text_decode(&value, into)] = '\0';
}

/* {"error", "reason", "hint", "request_id", "call_id"}, or a line of text. */
static ol_rc refused(int status, ol_str body, cli_failure *failure)
{
    char text[OL_ERR_TEXT_BYTES] = "";
    ol_json root;
    if (ol_json_parse(body, &root, NULL) == OL_OK && ol_json_kind_of(&root) == OL_JSON_OBJECT) {
        member_copy(&root, OL_STR("error"), text, sizeof text);
        member_copy(&root, OL_STR("reason"), failure->reason, sizeof failure->reason);
        member_copy(&root, OL_STR("hint"), failure->hint, sizeof failure->hint);
        member_copy(&root, OL_STR("request_id"), failure->request_id, sizeof failure->request_id);
        member_copy(&root, OL_STR("call_id"), failure->call_id, sizeof failure->call_id);
    }
    ol_str words = text[0] != '\0' ? ol_str_of(text) : ol_str_slice(ol_str_trim(body), 0, 400);
    if (words.len == 0)
        return ol_fail(&failure->err, status_reason(status), "the coordinator answered %d", status);
    return ol_fail(&failure->err, status_reason(status), "%.*s", OL_FMT(words));
}

static void pause_ms(long ms)
{
    struct timespec span = {ms / 1000, ms % 1000 * 1000000};
    (void)nanosleep(&span, NULL);
}

static bool worth_repeating(ol_rc rc, int status)
{
    return rc == OL_ERR_NETWORK || (rc == OL_OK && (status == 502 || status == 503));
}

/* Who did not answer, and what can be done. */
static ol_rc unreached(const api *a, const ol_http_request *exchange, cli_failure *failure)
{
    char where[OL_ERR_TEXT_BYTES];
    (void)snprintf(where, sizeof where, "the API at %.*s: ", OL_FMT(a->base));
    (void)ol_note(&failure->err, "%.*s %.*s", OL_FMT(exchange->method), OL_FMT(exchange->url));
    return ol_prefix(&failure->err, where);
}

ol_rc api_send(api *a, const api_request *request, ol_buf *into, cli_failure *failure)
{
    char storage[URL_BYTES_MAX];
    ol_buf url = ol_buf_over(storage, sizeof storage);
    ol_http_answer answer = {0};
    ol_rc rc = OL_ERR_INTERNAL;
    ol_buf_add_str(&url, a->base);
    ol_buf_add_str(&url, request->path);
    if (!ol_buf_ok(&url))
        return ol_fail(&failure->err, OL_ERR_LIMIT, "the address is too long");
    ol_http_request exchange = {
        .method = ol_str_of(request->method),
        .url = ol_buf_str(&url),
        .header = request->header,
        .headers = request->headers,
        .body = ol_str_bytes(request->body),
        .total_ms = request->total_ms,
    };
    for (int tries = 0; tries < (request->repeatable ? API_TRIES : 1); tries++) {
        if (tries > 0)
            pause_ms(RETRY_MS << tries);
        ol_buf_clear(into);
        rc = ol_http_exchange(a->client, &exchange, into, &answer, &failure->err);
        if (a->interrupt.came || !worth_repeating(rc, answer.status))
            break;
    }
    if (a->interrupt.came)
        return ol_fail(&failure->err, OL_ERR_INTERRUPTED, "interrupted");
    if (rc == OL_ERR_NETWORK || rc == OL_ERR_TIMEOUT)
        return unreached(a, &exchange, failure);
    if (rc != OL_OK)
        return rc;
    if (answer.status < 200 || answer.status > 299)
        return refused(answer.status, ol_buf_str(into), failure);
    return OL_OK;
}

ol_rc api_json(ol_str answer, ol_json *ret, ol_err *err)
{
    if (ol_json_parse(answer, ret, err) == OL_OK)
        return OL_OK;
    (void)ol_prefix(err, "the coordinator's answer is not JSON: ");
    return err->rc = OL_ERR_PROTOCOL;
}

ol_rc api_post(const cli *it, const char *path, const ol_buf *body, uint32_t total_ms,
               bool repeatable, ol_buf *into, cli_failure *failure)
{
    api *a = NULL;
    api_request request = {.method = "POST",
                           .path = ol_str_of(path),
                           .body = ol_buf_str(body),
                           .total_ms = total_ms,
                           .repeatable = repeatable};
    if (!ol_buf_ok(body))
        return ol_fail(&failure->err, OL_ERR_LIMIT, "the request is too large");
    api_header(&request, "Content-Type", OL_STR("application/json"));
    OL_TRY(api_open(it, &a, &failure->err));
    ol_rc rc = api_send(a, &request, into, failure);
    api_close(a);
    return rc;
}

int api_dry_run(const cli *it, const api_request *request, const char *hidden)
{
    OL_AUTO(ol_buf) text = ol_buf_new(DRY_RUN_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    if (!it->json) {
        ol_buf_addf(&text, "%s %.*s%.*s\n", request->method, OL_FMT(it->api),
                    OL_FMT(request->path));
        for (size_t i = 0; i < request->headers; i++)
            ol_buf_addf(&text, "%.*s: %.*s\n", OL_FMT(request->header[i].name),
                        OL_FMT(request->header[i].value));
        if (hidden != NULL)
            ol_buf_addf(&text, "%s: (not shown)\n", hidden);
        ol_buf_addf(&text, "\n%.*s", OL_FMT(request->body));
        return cli_result_buf(it, &text, CLI_DONE);
    }
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "method", request->method);
    ol_json_key(&w, "url");
    ol_json_add_str(&w,
                    ol_arena_printf(it->arena, "%.*s%.*s", OL_FMT(it->api), OL_FMT(request->path)));
    ol_json_key(&w, "headers");
    ol_json_object_begin(&w);
    for (size_t i = 0; i < request->headers; i++) {
        ol_json_key_str(&w, request->header[i].name);
        ol_json_add_str(&w, request->header[i].value);
    }
    if (hidden != NULL)
        ol_json_put_cstr(&w, hidden, "(not shown)");
    ol_json_object_end(&w);
    ol_json_put_raw(&w, "body", request->body);
    ol_json_object_end(&w);
    return cli_result_buf(it, &text, CLI_DONE);
}

ol_rc api_catch_interrupts(api *a, ol_err *err)
{
    return interrupt_catch(&a->interrupt, err);
}

bool api_interrupted(const api *a)
{
    return a->interrupt.came;
}
