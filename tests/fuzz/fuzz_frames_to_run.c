/* What a runner process may be sent: jobs, answers, heads, control messages. The first byte picks
 * the decoder. */
#include "lib/base/assert.h"
#include "lib/proto/job_frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ol_frame_pair pairs[OL_FRAME_VARIABLES_MAX];
static ol_host_value values[OL_HOST_VALUES_MAX];

static void job(ol_bytes payload)
{
    ol_frame_job got;
    if (!ol_frame_job_decode(payload, pairs, &got))
        return;
    ol_buf again = ol_buf_new(OL_FRAME_JOB_BYTES_MAX);
    ol_frame_job_encode(&got, &again);
    ol_buf_add(&again, got.input);
    OL_ASSERT(ol_buf_ok(&again) && ol_bytes_eq(ol_buf_bytes(&again), payload));
    ol_buf_deinit(&again);
}

static void control(ol_bytes payload)
{
    ol_frame_load load;
    ol_frame_failed failed;
    ol_frame_started started;
    ol_frame_exited exited;
    ol_frame_http_error error;
    ol_frame_http_head head;
    uint64_t run;
    (void)ol_frame_load_decode(payload, &load);
    (void)ol_frame_run_decode(payload, &run);
    (void)ol_frame_started_decode(payload, &started);
    (void)ol_frame_exited_decode(payload, &exited);
    if (ol_frame_failed_decode(payload, &failed))
        OL_ASSERT(failed.text.len <= OL_FRAME_TEXT_BYTES_MAX);
    if (ol_frame_http_error_decode(payload, &error))
        OL_ASSERT(error.text.len <= payload.len);
    if (ol_frame_http_head_decode(payload, pairs, &head))
        OL_ASSERT(head.headers_count <= OL_FRAME_HEADERS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t count;
    if (size == 0)
        return 0;
    ol_bytes payload = {data + 1, size - 1};
    if (data[0] == 0)
        job(payload);
    else if (data[0] == 1)
        control(payload);
    else
        (void)ol_frame_answer_decode((ol_host_fn)(data[0] % OL_HOST_FUNCTIONS), payload, values,
                                     &count);
    return 0;
}
