#include "services/worker/system_tasks.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/log.h"
#include "lib/codec/json_bind.h"
#include "lib/codec/json_write.h"
#include "services/worker/node.h"
#include "services/worker/payment_key_view.h"
#include "services/worker/top_up.h"

enum {
    ERROR_PAUSE_MS = 2000, /* Worker 11 */
    OUTCOME_TRIES = 6,
    ANSWERED_MAX = 256,   /* data ids remembered */
    AGAIN_FIRST_MS = 250, /* six times, sixteen seconds in all */
    AGAIN_LAST_MS = 8000,
    OLD_SECONDS = 300, /* a task that is older was delivered before, and no yield lives so long */
    ID_BYTES = 128,
    ARGS_BYTES_MAX = 4096,
};
#define GAS UINT64_C(100000000000000) /* Worker 11 */

struct system_tasks {
    worker *worker;
    node *node;
    coordinator *coordinator;
    ol_http_client *inner; /* to the keystore */
    ol_signed_tx tx;
    char answered[ANSWERED_MAX][ID_BYTES]; /* a ring: a task comes again until it is completed */
    size_t next;
};

system_tasks *system_tasks_open(worker *w)
{
    system_tasks *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->worker = w;
    s->node = node_open(w->settings);
    s->coordinator = coordinator_open(w->settings, w->id);
    s->inner = ol_http_client_new(&(ol_http_options){0});
    s->tx.bytes = ol_buf_new(2 * ARGS_BYTES_MAX);
    if (s->node == NULL || s->coordinator == NULL || s->inner == NULL) {
        system_tasks_close(s);
        return NULL;
    }
    return s;
}

void system_tasks_close(system_tasks *s)
{
    if (s == NULL)
        return;
    coordinator_close(s->coordinator);
    node_close(s->node);
    ol_http_client_free(s->inner);
    ol_buf_deinit(&s->tx.bytes);
    free(s);
}

void system_tasks_interrupt(system_tasks *s)
{
    coordinator_interrupt(s->coordinator);
}

/* ---- on the chain ---- */

static bool answered(const system_tasks *s, ol_str data_id)
{
    OL_EACH (one, s->answered) {
        if (ol_str_eq(ol_str_of(*one), data_id))
            return true;
    }
    return false;
}

static void remember(system_tasks *s, ol_str data_id)
{
    char *at = s->answered[s->next];
    s->next = (s->next + 1) % ANSWERED_MAX;
    (void)snprintf(at, ID_BYTES, "%.*s", OL_FMT(data_id));
}

/* Until the outcome of the last transaction is known. */
static ol_rc await(system_tasks *s, ol_err *err)
{
    for (int i = 0; i < OUTCOME_TRIES; i++) {
        ol_arena arena = ol_arena_new(OL_MIB(1));
        ol_buf body = ol_buf_new(OL_RPC_BODY_BYTES_MAX);
        ol_tx_outcome outcome = {0};
        ol_rpc_answer reply;
        ol_rc rc =
            ol_rpc_tx(node_rpc(s->node), s->tx.hash_text, ol_signer_account(s->worker->signer),
                      OL_STR("EXECUTED_OPTIMISTIC"), &arena, &body, &outcome, &reply, err);
        if (rc == OL_OK && outcome.state == OL_TX_FAILED)
            rc = ol_fail(err, OL_ERR_INVALID, "%.*s",
                         OL_FMT(ol_str_slice(outcome.failure_json, 0, 300)));
        else if (rc == OL_OK && outcome.state == OL_TX_UNDER_WAY)
            rc = ol_fail(err, OL_ERR_TIMEOUT, "no outcome of %s", s->tx.hash_text);
        ol_buf_deinit(&body);
        ol_arena_deinit(&arena);
        if (rc == OL_OK || !(ol_rpc_fault_passes(reply.fault) || rc == OL_ERR_TIMEOUT))
            return rc;
    }
    return err->rc;
}

/* `method` {data_id, result}: the contract's side of the yield. */
static ol_rc resume(system_tasks *s, const char *method, ol_str data_id, ol_str result_json,
                    ol_err *err)
{
    char storage[ARGS_BYTES_MAX];
    ol_buf args = ol_buf_over(storage, sizeof storage);
    ol_rpc_answer reply;
    ol_json_writer w = ol_json_writer_over(&args);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "data_id", data_id);
    ol_json_put_raw(&w, "result", result_json);
    ol_json_object_end(&w);
    if (!ol_buf_ok(&args))
        return ol_fail(err, OL_ERR_LIMIT, "%s: arguments too large", method);
    const ol_call call = {.receiver_id = s->worker->settings->contract_id,
                          .method = ol_str_of(method),
                          .args = ol_buf_bytes(&args),
                          .gas = GAS};
    OL_TRY(ol_signer_send(s->worker->signer, node_rpc(s->node), &call, NULL, NULL, &s->tx, &reply,
                          err));
    OL_TRY(await(s, err));
    remember(s, data_id);
    return OL_OK;
}

