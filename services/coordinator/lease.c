/* Leases that ended without a report (Coordinator 4.3). */
#include "services/coordinator/domain_state.h"
#include "services/coordinator/jobs.h"

typedef struct lost_lease {
    int64_t job;
    int64_t request;
    ol_job_kind kind;
} lost_lease;

/* A compile may be tried again; its errors are its own. */
static ol_rc compile_lost(domain *d, ol_db *db, request_row *row, ol_err *err)
{
    if (row->compile_attempts >= COMPILE_ATTEMPTS_MAX) {
        const compile_end end = {.error = OL_STR("Compilation was lost with its worker")};
        return compile_ended(d, db, row, &end, err);
    }
    OL_TRY(request_move(db, row, EV_LEASE_LOST, err));
    OL_TRY(request_enqueue(d, db, row, err));
    return compile_unpark(d, db, row, err);
}

/* A run may have had effects outside, so a call is never run twice. A chain request is, once, while
 * nobody can have cancelled it on the contract. */
static ol_rc execute_lost(domain *d, ol_db *db, request_row *row, ol_err *err)
{
    int64_t age_ms = now_ms(d) - row->created_ms;
    if (row->is_call)
        return request_fail_call(d, db, row, EV_CLOSED,
                                 OL_STR("Execution was lost with its worker"), err);
    if (row->execute_attempts > 1 || age_ms >= (int64_t)EXECUTE_RETRY_AGE_SECONDS * SECOND_MS)
        return request_move(db, row, EV_LEASE_LOST, err);
    OL_TRY(request_move(db, row, EV_RETRIED, err));
    return request_enqueue(d, db, row, err);
}

static ol_rc lose(domain *d, ol_db *db, const lost_lease *lease, ol_err *err)
{
    request_row row;
    OL_TRY(ol_db_run(db, OL_SQL_JOB_FINISH, err, OL_ARG("to", (int)JOB_LOST),
                     ol_arg_null("checksum"), OL_ARG("id", lease->job),
                     OL_ARG("from", (int)JOB_LIVE)));
    OL_TRY(ol_db_run(db, OL_SQL_LEASE_DELETE, err, OL_ARG("request", lease->request),
                     OL_ARG("kind", (int)lease->kind), OL_ARG("job", lease->job)));
    atomic_fetch_add(&d->leases_lost, 1);
    OL_TRY(request_by_id(db, lease->request, &row, NULL, NULL, err));
    if (row.state == COMPILING && lease->kind == OL_JOB_COMPILE)
        return compile_lost(d, db, &row, err);
    if (row.state == EXECUTING && lease->kind == OL_JOB_EXECUTE)
        return execute_lost(d, db, &row, err);
    return OL_OK; /* the request went on without it */
}

ol_rc leases_sweep(domain *d, ol_db *db, uint64_t *ret_count, ol_err *err)
{
    ol_rows rows;
    lost_lease lost[SWEEP_ROWS_MAX];
    uint64_t count = 0;
    int64_t now = now_ms(d);
    int64_t silent_since = now - (int64_t)d->settings.silent_seconds * SECOND_MS;
    int64_t pulse_since = now - (int64_t)d->settings.pulse_seconds * SECOND_MS;
    OL_TRY(ol_db_query(db, OL_SQL_LEASES_LOST, &rows, err, OL_ARG("now", now),
                       OL_ARG("listening_since", d->listening_ms),
                       OL_ARG("silent_since", silent_since), OL_ARG("pulse_since", pulse_since),
                       OL_ARG("limit", (int)SWEEP_ROWS_MAX)));
    for (; count < SWEEP_ROWS_MAX && ol_rows_next(&rows); count++) {
        lost[count].job = ol_col_i64(&rows);
        lost[count].request = ol_col_i64(&rows);
        lost[count].kind = (ol_job_kind)ol_col_i64(&rows);
    }
    OL_TRY(ol_rows_end(&rows, err));
    for (uint64_t i = 0; i < count; i++)
        OL_TRY(lose(d, db, &lost[i], err));
    *ret_count = count;
    return OL_OK;
}
