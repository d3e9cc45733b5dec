#include "lib/net/http_client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/net/url.h"

enum { CONNECT_MS_STANDARD = 10000 }; /* Worker 4 */

struct ol_http_client {
    CURL *handle;
    ol_http_options options;
    struct curl_slist *headers;
    struct curl_slist *pinned; /* host:port:addresses of the exchange under way */
    ol_arena arena;            /* URLs of redirects */
    ol_buf *into;
    bool overflow;
    char reason[CURL_ERROR_SIZE];
    _Atomic bool cancelled;
};

static pthread_once_t library_once = PTHREAD_ONCE_INIT;

static void library_start(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    ol_http_client *client = context;
    size_t bytes = size * count; /* curl: size is always 1 */
    ol_buf_add(client->into, (ol_bytes){(const uint8_t *)data, bytes});
    client->overflow = !ol_buf_ok(client->into);
    return client->overflow ? 0 : bytes;
}

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    ol_http_client *client = context;
    return atomic_load_explicit(&client->cancelled, memory_order_relaxed) ? 1 : 0;
}

/* The last fence: whatever curl is about to connect to is judged once more. */
static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    ol_http_client *client = context;
    ol_addr plain;
    (void)purpose;
    if (client->options.allow != NULL &&
        (!ol_addr_of_socket(&address->addr, &plain) || !client->options.allow(&plain)))
        return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

ol_http_client *ol_http_client_new(const ol_http_options *options)
{
    (void)pthread_once(&library_once, library_start);
    ol_http_client *client = calloc(1, sizeof *client);
    if (client == NULL)
        return NULL;
    client->handle = curl_easy_init();
    if (client->handle == NULL) {
        free(client);
        return NULL;
    }
    client->options = *options;
    client->arena = ol_arena_new(OL_KIB(256));
    if (client->options.resolve == NULL)
        client->options.resolve = ol_resolve_system;
    CURL *h = client->handle;
    (void)curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(h, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(h, CURLOPT_NOPROXY, "*");
    (void)curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(h, CURLOPT_TCP_NODELAY, 1L);
    (void)curl_easy_setopt(h, CURLOPT_TCP_KEEPALIVE, 1L);
    (void)curl_easy_setopt(h, CURLOPT_ERRORBUFFER, client->reason);
    (void)curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(h, CURLOPT_WRITEDATA, client);
    (void)curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
    (void)curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, on_progress);
    (void)curl_easy_setopt(h, CURLOPT_XFERINFODATA, client);
    (void)curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    (void)curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, client);
    (void)curl_easy_setopt(
        h, CURLOPT_CONNECTTIMEOUT_MS,
        (long)(options->connect_ms > 0 ? options->connect_ms : CONNECT_MS_STANDARD));
    (void)curl_easy_setopt(h, CURLOPT_USERAGENT,
                           options->user_agent != NULL ? options->user_agent
                                                       : "outlayer/" OL_VERSION);
    if (options->ca_file != NULL)
        (void)curl_easy_setopt(h, CURLOPT_CAINFO, options->ca_file);
    return client;
}

void ol_http_client_free(ol_http_client *client)
{
    if (client == NULL)
        return;
    curl_easy_cleanup(client->handle);
    curl_slist_free_all(client->headers);
    curl_slist_free_all(client->pinned);
    ol_arena_deinit(&client->arena);
    free(client);
}

void ol_http_client_cancel(ol_http_client *client)
{
    atomic_store_explicit(&client->cancelled, true, memory_order_relaxed);
}

static bool slist_add(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (longer == NULL)
        return false;
    *list = longer;
    return true;
}

static ol_rc set_headers(ol_http_client *client, const ol_http_request *request, ol_err *err)
{
    curl_slist_free_all(client->headers);
    client->headers = NULL;
    bool ok = slist_add(&client->headers, "Expect:"); /* no 100-continue round trip */
    for (size_t i = 0; i < request->headers && ok; i++) {
        ol_str line = ol_arena_printf(&client->arena, "%.*s: %.*s", OL_FMT(request->header[i].name),
                                      OL_FMT(request->header[i].value));
        ok = line.data != NULL && memchr(line.data, '\n', line.len) == NULL &&
             slist_add(&client->headers, line.data);
    }
    if (!ok)
        return ol_fail(err, OL_ERR_INVALID, "malformed or too many headers");
    (void)curl_easy_setopt(client->handle, CURLOPT_HTTPHEADER, client->headers);
    return OL_OK;
}

static ol_rc set_method(ol_http_client *client, const ol_http_request *request, ol_err *err)
{
    CURL *h = client->handle;
    ol_str method;
    bool body = ol_str_eq(request->method, OL_STR("POST")) ||
                ol_str_eq(request->method, OL_STR("PUT")) ||
                ol_str_eq(request->method, OL_STR("PATCH"));
    if (!ol_arena_copy(&client->arena, request->method, &method))
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    (void)curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, NULL);
    (void)curl_easy_setopt(h, CURLOPT_HTTPGET, 1L);
    if (body) {
        (void)curl_easy_setopt(h, CURLOPT_POST, 1L);
        (void)curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
        (void)curl_easy_setopt(h, CURLOPT_POSTFIELDS,
                               request->body.len > 0 ? (const char *)request->body.data : "");
    }
    (void)curl_easy_setopt(h, CURLOPT_NOBODY, ol_str_eq(method, OL_STR("HEAD")) ? 1L : 0L);
    if (!ol_str_eq(method, OL_STR("GET")) && !ol_str_eq(method, OL_STR("HEAD")))
        (void)curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, method.data);
    return OL_OK;
}

