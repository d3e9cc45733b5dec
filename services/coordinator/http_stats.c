/* Coordinator 10: workers, keys and earnings, for anyone to see. */
#include "services/coordinator/handlers.h"
#include "services/coordinator/ledger.h"
#include "services/coordinator/proofs.h"
#include "services/coordinator/query.h"
#include "services/coordinator/time_text.h"
#include "services/coordinator/workers.h"

enum {
    USAGE_LIMIT = 20,
    USAGE_LIMIT_MAX = 100,
    HISTORY_LIMIT = 50,
    HISTORY_LIMIT_MAX = 100,
};

/* ---- GET /public/workers */

static void worker_encode(const worker_row *row, int64_t now_ms, ol_json_writer *w)
{
    char beat[OL_TIME_TEXT_BYTES];
    ol_time_format(row->last_beat_ms, beat);
    ol_json_object_begin(w);
    ol_json_put_str(w, "worker_id", row->worker_id);
    ol_json_put_str(w, "worker_name", row->worker_name);
    ol_json_put_str(w, "status", worker_status_name(row->status));
    if (row->current_task_id.data != NULL)
        ol_json_put_raw(w, "current_task_id", row->current_task_id);
    else
        ol_json_put_null(w, "current_task_id");
    ol_json_put_cstr(w, "last_heartbeat_at", beat);
    ol_json_put_u64(w, "total_tasks_completed", row->tasks_completed);
    ol_json_put_u64(w, "total_tasks_failed", row->tasks_failed);
    ol_json_put_i64(w, "uptime_seconds", (now_ms - row->first_seen_ms) / 1000);
    ol_json_object_end(w);
}

void workers_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    worker_row *row;
    size_t count;
    ol_err err = {0};
    json_answer answer;
    if (workers_list(it->domain, ol_web_arena(request), &row, &count, &err) != OL_OK) {
        answer_failure(request, FAILURE_EMPTY, &err);
        return;
    }
    json_answer_begin_bare(&answer);
    ol_json_array_begin(&answer.w);
    for (size_t i = 0; i < count; i++)
        worker_encode(&row[i], ol_wall_ms(it->clock), &answer.w);
    ol_json_array_end(&answer.w);
    json_answer_send_bare(&answer, request, 200);
}

/* ---- GET /public/payment-keys/{owner}/{nonce}/… */

static uint32_t nonce_of(const ol_web_request *request)
{
    uint32_t nonce = 0;
    OL_ASSERT(ol_u32_parse(ol_web_param(request, 1), &nonce));
    return nonce;
}

void public_balance_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    payment_key_row row = {0};
    ol_err err = {0};
    json_answer answer;
    ol_str owner = ol_web_param(request, 0);
    uint32_t nonce = nonce_of(request);
    ol_rc rc = payment_key_find(it->domain, owner, nonce, ol_web_arena(request), &row, &err);
    if (rc == OL_ERR_NOT_FOUND) {
        row = (payment_key_row){.owner = owner, .nonce = nonce};
    } else if (rc != OL_OK) {
        answer_failure(request, FAILURE_EMPTY, &err);
        return;
    }
    json_answer_begin(&answer);
    payment_key_encode(&row, &answer.w);
    json_answer_send(&answer, request, 200);
}

typedef struct page_query {
    int64_t offset;
    int64_t limit;
    ol_str source;
} page_query;

static const query_field PAGE_FIELDS[] = {
    {"offset", QUERY_I64, false, offsetof(page_query, offset)},
    {"limit", QUERY_I64, false, offsetof(page_query, limit)},
    {"source", QUERY_TEXT, false, offsetof(page_query, source)},
};

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

static const char *status_name(call_status status)
{
    return status == CALL_COMPLETED ? "completed" : status == CALL_FAILED ? "failed" : "pending";
}

static void usage_encode(const usage_row *row, ol_json_writer *w)
{
    char id[24];
    ol_buf text = ol_buf_over(id, sizeof id);
    ol_buf_addf(&text, "%lld", (long long)row->id);
    ol_json_object_begin(w);
    ol_json_put_str(w, "id", ol_buf_str(&text));
    ol_json_put_str(w, "call_id", ol_uuid_str(&row->call_id));
    if (row->job_id != 0)
        ol_json_put_i64(w, "job_id", row->job_id);
    else
        ol_json_put_null(w, "job_id");
    ol_json_put_str(w, "project_id", row->project_id);
    ol_json_put_dec(w, "compute_cost", row->compute_cost.micro);
    ol_json_put_dec(w, "attached_deposit", row->attached_deposit.micro);
    ol_json_put_cstr(w, "status", status_name(row->status));
    time_put(w, "created_at", row->created_ms);
    ol_json_object_end(w);
}

