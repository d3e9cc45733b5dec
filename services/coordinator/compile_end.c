/* What the end of a compile means for its request and for those that waited for the same code
 * (Coordinator 4.3). */
#include "services/coordinator/domain_state.h"
#include "services/coordinator/jobs.h"

enum {
    PARKED_ROWS_MAX = 64
}; /* freed at once; the others find the code in the cache, or compile */

typedef struct parked {
    int64_t id[PARKED_ROWS_MAX];
    size_t count;
} parked;

static ol_rc parked_find(ol_db *db, const request_row *row, parked *ret, ol_err *err)
{
    ol_rows rows;
    ret->count = 0;
    OL_TRY(ol_db_query(db, OL_SQL_REQUESTS_PARKED, &rows, err,
                       OL_ARG("checksum", ol_str_of(row->checksum)), OL_ARG("except", row->id),
                       OL_ARG("limit", (int)PARKED_ROWS_MAX)));
    while (ret->count < PARKED_ROWS_MAX && ol_rows_next(&rows))
        ret->id[ret->count++] = ol_col_i64(&rows);
    return ol_rows_end(&rows, err);
}

ol_rc compile_unpark(domain *d, ol_db *db, const request_row *row, ol_err *err)
{
    parked waiting;
    if (row->checksum[0] == '\0')
        return OL_OK;
    OL_TRY(parked_find(db, row, &waiting, err));
    for (size_t i = 0; i < waiting.count; i++) {
        request_row other;
        OL_TRY(request_by_id(db, waiting.id[i], &other, NULL, NULL, err));
        OL_TRY(request_enqueue(d, db, &other, err));
    }
    return OL_OK;
}

ol_rc request_fail_call(domain *d, ol_db *db, request_row *row, request_event on, ol_str error,
                        ol_err *err)
{
    call_terms call;
    OL_ASSERT(row->is_call);
    OL_TRY(call_terms_by_id(db, (int64_t)row->request_id, &call, err));
    OL_TRY(call_settle_unpaid(d, db, &call, error, row->last_job, err));
    if (row->state == QUEUED_COMPILE || row->state == QUEUED_EXECUTE)
        return request_unqueue(d, db, row, on, err);
    return request_move(db, row, on, err);
}

static ol_str error_of(const compile_end *end)
{
    return end->error.len != 0 ? end->error : OL_STR("Compilation failed");
}

/* A compiled request that only wanted the code reports the checksum, unless the compiler put the
 * code somewhere and says where. */
static ol_str result_of(const request_row *row, const compile_end *end)
{
    if (!end->success || end->compile_result.data != NULL)
        return end->success ? end->compile_result : (ol_str){0};
    if (!row->compile_only || row->has_compile_result)
        return (ol_str){0};
    return ol_str_of(row->checksum);
}

static ol_rc outcome_store(ol_db *db, const request_row *row, const compile_end *end, ol_str result,
                           ol_err *err)
{
    ol_arg error = end->success ? ol_arg_null("error") : OL_ARG("error", error_of(end));
    OL_TRY(ol_db_run(db, OL_SQL_REQUEST_COMPILED, err,
                     OL_ARG("outcome", (int)(end->success ? COMPILE_DONE : COMPILE_FAILED)),
                     OL_ARG("compile_result", result), error, OL_ARG("cost", end->cost),
                     OL_ARG("time_ms", end->time_ms), OL_ARG("id", row->id)));
    if (!end->success || result.data != NULL) {
        const task_change change = {.compile_result = result, .zero_limits = !end->success};
        OL_TRY(task_rewrite(db, row->id, &change, err));
    }
    return OL_OK;
}

/* A call can be over before its compile is. */
static ol_rc call_is_over(ol_db *db, const request_row *row, bool *ret, ol_err *err)
{
    call_terms call;
    *ret = false;
    if (!row->is_call)
        return OL_OK;
    OL_TRY(call_terms_by_id(db, (int64_t)row->request_id, &call, err));
    *ret = call.status != CALL_PENDING;
    return OL_OK;
}

static ol_rc count_failure(domain *d, ol_db *db, const request_row *row, ol_err *err)
{
    (void)d;
    ol_arena arena = ol_arena_new(REQUEST_ARENA_BYTES);
    request_row again;
    request_texts texts;
    ol_rc rc = request_by_id(db, row->id, &again, &arena, &texts, err);
    const run_count count = {.account = texts.account, .status = JOB_COMPILATION_FAILED};
    if (rc == OL_OK)
        rc = run_count_add(db, &count, err);
    ol_arena_deinit(&arena);
    return rc;
}

static ol_rc one_ended(domain *d, ol_db *db, request_row *row, const compile_end *end, ol_err *err)
{
    bool over;
    OL_TRY(call_is_over(db, row, &over, err));
    if (row->is_call && !end->success && !over) {
        OL_TRY(count_failure(d, db, row, err));
        return request_fail_call(d, db, row, EV_CLOSED, error_of(end), err);
    }
    if (row->state == QUEUED_COMPILE)
        OL_TRY(request_dequeue(db, row, err));
    if (over)
        return request_move(db, row, EV_CLOSED, err);
    OL_TRY(outcome_store(db, row, end, result_of(row, end), err));
    OL_TRY(request_move(db, row, end->success ? EV_SUCCEEDED : EV_FAILED, err));
    return request_enqueue(d, db, row, err);
}

ol_rc compile_ended(domain *d, ol_db *db, request_row *row, const compile_end *end, ol_err *err)
{
    parked waiting = {0};
    if (row->checksum[0] != '\0')
        OL_TRY(parked_find(db, row, &waiting, err));
    OL_TRY(one_ended(d, db, row, end, err));
    for (size_t i = 0; i < waiting.count; i++) {
        request_row other;
        OL_TRY(request_by_id(db, waiting.id[i], &other, NULL, NULL, err));
        OL_TRY(one_ended(d, db, &other, end, err));
    }
    return OL_OK;
}
