/* The worker's sign of life: one thread, every thirty seconds (Worker 4). */
#ifndef WORKER_HEARTBEAT_H
#define WORKER_HEARTBEAT_H

#include "services/worker/worker.h"

/* The thread's function; the context is the worker. Ends when the worker drains. */
void *heartbeat_run(void *context);

#endif
