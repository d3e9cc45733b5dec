#include "services/coordinator/job_list.h"

#include "services/coordinator/domain_state.h"
#include "services/coordinator/jobs.h"

static const char *status_name(job_status status)
{
    switch (status) {
    case JOB_COMPLETED:
        return "completed";
    case JOB_COMPILATION_FAILED:
        return "compilation_failed";
    case JOB_EXECUTION_FAILED:
        return "execution_failed";
    case JOB_ACCESS_DENIED:
        return "access_denied";
    case JOB_INSUFFICIENT_PAYMENT:
        return "insufficient_payment";
    case JOB_CUSTOM:
        return "custom";
    case JOB_LIVE: /* never in the history */
    case JOB_LOST:
    case JOB_FAILED:
        return "failed";
    }
    OL_UNREACHABLE();
}

static void row_read(ol_rows *rows, ol_arena *arena, listed_job *it)
{
    it->id = ol_col_i64(rows);
    it->job_id = ol_col_i64(rows);
    job_status status = (job_status)ol_col_i64(rows);
    it->success = status == JOB_COMPLETED;
    it->status = status_name(status);
    it->time_ms = ol_col_u64(rows);
    it->instructions = ol_col_u64(rows);
    it->cost = ol_col_opt_u128(rows);
    it->error = ol_col_text_copy(rows, arena);
    it->created_ms = ol_col_i64(rows);
    it->is_call = ol_col_bool(rows);
    it->account = ol_col_text_copy(rows, arena);
    it->kind = (ol_job_kind)ol_col_i64(rows);
    it->worker_id = ol_col_text_copy(rows, arena);
    it->request_id = ol_col_u64(rows);
    it->data_id = ol_col_text_copy(rows, arena);
    it->near_payment = ol_col_opt_u128(rows);
    it->transaction_hash = ol_col_text_copy(rows, arena);
    it->repo = ol_col_text_copy(rows, arena);
    it->commit = ol_col_text_copy(rows, arena);
    it->project_id = ol_col_text_copy(rows, arena);
    it->compute_cost = ol_col_opt_u128(rows);
    it->resolve_tx = ol_col_text_copy(rows, arena);
}

static ol_rc list_read(ol_db *db, const job_list_ask *ask, ol_arena *arena, listed_job **ret,
                       size_t *ret_count, ol_err *err)
{
    ol_rows rows;
    size_t count = 0;
    uint64_t limit = ask->limit < JOB_LIST_ROWS_MAX ? ask->limit : JOB_LIST_ROWS_MAX;
    uint64_t offset = ask->offset < JOB_LIST_WINDOW ? ask->offset : JOB_LIST_WINDOW;
    listed_job *list = ol_arena_array(arena, limit + 1, sizeof *list);
    if (list == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    OL_TRY(ol_db_query(db, OL_SQL_HISTORY_PAGE, &rows, err, OL_ARG("window", (int)JOB_LIST_WINDOW),
                       OL_ARG("account", ask->account),
                       ask->source == JOBS_ANY ? ol_arg_null("is_call")
                                               : OL_ARG("is_call", ask->source == JOBS_HTTPS),
                       OL_ARG("limit", limit), OL_ARG("offset", offset)));
    for (; count < limit && ol_rows_next(&rows); count++)
        row_read(&rows, arena, &list[count]);
    OL_TRY(ol_rows_end(&rows, err));
    *ret = list;
    *ret_count = count;
    return OL_OK;
}

ol_rc job_list(domain *d, const job_list_ask *ask, ol_arena *arena, listed_job **ret,
               size_t *ret_count, ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc, list_read(db, ask, arena, ret, ret_count, err));
    return rc;
}
