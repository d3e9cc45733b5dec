/* Heartbeats, the block cursor, and named locks (Coordinator 4.2). */
#include "services/coordinator/workers.h"

#include "services/coordinator/domain_state.h"

static const char *const STATUS_NAMES[] = {"online", "busy", "offline", "stale"};

ol_str worker_status_name(worker_status status)
{
    return ol_str_of(STATUS_NAMES[status]);
}

bool worker_status_parse(ol_str name, worker_status *ret)
{
    for (size_t i = 0; i < OL_COUNT(STATUS_NAMES); i++) {
        if (ol_str_eq(name, ol_str_of(STATUS_NAMES[i]))) {
            *ret = (worker_status)i;
            return true;
        }
    }
    return false;
}

/* ---- Heartbeats. */

static ol_rc beat_run(ol_op *op, ol_db *db)
{
    const worker_beat *it = (const worker_beat *)op;
    OL_TRY(text_check(it->worker_id, OL_WORKER_ID_BYTES_MAX, "worker_id", &op->err));
    OL_TRY(text_check(it->worker_name, STORED_ID_BYTES_MAX, "worker_name", &op->err));
    OL_TRY(text_check(it->current_task_id, STORED_ID_BYTES_MAX, "current_task_id", &op->err));
    OL_TRY(text_check(it->life, OL_WORKER_LIFE_BYTES_MAX, "life", &op->err));
    return ol_db_run(db, OL_SQL_WORKER_BEAT, &op->err, OL_ARG("life", it->life),
                     OL_ARG("worker_id", it->worker_id), OL_ARG("name", it->worker_name),
                     OL_ARG("status", (int)it->status), OL_ARG("current_task", it->current_task_id),
                     OL_ARG("now", now_ms(op->owner)), OL_ARG("block_height", it->block_height));
}

void worker_beat_put(domain *d, worker_beat *it)
{
    domain_submit(d, &it->op, beat_run, false);
}

static ol_rc count_run(ol_op *op, ol_db *db)
{
    const worker_task_count *it = (const worker_task_count *)op;
    return ol_db_run(db, OL_SQL_WORKER_COUNT, &op->err, OL_ARG("completed", it->success),
                     OL_ARG("failed", !it->success), OL_ARG("worker_id", it->worker_id));
}

void worker_task_add(domain *d, worker_task_count *it)
{
    domain_submit(d, &it->op, count_run, false);
}

static ol_rc remove_run(ol_op *op, ol_db *db)
{
    const worker_removal *it = (const worker_removal *)op;
    uint64_t changed;
    OL_TRY(ol_db_change(db, OL_SQL_WORKER_DELETE, &changed, &op->err,
                        OL_ARG("worker_id", it->worker_id)));
    return changed != 0 ? OL_OK : ol_fail(&op->err, OL_ERR_NOT_FOUND, "Worker not found");
}

void worker_remove(domain *d, worker_removal *it)
{
    domain_submit(d, &it->op, remove_run, true);
}

enum { WORKERS_MAX = 1000 }; /* on one page */

static ol_rc list(ol_db *db, ol_arena *arena, worker_row **ret, size_t *ret_count, ol_err *err)
{
    ol_rows rows;
    size_t count = 0;
    worker_row *workers = ol_arena_array(arena, WORKERS_MAX, sizeof *workers);
    if (workers == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    OL_TRY(ol_db_query(db, OL_SQL_WORKERS_LIST, &rows, err, OL_ARG("limit", (int)WORKERS_MAX)));
    for (; count < WORKERS_MAX && ol_rows_next(&rows); count++) {
        worker_row *w = &workers[count];
        w->worker_id = ol_col_text_copy(&rows, arena);
        w->worker_name = ol_col_text_copy(&rows, arena);
        w->status = (worker_status)ol_col_i64(&rows);
        w->current_task_id = ol_col_text_copy(&rows, arena);
        w->first_seen_ms = ol_col_i64(&rows);
        w->last_beat_ms = ol_col_i64(&rows);
        w->tasks_completed = ol_col_u64(&rows);
        w->tasks_failed = ol_col_u64(&rows);
        w->block_height = ol_col_opt_u64(&rows);
        w->block_ms = ol_col_i64(&rows);
    }
    OL_TRY(ol_rows_end(&rows, err));
    *ret = workers;
    *ret_count = count;
    return OL_OK;
}

ol_rc workers_list(domain *d, ol_arena *arena, worker_row **ret, size_t *ret_count, ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc, list(db, arena, ret, ret_count, err));
    return rc;
}

static ol_rc cursor(ol_db *db, ol_opt_u64 *ret, ol_err *err)
{
    ol_rows rows;
    OL_TRY(ol_db_query(db, OL_SQL_BLOCK_CURSOR, &rows, err));
    if (ol_rows_next(&rows))
        *ret = ol_col_opt_u64(&rows);
    return ol_rows_end(&rows, err);
}

ol_rc block_cursor_read(domain *d, ol_opt_u64 *ret, ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc, cursor(db, ret, err));
    return rc;
}

/* ---- Locks. */

static ol_rc acquire_run(ol_op *op, ol_db *db)
{
    lock_attempt *it = (lock_attempt *)op;
    int64_t now = now_ms(op->owner);
    uint64_t ttl = it->ttl_seconds < LOCK_TTL_SECONDS_MAX ? it->ttl_seconds : LOCK_TTL_SECONDS_MAX;
    uint64_t changed;
    it->acquired = false;
    OL_TRY(text_check(it->lock_key, LOCK_KEY_BYTES_MAX, "lock_key", &op->err));
    OL_TRY(text_check(it->worker_id, OL_WORKER_ID_BYTES_MAX, "worker_id", &op->err));
    if (ttl == 0)
        return OL_OK;
    OL_TRY(ol_db_change(db, OL_SQL_LOCK_TAKE, &changed, &op->err, OL_ARG("lock_key", it->lock_key),
                        OL_ARG("token_id", it->token_id), OL_ARG("worker_id", it->worker_id),
                        OL_ARG("expires", now + (int64_t)ttl * SECOND_MS), OL_ARG("now", now)));
    it->acquired = changed == 1;
    return OL_OK;
}

void lock_acquire(domain *d, lock_attempt *it)
{
    domain_submit(d, &it->op, acquire_run, false);
}

static ol_rc release_run(ol_op *op, ol_db *db)
{
    lock_giving *it = (lock_giving *)op;
    uint64_t changed;
    OL_TRY(ol_db_change(db, OL_SQL_LOCK_FREE, &changed, &op->err, OL_ARG("lock_key", it->lock_key),
                        OL_ARG("token_id", it->token_id)));
    it->released = changed != 0;
    return OL_OK;
}

void lock_release(domain *d, lock_giving *it)
{
    domain_submit(d, &it->op, release_run, false);
}
