/* Sessions of workers (Keystore 9; 15, X3 and X6). */
#include <string.h>

#include "lib/base/log.h"
#include "lib/codec/base58.h"
#include "lib/codec/hex.h"
#include "lib/near/access_key.h"
#include "lib/near/public_key.h"
#include "services/keystore/access_log.h"
#include "services/keystore/answer.h"
#include "services/keystore/handlers.h"

void tee_challenge_post(ol_web_request *request, void *context)
{
    keystore *ks = context;
    uint8_t challenge[OL_TEE_CHALLENGE_BYTES];
    answer it;
    challenge_make(ks->sessions, challenge);
    answer_begin(&it);
    ol_json_put_hex(&it.w, "challenge", (ol_bytes){challenge, sizeof challenge});
    ol_json_put_cstr(&it.w, "scheme", "v2");
    answer_send(&it, ks, request);
}

typedef struct register_body {
    ol_str public_key;
    uint8_t challenge[OL_TEE_CHALLENGE_BYTES];
    ol_str signature;
    ol_str scheme;
    ol_x25519_public reply_key;
    bool has_reply_key;
} register_body;

static const ol_json_field FIELDS[] = {
    {"public_key", OL_BIND_TEXT, OL_REQUIRED, offsetof(register_body, public_key)},
    {"challenge", OL_BIND_HEX_FIXED, OL_REQUIRED, offsetof(register_body, challenge),
     .size = OL_TEE_CHALLENGE_BYTES},
    {"signature", OL_BIND_TEXT, OL_REQUIRED, offsetof(register_body, signature)},
    {"scheme", OL_BIND_TEXT, OL_OPTIONAL, offsetof(register_body, scheme)},
    {"reply_pubkey", OL_BIND_HEX_FIXED, OL_OPTIONAL, offsetof(register_body, reply_key),
     .size = OL_X25519_BYTES, .has = offsetof(register_body, has_reply_key)},
};
static const ol_json_table BODY = {"RegisterTeeRequest", FIELDS, OL_COUNT(FIELDS)};

/* `ed25519:<Base58>` or 64 hex digits. */
static bool key_parse(ol_str text, ol_public_key *ret)
{
    ol_ed25519_public bytes;
    if (ol_hex_decode_fixed(text, bytes.bytes, sizeof bytes.bytes)) {
        *ret = ol_public_key_of_ed25519(&bytes);
        return true;
    }
    return ol_public_key_parse(text, ret) && ret->curve == OL_CURVE_ED25519;
}

/* `ed25519:<Base58>` or 128 hex digits. */
static bool signature_parse(ol_str text, ol_ed25519_signature *ret)
{
    ol_str prefix = OL_STR("ed25519:");
    if (ol_hex_decode_fixed(text, ret->bytes, sizeof ret->bytes))
        return true;
    return ol_str_starts(text, prefix) &&
           ol_base58_decode_fixed(ol_str_slice(text, prefix.len, text.len), ret->bytes,
                                  sizeof ret->bytes);
}

/* The text of X3, or the bare challenge where that is still allowed. */
static ol_rc statement(const keystore *ks, const register_body *body, ol_buf *into, ol_err *err)
{
    if (ol_str_eq(body->scheme, OL_STR("v2")))
        return ol_tee_statement(OL_STR("keystore"), body->challenge,
                                body->has_reply_key ? &body->reply_key : NULL, into, err);
    if (!ks->set->bare_challenges || body->has_reply_key)
        return ol_fail(err, OL_ERR_INVALID,
                       "Signature verification failed: scheme v2 is wanted (bare challenges are "
                       "switched off)");
    ol_buf_add(into, (ol_bytes){body->challenge, sizeof body->challenge});
    return OL_OK;
}

static ol_rc signature_check(const keystore *ks, const register_body *body, ol_public_key *ret_key,
                             ol_err *err)
{
    uint8_t storage[OL_TEE_STATEMENT_BYTES_MAX];
    ol_ed25519_public key;
    ol_ed25519_signature signature;
    ol_buf text = ol_buf_over(storage, sizeof storage);
    if (!key_parse(body->public_key, ret_key))
        return ol_fail(err, OL_ERR_INVALID, "Signature verification failed: invalid public key");
    if (!signature_parse(body->signature, &signature))
        return ol_fail(err, OL_ERR_INVALID, "Signature verification failed: invalid signature");
    OL_TRY(statement(ks, body, &text, err));
    memcpy(key.bytes, ret_key->bytes, sizeof key.bytes);
    if (!ol_ed25519_verify(&key, ol_buf_bytes(&text), &signature))
        return ol_fail(err, OL_ERR_INVALID, "Signature verification failed: it does not match");
    return OL_OK;
}

