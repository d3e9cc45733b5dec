/* Coordinator 4.2 and 7: locks, heartbeats, TEE sessions. */
#include <stdlib.h>
#include <string.h>

#include "lib/codec/hex.h"
#include "lib/secrets/tee_challenge.h"
#include "services/coordinator/handlers.h"
#include "services/coordinator/tee_key.h"
#include "services/coordinator/workers.h"

static void empty_ok(ol_op *op)
{
    if (op_worked(op, FAILURE_EMPTY))
        ol_web_answer_empty(op_request(op), 200);
}

/* ---- Locks. */

typedef struct lock_body {
    ol_str lock_key;
    ol_str worker_id;
    uint64_t ttl_seconds;
} lock_body;

static const ol_json_field LOCK_FIELDS[] = {
    {"lock_key", OL_BIND_TEXT, OL_REQUIRED, offsetof(lock_body, lock_key)},
    {"worker_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(lock_body, worker_id)},
    {"ttl_seconds", OL_BIND_U64, OL_REQUIRED, offsetof(lock_body, ttl_seconds)},
};
static const ol_json_table LOCK_TABLE = {"AcquireLockRequest", LOCK_FIELDS, OL_COUNT(LOCK_FIELDS)};

static void lock_tried(ol_op *op)
{
    const lock_attempt *it = (lock_attempt *)op;
    json_answer answer;
    if (!op_worked(op, FAILURE_EMPTY))
        return;
    json_answer_begin(&answer);
    ol_json_put_bool(&answer.w, "acquired", it->acquired);
    json_answer_send(&answer, op_request(op), 200);
}

void lock_post(ol_web_request *request, void *context)
{
    coordinator *it = context;
    lock_body body = {0};
    if (!body_bind(request, &LOCK_TABLE, &body))
        return;
    lock_attempt *op = OP_NEW(request, lock_attempt, lock_tried);
    if (op == NULL)
        return;
    op->token_id = worker_token_id(request);
    op->lock_key = body.lock_key;
    op->worker_id = body.worker_id;
    op->ttl_seconds = body.ttl_seconds;
    lock_acquire(it->domain, op);
}

void lock_delete(ol_web_request *request, void *context)
{
    coordinator *it = context;
    lock_giving *op = OP_NEW(request, lock_giving, empty_ok);
    if (op == NULL)
        return;
    op->token_id = worker_token_id(request);
    op->lock_key = ol_web_param(request, 0);
    lock_release(it->domain, op);
}

/* ---- Heartbeats and totals. */

typedef struct beat_body {
    ol_str worker_id;
    ol_str worker_name;
    int status;
    ol_json task;
    bool has_task;
    ol_opt_u64 block_height;
    ol_opt_u64 last_poll;
    ol_str life;
} beat_body;

static const char *const STATUS_NAMES[] = {"online", "busy", "offline", "stale", NULL};
_Static_assert(WORKER_ONLINE == 0 && WORKER_BUSY == 1 && WORKER_OFFLINE == 2 && WORKER_STALE == 3,
               "table order");

static const ol_json_field BEAT_FIELDS[] = {
    {"worker_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(beat_body, worker_id)},
    {"worker_name", OL_BIND_TEXT, OL_REQUIRED, offsetof(beat_body, worker_name)},
    {"status", OL_BIND_ENUM, OL_REQUIRED, offsetof(beat_body, status), .variants = STATUS_NAMES},
    {"current_task_id", OL_BIND_VALUE, OL_OPTIONAL, offsetof(beat_body, task),
     .has = offsetof(beat_body, has_task)},
    {"event_monitor_block_height", OL_BIND_U64, OL_OPTIONAL,
     offsetof(beat_body, block_height.value), .has = offsetof(beat_body, block_height.has)},
    {"last_poll_at", OL_BIND_U64, OL_OPTIONAL, offsetof(beat_body, last_poll.value),
     .has = offsetof(beat_body, last_poll.has)},
    {"life", OL_BIND_TEXT, OL_OPTIONAL, offsetof(beat_body, life)},
};
static const ol_json_table BEAT_TABLE = {"HeartbeatRequest", BEAT_FIELDS, OL_COUNT(BEAT_FIELDS)};

void heartbeat_post(ol_web_request *request, void *context)
{
    coordinator *it = context;
    beat_body body = {0};
    if (!body_bind(request, &BEAT_TABLE, &body))
        return;
    worker_beat *op = OP_NEW(request, worker_beat, empty_ok);
    if (op == NULL)
        return;
    op->worker_id = body.worker_id;
    op->worker_name = body.worker_name;
    op->status = (worker_status)body.status;
    if (body.has_task && !ol_json_is_null(&body.task))
        op->current_task_id = body.task.raw;
    op->block_height = body.block_height;
    op->last_poll_s = body.last_poll;
    op->life = body.life;
    worker_beat_put(it->domain, op);
}

typedef struct completion_body {
    ol_str worker_id;
    bool success;
} completion_body;

static const ol_json_field COMPLETION_FIELDS[] = {
    {"worker_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(completion_body, worker_id)},
    {"success", OL_BIND_BOOL, OL_REQUIRED, offsetof(completion_body, success)},
};
static const ol_json_table COMPLETION_TABLE = {"TaskCompletionRequest", COMPLETION_FIELDS,
                                               OL_COUNT(COMPLETION_FIELDS)};

void task_completion_post(ol_web_request *request, void *context)
{
    coordinator *it = context;
    completion_body body = {0};
    if (!body_bind(request, &COMPLETION_TABLE, &body))
        return;
    worker_task_count *op = OP_NEW(request, worker_task_count, empty_ok);
    if (op == NULL)
        return;
    op->worker_id = body.worker_id;
    op->success = body.success;
    worker_task_add(it->domain, op);
}

void block_cursor_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    ol_opt_u64 height = {0};
    ol_err err = {0};
    json_answer answer;
    if (block_cursor_read(it->domain, &height, &err) != OL_OK) {
        answer_failure(request, FAILURE_EMPTY, &err);
        return;
    }
    json_answer_begin(&answer);
    if (height.has)
        ol_json_put_u64(&answer.w, "block_height", height.value);
    else
        ol_json_put_null(&answer.w, "block_height");
    json_answer_send(&answer, request, 200);
}

/* ---- TEE sessions. */

bool tee_session_valid(coordinator *it, ol_web_request *request)
{
    ol_str text;
    ol_uuid id;
    ol_err err = {0};
    if (!it->set->require_tee_session)
        return true;
    return ol_web_header(request, "x-tee-session", &text) && ol_uuid_parse(text, &id) &&
           tee_session_check(it->domain, worker_token_id(request), id, &err) == OL_OK;
}

/* Who asks for the text of Keystore 15, X3, is told that it is meant; to others the answer is the
 * reference's. */
static bool wants_v2(ol_web_request *request)
{
    ol_json root;
    ol_json scheme;
    return ol_json_parse(ol_bytes_str(ol_web_body_of(request)), &root, NULL) == OL_OK &&
           ol_json_find(&root, OL_STR("scheme"), &scheme) &&
           ol_json_kind_of(&scheme) == OL_JSON_STRING && ol_json_text_is(&scheme, OL_STR("v2"));
}

static void challenged(ol_op *op)
{
    const tee_challenge *it = (tee_challenge *)op;
    json_answer answer;
    if (!op_worked(op, FAILURE_TEXT))
        return;
    json_answer_begin(&answer);
    ol_json_put_hex(&answer.w, "challenge", (ol_bytes){it->challenge, sizeof it->challenge});
    if (wants_v2(op_request(op)))
        ol_json_put_cstr(&answer.w, "scheme", "v2");
    json_answer_send(&answer, op_request(op), 200);
}

void tee_challenge_post(ol_web_request *request, void *context)
{
    coordinator *it = context;
    tee_challenge *op = OP_NEW(request, tee_challenge, challenged);
    if (op == NULL)
        return;
    op->token_id = worker_token_id(request);
    tee_challenge_create(it->domain, op);
}

typedef struct register_body {
    ol_str public_key;
    ol_str challenge;
    ol_str signature;
    ol_str scheme; /* `v2`: Keystore 15, X3 */
} register_body;

static const ol_json_field REGISTER_FIELDS[] = {
    {"public_key", OL_BIND_TEXT, OL_REQUIRED, offsetof(register_body, public_key)},
    {"challenge", OL_BIND_TEXT, OL_REQUIRED, offsetof(register_body, challenge)},
    {"signature", OL_BIND_TEXT, OL_REQUIRED, offsetof(register_body, signature)},
    {"scheme", OL_BIND_TEXT, OL_OPTIONAL, offsetof(register_body, scheme)},
};
static const ol_json_table REGISTER_TABLE = {"RegisterTeeRequest", REGISTER_FIELDS,
                                             OL_COUNT(REGISTER_FIELDS)};

/* A registration under way: challenge taken, signature checked, key looked up, session made. */
typedef struct registration {
    tee_challenge_use use;
    tee_session session;
    chain_job look;
    coordinator *it;
    ol_web_request *request;
    register_body body;
    ol_str key_text; /* one normal form: ed25519:base58 */
} registration;

static bool is_v2(const register_body *body)
{
    return ol_str_eq(body->scheme, OL_STR("v2"));
}

static void session_made(ol_op *op)
{
    const tee_session *session = (tee_session *)op;
    json_answer answer;
    if (!op_worked(op, FAILURE_TEXT))
        return;
    ol_uuid_text id = ol_uuid_format(session->session_id);
    json_answer_begin(&answer);
    ol_json_put_str(&answer.w, "session_id", ol_uuid_str(&id));
    json_answer_send(&answer, op_request(op), 200);
}

static void key_look(chain_job *job, const chain_tools *tools)
{
    registration *reg = (registration *)((char *)job - offsetof(registration, look));
    chain_access_key key = {0};
    ol_err err = {0};
    ol_arena *arena = ol_web_arena(reg->request);
    if (chain_access_key_view(tools, reg->key_text, arena, &key, &err) != OL_OK) {
        ol_str text = ol_arena_printf(arena, "Key verification failed: %s", err.text);
        ol_web_answer_text(reg->request, 500, text);
        return;
    }
    if (!key.found) {
        ol_web_answer_text(reg->request, 403, OL_STR("Public key not registered on contract"));
        return;
    }
    if (!key.is_worker && (is_v2(&reg->body) || !reg->it->set->any_operator_key)) {
        ol_web_answer_text(reg->request, 403,
                           OL_STR("Public key is not a worker's: it must allow exactly the four "
                                  "methods of the contract"));
        return;
    }
    reg->session.op.done = session_made;
    reg->session.op.context = reg->request;
    reg->session.token_id = reg->use.token_id;
    reg->session.public_key = reg->key_text;
    tee_session_create(reg->it->domain, &reg->session);
}

/* What must have been signed. */
static ol_rc statement_of(const registration *reg, ol_buf *into, ol_err *err)
{
    if (is_v2(&reg->body))
        return ol_tee_statement(OL_STR("coordinator"), reg->use.challenge, NULL, into, err);
    if (!reg->it->set->bare_challenges)
        return ol_fail(err, OL_ERR_FORBIDDEN, "scheme v2 is wanted");
    ol_buf_add(into, (ol_bytes){reg->use.challenge, sizeof reg->use.challenge});
    return OL_OK;
}

static void challenge_taken(ol_op *op)
{
    uint8_t storage[OL_TEE_STATEMENT_BYTES_MAX];
    ol_buf statement = ol_buf_over(storage, sizeof storage);
    registration *reg = (registration *)op;
    ol_err err = {0};
    ol_arena *arena = ol_web_arena(reg->request);
    if (!op_worked(op, FAILURE_TEXT))
        return;
    if (statement_of(reg, &statement, &err) != OL_OK ||
        tee_signature_check(reg->body.public_key, reg->body.signature, ol_buf_bytes(&statement),
                            arena, &reg->key_text, &err) != OL_OK) {
        (void)ol_prefix(&err, "Signature verification failed: ");
        ol_web_answer_text(reg->request, 403, ol_err_text(&err));
        return;
    }
    reg->look.run = key_look;
    if (!chain_submit(reg->it->chain, &reg->look))
        ol_web_answer_text(reg->request, 500, OL_STR("Key verification failed: too many queries"));
}

void tee_register_post(ol_web_request *request, void *context)
{
    coordinator *it = context;
    register_body body = {0};
    uint8_t challenge[32];
    if (!body_bind(request, &REGISTER_TABLE, &body))
        return;
    if (it->set->operator_account_id.len == 0 || !chain_has_rpc(it->chain)) {
        ol_web_answer_text(request, 500, OL_STR("TEE verification not configured"));
        return;
    }
    if (!ol_hex_decode_fixed(body.challenge, challenge, sizeof challenge)) {
        ol_web_answer_text(request, 400, OL_STR("Invalid or expired challenge"));
        return;
    }
    registration *reg = OL_ARENA_NEW(ol_web_arena(request), registration);
    if (reg == NULL) {
        ol_web_answer_empty(request, 503);
        return;
    }
    reg->it = it;
    reg->request = request;
    reg->body = body;
    reg->use.op.done = challenge_taken;
    reg->use.op.context = request;
    reg->use.token_id = worker_token_id(request);
    memcpy(reg->use.challenge, challenge, sizeof challenge);
    ol_web_hold(request);
    tee_challenge_take(it->domain, &reg->use);
}
