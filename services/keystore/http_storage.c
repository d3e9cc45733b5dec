/* Encryption of projects' stored rows (Keystore 8; 15, X8). */
#include "lib/crypto/secret.h"
#include "lib/secrets/blob.h"
#include "lib/secrets/storage_cipher.h"
#include "services/keystore/answer.h"
#include "services/keystore/handlers.h"

typedef struct storage_body {
    ol_str project_uuid;
    ol_str wasm_hash;
    ol_str account_id;
    ol_str key;
    ol_bytes value; /* /encrypt: the plaintext; /decrypt: the encrypted value */
    ol_bytes encrypted_key;
    ol_str key_hash; /* /decrypt: the row's name, for callers that list and do not know the key */
    bool has_value;
} storage_body;

#define SPACE_FIELDS                                                                               \
    {.name = "project_uuid",                                                                       \
     .type = OL_BIND_TEXT,                                                                         \
     .need = OL_OPTIONAL,                                                                          \
     .offset = offsetof(storage_body, project_uuid)},                                              \
        {.name = "wasm_hash",                                                                      \
         .type = OL_BIND_TEXT,                                                                     \
         .need = OL_OPTIONAL,                                                                      \
         .offset = offsetof(storage_body, wasm_hash)},                                             \
    {                                                                                              \
        .name = "account_id", .type = OL_BIND_TEXT, .need = OL_REQUIRED,                           \
        .offset = offsetof(storage_body, account_id)                                               \
    }

static const ol_json_field ENCRYPT_FIELDS[] = {
    SPACE_FIELDS,
    {"key", OL_BIND_TEXT, OL_REQUIRED, offsetof(storage_body, key)},
    {"value_base64", OL_BIND_BASE64, OL_REQUIRED, offsetof(storage_body, value)},
};
static const ol_json_table ENCRYPT = {"StorageEncryptRequest", ENCRYPT_FIELDS,
                                      OL_COUNT(ENCRYPT_FIELDS)};

static const ol_json_field DECRYPT_FIELDS[] = {
    SPACE_FIELDS,
    {"key", OL_BIND_TEXT, OL_OPTIONAL, offsetof(storage_body, key)},
    {"encrypted_key_base64", OL_BIND_BASE64, OL_REQUIRED, offsetof(storage_body, encrypted_key)},
    {"encrypted_value_base64", OL_BIND_BASE64, OL_OPTIONAL, offsetof(storage_body, value),
     .has = offsetof(storage_body, has_value)},
    {"key_hash", OL_BIND_TEXT, OL_OPTIONAL, offsetof(storage_body, key_hash)},
};
static const ol_json_table DECRYPT = {"StorageDecryptRequest", DECRYPT_FIELDS,
                                      OL_COUNT(DECRYPT_FIELDS)};

static const ol_json_field INDEX_FIELDS[] = {
    SPACE_FIELDS,
    {"key", OL_BIND_TEXT, OL_REQUIRED, offsetof(storage_body, key)},
};
static const ol_json_table INDEX = {"StorageIndexRequest", INDEX_FIELDS, OL_COUNT(INDEX_FIELDS)};

/* The row's name where the form before is written: the plain hash of the key, which says the same
 * key of two accounts apart from nothing. X8 replaces it. */
static ol_sha256 row_index(const keystore *ks, const ol_master *master, ol_str seed, ol_str key)
{
    return ks->set->storage_v1 ? ol_sha256_of(ol_str_bytes(key))
                               : ol_storage_index(master, seed, key);
}

static ol_rc key_check(ol_str key, ol_err *err)
{
    return key.len >= 1 && key.len <= OL_STORAGE_KEY_BYTES_MAX
               ? OL_OK
               : ol_fail(err, OL_ERR_INVALID, "key must have 1 to %d bytes",
                         OL_STORAGE_KEY_BYTES_MAX);
}

/* Stored rows are of the default master (Keystore 8). */
static ol_rc space(const keystore *ks, const storage_body *body, ol_arena *arena, ol_str *ret_seed,
                   const ol_master **ret, ol_err *err)
{
    OL_TRY(ol_storage_seed(body->project_uuid, body->wasm_hash, body->account_id, arena, ret_seed,
                           err));
    return keyring_master(ks->ring, OL_STR(""), ret, err);
}

static ol_rc seal(const keystore *ks, const ol_master *master, ol_str seed, ol_storage_role role,
                  const ol_sha256 *index, ol_bytes plain, ol_buf *into, ol_err *err)
{
    if (ks->set->storage_v1)
        return ol_blob_seal(master, seed, plain, ks->random, into, err);
    return ol_storage_seal(master, seed, role, index, plain, ks->random, into)
               ? OL_OK
               : ol_fail(err, OL_ERR_LIMIT, "value is too large");
}

typedef struct row {
    ol_buf key;
    ol_buf value;
} row;

