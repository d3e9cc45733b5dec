/* Coordinator 3.4: system tasks, what the contract wants done beside runs. */
#include "lib/codec/json_print.h"
#include "services/coordinator/handlers.h"
#include "services/coordinator/query.h"
#include "services/coordinator/storage.h"
#include "services/coordinator/tasks.h"

enum { SYSTEM_SECONDS_STANDARD = 60, SYSTEM_SECONDS_MAX = 120 };

static const int64_t NS_PER_SECOND = 1000000000;

typedef struct task_body {
    ol_str data_id;
    ol_str owner;
    uint32_t nonce;
    ol_str amount;
    ol_str encrypted_data;
} task_body;

#define TASK(member) offsetof(task_body, member)
#define DATA_ID {"data_id", OL_BIND_TEXT, OL_REQUIRED, TASK(data_id)}
#define OWNER {"owner", OL_BIND_TEXT, OL_REQUIRED, TASK(owner)}
#define NONCE {"nonce", OL_BIND_U32, OL_REQUIRED, TASK(nonce)}

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
    {"amount", OL_BIND_TEXT, OL_REQUIRED, TASK(amount)},
    {"encrypted_data", OL_BIND_TEXT, OL_REQUIRED, TASK(encrypted_data)},
};
static const ol_json_table TOPUP_TABLE = {"CreateTopUpRequest", TOPUP_FIELDS,
                                          OL_COUNT(TOPUP_FIELDS)};

void topup_create(ol_web_request *request, void *context)
{
    task_body body = {0};
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
    task_body body = {0};
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

/* ---- POST /system-callbacks/close: a task that needs nothing more, because the transfer went back
 * or the chain kept the key. */

static const char *const TASK_TYPES[] = {[TASK_TOPUP] = "top_up",
                                         [TASK_KEY_DELETE] = "delete_payment_key",
                                         [TASK_STORAGE_CLEANUP] = "project_storage_cleanup",
                                         NULL};

typedef struct close_body {
    int type;
    ol_str data_id;
    bool kept;
} close_body;

static const ol_json_field CLOSE_FIELDS[] = {
    {"task_type", OL_BIND_ENUM, OL_REQUIRED, offsetof(close_body, type), .variants = TASK_TYPES},
    {"data_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(close_body, data_id)},
    {"kept", OL_BIND_BOOL, OL_DEFAULT, offsetof(close_body, kept)},
};
static const ol_json_table CLOSE_TABLE = {"CloseTaskRequest", CLOSE_FIELDS, OL_COUNT(CLOSE_FIELDS)};

static void answer_closed(ol_web_request *request, bool was_open)
{
    json_answer answer;
    json_answer_begin(&answer);
    ol_json_put_bool(&answer.w, "success", true);
    ol_json_put_bool(&answer.w, "closed", was_open);
    json_answer_send(&answer, request, 200);
}

static void closed(ol_op *op)
{
    if (op_worked(op, FAILURE_TEXT))
        answer_closed(op_request(op), ((const system_task_ending *)op)->finished);
}

void system_close_post(ol_web_request *request, void *context)
{
    coordinator *it = context;
    close_body body = {0};
    if (!body_bind(request, &CLOSE_TABLE, &body))
        return;
    system_task_ending *op = OP_NEW(request, system_task_ending, closed);
    if (op == NULL)
        return;
    op->kind = (system_task_kind)body.type;
    op->data_id = body.data_id;
    op->kept = body.kept;
    system_task_finish(it->domain, op);
}

/* ---- GET /system-callbacks/poll */

static void task_encode(const system_task *task, ol_json_writer *w)
{
    ol_json_object_begin(w);
    ol_json_put_cstr(w, "task_type", TASK_TYPES[task->kind]);
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
    if (task->deliveries > 1)
        ol_json_put_u64(w, "deliveries", task->deliveries);
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
