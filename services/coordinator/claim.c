/* Claiming: which job, if any, a worker gets for a request (Coordinator 4.3). */
#include "services/coordinator/domain_state.h"
#include "services/coordinator/jobs.h"
#include "services/coordinator/projects.h"

static ol_str checksum_of(const request_row *row)
{
    return ol_str_of(row->checksum);
}

static ol_str absent_if_empty(ol_str text)
{
    return text.len == 0 ? (ol_str){0} : text;
}

/* ---- Moves between the queues. */

/* The code is there: what waited for a compile waits for a run. A request that only wanted the code
 * compiled has its result. */
static ol_rc to_execute(domain *d, ol_db *db, request_row *row, ol_err *err)
{
    if (row->state != QUEUED_COMPILE)
        return OL_OK;
    OL_TRY(request_dequeue(db, row, err));
    OL_TRY(request_move(db, row, EV_SUCCEEDED, err));
    if (row->compile_only && !row->has_compile_result && !row->has_compile_error) {
        const task_change change = {.compile_result = checksum_of(row)};
        OL_TRY(ol_db_run(db, OL_SQL_REQUEST_COMPILED, err, OL_ARG("outcome", (int)COMPILE_DONE),
                         OL_ARG("compile_result", checksum_of(row)), ol_arg_null("error"),
                         ol_arg_null("cost"), ol_arg_null("time_ms"), OL_ARG("id", row->id)));
        OL_TRY(task_rewrite(db, row->id, &change, err));
        row->has_compile_result = true;
    }
    return request_enqueue(d, db, row, err);
}

/* The code is not there: what waited for a run waits for a compile, up to a bound, because a worker
 * that compiles and never uploads would keep it going round. */
static ol_rc to_compile(domain *d, ol_db *db, request_row *row, ol_err *err)
{
    if (row->state == QUEUED_EXECUTE) {
        OL_TRY(request_dequeue(db, row, err));
        OL_TRY(request_move(db, row, EV_WASM_MISSING, err));
    }
    if (row->compile_attempts >= COMPILE_ATTEMPTS_MAX) {
        const compile_end end = {.error = OL_STR("Compiled code did not reach the cache")};
        return compile_ended(d, db, row, &end, err);
    }
    OL_TRY(ol_db_run(db, OL_SQL_REQUEST_SOURCE, err, OL_ARG("checksum", checksum_of(row)),
                     OL_ARG("id", row->id)));
    row->compiled = COMPILE_NONE;
    return request_enqueue(d, db, row, err);
}

/* ---- Jobs. */

static int64_t lease_deadline(const domain *d, const request_row *row, ol_job_kind kind,
                              const ol_pricing *pricing)
{
    uint64_t compile_seconds = pricing->compilation_seconds_max < COMPILE_SECONDS_CAP
                                   ? pricing->compilation_seconds_max
                                   : COMPILE_SECONDS_CAP;
    uint64_t seconds = kind == OL_JOB_COMPILE ? compile_seconds : row->seconds_max;
    return now_ms(d) + (int64_t)(seconds + d->settings.lease_margin_seconds) * SECOND_MS;
}

static ol_rc job_start(domain *d, ol_db *db, request_row *row, ol_job_kind kind,
                       const claim_ask *ask, ol_arena *arena, ol_job_info *ret, ol_err *err)
{
    request_state to;
    uint64_t changed;
    ol_pricing pricing = pricing_now(d);
    ol_str checksum = absent_if_empty(checksum_of(row));
    int64_t now = now_ms(d);
    bool claimable = request_next(row->state, EV_CLAIMED, &to);
    OL_ASSERT(claimable);
    OL_TRY(request_dequeue(db, row, err));
    OL_TRY(ol_db_run(db, OL_SQL_JOB_INSERT, err, OL_ARG("request", row->id),
                     OL_ARG("kind", (int)kind), OL_ARG("worker_id", ask->worker_id),
                     OL_ARG("checksum", checksum), OL_ARG("now", now)));
    int64_t job = ol_db_last_id(db);
    OL_TRY(ol_db_run(db, OL_SQL_LEASE_INSERT, err, OL_ARG("request", row->id),
                     OL_ARG("kind", (int)kind), OL_ARG("job", job),
                     OL_ARG("worker_id", ask->worker_id), OL_ARG("checksum", checksum),
                     OL_ARG("now", now), OL_ARG("life", absent_if_empty(ask->life)),
                     OL_ARG("deadline", lease_deadline(d, row, kind, &pricing))));
    OL_TRY(ol_db_change(db, OL_SQL_REQUEST_CLAIMED, &changed, err, OL_ARG("to", (int)to),
                        OL_ARG("job", job), OL_ARG("compiles", kind == OL_JOB_COMPILE),
                        OL_ARG("executes", kind == OL_JOB_EXECUTE), OL_ARG("id", row->id),
                        OL_ARG("from", (int)row->state)));
    if (changed != 1)
        return guard_failed("request_claimed", err);
    row->state = to;
    *ret = (ol_job_info){
        .job_id = job, .kind = kind, .allowed = true, .created_at_s = now / SECOND_MS};
    if (checksum.data != NULL && !ol_arena_copy(arena, checksum, &ret->wasm_checksum))
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    return OL_OK;
}

/* One compile per checksum at a time: the others are parked outside the queue and share its
 * outcome. */