void public_usage_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    page_query query = {.limit = USAGE_LIMIT};
    usage_row *row;
    size_t count;
    uint64_t total;
    ol_err err = {0};
    json_answer answer;
    if (!query_bind(request, PAGE_FIELDS, OL_COUNT(PAGE_FIELDS), &query))
        return;
    int64_t limit = clamp(query.limit, 1, USAGE_LIMIT_MAX);
    int64_t offset = clamp(query.offset, 0, INT64_MAX);
    if (usage_list(it->domain, ol_web_param(request, 0), nonce_of(request), (uint64_t)offset,
                   (uint64_t)limit, ol_web_arena(request), &row, &count, &total, &err) != OL_OK) {
        answer_failure(request, FAILURE_EMPTY, &err);
        return;
    }
    json_answer_begin(&answer);
    ol_json_key(&answer.w, "usage");
    ol_json_array_begin(&answer.w);
    for (size_t i = 0; i < count; i++)
        usage_encode(&row[i], &answer.w);
    ol_json_array_end(&answer.w);
    ol_json_put_u64(&answer.w, "total", total);
    ol_json_put_i64(&answer.w, "offset", offset);
    ol_json_put_i64(&answer.w, "limit", limit);
    json_answer_send(&answer, request, 200);
}

/* ---- GET /public/project-earnings/{project_owner}[/history] */

void project_earnings_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    author_balance author = {0};
    ol_err err = {0};
    json_answer answer;
    ol_str owner = ol_web_param(request, 0);
    if (author_balance_find(it->domain, owner, &author, &err) != OL_OK) {
        answer_failure(request, FAILURE_EMPTY, &err);
        return;
    }
    json_answer_begin(&answer);
    ol_json_put_str(&answer.w, "project_owner", owner);
    ol_json_put_dec(&answer.w, "balance", author.balance.micro);
    ol_json_put_dec(&answer.w, "total_earned", author.total_earned.micro);
    if (author.updated_ms != 0)
        ol_json_put_i64(&answer.w, "updated_at", author.updated_ms / 1000);
    else
        ol_json_put_null(&answer.w, "updated_at");
    json_answer_send(&answer, request, 200);
}

static void text_put(ol_json_writer *w, const char *key, ol_str text)
{
    if (text.data != NULL)
        ol_json_put_str(w, key, text);
}

static void earning_encode(const earnings_row *row, ol_json_writer *w)
{
    ol_json_object_begin(w);
    ol_json_put_i64(w, "id", row->id);
    ol_json_put_str(w, "project_id", row->project_id);
    ol_json_put_dec(w, "attached_usd", row->attached_usd.micro);
    ol_json_put_dec(w, "refund_usd", row->refund_usd.micro);
    ol_json_put_dec(w, "amount", row->amount.micro);
    ol_json_put_cstr(w, "source", row->source == EARNED_HTTPS ? "https" : "blockchain");
    text_put(w, "tx_hash", row->transaction_hash);
    text_put(w, "caller", row->caller);
    if (row->request_id.has)
        ol_json_put_u64(w, "request_id", row->request_id.value);
    text_put(w, "call_id", row->call_id);
    text_put(w, "payment_key_owner", row->payment_key_owner);
    if (row->payment_key_nonce.has)
        ol_json_put_u64(w, "payment_key_nonce", row->payment_key_nonce.value);
    ol_json_put_i64(w, "created_at", row->created_ms / 1000);
    ol_json_object_end(w);
}

static earnings_source source_of(ol_str name)
{
    if (ol_str_eq(name, OL_STR("https")))
        return EARNED_HTTPS;
    return ol_str_eq(name, OL_STR("blockchain")) ? EARNED_BLOCKCHAIN : EARNED_ANY;
}

void earnings_history_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    page_query query = {.limit = HISTORY_LIMIT};
    earnings_row *row;
    size_t count;
    uint64_t total;
    ol_err err = {0};
    json_answer answer;
    ol_str owner = ol_web_param(request, 0);
    if (!query_bind(request, PAGE_FIELDS, OL_COUNT(PAGE_FIELDS), &query))
        return;
    if (query.limit < 0 || query.offset < 0) { /* Coordinator 19 */
        ol_web_answer_empty(request, 400);
        return;
    }
    uint64_t limit = (uint64_t)clamp(query.limit, 0, HISTORY_LIMIT_MAX);
    if (earnings_list(it->domain, owner, source_of(query.source), (uint64_t)query.offset, limit,
                      ol_web_arena(request), &row, &count, &total, &err) != OL_OK) {
        answer_failure(request, FAILURE_EMPTY, &err);
        return;
    }
    json_answer_begin(&answer);
    ol_json_put_str(&answer.w, "project_owner", owner);
    ol_json_key(&answer.w, "earnings");
    ol_json_array_begin(&answer.w);
    for (size_t i = 0; i < count; i++)
        earning_encode(&row[i], &answer.w);
    ol_json_array_end(&answer.w);
    ol_json_put_u64(&answer.w, "total_count", total);
    json_answer_send(&answer, request, 200);
}
