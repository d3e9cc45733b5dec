/* The outcome of an HTTPS call, as a worker delivers it (Worker 8.3, Coordinator 4.2). */
#ifndef OL_PROTO_CALL_H
#define OL_PROTO_CALL_H

#include "lib/proto/task.h"

/* POST /https-calls/complete, and the member `call` of POST /jobs/complete. */
typedef struct ol_call_report {
    ol_str call_id;
    bool success;
    /* One JSON value, stored and answered byte for byte (Coordinator 2.1): Bytes as a Base64
     * string, Text as a string, Json as the value, compact with keys sorted. May be absent. */
    ol_str output_json;
    ol_str error;
    uint64_t instructions;
    uint64_t time_ms;
    ol_opt_u128 refund_usd; /* an integer on this wire */
    bool has_job_id;
    int64_t job_id;
} ol_call_report;

/* output_json is a slice of `json`. */
ol_rc ol_call_report_decode(ol_str json, ol_arena *arena, ol_call_report *ret, ol_err *err);
ol_rc ol_call_report_decode_value(const ol_json *value, ol_arena *arena, ol_call_report *ret,
                                  ol_err *err);
void ol_call_report_encode(const ol_call_report *report, ol_json_writer *into);

/* Turns what a guest wrote into the output of its response format (Worker 7.3): OL_ERR_INVALID
 * with `Invalid UTF-8 output: …` or `Failed to parse output as JSON: {e}. Output was: {output}`.
 * The value goes to `into`, which states how much fits; more is OL_ERR_LIMIT. */
ol_rc ol_output_encode(ol_format format, ol_bytes stdout_bytes, ol_buf *into, ol_err *err);

#endif
