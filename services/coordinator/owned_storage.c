#include "services/coordinator/owned_storage.h"

#include "services/coordinator/domain_state.h"

/* ---- nonces */

/* Looked at again here: what has ended may be forgotten by now. */
static ol_rc nonce_take(domain *d, ol_db *db, const signed_nonce *it, ol_err *err)
{
    uint64_t taken;
    if (it->expires_ms <= now_ms(d))
        return ol_fail(err, OL_ERR_UNAUTHORIZED, "The signature has expired");
    OL_TRY(ol_db_change(db, OL_SQL_SIGNED_NONCE_TAKE, &taken, err,
                        OL_ARG("account_id", it->account_id), OL_ARG("nonce", it->nonce),
                        OL_ARG("expires", it->expires_ms)));
    return taken == 1 ? OL_OK : ol_fail(err, OL_ERR_UNAUTHORIZED, "Nonce already used");
}

static ol_rc nonce_run(ol_op *op, ol_db *db)
{
    return nonce_take(op->owner, db, &((signed_nonce_use *)op)->nonce, &op->err);
}

void signed_nonce_take(domain *d, signed_nonce_use *it)
{
    domain_submit(d, &it->op, nonce_run, true);
}

/* ---- removing */

/* Behind every name there is. */
#define LAST OL_STR("\xF4\x8F\xBF\xBF")

#define ROWS_ARGS(rows)                                                                            \
    OL_ARG("project_uuid", (rows)->name.project_uuid),                                             \
        OL_ARG("account_id", (rows)->name.account_id), OL_ARG("first", first),                     \
        OL_ARG("last", last), OL_ARG("only_public", (rows)->only_public ? 1 : 0)

static ol_rc sum(ol_db *db, const owned_rows *it, ol_str first, ol_str last, storage_used *ret,
                 ol_err *err)
{
    ol_rows rows;
    *ret = (storage_used){0};
    OL_TRY(ol_db_query(db, OL_SQL_STORAGE_OWNED_SUM, &rows, err, ROWS_ARGS(it)));
    if (ol_rows_next(&rows)) {
        ret->total_bytes = ol_col_u64(&rows);
        ret->key_count = ol_col_u64(&rows);
    }
    return ol_rows_end(&rows, err);
}

static ol_rc remove_run(ol_op *op, ol_db *db)
{
    owned_removal *it = (owned_removal *)op;
    bool one = it->rows.name.key_hash.data != NULL;
    ol_str first = one ? it->rows.name.key_hash : OL_STR("");
    ol_str last = one ? first : LAST;
    OL_TRY(nonce_take(op->owner, db, &it->nonce, &op->err));
    OL_TRY(sum(db, &it->rows, first, last, &it->removed, &op->err));
    if (it->removed.key_count == 0)
        return OL_OK; /* not a failure, which would give the nonce back */
    OL_TRY(ol_db_run(db, OL_SQL_STORAGE_OWNED_DELETE, &op->err, ROWS_ARGS(&it->rows)));
    return storage_usage_add(db, &it->rows.name, -(int64_t)it->removed.total_bytes,
                             -(int64_t)it->removed.key_count, &op->err);
}

void owned_remove(domain *d, owned_removal *it)
{
    domain_submit(d, &it->op, remove_run, true);
}

/* ---- pages */

/* Absent is the first page, not NULL, which nothing is behind. */
static ol_str after_of(const owned_page *page)
{
    return page->after.data != NULL ? page->after : OL_STR("");
}

