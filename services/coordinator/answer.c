#include "services/coordinator/answer.h"

#include "lib/base/log.h"

void answer_bad_body(ol_web_request *request, const ol_err *err)
{
    ol_err shown = *err;
    bool shape = err->rc == OL_ERR_SHAPE;
    if (ol_reason_of(err->rc)->http >= 500) {
        answer_failure(request, FAILURE_EMPTY, err);
        return;
    }
    (void)ol_prefix(&shown, shape ? "Failed to deserialize the JSON body into the target type: "
                                  : "Failed to parse the request body as JSON: ");
    ol_web_answer_text(request, shape ? 422 : 400, ol_err_text(&shown));
}

bool body_bind(ol_web_request *request, const ol_json_table *table, void *into)
{
    ol_err err = {0};
    ol_str body = ol_bytes_str(ol_web_body_of(request));
    if (ol_json_bind(body, table, into, ol_web_arena(request), &err) == OL_OK)
        return true;
    answer_bad_body(request, &err);
    return false;
}

void answer_error_json(ol_web_request *request, unsigned status, ol_str text)
{
    json_answer answer;
    json_answer_begin(&answer);
    ol_json_put_str(&answer.w, "error", text);
    json_answer_send(&answer, request, status);
}

void answer_failure(ol_web_request *request, failure_form form, const ol_err *err)
{
    unsigned status = (unsigned)ol_reason_of(err->rc)->http;
    if (status >= 500)
        OL_LOG_ERR(OL_ERROR, "request_failed", err, KV("path", ol_web_path(request)));
    switch (form) {
    case FAILURE_EMPTY:
        ol_web_answer_empty(request, status);
        return;
    case FAILURE_TEXT:
        ol_web_answer_text(request, status, ol_err_text(err));
        return;
    case FAILURE_JSON:
        answer_error_json(request, status, ol_err_text(err));
        return;
    }
    OL_UNREACHABLE();
}

void json_answer_begin_bare(json_answer *answer)
{
    answer->buf = ol_buf_new(ANSWER_BYTES_MAX);
    answer->w = ol_json_writer_over(&answer->buf);
}

void json_answer_begin(json_answer *answer)
{
    json_answer_begin_bare(answer);
    ol_json_object_begin(&answer->w);
}

void json_answer_send(json_answer *answer, ol_web_request *request, unsigned status)
{
    ol_json_object_end(&answer->w);
    json_answer_send_bare(answer, request, status);
}

void json_answer_send_bare(json_answer *answer, ol_web_request *request, unsigned status)
{
    ol_web_answer_json(request, status, &answer->buf);
}

void *op_new(ol_web_request *request, size_t bytes, void (*done)(ol_op *op))
{
    OL_ASSERT(bytes >= sizeof(ol_op));
    ol_op *op = ol_arena_alloc(ol_web_arena(request), bytes);
    if (op == NULL) {
        ol_web_answer_empty(request, 503);
        return NULL;
    }
    op->done = done;
    op->context = request;
    ol_web_hold(request);
    return op;
}

ol_web_request *op_request(ol_op *op)
{
    return op->context;
}

bool op_worked(ol_op *op, failure_form form)
{
    if (op->rc == OL_OK)
        return true;
    ol_err err = op->err; /* the operation dies with the answer */
    answer_failure(op->context, form, &err);
    return false;
}
