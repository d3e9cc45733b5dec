/* Claim, claim answer, call and job report: what decodes also encodes to something that decodes.
 * The first byte chooses which. */
#include "lib/proto/job.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void play(char which, ol_str json, ol_arena *arena, ol_buf *out)
{
    ol_json_writer w = ol_json_writer_over(out);
    ol_claim claim;
    ol_claim_answer answer;
    ol_call_report call;
    ol_job_report report;
    switch (which) {
    case 'c':
        if (ol_claim_decode(json, arena, &claim, NULL) == OL_OK) {
            ol_claim_encode(&claim, &w);
            OL_ASSERT(ol_claim_decode(ol_buf_str(out), arena, &claim, NULL) == OL_OK);
        }
        break;
    case 'a':
        if (ol_claim_answer_decode(json, arena, &answer, NULL) == OL_OK) {
            ol_claim_answer_encode(&answer, &w);
            OL_ASSERT(ol_claim_answer_decode(ol_buf_str(out), arena, &answer, NULL) == OL_OK);
        }
        break;
    case 'h':
        if (ol_call_report_decode(json, arena, &call, NULL) == OL_OK) {
            ol_call_report_encode(&call, &w);
            OL_ASSERT(ol_call_report_decode(ol_buf_str(out), arena, &call, NULL) == OL_OK);
        }
        break;
    case 'r':
        if (ol_job_report_decode(json, arena, &report, NULL) == OL_OK) {
            ol_job_report_encode(&report, &w);
            OL_ASSERT(ol_job_report_decode(ol_buf_str(out), arena, &report, NULL) == OL_OK);
        }
        break;
    default: {
        ol_err err;
        (void)ol_output_encode(OL_FORMAT_JSON, ol_str_bytes(json), out, &err);
    }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    ol_arena arena = ol_arena_new(OL_MIB(4));
    ol_buf out = ol_buf_new(OL_MIB(4));
    play((char)data[0], (ol_str){(const char *)data + 1, size - 1}, &arena, &out);
    ol_buf_deinit(&out);
    ol_arena_deinit(&arena);
    return 0;
}