/* The key lies on the operator's account and can do what a worker's key can, no more. */
static ol_rc key_check(const keystore *ks, const ol_public_key *key, chain_read *read,
                       ol_arena *arena, ol_err *err)
{
    bool absent;
    ol_str reply;
    ol_json root;
    ol_access_key found;
    ol_str text = ol_public_key_text(key, arena);
    ol_str params = ol_arena_printf(arena,
                                    "\"request_type\":\"view_access_key\",\"account_id\":\"%.*s\","
                                    "\"public_key\":\"%.*s\"",
                                    OL_FMT(ks->set->operator_account_id), OL_FMT(text));
    if (text.data == NULL || params.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(chain_query(read, params, arena, &reply, &absent, err));
    if (absent)
        return ol_fail(err, OL_ERR_UNAUTHORIZED,
                       "Public key %.*s not found on operator account %.*s", OL_FMT(text),
                       OL_FMT(ks->set->operator_account_id));
    if (ol_json_parse(reply, &root, NULL) != OL_OK ||
        ol_access_key_read(&root, arena, &found, NULL) != OL_OK)
        return ol_fail(err, OL_ERR_PROTOCOL, "the node's answer is not understood");
    if (!ol_access_key_is_worker(&found, ks->set->contract_id))
        return ol_fail(
            err, OL_ERR_UNAUTHORIZED,
            "Public key %.*s is not a worker's: it must allow exactly the four methods of "
            "%.*s",
            OL_FMT(text), OL_FMT(ks->set->contract_id));
    return OL_OK;
}

/* As in secret_release: a key added a moment ago counts. */
static ol_rc key_check_afresh(const keystore *ks, const ol_public_key *key, chain_read *read,
                              ol_arena *arena, ol_err *err)
{
    ol_rc rc;
    if (!ks->set->require_sessions)
        return OL_OK;
    rc = key_check(ks, key, read, arena, err);
    if (rc == OL_ERR_UNAUTHORIZED && chain_read_afresh(read))
        rc = key_check(ks, key, read, arena, err);
    return rc;
}

static void begin(ol_web_request *request, keystore *ks, const register_body *body)
{
    ol_uuid id = session_begin(ks->sessions, body->has_reply_key ? &body->reply_key : NULL);
    answer it;
    ol_uuid_text text = ol_uuid_format(id);
    OL_LOG(OL_INFO, "session_begun", KV("public_key", body->public_key),
           KV("sealed", body->has_reply_key));
    answer_begin(&it);
    ol_json_put_str(&it.w, "session_id", ol_uuid_str(&text));
    answer_send(&it, ks, request);
}

static void record(keystore *ks, const register_body *body, ol_rc rc, const ol_err *err)
{
    const access_entry entry = {.route = "/register-tee",
                                .owner = ks->set->operator_account_id,
                                .caller = body->public_key};
    access_record(ks, &entry, rc, err);
}

/* The challenge is used up last, by success and failure alike: a request that has to wait for the
 * chain begins again on another thread and must find it. */
static ol_rc run(ol_web_request *request, void *context, ol_http_client *client)
{
    keystore *ks = context;
    register_body body = {0};
    ol_public_key key;
    ol_err err;
    ol_arena *arena = ol_web_arena(request);
    chain_read read = chain_reading(ks->chain, client);
    if (!body_bind(request, &BODY, &body))
        return OL_ERR_INVALID;
    ol_rc rc = signature_check(ks, &body, &key, &err);
    if (rc == OL_OK)
        rc = key_check_afresh(ks, &key, &read, arena, &err);
    if (rc == OL_ERR_PENDING)
        return rc;
    ol_err taken;
    ol_rc used = challenge_take(ks->sessions, body.challenge, &taken);
    if (used != OL_OK) {
        rc = used;
        err = taken;
    }
    record(ks, &body, rc, &err);
    if (rc != OL_OK)
        return answer_failure(request, &err);
    begin(request, ks, &body);
    return OL_OK;
}

void tee_register_post(ol_web_request *request, void *context)
{
    keystore *ks = context;
    work_run(ks->work, request, ks, run);
}
