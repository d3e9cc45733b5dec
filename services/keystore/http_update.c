/* POST /update_user_secrets (Keystore 6; 15, X4): the owner changes values without the keystore's
 * generated ones passing through anybody's hands. */
#include <string.h>

#include "lib/codec/base64.h"
#include "lib/crypto/secret.h"
#include "lib/near/access_key.h"
#include "lib/near/nep413.h"
#include "lib/near/public_key.h"
#include "lib/secrets/blob.h"
#include "lib/secrets/names.h"
#include "services/keystore/access_log.h"
#include "services/keystore/answer.h"
#include "services/keystore/generated.h"
#include "services/keystore/handlers.h"
#include "services/keystore/name_rules.h"
#include "services/keystore/stored_secret.h"
#include "services/keystore/update_message.h"

/* Where the dashboard's users sign. */
#define DASHBOARD_RECIPIENT OL_STR("keystore.outlayer.near")

static const char *const MODES[] = {"append", "reset", NULL};

static const ol_json_field FIELDS[] = {
    {"accessor", OL_BIND_VALUE, OL_REQUIRED, offsetof(update_body, accessor)},
    {"new_accessor", OL_BIND_VALUE, OL_OPTIONAL, offsetof(update_body, new_accessor),
     .has = offsetof(update_body, has_new_accessor)},
    {"profile", OL_BIND_TEXT, OL_REQUIRED, offsetof(update_body, profile)},
    {"owner", OL_BIND_TEXT, OL_REQUIRED, offsetof(update_body, owner)},
    {"mode", OL_BIND_ENUM, OL_REQUIRED, offsetof(update_body, mode), .variants = MODES},
    {"secrets", OL_BIND_VALUE, OL_REQUIRED, offsetof(update_body, secrets)},
    {"generate_protected", OL_BIND_OBJECT_LIST, OL_OPTIONAL, offsetof(update_body, generate),
     .size = sizeof(generated_secret), .sub = &GENERATED_SECRET},
    {"signed_message", OL_BIND_TEXT, OL_REQUIRED, offsetof(update_body, signed_message)},
    {"signature", OL_BIND_BASE64, OL_REQUIRED, offsetof(update_body, signature)},
    {"public_key", OL_BIND_TEXT, OL_REQUIRED, offsetof(update_body, public_key)},
    {"nonce", OL_BIND_BASE64, OL_REQUIRED, offsetof(update_body, nonce)},
    {"recipient", OL_BIND_TEXT, OL_REQUIRED, offsetof(update_body, recipient)},
    {"vault_id", OL_BIND_TEXT, OL_OPTIONAL, offsetof(update_body, vault_id)},
    {"expires_at", OL_BIND_U64, OL_OPTIONAL, offsetof(update_body, expires_at_ms),
     .has = offsetof(update_body, has_expires_at)},
};
static const ol_json_table BODY = {"UpdateUserSecretsRequest", FIELDS, OL_COUNT(FIELDS)};

/* Everything the steps hand on. */
typedef struct update {
    keystore *ks;
    const update_body *body;
    ol_arena *arena;
    chain_read *read;
    ol_accessor from;
    ol_accessor to;
    const ol_master *master; /* of the body's scope: what is written */
    secret_values incoming;
    secret_values all;
    stored_secret stored;
    size_t preserved;
    size_t removed;
} update;

