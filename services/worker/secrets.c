#include "services/worker/secrets.h"

#include "lib/base/log.h"
#include "lib/codec/base64.h"
#include "lib/codec/json_write.h"
#include "lib/codec/utf8.h"
#include "lib/crypto/secret.h"
#include "lib/secrets/accessor.h"

enum { BODY_BYTES_MAX = 16 * 1024, VALUES_MAX = OL_FRAME_VARIABLES_MAX };

/* ---- asking ---- */

static ol_rc accessor_of(const secrets_ask *ask, ol_arena *arena, ol_accessor *ret, ol_err *err)
{
    const ol_task *task = ask->task;
    *ret = (ol_accessor){0};
    if (task->project_id.len > 0) {
        *ret = (ol_accessor){OL_ACCESSOR_PROJECT, task->project_id, {NULL, 0}};
        return OL_OK;
    }
    if (ask->source->kind == OL_SOURCE_WASM_URL) {
        *ret = (ol_accessor){OL_ACCESSOR_WASM_HASH, ask->source->hash, {NULL, 0}};
        return OL_OK;
    }
    *ret = (ol_accessor){OL_ACCESSOR_REPO, ask->source->repo, {NULL, 0}};
    return coordinator_branch(ask->coordinator, ask->source->repo, ask->source->commit, arena,
                              &ret->branch, err);
}

static ol_rc body_build(const secrets_ask *ask, ol_arena *arena, ol_buf *into, ol_err *err)
{
    const ol_task *task = ask->task;
    ol_accessor accessor;
    OL_TRY(accessor_of(ask, arena, &accessor, err));
    ol_json_writer w = ol_json_writer_over(into);
    ol_json_object_begin(&w);
    ol_json_key(&w, "accessor");
    ol_accessor_add_tagged(&w, &accessor);
    ol_json_put_str(&w, "profile", task->secrets_ref.profile);
    ol_json_put_str(&w, "owner", task->secrets_ref.account_id);
    ol_json_put_str(&w, "user_account_id", task->user_account_id);
    ol_json_put_str(&w, "task_id", task->data_id);
    if (!task->is_https_call)
        ol_json_put_u64(&w, "request_id", task->request_id);
    ol_json_put_str(&w, "executed_wasm_sha256", ask->executed_wasm_sha256);
    ol_json_object_end(&w);
    return ol_buf_ok(into) ? OL_OK : ol_fail(err, OL_ERR_LIMIT, "too long to be asked");
}

/* ---- the answer ---- */

static ol_rc refuse(ol_error_class *ret_class, ol_error_class class, ol_err *err, const char *text)
{
    *ret_class = class;
    return ol_fail(err, OL_ERR_EXECUTION_FAILED, "%s", text);
}

/* Worker 7.1: what the requester reads. */
static ol_rc failed(int status, ol_str answer, ol_arena *arena, ol_error_class *ret_class,
                    ol_err *err)
{
    size_t at;
    ol_str text = ol_keystore_error(answer, arena);
    if (status == 401 && ol_str_find(text, OL_STR("Access denied"), &at))
        return refuse(ret_class, OL_CLASS_ACCESS_DENIED, err,
                      "Access to secrets denied. You do not have permission to use these secrets. "
                      "Check the access conditions configured by the secret owner.");
    if (status == 401 && text.len == 0)
        return refuse(ret_class, OL_CLASS_ACCESS_DENIED, err,
                      "Access to secrets denied. Check access conditions.");
    *ret_class = OL_CLASS_CUSTOM;
    if (status == 401)
        return ol_fail(err, OL_ERR_EXECUTION_FAILED, "Secret access error: %.*s", OL_FMT(text));
    if (status == 400)
        return refuse(ret_class, OL_CLASS_CUSTOM, err,
                      "Invalid secrets request. Please check your secrets configuration.");
    return refuse(ret_class, OL_CLASS_FAILED, err,
                  "Failed to decrypt secrets. Please check your secrets configuration.");
}

static bool not_found(int status, ol_str answer, ol_arena *arena)
{
    size_t at;
    if (status == 404)
        return true;
    return status == 400 && ol_str_find(ol_keystore_error(answer, arena), OL_STR("not found"), &at);
}

