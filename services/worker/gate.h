/* What is refused before anything runs, in the words the requester reads (Worker 4, 7). */
#ifndef WORKER_GATE_H
#define WORKER_GATE_H

#include "lib/proto/job.h"
#include "services/worker/settings.h"

/* OL_OK, or why this task cannot be run here; *ret_class is the class to report. `on_chain`: this
 * worker delivers results of requests from the chain. */
ol_rc gate_check(const ol_task *task, const ol_job_info *job, bool on_chain,
                 ol_error_class *ret_class, ol_err *err);

/* Worker 7.2: memory and seconds brought into the worker's bounds. */
ol_resource_limits gate_limits(const worker_settings *settings, const ol_resource_limits *asked);

#endif
