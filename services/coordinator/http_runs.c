/* Coordinator 10: what ran, for anyone to see. */
#include "services/coordinator/handlers.h"
#include "services/coordinator/job_list.h"
#include "services/coordinator/proofs.h"
#include "services/coordinator/query.h"
#include "services/coordinator/time_text.h"
#include "services/coordinator/workers.h"

enum {
    ACTIVE_MS = 5 * 60 * 1000, /* a worker that beat since then is active */
    JOBS_LIMIT = 50,
};

/* ---- GET /public/stats and /public/users/{account}/earnings */

static void text_or_null(ol_json_writer *w, const char *key, ol_str text)
{
    if (text.data != NULL)
        ol_json_put_str(w, key, text);
    else
        ol_json_put_null(w, key);
}

static uint64_t average_ms(const run_counters *runs)
{
    return runs->executions_timed == 0 ? 0 : (uint64_t)(runs->time_ms / runs->executions_timed);
}

static void counters_encode(const run_counters *runs, ol_json_writer *w)
{
    ol_json_put_u64(w, "total_executions", runs->total);
    ol_json_put_u64(w, "successful_executions", runs->successful);
    ol_json_put_u64(w, "failed_executions", runs->failed);
    ol_json_put_u64(w, "access_denied_executions", runs->access_denied);
    ol_json_put_u64(w, "compilation_failed_executions", runs->compilation_failed);
    ol_json_put_u64(w, "execution_failed_executions", runs->execution_failed);
    ol_json_put_u64(w, "insufficient_payment_executions", runs->insufficient_payment);
    ol_json_put_u64(w, "custom_executions", runs->custom);
    ol_json_put_u128(w, "total_instructions_used", runs->instructions);
    ol_json_put_u64(w, "average_execution_time_ms", average_ms(runs));
    ol_json_put_dec(w, "total_near_paid_yocto", runs->near_paid.yocto);
}

static bool workers_active(coordinator *it, ol_web_request *request, uint64_t *ret, ol_err *err)
{
    worker_row *row;
    size_t count;
    int64_t since = ol_wall_ms(it->clock) - ACTIVE_MS;
    *ret = 0;
    if (workers_list(it->domain, ol_web_arena(request), &row, &count, err) != OL_OK)
        return false;
    for (size_t i = 0; i < count; i++)
        *ret += row[i].last_beat_ms > since &&
                (row[i].status == WORKER_ONLINE || row[i].status == WORKER_BUSY);
    return true;
}

void stats_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    run_counters runs = {0};
    uint64_t users = 0;
    uint64_t active = 0;
    ol_err err = {0};
    json_answer answer;
    if (run_counters_read(it->domain, (ol_str){NULL, 0}, &runs, &users, &err) != OL_OK ||
        !workers_active(it, request, &active, &err)) {
        answer_failure(request, FAILURE_EMPTY, &err);
        return;
    }
    json_answer_begin(&answer);
    counters_encode(&runs, &answer.w);
    ol_json_put_u64(&answer.w, "unique_users", users);
    ol_json_put_u64(&answer.w, "active_workers", active);
    json_answer_send(&answer, request, 200);
}

void user_earnings_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    run_counters runs = {0};
    uint64_t users = 0;
    ol_err err = {0};
    json_answer answer;
    ol_str account = ol_web_param(request, 0);
    if (run_counters_read(it->domain, account, &runs, &users, &err) != OL_OK) {
        answer_failure(request, FAILURE_EMPTY, &err);
        return;
    }
    json_answer_begin(&answer);
    ol_json_put_str(&answer.w, "user_account_id", account);
    ol_json_put_u64(&answer.w, "total_executions", runs.total);
    ol_json_put_u64(&answer.w, "successful_executions", runs.successful);
    ol_json_put_dec(&answer.w, "total_near_spent_yocto", runs.near_paid.yocto);
    ol_json_put_u128(&answer.w, "total_instructions_used", runs.instructions);
    ol_json_put_u64(&answer.w, "average_execution_time_ms", average_ms(&runs));
    json_answer_send(&answer, request, 200);
}

/* ---- GET /public/repos/popular */

void repos_popular_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    repo_counters list[REPOS_POPULAR];
    size_t count;
    ol_err err = {0};
    json_answer answer;
    if (repos_popular(it->domain, ol_web_arena(request), list, &count, &err) != OL_OK) {
        answer_failure(request, FAILURE_EMPTY, &err);
        return;
    }
    json_answer_begin_bare(&answer);
    ol_json_array_begin(&answer.w);
    for (size_t i = 0; i < count; i++) {
        ol_json_object_begin(&answer.w);
        ol_json_put_str(&answer.w, "github_repo", list[i].repo);
        counters_encode(&list[i].runs, &answer.w);
        text_or_null(&answer.w, "last_commit", list[i].last_commit);
        ol_json_object_end(&answer.w);
    }
    ol_json_array_end(&answer.w);
    json_answer_send_bare(&answer, request, 200);
}

