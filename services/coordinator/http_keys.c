/* Coordinator 3.4: administration of payment keys by the chain worker, and its system tasks. */
#include "lib/codec/json_print.h"
#include "services/coordinator/handlers.h"
#include "services/coordinator/ledger.h"
#include "services/coordinator/query.h"
#include "services/coordinator/storage.h"
#include "services/coordinator/tasks.h"

enum { SYSTEM_SECONDS_STANDARD = 60, SYSTEM_SECONDS_MAX = 120 };

static const int64_t NS_PER_SECOND = 1000000000;

typedef struct key_body {
    ol_str owner;
    uint32_t nonce;
    ol_str key_hash;
    ol_json_texts project_ids;
    ol_str max_per_call;
    ol_str new_initial_balance;
    ol_str amount;
    ol_str data_id;
    ol_str encrypted_data;
} key_body;

#define KEY(member) offsetof(key_body, member)
#define OWNER {"owner", OL_BIND_TEXT, OL_REQUIRED, KEY(owner)}
#define NONCE {"nonce", OL_BIND_U32, OL_REQUIRED, KEY(nonce)}
#define KEY_HASH {"key_hash", OL_BIND_TEXT, OL_REQUIRED, KEY(key_hash)}
#define PROJECT_IDS {"project_ids", OL_BIND_TEXT_LIST, OL_DEFAULT, KEY(project_ids)}
#define MAX_PER_CALL {"max_per_call", OL_BIND_TEXT, OL_OPTIONAL, KEY(max_per_call)}
#define DATA_ID {"data_id", OL_BIND_TEXT, OL_REQUIRED, KEY(data_id)}

/* The proof as 64 hex digits, or 400: a key that no secret can open helps nobody. */
static bool proof_take(ol_web_request *request, const key_body *body, ol_sha256 *ret)
{
    if (ol_sha256_parse(body->key_hash, ret))
        return true;
    ol_web_answer_text(request, 400, OL_STR("Invalid key_hash: must be 64 hex characters"));
    return false;
}

/* null, "", "0" and what is no number: unlimited (Coordinator 2.1 step 10). */
static ol_usd cap_take(const key_body *body)
{
    ol_usd cap = OL_USD(0);
    if (!ol_usd_parse(body->max_per_call, &cap))
        return OL_USD(0);
    return cap;
}

static ol_str scopes_take(ol_web_request *request, const key_body *body)
{
    ol_buf buf = ol_buf_new(PAYMENT_KEY_SCOPE_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&buf);
    ol_str copy = {NULL, 0};
    ol_json_array_begin(&w);
    for (size_t i = 0; i < body->project_ids.count; i++)
        ol_json_add_str(&w, body->project_ids.items[i]);
    ol_json_array_end(&w);
    bool room = body->project_ids.count <= PAYMENT_KEY_SCOPES_MAX && ol_buf_ok(&buf) &&
                ol_arena_copy(ol_web_arena(request), ol_buf_str(&buf), &copy);
    ol_buf_deinit(&buf);
    if (!room)
        ol_web_answer_text(request, 400, OL_STR("Too many project_ids"));
    return copy;
}

/* {"success":true} and one flag. */
static void answer_success(ol_web_request *request, const char *flag, bool value)
{
    json_answer answer;
    json_answer_begin(&answer);
    ol_json_put_bool(&answer.w, "success", true);
    if (flag != NULL)
        ol_json_put_bool(&answer.w, flag, value);
    json_answer_send(&answer, request, 200);
}

/* ---- POST /payment-keys/init */

static const ol_json_field INIT_FIELDS[] = {OWNER, NONCE, KEY_HASH, PROJECT_IDS, MAX_PER_CALL};
static const ol_json_table INIT_TABLE = {"InitPaymentKeyRequest", INIT_FIELDS,
                                         OL_COUNT(INIT_FIELDS)};

static void key_made(ol_op *op)
{
    if (op_worked(op, FAILURE_TEXT))
        answer_success(op_request(op), "created", ((const payment_key_init *)op)->created);
}

void payment_key_init_post(ol_web_request *request, void *context)
{
    coordinator *it = context;
    key_body body = {0};
    ol_sha256 proof;
    if (!body_bind(request, &INIT_TABLE, &body) || !proof_take(request, &body, &proof))
        return;
    ol_str scopes = scopes_take(request, &body);
    if (scopes.data == NULL)
        return;
    payment_key_init *op = OP_NEW(request, payment_key_init, key_made);
    if (op == NULL)
        return;
    op->owner = body.owner;
    op->nonce = body.nonce;
    op->proof = proof;
    op->scopes_json = scopes;
    op->max_per_call = cap_take(&body);
    payment_key_create(it->domain, op);
}