/* Resolves, judges all addresses, and tells curl to use these and no others. */
static ol_rc pin(ol_http_client *client, const ol_url *url, ol_err *err)
{
    ol_addresses found;
    char storage[OL_HOST_BYTES_MAX + 64 + OL_ADDRESSES_MAX * (OL_ADDR_TEXT_BYTES + 3)];
    ol_buf line = ol_buf_over(storage, sizeof storage);
    if (client->options.allow == NULL)
        return OL_OK;
    if (client->options.resolve(client->options.resolve_context, url->host, &found, err) != OL_OK)
        return ol_prefix(err, "dns resolution failed: ");
    if (!ol_addresses_allowed(&found, client->options.allow))
        return ol_fail(err, OL_ERR_FORBIDDEN,
                       "destination blocked: internal/private/link-local address");
    if (url->ipv6) /* a literal: curl asks nobody */
        return OL_OK;
    /* Without "+" the entry never expires; it replaces what an earlier exchange pinned. */
    ol_buf_addf(&line, "%.*s:%u:", OL_FMT(url->host), (unsigned)url->port);
    for (size_t i = 0; i < found.count; i++) {
        char text[OL_ADDR_TEXT_BYTES];
        ol_addr_format(&found.addr[i], text);
        ol_buf_addf(&line, found.addr[i].ipv6 ? "%s[%s]" : "%s%s", i > 0 ? "," : "", text);
    }
    ol_buf_add_char(&line, '\0');
    OL_ASSERT(ol_buf_ok(&line));
    curl_slist_free_all(client->pinned);
    client->pinned = NULL;
    if (!slist_add(&client->pinned, storage))
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    (void)curl_easy_setopt(client->handle, CURLOPT_RESOLVE, client->pinned);
    return OL_OK;
}

static ol_rc failure(const ol_http_client *client, CURLcode code, ol_err *err)
{
    if (client->overflow)
        return ol_fail(err, OL_ERR_LIMIT, "answer longer than %zu bytes", client->into->max);
    if (code == CURLE_OPERATION_TIMEDOUT || code == CURLE_ABORTED_BY_CALLBACK)
        return ol_fail(err, OL_ERR_TIMEOUT, "timed out");
    /* curl's own words may quote the host: they are for the operator. */
    (void)ol_fail(err, OL_ERR_NETWORK, "%s", curl_easy_strerror(code));
    return ol_note(err, "%s", client->reason);
}

static bool is_redirect(long status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* One hop: no redirect is followed here. */
static ol_rc hop(ol_http_client *client, const ol_url *url, int64_t remaining_ms, long *ret_status,
                 ol_err *err)
{
    CURL *h = client->handle;
    ol_str plain; /* NUL-terminated */
    if (!ol_arena_copy(&client->arena, url->text, &plain))
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(pin(client, url, err));
    client->overflow = false;
    client->reason[0] = '\0';
    (void)curl_easy_setopt(h, CURLOPT_URL, plain.data);
    (void)curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)remaining_ms);
    CURLcode code = curl_easy_perform(h);
    if (code != CURLE_OK)
        return failure(client, code, err);
    (void)curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, ret_status);
    return OL_OK;
}

static int64_t now_ms(void)
{
    return ol_mono_ns(ol_clock_real()) / 1000000;
}

ol_rc ol_http_exchange(ol_http_client *client, const ol_http_request *request, ol_buf *into,
                       ol_http_answer *ret, ol_err *err)
{
    ol_url url;
    size_t start = into->len;
    int64_t end_ms = now_ms() + (int64_t)request->total_ms;
    long status = 0;
    ol_arena_deinit(&client->arena);
    client->into = into;
    OL_TRY(ol_url_parse(request->url, &url, err));
    OL_TRY(set_headers(client, request, err));
    OL_TRY(set_method(client, request, err));
    for (unsigned redirects = 0;; redirects++) {
        int64_t remaining = end_ms - now_ms();
        if (request->tls_only && !url.tls)
            return ol_fail(err, OL_ERR_FORBIDDEN, "only https is allowed");
        if (remaining <= 0)
            return ol_fail(err, OL_ERR_TIMEOUT, "timed out");
        OL_TRY(hop(client, &url, remaining, &status, err));
        char *location = NULL;
        if (request->redirects_max == 0 || !is_redirect(status))
            break;
        (void)curl_easy_getinfo(client->handle, CURLINFO_REDIRECT_URL, &location);
        if (location == NULL)
            break;
        if (redirects == request->redirects_max)
            return ol_fail(err, OL_ERR_NETWORK, "more than %u redirects", request->redirects_max);
        into->len = start; /* a redirect's own body is nobody's answer */
        OL_TRY(ol_url_follow(&url, ol_str_of(location), &client->arena, &url, err));
    }
    char *final_url = NULL;
    (void)curl_easy_getinfo(client->handle, CURLINFO_EFFECTIVE_URL, &final_url);
    *ret = (ol_http_answer){.status = (int)status, .final_url = final_url};
    return OL_OK;
}
