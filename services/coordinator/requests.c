/* Requests: rows, states, and their place in the queue (Coordinator 4.3). */
#include "services/coordinator/requests.h"

#include <string.h>

#include "services/coordinator/domain_state.h"
#include "services/coordinator/queue.h"

typedef struct transition {
    request_state from;
    request_event on;
    request_state to;
} transition;

static const transition FLOW[] = {
    {QUEUED_COMPILE, EV_CLAIMED, COMPILING},
    {QUEUED_COMPILE, EV_SUCCEEDED, QUEUED_EXECUTE}, /* another's compile of the same code */
    {QUEUED_COMPILE, EV_FAILED, QUEUED_EXECUTE},
    {QUEUED_COMPILE, EV_UNDELIVERED, DEAD},
    {QUEUED_COMPILE, EV_CLOSED, DONE},
    {COMPILING, EV_SUCCEEDED, QUEUED_EXECUTE},
    {COMPILING, EV_FAILED, QUEUED_EXECUTE}, /* so that an executor reports it on chain */
    {COMPILING, EV_LEASE_LOST, QUEUED_COMPILE},
    {COMPILING, EV_CLOSED, DONE},
    {QUEUED_EXECUTE, EV_WASM_MISSING, QUEUED_COMPILE},
    {QUEUED_EXECUTE, EV_CLAIMED, EXECUTING},
    {QUEUED_EXECUTE, EV_REPORTED, DONE}, /* by an attempt that had been given up */
    {QUEUED_EXECUTE, EV_UNDELIVERED, DEAD},
    {QUEUED_EXECUTE, EV_CLOSED, DONE},
    {EXECUTING, EV_RETRIED, QUEUED_EXECUTE},
    {EXECUTING, EV_REPORTED, DONE},
    {EXECUTING, EV_LEASE_LOST, DEAD},
    {EXECUTING, EV_CLOSED, DONE},
    {DEAD, EV_REPORTED, DONE},
};

bool request_next(request_state from, request_event on, request_state *ret)
{
    for (size_t i = 0; i < OL_COUNT(FLOW); i++) {
        if (FLOW[i].from == from && FLOW[i].on == on) {
            *ret = FLOW[i].to;
            return true;
        }
    }
    return false;
}

/* ---- Reading. */

static void copy_short(ol_rows *rows, char *into, size_t size)
{
    ol_str text = ol_col_text(rows);
    rows->bad |= text.len >= size;
    if (text.data != NULL && text.len < size)
        memcpy(into, text.data, text.len);
}

static void texts_read(ol_rows *rows, ol_arena *arena, request_texts *ret)
{
    ret->compile_result = ol_col_text_copy(rows, arena);
    ret->compile_error = ol_col_text_copy(rows, arena);
    ret->compile_cost = ol_col_opt_u128(rows);
    ret->compile_time_ms = ol_col_opt_u64(rows);
    ret->project_uuid = ol_col_text_copy(rows, arena);
    ret->project_id = ol_col_text_copy(rows, arena);
    ret->account = ol_col_text_copy(rows, arena);
    ret->attached = ol_col_opt_u128(rows);
    ret->near_payment = ol_col_opt_u128(rows);
    ret->transaction_hash = ol_col_text_copy(rows, arena);
    ret->repo = ol_col_text_copy(rows, arena);
    ret->commit = ol_col_text_copy(rows, arena);
}

static void row_read(ol_rows *rows, request_row *ret, ol_arena *arena, request_texts *ret_texts)
{
    ret->id = ol_col_i64(rows);
    ret->request_id = ol_col_u64(rows);
    copy_short(rows, ret->data_id, sizeof ret->data_id);
    ret->state = (request_state)ol_col_i64(rows);
    ret->order_key = ol_col_i64(rows);
    ret->is_call = ol_col_bool(rows);
    ret->compile_only = ol_col_bool(rows);
    ret->force_rebuild = ol_col_bool(rows);
    ret->seconds_max = ol_col_u64(rows);
    ret->created_ms = ol_col_i64(rows);
    ret->deliveries = ol_col_u64(rows);
    ret->compile_attempts = ol_col_u64(rows);
    ret->execute_attempts = ol_col_u64(rows);
    ret->compiled = (compile_outcome)ol_col_i64(rows);
    ret->last_job = ol_col_i64(rows);
    copy_short(rows, ret->checksum, sizeof ret->checksum);
    ol_rows texts = *rows; /* the same row again, from here on */
    ret->has_compile_result = ol_col_text(rows).data != NULL;
    ret->has_compile_error = ol_col_text(rows).data != NULL;
    if (ret_texts != NULL) {
        texts_read(&texts, arena, ret_texts);
        rows->bad |= texts.bad;
    }
}

