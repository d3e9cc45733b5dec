#include "services/worker/delivery.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/base/log.h"
#include "lib/codec/hex.h"
#include "lib/near/request_view.h"

enum {
    TRIES_MAX = 5, /* Worker 8.2 */
    PAUSE_FIRST_MS = 1000,
    PAUSE_LAST_MS = 16000,
    TRANSACTION_MS = 60000, /* Worker 8.2 */
    LOOK_PAUSE_MS = 100,
    UNKNOWN_PAUSE_LAST_MS = 3200,
    LAG_MS = 10000, /* how long a node may lag behind the block routes */
    LAG_PAUSE_MS = 50,
    REASON_BYTES = 300,
};
#define GAS UINT64_C(300000000000000) /* Worker 8.1 */
#define ANSWER_ARENA_BYTES OL_MIB(16)

typedef enum verdict {
    DELIVERED,
    GONE,  /* answered, cancelled or timed out meanwhile */
    AGAIN, /* nothing of it is on the chain: sign anew */
    LOST,  /* given up */
} verdict;

static void pause_ms(int64_t ms)
{
    const struct timespec span = {ms / 1000, (long)(ms % 1000) * 1000000};
    (void)nanosleep(&span, NULL);
}

static int64_t deadline_in(int64_t ms)
{
    return ol_mono_ns(ol_clock_real()) + ms * 1000000;
}

static bool is_past(int64_t deadline_ns)
{
    return ol_mono_ns(ol_clock_real()) > deadline_ns;
}

/* ---- is it still wanted? ---- */

ol_rc delivery_pending(const ol_rpc *rpc, const worker_settings *settings, uint64_t request_id,
                       ol_str data_id, uint64_t height_min, bool *ret, ol_err *err)
{
    int64_t until = deadline_in(LAG_MS);
    for (;;) {
        ol_arena arena = ol_arena_new(ANSWER_ARENA_BYTES);
        ol_request_view view = {0};
        uint64_t height = 0;
        bool found = false;
        char digits[2 * OL_DATA_ID_BYTES + 1] = "";
        ol_rc rc = ol_view_request(rpc, settings->contract_id, request_id, OL_STR("final"), &arena,
                                   &found, &view, &height, err);
        if (rc == OL_OK && found)
            ol_hex_encode((ol_bytes){view.data_id, sizeof view.data_id}, digits);
        ol_arena_deinit(&arena);
        if (rc != OL_OK)
            return rc;
        if (found && ol_str_eq(ol_str_of(digits), data_id)) {
            *ret = true;
            return OL_OK;
        }
        if (height == 0 || height >= height_min) { /* a request of another branch, or none */
            *ret = false;
            return OL_OK;
        }
        if (is_past(until))
            return ol_fail(err, OL_ERR_UNAVAILABLE, "the node is behind block %llu",
                           (unsigned long long)height_min);
        pause_ms(LAG_PAUSE_MS);
    }
}

static ol_rc still_pending(const delivery *d, const delivery_tools *tools, bool *ret, ol_err *err)
{
    return delivery_pending(node_rpc(tools->node), tools->settings, d->request_id, d->data_id,
                            d->height_min, ret, err);
}

/* ---- how did the transaction go? ---- */

typedef struct looked {
    bool known;    /* the node has it */
    bool executed; /* with `failed` or not */
    bool failed;
    char reason[REASON_BYTES];
    bool charged;
    ol_u128 charge;
} looked;

