/* Coordinator 3.4: administration of payment keys by the chain worker. */
#include "lib/codec/json_print.h"
#include "services/coordinator/handlers.h"
#include "services/coordinator/ledger.h"

typedef struct key_body {
    ol_str owner;
    uint32_t nonce;
    ol_str key_hash;
    ol_json_texts project_ids;
    ol_str max_per_call;
    ol_str new_initial_balance;
    ol_str amount;
    ol_str data_id;
} key_body;

#define KEY(member) offsetof(key_body, member)
#define OWNER {"owner", OL_BIND_TEXT, OL_REQUIRED, KEY(owner)}
#define NONCE {"nonce", OL_BIND_U32, OL_REQUIRED, KEY(nonce)}
#define KEY_HASH {"key_hash", OL_BIND_TEXT, OL_REQUIRED, KEY(key_hash)}
#define PROJECT_IDS {"project_ids", OL_BIND_TEXT_LIST, OL_DEFAULT, KEY(project_ids)}
#define MAX_PER_CALL {"max_per_call", OL_BIND_TEXT, OL_OPTIONAL, KEY(max_per_call)}
/* Of the task; workers of the reference do not say it. */
#define DATA_ID {"data_id", OL_BIND_TEXT, OL_OPTIONAL, KEY(data_id)}

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

static const ol_json_field INIT_FIELDS[] = {OWNER,       NONCE,        KEY_HASH,
                                            PROJECT_IDS, MAX_PER_CALL, DATA_ID};
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
    op->data_id = body.data_id;
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
    DATA_ID,
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

static const ol_json_field DELETE_FIELDS[] = {OWNER, NONCE, DATA_ID};
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
    op->data_id = body.data_id;
    payment_key_delete(it->domain, op);
}
