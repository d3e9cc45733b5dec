#include "lib/proto/owner_storage.h"

#include "lib/codec/hex.h"
#include "lib/near/account_id.h"

enum { BODY_BYTES_MAX = 16 * 1024 };

#define AT(member) offsetof(ol_owner_storage, member)
#define COMMON                                                                                     \
    {"account_id", OL_BIND_TEXT, OL_REQUIRED, AT(account_id)},                                     \
        {"project_id", OL_BIND_TEXT, OL_REQUIRED, AT(project_id)},                                 \
        {"expires", OL_BIND_U64, OL_REQUIRED, AT(expires)},                                        \
    {                                                                                              \
        .name = "proof", .type = OL_BIND_OBJECT, .need = OL_REQUIRED, .offset = AT(proof),         \
        .sub = &OL_SIGNED_PROOF                                                                    \
    }
#define WHOSE                                                                                      \
    {"worker", OL_BIND_BOOL, OL_DEFAULT, AT(worker)},                                              \
    {                                                                                              \
        "public", OL_BIND_BOOL, OL_DEFAULT, AT(only_public)                                        \
    }
#define PAGE                                                                                       \
    {"cursor", OL_BIND_TEXT, OL_DEFAULT, AT(cursor)},                                              \
    {                                                                                              \
        "limit", OL_BIND_U32, OL_DEFAULT, AT(limit)                                                \
    }

static const ol_json_field LIST_FIELDS[] = {
    COMMON, WHOSE, {"prefix", OL_BIND_TEXT, OL_DEFAULT, AT(prefix)}, PAGE};
static const ol_json_field DELETE_FIELDS[] = {
    COMMON,
    WHOSE,
    {"key", OL_BIND_TEXT, OL_OPTIONAL, AT(key)},
    {"key_hash", OL_BIND_TEXT, OL_OPTIONAL, AT(key_hash)},
    {"all", OL_BIND_BOOL, OL_DEFAULT, AT(all)},
};
static const ol_json_field USAGE_FIELDS[] = {COMMON, PAGE};

static const struct {
    const char *path;
    const char *operation;
    ol_json_table table;
} ASKS[] = {
    [OL_STORAGE_ASK_LIST] = {"/storage/owner/list",
                             "storage list",
                             {"OwnerStorageListRequest", LIST_FIELDS, OL_COUNT(LIST_FIELDS)}},
    [OL_STORAGE_ASK_DELETE] = {"/storage/owner/delete",
                               "storage delete",
                               {"OwnerStorageDeleteRequest", DELETE_FIELDS,
                                OL_COUNT(DELETE_FIELDS)}},
    [OL_STORAGE_ASK_USAGE] = {"/storage/owner/usage",
                              "storage usage",
                              {"OwnerStorageUsageRequest", USAGE_FIELDS, OL_COUNT(USAGE_FIELDS)}},
};

const char *ol_owner_storage_path(ol_storage_ask ask)
{
    return ASKS[ask].path;
}

const ol_json_table *ol_owner_storage_table(ol_storage_ask ask)
{
    return &ASKS[ask].table;
}

/* ---- form */

static bool is_hash(ol_str text)
{
    uint8_t bytes[32];
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] >= 'A' && text.data[i] <= 'F')
            return false; /* rows are named in lower case */
    }
    return ol_hex_decode_fixed(text, bytes, sizeof bytes);
}

static ol_rc delete_check(const ol_owner_storage *it, ol_err *err)
{
    bool by_key = it->key.data != NULL, by_hash = it->key_hash.data != NULL;
    if (by_key + by_hash + it->all != 1)
        return ol_fail(err, OL_ERR_INVALID, "Exactly one of key, key_hash and all is wanted");
    if (by_hash && !is_hash(it->key_hash))
        return ol_fail(err, OL_ERR_INVALID, "key_hash must be 64 hex characters");
    if (by_key && it->key.len > OL_OWNER_STORAGE_KEY_BYTES_MAX)
        return ol_fail(err, OL_ERR_INVALID, "Key too long: %zu bytes (max %d)", it->key.len,
                       OL_OWNER_STORAGE_KEY_BYTES_MAX);
    return OL_OK;
}

