/* /encrypt and /decrypt-raw: payment keys, and with NARROW_INPUTS off any seed (Keystore 4; 15,
 * X9).
 */
#include "lib/crypto/secret.h"
#include "lib/secrets/accessor.h"
#include "lib/secrets/blob.h"
#include "services/keystore/access_log.h"
#include "services/keystore/answer.h"
#include "services/keystore/handlers.h"

typedef struct cipher_body {
    ol_str seed;
    ol_bytes bytes;
} cipher_body;

static const ol_json_field ENCRYPT_FIELDS[] = {
    {"seed", OL_BIND_TEXT, OL_REQUIRED, offsetof(cipher_body, seed)},
    {"plaintext_base64", OL_BIND_BASE64, OL_REQUIRED, offsetof(cipher_body, bytes)},
};
static const ol_json_table ENCRYPT = {"EncryptRequest", ENCRYPT_FIELDS, OL_COUNT(ENCRYPT_FIELDS)};

static const ol_json_field DECRYPT_FIELDS[] = {
    {"seed", OL_BIND_TEXT, OL_REQUIRED, offsetof(cipher_body, seed)},
    {"encrypted_base64", OL_BIND_BASE64, OL_REQUIRED, offsetof(cipher_body, bytes)},
};
static const ol_json_table DECRYPT = {"DecryptRawRequest", DECRYPT_FIELDS,
                                      OL_COUNT(DECRYPT_FIELDS)};

static ol_rc scope(const keystore *ks, const ol_web_request *request, ol_str seed,
                   const ol_master **ret, ol_err *err)
{
    ol_str header = {NULL, 0};
    ol_str vault;
    (void)ol_web_header(request, "x-customer-vault", &header);
    OL_TRY(keyring_scope(header, &vault, err));
    OL_TRY(keyring_master(ks->ring, vault, ret, err));
    if (seed.len == 0 || seed.len > OL_SEED_BYTES_MAX)
        return ol_fail(err, OL_ERR_INVALID, "seed must have 1 to %d bytes", OL_SEED_BYTES_MAX);
    if (ks->set->narrow_inputs && !ol_seed_is_of_payment_key(seed))
        return ol_fail(err, OL_ERR_INVALID, "only seeds of payment keys are served here");
    return OL_OK;
}

static ol_rc encrypt(keystore *ks, const ol_web_request *request, const cipher_body *body,
                     ol_buf *into, ol_err *err)
{
    const ol_master *master;
    OL_TRY(scope(ks, request, body->seed, &master, err));
    return ol_blob_seal(master, body->seed, body->bytes, ks->random, into, err);
}

static ol_rc decrypt(keystore *ks, const ol_web_request *request, const cipher_body *body,
                     ol_buf *into, ol_err *err)
{
    const ol_master *master;
    const access_entry entry = {.route = "/decrypt-raw", .owner = body->seed};
    ol_rc rc = scope(ks, request, body->seed, &master, err);
    if (rc == OL_OK)
        rc = ol_blob_open(master, body->seed, body->bytes, keystore_legacy(ks), into, err);
    access_record(ks, &entry, rc, err);
    return rc;
}

typedef ol_rc cipher_fn(keystore *ks, const ol_web_request *request, const cipher_body *body,
                        ol_buf *into, ol_err *err);

static void run(ol_web_request *request, keystore *ks, const ol_json_table *table, cipher_fn *fn,
                const char *member)
{
    cipher_body body = {0};
    answer it;
    ol_err err;
    ol_buf out = ol_buf_new(ANSWER_BYTES_MAX);
    if (!body_bind(request, table, &body))
        return;
    if (fn(ks, request, &body, &out, &err) == OL_OK) {
        answer_begin(&it);
        ol_json_put_base64(&it.w, member, ol_buf_bytes(&out));
        answer_send(&it, ks, request);
    } else {
        (void)answer_failure(request, &err);
    }
    if (out.data != NULL)
        ol_wipe(out.data, out.size);
    ol_buf_deinit(&out);
}

void encrypt_post(ol_web_request *request, void *context)
{
    run(request, context, &ENCRYPT, encrypt, "encrypted_base64");
}

void decrypt_raw_post(ol_web_request *request, void *context)
{
    run(request, context, &DECRYPT, decrypt, "plaintext_base64");
}
