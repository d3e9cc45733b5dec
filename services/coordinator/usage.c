/* What was used and earned, read page by page (Coordinator 10, 11). */
#include "services/coordinator/domain_state.h"
#include "services/coordinator/payment_keys.h"

enum { PAGE_ROWS_MAX = 100, GRANT_KEYS_MAX = 1000 };

static uint64_t page_rows(uint64_t limit)
{
    return limit < PAGE_ROWS_MAX ? limit : PAGE_ROWS_MAX;
}

static uint64_t page_offset(uint64_t offset)
{
    return offset <= INT64_MAX ? offset : INT64_MAX;
}

static ol_rc no_memory(ol_err *err)
{
    return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
}

/* ---- Usage of a key. */

static ol_rc usage_page(ol_db *db, int64_t key_id, uint64_t offset, uint64_t limit, ol_arena *arena,
                        usage_row **ret, size_t *ret_count, ol_err *err)
{
    ol_rows rows;
    size_t count = 0;
    usage_row *list = ol_arena_array(arena, limit + 1, sizeof *list);
    if (list == NULL)
        return no_memory(err);
    OL_TRY(ol_db_query(db, OL_SQL_USAGE_PAGE, &rows, err, OL_ARG("key_id", key_id),
                       OL_ARG("limit", limit), OL_ARG("offset", offset)));
    for (; count < limit && ol_rows_next(&rows); count++) {
        usage_row *it = &list[count];
        ol_uuid call_id = {0};
        it->id = ol_col_i64(&rows);
        (void)ol_col_blob_fixed(&rows, call_id.bytes, sizeof call_id.bytes);
        it->call_id = ol_uuid_format(call_id);
        it->job_id = ol_col_i64(&rows);
        it->project_id = ol_col_text_copy(&rows, arena);
        it->compute_cost = ol_col_usd(&rows);
        it->attached_deposit = ol_col_usd(&rows);
        it->status = (call_status)ol_col_i64(&rows);
        it->created_ms = ol_col_i64(&rows);
    }
    OL_TRY(ol_rows_end(&rows, err));
    *ret = list;
    *ret_count = count;
    return OL_OK;
}

static ol_rc usage_read(ol_db *db, ol_str owner, uint32_t nonce, uint64_t offset, uint64_t limit,
                        ol_arena *arena, usage_row **ret, size_t *ret_count, uint64_t *ret_total,
                        ol_err *err)
{
    stored_key key;
    bool found;
    ol_rows rows;
    *ret_count = 0;
    *ret_total = 0;
    OL_TRY(stored_key_find(db, owner, nonce, arena, &key, &found, err));
    if (!found)
        return OL_OK;
    OL_TRY(ol_db_query(db, OL_SQL_USAGE_COUNT, &rows, err, OL_ARG("key_id", key.row.id)));
    if (ol_rows_next(&rows))
        *ret_total = ol_col_u64(&rows);
    OL_TRY(ol_rows_end(&rows, err));
    return usage_page(db, key.row.id, page_offset(offset), page_rows(limit), arena, ret, ret_count,
                      err);
}

ol_rc usage_list(domain *d, ol_str owner, uint32_t nonce, uint64_t offset, uint64_t limit,
                 ol_arena *arena, usage_row **ret, size_t *ret_count, uint64_t *ret_total,
                 ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc,
            usage_read(db, owner, nonce, offset, limit, arena, ret, ret_count, ret_total, err));
    return rc;
}

/* ---- Authors. */

static ol_rc author_read(ol_db *db, ol_str owner, author_balance *ret, ol_err *err)
{
    ol_rows rows;
    author_balance it = {0};
    OL_TRY(ol_db_query(db, OL_SQL_AUTHOR_FIND, &rows, err, OL_ARG("owner", owner)));
    if (ol_rows_next(&rows)) {
        it.balance = ol_col_usd(&rows);
        it.total_earned = ol_col_usd(&rows);
        it.updated_ms = ol_col_i64(&rows);
    }
    OL_TRY(ol_rows_end(&rows, err));
    *ret = it;
    return OL_OK;
}

ol_rc author_balance_find(domain *d, ol_str owner, author_balance *ret, ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc, author_read(db, owner, ret, err));
    return rc;
}

