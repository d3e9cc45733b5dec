/* Counters of public statistics, kept as completions come (Coordinator 10). */
#include "services/coordinator/domain_state.h"
#include "services/coordinator/jobs.h"
#include "services/coordinator/proofs.h"

enum { MILLION = 1000000 };

/* The same counters are kept in two tables. */
typedef struct counter_table {
    ol_sql add;
    ol_sql find;
    ol_sql near_paid;
} counter_table;
static const counter_table OF_ACCOUNTS = {OL_SQL_COUNTER_ADD, OL_SQL_COUNTER_FIND,
                                          OL_SQL_COUNTER_NEAR_PAID};
static const counter_table OF_REPOS = {OL_SQL_REPO_COUNTER_ADD, OL_SQL_REPO_COUNTER_FIND,
                                       OL_SQL_REPO_COUNTER_NEAR_PAID};

static void row_read(ol_rows *rows, run_counters *it)
{
    it->total = ol_col_u64(rows);
    it->successful = ol_col_u64(rows);
    it->failed = ol_col_u64(rows);
    it->access_denied = ol_col_u64(rows);
    it->compilation_failed = ol_col_u64(rows);
    it->execution_failed = ol_col_u64(rows);
    it->insufficient_payment = ol_col_u64(rows);
    it->custom = ol_col_u64(rows);
    it->instructions = (ol_u128)ol_col_u64(rows) * MILLION;
    it->instructions += ol_col_u64(rows);
    it->executions_timed = ol_col_u64(rows);
    it->time_ms = ol_col_u64(rows);
    it->near_paid = ol_col_yocto(rows);
}

static ol_rc find(ol_db *db, ol_sql sql, ol_str name, run_counters *ret, ol_err *err)
{
    ol_rows rows;
    *ret = (run_counters){0};
    OL_TRY(ol_db_query(db, sql, &rows, err, OL_ARG("account", name)));
    if (ol_rows_next(&rows))
        row_read(&rows, ret);
    return ol_rows_end(&rows, err);
}

/* Sums of NEAR pass 64 bits, so they are added here and not in SQL. */
static ol_rc near_paid_add(ol_db *db, const counter_table *table, ol_str name, ol_u128 amount,
                           ol_err *err)
{
    run_counters now;
    ol_yocto sum;
    OL_TRY(find(db, table->find, name, &now, err));
    if (!ol_yocto_add(now.near_paid, (ol_yocto){amount}, &sum))
        return OL_OK; /* a statistic that does not fit stays as it is */
    return ol_db_run(db, table->near_paid, err, OL_ARG("near_paid", sum), OL_ARG("account", name));
}

static ol_rc add(ol_db *db, const counter_table *table, ol_str name, const run_count *count,
                 ol_err *err)
{
    uint64_t time_ms = count->time_ms <= UINT32_MAX ? count->time_ms : UINT32_MAX;
    bool timed = count->status == JOB_COMPLETED;
    OL_TRY(ol_db_run(db, table->add, err, OL_ARG("account", name),
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
    return count->near_paid.has ? near_paid_add(db, table, name, count->near_paid.value, err)
                                : OL_OK;
}

ol_rc run_count_add(ol_db *db, const run_count *count, ol_err *err)
{
    OL_TRY(add(db, &OF_ACCOUNTS, OL_STR(""), count, err));
    if (count->account.len != 0)
        OL_TRY(add(db, &OF_ACCOUNTS, count->account, count, err));
    if (count->repo.len == 0)
        return OL_OK;
    OL_TRY(add(db, &OF_REPOS, count->repo, count, err));
    return ol_db_run(db, OL_SQL_REPO_COUNTER_COMMIT, err, OL_ARG("commit", count->commit),
                     OL_ARG("repo", count->repo));
}

static ol_rc read_all(ol_db *db, ol_str account, run_counters *ret, uint64_t *ret_users,
                      ol_err *err)
{
    ol_rows rows;
    run_counters it;
    OL_TRY(find(db, OL_SQL_COUNTER_FIND, account.data != NULL ? account : OL_STR(""), &it, err));
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

/* ---- Popular repositories. */

static ol_rc popular(ol_db *db, ol_arena *arena, repo_counters *list, size_t *ret_count,
                     ol_err *err)
{
    ol_rows rows;
    size_t count = 0;
    OL_TRY(ol_db_query(db, OL_SQL_REPOS_POPULAR, &rows, err, OL_ARG("limit", (int)REPOS_POPULAR)));
    for (; count < REPOS_POPULAR && ol_rows_next(&rows); count++) {
        list[count].repo = ol_col_text_copy(&rows, arena);
        list[count].last_commit = ol_col_text_copy(&rows, arena);
        row_read(&rows, &list[count].runs);
    }
    OL_TRY(ol_rows_end(&rows, err));
    *ret_count = count;
    return OL_OK;
}

ol_rc repos_popular(domain *d, ol_arena *arena, repo_counters list[static REPOS_POPULAR],
                    size_t *ret_count, ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc, popular(db, arena, list, ret_count, err));
    return rc;
}
