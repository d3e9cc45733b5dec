#include "services/coordinator/storage.h"

#include "services/coordinator/domain_state.h"

#define NAME_ARGS(name)                                                                            \
    OL_ARG("project_uuid", (name)->project_uuid), OL_ARG("account_id", (name)->account_id),        \
        OL_ARG("key_hash", (name)->key_hash)

/* ---- Reading. */

static void row_read(ol_rows *rows, ol_arena *arena, storage_row *ret)
{
    ol_bytes key = ol_col_blob(rows);
    ol_bytes value = ol_col_blob(rows);
    ret->exists = true;
    rows->bad = rows->bad || !ol_arena_copy_bytes(arena, key, &ret->key) ||
                !ol_arena_copy_bytes(arena, value, &ret->value);
    ret->wasm_hash = ol_col_text_copy(rows, arena);
}

static ol_rc find(ol_db *db, const storage_name *name, ol_arena *arena, storage_row *ret,
                  ol_err *err)
{
    ol_rows rows;
    *ret = (storage_row){.is_encrypted = true};
    OL_TRY(ol_db_query(db, OL_SQL_STORAGE_FIND, &rows, err, NAME_ARGS(name)));
    if (ol_rows_next(&rows)) {
        row_read(&rows, arena, ret);
        ret->is_encrypted = ol_col_bool(&rows);
    }
    return ol_rows_end(&rows, err);
}

ol_rc storage_get(domain *d, const storage_name *name, ol_arena *arena, storage_row *ret,
                  ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc, find(db, name, arena, ret, err));
    return rc;
}

static ol_rc many_projects(ol_err *err)
{
    return ol_fail(err, OL_ERR_INVALID, "several projects hold this wasm_hash: name project_uuid");
}

/* The one project that holds this code's rows of the account, unless one is named; none: NULL
 * data. */
static ol_rc version_project(ol_db *db, ol_str wasm_hash, const storage_name *name, ol_arena *arena,
                             ol_str *ret, ol_err *err)
{
    ol_rows rows;
    unsigned found = 0;
    *ret = name->project_uuid;
    if (ret->data != NULL)
        return OL_OK;
    OL_TRY(ol_db_query(db, OL_SQL_STORAGE_VERSION_PROJECTS, &rows, err,
                       OL_ARG("wasm_hash", wasm_hash), OL_ARG("account_id", name->account_id)));
    for (; ol_rows_next(&rows); found++)
        *ret = ol_col_text_copy(&rows, arena);
    OL_TRY(ol_rows_end(&rows, err));
    return found > 1 ? many_projects(err) : OL_OK;
}

static ol_rc find_version(ol_db *db, ol_str wasm_hash, const storage_name *name, ol_arena *arena,
                          storage_row *ret, ol_err *err)
{
    ol_rows rows;
    storage_name one = *name;
    *ret = (storage_row){.is_encrypted = true};
    OL_TRY(version_project(db, wasm_hash, name, arena, &one.project_uuid, err));
    if (one.project_uuid.data == NULL)
        return OL_OK;
    OL_TRY(ol_db_query(db, OL_SQL_STORAGE_FIND_VERSION, &rows, err, NAME_ARGS(&one),
                       OL_ARG("wasm_hash", wasm_hash)));
    if (ol_rows_next(&rows)) {
        row_read(&rows, arena, ret);
        ret->is_encrypted = ol_col_bool(&rows);
    }
    return ol_rows_end(&rows, err);
}

ol_rc storage_get_version(domain *d, ol_str wasm_hash, const storage_name *name, ol_arena *arena,
                          storage_row *ret, ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc, find_version(db, wasm_hash, name, arena, ret, err));
    return rc;
}

static ol_rc list(ol_db *db, const storage_name *name, bool values, uint32_t limit, uint64_t offset,
                  ol_arena *arena, storage_row **ret, size_t *ret_count, ol_err *err)
{
    ol_rows rows;
    size_t count = 0;
    storage_row *items = ol_arena_array(arena, (size_t)limit + 1, sizeof *items);
    if (items == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    OL_TRY(ol_db_query(db, OL_SQL_STORAGE_LIST, &rows, err,
                       OL_ARG("project_uuid", name->project_uuid),
                       OL_ARG("account_id", name->account_id), OL_ARG("with_values", values),
                       OL_ARG("limit", limit), OL_ARG("offset", offset)));
    for (; count < limit && ol_rows_next(&rows); count++) {
        items[count].key_hash = ol_col_text_copy(&rows, arena);
        row_read(&rows, arena, &items[count]);
    }
    OL_TRY(ol_rows_end(&rows, err));
    *ret = items;
    *ret_count = count;
    return OL_OK;
}

ol_rc storage_list(domain *d, const storage_name *name, bool values, uint32_t limit,
                   uint64_t offset, ol_arena *arena, storage_row **ret, size_t *ret_count,
                   ol_err *err)
{
    ol_rc rc;
    OL_ASSERT(limit <= STORAGE_LIST_MAX);
    READING(d, db, rc, list(db, name, values, limit, offset, arena, ret, ret_count, err));
    return rc;
}

static ol_rc used(ol_db *db, ol_str project_uuid, ol_str account_id, storage_used *ret, ol_err *err)
{
    ol_rows rows;
    *ret = (storage_used){0};
    OL_TRY(ol_db_query(db, OL_SQL_STORAGE_USAGE_FIND, &rows, err,
                       OL_ARG("project_uuid", project_uuid), OL_ARG("account_id", account_id)));
    if (ol_rows_next(&rows)) {
        ret->total_bytes = ol_col_u64(&rows);
        ret->key_count = ol_col_u64(&rows);
    }
    return ol_rows_end(&rows, err);
}

ol_rc storage_usage(domain *d, ol_str project_uuid, ol_str account_id, storage_used *ret,
                    ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc, used(db, project_uuid, account_id, ret, err));
    return rc;
}

