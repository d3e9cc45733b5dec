/* Coordinator 4.2: requests, polls, claims, completions. */
#include <stdlib.h>
#include <string.h>

#include "lib/net/uuid_read.h"
#include "services/coordinator/handlers.h"
#include "services/coordinator/proofs.h"
#include "services/coordinator/query.h"
#include "services/coordinator/queue.h"

enum {
    POLL_SECONDS_STANDARD = 60,
    POLL_SECONDS_MAX = 120,
    JOBS_TEXT_BYTES = 4096, /* jobs and pricing of a claiming poll, an error text aside */
};

static const int64_t NS_PER_SECOND = 1000000000;

/* ---- POST /executions/create */

/* What must be there, and of which kind; the values are read by the shared decoder. */
typedef struct create_check {
    uint64_t request_id;
    ol_json source;
    uint64_t instructions;
    uint32_t memory_mb;
    uint64_t seconds;
    ol_str input_data;
    ol_str data_id;
    int format;
} create_check;

#define CHECK_AT(member) offsetof(create_check, member)
static const ol_json_field CREATE_LIMIT_FIELDS[] = {
    {"max_instructions", OL_BIND_U64, OL_REQUIRED, CHECK_AT(instructions)},
    {"max_memory_mb", OL_BIND_U32, OL_REQUIRED, CHECK_AT(memory_mb)},
    {"max_execution_seconds", OL_BIND_U64, OL_REQUIRED, CHECK_AT(seconds)},
};
static const ol_json_table CREATE_LIMIT_TABLE = {"ResourceLimits", CREATE_LIMIT_FIELDS,
                                                 OL_COUNT(CREATE_LIMIT_FIELDS)};
static const char *const FORMAT_NAMES[] = {"Bytes", "Text", "Json", NULL};
static const ol_json_field CREATE_FIELDS[] = {
    {"request_id", OL_BIND_U64, OL_REQUIRED, CHECK_AT(request_id)},
    {"code_source", OL_BIND_VALUE, OL_REQUIRED, CHECK_AT(source)},
    {"resource_limits", OL_BIND_OBJECT, OL_REQUIRED, 0, .sub = &CREATE_LIMIT_TABLE},
    {"input_data", OL_BIND_TEXT, OL_REQUIRED, CHECK_AT(input_data)},
    {"data_id", OL_BIND_TEXT, OL_REQUIRED, CHECK_AT(data_id)},
    {"response_format", OL_BIND_ENUM, OL_DEFAULT, CHECK_AT(format), .variants = FORMAT_NAMES},
};
static const ol_json_table CREATE_TABLE = {"CreateTaskRequest", CREATE_FIELDS,
                                           OL_COUNT(CREATE_FIELDS)};

static void created(ol_op *op)
{
    request_creation *it = (request_creation *)op;
    json_answer answer;
    if (!op_worked(op, FAILURE_EMPTY))
        return;
    json_answer_begin(&answer);
    ol_json_put_u64(&answer.w, "request_id", it->task.request_id);
    ol_json_put_bool(&answer.w, "created", it->created);
    json_answer_send(&answer, op_request(op), it->created ? 201 : 200);
}

static bool task_take(ol_web_request *request, ol_task *ret)
{
    create_check check = {0};
    ol_arena *arena = ol_web_arena(request);
    ol_err err = {0};
    if (!body_bind(request, &CREATE_TABLE, &check))
        return false;
    if (ol_task_decode(ol_bytes_str(ol_web_body_of(request)), arena, ret, &err) != OL_OK) {
        answer_bad_body(request, &err);
        return false;
    }
    if (ret->source.kind == OL_SOURCE_GITHUB &&
        !ol_repo_normalise(ret->source.repo, arena, &ret->source.repo)) {
        ol_web_answer_empty(request, 503);
        return false;
    }
    /* HTTPS tasks come from calls alone. */
    ret->is_https_call = false;
    ret->call_id = ret->payment_key_owner = ret->wallet_id = (ol_str){NULL, 0};
    ret->payment_key_nonce = (ol_opt_u64){0};
    ret->usd_payment = ret->compute_limit_usd = ret->attached_deposit_usd = (ol_opt_u128){0};
    return true;
}

void execution_create(ol_web_request *request, void *context)
{
    coordinator *it = context;
    ol_task task = {0};
    if (!task_take(request, &task))
        return;
    request_creation *op = OP_NEW(request, request_creation, created);
    if (op == NULL)
        return;
    op->task = task;
    request_create(it->domain, op);
}

