/* POST /decrypt (Keystore 4). */
#include "lib/crypto/secret.h"
#include "services/keystore/answer.h"
#include "services/keystore/handlers.h"
#include "services/keystore/release.h"

typedef struct decrypt_body {
    ol_json accessor;
    ol_str profile;
    ol_str owner;
    ol_str user_account_id;
    ol_str task_id;
    bool has_request_id;
    uint64_t request_id;
    ol_str executed_wasm_sha256;
} decrypt_body;

static const ol_json_field FIELDS[] = {
    {"accessor", OL_BIND_VALUE, OL_REQUIRED, offsetof(decrypt_body, accessor)},
    {"profile", OL_BIND_TEXT, OL_REQUIRED, offsetof(decrypt_body, profile)},
    {"owner", OL_BIND_TEXT, OL_REQUIRED, offsetof(decrypt_body, owner)},
    {"user_account_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(decrypt_body, user_account_id)},
    {"task_id", OL_BIND_TEXT, OL_OPTIONAL, offsetof(decrypt_body, task_id)},
    {"request_id", OL_BIND_U64, OL_OPTIONAL, offsetof(decrypt_body, request_id),
     .has = offsetof(decrypt_body, has_request_id)},
    {"executed_wasm_sha256", OL_BIND_TEXT, OL_OPTIONAL,
     offsetof(decrypt_body, executed_wasm_sha256)},
};
static const ol_json_table BODY = {"DecryptRequest", FIELDS, OL_COUNT(FIELDS)};

static ol_rc ask_of(const decrypt_body *body, ol_arena *arena, release *ret, ol_err *err)
{
    *ret = (release){
        .profile = body->profile,
        .owner = body->owner,
        .user_account_id = body->user_account_id,
        .task_id = body->task_id,
        .has_request_id = body->has_request_id,
        .request_id = body->request_id,
        .executed_wasm_sha256 = body->executed_wasm_sha256,
    };
    return ol_accessor_parse(&body->accessor, arena, &ret->accessor, err);
}

static void send_result(ol_web_request *request, keystore *ks, const released *out)
{
    answer it;
    answer_begin(&it);
    ol_json_put_base64(&it.w, "plaintext_secrets", ol_buf_bytes(&out->plain));
    if (out->has_verified) {
        ol_json_key(&it.w, "protected_verified");
        ol_json_array_begin(&it.w);
        for (size_t i = 0; i < out->verified_count; i++)
            ol_json_add_str(&it.w, out->verified[i]);
        ol_json_array_end(&it.w);
    }
    answer_send(&it, ks, request);
}

static ol_rc run(ol_web_request *request, void *context, ol_http_client *client)
{
    keystore *ks = context;
    decrypt_body body = {0};
    release ask;
    released out = {0};
    ol_err err;
    ol_arena *arena = ol_web_arena(request);
    chain_read read = chain_reading(ks->chain, client);
    if (!body_bind(request, &BODY, &body))
        return OL_ERR_INVALID;
    ol_rc rc = ask_of(&body, arena, &ask, &err);
    if (rc == OL_OK)
        rc = secret_release(ks, &ask, &read, arena, &out, &err);
    if (rc == OL_OK)
        send_result(request, ks, &out);
    else if (rc != OL_ERR_PENDING)
        (void)answer_failure(request, &err);
    if (out.plain.data != NULL)
        ol_wipe(out.plain.data, out.plain.size);
    ol_buf_deinit(&out.plain);
    return rc;
}

void decrypt_post(ol_web_request *request, void *context)
{
    keystore *ks = context;
    work_run(ks->work, request, ks, run);
}
