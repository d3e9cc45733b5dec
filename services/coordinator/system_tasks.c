/* System tasks: delivered under a lease until their completion call arrives (Coordinator 3.4). */
#include "lib/base/log.h"

#include "services/coordinator/domain_state.h"
#include "services/coordinator/tasks.h"

enum { KEY_ARENA_BYTES = 4096 }; /* an account id */

enum { SYSTEM_TASK_FINISHED = 1 };

static int64_t now_s(const domain *d)
{
    return now_ms(d) / SECOND_MS;
}

/* ---- Creating. */

static ol_str dedupe_id(const system_task *task)
{
    return task->kind == TASK_STORAGE_CLEANUP ? task->project_uuid : task->data_id;
}

static ol_rc known(domain *d, ol_db *db, const system_task *task, int64_t *ret_id, ol_err *err)
{
    ol_rows rows;
    *ret_id = 0;
    OL_TRY(ol_db_query(db, OL_SQL_SYSTEM_TASK_KNOWN, &rows, err, OL_ARG("data_id", dedupe_id(task)),
                       OL_ARG("kind", (int)task->kind), OL_ARG("zero", OL_USD(0)),
                       OL_ARG("since", now_s(d) - SYSTEM_TASK_DEDUPE_SECONDS)));
    if (ol_rows_next(&rows))
        *ret_id = ol_col_i64(&rows);
    return ol_rows_end(&rows, err);
}

static ol_rc create_run(ol_op *op, ol_db *db)
{
    system_task_adding *it = (system_task_adding *)op;
    domain *d = op->owner;
    system_task *task = &it->task;
    bool has_key = task->kind != TASK_STORAGE_CLEANUP;
    OL_TRY(known(d, db, task, &task->id, &op->err));
    it->created = task->id == 0;
    if (!it->created)
        return OL_OK;
    task->created_s = now_s(d);
    OL_TRY(ol_db_run(
        db, OL_SQL_SYSTEM_TASK_INSERT, &op->err, OL_ARG("kind", (int)task->kind),
        OL_ARG("data_id", dedupe_id(task)), OL_ARG("owner", task->owner),
        has_key ? OL_ARG("nonce", task->nonce) : ol_arg_null("nonce"),
        task->kind == TASK_TOPUP ? OL_ARG("amount", task->amount) : ol_arg_null("amount"),
        OL_ARG("encrypted_data", task->encrypted_data), OL_ARG("project_id", task->project_id),
        OL_ARG("project_uuid", task->project_uuid), OL_ARG("created", task->created_s)));
    task->id = ol_db_last_id(db);
    event_add(d, EVENT_SYSTEM_TASK);
    return OL_OK;
}

void system_task_create(domain *d, system_task_adding *it)
{
    domain_submit(d, &it->op, create_run, true);
}

/* ---- Taking. */

static ol_rc first(domain *d, ol_db *db, ol_arena *arena, system_task *ret, ol_err *err)
{
    ol_rows rows;
    system_task it = {0};
    OL_TRY(ol_db_query(db, OL_SQL_SYSTEM_TASK_FIRST, &rows, err, OL_ARG("now", now_ms(d))));
    if (ol_rows_next(&rows)) {
        it.id = ol_col_i64(&rows);
        it.kind = (system_task_kind)ol_col_i64(&rows);
        it.data_id = ol_col_text_copy(&rows, arena);
        it.owner = ol_col_text_copy(&rows, arena);
        it.nonce = (uint32_t)ol_col_u64(&rows);
        it.amount = (ol_usd){ol_col_opt_u128(&rows).value};
        it.encrypted_data = ol_col_text_copy(&rows, arena);
        it.project_id = ol_col_text_copy(&rows, arena);
        it.project_uuid = ol_col_text_copy(&rows, arena);
        it.created_s = ol_col_i64(&rows);
        it.deliveries = ol_col_u64(&rows) + 1;
    }
    OL_TRY(ol_rows_end(&rows, err));
    *ret = it;
    return OL_OK;
}

/* Nobody gets it any more, unless an operator sees to it: what it is about goes into the log. */
static ol_rc die(ol_db *db, const system_task *task, ol_err *err)
{
    OL_LOG(OL_ERROR, "system_task_dead", KV("kind", (int)task->kind), KV("data_id", task->data_id),
           KV("owner", task->owner), KV("nonce", task->nonce));
    return ol_db_run(db, OL_SQL_SYSTEM_TASK_DIE, err, OL_ARG("id", task->id));
}

/* A transfer that was begun and not told is found again by its name in the key. With so many after
 * it that the name would go, the next one waits until it is told. */
static ol_rc crowded(ol_db *db, const system_task *task, bool *ret, ol_err *err)
{
    ol_rows rows;
    *ret = false;
    if (task->kind != TASK_TOPUP || ol_usd_is_zero(task->amount))
        return OL_OK;
    OL_TRY(ol_db_query(db, OL_SQL_TOPUPS_BETWEEN, &rows, err, OL_ARG("owner", task->owner),
                       OL_ARG("nonce", task->nonce), OL_ARG("zero", OL_USD(0)),
                       OL_ARG("id", task->id)));
    *ret = ol_rows_next(&rows) && ol_col_i64(&rows) >= TOPUPS_REMEMBERED - 1;
    return ol_rows_end(&rows, err);
}