ol_rc request_find(ol_db *db, uint64_t request_id, ol_str data_id, request_row *ret,
                   bool *ret_found, ol_err *err)
{
    ol_rows rows;
    *ret = (request_row){0};
    OL_TRY(ol_db_query(db, OL_SQL_REQUEST_BY_DATA, &rows, err, OL_ARG("request_id", request_id),
                       OL_ARG("data_id", data_id)));
    *ret_found = ol_rows_next(&rows);
    if (*ret_found)
        row_read(&rows, ret, NULL, NULL);
    return ol_rows_end(&rows, err);
}

ol_rc request_by_id(ol_db *db, int64_t id, request_row *ret, ol_arena *arena,
                    request_texts *ret_texts, ol_err *err)
{
    ol_rows rows;
    *ret = (request_row){0};
    OL_TRY(ol_db_query(db, OL_SQL_REQUEST_BY_ID, &rows, err, OL_ARG("id", id)));
    bool found = ol_rows_next(&rows);
    if (found)
        row_read(&rows, ret, arena, ret_texts);
    OL_TRY(ol_rows_end(&rows, err));
    return found ? OL_OK : guard_failed("request_by_id", err);
}

ol_rc request_of_call(ol_db *db, const call_terms *call, request_row *ret, ol_err *err)
{
    bool found;
    ol_uuid_text data_id = ol_uuid_format(call->call_id);
    OL_TRY(request_find(db, (uint64_t)call->id, ol_uuid_str(&data_id), ret, &found, err));
    return found ? OL_OK : guard_failed("request_of_call", err);
}

/* ---- Moving. */

ol_rc request_move(ol_db *db, request_row *row, request_event on, ol_err *err)
{
    request_state to;
    uint64_t changed;
    if (!request_next(row->state, on, &to))
        return ol_fail(err, OL_ERR_CONFLICT, "Request is in another state");
    OL_TRY(ol_db_change(db, OL_SQL_REQUEST_MOVE, &changed, err, OL_ARG("to", (int)to),
                        OL_ARG("id", row->id), OL_ARG("from", (int)row->state)));
    if (changed != 1)
        return guard_failed("request_move", err);
    row->state = to;
    return OL_OK;
}

static ol_job_kind queue_of(request_state state)
{
    OL_ASSERT(state == QUEUED_COMPILE || state == QUEUED_EXECUTE);
    return state == QUEUED_COMPILE ? OL_JOB_COMPILE : OL_JOB_EXECUTE;
}

ol_rc request_enqueue(domain *d, ol_db *db, const request_row *row, ol_err *err)
{
    ol_job_kind kind = queue_of(row->state);
    OL_TRY(ol_db_run(db, OL_SQL_QUEUE_INSERT, err, OL_ARG("kind", (int)kind),
                     OL_ARG("order_key", row->order_key), OL_ARG("request", row->id),
                     OL_ARG("visible", 0)));
    event_add(d, kind == OL_JOB_COMPILE ? EVENT_QUEUED_COMPILE : EVENT_QUEUED_EXECUTE);
    return OL_OK;
}

ol_rc request_dequeue(ol_db *db, const request_row *row, ol_err *err)
{
    return ol_db_run(db, OL_SQL_QUEUE_DELETE, err, OL_ARG("kind", (int)queue_of(row->state)),
                     OL_ARG("order_key", row->order_key), OL_ARG("request", row->id));
}

ol_rc request_unqueue(domain *d, ol_db *db, request_row *row, request_event on, ol_err *err)
{
    (void)d;
    if (row->state != QUEUED_COMPILE && row->state != QUEUED_EXECUTE)
        return OL_OK;
    OL_TRY(request_dequeue(db, row, err));
    return request_move(db, row, on, err);
}

/* ---- Making. */

unsigned priority_class(ol_u128 payment, ol_u128 fee)
{
    unsigned class = 0;
    ol_u128 times = fee == 0 ? 0 : payment / fee;
    while (times >= 2 && class < PRIORITY_CLASS_MAX) {
        times /= 2;
        class ++;
    }
    return class;
}

/* Since when somebody waits: a request of the chain since its block, so that one which was found
 * late, with less of its yield window left, comes first. Believed within a window's order. */
