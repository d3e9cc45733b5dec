/* The call on the contract that answers a request (Worker 8.1). */
#ifndef WORKER_ANSWER_H
#define WORKER_ANSWER_H

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/proto/task.h"

enum {
    ANSWER_INLINE_BYTES = 1024, /* what a yielded call accepts (NEAR 1.5) */
    ANSWER_ERROR_BYTES = 512,   /* of an error that does not fit */
    ANSWER_SLACK_BYTES = 4096,  /* of a transaction, beside the arguments (Worker 8.2) */
};

typedef struct answer {
    bool success;
    ol_str output_json; /* `{"Text":"…"}`, `{"Json":…}` or `{"Bytes":[…]}`; NULL data: none */
    ol_str error;       /* failure */
    uint64_t instructions;
    uint64_t time_ms;
    ol_opt_u64 compile_time_ms;
    ol_str note;            /* NULL data: none */
    ol_opt_u128 refund_usd; /* success */
} answer;

/* `{"Text":…}` and its kind, from what the guest wrote and from ol_output_encode's JSON of it. */
void answer_output_write(ol_format format, ol_bytes written, ol_str encoded, ol_buf *into);

/* Writes the arguments and names the method: `resolve_execution` for what renders to less than
 * 1,024 bytes, else `submit_execution_output_and_resolve` for an output, or a shortened error. An
 * output whose arguments are larger than `args_bytes_max` becomes the failure `Output too large for
 * on-chain delivery: …`, and *ret_too_large says so. Never fails but for memory. */
ol_rc answer_write(const answer *it, uint64_t request_id, size_t args_bytes_max, ol_buf *into,
                   const char **ret_method, bool *ret_too_large, ol_err *err);

/* The amount of the first `[[yNEAR charged: "{n}"]]`, else of an execution_completed event. false:
 * the logs do not tell. */
bool answer_charged(const ol_str *log, size_t logs, ol_u128 *ret);

#endif
