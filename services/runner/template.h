/* A template: a process that has loaded one artifact and forks a run for every order (Engine 3). */
#ifndef OUTLAYER_RUNNER_TEMPLATE_H
#define OUTLAYER_RUNNER_TEMPLATE_H

#include "lib/base/fd.h"
#include "services/runner/run.h"

/* What the zygote has ready before any fork. */
typedef struct workshop {
    struct wasm_engine_t *engine;
    p2_world *world;
    ol_seccomp run_filter;
} workshop;

/* In a fresh fork of the zygote: loads the artifact, says LOADED or FAILED on its socket, serves
 * until the socket closes. With load->once it becomes the first run itself. */
_Noreturn void template_serve(const workshop *shop, const ol_frame_load *load, ol_fd artifact,
                              ol_fd socket);

#endif