/* ---- the three tasks ---- */

typedef struct task {
    ol_str type;
    ol_str data_id;
    ol_str owner;
    uint32_t nonce;
    uint64_t created_s;  /* unix */
    uint64_t deliveries; /* 0: the first, or the coordinator does not say */
    ol_u128 amount;
    ol_bytes encrypted;
    ol_str project_id;
    ol_str project_uuid;
} task;

static const ol_json_field FIELDS[] = {
    {"task_type", OL_BIND_TEXT, OL_REQUIRED, offsetof(task, type)},
    {"data_id", OL_BIND_TEXT, OL_OPTIONAL, offsetof(task, data_id)},
    {"owner", OL_BIND_TEXT, OL_OPTIONAL, offsetof(task, owner)},
    {"nonce", OL_BIND_U32, OL_OPTIONAL, offsetof(task, nonce)},
    {"created_at", OL_BIND_U64, OL_OPTIONAL, offsetof(task, created_s)},
    {"deliveries", OL_BIND_U64, OL_OPTIONAL, offsetof(task, deliveries)},
    {"amount", OL_BIND_DEC, OL_OPTIONAL, offsetof(task, amount)},
    {"encrypted_data", OL_BIND_BASE64, OL_OPTIONAL, offsetof(task, encrypted)},
    {"project_id", OL_BIND_TEXT, OL_OPTIONAL, offsetof(task, project_id)},
    {"project_uuid", OL_BIND_TEXT, OL_OPTIONAL, offsetof(task, project_uuid)},
};
static const ol_json_table TABLE = {"SystemTask", FIELDS, OL_COUNT(FIELDS)};

/* Was it delivered before? Then a worker may have done a part of it, and the contract may have
 * given it up meanwhile. */
static bool again(const task *it)
{
    if (it->deliveries > 0)
        return it->deliveries > 1;
    int64_t age_s = ol_wall_ms(ol_clock_real()) / 1000 - (int64_t)it->created_s;
    return it->created_s > 0 && age_s >= OLD_SECONDS;
}

static ol_rc resume_top_up(void *context, ol_str data_id, ol_str result_json, ol_err *err)
{
    return resume(context, "resume_topup", data_id, result_json, err);
}

static bool pause_task(void *context, int ms)
{
    const system_tasks *s = context;
    return worker_pause(s->worker, ms);
}

/* Without a keystore the money that was sent goes back, and a new key's task comes again, perhaps
 * to a worker that has one. */
static ol_rc without_keystore(system_tasks *s, const task *it, ol_err *err)
{
    if (it->amount == 0)
        return ol_fail(err, OL_ERR_SETTINGS, "Keystore is not configured");
    if (!answered(s, it->data_id)) {
        ol_rc rc = resume(s, "resume_topup", it->data_id,
                          OL_STR("{\"Error\":{\"message\":\"Keystore is not configured\"}}"), err);
        if (rc != OL_OK && !(rc == OL_ERR_INVALID && again(it)))
            return rc;
    }
    return coordinator_close_task(s->coordinator, "top_up", it->data_id, err);
}

static ol_rc top_up_key(system_tasks *s, const task *it, ol_err *err)
{
    const top_up about = {.data_id = it->data_id,
                          .owner = it->owner,
                          .nonce = it->nonce,
                          .again = again(it),
                          .amount = it->amount,
                          .encrypted = it->encrypted};
    const top_up_tools tools = {.rpc = node_rpc(s->node),
                                .contract_id = s->worker->settings->contract_id,
                                .keystore = s->worker->keystore,
                                .client = s->inner,
                                .coordinator = s->coordinator,
                                .resume = resume_top_up,
                                .pause = pause_task,
                                .context = s};
    if (s->worker->keystore == NULL)
        return without_keystore(s, it, err);
    return top_up_perform(&about, &tools, err);
}

static ol_rc delete_here(system_tasks *s, const task *it, ol_err *err)
{
    char storage[1024];
    ol_buf body = ol_buf_over(storage, sizeof storage);
    ol_json_writer w = ol_json_writer_over(&body);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "owner", it->owner);
    ol_json_put_u64(&w, "nonce", it->nonce);
    ol_json_put_str(&w, "data_id", it->data_id);
    ol_json_object_end(&w);
    if (!ol_buf_ok(&body))
        return ol_fail(err, OL_ERR_INVALID, "owner too long");
    return coordinator_post(s->coordinator, "/payment-keys/delete", ol_buf_str(&body), false, err);
}

static ol_rc delete_on_chain(system_tasks *s, const task *it, const char *result_json, ol_err *err)
{
    if (answered(s, it->data_id))
        return OL_OK;
    return resume(s, "resume_delete_payment_key", it->data_id, ol_str_of(result_json), err);
}

