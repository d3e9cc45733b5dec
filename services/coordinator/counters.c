/* Counters of public statistics, kept as completions come (Coordinator 10). */
#include "services/coordinator/domain_state.h"
#include "services/coordinator/jobs.h"
#include "services/coordinator/proofs.h"

enum { MILLION = 1000000 };

/* Sums of NEAR pass 64 bits, so they are added here and not in SQL. */
static ol_rc near_paid_add(ol_db *db, ol_str account, ol_u128 amount, ol_err *err)
{
    ol_rows rows;
    ol_yocto sum = OL_YOCTO(0);
    OL_TRY(ol_db_query(db, OL_SQL_COUNTER_FIND, &rows, err, OL_ARG("account", account)));
    if (ol_rows_next(&rows)) {
        for (int before = 0; before < 12; before++)
            (void)ol_col_i64(&rows);
        sum = ol_col_yocto(&rows);
    }
    OL_TRY(ol_rows_end(&rows, err));
    if (!ol_yocto_add(sum, (ol_yocto){amount}, &sum))
        return OL_OK; /* a statistic that does not fit stays as it is */
    return ol_db_run(db, OL_SQL_COUNTER_NEAR_PAID, err, OL_ARG("near_paid", sum),
                     OL_ARG("account", account));
}

static ol_rc add(ol_db *db, ol_str account, const run_count *count, ol_err *err)
{
    uint64_t time_ms = count->time_ms <= UINT32_MAX ? count->time_ms : UINT32_MAX;
    bool timed = count->status == JOB_COMPLETED;
    OL_TRY(ol_db_run(db, OL_SQL_COUNTER_ADD, err, OL_ARG("account", account),
                     OL_ARG("successful", count->status == JOB_COMPLETED),
                     OL_ARG("failed", count->status == JOB_FAILED),
                     OL_ARG("access_denied", count->status == JOB_ACCESS_DENIED),
                     OL_ARG("compilation_failed", count->status == JOB_COMPILATION_FAILED),
                     OL_ARG("execution_failed", count->status == JOB_EXECUTION_FAILED),
                     OL_ARG("insufficient_payment", count->status == JOB_INSUFFICIENT_PAYMENT),
                     OL_ARG("custom", count->status == JOB_CUSTOM),
                     OL_ARG("million_instructions", count->instructions / MILLION),
                     OL_ARG("instructions_beyond", count->instructions % MILLION),
                     OL_ARG("timed", timed), OL_ARG("time_ms", timed ? time_ms : 0),
                     OL_ARG("zero", OL_YOCTO(0))));
    return count->near_paid.has ? near_paid_add(db, account, count->near_paid.value, err) : OL_OK;
}

ol_rc run_count_add(ol_db *db, const run_count *count, ol_err *err)
{
    OL_TRY(add(db, OL_STR(""), count, err));
    return count->account.len != 0 ? add(db, count->account, count, err) : OL_OK;
}

static ol_rc read_all(ol_db *db, ol_str account, run_counters *ret, uint64_t *ret_users,
                      ol_err *err)
{
    ol_rows rows;
    run_counters it = {0};
    ol_str name = account.data != NULL ? account : OL_STR("");
    OL_TRY(ol_db_query(db, OL_SQL_COUNTER_FIND, &rows, err, OL_ARG("account", name)));
    if (ol_rows_next(&rows)) {
        it.total = ol_col_u64(&rows);
        it.successful = ol_col_u64(&rows);
        it.failed = ol_col_u64(&rows);
        it.access_denied = ol_col_u64(&rows);
        it.compilation_failed = ol_col_u64(&rows);
        it.execution_failed = ol_col_u64(&rows);
        it.insufficient_payment = ol_col_u64(&rows);
        it.custom = ol_col_u64(&rows);
        it.instructions = (ol_u128)ol_col_u64(&rows) * MILLION;
        it.instructions += ol_col_u64(&rows);
        it.executions_timed = ol_col_u64(&rows);
        it.time_ms = ol_col_u64(&rows);
        it.near_paid = ol_col_yocto(&rows);
    }
    OL_TRY(ol_rows_end(&rows, err));
    OL_TRY(ol_db_query(db, OL_SQL_COUNTER_ACCOUNTS, &rows, err));
    uint64_t users = ol_rows_next(&rows) ? ol_col_u64(&rows) : 0;
    OL_TRY(ol_rows_end(&rows, err));
    *ret = it;
    *ret_users = users;
    return OL_OK;
}

ol_rc run_counters_read(domain *d, ol_str account, run_counters *ret, uint64_t *ret_users,
                        ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc, read_all(db, account, ret, ret_users, err));
    return rc;
}