/* ---- GET /public/jobs */

typedef struct jobs_query {
    int64_t limit;
    int64_t offset;
    ol_str user_account_id;
    ol_str source;
} jobs_query;

static const query_field JOBS_FIELDS[] = {
    {"limit", QUERY_I64, false, offsetof(jobs_query, limit)},
    {"offset", QUERY_I64, false, offsetof(jobs_query, offset)},
    {"user_account_id", QUERY_TEXT, false, offsetof(jobs_query, user_account_id)},
    {"source", QUERY_TEXT, false, offsetof(jobs_query, source)},
};

static void number_or_null(ol_json_writer *w, const char *key, bool has, uint64_t value)
{
    if (has)
        ol_json_put_u64(w, key, value);
    else
        ol_json_put_null(w, key);
}

static void dec_or_null(ol_json_writer *w, const char *key, bool has, ol_opt_u128 value)
{
    if (has && value.has)
        ol_json_put_dec(w, key, value.value);
    else
        ol_json_put_null(w, key);
}

static void job_encode(const listed_job *job, ol_json_writer *w)
{
    bool compile = job->kind == OL_JOB_COMPILE;
    ol_str none = {0};
    ol_json_object_begin(w);
    ol_json_put_i64(w, "id", job->id);
    ol_json_put_i64(w, "job_id", job->job_id);
    ol_json_put_u64(w, "request_id", job->request_id);
    text_or_null(w, "data_id", job->data_id);
    ol_json_put_str(w, "worker_id", job->worker_id);
    ol_json_put_bool(w, "success", job->success);
    ol_json_put_cstr(w, "status", job->status);
    /* What a run on chain failed with stands on chain. A caller over HTTPS alone learns it: the
     * text may quote what the program wrote. */
    text_or_null(w, "error_details", job->is_call ? none : job->error);
    ol_json_put_cstr(w, "job_type", compile ? "compile" : "execute");
    number_or_null(w, "execution_time_ms", !compile, job->time_ms);
    number_or_null(w, "compile_time_ms", compile, job->time_ms);
    number_or_null(w, "instructions_used", !compile, job->instructions);
    text_or_null(w, "resolve_tx_id", job->resolve_tx);
    text_or_null(w, "user_account_id", job->account);
    dec_or_null(w, "near_payment_yocto", true, job->near_payment);
    dec_or_null(w, "actual_cost_yocto", !compile, job->cost);
    dec_or_null(w, "compile_cost_yocto", compile, job->cost);
    text_or_null(w, "github_repo", job->repo);
    text_or_null(w, "github_commit", job->commit);
    text_or_null(w, "transaction_hash", job->transaction_hash);
    time_put(w, "created_at", job->created_ms);
    ol_json_put_bool(w, "is_https_call", job->is_call);
    text_or_null(w, "call_id", job->is_call ? job->data_id : none);
    text_or_null(w, "project_id", job->project_id);
    dec_or_null(w, "compute_cost_usd", true, job->compute_cost);
    ol_json_object_end(w);
}

static job_source source_of(ol_str name)
{
    if (ol_str_eq(name, OL_STR("near")))
        return JOBS_NEAR;
    return ol_str_eq(name, OL_STR("https")) ? JOBS_HTTPS : JOBS_ANY; /* Coordinator 19 */
}

void jobs_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    jobs_query query = {.limit = JOBS_LIMIT};
    listed_job *list;
    size_t count;
    ol_err err = {0};
    json_answer answer;
    if (!query_bind(request, JOBS_FIELDS, OL_COUNT(JOBS_FIELDS), &query))
        return;
    if (query.limit < 0 || query.offset < 0) { /* Coordinator 19 */
        ol_web_answer_empty(request, 400);
        return;
    }
    const job_list_ask ask = {.account = query.user_account_id,
                              .source = source_of(query.source),
                              .offset = (uint64_t)query.offset,
                              .limit = (uint64_t)query.limit};
    if (job_list(it->domain, &ask, ol_web_arena(request), &list, &count, &err) != OL_OK) {
        answer_failure(request, FAILURE_EMPTY, &err);
        return;
    }
    json_answer_begin_bare(&answer);
    ol_json_array_begin(&answer.w);
    for (size_t i = 0; i < count; i++)
        job_encode(&list[i], &answer.w);
    ol_json_array_end(&answer.w);
    json_answer_send_bare(&answer, request, 200);
}