/* ---- POST /topup/complete */

static const ol_json_field COMPLETE_FIELDS[] = {
    OWNER,
    NONCE,
    {"new_initial_balance", OL_BIND_TEXT, OL_REQUIRED, KEY(new_initial_balance)},
    {"amount", OL_BIND_TEXT, OL_OPTIONAL, KEY(amount)},
    KEY_HASH,
    PROJECT_IDS,
    MAX_PER_CALL,
    {"data_id", OL_BIND_TEXT, OL_OPTIONAL, KEY(data_id)}, /* ours */
};
static const ol_json_table COMPLETE_TABLE = {"CompleteTopUpRequest", COMPLETE_FIELDS,
                                             OL_COUNT(COMPLETE_FIELDS)};

static void credited(ol_op *op)
{
    if (op_worked(op, FAILURE_TEXT))
        answer_success(op_request(op), NULL, false);
}

static bool amounts_take(ol_web_request *request, const key_body *body, topup_completion *ret)
{
    ret->has_amount = body->amount.data != NULL;
    if (ol_usd_parse(body->new_initial_balance, &ret->new_initial_balance) &&
        (!ret->has_amount || ol_usd_parse(body->amount, &ret->amount)))
        return true;
    ol_web_answer_text(request, 400, OL_STR("Invalid amount format"));
    return false;
}

void topup_complete_post(ol_web_request *request, void *context)
{
    coordinator *it = context;
    key_body body = {0};
    topup_completion draft = {0};
    if (!body_bind(request, &COMPLETE_TABLE, &body) || !proof_take(request, &body, &draft.proof) ||
        !amounts_take(request, &body, &draft))
        return;
    draft.scopes_json = scopes_take(request, &body);
    if (draft.scopes_json.data == NULL)
        return;
    topup_completion *op = OP_NEW(request, topup_completion, credited);
    if (op == NULL)
        return;
    draft.op = op->op;
    *op = draft;
    op->owner = body.owner;
    op->nonce = body.nonce;
    op->data_id = body.data_id;
    op->max_per_call = cap_take(&body);
    topup_complete(it->domain, op);
}

/* ---- POST /payment-keys/delete */

static const ol_json_field DELETE_FIELDS[] = {OWNER, NONCE};
static const ol_json_table DELETE_TABLE = {"DeletePaymentKeyRequest", DELETE_FIELDS,
                                           OL_COUNT(DELETE_FIELDS)};

static void key_deleted(ol_op *op)
{
    if (op_worked(op, FAILURE_TEXT))
        answer_success(op_request(op), "deleted", ((const payment_key_deletion *)op)->deleted);
}

void payment_key_delete_post(ol_web_request *request, void *context)
{
    coordinator *it = context;
    key_body body = {0};
    if (!body_bind(request, &DELETE_TABLE, &body))
        return;
    payment_key_deletion *op = OP_NEW(request, payment_key_deletion, key_deleted);
    if (op == NULL)
        return;
    op->owner = body.owner;
    op->nonce = body.nonce;
    payment_key_delete(it->domain, op);
}

/* ---- …/create of system tasks */

static void task_made(ol_op *op)
{
    const system_task_adding *it = (system_task_adding *)op;
    json_answer answer;
    if (!op_worked(op, FAILURE_TEXT))
        return;
    json_answer_begin(&answer);
    ol_json_put_i64(&answer.w, "task_id", it->task.id);
    ol_json_put_bool(&answer.w, "created", it->created);
    json_answer_send(&answer, op_request(op), 200);
}

static void task_add(coordinator *it, ol_web_request *request, const system_task *task)
{
    system_task_adding *op = OP_NEW(request, system_task_adding, task_made);
    if (op == NULL)
        return;
    op->task = *task;
    system_task_create(it->domain, op);
}

static const ol_json_field TOPUP_FIELDS[] = {
    DATA_ID,
    OWNER,
    NONCE,
    {"amount", OL_BIND_TEXT, OL_REQUIRED, KEY(amount)},
    {"encrypted_data", OL_BIND_TEXT, OL_REQUIRED, KEY(encrypted_data)},
};
static const ol_json_table TOPUP_TABLE = {"CreateTopUpRequest", TOPUP_FIELDS,
                                          OL_COUNT(TOPUP_FIELDS)};

