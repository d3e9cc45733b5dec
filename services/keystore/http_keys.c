/* Public keys and verifiable randomness (Keystore 4, 7; 15, X1 and X9). */
#include "lib/codec/hex.h"
#include "lib/secrets/accessor.h"
#include "lib/secrets/attest.h"
#include "lib/secrets/vrf.h"
#include "services/keystore/answer.h"
#include "services/keystore/gates.h"
#include "services/keystore/handlers.h"
#include "services/keystore/name_rules.h"

/* --- /pubkey --- */

typedef struct pubkey_body {
    ol_str seed;
    ol_str secrets_json;
    ol_str vault_id;
} pubkey_body;

static const ol_json_field PUBKEY_FIELDS[] = {
    {"seed", OL_BIND_TEXT, OL_REQUIRED, offsetof(pubkey_body, seed)},
    {"secrets_json", OL_BIND_TEXT, OL_REQUIRED, offsetof(pubkey_body, secrets_json)},
    {"vault_id", OL_BIND_TEXT, OL_OPTIONAL, offsetof(pubkey_body, vault_id)},
};
static const ol_json_table PUBKEY = {"PubkeyRequest", PUBKEY_FIELDS, OL_COUNT(PUBKEY_FIELDS)};

/* Names only: values are ignored, and clients send them empty. */
static ol_rc names_check(ol_str secrets_json, ol_arena *arena, ol_err *err)
{
    ol_json root;
    ol_json key;
    ol_json value;
    reserved_names reserved = {.len = 0};
    if (ol_json_parse(secrets_json, &root, NULL) != OL_OK)
        return ol_fail(err, OL_ERR_INVALID, "Invalid JSON format: not JSON");
    if (ol_json_kind_of(&root) != OL_JSON_OBJECT)
        return ol_fail(err, OL_ERR_INVALID, "Invalid JSON format: not an object");
    ol_json_iter members = ol_json_iterate(&root);
    while (ol_json_next_member(&members, &key, &value)) {
        ol_str name;
        OL_TRY(ol_json_text(&key, arena, &name, err));
        OL_TRY(protected_name_refuse(name, err));
        reserved_names_note(&reserved, name);
    }
    return reserved_names_refuse(&reserved, err);
}

static ol_rc pubkey_scope(keystore *ks, const ol_web_request *request, const pubkey_body *body,
                          ol_str *ret_vault, const ol_master **ret, ol_err *err)
{
    OL_TRY(keyring_scope(body->vault_id, ret_vault, err));
    if (ret_vault->len > 0 && request_token(ks, request) == TOKEN_NONE)
        return ol_fail(err, OL_ERR_UNAUTHORIZED,
                       "vault-scoped /pubkey requires coordinator or worker token");
    return keyring_master(ks->ring, *ret_vault, ret, err);
}

