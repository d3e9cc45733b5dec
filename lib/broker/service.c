/* One request after another to our own services, on the run's poll loop: what near:storage and
 * near:vrf are made of. The guest waits meanwhile, so there is one at a time. */
#include <stdio.h>
#include <string.h>

#include "lib/broker/internal.h"
#include "lib/codec/utf8.h"
#include "lib/crypto/secret.h"
#include "lib/net/status_text.h"

enum { HEADER_BYTES_MAX = 1024, QUOTED_BYTES_MAX = 1024 };

/* ---- the exchange ---- */

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    ol__service *it = context;
    ol_buf_add(&it->answer, (ol_bytes){(const uint8_t *)data, size * count});
    return ol_buf_ok(&it->answer) ? size * count : 0;
}

static bool session_lost(const ol__service *it, int status)
{
    size_t at;
    return status == 403 && it->to_keystore && it->session.has &&
           ol_str_find(ol_buf_str(&it->answer), OL_STR("TEE session"), &at);
}

/* A session is opened when a guest first needs one, and again when the keystore has forgotten it
 * (it restarted): runs that need none do not wait for one. The run waits meanwhile, as its guest
 * does, but not beyond its deadline. False: the keystore does not answer. */
static bool session_take(ol_broker *broker)
{
    ol_err err = {0};
    ol_keystore_link *link = broker->plan.keystore;
    int64_t left_ns = ol_run_deadline_ns(broker->run) - ol__now_ns();
    ol_rc rc = ol_keystore_session_get(link, broker->plan.keystore_client, left_ns,
                                       &broker->service.session, &err);
    return rc != OL_ERR_TIMEOUT; /* whatever else went wrong, the request itself will tell */
}

static bool try_again(ol_broker *broker);

/* What came, as the next step wants it: a status of 0 is a request that was not answered. */
static void on_done(void *context, CURL *handle, CURLcode code)
{
    ol_broker *broker = context;
    ol__service *it = &broker->service;
    long status = 0;
    it->in_loop = false;
    if (code == CURLE_OK)
        (void)curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    if (session_lost(it, (int)status)) {
        ol_keystore_session_lost(broker->plan.keystore, it->session.id);
        ol_keystore_session_deinit(&it->session);
        if (!it->again && try_again(broker))
            return;
    }
    if (it->to_keystore && status == 200 && !ol_keystore_unseal(&it->session, &it->answer))
        status = 0;
    ol_keystore_session_deinit(&it->session);
    it->status = (int)status;
    it->next(broker);
}

static struct curl_slist *header_add(struct curl_slist *list, const char *name, ol_str value)
{
    char line[HEADER_BYTES_MAX];
    int n = snprintf(line, sizeof line, "%s%.*s", name, OL_FMT(value));
    struct curl_slist *longer =
        n < 0 || (size_t)n >= sizeof line ? NULL : curl_slist_append(list, line);
    ol_wipe(line, sizeof line);
    return longer == NULL ? list : longer;
}

static bool handle_ready(ol_broker *broker)
{
    ol__service *it = &broker->service;
    if (it->loop == NULL)
        it->loop = ol_http_loop_new(on_done, broker);
    if (it->handle == NULL)
        it->handle = ol_http_handle_new(broker->plan.ca_file);
    if (it->loop == NULL || it->handle == NULL)
        return false;
    (void)curl_easy_setopt(it->handle, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(it->handle, CURLOPT_WRITEDATA, it);
    return true;
}

/* For a request to the keystore the session is there already. */
static void headers_set(ol_broker *broker)
{
    ol__service *it = &broker->service;
    ol_str token =
        it->to_keystore ? ol_keystore_token(broker->plan.keystore) : broker->plan.coordinator_token;
    curl_slist_free_all(it->headers);
    it->headers = header_add(NULL, "Content-Type: application/json", OL_STR(""));
    if (it->extra[0].data == NULL)
        it->headers = header_add(it->headers, "Authorization: Bearer ", token);
    OL_EACH (line, it->extra) {
        if (line->data != NULL)
            it->headers = header_add(it->headers, "", *line);
    }
    if (it->to_keystore && it->session.has)
        it->headers = header_add(it->headers, "X-TEE-Session: ", ol_str_of(it->session.id));
    (void)curl_easy_setopt(it->handle, CURLOPT_HTTPHEADER, it->headers);
}

/* The request as the handle still has it, with another session. */
static bool try_again(ol_broker *broker)
{
    ol__service *it = &broker->service;
    it->again = true;
    if (!session_take(broker))
        return false;
    ol_buf_clear(&it->answer);
    headers_set(broker);
    it->in_loop = ol_http_loop_add(it->loop, it->handle);
    return it->in_loop;
}

static void start(ol_broker *broker, const char *path, unsigned seconds, unsigned connect_seconds,
                  bool get, ol__service_next *next)
{
    ol__service *it = &broker->service;
    char url[OL_URL_TEXT_BYTES_MAX];
    ol_str base =
        it->to_keystore ? ol_keystore_url(broker->plan.keystore) : broker->plan.coordinator_url;
    int n = snprintf(url, sizeof url, "%.*s%s", OL_FMT(base), path);
    it->next = next;
    it->status = 0;
    it->again = false;
    ol_buf_clear(&it->answer);
    if (it->to_keystore && !session_take(broker)) {
        next(broker);
        return;
    }
    if (n < 0 || (size_t)n >= sizeof url || !ol_buf_ok(&it->body) || !handle_ready(broker)) {
        next(broker);
        return;
    }
    headers_set(broker);
    (void)curl_easy_setopt(it->handle, CURLOPT_URL, url);
    (void)curl_easy_setopt(it->handle, CURLOPT_TIMEOUT, (long)seconds);
    (void)curl_easy_setopt(it->handle, CURLOPT_CONNECTTIMEOUT, (long)connect_seconds);
    if (get) {
        (void)curl_easy_setopt(it->handle, CURLOPT_HTTPGET, 1L);
    } else {
        (void)curl_easy_setopt(it->handle, CURLOPT_POST, 1L);
        (void)curl_easy_setopt(it->handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)it->body.len);
        (void)curl_easy_setopt(it->handle, CURLOPT_POSTFIELDS, (const char *)it->body.data);
    }
    it->in_loop = ol_http_loop_add(it->loop, it->handle);
    if (!it->in_loop)
        next(broker);
}

