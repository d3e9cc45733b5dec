/* Answers in the forms of Coordinator 1: bodies bound or refused, failures in a route's form, and
 * the way an operation of the domain gets back to the request that asked for it. */
#ifndef COORDINATOR_ANSWER_H
#define COORDINATOR_ANSWER_H

#include "lib/codec/json_bind.h"
#include "lib/codec/json_write.h"
#include "lib/net/http_server.h"
#include "lib/store/store.h"

enum { ANSWER_BYTES_MAX = 64 * 1024 * 1024 }; /* of one JSON answer */

typedef enum failure_form {
    FAILURE_EMPTY, /* a status alone: worker routes */
    FAILURE_TEXT,  /* text/plain */
    FAILURE_JSON,  /* {"error":…} */
} failure_form;

/* Binds the body, or answers 400 / 422 with the published texts and returns false. */
bool body_bind(ol_web_request *request, const ol_json_table *table, void *into);
/* Answers for a failed decode of a body: syntax 400, shape 422, in the same words. */
void answer_bad_body(ol_web_request *request, const ol_err *err);

/* The failure's status and text; what is ours to mend (5xx) is logged with its notes. */
void answer_failure(ol_web_request *request, failure_form form, const ol_err *err);
/* {"error":text} */
void answer_error_json(ol_web_request *request, unsigned status, ol_str text);

/* A JSON answer in the making:
 *   json_answer answer = json_answer_begin();
 *   ol_json_put_bool(&answer.w, "ok", true);
 *   json_answer_send(&answer, request, 200);                    // one object, closed there */
typedef struct json_answer {
    ol_buf buf;
    ol_json_writer w;
} json_answer;
void json_answer_begin(json_answer *answer);      /* opens an object */
void json_answer_begin_bare(json_answer *answer); /* opens nothing */
void json_answer_send(json_answer *answer, ol_web_request *request, unsigned status);
void json_answer_send_bare(json_answer *answer, ol_web_request *request, unsigned status);

/* An operation in the request's arena, zeroed, with `done` and the request as context set, and the
 * request held. NULL: the request is answered (out of memory). The struct begins with its ol_op. */
void *op_new(ol_web_request *request, size_t bytes, void (*done)(ol_op *op));
#define OP_NEW(request, type, done) ((type *)op_new((request), sizeof(type), (done)))
/* The request of an operation, in `done`. */
ol_web_request *op_request(ol_op *op);
/* In `done`: false when it failed, and then the request is answered in that form. */
bool op_worked(ol_op *op, failure_form form);
/* The operation lives in memory that dies with the answer, so the failure is copied first. */

#endif
