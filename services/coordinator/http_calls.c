/* Coordinator 2: calls, their results, the balance of a key. */
#include <string.h>

#include "lib/base/log.h"
#include "services/coordinator/admission.h"
#include "services/coordinator/call_answer.h"
#include "services/coordinator/handlers.h"
#include "services/coordinator/query.h"
#include "services/coordinator/time_text.h"

enum {
    LOOK_SECONDS_MAX = 60, /* GET /calls/{id}?wait */
    /* The sweeper settles an expired call and wakes its waiter; should it be late, the waiter's own
     * deadline stands behind it. */
    WINDOW_GRACE_SECONDS = 10,
};

static const int64_t NS_PER_MS = 1000000;

/* ---- The body. */

static bool body_take(admission *call)
{
    ol_err err = {0};
    call_body *body = &call->body;
    ol_str json = ol_bytes_str(ol_web_body_of(call->request));
    if (call_body_decode(json, ol_web_arena(call->request), body, &err) != OL_OK) {
        answer_bad_body(call->request, &err);
        return false;
    }
    call->op.input_data = ol_buf_str(&body->input);
    call->op.is_async = body->is_async;
    call->op.limits = body->limits;
    call->op.secrets_ref = body->secrets_ref;
    call->op.version_key = body->version_key;
    return true;
}

/* What makes two requests the same: project, prices, body. */
static void digest_take(admission *call)
{
    ol_buf text = ol_buf_new(OL_MIB(16));
    if (call->op.idempotency_key.data == NULL)
        return;
    ol_buf_addf(&text, "%.*s\n%s\n%s\n", OL_FMT(call->op.project_id),
                USD(call->op.price.compute_limit), USD(call->op.price.deposit));
    ol_buf_add(&text, ol_web_body_of(call->request));
    call->op.request_digest = ol_sha256_of(ol_buf_bytes(&text));
    ol_buf_deinit(&text);
}

/* ---- After the transaction (writer thread). */

static void answer_call(ol_web_request *request, const call_answer *call, bool poll)
{
    json_answer answer;
    json_answer_begin_bare(&answer);
    call_answer_encode(call, poll, &answer.w);
    json_answer_send_bare(&answer, request, 200);
}

static void answer_timeout(ol_web_request *request, const char *call_id)
{
    json_answer answer;
    json_answer_begin_bare(&answer);
    call_timeout_encode(ol_str_of(call_id), &answer.w);
    json_answer_send_bare(&answer, request, 504);
}

/* Keeps nothing of the request but its connection. */
static void wait_for_call(coordinator *it, ol_web_request *request, const char *call_id,
                          int64_t wait_ms)
{
    int64_t deadline = ol_mono_ns(it->clock) + wait_ms * NS_PER_MS;
    waiter *one = waiter_new(request, WAIT_CALL, deadline);
    if (one == NULL) {
        answer_timeout(request, call_id);
        return;
    }
    memcpy(one->call_id, call_id, sizeof one->call_id);
    ol_web_release_body(request);
    if (!waits_put(it->waits, one))
        call_wait_ended(one, true);
}

static void admitted(ol_op *op)
{
    admission *call = (admission *)op;
    coordinator *it = call->it;
    ol_web_request *request = call->request;
    call_body_deinit(&call->body);
    if (!op_worked(op, FAILURE_JSON))
        return;
    call_answer known = call->op.answer;
    if (call->op.is_async || known.status != CALL_PENDING) {
        answer_call(request, &known, true);
        return;
    }
    int64_t left = call->op.deadline_ms - ol_wall_ms(it->clock);
    wait_for_call(it, request, known.call_id.data,
                  (left > 0 ? left : 0) + WINDOW_GRACE_SECONDS * 1000);
}

/* ---- Step 11, and on. */

