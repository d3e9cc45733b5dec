/* POST /add_generated_secret (Keystore 6). */
#include "lib/crypto/secret.h"
#include "lib/secrets/accessor.h"
#include "lib/secrets/blob.h"
#include "lib/secrets/names.h"
#include "services/keystore/answer.h"
#include "services/keystore/generated.h"
#include "services/keystore/handlers.h"
#include "services/keystore/name_rules.h"

typedef struct generate_body {
    ol_str seed;
    ol_bytes encrypted;
    bool has_encrypted;
    ol_json_structs wanted; /* generated_secret */
    ol_str vault_id;
} generate_body;

static const ol_json_field FIELDS[] = {
    {"seed", OL_BIND_TEXT, OL_REQUIRED, offsetof(generate_body, seed)},
    {"encrypted_secrets_base64", OL_BIND_BASE64, OL_OPTIONAL, offsetof(generate_body, encrypted),
     .has = offsetof(generate_body, has_encrypted)},
    {"new_secrets", OL_BIND_OBJECT_LIST, OL_REQUIRED, offsetof(generate_body, wanted),
     .size = sizeof(generated_secret), .sub = &GENERATED_SECRET},
    {"vault_id", OL_BIND_TEXT, OL_OPTIONAL, offsetof(generate_body, vault_id)},
};
static const ol_json_table BODY = {"AddGeneratedSecretRequest", FIELDS, OL_COUNT(FIELDS)};

static ol_rc scope(const keystore *ks, const generate_body *body, const ol_master **ret,
                   ol_err *err)
{
    ol_str vault;
    OL_TRY(generated_count_check(&body->wanted, err));
    OL_TRY(keyring_scope(body->vault_id, &vault, err));
    OL_TRY(keyring_master(ks->ring, vault, ret, err));
    if (ks->set->narrow_inputs && !ol_seed_is_of_secrets(body->seed))
        return ol_fail(err, OL_ERR_INVALID, "seed is not one of secrets");
    return body->seed.len <= OL_SEED_BYTES_MAX
               ? OL_OK
               : ol_fail(err, OL_ERR_INVALID, "seed must have at most %d bytes", OL_SEED_BYTES_MAX);
}

/* Nobody proves here whose the ciphertext is, and the chain shows everybody's: the names in it are
 * not told, neither in answers nor in errors (Keystore 18). */
static bool names_told(const keystore *ks)
{
    return !ks->set->narrow_inputs;
}

static ol_rc present(const keystore *ks, const generate_body *body, const ol_master *master,
                     ol_arena *arena, ol_buf *plain, secret_values *ret, ol_err *err)
{
    OL_TRY(secret_values_init(arena, ret, err));
    if (!body->has_encrypted)
        return OL_OK;
    OL_TRY(ol_blob_open(master, body->seed, body->encrypted, keystore_legacy(ks), plain, err));
    OL_TRY(secret_values_parse(ol_buf_str(plain), arena, ret, err));
    for (size_t i = 0; i < ret->count; i++) {
        if (ol_secret_name_protected(ret->items[i].name))
            return ol_fail(err, OL_ERR_INVALID,
                           "Secrets with prefix PROTECTED_ are there already%s%.*s",
                           names_told(ks) ? ": " : "",
                           OL_FMT(names_told(ks) ? ret->items[i].name : OL_STR("")));
    }
    return OL_OK;
}

static ol_rc make(keystore *ks, const generate_body *body, ol_arena *arena, ol_buf *plain,
                  ol_buf *blob, secret_values *ret, ol_err *err)
{
    const ol_master *master;
    OL_TRY(scope(ks, body, &master, err));
    OL_TRY(present(ks, body, master, arena, plain, ret, err));
    OL_TRY(generated_add(ks, &body->wanted, master, body->seed, arena, ret, err));
    ol_rc rc = reserved_names_check(ret, err);
    if (rc != OL_OK)
        return names_told(ks)
                   ? rc
                   : ol_fail(err, OL_ERR_INVALID,
                             "Cannot use reserved system keywords as secret keys: one is in the "
                             "encrypted secrets");
    return values_seal(ks, ret, master, body->seed, blob, err);
}

static void send_result(ol_web_request *request, keystore *ks, secret_values *all,
                        const ol_buf *blob)
{
    answer it;
    secret_values_sort(all);
    answer_begin(&it);
    ol_json_put_base64(&it.w, "encrypted_data_base64", ol_buf_bytes(blob));
    ol_json_key(&it.w, "all_keys");
    ol_json_array_begin(&it.w);
    for (size_t i = 0; i < all->count; i++) {
        ol_str name = all->items[i].name;
        if (ol_secret_name_mac(name) || !(names_told(ks) || ol_secret_name_protected(name)))
            continue; /* what was there is not PROTECTED_, what was made here is */
        ol_json_add_str(&it.w, name);
    }
    ol_json_array_end(&it.w);
    answer_send(&it, ks, request);
}

void generated_secret_post(ol_web_request *request, void *context)
{
    keystore *ks = context;
    generate_body body = {0};
    secret_values all = {0};
    ol_err err;
    ol_buf plain = ol_buf_new(OL_BLOB_BYTES_MAX);
    ol_buf blob = ol_buf_new(OL_BLOB_BYTES_MAX);
    if (!body_bind(request, &BODY, &body))
        return;
    if (make(ks, &body, ol_web_arena(request), &plain, &blob, &all, &err) == OL_OK)
        send_result(request, ks, &all, &blob);
    else
        (void)answer_failure(request, &err);
    if (plain.data != NULL)
        ol_wipe(plain.data, plain.size);
    ol_buf_deinit(&plain);
    ol_buf_deinit(&blob);
}
