#include "lib/broker/keystore_link.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/codec/base64.h"
#include "lib/codec/json_bind.h"
#include "lib/crypto/random.h"
#include "lib/crypto/secret.h"
#include "lib/secrets/ecies.h"
#include "lib/secrets/tee_challenge.h"

#define SECOND_NS INT64_C(1000000000)
#define MS_NS INT64_C(1000000)
#define WAIT_NS_MAX (3600 * SECOND_NS) /* beyond all patience, within all arithmetic */

enum { ARENA_BYTES = 64 * 1024, URL_BYTES_MAX = 1024, HEADER_BYTES_MAX = 1024 };

struct ol_keystore_link {
    ol_keystore_plan plan;
    pthread_mutex_t lock;    /* of the session */
    pthread_mutex_t opening; /* held by the one thread that opens a session */
    ol_keystore_session session;
    int64_t opened_ns;
    unsigned failures; /* to open one, so far: who waited for a failure does not try it again */
};

/* ---- lives ---- */

ol_rc ol_keystore_link_open(const ol_keystore_plan *plan, ol_keystore_link **ret, ol_err *err)
{
    ol_keystore_link *link = calloc(1, sizeof *link);
    if (link == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    link->plan = *plan;
    while (ol_str_ends(link->plan.url, OL_STR("/")))
        link->plan.url.len--;
    (void)pthread_mutex_init(&link->lock, NULL);
    (void)pthread_mutex_init(&link->opening, NULL);
    *ret = link;
    return OL_OK;
}

void ol_keystore_link_close(ol_keystore_link *link)
{
    if (link == NULL)
        return;
    (void)pthread_mutex_destroy(&link->lock);
    (void)pthread_mutex_destroy(&link->opening);
    ol_keystore_session_deinit(&link->session);
    free(link);
}

ol_str ol_keystore_url(const ol_keystore_link *link)
{
    return link->plan.url;
}

ol_str ol_keystore_token(const ol_keystore_link *link)
{
    return link->plan.token;
}

void ol_keystore_session_deinit(ol_keystore_session *session)
{
    ol_wipe(session, sizeof *session);
}

/* ---- one request ---- */

static int64_t deadline_in(const ol_keystore_link *link, int seconds)
{
    return ol_mono_ns(link->plan.clock) + seconds * SECOND_NS;
}

static ol_rc post(ol_keystore_link *link, ol_http_client *client, const char *path, ol_str body,
                  const ol_keystore_session *session, int64_t deadline_ns, ol_buf *into,
                  int *ret_status, ol_err *err)
{
    int64_t left_ms = (deadline_ns - ol_mono_ns(link->plan.clock)) / MS_NS;
    if (left_ms <= 0)
        return ol_fail(err, OL_ERR_TIMEOUT, "the keystore did not answer in time");
    char url[URL_BYTES_MAX];
    char bearer[HEADER_BYTES_MAX];
    ol_http_answer answer;
    int url_len = snprintf(url, sizeof url, "%.*s%s", OL_FMT(link->plan.url), path);
    int bearer_len = snprintf(bearer, sizeof bearer, "Bearer %.*s", OL_FMT(link->plan.token));
    if (url_len < 0 || (size_t)url_len >= sizeof url || bearer_len < 0 ||
        (size_t)bearer_len >= sizeof bearer)
        return ol_fail(err, OL_ERR_SETTINGS,
                       "KEYSTORE_BASE_URL or KEYSTORE_AUTH_TOKEN is too long");
    const ol_http_header headers[] = {
        {OL_STR("content-type"), OL_STR("application/json")},
        {OL_STR("authorization"), {bearer, (size_t)bearer_len}},
        {OL_STR("x-tee-session"), ol_str_of(session->id)},
    };
    const ol_http_request request = {
        .method = OL_STR("POST"),
        .url = {url, (size_t)url_len},
        .header = headers,
        .headers = session->has ? OL_COUNT(headers) : OL_COUNT(headers) - 1,
        .body = ol_str_bytes(body),
        .total_ms = (uint32_t)left_ms,
    };
    ol_rc rc = ol_http_exchange(client, &request, into, &answer, err);
    ol_wipe(bearer, sizeof bearer);
    if (rc == OL_OK)
        *ret_status = answer.status;
    return rc;
}

ol_str ol_keystore_error(ol_str answer, ol_arena *arena)
{
    ol_json root;
    ol_json text;
    ol_str copy;
    if (ol_json_parse(answer, &root, NULL) != OL_OK ||
        !ol_json_find(&root, OL_STR("error"), &text) || ol_json_kind_of(&text) != OL_JSON_STRING ||
        ol_json_text(&text, arena, &copy, NULL) != OL_OK || !ol_arena_copy(arena, copy, &copy))
        return OL_STR("");
    return copy;
}

/* ---- sessions ---- */

/* In the arena: the answer dies first. */
static ol_rc member_text(ol_str json, const char *name, ol_arena *arena, ol_str *ret, ol_err *err)
{
    ol_json root;
    ol_json value;
    if (ol_json_parse(json, &root, NULL) != OL_OK ||
        !ol_json_find(&root, ol_str_of(name), &value) ||
        ol_json_text(&value, arena, ret, NULL) != OL_OK || !ol_arena_copy(arena, *ret, ret))
        return ol_fail(err, OL_ERR_PROTOCOL, "the keystore's answer has no %s", name);
    return OL_OK;
}

static ol_rc step(ol_keystore_link *link, ol_http_client *client, const char *path, ol_str body,
                  int64_t deadline_ns, const char *member, ol_arena *arena, ol_str *ret,
                  ol_err *err)
{
    static const ol_keystore_session NONE;
    int status = 0;
    ol_buf answer = ol_buf_new(ARENA_BYTES);
    ol_rc rc = post(link, client, path, body, &NONE, deadline_ns, &answer, &status, err);
    if (rc == OL_OK && status != 200) {
        ol_str text = ol_keystore_error(ol_buf_str(&answer), arena);
        rc = ol_fail(err, OL_ERR_FORBIDDEN, "the keystore refused a session: %d %.*s", status,
                     OL_FMT(text));
    }
    if (rc == OL_OK)
        rc = member_text(ol_buf_str(&answer), member, arena, ret, err);
    ol_buf_deinit(&answer);
    return rc;
}

static ol_rc open_session(ol_keystore_link *link, ol_http_client *client, int64_t until_ns,
                          ol_err *err)
{
    uint8_t scalar[OL_X25519_BYTES];
    ol_keystore_session fresh = {.has = true};
    ol_str challenge;
    ol_str id;
    OL_AUTO(ol_arena) arena = ol_arena_new(ARENA_BYTES);
    OL_AUTO(ol_buf) body = ol_buf_new(ARENA_BYTES);
    int64_t own_ns = deadline_in(link, OL_KEYSTORE_CONNECT_SECONDS);
    int64_t deadline_ns = own_ns < until_ns ? own_ns : until_ns;
    OL_TRY(step(link, client, "/tee-challenge", OL_STR("{\"scheme\":\"v2\"}"), deadline_ns,
                "challenge", &arena, &challenge, err));
    ol_random_fill(ol_random_kernel(), scalar, sizeof scalar);
    ol_x25519_key_of(scalar, &fresh.reply_key);
    ol_wipe(scalar, sizeof scalar);
    ol_x25519_public reply_key = ol_x25519_public_of(&fresh.reply_key);
    OL_TRY(
        ol_tee_registration(OL_STR("keystore"), challenge, link->plan.key, &reply_key, &body, err));
    OL_TRY(step(link, client, "/register-tee", ol_buf_str(&body), deadline_ns, "session_id", &arena,
                &id, err));
    if (id.len >= sizeof fresh.id)
        return ol_fail(err, OL_ERR_PROTOCOL, "the keystore's session id is too long");
    memcpy(fresh.id, id.data, id.len);
    (void)pthread_mutex_lock(&link->lock);
    link->session = fresh;
    link->opened_ns = ol_mono_ns(link->plan.clock);
    (void)pthread_mutex_unlock(&link->lock);
    ol_keystore_session_deinit(&fresh);
    return OL_OK;
}

static unsigned failures(ol_keystore_link *link)
{
    (void)pthread_mutex_lock(&link->lock);
    unsigned count = link->failures;
    (void)pthread_mutex_unlock(&link->lock);
    return count;
}

/* `seen` failures were there before the wait for `opening`: threads that met at a keystore which
 * does not answer wait for it together, not one after the other. Running out of patience says
 * nothing about the keystore. */
static ol_rc open_in_turn(ol_keystore_link *link, ol_http_client *client, unsigned seen,
                          int64_t until_ns, ol_err *err)
{
    if (failures(link) != seen)
        return ol_fail(err, OL_ERR_TIMEOUT, "the keystore opened no session a moment ago");
    bool patient = until_ns >= deadline_in(link, OL_KEYSTORE_CONNECT_SECONDS);
    ol_rc rc = open_session(link, client, until_ns, err);
    if (rc != OL_OK && (rc != OL_ERR_TIMEOUT || patient)) {
        (void)pthread_mutex_lock(&link->lock);
        link->failures++;
        (void)pthread_mutex_unlock(&link->lock);
    }
    return rc;
}

/* Waits for whoever opens a session now. */
static bool opening_take(ol_keystore_link *link, int64_t patience_ns)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += patience_ns / SECOND_NS;
    until.tv_nsec += patience_ns % SECOND_NS;
    if (until.tv_nsec >= SECOND_NS) {
        until.tv_sec++;
        until.tv_nsec -= SECOND_NS;
    }
    return pthread_mutex_clocklock(&link->opening, CLOCK_MONOTONIC, &until) == 0;
}

