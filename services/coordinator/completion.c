/* POST /jobs/complete: the first completion wins (Coordinator 4.3). */
#include "services/coordinator/domain_state.h"
#include "services/coordinator/jobs.h"
#include "services/coordinator/payment_keys.h"
#include "services/coordinator/records.h"

enum {
    PROFILE_BYTES_MAX = 128, /* of an engine's or metering profile's name */
    TX_HASH_BYTES_MAX = 44,  /* Base58 of 32 bytes */
};

typedef struct job_row {
    int64_t id;
    int64_t request;
    ol_job_kind kind;
    job_status status;
} job_row;

job_status job_status_of(bool success, ol_error_class class)
{
    if (success)
        return JOB_COMPLETED;
    switch (class) {
    case OL_CLASS_COMPILATION_FAILED:
        return JOB_COMPILATION_FAILED;
    case OL_CLASS_EXECUTION_FAILED:
        return JOB_EXECUTION_FAILED;
    case OL_CLASS_ACCESS_DENIED:
        return JOB_ACCESS_DENIED;
    case OL_CLASS_INSUFFICIENT_PAYMENT:
        return JOB_INSUFFICIENT_PAYMENT;
    case OL_CLASS_CUSTOM:
        return JOB_CUSTOM;
    case OL_CLASS_NONE:
    case OL_CLASS_FAILED:
        return JOB_FAILED;
    }
    OL_UNREACHABLE();
}

static ol_rc job_find(ol_db *db, int64_t id, job_row *ret, ol_err *err)
{
    ol_rows rows;
    job_row it = {.id = id};
    OL_TRY(ol_db_query(db, OL_SQL_JOB_FIND, &rows, err, OL_ARG("id", id)));
    bool found = ol_rows_next(&rows);
    if (found) {
        it.request = ol_col_i64(&rows);
        it.kind = (ol_job_kind)ol_col_i64(&rows);
        it.status = (job_status)ol_col_i64(&rows);
    }
    OL_TRY(ol_rows_end(&rows, err));
    if (!found)
        return ol_fail(err, OL_ERR_NOT_FOUND, "Job not found");
    *ret = it;
    return OL_OK;
}

static uint64_t fit_63_bits(uint64_t count)
{
    return count <= INT64_MAX ? count : INT64_MAX;
}

/* The job's end and its one history row. */
static ol_rc job_record(domain *d, ol_db *db, const job_row *job, const request_row *row,
                        ol_str account, const ol_job_report *report, ol_err *err)
{
    job_status to = job_status_of(report->success, report->error_class);
    ol_opt_u128 cost =
        job->kind == OL_JOB_COMPILE ? report->compile_cost_yocto : report->actual_cost_yocto;
    bool in_call = report->has_call && report->error.data == NULL;
    bool is_hash = !row->is_call && report->resolve_tx_id.len <= TX_HASH_BYTES_MAX;
    ol_str resolve_tx = is_hash ? report->resolve_tx_id : (ol_str){0};
    ol_str error = error_text_cut(in_call ? report->call.error : report->error);
    OL_TRY(ol_db_run(db, OL_SQL_JOB_FINISH, err, OL_ARG("to", (int)to),
                     OL_ARG("checksum", report->wasm_checksum), OL_ARG("id", job->id),
                     OL_ARG("from", (int)job->status)));
    OL_TRY(ol_db_run(db, OL_SQL_LEASE_DELETE, err, OL_ARG("request", job->request),
                     OL_ARG("kind", (int)job->kind), OL_ARG("job", job->id)));
    return ol_db_run(
        db, OL_SQL_HISTORY_INSERT, err, OL_ARG("job", job->id), OL_ARG("status", (int)to),
        OL_ARG("time_ms", fit_63_bits(report->time_ms)),
        OL_ARG("instructions", fit_63_bits(report->instructions)), OL_ARG("cost", cost),
        OL_ARG("error", error),
        OL_ARG("engine", ol_str_slice(report->engine, 0, PROFILE_BYTES_MAX)),
        OL_ARG("metering_profile", ol_str_slice(report->metering_profile, 0, PROFILE_BYTES_MAX)),
        OL_ARG("account", account), OL_ARG("is_call", row->is_call),
        OL_ARG("resolve_tx", resolve_tx), OL_ARG("now", now_ms(d)));
}

/* ---- Execute. */