/* X4: what is new may come sealed for the place it goes to, so that nobody in between sees it. */
static ol_rc incoming_open(update *u, ol_str *ret_json, ol_err *err)
{
    ol_str text;
    ol_str seed;
    ol_bytes blob;
    OL_TRY(ol_json_text(&u->body->secrets, u->arena, &text, err));
    OL_TRY(ol_accessor_seed(&u->to, u->body->owner, u->body->profile, u->arena, &seed, err));
    if (!ol_base64_decode(text, u->arena, &blob))
        return ol_fail(err, OL_ERR_INVALID, "secrets: an object, or Base64 of sealed values");
    uint8_t *plain = ol_arena_alloc(u->arena, blob.len + 1);
    if (plain == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    ol_buf into = ol_buf_over(plain, blob.len + 1);
    OL_TRY(ol_blob_open(u->master, seed, blob, OL_BLOB_LEGACY_REFUSED, &into, err));
    *ret_json = ol_buf_str(&into);
    return OL_OK;
}

static ol_rc incoming_read(update *u, ol_err *err)
{
    ol_str json = u->body->secrets.raw;
    if (ol_json_kind_of(&u->body->secrets) == OL_JSON_STRING)
        OL_TRY(incoming_open(u, &json, err));
    OL_TRY(secret_values_parse(json, u->arena, &u->incoming, err));
    return reserved_names_check(&u->incoming, err);
}

static ol_rc scope(update *u, ol_err *err)
{
    ol_str vault;
    OL_TRY(generated_count_check(&u->body->generate, err));
    OL_TRY(keyring_scope(u->body->vault_id, &vault, err));
    OL_TRY(keyring_master(u->ks->ring, vault, &u->master, err));
    OL_TRY(ol_accessor_parse(&u->body->accessor, u->arena, &u->from, err));
    u->to = u->from;
    if (u->body->has_new_accessor)
        OL_TRY(ol_accessor_parse(&u->body->new_accessor, u->arena, &u->to, err));
    if (u->from.kind == OL_ACCESSOR_PAYMENT_KEY || u->to.kind == OL_ACCESSOR_PAYMENT_KEY)
        return ol_fail(err, OL_ERR_INVALID, "payment keys are not updated here");
    return OL_OK;
}

static ol_rc signature_check(const update *u, ol_err *err)
{
    ol_public_key key;
    ol_ed25519_public public;
    ol_ed25519_signature signature;
    const update_body *body = u->body;
    ol_nep413 message = {.message = body->signed_message, .recipient = body->recipient};
    if (body->signature.len != sizeof signature.bytes || body->nonce.len != sizeof message.nonce ||
        !ol_public_key_parse(body->public_key, &key) || key.curve != OL_CURVE_ED25519)
        return ol_fail(err, OL_ERR_UNAUTHORIZED,
                       "Invalid signature: key, nonce or signature is malformed");
    if (!ol_str_eq(body->recipient, u->ks->set->contract_id) &&
        !ol_str_eq(body->recipient, DASHBOARD_RECIPIENT))
        return ol_fail(err, OL_ERR_UNAUTHORIZED, "Invalid signature: recipient must be %.*s",
                       OL_FMT(u->ks->set->contract_id));
    memcpy(message.nonce, body->nonce.data, sizeof message.nonce);
    memcpy(signature.bytes, body->signature.data, sizeof signature.bytes);
    memcpy(public.bytes, key.bytes, sizeof public.bytes);
    return ol_nep413_verify(&message, &public, &signature)
               ? OL_OK
               : ol_fail(err, OL_ERR_UNAUTHORIZED, "Invalid signature: it does not match");
}

/* NEP-413 speaks for the account only through a full-access key. */
static ol_rc owner_check(const update *u, ol_err *err)
{
    bool absent;
    bool found;
    ol_str text;
    ol_json list;
    ol_access_key key;
    ol_buf params = ol_buf_new(4096);
    ol_buf_add_str(&params, OL_STR("\"request_type\":\"view_access_key_list\",\"account_id\":\""));
    ol_json_escape(&params, u->body->owner);
    ol_buf_add_char(&params, '"');
    ol_rc rc = chain_query(u->read, ol_buf_str(&params), u->arena, &text, &absent, err);
    ol_buf_deinit(&params);
    OL_TRY(rc);
    if (absent)
        return ol_fail(err, OL_ERR_UNAUTHORIZED, "account %.*s does not exist",
                       OL_FMT(u->body->owner));
    if (ol_json_parse(text, &list, NULL) != OL_OK ||
        ol_access_key_list_find(&list, u->body->public_key, u->arena, &found, &key, NULL) != OL_OK)
        return ol_fail(err, OL_ERR_PROTOCOL, "the node's answer is not understood");
    if (!found || !key.full_access)
        return ol_fail(err, OL_ERR_UNAUTHORIZED, "%.*s is no full-access key of %.*s",
                       OL_FMT(u->body->public_key), OL_FMT(u->body->owner));
    return OL_OK;
}

static ol_rc protected_refuse(const update *u, ol_err *err)
{
    for (size_t i = 0; i < u->incoming.count; i++)
        OL_TRY(protected_name_refuse(u->incoming.items[i].name, err));
    return OL_OK;
}

/* The stored values, opened under the scope that the chain names. */
static ol_rc stored_open(update *u, ol_buf *plain, ol_err *err)
{
    const ol_master *master;
    ol_str seed;
    ol_accessor accessor = u->from;
    OL_TRY(stored_secret_view(u->read, u->ks->set->contract_id, &u->from, u->body->profile,
                              u->body->owner, u->arena, &u->stored, err));
    OL_TRY(keyring_master(u->ks->ring, u->stored.vault, &master, err));
    accessor.branch = u->stored.accessor.branch;
    OL_TRY(ol_accessor_seed(&accessor, u->body->owner, u->body->profile, u->arena, &seed, err));
    OL_TRY(ol_blob_open(master, seed, u->stored.blob, keystore_legacy(u->ks), plain, err));
    OL_TRY(secret_values_parse(ol_buf_str(plain), u->arena, &u->all, err));
    return secret_values_false_codes_drop(&u->all, master, seed, u->arena, err);
}

/* `reset` keeps generated values alone. */
static void drop_others(update *u)
{
    for (size_t i = u->all.count; i-- > 0;) {
        ol_str name = u->all.items[i].name;
        if (ol_secret_name_protected(name) || secret_values_find(&u->incoming, name) != NULL)
            continue;
        secret_values_remove(&u->all, name);
        u->removed++;
    }
}

/* Codes are of a seed and a master: they are made again for where the values go, for those that had
 * a right one. */
static ol_rc codes_renew(update *u, ol_str seed, ol_err *err)
{
    size_t count = u->all.count;
    for (size_t i = 0; i < count; i++) {
        ol_str name = u->all.items[i].name;
        if (!ol_secret_name_protected(name) || ol_secret_name_mac(name))
            continue;
        ol_str mac = ol_arena_printf(u->arena, OL_SECRET_MAC_PREFIX "%.*s",
                                     OL_FMT(ol_str_slice(name, 10, name.len)));
        u->preserved++;
        if (mac.data != NULL && secret_values_find(&u->all, mac) != NULL)
            OL_TRY(secret_values_prove(&u->all, u->master, seed, name, u->arena, err));
    }
    return OL_OK;
}

static ol_rc merge(update *u, ol_str seed, ol_err *err)
{
    const generated_secret *wanted = u->body->generate.items;
    for (size_t i = 0; i < u->body->generate.count; i++) {
        if (secret_values_find(&u->all, wanted[i].name) != NULL)
            return ol_fail(err, OL_ERR_INVALID,
                           "Cannot regenerate existing PROTECTED_ secret: %.*s",
                           OL_FMT(wanted[i].name));
    }
    if (u->body->mode == UPDATE_RESET)
        drop_others(u);
    for (size_t i = 0; i < u->incoming.count; i++)
        OL_TRY(
            secret_values_set(&u->all, u->incoming.items[i].name, u->incoming.items[i].value, err));
    OL_TRY(codes_renew(u, seed, err));
    return generated_add(u->ks, &u->body->generate, u->master, seed, u->arena, &u->all, err);
}

/* Form 1 where it is still taken; form 2 while it is young. */
static ol_rc form_check(const update *u, ol_err *err)
{
    if (update_message_is_v2(u->body))
        return update_expiry_check(u->ks->nonces, u->body->expires_at_ms, err);
    return u->ks->set->updates_v1
               ? OL_OK
               : ol_fail(err, OL_ERR_INVALID,
                         "Invalid message format. Updates without an expiry are switched off: "
                         "message v2 is wanted");
}

static ol_rc authorise(update *u, ol_err *err)
{
    OL_TRY(scope(u, err));
    OL_TRY(incoming_read(u, err));
    OL_TRY(update_message_check(u->body, &u->incoming, u->arena, err));
    OL_TRY(form_check(u, err));
    OL_TRY(signature_check(u, err));
    return owner_check(u, err);
}

/* Form 2 counts once. Taken when the update is allowed and nothing more is asked of the chain, so
 * that strangers fill no place and a request that waits for the chain is not its own replay. */
static ol_rc nonce_take(const update *u, ol_err *err)
{
    const update_body *body = u->body;
    return update_message_is_v2(body)
               ? update_nonce_take(u->ks->nonces, body->owner, body->nonce.data,
                                   body->expires_at_ms, err)
               : OL_OK;
}

/* May this request change this secret? Its values are at hand then. */
static ol_rc admit(update *u, ol_buf *plain, ol_err *err)
{
    ol_rc rc = authorise(u, err);
    if (rc == OL_ERR_UNAUTHORIZED && chain_read_afresh(u->read))
        rc = authorise(u, err);
    OL_TRY(rc);
    OL_TRY(protected_refuse(u, err));
    OL_TRY(stored_open(u, plain, err));
    return nonce_take(u, err);
}

static ol_rc run_steps(update *u, ol_buf *plain, ol_buf *blob, ol_err *err)
{
    ol_str seed;
    const access_entry entry = {.route = "/update_user_secrets",
                                .owner = u->body->owner,
                                .profile = u->body->profile,
                                .caller = u->body->public_key};
    ol_rc rc = admit(u, plain, err);
    access_record(u->ks, &entry, rc, err);
    OL_TRY(rc);
    OL_TRY(ol_accessor_seed(&u->to, u->body->owner, u->body->profile, u->arena, &seed, err));
    OL_TRY(merge(u, seed, err));
    return values_seal(u->ks, &u->all, u->master, seed, blob, err);
}

static void put_count(ol_json_writer *w, const char *name, size_t count)
{
    ol_json_put_u64(w, name, count);
}

static void send_result(ol_web_request *request, update *u, const ol_buf *blob)
{
    answer it;
    size_t codes = 0;
    for (size_t i = 0; i < u->all.count; i++)
        codes += ol_secret_name_mac(u->all.items[i].name);
    answer_begin(&it);
    ol_json_put_base64(&it.w, "encrypted_secrets_base64", ol_buf_bytes(blob));
    ol_json_key(&it.w, "summary");
    ol_json_object_begin(&it.w);
    put_count(&it.w, "protected_keys_preserved", u->preserved);
    put_count(&it.w, "updated_keys", u->incoming.count);
    put_count(&it.w, "removed_keys", u->removed);
    put_count(&it.w, "total_keys", u->all.count - codes);
    ol_json_object_end(&it.w);
    answer_send(&it, u->ks, request);
}

static ol_rc run(ol_web_request *request, void *context, ol_http_client *client)
{
    keystore *ks = context;
    update_body body = {0};
    ol_err err;
    ol_buf plain = ol_buf_new(OL_BLOB_BYTES_MAX);
    ol_buf blob = ol_buf_new(OL_BLOB_BYTES_MAX);
    chain_read read = chain_reading(ks->chain, client);
    update u = {.ks = ks, .body = &body, .arena = ol_web_arena(request), .read = &read};
    if (!body_bind(request, &BODY, &body))
        return OL_ERR_INVALID;
    body.text = ol_bytes_str(ol_web_body_of(request));
    ol_rc rc = run_steps(&u, &plain, &blob, &err);
    if (rc == OL_OK)
        send_result(request, &u, &blob);
    else if (rc != OL_ERR_PENDING)
        (void)answer_failure(request, &err);
    if (plain.data != NULL)
        ol_wipe(plain.data, plain.size);
    ol_buf_deinit(&plain);
    ol_buf_deinit(&blob);
    return rc;
}

void update_secrets_post(ol_web_request *request, void *context)
{
    keystore *ks = context;
    work_run(ks->work, request, ks, run);
}