static bool is_fresh(ol_keystore_link *link)
{
    bool fresh;
    int64_t since = ol_mono_ns(link->plan.clock) - OL_KEYSTORE_SESSION_FRESH_SECONDS * SECOND_NS;
    (void)pthread_mutex_lock(&link->lock);
    fresh = link->session.has && link->opened_ns > since;
    (void)pthread_mutex_unlock(&link->lock);
    return fresh;
}

void ol_keystore_session_now(ol_keystore_link *link, ol_keystore_session *ret)
{
    (void)pthread_mutex_lock(&link->lock);
    *ret = link->session;
    (void)pthread_mutex_unlock(&link->lock);
}

void ol_keystore_session_lost(ol_keystore_link *link, const char *id)
{
    (void)pthread_mutex_lock(&link->lock);
    if (link->session.has && strcmp(link->session.id, id) == 0)
        ol_keystore_session_deinit(&link->session);
    (void)pthread_mutex_unlock(&link->lock);
}

ol_rc ol_keystore_session_get(ol_keystore_link *link, ol_http_client *client, int64_t patience_ns,
                              ol_keystore_session *ret, ol_err *err)
{
    ol_rc rc = OL_OK;
    if (link->plan.key != NULL && !is_fresh(link)) {
        unsigned seen = failures(link);
        if (patience_ns > WAIT_NS_MAX)
            patience_ns = WAIT_NS_MAX;
        if (patience_ns < 0)
            patience_ns = 0;
        int64_t until_ns = ol_mono_ns(link->plan.clock) + patience_ns;
        ol_keystore_session_now(link, ret);
        /* One that only ages does for the others meanwhile; without any, all wait for it. */
        bool mine =
            ret->has ? pthread_mutex_trylock(&link->opening) == 0 : opening_take(link, patience_ns);
        if (mine) {
            if (!is_fresh(link))
                rc = open_in_turn(link, client, seen, until_ns, err);
            (void)pthread_mutex_unlock(&link->opening);
        } else if (!ret->has) {
            rc = ol_fail(err, OL_ERR_TIMEOUT, "another still waits for the keystore's session");
        }
        if (ret->has)
            rc = OL_OK;
    }
    ol_keystore_session_now(link, ret);
    return rc;
}

