/* Background work by one timer (Coordinator 12): it sleeps until the next call's deadline, at most
 * sweep_ms, and then does whatever is due in one operation of the store. */
#include <errno.h>
#include <time.h>

#include "lib/base/log.h"

#include "services/coordinator/domain_state.h"
#include "services/coordinator/forget.h"
#include "services/coordinator/jobs.h"
#include "services/coordinator/wasm_evict.h"
#include "services/coordinator/workers.h"

enum {
    RETENTION_HOURS = 6,          /* Coordinator 12: how often */
    CHALLENGE_GRACE_SECONDS = 60, /* so that a late one is told apart from an unknown one */
    ROUNDS_MAX = 1000,
};

typedef struct sweep {
    ol_op op;
    bool retention;           /* in */
    bool again;               /* out: more is due than one transaction takes */
    int64_t next_deadline_ms; /* out */
} sweep;

/* ---- One round, on the writer thread. */

static ol_rc calls_sweep(domain *d, ol_db *db, uint64_t *ret_count, ol_err *err)
{
    ol_rows rows;
    int64_t due[SWEEP_ROWS_MAX];
    uint64_t count = 0;
    OL_TRY(ol_db_query(db, OL_SQL_RESERVATIONS_DUE, &rows, err, OL_ARG("now", now_ms(d)),
                       OL_ARG("limit", (int)SWEEP_ROWS_MAX)));
    while (count < SWEEP_ROWS_MAX && ol_rows_next(&rows))
        due[count++] = ol_col_i64(&rows);
    OL_TRY(ol_rows_end(&rows, err));
    for (uint64_t i = 0; i < count; i++)
        OL_TRY(call_expire_by_id(d, db, due[i], err));
    *ret_count = count;
    return OL_OK;
}

static ol_rc next_deadline(ol_db *db, int64_t *ret, ol_err *err)
{
    ol_rows rows;
    *ret = INT64_MAX;
    OL_TRY(ol_db_query(db, OL_SQL_RESERVATION_NEXT, &rows, err));
    if (ol_rows_next(&rows) && !ol_col_is_null(&rows))
        *ret = ol_col_i64(&rows);
    return ol_rows_end(&rows, err);
}

static ol_rc count(ol_db *db, ol_sql sql, ol_args args, int64_t *ret, ol_err *err)
{
    ol_rows rows;
    OL_TRY(ol_db_query_args(db, sql, args, &rows, err));
    *ret = ol_rows_next(&rows) ? ol_col_i64(&rows) : 0;
    return ol_rows_end(&rows, err);
}

/* What was delivered and not claimed shows again by itself; for each such entry one of those who
 * wait is told. */
static ol_rc wake_waiting(domain *d, ol_db *db, ol_err *err)
{
    static const domain_event_kind KIND[] = {EVENT_QUEUED_COMPILE, EVENT_QUEUED_EXECUTE};
    const ol_arg now = OL_ARG("now", now_ms(d));
    const ol_arg limit = OL_ARG("limit", (int)SWEEP_ROWS_MAX);
    int64_t visible;
    for (int kind = 0; kind < 2; kind++) {
        OL_TRY(count(db, OL_SQL_QUEUE_VISIBLE, OL_ARGS(OL_ARG("kind", kind), now, limit), &visible,
                     err));
        for (; visible > 0; visible--)
            event_add(d, KIND[kind]);
    }
    OL_TRY(count(db, OL_SQL_SYSTEM_TASK_VISIBLE, OL_ARGS(now, limit), &visible, err));
    for (; visible > 0; visible--)
        event_add(d, EVENT_SYSTEM_TASK);
    return OL_OK;
}

static ol_rc purge(domain *d, ol_db *db, ol_err *err)
{
    int64_t now = now_ms(d);
    OL_TRY(ol_db_run(db, OL_SQL_CHALLENGES_PURGE, err,
                     OL_ARG("before", now - (int64_t)CHALLENGE_GRACE_SECONDS * SECOND_MS)));
    OL_TRY(ol_db_run(db, OL_SQL_SESSIONS_PURGE, err,
                     OL_ARG("idle_since", now - (int64_t)SESSION_IDLE_HOURS * 3600 * SECOND_MS)));
    OL_TRY(ol_db_run(db, OL_SQL_SIGNED_NONCES_PURGE, err, OL_ARG("now", now)));
    return ol_db_run(db, OL_SQL_LOCKS_PURGE, err, OL_ARG("now", now));
}