/* ---- Writing. */

static int64_t row_bytes(const storage_row *row)
{
    return row->exists ? (int64_t)(row->key.len + row->value.len) : 0;
}

ol_rc storage_usage_add(ol_db *db, const storage_name *name, int64_t bytes, int64_t keys,
                        ol_err *err)
{
    OL_TRY(ol_db_run(db, OL_SQL_STORAGE_USAGE_ADD, err, OL_ARG("project_uuid", name->project_uuid),
                     OL_ARG("account_id", name->account_id), OL_ARG("bytes", bytes),
                     OL_ARG("keys", keys)));
    if (keys >= 0)
        return OL_OK;
    return ol_db_run(db, OL_SQL_STORAGE_USAGE_DROP_EMPTY, err,
                     OL_ARG("project_uuid", name->project_uuid),
                     OL_ARG("account_id", name->account_id));
}

static ol_rc part_check(ol_str part, const char *what, ol_err *err)
{
    return part.len >= 1 && part.len <= STORAGE_NAME_BYTES_MAX
               ? OL_OK
               : ol_fail(err, OL_ERR_INVALID, "%s must have 1 to %d characters", what,
                         STORAGE_NAME_BYTES_MAX);
}

static ol_rc name_check(const storage_name *name, ol_err *err)
{
    OL_TRY(part_check(name->project_uuid, "project_uuid", err));
    OL_TRY(part_check(name->account_id, "account_id", err));
    return part_check(name->key_hash, "key_hash", err);
}

static ol_rc write_check(const storage_write *it, ol_err *err)
{
    OL_TRY(name_check(&it->name, err));
    OL_TRY(part_check(it->row.wasm_hash, "wasm_hash", err));
    if (it->row.key.len > STORAGE_KEY_BYTES_MAX)
        return ol_fail(err, OL_ERR_INVALID, "encrypted_key is longer than %d bytes",
                       STORAGE_KEY_BYTES_MAX);
    if (it->row.value.len > STORAGE_VALUE_BYTES_MAX)
        return ol_fail(err, OL_ERR_INVALID, "Storage value too large: %zu bytes (max %d)",
                       it->row.value.len, STORAGE_VALUE_BYTES_MAX);
    return OL_OK;
}

static bool may_write(const storage_write *it, const storage_row *there)
{
    switch (it->mode) {
    case STORAGE_SET:
        return true;
    case STORAGE_IF_ABSENT:
        return !there->exists;
    case STORAGE_IF_EQUALS:
        return there->exists && ol_bytes_eq(there->value, it->expected);
    }
    OL_UNREACHABLE();
}

static ol_rc put_run(ol_op *op, ol_db *db)
{
    storage_write *it = (storage_write *)op;
    OL_TRY(write_check(it, &op->err));
    OL_TRY(find(db, &it->name, it->arena, &it->current, &op->err));
    it->written = may_write(it, &it->current);
    if (!it->written)
        return OL_OK;
    /* A comparing write leaves the row as secret as it was. */
    bool encrypted =
        it->mode == STORAGE_IF_EQUALS ? it->current.is_encrypted : it->row.is_encrypted;
    it->row.exists = true;
    OL_TRY(ol_db_run(db, OL_SQL_STORAGE_PUT, &op->err, NAME_ARGS(&it->name),
                     OL_ARG("wasm_hash", it->row.wasm_hash), OL_ARG("encrypted_key", it->row.key),
                     OL_ARG("encrypted_value", it->row.value),
                     OL_ARG("is_encrypted", encrypted ? 1 : 0), OL_ARG("now", now_ms(op->owner))));
    return storage_usage_add(db, &it->name, row_bytes(&it->row) - row_bytes(&it->current),
                             it->current.exists ? 0 : 1, &op->err);
}

void storage_put(domain *d, storage_write *it)
{
    domain_submit(d, &it->op, put_run, true);
}

