/* The core-module side of the run process, as p2.h is for components:
 *
 *   template  p1_load   artifact → module, imports resolved; or in the run, when cold
 *   run       p1_run    instantiate, _start, classify; once per process */
#ifndef OUTLAYER_RUNNER_P1_H
#define OUTLAYER_RUNNER_P1_H

#include "lib/base/buf.h"
#include "services/runner/job_link.h"

typedef struct p1_module p1_module;

/* OL_ERR_WASM with the text of Host interfaces 1 or 17 when an import is unknown or of another
 * type, or `_start` is missing; OL_ERR_RUNNER when the artifact is not ours. Lives until the
 * process ends. */
ol_rc p1_load(struct wasm_engine_t *engine, int artifact_fd, p1_module **ret, ol_err *err);

/* Bit n: the module imports from interface n (ol_host_interface). */
uint32_t p1_imports(const p1_module *module);

/* Runs it and fills the result; its failure text goes into `text` (OL_FRAME_TEXT_BYTES_MAX). What
 * the result borrows lives until the process ends. */
void p1_run(p1_module *module, const ol_frame_job *job, job_link *link, ol_frame_result *ret,
            ol_buf *text);

#endif
