/* Reading calls. */
#include "services/coordinator/calls.h"

#include "services/coordinator/domain_state.h"
#include "services/coordinator/settlement.h"

static ol_rc answer_take(ol_rows *rows, ol_arena *arena, call_answer *ret, int64_t *ret_key_id,
                         ol_err *err)
{
    ol_uuid call_id = {0};
    call_answer it = {0};
    int64_t key_id = 0;
    bool found = ol_rows_next(rows);
    if (found) {
        key_id = ol_col_i64(rows);
        (void)ol_col_blob_fixed(rows, call_id.bytes, sizeof call_id.bytes);
        it.call_id = ol_uuid_format(call_id);
        it.status = (call_status)ol_col_i64(rows);
        it.expired = ol_col_bool(rows);
        ol_opt_u128 cost = ol_col_opt_u128(rows);
        it.has_cost = cost.has;
        it.compute_cost = (ol_usd){cost.value};
        it.instructions = ol_col_u64(rows);
        it.time_ms = ol_col_u64(rows);
        it.job_id = ol_col_i64(rows);
        it.error = ol_col_text_copy(rows, arena);
        it.output_json = ol_col_text_copy(rows, arena);
    }
    OL_TRY(ol_rows_end(rows, err));
    if (!found)
        return ol_fail(err, OL_ERR_NOT_FOUND, "Call not found");
    *ret = it;
    *ret_key_id = key_id;
    return OL_OK;
}

ol_rc call_answer_by_id(ol_db *db, int64_t id, ol_arena *arena, call_answer *ret,
                        int64_t *ret_key_id, ol_err *err)
{
    ol_rows rows;
    OL_TRY(ol_db_query(db, OL_SQL_CALL_ANSWER_BY_ID, &rows, err, OL_ARG("id", id)));
    return answer_take(&rows, arena, ret, ret_key_id, err);
}

static ol_rc answer_find(ol_db *db, ol_uuid call_id, ol_arena *arena, call_answer *ret,
                         int64_t *ret_key_id, ol_err *err)
{
    ol_rows rows;
    const ol_bytes id = {call_id.bytes, sizeof call_id.bytes};
    OL_TRY(ol_db_query(db, OL_SQL_CALL_ANSWER, &rows, err, OL_ARG("call_id", id)));
    return answer_take(&rows, arena, ret, ret_key_id, err);
}

ol_rc call_find(domain *d, const payment_key_row *key, ol_uuid call_id, ol_arena *arena,
                call_answer *ret, ol_err *err)
{
    call_answer it;
    int64_t key_id = 0;
    ol_rc rc;
    READING(d, db, rc, answer_find(db, call_id, arena, &it, &key_id, err));
    OL_TRY(rc);
    if (key_id != key->id)
        return ol_fail(err, OL_ERR_PAYMENT_KEY, "Invalid payment key");
    *ret = it;
    return OL_OK;
}