static ol_rc remove_run(ol_op *op, ol_db *db)
{
    storage_removal *it = (storage_removal *)op;
    storage_row there;
    ol_arena arena = ol_arena_new(STORAGE_VALUE_BYTES_MAX + OL_MIB(1));
    ol_rc rc = find(db, &it->name, &arena, &there, &op->err);
    int64_t bytes = row_bytes(&there);
    it->removed = rc == OL_OK && there.exists;
    ol_arena_deinit(&arena);
    OL_TRY(rc);
    if (!it->removed)
        return OL_OK;
    OL_TRY(ol_db_run(db, OL_SQL_STORAGE_DELETE, &op->err, NAME_ARGS(&it->name)));
    return storage_usage_add(db, &it->name, -bytes, -1, &op->err);
}

void storage_remove(domain *d, storage_removal *it)
{
    domain_submit(d, &it->op, remove_run, true);
}

static ol_rc version_sum(ol_db *db, const storage_name *name, ol_str wasm_hash, storage_used *ret,
                         ol_err *err)
{
    ol_rows rows;
    OL_TRY(ol_db_query(db, OL_SQL_STORAGE_VERSION_SUM, &rows, err,
                       OL_ARG("project_uuid", name->project_uuid),
                       OL_ARG("account_id", name->account_id), OL_ARG("wasm_hash", wasm_hash)));
    if (ol_rows_next(&rows)) {
        ret->total_bytes = ol_col_u64(&rows);
        ret->key_count = ol_col_u64(&rows);
    }
    return ol_rows_end(&rows, err);
}

static ol_rc clear_version(ol_db *db, const storage_clearing *it, ol_arena *arena, ol_err *err)
{
    storage_used gone = {0};
    storage_name name = it->name;
    OL_TRY(version_project(db, it->wasm_hash, &it->name, arena, &name.project_uuid, err));
    if (name.project_uuid.data == NULL)
        return OL_OK;
    OL_TRY(version_sum(db, &name, it->wasm_hash, &gone, err));
    if (gone.key_count == 0)
        return OL_OK;
    OL_TRY(ol_db_run(db, OL_SQL_STORAGE_CLEAR_VERSION, err,
                     OL_ARG("project_uuid", name.project_uuid),
                     OL_ARG("account_id", name.account_id), OL_ARG("wasm_hash", it->wasm_hash)));
    return storage_usage_add(db, &name, -(int64_t)gone.total_bytes, -(int64_t)gone.key_count, err);
}

static ol_rc clear_account(ol_db *db, const storage_name *name, ol_err *err)
{
    OL_TRY(ol_db_run(db, OL_SQL_STORAGE_CLEAR_ACCOUNT, err,
                     OL_ARG("project_uuid", name->project_uuid),
                     OL_ARG("account_id", name->account_id)));
    return ol_db_run(db, OL_SQL_STORAGE_USAGE_FORGET_ACCOUNT, err,
                     OL_ARG("project_uuid", name->project_uuid),
                     OL_ARG("account_id", name->account_id));
}

static ol_rc clear_project(ol_db *db, ol_str project_uuid, ol_err *err)
{
    OL_TRY(ol_db_run(db, OL_SQL_STORAGE_CLEAR_PROJECT, err, OL_ARG("project_uuid", project_uuid)));
    return ol_db_run(db, OL_SQL_STORAGE_USAGE_FORGET_PROJECT, err,
                     OL_ARG("project_uuid", project_uuid));
}

static ol_rc clear_run(ol_op *op, ol_db *db)
{
    enum { ARENA_BYTES = 4096 };
    const storage_clearing *it = (const storage_clearing *)op;
    ol_arena arena = ol_arena_new(ARENA_BYTES);
    ol_rc rc = OL_ERR_INTERNAL;
    switch (it->scope) {
    case STORAGE_ACCOUNT:
        rc = clear_account(db, &it->name, &op->err);
        break;
    case STORAGE_VERSION:
        rc = clear_version(db, it, &arena, &op->err);
        break;
    case STORAGE_PROJECT:
        rc = clear_project(db, it->name.project_uuid, &op->err);
        break;
    }
    ol_arena_deinit(&arena);
    return rc;
}

void storage_clear(domain *d, storage_clearing *it)
{
    domain_submit(d, &it->op, clear_run, true);
}

/* ---- The account of what is used. */

static ol_rc check(ol_db *db, ol_err *err)
{
    ol_rows rows;
    bool differs;
    OL_TRY(ol_db_query(db, OL_SQL_STORAGE_USAGE_DIFFERS, &rows, err));
    differs = ol_rows_next(&rows);
    if (differs)
        (void)ol_fail(err, OL_ERR_INTERNAL, "storage of project %.*s is not what is accounted",
                      OL_FMT(ol_col_text(&rows)));
    OL_TRY(ol_rows_end(&rows, differs ? NULL : err));
    return differs ? OL_ERR_INTERNAL : OL_OK;
}

ol_rc storage_check(domain *d, ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc, check(db, err));
    return rc;
}