static void admit(admission *call)
{
    if (call->look.rc == OL_OK) {
        call->op.project_uuid = call->look.found.uuid;
        call_admit(call->it->domain, &call->op);
        return;
    }
    call_body_deinit(&call->body);
    if (call->look.rc == OL_ERR_PROJECT_NOT_FOUND) {
        answer_error_json(call->request, 404, OL_STR("Project not found"));
        return;
    }
    ol_str text = ol_arena_printf(ol_web_arena(call->request), "Contract query failed: %s",
                                  call->look.err.text);
    answer_error_json(call->request, 500, text);
}

static void project_looked(project_look *look)
{
    admit(look->context);
}

static void project_begin(admission *call)
{
    project_look *look = &call->look;
    look->it = call->it;
    look->project_id = call->op.project_id;
    look->arena = ol_web_arena(call->request);
    look->done = project_looked;
    look->context = call;
    call->op.op.done = admitted;
    bool known = project_look_start(look);
    ol_web_hold(call->request);
    if (!known && project_look_submit(look))
        return; /* the chain's thread goes on */
    admit(call);
}

void call_post(ol_web_request *request, void *context)
{
    ol_arena *arena = ol_web_arena(request);
    admission *call = OL_ARENA_NEW(arena, admission);
    if (call == NULL) {
        ol_web_answer_empty(request, 503);
        return;
    }
    call->it = context;
    call->request = request;
    call->op.arena = arena;
    call->op.op.context = request;
    call->op.project_id = ol_arena_printf(arena, "%.*s/%.*s", OL_FMT(ol_web_param(request, 0)),
                                          OL_FMT(ol_web_param(request, 1)));
    if (!body_take(call))
        return;
    if (!admission_headers(call) || !admission_key(call)) {
        call_body_deinit(&call->body);
        return;
    }
    digest_take(call);
    project_begin(call);
}

/* ---- Waiters. */

static void call_wait_answer(waiter *one, const call_answer *call)
{
    if (one->kind == WAIT_CALL && call->expired)
        answer_timeout(one->request, one->call_id);
    else
        answer_call(one->request, call, false);
    waiter_free(one);
}

void calls_finished(coordinator *it, const call_answer *call)
{
    waiter *one = waits_take_call(it->waits, ol_uuid_str(&call->call_id));
    while (one != NULL) {
        waiter *next = one->next;
        call_wait_answer(one, call);
        one = next;
    }
}

void call_wait_ended(waiter *one, bool stopping)
{
    if (one->kind == WAIT_LOOK) {
        call_answer pending = {.status = CALL_PENDING};
        memcpy(pending.call_id.data, one->call_id, sizeof pending.call_id.data);
        answer_call(one->request, &pending, false);
    } else if (stopping) {
        json_answer answer;
        json_answer_begin(&answer);
        ol_json_put_cstr(&answer.w, "error", "Service is stopping; ask for the call again");
        ol_json_put_cstr(&answer.w, "call_id", one->call_id);
        json_answer_send(&answer, one->request, 503);
    } else {
        answer_timeout(one->request, one->call_id);
    }
    waiter_free(one);
}

/* ---- GET /calls/{call_id} */

typedef struct look_query {
    uint64_t wait;
} look_query;

static const query_field LOOK_FIELDS[] = {{"wait", QUERY_U64, false, offsetof(look_query, wait)}};

static bool call_find_or_answer(coordinator *it, ol_web_request *request,
                                const payment_key_row *row, ol_uuid id, call_answer *ret)
{
    ol_err err = {0};
    if (call_find(it->domain, row, id, ol_web_arena(request), ret, &err) == OL_OK)
        return true;
    answer_failure(request, FAILURE_JSON, &err);
    return false;
}

/* Registers first and reads then, since the end may come in between: whoever takes the waiter out
 * answers. */
