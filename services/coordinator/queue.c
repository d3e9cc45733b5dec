/* Creating requests, and taking them off the queue (Coordinator 4.2). */
#include "services/coordinator/queue.h"

#include "services/coordinator/domain_state.h"
#include "services/coordinator/jobs.h"
#include "services/coordinator/projects.h"

enum { POLL_TRIES_MAX = 32 }; /* entries one poll may find unusable; the next poll goes on */

/* ---- POST /executions/create. */

static unsigned chain_priority(const ol_task *task, const ol_pricing *pricing)
{
    return task->near_payment_yocto.has
               ? priority_class(task->near_payment_yocto.value, pricing->base_fee.yocto)
               : 0;
}

/* With usable code it starts at queued_execute; what only wants the code has its result then. */
static ol_rc seed_source(domain *d, ol_db *db, const ol_sha256_hex *checksum, ol_task *task,
                         request_seed *seed, ol_err *err)
{
    bool present;
    ol_str text = ol_sha256_hex_str(checksum);
    OL_TRY(wasm_present(d, db, text, &present, err));
    bool usable = present && !task->force_rebuild;
    seed->checksum = text;
    seed->state = usable ? QUEUED_EXECUTE : QUEUED_COMPILE;
    if (usable && task->compile_only && task->compile_result.data == NULL)
        task->compile_result = text;
    seed->compile_result = task->compile_result;
    return OL_OK;
}

/* What the row keeps must fit it; the task itself is kept as it is. */
static ol_rc task_check(const ol_task *task, ol_err *err)
{
    if (task->data_id.len == 0 || task->data_id.len > DATA_ID_BYTES_MAX)
        return ol_fail(err, OL_ERR_INVALID, "Invalid data_id");
    if (task->request_id > INT64_MAX || task->limits.seconds_max > INT32_MAX)
        return ol_fail(err, OL_ERR_INVALID, "Number out of range");
    OL_TRY(text_check(task->compile_result, STORED_ID_BYTES_MAX, "compile_result", err));
    OL_TRY(text_check(task->project_uuid, STORED_ID_BYTES_MAX, "project_uuid", err));
    OL_TRY(text_check(task->project_id, STORED_ID_BYTES_MAX, "project_id", err));
    OL_TRY(text_check(task->user_account_id, STORED_ID_BYTES_MAX, "user_account_id", err));
    return text_check(task->transaction_hash, STORED_ID_BYTES_MAX, "transaction_hash", err);
}

static ol_rc create(domain *d, ol_db *db, request_creation *it, ol_arena *arena, ol_err *err)
{
    ol_sha256_hex checksum;
    ol_task task = it->task;
    ol_pricing pricing = pricing_now(d);
    request_seed seed = {
        .task = &task, .state = QUEUED_EXECUTE, .priority = chain_priority(&task, &pricing)};
    OL_TRY(task_check(&task, err));
    if (task.source.kind != OL_SOURCE_NONE) {
        OL_TRY(ol_code_source_checksum(&task.source, arena, &checksum, err));
        OL_TRY(seed_source(d, db, &checksum, &task, &seed, err));
    }
    return request_insert(d, db, &seed, &it->created, err);
}

static ol_rc create_run(ol_op *op, ol_db *db)
{
    ol_arena arena = ol_arena_new(REQUEST_ARENA_BYTES);
    ol_rc rc = create(op->owner, db, (request_creation *)op, &arena, &op->err);
    ol_arena_deinit(&arena);
    return rc;
}

void request_create(domain *d, request_creation *it)
{
    domain_submit(d, &it->op, create_run, true);
}

/* ---- GET /executions/poll. */

static ol_rc queue_first(domain *d, ol_db *db, ol_job_kind kind, int64_t *ret_request, ol_err *err)
{
    ol_rows rows;
    *ret_request = 0;
    OL_TRY(ol_db_query(db, OL_SQL_QUEUE_FIRST, &rows, err, OL_ARG("kind", (int)kind),
                       OL_ARG("now", now_ms(d))));
    if (ol_rows_next(&rows))
        *ret_request = ol_col_i64(&rows);
    return ol_rows_end(&rows, err);
}

