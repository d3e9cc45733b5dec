/* Raw build and run output, for administration alone (Coordinator 11). */
#include "services/coordinator/domain_state.h"
#include "services/coordinator/proofs.h"

enum { LOGS_OF_JOB_MAX = 100 };

static ol_rc add_run(ol_op *op, ol_db *db)
{
    hidden_log *it = &((hidden_log_adding *)op)->log;
    if (it->request_id > INT64_MAX)
        return ol_fail(&op->err, OL_ERR_INVALID, "request_id out of range");
    it->created_ms = now_ms(op->owner);
    OL_TRY(
        ol_db_run(db, OL_SQL_HIDDEN_LOG_INSERT, &op->err, OL_ARG("request_id", it->request_id),
                  OL_ARG("job_id", it->job_id), OL_ARG("log_type", it->log_type),
                  OL_ARG("stderr", it->stderr_text), OL_ARG("stdout", it->stdout_text),
                  OL_ARG("execution_error", it->execution_error),
                  it->has_exit_code ? OL_ARG("exit_code", it->exit_code) : ol_arg_null("exit_code"),
                  OL_ARG("now", it->created_ms)));
    it->id = ol_db_last_id(db);
    return OL_OK;
}

void hidden_log_add(domain *d, hidden_log_adding *it)
{
    domain_submit(d, &it->op, add_run, false);
}

static ol_rc list(ol_db *db, int64_t job_id, ol_arena *arena, hidden_log **ret, size_t *ret_count,
                  ol_err *err)
{
    ol_rows rows;
    size_t count = 0;
    hidden_log *logs = ol_arena_array(arena, LOGS_OF_JOB_MAX, sizeof *logs);
    if (logs == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    OL_TRY(ol_db_query(db, OL_SQL_HIDDEN_LOGS_OF_JOB, &rows, err, OL_ARG("job_id", job_id),
                       OL_ARG("limit", (int)LOGS_OF_JOB_MAX)));
    for (; count < LOGS_OF_JOB_MAX && ol_rows_next(&rows); count++) {
        hidden_log *it = &logs[count];
        it->id = ol_col_i64(&rows);
        it->request_id = ol_col_u64(&rows);
        it->job_id = ol_col_i64(&rows);
        it->log_type = ol_col_text_copy(&rows, arena);
        it->stderr_text = ol_col_text_copy(&rows, arena);
        it->stdout_text = ol_col_text_copy(&rows, arena);
        it->execution_error = ol_col_text_copy(&rows, arena);
        it->has_exit_code = !ol_col_is_null(&rows);
        it->exit_code = ol_col_i64(&rows);
        it->created_ms = ol_col_i64(&rows);
    }
    OL_TRY(ol_rows_end(&rows, err));
    *ret = logs;
    *ret_count = count;
    return OL_OK;
}

ol_rc hidden_logs_of_job(domain *d, int64_t job_id, ol_arena *arena, hidden_log **ret,
                         size_t *ret_count, ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc, list(db, job_id, arena, ret, ret_count, err));
    return rc;
}
