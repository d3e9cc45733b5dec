/* The zygote: raises the fences, makes the engine, forks templates. Single-threaded for ever. */
#ifndef OUTLAYER_RUNNER_ZYGOTE_H
#define OUTLAYER_RUNNER_ZYGOTE_H

#include "lib/base/fd.h"

/* Serves the control socket until it closes; then the process ends, and with it every template and
 * run. Returns only when it cannot start; the supervisor has been told why. */
ol_rc zygote_serve(ol_fd control, ol_err *err);

#endif
