/* Coordinator 11: grants, workers and dead letters. */
#include "services/coordinator/handlers.h"
#include "services/coordinator/ledger.h"
#include "services/coordinator/queue.h"
#include "services/coordinator/time_text.h"
#include "services/coordinator/workers.h"

typedef struct grant_body {
    ol_str owner;
    uint32_t nonce;
    ol_str amount;
    ol_str note;
} grant_body;

static const ol_json_field GRANT_FIELDS[] = {
    {"owner", OL_BIND_TEXT, OL_REQUIRED, offsetof(grant_body, owner)},
    {"nonce", OL_BIND_U32, OL_REQUIRED, offsetof(grant_body, nonce)},
    {"amount", OL_BIND_TEXT, OL_REQUIRED, offsetof(grant_body, amount)},
    {"note", OL_BIND_TEXT, OL_OPTIONAL, offsetof(grant_body, note)},
};
static const ol_json_table GRANT_TABLE = {"GrantPaymentKeyRequest", GRANT_FIELDS,
                                          OL_COUNT(GRANT_FIELDS)};

static void granted(ol_op *op)
{
    const payment_key_granting *it = (payment_key_granting *)op;
    json_answer answer;
    if (!op_worked(op, FAILURE_TEXT))
        return;
    json_answer_begin(&answer);
    ol_json_put_str(&answer.w, "owner", it->owner);
    ol_json_put_u64(&answer.w, "nonce", it->nonce);
    ol_json_put_dec(&answer.w, "initial_balance", it->initial_balance.micro);
    ol_json_put_bool(&answer.w, "is_grant", true);
    json_answer_send(&answer, op_request(op), 200);
}

void grant_post(ol_web_request *request, void *context)
{
    coordinator *it = context;
    grant_body body = {0};
    ol_usd amount;
    if (!body_bind(request, &GRANT_TABLE, &body))
        return;
    if (!ol_usd_parse(body.amount, &amount)) {
        ol_web_answer_text(request, 400, OL_STR("Invalid amount format"));
        return;
    }
    payment_key_granting *op = OP_NEW(request, payment_key_granting, granted);
    if (op == NULL)
        return;
    op->owner = body.owner;
    op->nonce = body.nonce;
    op->amount = amount;
    op->note = body.note;
    payment_key_grant(it->domain, op);
}

static void grant_key_encode(const payment_key_row *row, ol_json_writer *w)
{
    ol_json_object_begin(w);
    ol_json_put_str(w, "owner", row->owner);
    ol_json_put_u64(w, "nonce", row->nonce);
    ol_json_put_dec(w, "initial_balance", row->initial_balance.micro);
    ol_json_put_dec(w, "spent", row->spent.micro);
    ol_json_put_dec(w, "reserved", row->reserved.micro);
    ol_json_put_dec(w, "available", payment_key_available(row).micro);
    ol_json_put_raw(w, "project_ids", row->scopes_json);
    if (ol_usd_is_zero(row->max_per_call))
        ol_json_put_null(w, "max_per_call");
    else
        ol_json_put_dec(w, "max_per_call", row->max_per_call.micro);
    time_put(w, "created_at", row->created_ms);
    ol_json_object_end(w);
}

void grant_keys_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    payment_key_row *row;
    size_t count;
    ol_err err = {0};
    json_answer answer;
    if (grant_keys_list(it->domain, ol_web_arena(request), &row, &count, &err) != OL_OK) {
        answer_failure(request, FAILURE_EMPTY, &err);
        return;
    }
    json_answer_begin_bare(&answer);
    ol_json_array_begin(&answer.w);
    for (size_t i = 0; i < count; i++)
        grant_key_encode(&row[i], &answer.w);
    ol_json_array_end(&answer.w);
    json_answer_send_bare(&answer, request, 200);
}

static void grant_deleted(ol_op *op)
{
    if (op_worked(op, FAILURE_TEXT))
        ol_web_answer_empty(op_request(op), 204);
}

void grant_key_delete_route(ol_web_request *request, void *context)
{
    coordinator *it = context;
    int64_t nonce = 0;
    OL_ASSERT(ol_i64_parse(ol_web_param(request, 1), &nonce));
    if (nonce < 0) {
        ol_web_answer_text(request, 404, OL_STR("Grant key not found or already deleted"));
        return;
    }
    payment_key_deletion *op = OP_NEW(request, payment_key_deletion, grant_deleted);
    if (op == NULL)
        return;
    op->owner = ol_web_param(request, 0);
    op->nonce = (uint32_t)nonce; /* the path takes an i32 */
    grant_key_delete(it->domain, op);
}

static void worker_gone(ol_op *op)
{
    if (op_worked(op, FAILURE_EMPTY))
        ol_web_answer_empty(op_request(op), 200);
}

void worker_delete(ol_web_request *request, void *context)
{
    coordinator *it = context;
    worker_removal *op = OP_NEW(request, worker_removal, worker_gone);
    if (op == NULL)
        return;
    op->worker_id = ol_web_param(request, 0);
    worker_remove(it->domain, op);
}

/* ---- GET /admin/dead-requests: delivered again and again, and never claimed (Coordinator 4.3). */

enum { DEAD_LIMIT = 1000 };

void dead_requests_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    dead_request *list;
    size_t count;
    ol_err err = {0};
    json_answer answer;
    if (dead_requests_list(it->domain, DEAD_LIMIT, ol_web_arena(request), &list, &count, &err) !=
        OL_OK) {
        answer_failure(request, FAILURE_EMPTY, &err);
        return;
    }
    json_answer_begin_bare(&answer);
    ol_json_array_begin(&answer.w);
    for (size_t i = 0; i < count; i++) {
        ol_json_object_begin(&answer.w);
        ol_json_put_u64(&answer.w, "request_id", list[i].request_id);
        ol_json_put_str(&answer.w, "data_id", list[i].data_id);
        ol_json_put_u64(&answer.w, "deliveries", list[i].deliveries);
        time_put(&answer.w, "created_at", list[i].created_ms);
        ol_json_object_end(&answer.w);
    }
    ol_json_array_end(&answer.w);
    json_answer_send_bare(&answer, request, 200);
}