static void earning_read(ol_rows *rows, ol_arena *arena, earnings_row *it)
{
    it->id = ol_col_i64(rows);
    it->project_id = ol_col_text_copy(rows, arena);
    it->attached_usd = ol_col_usd(rows);
    it->refund_usd = ol_col_usd(rows);
    it->amount = ol_col_usd(rows);
    it->source = (earnings_source)ol_col_i64(rows);
    it->transaction_hash = ol_col_text_copy(rows, arena);
    it->caller = ol_col_text_copy(rows, arena);
    it->request_id = ol_col_opt_u64(rows);
    it->call_id = ol_col_text_copy(rows, arena);
    it->payment_key_owner = ol_col_text_copy(rows, arena);
    it->payment_key_nonce = ol_col_opt_u64(rows);
    it->created_ms = ol_col_i64(rows);
}

static ol_rc earnings_read(ol_db *db, ol_str owner, earnings_source source, uint64_t offset,
                           uint64_t limit, ol_arena *arena, earnings_row **ret, size_t *ret_count,
                           uint64_t *ret_total, ol_err *err)
{
    ol_rows rows;
    size_t count = 0;
    uint64_t most = page_rows(limit);
    earnings_row *list = ol_arena_array(arena, most + 1, sizeof *list);
    if (list == NULL)
        return no_memory(err);
    OL_TRY(ol_db_query(db, OL_SQL_EARNINGS_PAGE, &rows, err, OL_ARG("owner", owner),
                       OL_ARG("source", (int)source), OL_ARG("limit", most),
                       OL_ARG("offset", page_offset(offset))));
    for (; count < most && ol_rows_next(&rows); count++)
        earning_read(&rows, arena, &list[count]);
    OL_TRY(ol_rows_end(&rows, err));
    OL_TRY(ol_db_query(db, OL_SQL_EARNINGS_COUNT, &rows, err, OL_ARG("owner", owner),
                       OL_ARG("source", (int)source)));
    *ret_total = ol_rows_next(&rows) ? ol_col_u64(&rows) : 0;
    OL_TRY(ol_rows_end(&rows, err));
    *ret = list;
    *ret_count = count;
    return OL_OK;
}

ol_rc earnings_list(domain *d, ol_str owner, earnings_source source, uint64_t offset,
                    uint64_t limit, ol_arena *arena, earnings_row **ret, size_t *ret_count,
                    uint64_t *ret_total, ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc,
            earnings_read(db, owner, source, offset, limit, arena, ret, ret_count, ret_total, err));
    return rc;
}

/* ---- Grant keys. */

static ol_rc grants_read(ol_db *db, ol_arena *arena, payment_key_row **ret, size_t *ret_count,
                         ol_err *err)
{
    ol_rows rows;
    size_t count = 0;
    payment_key_row *list = ol_arena_array(arena, GRANT_KEYS_MAX, sizeof *list);
    if (list == NULL)
        return no_memory(err);
    OL_TRY(ol_db_query(db, OL_SQL_GRANT_KEYS, &rows, err, OL_ARG("limit", (int)GRANT_KEYS_MAX)));
    for (; count < GRANT_KEYS_MAX && ol_rows_next(&rows); count++) {
        payment_key_row *it = &list[count];
        it->id = ol_col_i64(&rows);
        it->owner = ol_col_text_copy(&rows, arena);
        it->nonce = (uint32_t)ol_col_u64(&rows);
        it->initial_balance = ol_col_usd(&rows);
        it->spent = ol_col_usd(&rows);
        it->reserved = ol_col_usd(&rows);
        it->scopes_json = ol_col_text_copy(&rows, arena);
        it->max_per_call = ol_col_usd(&rows);
        it->is_grant = true;
        it->created_ms = ol_col_i64(&rows);
        it->last_used_ms = ol_col_i64(&rows);
    }
    OL_TRY(ol_rows_end(&rows, err));
    *ret = list;
    *ret_count = count;
    return OL_OK;
}

ol_rc grant_keys_list(domain *d, ol_arena *arena, payment_key_row **ret, size_t *ret_count,
                      ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc, grants_read(db, arena, ret, ret_count, err));
    return rc;
}
