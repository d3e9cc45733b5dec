#include "lib/broker/keystore_link.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/codec/base58.h"
#include "lib/codec/base64.h"
#include "lib/codec/hex.h"
#include "lib/codec/json_bind.h"
#include "lib/codec/json_write.h"
#include "lib/crypto/random.h"
#include "lib/crypto/secret.h"
#include "lib/secrets/ecies.h"
#include "lib/secrets/tee_challenge.h"

#define SECOND_NS INT64_C(1000000000)

enum { ARENA_BYTES = 64 * 1024, URL_BYTES_MAX = 1024, HEADER_BYTES_MAX = 1024 };

struct ol_keystore_link {
    ol_keystore_plan plan;
    pthread_mutex_t lock;    /* of the session */
    pthread_mutex_t opening; /* held by the one thread that opens a session */
    ol_keystore_session session;
    int64_t opened_ns;
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

static ol_rc post(ol_keystore_link *link, ol_http_client *client, const char *path, ol_str body,
                  const ol_keystore_session *session, ol_buf *into, int *ret_status, ol_err *err)
{
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
        .total_ms = OL_KEYSTORE_SECONDS * 1000,
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
                  const char *member, ol_arena *arena, ol_str *ret, ol_err *err)
{
    static const ol_keystore_session NONE;
    int status = 0;
    ol_buf answer = ol_buf_new(ARENA_BYTES);
    ol_rc rc = post(link, client, path, body, &NONE, &answer, &status, err);
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

/* The text of X3 alone: bare challenges are never signed, whoever asks. */
static ol_rc sign(const ol_keystore_link *link, ol_str challenge_hex,
                  const ol_x25519_public *reply_key, ol_ed25519_signature *ret, ol_err *err)
{
    uint8_t challenge[OL_TEE_CHALLENGE_BYTES];
    uint8_t storage[OL_TEE_STATEMENT_BYTES_MAX];
    ol_buf statement = ol_buf_over(storage, sizeof storage);
    if (!ol_hex_decode_fixed(challenge_hex, challenge, sizeof challenge))
        return ol_fail(err, OL_ERR_PROTOCOL, "the keystore's challenge is no challenge");
    OL_TRY(ol_tee_statement(OL_STR("keystore"), challenge, reply_key, &statement, err));
    *ret = ol_ed25519_sign(link->plan.key, ol_buf_bytes(&statement));
    return OL_OK;
}

static ol_rc registration(const ol_keystore_link *link, ol_str challenge_hex,
                          const ol_x25519_public *reply_key, ol_arena *arena, ol_buf *into,
                          ol_err *err)
{
    ol_ed25519_signature signature;
    ol_ed25519_public public = ol_ed25519_public_of(link->plan.key);
    OL_TRY(sign(link, challenge_hex, reply_key, &signature, err));
    ol_str key = ol_base58_of(arena, (ol_bytes){public.bytes, sizeof public.bytes});
    ol_str signed_text = ol_base58_of(arena, (ol_bytes){signature.bytes, sizeof signature.bytes});
    ol_json_writer w = ol_json_writer_over(into);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "public_key", ol_arena_printf(arena, "ed25519:%.*s", OL_FMT(key)));
    ol_json_put_str(&w, "challenge", challenge_hex);
    ol_json_put_str(&w, "signature", ol_arena_printf(arena, "ed25519:%.*s", OL_FMT(signed_text)));
    ol_json_put_cstr(&w, "scheme", "v2");
    ol_json_put_hex(&w, "reply_pubkey", (ol_bytes){reply_key->bytes, sizeof reply_key->bytes});
    ol_json_object_end(&w);
    return ol_buf_ok(into) ? OL_OK : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
}

static ol_rc open_session(ol_keystore_link *link, ol_http_client *client, ol_err *err)
{
    uint8_t scalar[OL_X25519_BYTES];
    ol_keystore_session fresh = {.has = true};
    ol_str challenge;
    ol_str id;
    OL_AUTO(ol_arena) arena = ol_arena_new(ARENA_BYTES);
    OL_AUTO(ol_buf) body = ol_buf_new(ARENA_BYTES);
    OL_TRY(step(link, client, "/tee-challenge", OL_STR("{\"scheme\":\"v2\"}"), "challenge", &arena,
                &challenge, err));
    ol_random_fill(ol_random_kernel(), scalar, sizeof scalar);
    ol_x25519_key_of(scalar, &fresh.reply_key);
    ol_wipe(scalar, sizeof scalar);
    ol_x25519_public reply_key = ol_x25519_public_of(&fresh.reply_key);
    OL_TRY(registration(link, challenge, &reply_key, &arena, &body, err));
    OL_TRY(step(link, client, "/register-tee", ol_buf_str(&body), "session_id", &arena, &id, err));
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

ol_rc ol_keystore_session_get(ol_keystore_link *link, ol_http_client *client,
                              ol_keystore_session *ret, ol_err *err)
{
    ol_rc rc = OL_OK;
    if (link->plan.key != NULL && !is_fresh(link)) {
        ol_keystore_session_now(link, ret);
        /* One that only ages does for the others meanwhile; without any, all wait for it. */
        bool mine = ret->has ? pthread_mutex_trylock(&link->opening) == 0
                             : pthread_mutex_lock(&link->opening) == 0;
        if (mine) {
            if (!is_fresh(link))
                rc = open_session(link, client, err);
            (void)pthread_mutex_unlock(&link->opening);
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
                      ol_buf *into, int *ret_status, bool *ret_lost, ol_err *err)
{
    ol_keystore_session session;
    ol_rc rc = ol_keystore_session_get(link, client, &session, err);
    if (rc == OL_OK) {
        ol_buf_clear(into);
        rc = post(link, client, path, body, &session, into, ret_status, err);
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
    OL_TRY(ask_once(link, client, path, body_json, into, ret_status, &lost, err));
    return lost ? ask_once(link, client, path, body_json, into, ret_status, &lost, err) : OL_OK;
}
