/* Settlement: one transaction, guarded by status = pending (Coordinator 3.3). */
#include "services/coordinator/settlement.h"

#include <string.h>

#include "services/coordinator/domain_state.h"
#include "services/coordinator/payment_keys.h"
#include "services/coordinator/requests.h"

static ol_str project_of(const call_terms *call)
{
    return (ol_str){call->project_id, call->project_id_len};
}

static void terms_read(ol_rows *rows, call_terms *ret)
{
    ret->id = ol_col_i64(rows);
    (void)ol_col_blob_fixed(rows, ret->call_id.bytes, sizeof ret->call_id.bytes);
    ret->key_id = ol_col_i64(rows);
    ret->status = (call_status)ol_col_i64(rows);
    ol_str project = ol_col_text(rows);
    ret->project_id_len =
        project.len < OL_PROJECT_ID_BYTES_MAX ? project.len : OL_PROJECT_ID_BYTES_MAX;
    memcpy(ret->project_id, project.data, ret->project_id_len);
    ret->compute_limit = ol_col_usd(rows);
    ret->deposit = ol_col_usd(rows);
    ret->fees.base = ol_col_usd(rows);
    ret->fees.per_million_instructions = ol_col_usd(rows);
    ret->fees.per_second = ol_col_usd(rows);
    ret->deadline_ms = ol_col_i64(rows);
}

static ol_rc terms_take(ol_rows *rows, call_terms *ret, ol_err *err)
{
    call_terms it = {0};
    bool found = ol_rows_next(rows);
    if (found)
        terms_read(rows, &it);
    OL_TRY(ol_rows_end(rows, err));
    if (!found)
        return ol_fail(err, OL_ERR_NOT_FOUND, "Call not found");
    *ret = it;
    return OL_OK;
}

ol_rc call_terms_find(ol_db *db, ol_uuid call_id, call_terms *ret, ol_err *err)
{
    ol_rows rows;
    const ol_bytes id = {call_id.bytes, sizeof call_id.bytes};
    OL_TRY(ol_db_query(db, OL_SQL_CALL_TERMS, &rows, err, OL_ARG("call_id", id)));
    return terms_take(&rows, ret, err);
}

ol_rc call_terms_by_id(ol_db *db, int64_t id, call_terms *ret, ol_err *err)
{
    ol_rows rows;
    OL_TRY(ol_db_query(db, OL_SQL_CALL_TERMS_BY_ID, &rows, err, OL_ARG("id", id)));
    return terms_take(&rows, ret, err);
}

/* ---- The money of one call. */

typedef struct split {
    ol_usd charged; /* for compute */
    ol_usd share;   /* the author's */
    ol_usd refund;
} split;

static split outcome_split(const call_terms *call, const call_outcome *outcome, bool is_grant)
{
    split it = {.charged = ol_usd_min(outcome->compute_cost, call->compute_limit)};
    it.refund = ol_usd_min(outcome->refund, call->deposit);
    /* Allowance-funded calls pay the author nothing. */
    if (outcome->author_earns && !is_grant)
        it.share = ol_usd_sub_floor(call->deposit, it.refund);
    return it;
}

/* Takes the reservation away; it exists exactly as long as the call is pending. */
static ol_rc reservation_take(ol_db *db, int64_t call, ol_usd *ret, ol_err *err)
{
    ol_rows rows;
    OL_TRY(ol_db_query(db, OL_SQL_RESERVATION_TAKE, &rows, err, OL_ARG("call", call)));
    bool found = ol_rows_next(&rows);
    ol_usd amount = found ? ol_col_usd(&rows) : OL_USD(0);
    while (ol_rows_next(&rows)) /* to the end, so that the deletion is complete */
        ;
    OL_TRY(ol_rows_end(&rows, err));
    if (!found)
        return guard_failed("reservation_take", err);
    *ret = amount;
    return OL_OK;
}