static ol_rc plaintext(ol_str answer, ol_arena *arena, ol_str *ret)
{
    ol_json root;
    ol_json member;
    ol_str base64;
    ol_bytes bytes;
    if (ol_json_parse_within(answer,
                             (ol_json_limits){OL_KEYSTORE_ANSWER_BYTES_MAX, OL_JSON_DEPTH_MAX},
                             &root, NULL) != OL_OK ||
        !ol_json_find(&root, OL_STR("plaintext_secrets"), &member) ||
        ol_json_text(&member, arena, &base64, NULL) != OL_OK ||
        !ol_base64_decode(base64, arena, &bytes))
        return OL_ERR_PROTOCOL;
    *ret = ol_bytes_str(bytes);
    return OL_OK;
}

static ol_rc variables_of(const ol_json *root, ol_arena *arena, variable *list, size_t *count)
{
    ol_json name;
    ol_json value;
    if (ol_json_kind_of(root) != OL_JSON_OBJECT)
        return OL_ERR_SHAPE;
    ol_json_iter members = ol_json_iterate(root);
    while (ol_json_next_member(&members, &name, &value)) {
        if (*count == VALUES_MAX)
            return OL_ERR_LIMIT;
        if (ol_json_kind_of(&value) != OL_JSON_STRING ||
            ol_json_text(&name, arena, &list[*count].name, NULL) != OL_OK ||
            ol_json_text(&value, arena, &list[*count].value, NULL) != OL_OK)
            return OL_ERR_SHAPE;
        ++*count;
    }
    return OL_OK;
}

static ol_rc read_variables(ol_str text, ol_arena *arena, const variable **ret, size_t *ret_count,
                            ol_error_class *ret_class, ol_err *err)
{
    ol_json root;
    variable *list = ol_arena_array(arena, VALUES_MAX, sizeof *list);
    *ret_count = 0;
    if (!ol_utf8_valid(text))
        return refuse(ret_class, OL_CLASS_CUSTOM, err,
                      "Invalid secrets format: not valid UTF-8 text");
    if (list == NULL || ol_json_parse(text, &root, NULL) != OL_OK ||
        variables_of(&root, arena, list, ret_count) != OL_OK)
        return refuse(ret_class, OL_CLASS_CUSTOM, err,
                      "Invalid secrets format: must be a JSON object with string key-value pairs");
    *ret = list;
    return OL_OK;
}

static ol_rc answer_read(int status, ol_str answer, ol_arena *arena, const variable **ret,
                         size_t *ret_count, ol_error_class *ret_class, ol_err *err)
{
    ol_str text;
    if (not_found(status, answer, arena))
        return OL_OK; /* the run goes without */
    if (status != 200)
        return failed(status, answer, arena, ret_class, err);
    if (plaintext(answer, arena, &text) != OL_OK)
        return failed(0, answer, arena, ret_class, err);
    return read_variables(text, arena, ret, ret_count, ret_class, err);
}

ol_rc secrets_get(const secrets_ask *ask, ol_arena *arena, const variable **ret, size_t *ret_count,
                  ol_error_class *ret_class, ol_err *err)
{
    int status = 0;
    ol_err cause = {0};
    *ret = NULL;
    *ret_count = 0;
    if (ask->task->secrets_ref.profile.data == NULL)
        return OL_OK;
    if (ask->link == NULL)
        return refuse(ret_class, OL_CLASS_CUSTOM, err,
                      "Secrets requested but keystore is not configured");
    ol_buf body = ol_buf_new(BODY_BYTES_MAX);
    ol_buf answer = ol_buf_new(OL_KEYSTORE_ANSWER_BYTES_MAX);
    ol_rc rc = body_build(ask, arena, &body, &cause);
    if (rc == OL_OK)
        rc = ol_keystore_ask(ask->link, ask->client, "/decrypt", ol_buf_str(&body), &answer,
                             &status, &cause);
    if (rc == OL_OK) {
        rc = answer_read(status, ol_buf_str(&answer), arena, ret, ret_count, ret_class, err);
    } else {
        OL_LOG_ERR(OL_ERROR, "secrets_failed", &cause, KV("request_id", ask->task->request_id));
        rc = failed(0, OL_STR(""), arena, ret_class, err);
    }
    if (answer.data != NULL)
        ol_wipe(answer.data, answer.size);
    ol_buf_deinit(&answer);
    ol_buf_deinit(&body);
    return rc;
}
