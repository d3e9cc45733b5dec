/* System tasks: what the chain side asks a worker to do (Coordinator 3.4). */
#ifndef COORDINATOR_TASKS_H
#define COORDINATOR_TASKS_H

#include "services/coordinator/domain.h"

enum {
    SYSTEM_TASK_DEDUPE_SECONDS = 90000,
    SYSTEM_TASK_LEASE_SECONDS = 300,
    SYSTEM_TASK_DELIVERIES_MAX = 5,
    SYSTEM_TASK_POSTPONED_SECONDS = 10,
    TOPUPS_REMEMBERED = 8, /* Worker 11: the last transfers a key names */
};

typedef enum system_task_kind {
    TASK_TOPUP,
    TASK_KEY_DELETE,
    TASK_STORAGE_CLEANUP
} system_task_kind;

typedef struct system_task {
    int64_t id;
    system_task_kind kind;
    ol_str data_id;        /* top-up, key delete; for a cleanup the project UUID */
    ol_str owner;          /* top-up, key delete */
    uint32_t nonce;        /* top-up, key delete */
    ol_usd amount;         /* top-up */
    ol_str encrypted_data; /* top-up: Base64 text, as given */
    ol_str project_id;     /* cleanup */
    ol_str project_uuid;   /* cleanup */
    int64_t created_s;     /* unix */
    uint64_t deliveries;   /* this one included */
} system_task;

/* ---- …/create routes: dedupe by kind and data_id; top-ups that bring money for good. */
typedef struct system_task_adding {
    ol_op op;
    system_task task; /* id and created_s are out */
    bool created;     /* out */
} system_task_adding;
void system_task_create(domain *d, system_task_adding *it);

/* ---- GET /system-callbacks/poll: the oldest task nobody holds, leased. */
typedef struct system_task_poll {
    ol_op op;
    ol_arena *arena;
    bool found; /* out */
    system_task task;
} system_task_poll;
void system_task_take(domain *d, system_task_poll *it);

/* ---- POST /system-callbacks/close, and a cleanup's clear-project call. Top-ups and deletions that
 * have an effect are ended by their own routes. */
typedef struct system_task_ending {
    ol_op op;
    system_task_kind kind;
    ol_str data_id;
    bool kept;     /* a deletion that the contract gave up: the key works again, as it was */
    bool finished; /* out */
} system_task_ending;
void system_task_finish(domain *d, system_task_ending *it);

/* ---- By an operator, once what they needed is there again: tasks that were given up are delivered
 * anew. */
typedef struct system_task_revival {
    ol_op op;
    uint64_t revived; /* out */
} system_task_revival;
void system_tasks_revive(domain *d, system_task_revival *it);

/* How many are not finished, for /metrics. */
typedef struct system_task_figures {
    uint64_t open;
    uint64_t dead;
} system_task_figures;
ol_rc system_task_figures_read(domain *d, system_task_figures *ret, ol_err *err);

/* Within a transaction of somebody else. A task that is dead was given up, not done: it counts as
 * open. One that is unknown was done so long ago that it is forgotten. NULL data names none. */
ol_rc system_task_over(ol_db *db, system_task_kind kind, ol_str data_id, bool *ret_over,
                       ol_err *err);
ol_rc system_task_end(ol_db *db, system_task_kind kind, ol_str data_id, bool *ret_ended,
                      ol_err *err); /* ret_ended may be NULL */

#endif
