/* The invariants of Coordinator 3.1 and 14, over every row. */
#include "services/coordinator/calls.h"
#include "services/coordinator/domain_state.h"
#include "services/coordinator/payment_keys.h"

static ol_rc broken(ol_err *err, const char *rule, int64_t id)
{
    return ol_fail(err, OL_ERR_INTERNAL, "Ledger: %s (row %lld)", rule, (long long)id);
}

static ol_rc sum_column(ol_rows *rows, unsigned columns, ol_usd *ret, ol_err *err)
{
    ol_usd sum = OL_USD(0);
    bool fits = true;
    while (ol_rows_next(rows))
        for (unsigned i = 0; i < columns; i++)
            fits &= ol_usd_add(sum, ol_col_usd(rows), &sum);
    OL_TRY(ol_rows_end(rows, err));
    *ret = sum;
    return fits ? OL_OK : broken(err, "a sum does not fit", 0);
}

/* reserved = sum of the outstanding reservations, each of a pending call. */
static ol_rc reserved_check(ol_db *db, int64_t key_id, ol_usd reserved, ol_err *err)
{
    ol_rows rows;
    ol_usd sum = OL_USD(0);
    bool pending = true;
    OL_TRY(ol_db_query(db, OL_SQL_RESERVATIONS_OF_KEY, &rows, err, OL_ARG("key_id", key_id)));
    while (ol_rows_next(&rows)) {
        pending &= ol_usd_add(sum, ol_col_usd(&rows), &sum);
        pending &= !ol_col_is_null(&rows) && ol_col_i64(&rows) == CALL_PENDING;
    }
    OL_TRY(ol_rows_end(&rows, err));
    if (!pending)
        return broken(err, "a reservation without a pending call", key_id);
    return ol_usd_eq(sum, reserved) ? OL_OK : broken(err, "reserved is not the sum", key_id);
}

static ol_rc spent_check(ol_db *db, int64_t key_id, ol_usd spent, ol_err *err)
{
    ol_rows rows;
    ol_usd sum;
    OL_TRY(ol_db_query(db, OL_SQL_USAGE_AMOUNTS, &rows, err, OL_ARG("key_id", key_id)));
    OL_TRY(sum_column(&rows, 2, &sum, err));
    return ol_usd_eq(sum, spent) ? OL_OK : broken(err, "spent is not the sum of usage", key_id);
}

static ol_rc keys_check(ol_db *db, ol_err *err)
{
    ol_rows rows;
    ol_rc rc = OL_OK;
    OL_TRY(ol_db_query(db, OL_SQL_KEYS_ALL, &rows, err));
    while (rc == OL_OK && ol_rows_next(&rows)) {
        int64_t id = ol_col_i64(&rows);
        ol_usd initial = ol_col_usd(&rows);
        ol_usd spent = ol_col_usd(&rows);
        ol_usd reserved = ol_col_usd(&rows);
        ol_usd committed;
        if (!ol_usd_add(spent, reserved, &committed) || ol_usd_less(initial, committed))
            rc = broken(err, "more spent and reserved than funded", id);
        if (rc == OL_OK)
            rc = reserved_check(db, id, reserved, err);
        if (rc == OL_OK)
            rc = spent_check(db, id, spent, err);
    }
    ol_rc end = ol_rows_end(&rows, rc == OL_OK ? err : NULL);
    return rc != OL_OK ? rc : end;
}

static ol_rc nothing_found(ol_db *db, ol_sql sql, const char *rule, ol_err *err)
{
    ol_rows rows;
    int64_t id = 0;
    OL_TRY(ol_db_query(db, sql, &rows, err));
    if (ol_rows_next(&rows))
        id = ol_col_i64(&rows);
    OL_TRY(ol_rows_end(&rows, err));
    return id == 0 ? OL_OK : broken(err, rule, id);
}

/* total_earned = sum of the https rows. */
static ol_rc authors_check(ol_db *db, ol_err *err)
{
    ol_rows rows;
    ol_rc rc = OL_OK;
    int64_t row = 0;
    OL_TRY(ol_db_query(db, OL_SQL_AUTHORS_ALL, &rows, err));
    while (rc == OL_OK && ol_rows_next(&rows)) {
        ol_rows earnings;
        ol_usd sum = OL_USD(0);
        ol_str owner = ol_col_text(&rows);
        ol_usd total = ol_col_usd(&rows);
        row++;
        rc = ol_db_query(db, OL_SQL_EARNINGS_AMOUNTS, &earnings, err, OL_ARG("owner", owner));
        if (rc == OL_OK)
            rc = sum_column(&earnings, 1, &sum, err);
        if (rc == OL_OK && !ol_usd_eq(sum, total))
            rc = broken(err, "an author's total is not the sum of earnings", row);
    }
    ol_rc end = ol_rows_end(&rows, rc == OL_OK ? err : NULL);
    return rc != OL_OK ? rc : end;
}

typedef struct checking {
    ol_op op;
} checking;

/* On the writer thread, so that it sees one moment. */
static ol_rc check_run(ol_op *op, ol_db *db)
{
    OL_TRY(keys_check(db, &op->err));
    OL_TRY(nothing_found(db, OL_SQL_CALLS_PENDING_UNRESERVED,
                         "a pending call has one reservation, a settled one none", &op->err));
    OL_TRY(nothing_found(db, OL_SQL_CALLS_SETTLED_UNUSED,
                         "a settled call has one usage row, a pending one none", &op->err));
    return authors_check(db, &op->err);
}

ol_rc ledger_check(domain *d, ol_err *err)
{
    checking it = {0};
    domain_submit(d, &it.op, check_run, false);
    if (it.op.rc != OL_OK)
        *err = it.op.err;
    return it.op.rc;
}

/* ---- Figures for /metrics. */

static ol_rc sum_of_keys(ol_db *db, ledger_figures *ret, ol_err *err)
{
    ol_rows rows;
    bool fits = true;
    OL_TRY(ol_db_query(db, OL_SQL_KEYS_ALL, &rows, err));
    while (ol_rows_next(&rows)) {
        (void)ol_col_i64(&rows);
        (void)ol_col_usd(&rows);
        fits &= ol_usd_add(ret->charged, ol_col_usd(&rows), &ret->charged);
        fits &= ol_usd_add(ret->reserved, ol_col_usd(&rows), &ret->reserved);
    }
    OL_TRY(ol_rows_end(&rows, err));
    return fits ? OL_OK : broken(err, "a sum does not fit", 0);
}

static ol_rc figures(ol_db *db, ledger_figures *ret, ol_err *err)
{
    ol_rows rows;
    *ret = (ledger_figures){0};
    OL_TRY(sum_of_keys(db, ret, err));
    OL_TRY(ol_db_query(db, OL_SQL_RESERVATIONS_ALL, &rows, err));
    while (ol_rows_next(&rows))
        ret->calls_pending++;
    return ol_rows_end(&rows, err);
}

ol_rc ledger_figures_read(domain *d, ledger_figures *ret, ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc, figures(db, ret, err));
    return rc;
}