static int64_t waiting_since_ms(const domain *d, const ol_task *task)
{
    int64_t now = now_ms(d);
    int64_t earliest = now - (int64_t)EXECUTE_RETRY_AGE_SECONDS * SECOND_MS;
    if (!task->context.block_timestamp.has)
        return now;
    int64_t block = (int64_t)(task->context.block_timestamp.value / 1000000);
    return block < earliest ? earliest : block > now ? now : block;
}

/* A class is worth 15 s of waiting: the highest class first, FIFO inside, and whoever waits rises
 * a class per 15 s, all in one number that never changes. */
static int64_t order_key(int64_t since_ms, unsigned priority)
{
    return since_ms - (int64_t)priority * PRIORITY_AGE_SECONDS * SECOND_MS;
}

static ol_rc task_store(ol_db *db, ol_sql sql, int64_t request, const ol_task *task, ol_err *err)
{
    ol_buf json = ol_buf_new(OL_TASK_BYTES_MAX);
    ol_json_writer writer = ol_json_writer_over(&json);
    ol_task_encode(task, &writer);
    ol_rc rc = ol_buf_ok(&json) ? ol_db_run(db, sql, err, OL_ARG("request", request),
                                            OL_ARG("json", ol_buf_str(&json)))
                                : ol_fail(err, OL_ERR_LIMIT, "Task too large");
    ol_buf_deinit(&json);
    return rc;
}

ol_rc request_insert(domain *d, ol_db *db, const request_seed *seed, bool *ret_created, ol_err *err)
{
    const ol_task *task = seed->task;
    uint64_t changed;
    bool github = task->source.kind == OL_SOURCE_GITHUB; /* statistics name it */
    ol_str repo = github ? task->source.repo : (ol_str){0};
    ol_str commit = github ? task->source.commit : (ol_str){0};
    request_row row = {.state = seed->state,
                       .order_key = order_key(waiting_since_ms(d, task), seed->priority)};
    OL_TRY(ol_db_change(
        db, OL_SQL_REQUEST_INSERT, &changed, err, OL_ARG("request_id", task->request_id),
        OL_ARG("data_id", task->data_id), OL_ARG("state", (int)seed->state),
        OL_ARG("order_key", row.order_key), OL_ARG("is_call", task->is_https_call),
        OL_ARG("compile_only", task->compile_only), OL_ARG("force_rebuild", task->force_rebuild),
        OL_ARG("seconds_max", task->limits.seconds_max), OL_ARG("now", now_ms(d)),
        OL_ARG("checksum", seed->checksum), OL_ARG("compile_result", seed->compile_result),
        OL_ARG("project_uuid", task->project_uuid), OL_ARG("project_id", task->project_id),
        OL_ARG("account", task->user_account_id), OL_ARG("attached", task->attached_usd),
        OL_ARG("near_payment", task->near_payment_yocto),
        OL_ARG("transaction_hash", task->transaction_hash), OL_ARG("repo", repo),
        OL_ARG("commit", commit)));
    *ret_created = changed == 1;
    if (!*ret_created)
        return OL_OK; /* known: nothing changes */
    row.id = ol_db_last_id(db);
    OL_TRY(task_store(db, OL_SQL_TASK_INSERT, row.id, task, err));
    return request_enqueue(d, db, &row, err);
}

/* ---- The stored task. */

static ol_rc task_load(ol_db *db, int64_t request, ol_arena *arena, ol_task *ret, ol_err *err)
{
    ol_rows rows;
    OL_TRY(ol_db_query(db, OL_SQL_TASK_FIND, &rows, err, OL_ARG("request", request)));
    ol_str json = ol_rows_next(&rows) ? ol_col_text_copy(&rows, arena) : (ol_str){0};
    OL_TRY(ol_rows_end(&rows, err));
    if (json.data == NULL)
        return guard_failed("task_find", err);
    return ol_task_decode(json, arena, ret, err);
}

ol_rc task_rewrite(ol_db *db, int64_t request, const task_change *change, ol_err *err)
{
    ol_arena arena = ol_arena_new(2 * OL_TASK_BYTES_MAX);
    ol_task task;
    ol_rc rc = task_load(db, request, &arena, &task, err);
    if (rc == OL_OK) {
        if (change->compile_result.data != NULL)
            task.compile_result = change->compile_result;
        if (change->zero_limits)
            task.limits = (ol_resource_limits){0};
        rc = task_store(db, OL_SQL_TASK_UPDATE, request, &task, err);
    }
    ol_arena_deinit(&arena);
    return rc;
}