/* ---- GET /executions/poll */

typedef struct poll_query {
    uint64_t timeout;
    ol_str capabilities;
    ol_str queue;
    ol_str claim;
    ol_str worker_id;
    ol_str life;
} poll_query;

static const query_field POLL_FIELDS[] = {
    {"timeout", QUERY_U64, false, offsetof(poll_query, timeout)},
    {"capabilities", QUERY_TEXT, false, offsetof(poll_query, capabilities)},
    {"queue", QUERY_TEXT, false, offsetof(poll_query, queue)},
    {"claim", QUERY_TEXT, false, offsetof(poll_query, claim)},
    {"worker_id", QUERY_TEXT, false, offsetof(poll_query, worker_id)},
    {"life", QUERY_TEXT, false, offsetof(poll_query, life)},
};

/* A poll under way; lives in its request's arena while an operation runs for it. */
typedef struct poll_take {
    queue_poll op; /* first */
    coordinator *it;
    int64_t deadline_ns;
    poll_wish *wish; /* on the heap: it outlives the arena while the poll waits */
} poll_take;

/* `{task, jobs, pricing}`: the task as it is stored, the rest as a claim answers. */
static void answer_claimed(ol_web_request *request, const queue_poll *found)
{
    const ol_claim_answer claim = {
        .has_job = found->has_job, .job = found->job, .pricing = found->pricing};
    ol_buf rest = ol_buf_new(OL_MIB(4));
    ol_buf whole = ol_buf_new(ANSWER_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&rest);
    ol_claim_answer_encode(&claim, &w);
    (void)ol_buf_reserve(&whole, found->task_json.len + JOBS_TEXT_BYTES);
    ol_buf_add_str(&whole, OL_STR("{\"task\":"));
    ol_buf_add_str(&whole, found->task_json);
    ol_buf_add_char(&whole, ',');
    ol_buf_add_str(&whole, ol_str_slice(ol_buf_str(&rest), 1, rest.len)); /* without its brace */
    whole.failed |= !ol_buf_ok(&rest);
    ol_buf_deinit(&rest);
    ol_web_answer_json(request, 200, &whole);
}

static void poll_wait(coordinator *it, ol_web_request *request, poll_wish *wish,
                      int64_t deadline_ns)
{
    waiter *one = waiter_new(request, WAIT_TASK, deadline_ns);
    if (one == NULL) {
        free(wish);
        ol_web_answer_empty(request, 204);
        return;
    }
    one->wish = wish;
    ol_web_release_body(request);
    if (atomic_load(&it->stopping) || deadline_ns <= ol_mono_ns(it->clock) ||
        !waits_put(it->waits, one))
        poll_wait_ended(one);
}

static void polled(ol_op *op)
{
    poll_take take = *(poll_take *)op;
    ol_web_request *request = op_request(op);
    if (op->rc == OL_OK && !take.op.found) {
        poll_wait(take.it, request, take.wish, take.deadline_ns);
        return;
    }
    free(take.wish);
    if (!op_worked(op, FAILURE_EMPTY))
        return;
    if (take.op.claim)
        answer_claimed(request, &take.op);
    else
        ol_web_answer(request, 200, OL_WEB_TYPE_JSON, ol_str_bytes(take.op.task_json));
}

/* Asks the queue for a held request. */
static void poll_begin(coordinator *it, ol_web_request *request, poll_wish *wish,
                       int64_t deadline_ns)
{
    ol_arena *arena = ol_web_arena(request);
    poll_take *take = OL_ARENA_NEW(arena, poll_take);
    if (take == NULL) {
        free(wish);
        ol_web_answer_empty(request, 503);
        return;
    }
    take->it = it;
    take->wish = wish;
    take->deadline_ns = deadline_ns;
    take->op.op.done = polled;
    take->op.op.context = request;
    take->op.queues = wish->queues;
    take->op.capabilities = wish->capabilities;
    take->op.claim = wish->claim;
    take->op.worker_id = ol_str_of(wish->worker_id);
    take->op.life = ol_str_of(wish->life);
    take->op.arena = arena;
    queue_take(it->domain, &take->op);
}

