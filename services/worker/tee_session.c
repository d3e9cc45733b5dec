#include "services/worker/tee_session.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/codec/json_read.h"
#include "lib/crypto/secret.h"
#include "lib/near/transaction.h"
#include "lib/secrets/tee_challenge.h"

enum { ANSWER_BYTES_MAX = 16 * 1024, URL_BYTES_MAX = 4096, HEADER_BYTES_MAX = 17 * 1024 };
enum { REGISTER_MS = 60000 }; /* the coordinator asks a node up to three times */

struct tee_session {
    const worker_settings *settings;
    ol_ed25519_key key;
    pthread_mutex_t lock; /* held while registering: who comes meanwhile needs the result */
    tee_session_id id;
};

ol_rc tee_session_open(const worker_settings *settings, tee_session **ret, ol_err *err)
{
    tee_session *s = calloc(1, sizeof *s);
    if (s == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    s->settings = settings;
    (void)pthread_mutex_init(&s->lock, NULL);
    *ret = s;
    return ol_near_secret_key_parse(settings->operator_private_key, &s->key, err);
}

void tee_session_close(tee_session *s)
{
    if (s == NULL)
        return;
    ol_ed25519_key_deinit(&s->key);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

/* ---- registration ---- */

static ol_rc post(const tee_session *s, ol_http_client *client, const char *path, ol_str body,
                  ol_buf *into, ol_err *err)
{
    char url[URL_BYTES_MAX];
    ol_http_answer answer;
    OL_AUTO(ol_buf) bearer = ol_buf_new(HEADER_BYTES_MAX);
    ol_buf_addf(&bearer, "Bearer %.*s", OL_FMT(s->settings->api_token));
    const ol_http_header headers[] = {
        {OL_STR("Authorization"), ol_buf_str(&bearer)},
        {OL_STR("Content-Type"), OL_STR("application/json")},
    };
    int n = snprintf(url, sizeof url, "%.*s%s", OL_FMT(s->settings->api_url), path);
    OL_ASSERT(n > 0 && (size_t)n < sizeof url && ol_buf_ok(&bearer));
    const ol_http_request request = {.method = OL_STR("POST"),
                                     .url = ol_str_of(url),
                                     .header = headers,
                                     .headers = OL_COUNT(headers),
                                     .body = ol_str_bytes(body),
                                     .total_ms = REGISTER_MS};
    ol_rc rc = ol_http_exchange(client, &request, into, &answer, err);
    ol_wipe(bearer.data, bearer.size);
    OL_TRY(rc);
    if (answer.status == 200)
        return OL_OK;
    (void)ol_fail(err, answer.status >= 500 ? OL_ERR_UNAVAILABLE : OL_ERR_FORBIDDEN,
                  "coordinator refused a session: %d", answer.status);
    return ol_note(err, "%.*s", OL_FMT(ol_str_slice(ol_buf_str(into), 0, 150)));
}

static ol_str member(const ol_buf *answer, const char *name, ol_arena *arena)
{
    ol_json root;
    ol_json value;
    ol_str text = {NULL, 0};
    if (ol_json_parse(ol_buf_str(answer), &root, NULL) != OL_OK ||
        !ol_json_find(&root, ol_str_of(name), &value) ||
        ol_json_text(&value, arena, &text, NULL) != OL_OK || !ol_arena_copy(arena, text, &text))
        return (ol_str){NULL, 0};
    return text;
}

/* A coordinator that does not say `v2` wants 32 bytes of its choice signed by the key that also
 * signs transactions. */
static ol_rc challenge_get(const tee_session *s, ol_http_client *client, ol_arena *arena,
                           ol_str *ret, ol_err *err)
{
    OL_AUTO(ol_buf) answer = ol_buf_new(ANSWER_BYTES_MAX);
    OL_TRY(post(s, client, "/workers/tee-challenge", OL_STR("{\"scheme\":\"v2\"}"), &answer, err));
    *ret = member(&answer, "challenge", arena);
    if (!ol_str_eq(member(&answer, "scheme", arena), OL_STR("v2")))
        return ol_fail(err, OL_ERR_PROTOCOL,
                       "the coordinator wants a bare challenge signed; this worker does not do "
                       "that");
    return OL_OK;
}

static ol_rc enlist(tee_session *s, ol_http_client *client, ol_err *err)
{
    ol_str challenge;
    OL_AUTO(ol_arena) arena = ol_arena_new(4 * ANSWER_BYTES_MAX);
    OL_AUTO(ol_buf) body = ol_buf_new(ANSWER_BYTES_MAX);
    OL_AUTO(ol_buf) answer = ol_buf_new(ANSWER_BYTES_MAX);
    OL_TRY(challenge_get(s, client, &arena, &challenge, err));
    OL_TRY(ol_tee_registration(OL_STR("coordinator"), challenge, &s->key, NULL, &body, err));
    OL_TRY(post(s, client, "/workers/register-tee", ol_buf_str(&body), &answer, err));
    ol_str id = member(&answer, "session_id", &arena);
    if (id.len == 0 || id.len >= sizeof s->id.text)
        return ol_fail(err, OL_ERR_PROTOCOL, "the coordinator's answer has no session_id");
    memcpy(s->id.text, id.data, id.len);
    s->id.text[id.len] = '\0';
    OL_LOG(OL_INFO, "session_begun", KV("at", "coordinator"));
    return OL_OK;
}

/* ---- use ---- */

ol_rc tee_session_get(tee_session *s, ol_http_client *client, tee_session_id *ret, ol_err *err)
{
    ol_rc rc = OL_OK;
    (void)pthread_mutex_lock(&s->lock);
    if (s->id.text[0] == '\0')
        rc = enlist(s, client, err);
    *ret = s->id;
    (void)pthread_mutex_unlock(&s->lock);
    return rc;
}

void tee_session_lost(tee_session *s, const tee_session_id *id)
{
    (void)pthread_mutex_lock(&s->lock);
    if (strcmp(s->id.text, id->text) == 0)
        s->id = (tee_session_id){""};
    (void)pthread_mutex_unlock(&s->lock);
}
