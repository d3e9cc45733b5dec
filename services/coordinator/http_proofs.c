/* Coordinator 9 and 11: attestation records and hidden logs. */
#include "services/coordinator/handlers.h"
#include "services/coordinator/proofs.h"
#include "services/coordinator/time_text.h"

/* ---- POST /attestations */

static void recorded(ol_op *op)
{
    if (op_worked(op, FAILURE_EMPTY))
        ol_web_answer_empty(op_request(op), 201);
}

void attestation_post(ol_web_request *request, void *context)
{
    coordinator *it = context;
    attestation record = {0};
    ol_err err = {0};
    if (attestation_decode(it->domain, ol_bytes_str(ol_web_body_of(request)), ol_web_arena(request),
                           &record, &err) != OL_OK) {
        if (err.rc == OL_ERR_INVALID)
            ol_web_answer_empty(request, 400);
        else
            answer_bad_body(request, &err);
        return;
    }
    attestation_adding *op = OP_NEW(request, attestation_adding, recorded);
    if (op == NULL)
        return;
    op->record = record;
    attestation_add(it->domain, op);
}

/* ---- GET /attestations/… */

static void answer_record(ol_web_request *request, ol_rc rc, const attestation *record,
                          const ol_err *err)
{
    json_answer answer;
    if (rc != OL_OK) {
        answer_failure(request, FAILURE_EMPTY, err);
        return;
    }
    json_answer_begin_bare(&answer);
    attestation_encode(record, &answer.w);
    json_answer_send_bare(&answer, request, 200);
}

void attestation_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    attestation record = {0};
    int64_t task_id = 0;
    ol_err err = {0};
    OL_ASSERT(ol_i64_parse(ol_web_param(request, 0), &task_id));
    ol_rc rc = attestation_by_task(it->domain, task_id, ol_web_arena(request), &record, &err);
    answer_record(request, rc, &record, &err);
}

void attestation_by_tx_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    attestation record = {0};
    ol_err err = {0};
    ol_rc rc = attestation_by_transaction(it->domain, ol_web_param(request, 0),
                                          ol_web_arena(request), &record, &err);
    answer_record(request, rc, &record, &err);
}

void attestation_by_call_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    attestation record = {0};
    ol_uuid id;
    ol_err err = {0};
    OL_ASSERT(ol_uuid_parse(ol_web_param(request, 0), &id));
    ol_rc rc = attestation_by_call(it->domain, id, ol_web_arena(request), &record, &err);
    answer_record(request, rc, &record, &err);
}

/* ---- Hidden logs: taken on the private listener, read by administration. */

typedef struct log_body {
    uint64_t request_id;
    int64_t job_id;
    ol_str log_type;
    ol_str stderr_text;
    ol_str stdout_text;
    int64_t exit_code;
    bool has_exit_code;
    ol_str execution_error;
} log_body;

#define LOG_AT(member) offsetof(log_body, member)
static const ol_json_field LOG_FIELDS[] = {
    {"request_id", OL_BIND_U64, OL_REQUIRED, LOG_AT(request_id)},
    {"job_id", OL_BIND_I64, OL_OPTIONAL, LOG_AT(job_id)},
    {"log_type", OL_BIND_TEXT, OL_REQUIRED, LOG_AT(log_type)},
    {"stderr", OL_BIND_TEXT, OL_OPTIONAL, LOG_AT(stderr_text)},
    {"stdout", OL_BIND_TEXT, OL_OPTIONAL, LOG_AT(stdout_text)},
    {"exit_code", OL_BIND_I64, OL_OPTIONAL, LOG_AT(exit_code), .has = LOG_AT(has_exit_code)},
    {"execution_error", OL_BIND_TEXT, OL_OPTIONAL, LOG_AT(execution_error)},
};
static const ol_json_table LOG_TABLE = {"StoreSystemLogRequest", LOG_FIELDS, OL_COUNT(LOG_FIELDS)};

static void logged(ol_op *op)
{
    json_answer answer;
    if (!op_worked(op, FAILURE_EMPTY))
        return;
    json_answer_begin(&answer);
    ol_json_put_i64(&answer.w, "id", ((const hidden_log_adding *)op)->log.id);
    json_answer_send(&answer, op_request(op), 201);
}

void system_log_post(ol_web_request *request, void *context)
{
    coordinator *it = context;
    log_body body = {0};
    if (!body_bind(request, &LOG_TABLE, &body))
        return;
    hidden_log_adding *op = OP_NEW(request, hidden_log_adding, logged);
    if (op == NULL)
        return;
    op->log = (hidden_log){
        .request_id = body.request_id,
        .job_id = body.job_id,
        .log_type = body.log_type,
        .stderr_text = body.stderr_text,
        .stdout_text = body.stdout_text,
        .execution_error = body.execution_error,
        .has_exit_code = body.has_exit_code,
        .exit_code = body.exit_code,
    };
    hidden_log_add(it->domain, op);
}

static void text_or_null(ol_json_writer *w, const char *key, ol_str text)
{
    if (text.data == NULL)
        ol_json_put_null(w, key);
    else
        ol_json_put_str(w, key, text);
}

static void log_encode(const hidden_log *log, ol_json_writer *w)
{
    ol_json_object_begin(w);
    ol_json_put_i64(w, "id", log->id);
    ol_json_put_u64(w, "request_id", log->request_id);
    if (log->job_id != 0)
        ol_json_put_i64(w, "job_id", log->job_id);
    else
        ol_json_put_null(w, "job_id");
    ol_json_put_str(w, "log_type", log->log_type);
    text_or_null(w, "stderr", log->stderr_text);
    text_or_null(w, "stdout", log->stdout_text);
    if (log->has_exit_code)
        ol_json_put_i64(w, "exit_code", log->exit_code);
    else
        ol_json_put_null(w, "exit_code");
    text_or_null(w, "execution_error", log->execution_error);
    time_put(w, "created_at", log->created_ms);
    ol_json_object_end(w);
}

void compile_logs_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    hidden_log *log;
    size_t count;
    int64_t job_id = 0;
    ol_err err = {0};
    json_answer answer;
    OL_ASSERT(ol_i64_parse(ol_web_param(request, 0), &job_id));
    if (hidden_logs_of_job(it->domain, job_id, ol_web_arena(request), &log, &count, &err) !=
        OL_OK) {
        answer_failure(request, FAILURE_EMPTY, &err);
        return;
    }
    if (count == 0) {
        ol_web_answer_empty(request, 404);
        return;
    }
    json_answer_begin_bare(&answer);
    ol_json_array_begin(&answer.w);
    for (size_t i = 0; i < count; i++)
        log_encode(&log[i], &answer.w);
    ol_json_array_end(&answer.w);
    json_answer_send_bare(&answer, request, 200);
}