static ol_rc task_read(ol_db *db, int64_t request, queue_poll *it, ol_err *err)
{
    ol_rows rows;
    OL_TRY(ol_db_query(db, OL_SQL_TASK_FIND, &rows, err, OL_ARG("request", request)));
    if (ol_rows_next(&rows))
        it->task_json = ol_col_text_copy(&rows, it->arena);
    OL_TRY(ol_rows_end(&rows, err));
    return it->task_json.data != NULL ? OL_OK : guard_failed("task_find", err);
}

/* Hands the task out, invisible to others for a while. */
static ol_rc deliver(domain *d, ol_db *db, const request_row *row, ol_job_kind kind, queue_poll *it,
                     ol_err *err)
{
    int64_t visible = now_ms(d) + (int64_t)d->settings.visibility_seconds * SECOND_MS;
    if (row->deliveries > 0)
        atomic_fetch_add(&d->redeliveries, 1);
    OL_TRY(ol_db_run(db, OL_SQL_QUEUE_HIDE, err, OL_ARG("visible", visible),
                     OL_ARG("kind", (int)kind), OL_ARG("order_key", row->order_key),
                     OL_ARG("request", row->id)));
    OL_TRY(ol_db_run(db, OL_SQL_REQUEST_DELIVERED, err, OL_ARG("id", row->id)));
    OL_TRY(task_read(db, row->id, it, err));
    it->found = true;
    return OL_OK;
}

static ol_rc bury(domain *d, ol_db *db, request_row *row, ol_err *err)
{
    if (row->is_call)
        return request_fail_call(d, db, row, EV_UNDELIVERED, OL_STR("No worker took the request"),
                                 err);
    return request_unqueue(d, db, row, EV_UNDELIVERED, err);
}

static ol_rc poll_claim(domain *d, ol_db *db, request_row *row, queue_poll *it, ol_err *err)
{
    const claim_ask ask = {
        .worker_id = it->worker_id,
        .life = it->life,
        .capabilities = it->capabilities,
        .compile_only = row->compile_only,
        .force_rebuild = row->force_rebuild,
        .has_compile_result = row->has_compile_result,
    };
    OL_TRY(request_claim(d, db, row, &ask, it->arena, &it->job, &it->has_job, err));
    it->found = it->has_job;
    return it->found ? task_read(db, row->id, it, err) : OL_OK;
}

/* The first entry of a queue, once. *ret_empty: nothing is visible there. */
static ol_rc poll_once(domain *d, ol_db *db, ol_job_kind kind, queue_poll *it, bool *ret_empty,
                       ol_err *err)
{
    int64_t request;
    request_row row;
    OL_TRY(queue_first(d, db, kind, &request, err));
    *ret_empty = request == 0;
    if (*ret_empty)
        return OL_OK;
    OL_TRY(request_by_id(db, request, &row, NULL, NULL, err));
    if (row.deliveries >= DELIVERIES_MAX)
        return bury(d, db, &row, err);
    return it->claim ? poll_claim(d, db, &row, it, err) : deliver(d, db, &row, kind, it, err);
}

static ol_rc poll_queue(domain *d, ol_db *db, ol_job_kind kind, queue_poll *it, ol_err *err)
{
    bool empty = false;
    for (int tries = 0; tries < POLL_TRIES_MAX && !empty && !it->found; tries++)
        OL_TRY(poll_once(d, db, kind, it, &empty, err));
    return OL_OK;
}