static ol_rc pubkey_make(keystore *ks, ol_web_request *request, const pubkey_body *body, answer *it,
                         ol_err *err)
{
    const ol_master *master;
    ol_str vault;
    OL_AUTO(ol_x25519_key) key;
    OL_TRY(names_check(body->secrets_json, ol_web_arena(request), err));
    OL_TRY(pubkey_scope(ks, request, body, &vault, &master, err));
    if (body->seed.len == 0 || body->seed.len > OL_SEED_BYTES_MAX)
        return ol_fail(err, OL_ERR_INVALID, "seed must have 1 to %d bytes", OL_SEED_BYTES_MAX);
    if (ks->set->narrow_inputs && !ol_seed_is_of_secrets(body->seed))
        return ol_fail(err, OL_ERR_INVALID, "seed is not one of secrets");
    ol_master_x25519(master, body->seed, &key);
    ol_x25519_public public = ol_x25519_public_of(&key);
    ol_ed25519_public attestor = ol_ed25519_public_of(keyring_attestor(ks->ring));
    ol_str statement = ol_pubkey_statement(body->seed, &public, vault, ol_web_arena(request));
    if (statement.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    ol_ed25519_signature signature =
        ol_ed25519_sign(keyring_attestor(ks->ring), ol_str_bytes(statement));
    answer_begin(it);
    ol_json_put_hex(&it->w, "pubkey", (ol_bytes){public.bytes, sizeof public.bytes});
    ol_json_put_hex(&it->w, "attestor_hex", (ol_bytes){attestor.bytes, sizeof attestor.bytes});
    ol_json_put_hex(&it->w, "sig_hex", (ol_bytes){signature.bytes, sizeof signature.bytes});
    /* X4: updates may be signed in form 2, with an expiry up to this one. */
    ol_json_put_cstr(&it->w, "update_scheme", "v2");
    ol_json_put_i64(&it->w, "update_expires_at", update_expiry_latest(ks->nonces));
    return OL_OK;
}

void pubkey_post(ol_web_request *request, void *context)
{
    keystore *ks = context;
    pubkey_body body = {0};
    answer it;
    ol_err err;
    if (!body_bind(request, &PUBKEY, &body))
        return;
    if (pubkey_make(ks, request, &body, &it, &err) == OL_OK)
        answer_send(&it, ks, request);
    else
        (void)answer_failure(request, &err);
}

/* --- VRF --- */

void vrf_pubkey_get(ol_web_request *request, void *context)
{
    keystore *ks = context;
    answer it;
    ol_ed25519_public public = ol_ed25519_public_of(keyring_vrf(ks->ring));
    answer_begin(&it);
    ol_json_put_hex(&it.w, "vrf_public_key_hex", (ol_bytes){public.bytes, sizeof public.bytes});
    answer_send(&it, ks, request);
}

typedef struct vrf_body {
    ol_str alpha; /* the form before X9 */
    bool has_alpha;
    uint64_t request_id;
    bool has_request_id;
    ol_str sender;
    ol_str user_seed;
} vrf_body;

static const ol_json_field VRF_FIELDS[] = {
    {"alpha", OL_BIND_TEXT, OL_OPTIONAL, offsetof(vrf_body, alpha),
     .has = offsetof(vrf_body, has_alpha)},
    {"request_id", OL_BIND_U64, OL_OPTIONAL, offsetof(vrf_body, request_id),
     .has = offsetof(vrf_body, has_request_id)},
    {"sender", OL_BIND_TEXT, OL_OPTIONAL, offsetof(vrf_body, sender)},
    {"user_seed", OL_BIND_TEXT, OL_OPTIONAL, offsetof(vrf_body, user_seed)},
};
static const ol_json_table VRF = {"VrfRequest", VRF_FIELDS, OL_COUNT(VRF_FIELDS)};

static ol_rc vrf_alpha(const keystore *ks, const vrf_body *body, ol_arena *arena, ol_str *ret,
                       ol_err *err)
{
    if (body->has_request_id && !body->has_alpha) {
        if (body->sender.len == 0)
            return ol_fail(err, OL_ERR_INVALID, "sender must not be empty");
        return ol_vrf_alpha(body->request_id, body->sender, body->user_seed, arena, ret, err);
    }
    if (ks->set->narrow_inputs)
        return ol_fail(err, OL_ERR_INVALID, "request_id, sender and user_seed are wanted");
    if (body->alpha.len == 0)
        return ol_fail(err, OL_ERR_INVALID, "alpha must not be empty");
    *ret = body->alpha;
    return OL_OK;
}

void vrf_generate_post(ol_web_request *request, void *context)
{
    keystore *ks = context;
    vrf_body body = {0};
    ol_str alpha;
    answer it;
    ol_err err;
    if (!body_bind(request, &VRF, &body))
        return;
    if (vrf_alpha(ks, &body, ol_web_arena(request), &alpha, &err) != OL_OK) {
        (void)answer_failure(request, &err);
        return;
    }
    ol_vrf vrf = ol_vrf_prove(keyring_vrf(ks->ring), alpha);
    answer_begin(&it);
    ol_json_put_hex(&it.w, "output_hex", ol_sha256_bytes(&vrf.output));
    ol_json_put_hex(&it.w, "signature_hex", (ol_bytes){vrf.proof.bytes, sizeof vrf.proof.bytes});
    answer_send(&it, ks, request);
}