void topup_create(ol_web_request *request, void *context)
{
    key_body body = {0};
    system_task task = {.kind = TASK_TOPUP};
    if (!body_bind(request, &TOPUP_TABLE, &body))
        return;
    if (!ol_usd_parse(body.amount, &task.amount)) {
        ol_web_answer_text(request, 400, OL_STR("Invalid amount format"));
        return;
    }
    task.data_id = body.data_id;
    task.owner = body.owner;
    task.nonce = body.nonce;
    task.encrypted_data = body.encrypted_data;
    task_add(context, request, &task);
}

static const ol_json_field KEY_TASK_FIELDS[] = {DATA_ID, OWNER, NONCE};
static const ol_json_table KEY_TASK_TABLE = {"CreateDeleteTaskRequest", KEY_TASK_FIELDS,
                                             OL_COUNT(KEY_TASK_FIELDS)};

void key_delete_task_create(ol_web_request *request, void *context)
{
    key_body body = {0};
    if (!body_bind(request, &KEY_TASK_TABLE, &body))
        return;
    const system_task task = {
        .kind = TASK_KEY_DELETE, .data_id = body.data_id, .owner = body.owner, .nonce = body.nonce};
    task_add(context, request, &task);
}

typedef struct cleanup_body {
    ol_str project_id;
    ol_str project_uuid;
} cleanup_body;

