/* What a core module's end means and how it is worded (Engine 3, Host interfaces 2, Worker 7.2). */
#ifndef OUTLAYER_RUNNER_OUTCOME_H
#define OUTLAYER_RUNNER_OUTCOME_H

#include "lib/base/buf.h"
#include "lib/proto/job_frames.h"
#include "olw.h"

#define OUTCOME_INIT_FUEL UINT64_C(10000000) /* Engine 2 rule 1 */

typedef enum outcome_end {
    OUTCOME_OK,
    OUTCOME_EXIT,
    OUTCOME_TRAP,
    OUTCOME_OUTPUT,
    OUTCOME_INIT, /* did not get as far as its entry */
} outcome_end;

typedef struct outcome {
    outcome_end end;
    int32_t trap; /* olw_trap */
    ol_str trap_text;
    int32_t exit_code;
    uint64_t instructions;
    ol_bytes out, err;
    uint64_t out_bytes, err_bytes;
} outcome;

/* The limits of Worker 7.2 beside the job's memory. */
olw_limits outcome_limits(const ol_frame_job *job);

/* Fills the result from how the guest ended and what the engine accounted. */
void outcome_classify(const outcome *o, const ol_frame_job *job, ol_frame_result *ret,
                      ol_buf *text);

/* A result that says why nothing ran: texts of Host interfaces 1 and 6. */
ol_frame_result outcome_refused(ol_str text);

/* The last bytes of something, at most OL_FRAME_TAIL_BYTES_MAX. */
ol_bytes outcome_tail(ol_bytes bytes);

#endif