/* One look, by hash. */
static ol_rc look(const delivery *d, const delivery_tools *tools, bool wait, looked *ret,
                  ol_rpc_fault *ret_fault, ol_err *err)
{
    ol_arena arena = ol_arena_new(ANSWER_ARENA_BYTES);
    ol_buf body = ol_buf_new(OL_RPC_BODY_BYTES_MAX);
    ol_tx_outcome outcome;
    ol_rpc_answer reply;
    *ret = (looked){0};
    ol_rc rc = ol_rpc_tx(node_rpc(tools->node), d->tx.hash_text, ol_signer_account(tools->signer),
                         wait ? OL_STR("EXECUTED_OPTIMISTIC") : OL_STR("NONE"), &arena, &body,
                         &outcome, &reply, err);
    *ret_fault = reply.fault;
    if (rc == OL_OK) {
        ret->known = true;
        ret->executed = outcome.state != OL_TX_UNDER_WAY;
        ret->failed = outcome.state == OL_TX_FAILED;
        (void)snprintf(ret->reason, sizeof ret->reason, "%.*s",
                       OL_FMT(ol_str_slice(outcome.failure_json, 0, REASON_BYTES - 1)));
        ret->charged = answer_charged(outcome.log, outcome.logs, &ret->charge);
    }
    ol_buf_deinit(&body);
    ol_arena_deinit(&arena);
    return rc;
}

/* The node does not know it (any more): the same bytes again, which cannot resolve twice. false
 * when it can never be in a block. */
static bool resend(const delivery *d, const delivery_tools *tools)
{
    ol_rpc_answer reply;
    ol_err err;
    ol_rc rc = ol_rpc_resend(node_rpc(tools->node), &d->tx, &reply, &err);
    OL_LOG(OL_INFO, "transaction_sent_again", KV("request_id", d->request_id),
           KV("transaction", d->tx.hash_text), KV("answer", ol_rpc_fault_name(reply.fault)));
    return rc == OL_OK || ol_rpc_fault_passes(reply.fault);
}

/* Until the outcome is known. `doubt`: it is not known whether the node has the transaction. */
static verdict await(delivery *d, const delivery_tools *tools, bool doubt, looked *ret, ol_err *err)
{
    int64_t until = deadline_in(TRANSACTION_MS);
    int64_t unknown_pause = LOOK_PAUSE_MS;
    bool wait = !doubt;
    bool dead = false;
    while (!is_past(until)) {
        ol_rpc_fault fault;
        ol_rc rc = look(d, tools, wait, ret, &fault, err);
        if (rc == OL_OK && ret->executed)
            return ret->failed ? LOST : DELIVERED;
        if (rc == OL_OK) {
            wait = true; /* it is there; let the node wait for it */
            pause_ms(LOOK_PAUSE_MS);
        } else if (fault == OL_RPC_UNKNOWN_TRANSACTION) {
            if (dead)
                return AGAIN;
            dead = !resend(d, tools);
            pause_ms(unknown_pause);
            unknown_pause = unknown_pause * 2 > UNKNOWN_PAUSE_LAST_MS ? UNKNOWN_PAUSE_LAST_MS
                                                                      : unknown_pause * 2;
        } else {
            wait = false; /* lost, or waited long: does the node know it at all? */
            pause_ms(LOOK_PAUSE_MS);
        }
    }
    (void)ol_fail(err, OL_ERR_TIMEOUT, "no outcome of %s", d->tx.hash_text);
    return AGAIN;
}

/* ---- one answer ---- */

typedef struct attempt {
    delivery *d;
    const delivery_tools *tools;
    ol_buf args;
    const char *method;
    bool too_large;
} attempt;

static ol_rc note_in_journal(void *context, const ol_signed_tx *tx, ol_err *err)
{
    const attempt *a = context;
    delivery *d = a->d;
    const journal_entry entry = {
        .request_id = d->request_id,
        .data_id = d->data_id,
        .hash = ol_str_of(tx->hash_text),
        .transaction = ol_buf_bytes(&tx->bytes),
        .report = d->report,
    };
    /* Without an entry a crash costs a second run, no more: better than no delivery. */
    if (journal_write(a->tools->journal, &entry, &d->hold, err) != OL_OK)
        OL_LOG_ERR(OL_WARN, "journal_failed", err, KV("request_id", d->request_id));
    return OL_OK;
}

/* Not sent, and no reason never to be: another worker signs with the same key, or time was
 * turned. */