static ol_rc row_list(ol_db *db, const owned_rows *which, const owned_page *page, ol_arena *arena,
                      owned_row **ret, size_t *ret_count, bool *ret_more, ol_err *err)
{
    ol_rows rows;
    size_t count = 0;
    owned_row *items = ol_arena_array(arena, (size_t)page->limit + 1, sizeof *items);
    if (items == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    OL_TRY(ol_db_query(
        db, OL_SQL_STORAGE_OWNED_LIST, &rows, err, OL_ARG("project_uuid", which->name.project_uuid),
        OL_ARG("account_id", which->name.account_id), OL_ARG("after", after_of(page)),
        OL_ARG("only_public", which->only_public ? 1 : 0),
        OL_ARG("prefix_bytes", (int64_t)page->prefix.len), OL_ARG("prefix", page->prefix),
        OL_ARG("limit", page->limit + 1)));
    for (; count <= page->limit && ol_rows_next(&rows); count++) {
        owned_row *row = &items[count];
        row->key_hash = ol_col_text_copy(&rows, arena);
        rows.bad = !ol_arena_copy_bytes(arena, ol_col_blob(&rows), &row->key) || rows.bad;
        row->size_bytes = ol_col_u64(&rows);
        row->wasm_hash = ol_col_text_copy(&rows, arena);
        row->is_encrypted = ol_col_bool(&rows);
        row->updated_ms = ol_col_i64(&rows);
    }
    OL_TRY(ol_rows_end(&rows, err));
    *ret_more = count > page->limit;
    *ret_count = *ret_more ? page->limit : count;
    *ret = items;
    return OL_OK;
}

ol_rc owned_list(domain *d, const owned_rows *rows, const owned_page *page, ol_arena *arena,
                 owned_row **ret, size_t *ret_count, bool *ret_more, ol_err *err)
{
    ol_rc rc;
    OL_ASSERT(page->limit > 0 && page->limit <= STORAGE_LIST_MAX);
    READING(d, db, rc, row_list(db, rows, page, arena, ret, ret_count, ret_more, err));
    return rc;
}

/* ---- usage */

static ol_rc total(ol_db *db, ol_str project_uuid, storage_used *ret, ol_err *err)
{
    ol_rows rows;
    *ret = (storage_used){0};
    OL_TRY(ol_db_query(db, OL_SQL_STORAGE_USAGE_PROJECT, &rows, err,
                       OL_ARG("project_uuid", project_uuid)));
    if (ol_rows_next(&rows)) {
        ret->total_bytes = ol_col_u64(&rows);
        ret->key_count = ol_col_u64(&rows);
    }
    return ol_rows_end(&rows, err);
}

ol_rc owned_usage_total(domain *d, ol_str project_uuid, storage_used *ret, ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc, total(db, project_uuid, ret, err));
    return rc;
}

static ol_rc usage_list(ol_db *db, ol_str project_uuid, const owned_page *page, ol_arena *arena,
                        owned_usage **ret, size_t *ret_count, bool *ret_more, ol_err *err)
{
    ol_rows rows;
    size_t count = 0;
    owned_usage *items = ol_arena_array(arena, (size_t)page->limit + 1, sizeof *items);
    if (items == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    OL_TRY(ol_db_query(db, OL_SQL_STORAGE_USAGE_ACCOUNTS, &rows, err,
                       OL_ARG("project_uuid", project_uuid), OL_ARG("after", after_of(page)),
                       OL_ARG("limit", page->limit + 1)));
    for (; count <= page->limit && ol_rows_next(&rows); count++) {
        items[count].account_id = ol_col_text_copy(&rows, arena);
        items[count].used.total_bytes = ol_col_u64(&rows);
        items[count].used.key_count = ol_col_u64(&rows);
    }
    OL_TRY(ol_rows_end(&rows, err));
    *ret_more = count > page->limit;
    *ret_count = *ret_more ? page->limit : count;
    *ret = items;
    return OL_OK;
}

ol_rc owned_usage_list(domain *d, ol_str project_uuid, const owned_page *page, ol_arena *arena,
                       owned_usage **ret, size_t *ret_count, bool *ret_more, ol_err *err)
{
    ol_rc rc;
    OL_ASSERT(page->limit > 0 && page->limit <= STORAGE_LIST_MAX);
    READING(d, db, rc, usage_list(db, project_uuid, page, arena, ret, ret_count, ret_more, err));
    return rc;
}
