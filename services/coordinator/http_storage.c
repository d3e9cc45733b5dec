/* Coordinator 6, workers' side: rows of projects. Bytes travel as arrays of numbers, or, where both
 * ends are ours, as Base64 in members whose names end so. */
#include "services/coordinator/handlers.h"
#include "services/coordinator/query.h"
#include "services/coordinator/storage.h"

typedef struct storage_body {
    storage_name name;
    ol_str wasm_hash;
    ol_bytes key;
    ol_bytes value;
    ol_bytes expected;
    bool has_key;
    bool has_value;
    bool has_expected;
    bool is_encrypted;
    bool base64; /* answers too */
} storage_body;

#define AT(member) offsetof(storage_body, member)
#define PROJECT(need) {"project_uuid", OL_BIND_TEXT, need, AT(name.project_uuid)}
#define ACCOUNT {"account_id", OL_BIND_TEXT, OL_REQUIRED, AT(name.account_id)}
#define KEY_HASH {"key_hash", OL_BIND_TEXT, OL_REQUIRED, AT(name.key_hash)}
#define WASM_HASH {"wasm_hash", OL_BIND_TEXT, OL_REQUIRED, AT(wasm_hash)}
#define BYTES(text, member)                                                                        \
    {text, OL_BIND_BYTE_ARRAY, OL_OPTIONAL, AT(member), .has = AT(has_##member)},                  \
    {                                                                                              \
        text "_base64", OL_BIND_BASE64, OL_OPTIONAL, AT(member), .has = AT(has_##member)           \
    }
#define BASE64 {"base64", OL_BIND_BOOL, OL_DEFAULT, AT(base64)}
#define TABLE(name, title)                                                                         \
    static const ol_json_table name##_TABLE = {title, name##_FIELDS, OL_COUNT(name##_FIELDS)}

static const ol_json_field SET_FIELDS[] = {
    PROJECT(OL_REQUIRED),
    WASM_HASH,
    ACCOUNT,
    KEY_HASH,
    BYTES("encrypted_key", key),
    BYTES("encrypted_value", value),
    {"is_encrypted", OL_BIND_BOOL, OL_DEFAULT, AT(is_encrypted)},
};
TABLE(SET, "StorageSetRequest");

static const ol_json_field SWAP_FIELDS[] = {
    PROJECT(OL_REQUIRED),
    WASM_HASH,
    ACCOUNT,
    KEY_HASH,
    BYTES("expected_encrypted_value", expected),
    BYTES("new_encrypted_key", key),
    BYTES("new_encrypted_value", value),
    BASE64,
};
TABLE(SWAP, "StorageSetIfEqualsRequest");

static const ol_json_field NAME_FIELDS[] = {PROJECT(OL_REQUIRED), ACCOUNT, KEY_HASH, BASE64};
TABLE(NAME, "StorageGetRequest");

static const ol_json_field VERSION_FIELDS[] = {PROJECT(OL_OPTIONAL), WASM_HASH, ACCOUNT, KEY_HASH,
                                               BASE64};
TABLE(VERSION, "StorageGetByVersionRequest");

static const ol_json_field PUBLIC_FIELDS[] = {PROJECT(OL_REQUIRED), KEY_HASH, BASE64};
TABLE(PUBLIC, "StorageGetPublicRequest");

static const ol_json_field CLEAR_ALL_FIELDS[] = {PROJECT(OL_REQUIRED), ACCOUNT};
TABLE(CLEAR_ALL, "StorageClearAllRequest");

static const ol_json_field CLEAR_VERSION_FIELDS[] = {PROJECT(OL_OPTIONAL), WASM_HASH, ACCOUNT};
TABLE(CLEAR_VERSION, "StorageClearVersionRequest");

/* ---- Writing. */

/* A member in either of its forms. */
static bool bytes_given(ol_web_request *request, bool given, const char *name)
{
    ol_err err;
    if (given)
        return true;
    (void)ol_fail(&err, OL_ERR_SHAPE, "missing field `%s`", name);
    answer_bad_body(request, &err);
    return false;
}

static storage_write *write_new(ol_web_request *request, const storage_body *body,
                                storage_mode mode, void (*done)(ol_op *op))
{
    storage_write *it = OP_NEW(request, storage_write, done);
    if (it == NULL)
        return NULL;
    it->name = body->name;
    it->row = (storage_row){.key = body->key,
                            .value = body->value,
                            .wasm_hash = body->wasm_hash,
                            .is_encrypted = body->is_encrypted};
    it->mode = mode;
    it->expected = body->expected;
    it->arena = ol_web_arena(request);
    return it;
}

static void write_done(ol_op *op)
{
    if (op_worked(op, FAILURE_TEXT))
        ol_web_answer_empty(op_request(op), 200);
}

static void insert_done(ol_op *op)
{
    const storage_write *it = (const storage_write *)op;
    json_answer answer;
    if (!op_worked(op, FAILURE_TEXT))
        return;
    json_answer_begin(&answer);
    ol_json_put_bool(&answer.w, "inserted", it->written);
    json_answer_send(&answer, op_request(op), 200);
}

static void write_start(ol_web_request *request, coordinator *it, storage_mode mode,
                        void (*done)(ol_op *op))
{
    storage_body body = {.is_encrypted = true};
    storage_write *op;
    if (!body_bind(request, &SET_TABLE, &body) ||
        !bytes_given(request, body.has_key, "encrypted_key") ||
        !bytes_given(request, body.has_value, "encrypted_value"))
        return;
    op = write_new(request, &body, mode, done);
    if (op != NULL)
        storage_put(it->domain, op);
}

void storage_set_post(ol_web_request *request, void *context)
{
    write_start(request, context, STORAGE_SET, write_done);
}

void storage_set_if_absent_post(ol_web_request *request, void *context)
{
    write_start(request, context, STORAGE_IF_ABSENT, insert_done);
}

/* ---- Answers with a row. */

static void put_bytes(ol_json_writer *w, const char *name, const char *name_base64, bool base64,
                      const ol_bytes *bytes)
{
    if (bytes == NULL)
        ol_json_put_null(w, base64 ? name_base64 : name);
    else if (base64)
        ol_json_put_base64(w, name_base64, *bytes);
    else
        ol_json_put_byte_array(w, name, *bytes);
}

typedef struct swap {
    storage_write write; /* first */
    bool base64;
} swap;

static void swap_done(ol_op *op)
{
    const swap *it = (const swap *)op;
    const storage_row *current = &it->write.current;
    bool shown = !it->write.written && current->exists;
    json_answer answer;
    if (!op_worked(op, FAILURE_TEXT))
        return;
    json_answer_begin(&answer);
    ol_json_put_bool(&answer.w, "updated", it->write.written);
    put_bytes(&answer.w, "current_encrypted_value", "current_encrypted_value_base64", it->base64,
              shown ? &current->value : NULL);
    put_bytes(&answer.w, "current_encrypted_key", "current_encrypted_key_base64", it->base64,
              shown ? &current->key : NULL);
    json_answer_send(&answer, op_request(op), 200);
}

void storage_set_if_equals_post(ol_web_request *request, void *context)
{
    coordinator *it = context;
    storage_body body = {.is_encrypted = true};
    if (!body_bind(request, &SWAP_TABLE, &body) ||
        !bytes_given(request, body.has_expected, "expected_encrypted_value") ||
        !bytes_given(request, body.has_key, "new_encrypted_key") ||
        !bytes_given(request, body.has_value, "new_encrypted_value"))
        return;
    swap *op = OP_NEW(request, swap, swap_done);
    if (op == NULL)
        return;
    op->base64 = body.base64;
    op->write.name = body.name;
    op->write.row = (storage_row){
        .key = body.key, .value = body.value, .wasm_hash = body.wasm_hash, .is_encrypted = true};
    op->write.mode = STORAGE_IF_EQUALS;
    op->write.expected = body.expected;
    op->write.arena = ol_web_arena(request);
    storage_put(it->domain, &op->write);
}

static void answer_row(ol_web_request *request, const storage_row *row, bool base64)
{
    json_answer answer;
    json_answer_begin(&answer);
    ol_json_put_bool(&answer.w, "exists", row->exists);
    put_bytes(&answer.w, "encrypted_key", "encrypted_key_base64", base64,
              row->exists ? &row->key : NULL);
    put_bytes(&answer.w, "encrypted_value", "encrypted_value_base64", base64,
              row->exists ? &row->value : NULL);
    if (row->exists)
        ol_json_put_str(&answer.w, "wasm_hash", row->wasm_hash);
    else
        ol_json_put_null(&answer.w, "wasm_hash");
    ol_json_put_bool(&answer.w, "is_encrypted", row->is_encrypted);
    json_answer_send(&answer, request, 200);
}

void storage_get_post(ol_web_request *request, void *context)
{
    coordinator *it = context;
    storage_body body = {0};
    storage_row row;
    ol_err err = {0};
    if (!body_bind(request, &NAME_TABLE, &body))
        return;
    if (storage_get(it->domain, &body.name, ol_web_arena(request), &row, &err) == OL_OK)
        answer_row(request, &row, body.base64);
    else
        answer_failure(request, FAILURE_EMPTY, &err);
}

void storage_get_by_version_post(ol_web_request *request, void *context)
{
    coordinator *it = context;
    storage_body body = {0};
    storage_row row;
    ol_err err = {0};
    if (!body_bind(request, &VERSION_TABLE, &body))
        return;
    if (storage_get_version(it->domain, body.wasm_hash, &body.name, ol_web_arena(request), &row,
                            &err) == OL_OK)
        answer_row(request, &row, body.base64);
    else
        answer_failure(request, FAILURE_TEXT, &err);
}

void storage_has_post(ol_web_request *request, void *context)
{
    coordinator *it = context;
    storage_body body = {0};
    storage_row row;
    ol_err err = {0};
    json_answer answer;
    if (!body_bind(request, &NAME_TABLE, &body))
        return;
    if (storage_get(it->domain, &body.name, ol_web_arena(request), &row, &err) != OL_OK) {
        answer_failure(request, FAILURE_EMPTY, &err);
        return;
    }
    json_answer_begin(&answer);
    ol_json_put_bool(&answer.w, "exists", row.exists);
    json_answer_send(&answer, request, 200);
}

/* What a project shows to others: plain rows of all its callers. */
void storage_get_public_post(ol_web_request *request, void *context)
{
    coordinator *it = context;
    storage_body body = {0};
    storage_row row;
    ol_err err = {0};
    json_answer answer;
    if (!body_bind(request, &PUBLIC_TABLE, &body))
        return;
    body.name.account_id = STORAGE_WORKER_ACCOUNT;
    if (storage_get(it->domain, &body.name, ol_web_arena(request), &row, &err) != OL_OK) {
        answer_failure(request, FAILURE_EMPTY, &err);
        return;
    }
    if (row.exists && row.is_encrypted) {
        ol_web_answer_text(request, 403,
                           OL_STR("Storage key exists but is encrypted (not public)"));
        return;
    }
    json_answer_begin(&answer);
    ol_json_put_bool(&answer.w, "exists", row.exists);
    put_bytes(&answer.w, "value", "value_base64", body.base64, row.exists ? &row.value : NULL);
    json_answer_send(&answer, request, 200);
}

/* ---- Removing. */

static void remove_done(ol_op *op)
{
    const storage_removal *it = (const storage_removal *)op;
    if (op_worked(op, FAILURE_EMPTY))
        ol_web_answer_empty(op_request(op), it->removed ? 200 : 404);
}

void storage_delete_post(ol_web_request *request, void *context)
{
    coordinator *it = context;
    storage_body body = {0};
    if (!body_bind(request, &NAME_TABLE, &body))
        return;
    storage_removal *op = OP_NEW(request, storage_removal, remove_done);
    if (op == NULL)
        return;
    op->name = body.name;
    storage_remove(it->domain, op);
}

static void clear_start(ol_web_request *request, coordinator *it, const ol_json_table *table,
                        storage_scope scope)
{
    storage_body body = {0};
    if (!body_bind(request, table, &body))
        return;
    storage_clearing *op = OP_NEW(request, storage_clearing, write_done);
    if (op == NULL)
        return;
    op->scope = scope;
    op->name = body.name;
    op->wasm_hash = body.wasm_hash;
    storage_clear(it->domain, op);
}

void storage_clear_all_post(ol_web_request *request, void *context)
{
    clear_start(request, context, &CLEAR_ALL_TABLE, STORAGE_ACCOUNT);
}

void storage_clear_version_post(ol_web_request *request, void *context)
{
    clear_start(request, context, &CLEAR_VERSION_TABLE, STORAGE_VERSION);
}

/* ---- Lists. */

typedef struct list_query {
    ol_str project_uuid;
    ol_str account_id;
    uint32_t limit;
    uint64_t offset;
    uint32_t base64; /* 1: answers too */
    uint32_t values; /* 0: left out */
} list_query;

static const query_field LIST_FIELDS[] = {
    {"project_uuid", QUERY_TEXT, true, offsetof(list_query, project_uuid)},
    {"account_id", QUERY_TEXT, true, offsetof(list_query, account_id)},
    {"limit", QUERY_U32, false, offsetof(list_query, limit)},
    {"offset", QUERY_U64, false, offsetof(list_query, offset)},
    {"base64", QUERY_U32, false, offsetof(list_query, base64)},
    {"values", QUERY_U32, false, offsetof(list_query, values)},
};

static void answer_list(ol_web_request *request, const storage_row *rows, size_t count,
                        const storage_used *used, const list_query *query)
{
    json_answer answer;
    const bool base64 = query->base64 == 1;
    json_answer_begin(&answer);
    ol_json_key(&answer.w, "keys");
    ol_json_array_begin(&answer.w);
    for (size_t i = 0; i < count; i++) {
        ol_json_object_begin(&answer.w);
        ol_json_put_str(&answer.w, "key_hash", rows[i].key_hash);
        put_bytes(&answer.w, "encrypted_key", "encrypted_key_base64", base64, &rows[i].key);
        if (query->values != 0)
            put_bytes(&answer.w, "encrypted_value", "encrypted_value_base64", base64,
                      &rows[i].value);
        ol_json_put_str(&answer.w, "wasm_hash", rows[i].wasm_hash);
        ol_json_object_end(&answer.w);
    }
    ol_json_array_end(&answer.w);
    ol_json_put_u64(&answer.w, "total", used->key_count);
    json_answer_send(&answer, request, 200);
}

void storage_list_get(ol_web_request *request, void *context)
{
    enum { LIMIT_STANDARD = 100 };
    coordinator *it = context;
    list_query query = {.limit = LIMIT_STANDARD, .values = 1};
    storage_row *rows;
    size_t count;
    storage_used used;
    ol_err err = {0};
    if (!query_bind(request, LIST_FIELDS, OL_COUNT(LIST_FIELDS), &query))
        return;
    if (query.limit > STORAGE_LIST_MAX)
        query.limit = STORAGE_LIST_MAX;
    const storage_name name = {query.project_uuid, query.account_id, {NULL, 0}};
    if (query.offset > INT64_MAX)
        query.offset = INT64_MAX;
    if (storage_list(it->domain, &name, query.values != 0, query.limit, query.offset,
                     ol_web_arena(request), &rows, &count, &err) == OL_OK &&
        storage_usage(it->domain, query.project_uuid, query.account_id, &used, &err) == OL_OK)
        answer_list(request, rows, count, &used, &query);
    else
        answer_failure(request, FAILURE_EMPTY, &err);
}

void storage_usage_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    list_query query = {0};
    storage_used used;
    ol_err err = {0};
    json_answer answer;
    if (!query_bind(request, LIST_FIELDS, 2, &query))
        return;
    if (storage_usage(it->domain, query.project_uuid, query.account_id, &used, &err) != OL_OK) {
        answer_failure(request, FAILURE_EMPTY, &err);
        return;
    }
    json_answer_begin(&answer);
    ol_json_put_u64(&answer.w, "total_bytes", used.total_bytes);
    ol_json_put_u64(&answer.w, "key_count", used.key_count);
    json_answer_send(&answer, request, 200);
}