/* What came with a call on chain goes to the project's owner there; here only the row. */
static ol_rc chain_earning(domain *d, ol_db *db, const request_row *row, const request_texts *texts,
                           const ol_job_report *report, ol_err *err)
{
    if (!report->success || row->is_call || !texts->attached.has || texts->attached.value == 0 ||
        texts->project_id.data == NULL)
        return OL_OK;
    const ol_usd attached = {texts->attached.value};
    const ol_usd refund = {report->refund_usd.has ? report->refund_usd.value : 0};
    return ol_db_run(
        db, OL_SQL_EARNING_INSERT, err, OL_ARG("owner", project_owner(texts->project_id)),
        OL_ARG("source", (int)EARNED_BLOCKCHAIN), OL_ARG("project_id", texts->project_id),
        OL_ARG("attached", attached), OL_ARG("refund", ol_usd_min(refund, attached)),
        OL_ARG("amount", ol_usd_sub_floor(attached, refund)),
        OL_ARG("transaction_hash", texts->transaction_hash), OL_ARG("caller", texts->account),
        OL_ARG("request_id", row->request_id), ol_arg_null("call_id"), ol_arg_null("key_id"),
        OL_ARG("now", now_ms(d)));
}

static ol_rc execute_ended(domain *d, ol_db *db, request_row *row, const request_texts *texts,
                           const ol_job_report *report, ol_err *err)
{
    const run_count count = {
        .account = texts->account,
        .repo = texts->repo,
        .commit = texts->commit,
        .status = job_status_of(report->success, report->error_class),
        .instructions = report->instructions,
        .time_ms = report->time_ms,
        .near_paid = texts->near_payment,
    };
    if (row->state == QUEUED_EXECUTE) /* given up and queued again, when the report came */
        OL_TRY(request_dequeue(db, row, err));
    OL_TRY(request_move(db, row, EV_REPORTED, err));
    OL_TRY(run_count_add(db, &count, err));
    return chain_earning(d, db, row, texts, report, err);
}

/* ---- Compile. */

static ol_rc compile_reported(domain *d, ol_db *db, request_row *row, const ol_job_report *report,
                              int64_t job, ol_err *err)
{
    const compile_end end = {
        .success = report->success,
        .compile_result = report->compile_result,
        .error = error_text_cut(report->error),
        .cost = report->compile_cost_yocto,
        .time_ms = {true, fit_63_bits(report->time_ms)},
        .job_id = job,
    };
    return compile_ended(d, db, row, &end, err);
}

/* ---- Members of our own: the call's delivery and the attestation record. */

static ol_rc call_deliver(domain *d, ol_db *db, const request_row *row, job_completion *it,
                          int64_t job, ol_err *err)
{
    ol_uuid call_id;
    call_terms call;
    if (!row->is_call || !ol_str_eq(it->report.call.call_id, ol_str_of(row->data_id)) ||
        !ol_uuid_parse(it->report.call.call_id, &call_id))
        return ol_fail(err, OL_ERR_INVALID, "The call is not the job's");
    OL_TRY(call_terms_find(db, call_id, &call, err));
    /* Our workers claim before they look for the code: a failure up to there is free. */
    bool claimed = row->execute_attempts > 0 && !it->report.nothing_ran;
    return call_settle_report(d, db, &call, &it->report.call, claimed, job, &it->finalized, err);
}

static ol_rc complete(domain *d, ol_db *db, job_completion *it, ol_arena *arena, ol_err *err)
{
    const ol_job_report *report = &it->report;
    job_row job = {0};
    request_row row;
    request_texts texts;
    it->first = it->finalized = false;
    OL_TRY(text_check(report->compile_result, STORED_ID_BYTES_MAX, "compile_result", err));
    OL_TRY(text_check(report->wasm_checksum, STORED_ID_BYTES_MAX, "wasm_checksum", err));
    OL_TRY(job_find(db, report->job_id, &job, err));
    if (job.status != JOB_LIVE && job.status != JOB_LOST)
        return OL_OK; /* reported before */
    OL_TRY(request_by_id(db, job.request, &row, arena, &texts, err));
    if (report->has_call)
        OL_TRY(call_deliver(d, db, &row, it, job.id, err));
    OL_TRY(job_record(d, db, &job, &row, texts.account, report, err));
    if (it->attestation != NULL)
        OL_TRY(attestation_insert(db, it->attestation, &it->attestation_id, err));
    it->first = job.status == JOB_LIVE;
    if (!it->first) {
        request_state to;
        bool closes = job.kind == OL_JOB_EXECUTE && report->success && !row.is_call &&
                      request_next(row.state, EV_REPORTED, &to);
        return closes ? execute_ended(d, db, &row, &texts, report, err) : OL_OK;
    }
    if (job.kind == OL_JOB_EXECUTE)
        return execute_ended(d, db, &row, &texts, report, err);
    return compile_reported(d, db, &row, report, job.id, err);
}

static ol_rc complete_run(ol_op *op, ol_db *db)
{
    ol_arena arena = ol_arena_new(REQUEST_ARENA_BYTES);
    ol_rc rc = complete(op->owner, db, (job_completion *)op, &arena, &op->err);
    ol_arena_deinit(&arena);
    return rc;
}

void job_complete(domain *d, job_completion *it)
{
    domain_submit(d, &it->op, complete_run, true);
}