static ol_rc sweep_run(ol_op *op, ol_db *db)
{
    sweep *it = (sweep *)op;
    domain *d = op->owner;
    uint64_t calls;
    uint64_t leases;
    /* Leases first: a run that is lost with its worker costs nothing, one that overran its window
     * costs its limit. */
    OL_TRY(leases_sweep(d, db, &leases, &op->err));
    OL_TRY(calls_sweep(d, db, &calls, &op->err));
    OL_TRY(wake_waiting(d, db, &op->err));
    OL_TRY(purge(d, db, &op->err));
    it->again = false;
    if (it->retention)
        OL_TRY(forget_old(d, db, &it->again, &op->err));
    it->again |= calls == SWEEP_ROWS_MAX || leases == SWEEP_ROWS_MAX;
    return next_deadline(db, &it->next_deadline_ms, &op->err);
}

/* ---- Rounds, on any other thread. */

static bool due(domain *d, int64_t *next, uint64_t period_ms)
{
    int64_t now = now_ms(d);
    if (now < *next)
        return false;
    *next = now + (int64_t)period_ms;
    return true;
}

static ol_rc sweep_rounds(domain *d, int64_t *ret_next, ol_err *err)
{
    bool retention = due(d, &d->next_retention_ms, (uint64_t)RETENTION_HOURS * 3600 * SECOND_MS);
    for (int round = 0; round < ROUNDS_MAX; round++) {
        sweep it = {.retention = retention};
        domain_submit(d, &it.op, sweep_run, true);
        if (it.op.rc != OL_OK) {
            *err = it.op.err;
            return it.op.rc;
        }
        *ret_next = it.next_deadline_ms;
        if (!it.again)
            break;
    }
    if (due(d, &d->next_eviction_ms, d->settings.eviction_seconds * SECOND_MS))
        return wasm_evict(d, err);
    return OL_OK;
}

ol_rc domain_sweep(domain *d, ol_err *err)
{
    int64_t next;
    return sweep_rounds(d, &next, err);
}

/* ---- The timer. */

void deadline_add(domain *d, int64_t deadline_ms)
{
    (void)pthread_mutex_lock(&d->timer_lock);
    if (deadline_ms < d->next_deadline_ms) {
        d->next_deadline_ms = deadline_ms;
        (void)pthread_cond_signal(&d->timer_changed);
    }
    (void)pthread_mutex_unlock(&d->timer_lock);
}

static struct timespec mono_after(int64_t wait_ms)
{
    struct timespec at;
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    int64_t ns = at.tv_nsec + (wait_ms % SECOND_MS) * 1000000;
    at.tv_sec += wait_ms / SECOND_MS + ns / 1000000000;
    at.tv_nsec = ns % 1000000000;
    return at;
}

/* Sleeps until the next deadline or the end of the period. false: the domain closes. */
static bool timer_sleep(domain *d)
{
    (void)pthread_mutex_lock(&d->timer_lock);
    const struct timespec end = mono_after((int64_t)d->settings.sweep_ms);
    while (!d->stopping) {
        int64_t wait_ms = d->next_deadline_ms - now_ms(d);
        if (wait_ms <= 0)
            break;
        bool sooner = wait_ms < (int64_t)d->settings.sweep_ms;
        struct timespec until = sooner ? mono_after(wait_ms) : end;
        bool period_first = until.tv_sec > end.tv_sec ||
                            (until.tv_sec == end.tv_sec && until.tv_nsec >= end.tv_nsec);
        if (period_first)
            until = end;
        if (pthread_cond_timedwait(&d->timer_changed, &d->timer_lock, &until) == ETIMEDOUT &&
            period_first)
            break;
    }
    bool go_on = !d->stopping;
    d->next_deadline_ms = INT64_MAX; /* the round finds the next; new calls lower it meanwhile */
    (void)pthread_mutex_unlock(&d->timer_lock);
    return go_on;
}

static void *timer_main(void *argument)
{
    domain *d = argument;
    do {
        ol_err err = {0};
        int64_t next = INT64_MAX;
        if (sweep_rounds(d, &next, &err) == OL_OK)
            deadline_add(d, next);
        else
            OL_LOG_ERR(OL_ERROR, "sweep_failed", &err);
    } while (timer_sleep(d));
    return NULL;
}

ol_rc timer_start(domain *d, ol_err *err)
{
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&d->timer_lock, NULL);
    (void)pthread_cond_init(&d->timer_changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    d->next_deadline_ms = INT64_MAX;
    if (!d->settings.background)
        return OL_OK;
    if (pthread_create(&d->timer, NULL, timer_main, d) != 0)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Cannot start the timer");
    d->timer_started = true;
    return OL_OK;
}

void timer_stop(domain *d)
{
    if (!d->timer_started)
        return;
    (void)pthread_mutex_lock(&d->timer_lock);
    d->stopping = true;
    (void)pthread_cond_signal(&d->timer_changed);
    (void)pthread_mutex_unlock(&d->timer_lock);
    (void)pthread_join(d->timer, NULL);
    d->timer_started = false;
}
