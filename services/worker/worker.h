/* What the threads of the worker share. */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include <stdatomic.h>

#include "lib/run/runner.h"
#include "services/worker/codes.h"
#include "services/worker/projects.h"
#include "services/worker/settings.h"

typedef struct worker {
    const worker_settings *settings;
    ol_str id;
    ol_str network_id; /* mainnet or testnet */
    ol_runner *runner;
    projects *projects;
    codes *codes;
    int stopping;           /* an event: readable once the worker drains */
    _Atomic bool draining;  /* no further task is taken */
    _Atomic unsigned busy;  /* slots with a task */
    _Atomic int64_t poll_s; /* unix time of the last poll that was answered */
} worker;

/* Sleeps; true when the worker began to drain meanwhile. */
bool worker_pause(const worker *w, int ms);

#endif
