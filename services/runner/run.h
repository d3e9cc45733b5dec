/* One run: one job, then the process ends (Engine 3). */
#ifndef OUTLAYER_RUNNER_RUN_H
#define OUTLAYER_RUNNER_RUN_H

#include "lib/proto/job_frames.h"
#include "lib/sandbox/seccomp.h"
#include "services/runner/p1.h"
#include "services/runner/p2.h"

/* A loaded artifact; made by a template, used by its runs. */
typedef struct loaded_guest {
    ol_frame_target target;
    p1_module *module;   /* OL_TARGET_P1 */
    p2_guest *component; /* OL_TARGET_P2 */
    uint32_t interfaces; /* bit n: imports ol_host_interface n */
} loaded_guest;

/* Takes the job from the socket, closes the last fences, runs the guest, sends the result, ends
 * the process. */
_Noreturn void run_serve(const loaded_guest *guest, const ol_seccomp *filter, int job_socket);

#endif