/* ---- answers ---- */

bool ol_keystore_unseal(const ol_keystore_session *session, ol_buf *answer)
{
    ol_json root;
    ol_json sealed;
    ol_bytes blob;
    if (ol_json_parse(ol_buf_str(answer), &root, NULL) != OL_OK ||
        !ol_json_find(&root, OL_STR("sealed"), &sealed))
        return true;
    OL_AUTO(ol_arena) arena = ol_arena_new(OL_KEYSTORE_ANSWER_BYTES_MAX);
    ol_buf plain = ol_buf_new(OL_KEYSTORE_ANSWER_BYTES_MAX);
    ol_str text;
    bool opened = session->has && ol_json_text(&sealed, &arena, &text, NULL) == OL_OK &&
                  ol_base64_decode(text, &arena, &blob) &&
                  ol_ecies_open(&session->reply_key, OL_STR(OL_ECIES_REPLY), blob, &plain);
    if (opened) {
        ol_buf_clear(answer);
        ol_buf_add(answer, ol_buf_bytes(&plain));
    }
    if (plain.data != NULL)
        ol_wipe(plain.data, plain.size);
    ol_buf_deinit(&plain);
    return opened && ol_buf_ok(answer);
}

static bool session_lost(int status, ol_str answer)
{
    size_t at;
    return status == 403 && (ol_str_find(answer, OL_STR("session not found"), &at) ||
                             ol_str_find(answer, OL_STR("TEE session"), &at));
}

static ol_rc ask_once(ol_keystore_link *link, ol_http_client *client, const char *path, ol_str body,
                      int64_t deadline_ns, ol_buf *into, int *ret_status, bool *ret_lost,
                      ol_err *err)
{
    ol_keystore_session session;
    ol_rc rc = ol_keystore_session_get(link, client, OL_KEYSTORE_PATIENT, &session, err);
    if (rc == OL_OK) {
        ol_buf_clear(into);
        rc = post(link, client, path, body, &session, deadline_ns, into, ret_status, err);
    }
    *ret_lost = rc == OL_OK && session.has && session_lost(*ret_status, ol_buf_str(into));
    if (*ret_lost)
        ol_keystore_session_lost(link, session.id);
    else if (rc == OL_OK && !ol_keystore_unseal(&session, into))
        rc = ol_fail(err, OL_ERR_PROTOCOL, "the keystore's answer does not open");
    ol_keystore_session_deinit(&session);
    return rc;
}

ol_rc ol_keystore_ask(ol_keystore_link *link, ol_http_client *client, const char *path,
                      ol_str body_json, ol_buf *into, int *ret_status, ol_err *err)
{
    bool lost = false;
    int64_t deadline_ns = deadline_in(link, OL_KEYSTORE_ASK_SECONDS);
    OL_TRY(ask_once(link, client, path, body_json, deadline_ns, into, ret_status, &lost, err));
    return lost ? ask_once(link, client, path, body_json, deadline_ns, into, ret_status, &lost, err)
                : OL_OK;
}