static ol_rc key_settle(ol_db *db, int64_t key_id, const key_balances *before, ol_usd reservation,
                        const split *money, ol_err *err)
{
    ol_usd paid = OL_USD(0);
    ol_usd spent;
    ol_usd reserved;
    uint64_t changed;
    bool fits = ol_usd_add(money->charged, money->share, &paid) &&
                ol_usd_sub(before->reserved, reservation, &reserved) &&
                ol_usd_add(before->spent, paid, &spent);
    /* What is paid never exceeds what was reserved, and that fitted when it was reserved. */
    OL_ASSERT(fits && !ol_usd_less(reservation, paid));
    OL_TRY(ol_db_change(db, OL_SQL_KEY_SETTLE, &changed, err, OL_ARG("spent", spent),
                        OL_ARG("reserved", reserved), OL_ARG("id", key_id),
                        OL_ARG("spent_before", before->spent),
                        OL_ARG("reserved_before", before->reserved)));
    return changed == 1 ? OL_OK : guard_failed("key_settle", err);
}

static ol_rc pay(domain *d, ol_db *db, const call_terms *call, const call_outcome *outcome,
                 ol_err *err)
{
    key_balances key = {0};
    ol_usd reservation = OL_USD(0);
    OL_TRY(reservation_take(db, call->id, &reservation, err));
    OL_TRY(key_balances_read(db, call->key_id, &key, err));
    split money = outcome_split(call, outcome, key.is_grant);
    OL_TRY(key_settle(db, call->key_id, &key, reservation, &money, err));
    OL_TRY(ol_db_run(db, OL_SQL_USAGE_INSERT, err, OL_ARG("key_id", call->key_id),
                     OL_ARG("call", call->id), OL_ARG("charged", money.charged),
                     OL_ARG("author_share", money.share), OL_ARG("status", (int)outcome->status),
                     OL_ARG("job_id", outcome->job_id), OL_ARG("now", now_ms(d))));
    if (ol_usd_is_zero(money.share))
        return OL_OK;
    ol_uuid_text call_id = ol_uuid_format(call->call_id);
    const author_credit credit = {
        .project_id = project_of(call),
        .key_id = call->key_id,
        .attached = call->deposit,
        .refund = money.refund,
        .amount = money.share,
        .call_id = ol_uuid_str(&call_id),
    };
    return author_credit_add(db, &credit, now_ms(d), err);
}

/* ---- Ending. */

static void tell(domain *d, const call_terms *call, const call_outcome *outcome)
{
    const call_answer answer = {
        .call_id = ol_uuid_format(call->call_id),
        .status = outcome->status,
        .expired = outcome->expired,
        .output_json = outcome->output_json,
        .error = outcome->error,
        .has_cost = true,
        .compute_cost = ol_usd_min(outcome->compute_cost, call->compute_limit),
        .instructions = outcome->instructions,
        .time_ms = outcome->time_ms,
        .job_id = outcome->job_id,
    };
    event_add_call(d, &answer);
}

ol_rc call_settle(domain *d, ol_db *db, const call_terms *call, const call_outcome *outcome,
                  bool *ret_settled, ol_err *err)
{
    uint64_t changed;
    OL_ASSERT(outcome->status != CALL_PENDING);
    OL_TRY(ol_db_change(
        db, OL_SQL_CALL_SETTLE, &changed, err, OL_ARG("status", (int)outcome->status),
        OL_ARG("expired", outcome->expired), OL_ARG("now", now_ms(d)),
        OL_ARG("compute_cost", ol_usd_min(outcome->compute_cost, call->compute_limit)),
        OL_ARG("instructions", outcome->instructions), OL_ARG("time_ms", outcome->time_ms),
        OL_ARG("job_id", outcome->job_id), OL_ARG("error", outcome->error),
        OL_ARG("output", outcome->output_json), OL_ARG("id", call->id)));
    *ret_settled = changed == 1;
    if (!*ret_settled)
        return OL_OK; /* somebody was faster */
    OL_TRY(pay(d, db, call, outcome, err));
    tell(d, call, outcome);
    return OL_OK;
}

ol_rc call_settle_unpaid(domain *d, ol_db *db, const call_terms *call, ol_str error, int64_t job_id,
                         ol_err *err)
{
    bool settled;
    const call_outcome outcome = {.status = CALL_FAILED, .error = error, .job_id = job_id};
    return call_settle(d, db, call, &outcome, &settled, err);
}

