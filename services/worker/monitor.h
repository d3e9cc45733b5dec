/* The monitor (Worker 3): follows the chain and tells the coordinator what the contract logged. One
 * thread. */
#ifndef WORKER_MONITOR_H
#define WORKER_MONITOR_H

#include "services/worker/worker.h"

typedef struct monitor monitor;

/* NULL when memory is short. */
monitor *monitor_open(worker *w);
void monitor_close(monitor *m); /* NULL is fine */

/* Ends what waits for the network. */
void monitor_interrupt(monitor *m);

/* The thread's function; the context is the monitor. Ends when the worker drains. */
void *monitor_run(void *context);

#endif