static ol_rc delete_done(system_tasks *s, const task *it, ol_err *err)
{
    return coordinator_close_task(s->coordinator, "delete_payment_key", it->data_id, err);
}

/* A deletion that was begun before: the contract may have given it up and kept the key, and then it
 * works again. So the contract is asked first; what another worker has answered a moment ago, final
 * blocks show a little later. */
static ol_rc delete_again(system_tasks *s, const task *it, ol_err *err)
{
    bool gone = true;
    ol_rc rc = delete_on_chain(s, it, "\"Success\"", err);
    if (rc == OL_ERR_INVALID)
        rc = payment_key_await_gone(node_rpc(s->node), s->worker->settings->contract_id, it->owner,
                                    it->nonce, pause_task, s, &gone, err);
    OL_TRY(rc);
    if (!gone)
        return coordinator_keep_key(s->coordinator, it->data_id, err);
    OL_TRY(delete_here(s, it, err));
    return delete_done(s, it, err);
}

/* First the key stops working, then the contract forgets it (Worker 11). */
static ol_rc delete_key(system_tasks *s, const task *it, ol_err *err)
{
    if (again(it))
        return delete_again(s, it, err);
    ol_rc rc = delete_here(s, it, err);
    if (rc != OL_OK && !coordinator_final(rc))
        return rc; /* the task comes again */
    OL_TRY(delete_on_chain(s, it,
                           rc == OL_OK ? "\"Success\""
                                       : "{\"Error\":{\"message\":\"The key cannot be deleted\"}}",
                           err));
    return delete_done(s, it, err);
}

static ol_rc clear_storage(system_tasks *s, const task *it, ol_err *err)
{
    char storage[1024];
    ol_buf body = ol_buf_over(storage, sizeof storage);
    ol_json_writer w = ol_json_writer_over(&body);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "project_uuid", it->project_uuid);
    ol_json_object_end(&w);
    if (!ol_buf_ok(&body))
        return ol_fail(err, OL_ERR_INVALID, "project UUID too long");
    return coordinator_post(s->coordinator, "/storage/clear-project", ol_buf_str(&body), false,
                            err);
}

static const struct {
    const char *type;
    ol_rc (*perform)(system_tasks *s, const task *it, ol_err *err);
} TASKS[] = {
    {"top_up", top_up_key},
    {"delete_payment_key", delete_key},
    {"project_storage_cleanup", clear_storage},
};

static ol_rc attempt(system_tasks *s, const task *it, ol_err *err)
{
    OL_EACH (row, TASKS) {
        if (ol_str_eq(it->type, ol_str_of(row->type)))
            return row->perform(s, it, err);
    }
    return ol_fail(err, OL_ERR_INVALID, "unknown task");
}

/* What passes is tried again here: a task that is given up comes again after its lease, and by then
 * the contract has sent the money back. */
static ol_rc insist(system_tasks *s, const task *it, ol_err *err)
{
    for (int pause_ms = AGAIN_FIRST_MS;; pause_ms *= 2) {
        ol_rc rc = attempt(s, it, err);
        if (rc == OL_OK || ol_reason_of(rc)->terminal || pause_ms > AGAIN_LAST_MS)
            return rc;
        OL_LOG_ERR(OL_WARN, "system_task_again", err, KV("task", it->type), KV("owner", it->owner),
                   KV("nonce", it->nonce), KV("project", it->project_id));
        if (worker_pause(s->worker, pause_ms))
            return rc;
    }
}

static void perform(system_tasks *s, const ol_json *value)
{
    ol_arena arena = ol_arena_new(OL_MIB(16));
    task it = {0};
    ol_err err = {0};
    ol_rc rc = ol_json_bind_value(value, &TABLE, &it, &arena, &err);
    if (rc == OL_OK)
        rc = insist(s, &it, &err);
    if (rc == OL_OK)
        OL_LOG(OL_INFO, "system_task_done", KV("task", it.type), KV("owner", it.owner),
               KV("nonce", it.nonce), KV("project", it.project_id));
    else
        OL_LOG_ERR(OL_ERROR, "system_task_failed", &err, KV("task", it.type), KV("owner", it.owner),
                   KV("nonce", it.nonce), KV("project", it.project_id));
    ol_arena_deinit(&arena);
}

void *system_tasks_run(void *context)
{
    system_tasks *s = context;
    while (!atomic_load(&s->worker->draining)) {
        ol_json value;
        ol_err err;
        if (coordinator_system_poll(s->coordinator, &value, &err) == OL_OK) {
            if (value.raw.len > 0)
                perform(s, &value);
            continue;
        }
        if (atomic_load(&s->worker->draining))
            break;
        OL_LOG_ERR(OL_WARN, "system_poll_failed", &err);
        if (worker_pause(s->worker, ERROR_PAUSE_MS))
            break;
    }
    return NULL;
}