ol_rc call_settle_expired(domain *d, ol_db *db, const call_terms *call, bool claimed,
                          int64_t job_id, bool *ret_settled, ol_err *err)
{
    const call_outcome outcome = {
        .status = CALL_FAILED,
        .expired = true,
        .compute_cost = claimed ? call->compute_limit : OL_USD(0),
        .error = OL_STR("Timeout waiting for result"),
        .job_id = job_id,
    };
    return call_settle(d, db, call, &outcome, ret_settled, err);
}

static uint64_t fit_63_bits(uint64_t count)
{
    return count <= INT64_MAX ? count : INT64_MAX; /* what a column holds */
}

ol_rc call_settle_report(domain *d, ol_db *db, const call_terms *call, const ol_call_report *report,
                         bool claimed, int64_t job_id, bool *ret_settled, ol_err *err)
{
    bool paid = report->success || claimed;
    const call_outcome outcome = {
        .status = report->success ? CALL_COMPLETED : CALL_FAILED,
        .compute_cost = paid ? compute_cost(&call->fees, report->instructions, report->time_ms,
                                            call->compute_limit)
                             : OL_USD(0),
        .refund = {report->refund_usd.has ? report->refund_usd.value : 0},
        .author_earns = report->success,
        .output_json = report->success ? report->output_json : (ol_str){0},
        .error = report->success ? (ol_str){0} : error_text_cut(report->error),
        .instructions = fit_63_bits(report->instructions),
        .time_ms = fit_63_bits(report->time_ms),
        .job_id = job_id,
    };
    return call_settle(d, db, call, &outcome, ret_settled, err);
}

/* ---- POST /https-calls/complete. */

static ol_rc complete_run(ol_op *op, ol_db *db)
{
    call_completion *it = (call_completion *)op;
    domain *d = op->owner;
    ol_uuid call_id;
    call_terms call;
    request_row request;
    if (!ol_uuid_parse(it->report.call_id, &call_id))
        return ol_fail(&op->err, OL_ERR_NOT_FOUND, "Call not found");
    OL_TRY(call_terms_find(db, call_id, &call, &op->err));
    OL_TRY(request_of_call(db, &call, &request, &op->err));
    bool claimed = request.execute_attempts > 0;
    int64_t job = it->report.has_job_id ? it->report.job_id : request.last_job;
    OL_TRY(call_settle_report(d, db, &call, &it->report, claimed, job, &it->finalized, &op->err));
    /* A run that is still leased ends with its own report; what only waits ends here. */
    return it->finalized ? request_unqueue(d, db, &request, EV_CLOSED, &op->err) : OL_OK;
}

void call_complete(domain *d, call_completion *it)
{
    domain_submit(d, &it->op, complete_run, true);
}

/* ---- The window of one call passed. */

ol_rc call_expire_by_id(domain *d, ol_db *db, int64_t id, ol_err *err)
{
    call_terms call;
    request_row request;
    bool settled;
    OL_TRY(call_terms_by_id(db, id, &call, err));
    if (call.status != CALL_PENDING || call.deadline_ms > now_ms(d))
        return OL_OK;
    OL_TRY(request_of_call(db, &call, &request, err));
    OL_TRY(call_settle_expired(d, db, &call, request.execute_attempts > 0, request.last_job,
                               &settled, err));
    return request_unqueue(d, db, &request, EV_CLOSED, err);
}

static ol_rc expire_run(ol_op *op, ol_db *db)
{
    call_expiry *it = (call_expiry *)op;
    call_terms call;
    int64_t key_id;
    OL_TRY(call_terms_find(db, it->call_id, &call, &op->err));
    OL_TRY(call_expire_by_id(op->owner, db, call.id, &op->err));
    return call_answer_by_id(db, call.id, it->arena, &it->answer, &key_id, &op->err);
}

void call_expire(domain *d, call_expiry *it)
{
    domain_submit(d, &it->op, expire_run, true);
}
