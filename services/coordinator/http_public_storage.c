/* Coordinator 6, everybody's side: what projects show. */
#include "lib/crypto/hash.h"
#include "services/coordinator/handlers.h"
#include "services/coordinator/query.h"
#include "services/coordinator/storage.h"

enum {
    BATCH_KEYS_MAX = 50,
    KEY_BYTES_MAX = 1024,
    BATCH_VALUES_BYTES_MAX = 16 * 1024 * 1024, /* half of what a request's arena holds */
};

static ol_rc look(coordinator *it, ol_str project_uuid, ol_str key, ol_arena *arena,
                  storage_row *ret, ol_err *err)
{
    ol_sha256_hex hash = ol_sha256_hex_of(ol_str_bytes(key));
    const storage_name name = {project_uuid, STORAGE_WORKER_ACCOUNT, ol_sha256_hex_str(&hash)};
    return storage_get(it->domain, &name, arena, ret, err);
}

/* ---- One key. */

typedef struct one_query {
    ol_str project_uuid;
    ol_str key;
    ol_str format;
} one_query;

static const query_field ONE_FIELDS[] = {
    {"project_uuid", QUERY_TEXT, true, offsetof(one_query, project_uuid)},
    {"key", QUERY_TEXT, true, offsetof(one_query, key)},
    {"format", QUERY_TEXT, false, offsetof(one_query, format)},
};

static void answer_raw(ol_web_request *request, const storage_row *row)
{
    if (row->exists)
        ol_web_answer(request, 200, OL_WEB_TYPE_BYTES, row->value);
    else
        ol_web_answer_text(request, 404, OL_STR("Key not found"));
}

static void answer_json(ol_web_request *request, const storage_row *row)
{
    json_answer answer;
    json_answer_begin(&answer);
    ol_json_put_bool(&answer.w, "exists", row->exists);
    if (row->exists)
        ol_json_put_base64(&answer.w, "value", row->value);
    json_answer_send(&answer, request, 200);
}

void public_storage_get(ol_web_request *request, void *context)
{
    one_query query = {.format = OL_STR("json")};
    storage_row row;
    ol_err err = {0};
    if (!query_bind(request, ONE_FIELDS, OL_COUNT(ONE_FIELDS), &query))
        return;
    if (look(context, query.project_uuid, query.key, ol_web_arena(request), &row, &err) != OL_OK)
        answer_failure(request, FAILURE_TEXT, &err);
    else if (row.exists && row.is_encrypted)
        ol_web_answer_text(request, 403,
                           OL_STR("Storage key exists but is encrypted (not public)"));
    else if (ol_str_eq(query.format, OL_STR("raw")))
        answer_raw(request, &row);
    else
        answer_json(request, &row);
}

/* ---- Many. */

typedef struct batch_body {
    ol_str project_uuid;
    ol_json_texts keys;
} batch_body;

static const ol_json_field BATCH_FIELDS[] = {
    {"project_uuid", OL_BIND_TEXT, OL_REQUIRED, offsetof(batch_body, project_uuid)},
    {"keys", OL_BIND_TEXT_LIST, OL_REQUIRED, offsetof(batch_body, keys)},
};
static const ol_json_table BATCH = {"StorageBatchRequest", BATCH_FIELDS, OL_COUNT(BATCH_FIELDS)};

static ol_rc batch_check(const batch_body *body, ol_err *err)
{
    if (body->keys.count == 0)
        return ol_fail(err, OL_ERR_INVALID, "No keys provided");
    if (body->keys.count > BATCH_KEYS_MAX)
        return ol_fail(err, OL_ERR_INVALID, "Maximum %d keys allowed per request", BATCH_KEYS_MAX);
    for (size_t i = 0; i < body->keys.count; i++) {
        if (body->keys.items[i].len > KEY_BYTES_MAX)
            return ol_fail(err, OL_ERR_INVALID, "Key too long: %zu bytes (max %d)",
                           body->keys.items[i].len, KEY_BYTES_MAX);
    }
    return OL_OK;
}

static bool seen_before(const ol_json_texts *keys, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (ol_str_eq(keys->items[i], keys->items[at]))
            return true;
    }
    return false;
}

static void put_result(ol_json_writer *w, ol_str key, const storage_row *row)
{
    ol_json_key_str(w, key);
    ol_json_object_begin(w);
    ol_json_put_bool(w, "exists", row->exists);
    if (row->exists && row->is_encrypted)
        ol_json_put_cstr(w, "error", "encrypted");
    else if (row->exists)
        ol_json_put_base64(w, "value", row->value);
    ol_json_object_end(w);
}

static ol_rc results(coordinator *it, const batch_body *body, ol_arena *arena, ol_json_writer *w,
                     ol_err *err)
{
    size_t bytes = 0;
    OL_TRY(batch_check(body, err));
    ol_json_key(w, "results");
    ol_json_object_begin(w);
    for (size_t i = 0; i < body->keys.count; i++) {
        storage_row row;
        if (seen_before(&body->keys, i))
            continue;
        OL_TRY(look(it, body->project_uuid, body->keys.items[i], arena, &row, err));
        bytes += row.value.len;
        if (bytes > BATCH_VALUES_BYTES_MAX)
            return ol_fail(err, OL_ERR_INVALID, "Values of more than %d bytes: ask for fewer keys",
                           BATCH_VALUES_BYTES_MAX);
        put_result(w, body->keys.items[i], &row);
    }
    ol_json_object_end(w);
    return OL_OK;
}

void public_storage_batch_post(ol_web_request *request, void *context)
{
    batch_body body = {0};
    json_answer answer;
    ol_err err = {0};
    if (!body_bind(request, &BATCH, &body))
        return;
    json_answer_begin(&answer);
    if (results(context, &body, ol_web_arena(request), &answer.w, &err) == OL_OK) {
        json_answer_send(&answer, request, 200);
        return;
    }
    ol_buf_deinit(&answer.buf);
    answer_failure(request, FAILURE_TEXT, &err);
}
