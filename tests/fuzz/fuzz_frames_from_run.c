/* What a hostile run may send: a stream of packets, each with a length byte pair before it. */
#include "lib/base/assert.h"
#include "lib/proto/job_frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ol_host_value values[OL_HOST_VALUES_MAX];
static ol_frame_pair pairs[OL_FRAME_HEADERS_MAX];

static void message(const ol_frame_head *head, ol_bytes payload)
{
    ol_host_fn function;
    size_t count = 0;
    ol_frame_http_open open;
    ol_frame_result result;
    if (head->kind == OL_FRAME_CALL && ol_frame_call_decode(payload, &function, values, &count)) {
        /* What was understood is written again byte for byte. */
        ol_buf again = ol_buf_new(OL_FRAME_CALL_BYTES_MAX);
        OL_ASSERT(ol_frame_call_encode(function, values, count, &again));
        OL_ASSERT(ol_bytes_eq(ol_buf_bytes(&again), payload));
        ol_buf_deinit(&again);
    }
    if (head->kind == OL_FRAME_HTTP_OPEN && ol_frame_http_open_decode(payload, pairs, &open))
        OL_ASSERT(open.headers_count <= OL_FRAME_HEADERS_MAX);
    if (head->kind == OL_FRAME_RESULT && ol_frame_result_decode(payload, &result))
        OL_ASSERT(result.class < OL_RUN_CLASSES_OF_RUN && result.output.len <= payload.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ol_frame_reader reader = {0};
    while (size >= 2) {
        size_t len = (size_t)data[0] | (size_t)data[1] << 8;
        data += 2;
        size -= 2;
        len = len < size ? len : size;
        ol_frame_head head;
        ol_bytes payload, packet = {data, len};
        data += len;
        size -= len;
        if (!ol_frame_head_decode(packet, &head, &payload))
            break;
        ol_frame_step step = ol_frame_read(
            &reader, packet, ol_frame_from_run_bytes_max(head.kind, OL_KIB(64)), &head, &payload);
        if (step == OL_FRAME_BROKEN)
            break;
        if (step == OL_FRAME_MESSAGE)
            message(&head, payload);
    }
    ol_frame_reader_deinit(&reader);
    return 0;
}