static bool comes_right(ol_rpc_fault fault)
{
    return fault == OL_RPC_BAD_NONCE || fault == OL_RPC_EXPIRED;
}

static verdict send_once(attempt *a, looked *ret, ol_err *err)
{
    delivery *d = a->d;
    const ol_call call = {
        .receiver_id = a->tools->settings->contract_id,
        .method = ol_str_of(a->method),
        .args = ol_buf_bytes(&a->args),
        .gas = GAS,
    };
    ol_rpc_answer reply;
    bool pending = false;
    if (still_pending(d, a->tools, &pending, err) != OL_OK)
        return AGAIN;
    if (!pending)
        return GONE;
    ol_rc rc = ol_signer_send(a->tools->signer, node_rpc(a->tools->node), &call, note_in_journal, a,
                              &d->tx, &reply, err);
    if (rc != OL_OK && comes_right(reply.fault))
        return AGAIN;
    if (rc != OL_OK && !ol_rpc_fault_passes(reply.fault))
        return LOST;
    if (rc != OL_OK && d->tx.hash_text[0] == '\0')
        return AGAIN; /* not even signed: nonce or block could not be read */
    OL_LOG(OL_DEBUG, "delivery_sent", KV("request_id", d->request_id),
           KV("transaction", d->tx.hash_text), KV("answer", ol_rpc_fault_name(reply.fault)));
    return await(d, a->tools, rc != OL_OK, ret, err);
}

/* A transaction that ran and failed: was somebody faster, or is something wrong with ours? */
static verdict after_failure(const attempt *a, const looked *seen, ol_err *err)
{
    bool pending = true;
    if (still_pending(a->d, a->tools, &pending, err) == OL_OK && !pending)
        return GONE;
    (void)ol_fail(err, OL_ERR_INVALID, "%s", seen->reason);
    return LOST;
}

static verdict deliver(attempt *a, looked *ret, ol_err *err)
{
    int64_t pause = PAUSE_FIRST_MS;
    for (int i = 1;; i++) {
        *ret = (looked){0};
        verdict end = send_once(a, ret, err);
        if (end == LOST && ret->executed)
            end = after_failure(a, ret, err);
        if (end != AGAIN || i == TRIES_MAX)
            return end == AGAIN ? LOST : end;
        OL_LOG_ERR(OL_WARN, "delivery_repeated", err, KV("request_id", a->d->request_id),
                   KV("pause_ms", (long)pause));
        pause_ms(pause);
        pause = pause * 2 > PAUSE_LAST_MS ? PAUSE_LAST_MS : pause * 2;
    }
}

static ol_rc prepare(attempt *a, ol_err *err)
{
    delivery *d = a->d;
    a->args = ol_buf_new(OL_MIB(64));
    OL_TRY(answer_write(&d->answer, d->request_id, a->tools->args_bytes_max, &a->args, &a->method,
                        &a->too_large, err));
    ol_buf_deinit(&d->tx.bytes);
    d->tx.bytes = ol_buf_new(a->args.len + ANSWER_SLACK_BYTES);
    return OL_OK;
}

/* ---- reports ---- */

static void fail_report(delivery *d, ol_error_class class, ol_str error)
{
    ol_job_report *r = &d->report;
    r->success = false;
    r->error_class = class;
    r->error = error;
    r->output_json = (ol_str){NULL, 0};
    r->refund_usd = (ol_opt_u128){0};
}

static void settle_report(delivery *d, verdict end, const looked *seen, const ol_err *err)
{
    switch (end) {
    case DELIVERED:
        d->report.actual_cost_yocto = (ol_opt_u128){seen->charged, seen->charge};
        d->report.resolve_tx_id = ol_str_of(d->tx.hash_text);
        return;
    case GONE:
        fail_report(d, OL_CLASS_FAILED,
                    ol_arena_printf(&d->arena,
                                    "Request %llu is not pending on the contract any more: it was "
                                    "answered, cancelled or timed out",
                                    (unsigned long long)d->request_id));
        return;
    case AGAIN:
    case LOST:
        fail_report(d, OL_CLASS_FAILED,
                    ol_arena_printf(&d->arena, "Failed to submit to NEAR: %s", err->text));
        return;
    }
}

