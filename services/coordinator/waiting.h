/* Requests that wait: synchronous calls, GET /calls/{id}?wait, and long polls of workers. They are
 * woken by events, never by asking the database; one thread serves all deadlines.
 *
 * A waiter belongs to this table until somebody takes it out (an event, the deadline, the stop):
 * whoever gets it answers its request and frees it. So each is answered exactly once. */
#ifndef COORDINATOR_WAITING_H
#define COORDINATOR_WAITING_H

#include "lib/base/clock.h"
#include "lib/net/http_server.h"
#include "lib/proto/limits.h"

enum { CALL_ID_LEN = 36, WAITER_WORKER_ID_BYTES = 129, WAITERS_MAX = 65536 };

typedef enum wait_kind {
    WAIT_CALL,   /* POST /call: the window ends it, and with it the call */
    WAIT_LOOK,   /* GET /calls/{id}?wait */
    WAIT_TASK,   /* GET /executions/poll */
    WAIT_SYSTEM, /* GET /system-callbacks/poll */
    WAIT_KINDS
} wait_kind;

/* What a long poll asked for. */
typedef struct poll_wish {
    unsigned queues; /* OL_CAP_…: which queues it serves */
    bool claim;
    unsigned capabilities;                   /* for claim */
    char worker_id[WAITER_WORKER_ID_BYTES];  /* for claim */
    char life[OL_WORKER_LIFE_BYTES_MAX + 1]; /* for claim; may be empty */
} poll_wish;

typedef struct waiter {
    struct waiter *next; /* in its list, or in the chain of those taken */
    struct waiter *prev;
    size_t heap_at;
    int64_t deadline_ns;
    ol_web_request *request; /* held */
    wait_kind kind;
    char call_id[CALL_ID_LEN + 1]; /* WAIT_CALL, WAIT_LOOK */
    poll_wish *wish;               /* WAIT_TASK; owned */
} waiter;

typedef struct waits waits;

/* Called on the table's own thread for a waiter whose deadline passed; the callee owns it. */
typedef void waiter_expired(void *context, waiter *late);

ol_rc waits_new(const ol_clock *clock, waiter_expired *expired, void *context, waits **ret,
                ol_err *err);
/* Stops the thread. The table must be empty. */
void waits_free(waits *table);

waiter *waiter_new(ol_web_request *request, wait_kind kind, int64_t deadline_ns);
void waiter_free(waiter *one);

/* Takes ownership. false when the table is full or closed: the waiter stays the caller's. */
OL_MUST_USE bool waits_put(waits *table, waiter *one);
/* All that wait for the call, chained by `next`; NULL for none. */
waiter *waits_take_call(waits *table, ol_str call_id);
/* The longest-waiting poll that serves one of `queues`; NULL for none. */
waiter *waits_take_poll(waits *table, unsigned queues);
waiter *waits_take_system(waits *table);
/* Everything of a kind, chained. With `close` later waits_put of that kind fail. */
waiter *waits_take_all(waits *table, wait_kind kind, bool close);
size_t waits_count(waits *table, wait_kind kind);

#endif