static ol_rc claim_compile(domain *d, ol_db *db, request_row *row, const claim_ask *ask,
                           ol_arena *arena, ol_job_info *ret, bool *ret_has, ol_err *err)
{
    ol_rows rows;
    if (row->state == QUEUED_EXECUTE) {
        OL_TRY(request_dequeue(db, row, err));
        OL_TRY(request_move(db, row, EV_WASM_MISSING, err));
    }
    OL_TRY(ol_db_query(db, OL_SQL_LEASE_COMPILING, &rows, err, OL_ARG("checksum", checksum_of(row)),
                       OL_ARG("request", row->id)));
    bool compiling = ol_rows_next(&rows) && ol_col_bool(&rows);
    OL_TRY(ol_rows_end(&rows, err));
    if (compiling)
        return request_dequeue(db, row, err);
    *ret_has = true;
    return job_start(d, db, row, OL_JOB_COMPILE, ask, arena, ret, err);
}

static ol_rc claim_execute(domain *d, ol_db *db, request_row *row, const claim_ask *ask,
                           ol_arena *arena, ol_job_info *ret, bool *ret_has, ol_err *err)
{
    request_texts texts;
    OL_TRY(to_execute(d, db, row, err));
    OL_TRY(job_start(d, db, row, OL_JOB_EXECUTE, ask, arena, ret, err));
    *ret_has = true;
    if (row->checksum[0] != '\0')
        OL_TRY(ol_db_run(db, OL_SQL_WASM_EXECUTED, err, OL_ARG("now", now_ms(d)),
                         OL_ARG("checksum", checksum_of(row))));
    OL_TRY(request_by_id(db, row->id, row, arena, &texts, err));
    ret->compile_cost_yocto = texts.compile_cost;
    ret->compile_error = texts.compile_error;
    ret->compile_time_ms = texts.compile_time_ms;
    ret->project_uuid = texts.project_uuid;
    ret->project_id = texts.project_id;
    return OL_OK;
}

ol_rc request_claim(domain *d, ol_db *db, request_row *row, const claim_ask *ask, ol_arena *arena,
                    ol_job_info *ret, bool *ret_has, ol_err *err)
{
    bool can_compile = (ask->capabilities & OL_CAP_COMPILATION) != 0;
    bool can_execute = (ask->capabilities & OL_CAP_EXECUTION) != 0;
    bool has_result = ask->has_compile_result || row->has_compile_result;
    bool present = true; /* of code nobody named we know nothing: the worker resolves it */
    *ret_has = false;
    if (row->state != QUEUED_COMPILE && row->state != QUEUED_EXECUTE)
        return OL_OK;
    if (row->checksum[0] != '\0')
        OL_TRY(wasm_present(d, db, checksum_of(row), &present, err));
    bool rebuild = ask->force_rebuild && row->checksum[0] != '\0';
    bool need = rebuild || !present;
    bool compiled = row->compiled != COMPILE_NONE;

    if (need && can_compile && !has_result && !compiled)
        return claim_compile(d, db, row, ask, arena, ret, ret_has, err);
    if (can_execute && (!ask->compile_only || has_result || row->has_compile_error)) {
        bool missing = !present && !row->has_compile_error && !has_result;
        if (missing || (rebuild && !compiled && !has_result))
            return to_compile(d, db, row, err);
        return claim_execute(d, db, row, ask, arena, ret, ret_has, err);
    }
    if (row->state == QUEUED_COMPILE && !need)
        return to_execute(d, db, row, err);
    return request_enqueue(d, db, row, err);
}

/* ---- POST /jobs/claim. */

/* A worker that resolved the code of an HTTPS call says what it is. */
static ol_rc source_learn(ol_db *db, request_row *row, const ol_claim *claim, ol_arena *arena,
                          ol_err *err)
{
    ol_sha256_hex checksum;
    if (!row->is_call || claim->source.kind == OL_SOURCE_NONE || row->checksum[0] != '\0')
        return OL_OK;
    OL_TRY(ol_code_source_checksum(&claim->source, arena, &checksum, err));
    _Static_assert(sizeof checksum.data == sizeof row->checksum, "both are hex SHA-256");
    __builtin_memcpy(row->checksum, checksum.data, sizeof row->checksum);
    return ol_db_run(db, OL_SQL_REQUEST_SOURCE, err,
                     OL_ARG("checksum", ol_sha256_hex_str(&checksum)), OL_ARG("id", row->id));
}

static ol_rc claim_run(ol_op *op, ol_db *db)
{
    job_claim *it = (job_claim *)op;
    domain *d = op->owner;
    request_row row;
    bool found;
    it->has_job = false;
    it->pricing = pricing_now(d);
    OL_TRY(text_check(it->claim.worker_id, OL_WORKER_ID_BYTES_MAX, "worker_id", &op->err));
    if (it->claim.capabilities == 0)
        return ol_fail(&op->err, OL_ERR_INVALID, "No valid capabilities provided");
    OL_TRY(request_find(db, it->claim.request_id, it->claim.data_id, &row, &found, &op->err));
    if (!found)
        return OL_OK;
    OL_TRY(source_learn(db, &row, &it->claim, it->arena, &op->err));
    const claim_ask ask = {
        .worker_id = it->claim.worker_id,
        .capabilities = it->claim.capabilities,
        .compile_only = it->claim.compile_only || row.compile_only,
        .force_rebuild = it->claim.force_rebuild || row.force_rebuild,
        .has_compile_result = it->claim.has_compile_result,
    };
    return request_claim(d, db, &row, &ask, it->arena, &it->job, &it->has_job, &op->err);
}

void job_claim_take(domain *d, job_claim *it)
{
    domain_submit(d, &it->op, claim_run, false);
}