/* ---- what the interfaces use ---- */

ol_json_writer ol__service_body(ol_broker *broker)
{
    ol__service *it = &broker->service;
    ol_buf_clear(&it->body);
    ol_json_writer w = ol_json_writer_over(&it->body);
    ol_json_object_begin(&w);
    return w;
}

void ol__service_post(ol_broker *broker, ol_json_writer *w, ol__service_to to, const char *path,
                      ol__service_next *next)
{
    ol_json_object_end(w);
    broker->service.to_keystore = to == OL__TO_KEYSTORE;
    start(broker, path, broker->service.seconds, broker->service.connect_seconds, false, next);
}

void ol__service_get(ol_broker *broker, ol__service_to to, const char *path, ol__service_next *next)
{
    ol_buf_clear(&broker->service.body);
    broker->service.to_keystore = to == OL__TO_KEYSTORE;
    start(broker, path, broker->service.seconds, broker->service.connect_seconds, true, next);
}

bool ol__service_json(ol_broker *broker, ol_json *ret)
{
    const ol_buf *answer = &broker->service.answer;
    return broker->service.status == 200 &&
           ol_json_parse_within(ol_buf_str(answer),
                                (ol_json_limits){OL_KEYSTORE_ANSWER_BYTES_MAX, OL_JSON_DEPTH_MAX},
                                ret, NULL) == OL_OK;
}

bool ol__service_text(ol_broker *broker, const char *member, ol_str *ret)
{
    ol_json root;
    ol_json value;
    return ol__service_json(broker, &root) && ol_json_find(&root, ol_str_of(member), &value) &&
           ol_json_text(&value, &broker->service.arena, ret, NULL) == OL_OK &&
           ol_arena_copy(&broker->service.arena, *ret, ret);
}

ol_str ol__service_quote(ol_broker *broker)
{
    ol__service *it = &broker->service;
    char storage[3 * QUOTED_BYTES_MAX]; /* U+FFFD has three bytes */
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_str copy = {NULL, 0};
    ol_utf8_add_lossy(&text, ol_str_bytes(ol_utf8_cut(ol_buf_str(&it->answer), QUOTED_BYTES_MAX)));
    return ol_arena_copy(&it->arena, ol_buf_str(&text), &copy) ? copy : OL_STR("");
}

ol_str ol__service_failure(ol_broker *broker, const char *what)
{
    ol__service *it = &broker->service;
    if (it->status == 0)
        return ol_arena_printf(&it->arena, "%s: no answer", what);
    return ol_arena_printf(&it->arena, "%s: %d %s - %.*s", what, it->status,
                           ol_http_status_text(it->status), OL_FMT(ol__service_quote(broker)));
}

/* ---- lives ---- */

bool ol__service_call(ol_broker *broker, uint32_t id, ol_host_fn function)
{
    ol__service *it = &broker->service;
    if (it->busy) { /* a guest waits for its call: this is no guest of ours */
        ol_run_end(broker->run, OL_RUN_ENGINE_CRASH, OL_STR("host call within a host call"));
        return false;
    }
    it->busy = true;
    OL_EACH (line, it->extra)
        *line = (ol_str){NULL, 0};
    it->id = id;
    it->function = function;
    it->seconds = OL_KEYSTORE_SECONDS;
    it->connect_seconds = OL_KEYSTORE_CONNECT_SECONDS;
    it->arena = ol_arena_new(OL_STORAGE_ARENA_BYTES_MAX);
    it->body = ol_buf_new(OL_KEYSTORE_ANSWER_BYTES_MAX);
    it->answer = ol_buf_new(OL_KEYSTORE_ANSWER_BYTES_MAX);
    return true;
}

void ol__service_answer(ol_broker *broker, const ol_host_value *values, size_t count)
{
    ol__service *it = &broker->service;
    ol_run_answer(broker->run, it->id, it->function, values, count);
    ol__service_drop(broker);
}

static void buf_wipe(ol_buf *buf)
{
    if (buf->data != NULL)
        ol_wipe(buf->data, buf->size); /* plaintext of a stored row */
    ol_buf_deinit(buf);
}

void ol__service_drop(ol_broker *broker)
{
    ol__service *it = &broker->service;
    if (it->in_loop)
        ol_http_loop_remove(it->loop, it->handle);
    it->in_loop = false;
    it->busy = false;
    ol_keystore_session_deinit(&it->session);
    buf_wipe(&it->body);
    buf_wipe(&it->answer);
    ol_arena_deinit(&it->arena);
}

void ol__service_close(ol_broker *broker)
{
    ol__service *it = &broker->service;
    ol__service_drop(broker);
    curl_easy_cleanup(it->handle);
    curl_slist_free_all(it->headers);
    ol_http_loop_free(it->loop);
}
