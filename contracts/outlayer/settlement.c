#include "contracts/outlayer/settlement.h"

#include "contracts/outlayer/events.h"
#include "contracts/outlayer/methods.h"
#include "contracts/outlayer/priced_project.h"
#include "lib/codec/utf8.h"

/* Nothing in this file may end the call but what ends it for want of gas: the callback of a yield
 * that aborts rolls the removal of its request back and strands it (Contract 5). So sums saturate,
 * texts are cut, and what cannot be read counts as a failed run. */

typedef enum ending { ENDED_SUCCESS, ENDED_FAILURE, ENDED_EXPIRED } ending;

typedef struct settlement {
    const request *request;
    ending ending;
    response response; /* zeroed when it expired */
    output result;     /* what the caller gets */
    ol_u128 charged;   /* yoctoNEAR */
    ol_u128 refunded;
} settlement;

/* Contract 6; never more than was paid (16, 11), nor than the caller allowed (14). Prices are those
 * of now. A failure pays the base fee, or, where the owner decided so, what it used (16, 10). */
static ol_u128 charge(const call *c, const settlement *s)
{
    bool measured = s->ending == ENDED_SUCCESS ||
                    (s->ending == ENDED_FAILURE && c->config.policy.charge_failures);
    const request *r = s->request;
    ol_u128 cost =
        measured ? price_cost(&c->config, &s->response.used, &r->limits) : c->config.prices.base;
    cost = money_min(cost, r->payment);
    return r->has_max_payment ? money_min(cost, r->max_payment) : cost;
}

static void settle_usd(const settlement *s)
{
    const request *r = s->request;
    if (r->attached_usd == 0)
        return;
    if (s->ending == ENDED_SUCCESS)
        (void)usd_settle(r->project_id, r->operation, r->token, r->sender, r->attached_usd,
                         s->response.has_refund ? s->response.refund_usd : 0);
    else
        ledger_credit(LEDGER_BALANCE, r->token, r->sender, r->attached_usd);
}

/* NEAR to the payer, USD to who it came from, statistics. */
static void settle_money(call *c, settlement *s)
{
    book *b = &c->config.book;
    s->charged = charge(c, s);
    s->refunded = s->request->payment - s->charged;
    book_settle(b, s->request->id);
    b->executions++;
    b->fees = money_add_most(b->fees, s->charged);
    config_save_book(&c->config);
    pay(s->request->payer, s->refunded);
    settle_usd(s);
    log_line("[[yNEAR charged: \"%s\"]]", AMOUNT(s->charged));
}

/* execution_completed (Contract 12). A text so long that the event would not fit is left out. */
static void tell(const call *c, const settlement *s, bool with_texts)
{
    const response *answer = &s->response;
    ol_str error = answer->error.data != NULL ? answer->error : OL_STR("Unknown error");
    event e;
    ol_json_writer *w = event_begin(&e, c, "execution_completed");
    ol_json_put_str(w, "sender_id", near_signer());
    ol_json_put_raw(w, "code_source", s->request->resolved);
    ol_json_key(w, "resources_used");
    metrics_write(w, &answer->used);
    ol_json_put_bool(w, "success", s->ending == ENDED_SUCCESS);
    if (s->ending == ENDED_SUCCESS)
        ol_json_put_null(w, "error_message");
    else
        ol_json_put_str(w, "error_message", with_texts ? error : ol_utf8_cut(error, 200));
    ol_json_put_dec(w, "payment_charged", s->charged);
    ol_json_put_dec(w, "payment_refunded", s->refunded);
    put_text_or_null(w, "compilation_note", with_texts ? answer->note : (ol_str){NULL, 0});
    ol_json_put_u64(w, "timestamp", near_block_timestamp());
    enum { OTHER_LOGS_BYTES = 400 };
    bool fits = event_close(&e) && e.text.len <= NEAR_LOG_BYTES_MAX - OTHER_LOGS_BYTES;
    if (fits)
        event_log(&e);
    else if (with_texts)
        tell(c, s, false);
}

/* Contract 14: more than the bare value, when the caller asked for it. */
static void answer_detailed(const settlement *s)
{
    const response *answer = &s->response;
    bool success = s->ending == ENDED_SUCCESS;
    ol_json_writer *w = answer_begin();
    ol_json_object_begin(w);
    ol_json_put_bool(w, "success", success);
    if (s->result.kind != OUTPUT_NONE)
        ol_json_put_raw(w, "output", s->result.json);
    else
        ol_json_put_null(w, "output");
    if (success)
        ol_json_put_null(w, "error");
    else if (s->ending == ENDED_EXPIRED)
        ol_json_put_cstr(w, "error", "Execution expired");
    else
        ol_json_put_str(w, "error",
                        answer->error.data != NULL ? answer->error : OL_STR("Unknown error"));
    ol_json_key(w, "resources_used");
    if (s->ending == ENDED_EXPIRED)
        ol_json_add_null(w);
    else
        metrics_write(w, &answer->used);
    put_text_or_null(w, "compilation_note", answer->note);
    ol_json_put_dec(w, "payment_charged", s->charged);
    ol_json_put_dec(w, "payment_refunded", s->refunded);
    ol_json_object_end(w);
    answer_end(w);
}

static void answer(const settlement *s)
{
    if (s->request->detailed_result)
        answer_detailed(s);
    else if (s->result.kind == OUTPUT_NONE)
        answer_null();
    else
        near_return_str(s->result.json);
}

/* How the yield ended. An answer we cannot read counts as expired: the caller gets the refund. */
static settlement settlement_of(const request *r, bool received, const response *got)
{
    settlement s = {.request = r, .ending = ENDED_EXPIRED};
    if (received) {
        s.response = *got;
        s.ending = got->success ? ENDED_SUCCESS : ENDED_FAILURE;
    }
    output stored = {.kind = OUTPUT_NONE};
    bool submitted = output_take(r->id, &stored);
    if (s.ending == ENDED_SUCCESS) /* what was submitted wins */
        s.result = submitted ? stored : s.response.output;
    return s;
}

/* The yield's callback (Contract 5). Its argument is the request's id, as admission.c wrote it. */
void method_on_execution_response(call *c)
{
    ol_borsh arguments = ol_borsh_over(near_input());
    uint64_t id = ol_borsh_u64(&arguments);
    ol_bytes payload = {NULL, 0};
    response got = {0};
    bool received =
        near_promise_result(0, &payload) == NEAR_SUCCESS && response_receive(id, payload, &got);
    request r;
    if (!request_take(id, &r)) {
        near_log(OL_STR("The request was cancelled before its answer came"));
        answer_null();
        return;
    }
    settlement s = settlement_of(&r, received, &got);
    settle_money(c, &s);
    if (s.ending != ENDED_EXPIRED)
        tell(c, &s, true);
    answer(&s);
}

void settle_cancelled(call *c, const request *r)
{
    (void)near_storage_remove(state_key_u64(RECORD_OUTPUT, r->id));
    book_settle(&c->config.book, r->id);
    pay(r->payer, r->payment);
    ledger_credit(LEDGER_BALANCE, r->token, r->sender, r->attached_usd);
}
