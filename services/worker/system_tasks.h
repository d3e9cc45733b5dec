/* System callbacks (Worker 11): what the contract wants done beside runs. One thread. Top-ups need
 * the keystore; without one the payment goes back. */
#ifndef WORKER_SYSTEM_TASKS_H
#define WORKER_SYSTEM_TASKS_H

#include "services/worker/worker.h"

typedef struct system_tasks system_tasks;

/* NULL when memory is short. The worker has a signer. */
system_tasks *system_tasks_open(worker *w);
void system_tasks_close(system_tasks *s); /* NULL is fine */
void system_tasks_interrupt(system_tasks *s);

/* The thread's function; ends when the worker drains. */
void *system_tasks_run(void *context);

#endif
