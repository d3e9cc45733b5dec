/* What the operator answers, on its way to the callback (Contract 3, 4, 5). */
#ifndef OL_CONTRACTS_OUTLAYER_RESPONSE_H
#define OL_CONTRACTS_OUTLAYER_RESPONSE_H

#include "contracts/outlayer/request.h"

/* ExecutionOutput, ready to be returned: Text and Json keep the bytes they came in, Bytes are a
 * base64 string. */
typedef enum output_kind { OUTPUT_NONE, OUTPUT_BYTES, OUTPUT_TEXT, OUTPUT_JSON } output_kind;

typedef struct output {
    output_kind kind;
    ol_str json; /* what the caller gets */
} output;

/* The callback, which has 50 Tgas, must be able to hand it on: a byte costs it about 90 Mgas. */
enum { OUTPUT_BYTES_MAX = 400000 };

/* null gives OUTPUT_NONE. Beside the variants of Contract 3, {"BytesBase64":s} (16, 25). */
output output_read(call *c, const ol_json *value);
void output_write(ol_json_writer *w, const output *it);        /* ExecutionOutput */
void output_write_stored(ol_json_writer *w, const output *it); /* StoredOutput */

/* The record that waits for a resume; true when it replaced one. */
bool output_save(uint64_t request_id, const output *it);
bool output_load(uint64_t request_id, output *ret);
bool output_take(uint64_t request_id, output *ret);

typedef struct response {
    bool success;
    output output;
    ol_str error; /* absent: data NULL */
    metrics used;
    ol_str note;
    bool has_refund;
    uint64_t refund_usd;
} response;

/* ExecutionResponse. */
response response_read(call *c, const ol_json *value);

/* Resumes the yield of this request; a response that does not fit a resume waits in a record (16,
 * 22). False: nothing to resume. */
bool response_send(const request *r, const response *it);
/* In the callback: false when the payload cannot be read. Takes what was parked. */
bool response_receive(uint64_t request_id, ol_bytes payload, response *ret);

#endif
