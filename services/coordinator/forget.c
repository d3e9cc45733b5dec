/* Rows lie in the order of their making, so forgetting walks from the oldest on, a bounded stretch
 * at a time, and remembers how far it came: nobody scans what was forgotten before. */
#include "services/coordinator/forget.h"

#include "services/coordinator/domain_state.h"

enum {
    FORGET_CALLS_DAYS = 30, /* Coordinator 12; of tasks too, longer than they are known (3.4) */
    FORGET_LOGS_DAYS = 7,   /* Coordinator 12 */
    STRETCH_ROWS = 4096,    /* a few milliseconds of the writer's time */
};

static int64_t days_ago(const domain *d, int days)
{
    return now_ms(d) - days * INT64_C(86400) * SECOND_MS;
}

/* The first row behind `after`; *ret_id 0: none, or it is not old enough. */
static ol_rc next_old(ol_db *db, ol_sql sql, int64_t after, int64_t before_ms, int64_t *ret_id,
                      ol_err *err)
{
    ol_rows rows;
    *ret_id = 0;
    OL_TRY(ol_db_query(db, sql, &rows, err, OL_ARG("after", after)));
    if (ol_rows_next(&rows)) {
        int64_t id = ol_col_i64(&rows);
        *ret_id = ol_col_i64(&rows) < before_ms ? id : 0;
    }
    return ol_rows_end(&rows, err);
}

typedef struct walk {
    ol_sql next;
    ol_sql forget;
    int64_t *at;
} walk;

static ol_rc stretch_forget(domain *d, ol_db *db, const walk *it, bool *ret_again, ol_err *err)
{
    int64_t first;
    int64_t before = days_ago(d, FORGET_CALLS_DAYS);
    OL_TRY(next_old(db, it->next, *it->at, before, &first, err));
    if (first == 0)
        return OL_OK;
    int64_t upto = first + STRETCH_ROWS;
    OL_TRY(ol_db_run(db, it->forget, err, OL_ARG("after", *it->at), OL_ARG("upto", upto),
                     OL_ARG("before", before)));
    OL_TRY(next_old(db, it->next, upto, before, &first, err));
    *ret_again |= first != 0;
    if (first != 0)
        *it->at = upto; /* the last stretch is not all old: it is walked again next time */
    return OL_OK;
}

ol_rc forget_old(domain *d, ol_db *db, bool *ret_again, ol_err *err)
{
    const walk calls = {OL_SQL_CALL_AFTER, OL_SQL_CALLS_FORGET, &d->forgotten_calls};
    const walk tasks = {OL_SQL_REQUEST_AFTER, OL_SQL_TASKS_FORGET, &d->forgotten_requests};
    const walk system = {OL_SQL_SYSTEM_TASK_AFTER, OL_SQL_SYSTEM_TASKS_FORGET,
                         &d->forgotten_system_tasks};
    OL_TRY(ol_db_run(db, OL_SQL_IDEMPOTENCY_PURGE, err, OL_ARG("now", now_ms(d))));
    OL_TRY(ol_db_run(db, OL_SQL_HIDDEN_LOGS_PURGE, err,
                     OL_ARG("before", days_ago(d, FORGET_LOGS_DAYS))));
    OL_TRY(stretch_forget(d, db, &calls, ret_again, err));
    OL_TRY(stretch_forget(d, db, &system, ret_again, err));
    return stretch_forget(d, db, &tasks, ret_again, err);
}