void polls_wake(coordinator *it, unsigned queues)
{
    waiter *one;
    while ((one = waits_take_poll(it->waits, queues)) != NULL) {
        ol_web_request *request = one->request;
        poll_wish *wish = one->wish;
        int64_t deadline_ns = one->deadline_ns;
        bool gone = ol_web_peer_gone(request);
        one->wish = NULL;
        waiter_free(one);
        if (!gone) {
            poll_begin(it, request, wish, deadline_ns);
            return;
        }
        free(wish); /* work must not go to a worker that is not there any more */
        ol_web_answer_empty(request, 204);
    }
}

void poll_wait_ended(waiter *one)
{
    ol_web_request *request = one->request;
    waiter_free(one);
    ol_web_answer_empty(request, 204);
}

/* The queues a poll looks into; 0: neither a capability nor a queue that exists. */
static unsigned poll_queues(const poll_query *query)
{
    if (query->queue.data == NULL)
        return ol_capabilities_parse(query->capabilities);
    if (ol_str_eq(query->queue, OL_STR("compile")))
        return OL_CAP_COMPILATION;
    if (ol_str_eq(query->queue, OL_STR("execute")))
        return OL_CAP_EXECUTION;
    return 0;
}

static poll_wish *wish_new(const poll_query *query, unsigned queues, unsigned capabilities)
{
    poll_wish *wish = calloc(1, sizeof *wish);
    if (wish == NULL)
        return NULL;
    wish->queues = queues;
    wish->capabilities = capabilities;
    wish->claim = ol_str_eq(query->claim, OL_STR("1"));
    memcpy(wish->worker_id, query->worker_id.data, query->worker_id.len);
    memcpy(wish->life, query->life.data, query->life.len);
    return wish;
}

void execution_poll(ol_web_request *request, void *context)
{
    coordinator *it = context;
    poll_query query = {.timeout = POLL_SECONDS_STANDARD, .worker_id = {"", 0}, .life = {"", 0}};
    if (!query_bind(request, POLL_FIELDS, OL_COUNT(POLL_FIELDS), &query))
        return;
    unsigned queues = poll_queues(&query);
    /* What the worker can do with what it finds; a queue alone says that too. */
    unsigned capabilities = ol_capabilities_parse(query.capabilities);
    bool claim = ol_str_eq(query.claim, OL_STR("1"));
    if (capabilities == 0)
        capabilities = queues;
    if (queues == 0 || query.worker_id.len >= WAITER_WORKER_ID_BYTES ||
        query.life.len > OL_WORKER_LIFE_BYTES_MAX || (claim && query.worker_id.len == 0)) {
        ol_web_answer_empty(request, 400);
        return;
    }
    if (claim && (capabilities & OL_CAP_EXECUTION) && !tee_session_valid(it, request)) {
        ol_web_answer_empty(request, 401);
        return;
    }
    poll_wish *wish = wish_new(&query, queues, capabilities);
    if (wish == NULL) {
        ol_web_answer_empty(request, 503);
        return;
    }
    uint64_t seconds = query.timeout < POLL_SECONDS_MAX ? query.timeout : POLL_SECONDS_MAX;
    ol_web_hold(request);
    poll_begin(it, request, wish, ol_mono_ns(it->clock) + (int64_t)seconds * NS_PER_SECOND);
}

/* ---- POST /jobs/claim */

static void claimed(ol_op *op)
{
    job_claim *it = (job_claim *)op;
    json_answer answer;
    if (!op_worked(op, FAILURE_EMPTY))
        return;
    ol_claim_answer claim = {.has_job = it->has_job, .job = it->job, .pricing = it->pricing};
    if (claim.job.project_uuid.data == NULL) /* the claim may know better than the request */
        claim.job.project_uuid = it->claim.project_uuid;
    if (claim.job.project_id.data == NULL)
        claim.job.project_id = it->claim.project_id;
    json_answer_begin_bare(&answer);
    ol_claim_answer_encode(&claim, &answer.w);
    json_answer_send_bare(&answer, op_request(op), 200);
}

void job_claim_post(ol_web_request *request, void *context)
{
    coordinator *it = context;
    ol_claim claim = {0};
    ol_err err = {0};
    ol_str body = ol_bytes_str(ol_web_body_of(request));
    if (ol_claim_decode(body, ol_web_arena(request), &claim, &err) != OL_OK) {
        answer_bad_body(request, &err);
        return;
    }
    if (claim.capabilities == 0) {
        ol_web_answer_empty(request, 400);
        return;
    }
    if ((claim.capabilities & OL_CAP_EXECUTION) && !tee_session_valid(it, request)) {
        ol_web_answer_empty(request, 401);
        return;
    }
    job_claim *op = OP_NEW(request, job_claim, claimed);
    if (op == NULL)
        return;
    op->claim = claim;
    op->arena = ol_web_arena(request);
    job_claim_take(it->domain, op);
}