static const ol_json_field CLEANUP_FIELDS[] = {
    {"project_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(cleanup_body, project_id)},
    {"project_uuid", OL_BIND_TEXT, OL_REQUIRED, offsetof(cleanup_body, project_uuid)},
};
static const ol_json_table CLEANUP_TABLE = {"CreateCleanupTaskRequest", CLEANUP_FIELDS,
                                            OL_COUNT(CLEANUP_FIELDS)};

void cleanup_task_create(ol_web_request *request, void *context)
{
    cleanup_body body = {0};
    if (!body_bind(request, &CLEANUP_TABLE, &body))
        return;
    const system_task task = {.kind = TASK_STORAGE_CLEANUP,
                              .data_id = body.project_uuid,
                              .project_id = body.project_id,
                              .project_uuid = body.project_uuid};
    task_add(context, request, &task);
}

/* ---- POST /storage/clear-project: what a cleanup task asks for. */

static const ol_json_field CLEAR_FIELDS[] = {
    {"project_uuid", OL_BIND_TEXT, OL_REQUIRED, offsetof(cleanup_body, project_uuid)},
};
static const ol_json_table CLEAR_TABLE = {"ClearProjectRequest", CLEAR_FIELDS,
                                          OL_COUNT(CLEAR_FIELDS)};

static void cleared(ol_op *op)
{
    if (op_worked(op, FAILURE_EMPTY))
        ol_web_answer_empty(op_request(op), 200);
}

typedef struct project_clearing {
    storage_clearing rows; /* first */
    system_task_ending task;
    coordinator *it;
} project_clearing;

/* The rows are gone for good; only then is the task done. Doing it again is harmless. */
static void rows_cleared(ol_op *op)
{
    project_clearing *clearing = (project_clearing *)op;
    if (op_worked(op, FAILURE_EMPTY))
        system_task_finish(clearing->it->domain, &clearing->task);
}

void storage_clear_project_post(ol_web_request *request, void *context)
{
    cleanup_body body = {0};
    if (!body_bind(request, &CLEAR_TABLE, &body))
        return;
    project_clearing *op = OP_NEW(request, project_clearing, rows_cleared);
    if (op == NULL)
        return;
    op->it = context;
    op->rows.scope = STORAGE_PROJECT;
    op->rows.name.project_uuid = body.project_uuid;
    op->task.kind = TASK_STORAGE_CLEANUP;
    op->task.data_id = body.project_uuid;
    op->task.op.done = cleared;
    op->task.op.context = request;
    storage_clear(op->it->domain, &op->rows);
}

/* ---- GET /system-callbacks/poll */

static void task_encode(const system_task *task, ol_json_writer *w)
{
    static const char *const names[] = {[TASK_TOPUP] = "top_up",
                                        [TASK_KEY_DELETE] = "delete_payment_key",
                                        [TASK_STORAGE_CLEANUP] = "project_storage_cleanup"};
    ol_json_object_begin(w);
    ol_json_put_cstr(w, "task_type", names[task->kind]);
    ol_json_put_i64(w, "task_id", task->id);
    if (task->kind == TASK_STORAGE_CLEANUP) {
        ol_json_put_str(w, "project_id", task->project_id);
        ol_json_put_str(w, "project_uuid", task->project_uuid);
    } else {
        ol_json_put_str(w, "data_id", task->data_id);
        ol_json_put_str(w, "owner", task->owner);
        ol_json_put_u64(w, "nonce", task->nonce);
    }
    if (task->kind == TASK_TOPUP) {
        ol_json_put_dec(w, "amount", task->amount.micro);
        ol_json_put_str(w, "encrypted_data", task->encrypted_data);
    }
    ol_json_put_i64(w, "created_at", task->created_s);
    ol_json_object_end(w);
}

typedef struct system_take {
    system_task_poll op; /* first */
    coordinator *it;
    int64_t deadline_ns;
} system_take;

static void answer_none(ol_web_request *request)
{
    ol_web_answer_static(request, 200, OL_WEB_TYPE_JSON, OL_STR("null"));
}

static void system_wait(coordinator *it, ol_web_request *request, int64_t deadline_ns)
{
    waiter *one = waiter_new(request, WAIT_SYSTEM, deadline_ns);
    if (one == NULL) {
        answer_none(request);
        return;
    }
    ol_web_release_body(request);
    if (atomic_load(&it->stopping) || deadline_ns <= ol_mono_ns(it->clock) ||
        !waits_put(it->waits, one))
        system_wait_ended(one);
}

static void system_taken(ol_op *op)
{
    const system_take *take = (system_take *)op;
    ol_web_request *request = op_request(op);
    json_answer answer;
    if (!op_worked(op, FAILURE_EMPTY))
        return;
    if (!take->op.found) {
        system_wait(take->it, request, take->deadline_ns);
        return;
    }
    json_answer_begin_bare(&answer);
    task_encode(&take->op.task, &answer.w);
    json_answer_send_bare(&answer, request, 200);
}

static void system_begin(coordinator *it, ol_web_request *request, int64_t deadline_ns)
{
    system_take *take = OL_ARENA_NEW(ol_web_arena(request), system_take);
    if (take == NULL) {
        ol_web_answer_empty(request, 503);
        return;
    }
    take->it = it;
    take->deadline_ns = deadline_ns;
    take->op.op.done = system_taken;
    take->op.op.context = request;
    take->op.arena = ol_web_arena(request);
    system_task_take(it->domain, &take->op);
}

void system_wake(coordinator *it)
{
    waiter *one;
    while ((one = waits_take_system(it->waits)) != NULL) {
        ol_web_request *request = one->request;
        int64_t deadline_ns = one->deadline_ns;
        waiter_free(one);
        if (!ol_web_peer_gone(request)) {
            system_begin(it, request, deadline_ns);
            return;
        }
        answer_none(request);
    }
}

void system_wait_ended(waiter *one)
{
    ol_web_request *request = one->request;
    waiter_free(one);
    answer_none(request);
}

typedef struct system_query {
    uint64_t timeout;
    ol_str capabilities;
} system_query;

static const query_field SYSTEM_FIELDS[] = {
    {"timeout", QUERY_U64, false, offsetof(system_query, timeout)},
    {"capabilities", QUERY_TEXT, false, offsetof(system_query, capabilities)},
};

void system_poll(ol_web_request *request, void *context)
{
    coordinator *it = context;
    system_query query = {.timeout = SYSTEM_SECONDS_STANDARD};
    if (!query_bind(request, SYSTEM_FIELDS, OL_COUNT(SYSTEM_FIELDS), &query))
        return;
    if (query.capabilities.len > 0 &&
        (ol_capabilities_parse(query.capabilities) & OL_CAP_EXECUTION) == 0) {
        ol_web_answer_empty(request, 403);
        return;
    }
    uint64_t seconds = query.timeout < SYSTEM_SECONDS_MAX ? query.timeout : SYSTEM_SECONDS_MAX;
    ol_web_hold(request);
    system_begin(it, request, ol_mono_ns(it->clock) + (int64_t)seconds * NS_PER_SECOND);
}