static ol_rc page_check(const ol_owner_storage *it, ol_err *err)
{
    if (it->limit == 0 || it->limit > OL_OWNER_STORAGE_LIMIT_MAX)
        return ol_fail(err, OL_ERR_INVALID, "limit must be 1 to %d", OL_OWNER_STORAGE_LIMIT_MAX);
    if (it->cursor.len > OL_OWNER_STORAGE_CURSOR_BYTES_MAX)
        return ol_fail(err, OL_ERR_INVALID, "cursor is none of ours");
    if (it->prefix.len > OL_OWNER_STORAGE_KEY_BYTES_MAX)
        return ol_fail(err, OL_ERR_INVALID, "Prefix too long: %zu bytes (max %d)", it->prefix.len,
                       OL_OWNER_STORAGE_KEY_BYTES_MAX);
    return OL_OK;
}

ol_rc ol_owner_storage_check(const ol_owner_storage *it, ol_storage_ask ask, ol_err *err)
{
    ol_str owner, name;
    if (!ol_account_id_valid(it->account_id))
        return ol_fail(err, OL_ERR_INVALID, "Invalid account_id");
    if (it->project_id.len > OL_OWNER_STORAGE_PROJECT_BYTES_MAX ||
        !ol_str_cut(it->project_id, '/', &owner, &name) || owner.len == 0 || name.len == 0)
        return ol_fail(err, OL_ERR_INVALID, "Invalid project_id format: must be 'account/name'");
    return ask == OL_STORAGE_ASK_DELETE ? delete_check(it, err) : page_check(it, err);
}

/* ---- the body */

static void put_text_or_null(ol_json_writer *w, const char *name, ol_str text)
{
    if (text.data != NULL)
        ol_json_put_str(w, name, text);
    else
        ol_json_put_null(w, name);
}

static void put_members(const ol_owner_storage *it, ol_storage_ask ask, ol_json_writer *w)
{
    ol_json_put_str(w, "account_id", it->account_id);
    ol_json_put_str(w, "project_id", it->project_id);
    if (ask != OL_STORAGE_ASK_USAGE) {
        ol_json_put_bool(w, "worker", it->worker);
        ol_json_put_bool(w, "public", it->only_public);
    }
    if (ask == OL_STORAGE_ASK_DELETE) {
        put_text_or_null(w, "key", it->key);
        put_text_or_null(w, "key_hash", it->key_hash);
        ol_json_put_bool(w, "all", it->all);
    } else {
        if (ask == OL_STORAGE_ASK_LIST)
            ol_json_put_str(w, "prefix", it->prefix);
        ol_json_put_str(w, "cursor", it->cursor);
        ol_json_put_u64(w, "limit", it->limit);
    }
    ol_json_put_u64(w, "expires", it->expires);
}

void ol_owner_storage_encode(const ol_owner_storage *it, ol_storage_ask ask, ol_json_writer *w)
{
    ol_json_object_begin(w);
    put_members(it, ask, w);
    ol_json_object_end(w);
}

void ol_owner_storage_encode_proved(const ol_owner_storage *it, ol_storage_ask ask,
                                    ol_json_writer *w)
{
    ol_json_object_begin(w);
    put_members(it, ask, w);
    ol_signed_proof_put(w, &it->proof);
    ol_json_object_end(w);
}

ol_rc ol_owner_storage_signed(const ol_owner_storage *it, ol_storage_ask ask, ol_str contract,
                              ol_arena *arena, ol_signed_request *ret, ol_err *err)
{
    OL_AUTO(ol_buf) body = ol_buf_new(BODY_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&body);
    ol_str copy;
    ol_owner_storage_encode(it, ask, &w);
    if (!ol_buf_ok(&body) || !ol_arena_copy(arena, ol_buf_str(&body), &copy))
        return ol_fail(err, OL_ERR_LIMIT, "the request is too long");
    *ret = (ol_signed_request){.operation = ol_str_of(ASKS[ask].operation),
                               .account_id = it->account_id,
                               .subject = it->project_id,
                               .body = copy,
                               .recipient = contract,
                               .expires = it->expires};
    return OL_OK;
}