static ol_rc poll_run(ol_op *op, ol_db *db)
{
    queue_poll *it = (queue_poll *)op;
    domain *d = op->owner;
    it->found = it->has_job = false;
    it->task_json = (ol_str){0};
    it->pricing = pricing_now(d);
    if ((it->queues & OL_CAP_COMPILATION) != 0)
        OL_TRY(poll_queue(d, db, OL_JOB_COMPILE, it, &op->err));
    if (!it->found && (it->queues & OL_CAP_EXECUTION) != 0)
        OL_TRY(poll_queue(d, db, OL_JOB_EXECUTE, it, &op->err));
    return OL_OK;
}

void queue_take(domain *d, queue_poll *it)
{
    OL_ASSERT(it->queues != 0 && (!it->claim || it->capabilities != 0));
    domain_submit(d, &it->op, poll_run, false);
}

/* ---- Figures. */

static ol_rc depth(domain *d, ol_db *db, ol_job_kind kind, uint64_t *ret_count, int64_t *oldest,
                   ol_err *err)
{
    ol_rows rows;
    OL_TRY(ol_db_query(db, OL_SQL_QUEUE_DEPTH, &rows, err, OL_ARG("now", now_ms(d)),
                       OL_ARG("kind", (int)kind)));
    if (ol_rows_next(&rows)) {
        *ret_count = ol_col_u64(&rows);
        (void)ol_col_u64(&rows);
        if (!ol_col_is_null(&rows)) {
            int64_t first = ol_col_i64(&rows);
            *oldest = first < *oldest ? first : *oldest;
        }
    }
    return ol_rows_end(&rows, err);
}

static ol_rc count(ol_db *db, ol_sql sql, uint64_t *ret, ol_err *err)
{
    ol_rows rows;
    OL_TRY(ol_db_query(db, sql, &rows, err));
    if (ol_rows_next(&rows))
        *ret = ol_col_u64(&rows);
    return ol_rows_end(&rows, err);
}

static ol_rc figures_read(domain *d, ol_db *db, queue_figures *ret, ol_err *err)
{
    int64_t now = now_ms(d);
    int64_t oldest = now;
    queue_figures it = {0};
    OL_TRY(depth(d, db, OL_JOB_COMPILE, &it.compile_waiting, &oldest, err));
    OL_TRY(depth(d, db, OL_JOB_EXECUTE, &it.execute_waiting, &oldest, err));
    OL_TRY(count(db, OL_SQL_LEASES_COUNT, &it.jobs_live, err));
    OL_TRY(count(db, OL_SQL_REQUESTS_DEAD_COUNT, &it.dead, err));
    it.oldest_wait_ms = (uint64_t)(now - oldest);
    it.leases_lost = atomic_load(&d->leases_lost);
    it.redeliveries = atomic_load(&d->redeliveries);
    *ret = it;
    return OL_OK;
}

ol_rc queue_figures_read(domain *d, queue_figures *ret, ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc, figures_read(d, db, ret, err));
    return rc;
}

static ol_rc dead_list(ol_db *db, uint64_t limit, ol_arena *arena, dead_request **ret,
                       size_t *ret_count, ol_err *err)
{
    ol_rows rows;
    size_t n = 0;
    dead_request *list = ol_arena_array(arena, limit, sizeof *list);
    if (list == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    OL_TRY(ol_db_query(db, OL_SQL_REQUESTS_DEAD, &rows, err, OL_ARG("limit", limit)));
    for (; n < limit && ol_rows_next(&rows); n++) {
        list[n].request_id = ol_col_u64(&rows);
        list[n].data_id = ol_col_text_copy(&rows, arena);
        list[n].created_ms = ol_col_i64(&rows);
        list[n].deliveries = (uint32_t)ol_col_u64(&rows);
    }
    OL_TRY(ol_rows_end(&rows, err));
    *ret = list;
    *ret_count = n;
    return OL_OK;
}

ol_rc dead_requests_list(domain *d, uint64_t limit, ol_arena *arena, dead_request **ret,
                         size_t *ret_count, ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc, dead_list(db, limit, arena, ret, ret_count, err));
    return rc;
}