static ol_rc postpone(domain *d, ol_db *db, const system_task *task, ol_err *err)
{
    int64_t visible = now_ms(d) + (int64_t)SYSTEM_TASK_POSTPONED_SECONDS * SECOND_MS;
    return ol_db_run(db, OL_SQL_SYSTEM_TASK_POSTPONE, err, OL_ARG("visible", visible),
                     OL_ARG("id", task->id));
}

static ol_rc take_run(ol_op *op, ol_db *db)
{
    system_task_poll *it = (system_task_poll *)op;
    domain *d = op->owner;
    int64_t visible = now_ms(d) + (int64_t)d->settings.system_lease_seconds * SECOND_MS;
    it->found = false;
    for (;;) {
        bool waits;
        OL_TRY(first(d, db, it->arena, &it->task, &op->err));
        if (it->task.id == 0)
            return OL_OK;
        if (it->task.deliveries > 1 + SYSTEM_TASK_DELIVERIES_MAX) { /* the first, and 5 more */
            OL_TRY(die(db, &it->task, &op->err));
            continue;
        }
        OL_TRY(crowded(db, &it->task, &waits, &op->err));
        if (!waits)
            break;
        OL_TRY(postpone(d, db, &it->task, &op->err));
    }
    it->found = true;
    return ol_db_run(db, OL_SQL_SYSTEM_TASK_LEASE, &op->err, OL_ARG("visible", visible),
                     OL_ARG("id", it->task.id));
}

void system_task_take(domain *d, system_task_poll *it)
{
    domain_submit(d, &it->op, take_run, false);
}

/* ---- Finishing. */

ol_rc system_task_over(ol_db *db, system_task_kind kind, ol_str data_id, bool *ret_over,
                       ol_err *err)
{
    ol_rows rows;
    *ret_over = false;
    if (data_id.data == NULL)
        return OL_OK;
    OL_TRY(ol_db_query(db, OL_SQL_SYSTEM_TASK_STATE, &rows, err, OL_ARG("kind", (int)kind),
                       OL_ARG("data_id", data_id)));
    *ret_over = !ol_rows_next(&rows) || ol_col_i64(&rows) == SYSTEM_TASK_FINISHED;
    return ol_rows_end(&rows, err);
}

ol_rc system_task_end(ol_db *db, system_task_kind kind, ol_str data_id, bool *ret_ended,
                      ol_err *err)
{
    uint64_t changed;
    OL_TRY(ol_db_change(db, OL_SQL_SYSTEM_TASK_END_BY_DATA, &changed, err,
                        OL_ARG("data_id", data_id), OL_ARG("kind", (int)kind)));
    if (ret_ended != NULL)
        *ret_ended = changed != 0;
    return OL_OK;
}

static ol_rc key_keep(ol_db *db, ol_str data_id, ol_err *err)
{
    ol_rows rows;
    OL_AUTO(ol_arena) arena = ol_arena_new(KEY_ARENA_BYTES);
    ol_str owner = {NULL, 0};
    uint64_t nonce = 0;
    int64_t deletion = 0;
    int64_t created_s = 0;
    OL_TRY(ol_db_query(db, OL_SQL_KEY_DELETE_OPEN, &rows, err, OL_ARG("data_id", data_id)));
    if (ol_rows_next(&rows)) {
        deletion = ol_col_i64(&rows);
        owner = ol_col_text_copy(&rows, &arena);
        nonce = ol_col_u64(&rows);
        created_s = ol_col_i64(&rows);
    }
    OL_TRY(ol_rows_end(&rows, err));
    if (owner.data == NULL)
        return OL_OK; /* it is over */
    return ol_db_run(db, OL_SQL_KEY_KEPT, err, OL_ARG("owner", owner), OL_ARG("nonce", nonce),
                     OL_ARG("zero", OL_USD(0)), OL_ARG("deletion", deletion),
                     OL_ARG("since", created_s * SECOND_MS));
}

static ol_rc finish_run(ol_op *op, ol_db *db)
{
    system_task_ending *it = (system_task_ending *)op;
    if (it->kept && it->kind == TASK_KEY_DELETE)
        OL_TRY(key_keep(db, it->data_id, &op->err));
    return system_task_end(db, it->kind, it->data_id, &it->finished, &op->err);
}

void system_task_finish(domain *d, system_task_ending *it)
{
    domain_submit(d, &it->op, finish_run, true);
}

/* ---- Dead ones. */

static ol_rc revive_run(ol_op *op, ol_db *db)
{
    system_task_revival *it = (system_task_revival *)op;
    return ol_db_change(db, OL_SQL_SYSTEM_TASKS_REVIVE, &it->revived, &op->err);
}

void system_tasks_revive(domain *d, system_task_revival *it)
{
    domain_submit(d, &it->op, revive_run, true);
}

/* ---- Figures for /metrics. */

static ol_rc left(ol_db *db, system_task_figures *ret, ol_err *err)
{
    ol_rows rows;
    *ret = (system_task_figures){0};
    OL_TRY(ol_db_query(db, OL_SQL_SYSTEM_TASKS_LEFT, &rows, err));
    if (ol_rows_next(&rows)) {
        ret->open = ol_col_u64(&rows);
        ret->dead = ol_col_u64(&rows);
    }
    return ol_rows_end(&rows, err);
}

ol_rc system_task_figures_read(domain *d, system_task_figures *ret, ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc, left(db, ret, err));
    return rc;
}