static void log_end(const delivery *d, verdict end, const ol_err *err)
{
    if (end == DELIVERED)
        OL_LOG(OL_INFO, "delivered", KV("request_id", d->request_id),
               KV("job_id", (long)d->report.job_id), KV("transaction", d->tx.hash_text),
               KV("charged_yocto", d->report.actual_cost_yocto.value));
    else if (end == GONE)
        OL_LOG(OL_WARN, "delivery_not_wanted", KV("request_id", d->request_id),
               KV("job_id", (long)d->report.job_id));
    else
        OL_LOG_ERR(OL_ERROR, "delivery_failed", err, KV("request_id", d->request_id),
                   KV("job_id", (long)d->report.job_id));
}

/* Deliver first, then report (Worker 8.4). An entry stays in the journal until the coordinator
 * knows. */
static void report(delivery *d, const delivery_tools *tools)
{
    ol_err err;
    ol_rc rc = coordinator_complete(tools->coordinator, &d->report, tools->draining, &err);
    if (rc == OL_ERR_LIMIT && d->report.output_json.data != NULL) {
        d->report.output_json = (ol_str){NULL, 0}; /* the caller has it */
        rc = coordinator_complete(tools->coordinator, &d->report, tools->draining, &err);
    }
    if (rc != OL_OK)
        OL_LOG_ERR(OL_ERROR, "report_lost", &err, KV("job_id", (long)d->report.job_id));
    if (rc == OL_OK || ol_reason_of(rc)->terminal)
        journal_drop(&d->hold);
}

/* The output could not be taken; the caller is told so instead of waiting for the end of the
 * yield. */
static verdict deliver_refusal(attempt *a, looked *ret, ol_err *err)
{
    delivery *d = a->d;
    ol_str text = ol_arena_printf(&d->arena, "Failed to submit to NEAR: %s", err->text);
    d->answer.success = false;
    d->answer.error = text;
    fail_report(d, OL_CLASS_FAILED, text);
    ol_buf_deinit(&a->args);
    if (prepare(a, err) != OL_OK)
        return LOST;
    return deliver(a, ret, err);
}

static verdict perform_answer(delivery *d, const delivery_tools *tools, looked *seen, ol_err *err)
{
    attempt a = {.d = d, .tools = tools};
    verdict end = LOST;
    if (prepare(&a, err) == OL_OK) {
        if (a.too_large)
            fail_report(d, OL_CLASS_EXECUTION_FAILED,
                        OL_STR("Output too large for on-chain delivery"));
        end = deliver(&a, seen, err);
        if (end == LOST && seen->executed && d->answer.success)
            end = deliver_refusal(&a, seen, err);
    }
    ol_buf_deinit(&a.args);
    return end;
}

void delivery_perform(delivery *d, const delivery_tools *tools)
{
    looked seen = {0};
    ol_err err = {0};
    verdict end =
        d->sent_before ? await(d, tools, true, &seen, &err) : perform_answer(d, tools, &seen, &err);
    if (d->sent_before && end == LOST && seen.executed) {
        bool pending = true;
        if (still_pending(d, tools, &pending, &err) == OL_OK && !pending)
            end = GONE;
    }
    if (d->sent_before && end == AGAIN) {
        /* Its answer is lost with the worker that had it: the lease ends, and the request runs
         * again. */
        OL_LOG_ERR(OL_WARN, "delivery_forgotten", &err, KV("request_id", d->request_id));
        journal_drop(&d->hold);
        return;
    }
    settle_report(d, end, &seen, &err);
    log_end(d, end, &err);
    report(d, tools);
}
