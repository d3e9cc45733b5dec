/* The run's end of its job socket: the job, host calls, outgoing HTTP, the result. One a process.
 */
#ifndef OUTLAYER_RUNNER_JOB_LINK_H
#define OUTLAYER_RUNNER_JOB_LINK_H

#include "lib/proto/job_frames.h"
#include "olw.h"

enum { JOB_STREAMS_MAX = 256 }; /* Host interfaces 5: requests of one run */

/* An event of an HTTP stream that nobody has asked for yet. At most one a stream (olw_http). */
typedef struct job_event {
    uint32_t id;
    ol_frame_kind kind; /* 0: none */
    uint8_t *data;      /* owned */
    size_t len;
} job_event;

/* Everything a run needs room for, in one piece: large enough that the allocator maps it, so that
 * pages nobody touches cost nothing. What is touched first comes first. */
typedef struct job_link {
    int socket;
    uint32_t calls;
    ol_frame_reader reader;
    job_event shown; /* what `next` lent out */
    size_t events;   /* places of `event` in use are below */
    ol_frame_pair variable[OL_FRAME_VARIABLES_MAX];
    uint8_t packet[OL_FRAME_PACKET_BYTES_MAX];
    char text[OL_FRAME_TEXT_BYTES_MAX];
    ol_host_value answer[OL_HOST_VALUES_MAX]; /* of the newest call */
    char refusal[96];                         /* of a call too large to be made */
    job_event event[JOB_STREAMS_MAX];
    ol_frame_pair header[OL_FRAME_HEADERS_MAX];
} job_link;

_Static_assert(sizeof(job_link) >= 128 * 1024, "malloc maps from here on");

/* Ends with the process. NULL when there is no memory. */
job_link *job_link_new(int socket);

/* Waits for the job. Everything it borrows lives until the process ends. */
ol_rc job_link_take_job(job_link *link, ol_frame_job *ret, ol_err *err);

/* Asks the supervisor and waits for its answer, which lives until the next call. false: it is gone
 * or talks nonsense. */
bool job_link_call(job_link *link, ol_host_fn function, const ol_host_value *values, size_t count,
                   const ol_host_value **ret, size_t *ret_count);

bool job_link_send_result(job_link *link, const ol_frame_result *result);

/* Outgoing HTTP over this link, as components take it. */
olw_http job_link_http(job_link *link, bool allowed);

#endif