/* ---- POST /jobs/complete, with `call` and `attestation` in the same transaction. */

static void completed(ol_op *op)
{
    if (op_worked(op, FAILURE_EMPTY))
        ol_web_answer_empty(op_request(op), 200);
}

/* A call id in any of the accepted forms becomes the canonical one; else the body is refused with
 * the place of the fault. `path` leads to the member. */
static bool call_id_take(ol_web_request *request, ol_str *call_id, bool inside)
{
    char text[OL_UUID_CANONICAL_LEN + 1];
    ol_err fault = {0};
    ol_err err = {0};
    ol_json root;
    ol_json value;
    if (ol_uuid_read(*call_id, text, &fault) == OL_OK &&
        ol_arena_copy(ol_web_arena(request), ol_str_of(text), call_id))
        return true;
    if (ol_json_parse(ol_bytes_str(ol_web_body_of(request)), &root, &err) == OL_OK &&
        (!inside || ol_json_find(&root, OL_STR("call"), &root)) &&
        ol_json_find(&root, OL_STR("call_id"), &value))
        (void)ol_json_wrong_shape(&value, &err, "%s", fault.text);
    answer_bad_body(request, &err);
    return false;
}

static bool report_attestation(coordinator *it, ol_web_request *request,
                               const ol_job_report *report, attestation **ret)
{
    ol_err err = {0};
    *ret = NULL;
    if (report->attestation_json.data == NULL)
        return true;
    *ret = OL_ARENA_NEW(ol_web_arena(request), attestation);
    if (*ret != NULL && attestation_decode(it->domain, report->attestation_json,
                                           ol_web_arena(request), *ret, &err) == OL_OK)
        return true;
    if (*ret == NULL)
        ol_web_answer_empty(request, 503);
    else if (err.rc == OL_ERR_INVALID)
        ol_web_answer_text(request, 400, ol_err_text(&err));
    else
        answer_bad_body(request, &err);
    return false;
}

static const char SESSION_REFUSAL[] =
    "TEE session required. Register via POST /workers/register-tee";

void job_complete_post(ol_web_request *request, void *context)
{
    coordinator *it = context;
    ol_job_report report = {0};
    attestation *record;
    ol_err err = {0};
    ol_str body = ol_bytes_str(ol_web_body_of(request));
    if (ol_job_report_decode(body, ol_web_arena(request), &report, &err) != OL_OK) {
        answer_bad_body(request, &err);
        return;
    }
    if (report.has_call) {
        if (!call_id_take(request, &report.call.call_id, true))
            return;
        if (!tee_session_valid(it, request)) {
            answer_error_json(request, 403, ol_str_of(SESSION_REFUSAL));
            return;
        }
    }
    if (!report_attestation(it, request, &report, &record))
        return;
    job_completion *op = OP_NEW(request, job_completion, completed);
    if (op == NULL)
        return;
    op->report = report;
    op->attestation = record;
    job_complete(it->domain, op);
}

/* ---- POST /https-calls/complete */

static void call_completed(ol_op *op)
{
    call_completion *it = (call_completion *)op;
    json_answer answer;
    if (!op_worked(op, FAILURE_JSON))
        return;
    json_answer_begin(&answer);
    ol_json_put_str(&answer.w, "call_id", it->report.call_id);
    ol_json_put_bool(&answer.w, "finalized", it->finalized);
    json_answer_send(&answer, op_request(op), 200);
}

void https_call_complete(ol_web_request *request, void *context)
{
    coordinator *it = context;
    ol_call_report report = {0};
    ol_err err = {0};
    ol_str body = ol_bytes_str(ol_web_body_of(request));
    if (ol_call_report_decode(body, ol_web_arena(request), &report, &err) != OL_OK) {
        answer_bad_body(request, &err);
        return;
    }
    if (!call_id_take(request, &report.call_id, false))
        return;
    if (!tee_session_valid(it, request)) {
        answer_error_json(request, 403, ol_str_of(SESSION_REFUSAL));
        return;
    }
    call_completion *op = OP_NEW(request, call_completion, call_completed);
    if (op == NULL)
        return;
    op->report = report;
    call_complete(it->domain, op);
}