static void look_wait(coordinator *it, ol_web_request *request, const payment_key_row *row,
                      ol_uuid id, uint64_t seconds)
{
    ol_arena arena = ol_arena_new(OL_MIB(64));
    ol_uuid_text text = ol_uuid_format(id);
    call_answer call;
    ol_err err = {0};
    payment_key_row mine = *row;
    int64_t deadline = ol_mono_ns(it->clock) + (int64_t)seconds * 1000 * NS_PER_MS;
    waiter *one = waiter_new(request, WAIT_LOOK, deadline);
    if (one == NULL) {
        ol_web_answer_empty(request, 503);
        return;
    }
    memcpy(one->call_id, text.data, sizeof one->call_id);
    /* The row lives in the request's arena, which may die with the waiter. */
    if (!ol_arena_copy(&arena, row->owner, &mine.owner) ||
        !ol_arena_copy(&arena, row->scopes_json, &mine.scopes_json)) {
        waiter_free(one);
        ol_web_answer_empty(request, 503);
        return;
    }
    ol_web_hold(request);
    if (!waits_put(it->waits, one)) {
        call_wait_ended(one, true);
    } else if (call_find(it->domain, &mine, id, &arena, &call, &err) == OL_OK &&
               call.status != CALL_PENDING) {
        calls_finished(it, &call);
    }
    ol_arena_deinit(&arena);
}

void call_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    look_query query = {0};
    payment_key key;
    payment_key_row row;
    call_answer call;
    ol_uuid id;
    ol_err err = {0};
    OL_ASSERT(ol_uuid_parse(ol_web_param(request, 0), &id));
    if (!query_bind(request, LOOK_FIELDS, OL_COUNT(LOOK_FIELDS), &query) ||
        !payment_key_require(request, &key))
        return;
    if (payment_key_authorise(it->domain, &key, ol_web_arena(request), &row, &err) != OL_OK) {
        answer_failure(request, FAILURE_JSON, &err);
        return;
    }
    if (!call_find_or_answer(it, request, &row, id, &call))
        return;
    if (call.status != CALL_PENDING || query.wait == 0)
        answer_call(request, &call, false);
    else
        look_wait(it, request, &row, id,
                  query.wait < LOOK_SECONDS_MAX ? query.wait : LOOK_SECONDS_MAX);
}

/* ---- GET /payment-keys/balance: errors are text here (Coordinator 2.3). */

static bool balance_key(coordinator *it, ol_web_request *request, payment_key_row *ret)
{
    ol_str header;
    payment_key key;
    ol_err err = {0};
    if (!ol_web_header(request, "x-payment-key", &header)) {
        ol_web_answer_text(request, 401, OL_STR("Missing X-Payment-Key header"));
        return false;
    }
    if (payment_key_parse(header, &key, &err) != OL_OK) {
        ol_web_answer_text(request, 400,
                           OL_STR("Invalid X-Payment-Key format. Expected: owner:nonce:key"));
        return false;
    }
    if (payment_key_authorise(it->domain, &key, ol_web_arena(request), ret, &err) == OL_OK)
        return true;
    if (err.rc == OL_ERR_PAYMENT_KEY)
        ol_web_answer_text(request, 401, OL_STR("Invalid payment key: InvalidKey"));
    else
        answer_failure(request, FAILURE_TEXT, &err);
    return false;
}

typedef struct balance_query {
    ol_str terms; /* "1": what the key is for, too */
} balance_query;

static const query_field BALANCE_FIELDS[] = {
    {"terms", QUERY_TEXT, false, offsetof(balance_query, terms)},
};

static void terms_encode(const payment_key_row *row, ol_json_writer *w)
{
    ol_json_put_raw(w, "project_ids", row->scopes_json);
    if (ol_usd_is_zero(row->max_per_call))
        ol_json_put_null(w, "max_per_call");
    else
        ol_json_put_dec(w, "max_per_call", row->max_per_call.micro);
}

void balance_get(ol_web_request *request, void *context)
{
    payment_key_row row;
    balance_query query = {0};
    json_answer answer;
    if (!balance_key(context, request, &row) ||
        !query_bind(request, BALANCE_FIELDS, OL_COUNT(BALANCE_FIELDS), &query))
        return;
    json_answer_begin(&answer);
    payment_key_encode(&row, &answer.w);
    ol_json_put_bool(&answer.w, "is_grant", row.is_grant);
    if (ol_str_eq(query.terms, OL_STR("1")))
        terms_encode(&row, &answer.w);
    json_answer_send(&answer, request, 200);
}