static row row_new(void)
{
    return (row){ol_buf_new(ANSWER_BYTES_MAX), ol_buf_new(ANSWER_BYTES_MAX)};
}

static void row_wipe(row *it)
{
    if (it->key.data != NULL)
        ol_wipe(it->key.data, it->key.size);
    if (it->value.data != NULL)
        ol_wipe(it->value.data, it->value.size);
    ol_buf_deinit(&it->key);
    ol_buf_deinit(&it->value);
}

static ol_rc encrypt(keystore *ks, const storage_body *body, ol_arena *arena, row *ret,
                     ol_sha256 *ret_index, ol_err *err)
{
    const ol_master *master;
    ol_str seed;
    OL_TRY(key_check(body->key, err));
    OL_TRY(space(ks, body, arena, &seed, &master, err));
    *ret_index = row_index(ks, master, seed, body->key);
    OL_TRY(
        seal(ks, master, seed, OL_STORAGE_KEY, ret_index, ol_str_bytes(body->key), &ret->key, err));
    return seal(ks, master, seed, OL_STORAGE_VALUE, ret_index, body->value, &ret->value, err);
}

void storage_encrypt_post(ol_web_request *request, void *context)
{
    keystore *ks = context;
    storage_body body = {0};
    row out = row_new();
    ol_sha256 index;
    answer it;
    ol_err err;
    if (!body_bind(request, &ENCRYPT, &body))
        return;
    if (encrypt(ks, &body, ol_web_arena(request), &out, &index, &err) == OL_OK) {
        answer_begin(&it);
        ol_json_put_base64(&it.w, "encrypted_key_base64", ol_buf_bytes(&out.key));
        ol_json_put_base64(&it.w, "encrypted_value_base64", ol_buf_bytes(&out.value));
        ol_json_put_hex(&it.w, "key_hash", ol_sha256_bytes(&index));
        answer_send(&it, ks, request);
    } else {
        (void)answer_failure(request, &err);
    }
    row_wipe(&out);
}

/* The index a row of X8 is bound to: from the key the caller asked for, or the row's own name. */
static ol_rc index_asked(const storage_body *body, const ol_master *master, ol_str seed,
                         ol_sha256 *ret, ol_err *err)
{
    *ret = (ol_sha256){{0}};
    if (body->key.len > 0) {
        OL_TRY(key_check(body->key, err));
        *ret = ol_storage_index(master, seed, body->key);
    } else if (body->key_hash.len > 0 && !ol_sha256_parse(body->key_hash, ret)) {
        return ol_fail(err, OL_ERR_INVALID, "key_hash must be 64 hex characters");
    }
    return OL_OK;
}

/* A row that is another's does not open. Rows of the form before are bound to nothing; the worker
 * compares the key. */
static ol_rc decrypt(keystore *ks, const storage_body *body, ol_arena *arena, row *ret, ol_err *err)
{
    const ol_master *master;
    ol_str seed;
    ol_sha256 index;
    OL_TRY(space(ks, body, arena, &seed, &master, err));
    OL_TRY(index_asked(body, master, seed, &index, err));
    if (!ol_storage_open(master, seed, OL_STORAGE_KEY, &index, body->encrypted_key, &ret->key) ||
        (body->has_value &&
         !ol_storage_open(master, seed, OL_STORAGE_VALUE, &index, body->value, &ret->value)))
        return ol_fail(err, OL_ERR_INVALID, "Decryption failed");
    return OL_OK;
}

void storage_decrypt_post(ol_web_request *request, void *context)
{
    keystore *ks = context;
    storage_body body = {0};
    row out = row_new();
    answer it;
    ol_err err;
    if (!body_bind(request, &DECRYPT, &body))
        return;
    if (decrypt(ks, &body, ol_web_arena(request), &out, &err) == OL_OK) {
        answer_begin(&it);
        ol_json_put_str(&it.w, "key", ol_buf_str(&out.key));
        if (body.has_value)
            ol_json_put_base64(&it.w, "value_base64", ol_buf_bytes(&out.value));
        answer_send(&it, ks, request);
    } else {
        (void)answer_failure(request, &err);
    }
    row_wipe(&out);
}

void storage_index_post(ol_web_request *request, void *context)
{
    keystore *ks = context;
    storage_body body = {0};
    const ol_master *master;
    ol_str seed;
    answer it;
    ol_err err;
    if (!body_bind(request, &INDEX, &body))
        return;
    if (key_check(body.key, &err) != OL_OK ||
        space(ks, &body, ol_web_arena(request), &seed, &master, &err) != OL_OK) {
        (void)answer_failure(request, &err);
        return;
    }
    ol_sha256 index = row_index(ks, master, seed, body.key);
    answer_begin(&it);
    ol_json_put_hex(&it.w, "key_hash", ol_sha256_bytes(&index));
    answer_send(&it, ks, request);
}
