/* A bounded queue of pointers between threads. It refuses when full; it never grows. */
#ifndef OL_BASE_QUEUE_H
#define OL_BASE_QUEUE_H

#include <pthread.h>

#include "lib/base/err.h"

typedef struct ol_queue {
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    void **slot;
    size_t size;
    size_t first;
    size_t count;
    bool closed;
} ol_queue;

ol_rc ol_queue_init(ol_queue *queue, size_t slots, ol_err *err);
void ol_queue_deinit(ol_queue *queue); /* items left inside stay their owner's */

/* false when full or closed; the item stays with the caller. */
OL_MUST_USE bool ol_queue_push(ol_queue *queue, void *item);

/* Waits until an item comes, the queue is closed and empty (NULL), or CLOCK_MONOTONIC passes
 * deadline_ns (NULL). deadline_ns < 0 waits without end. */
void *ol_queue_pop(ol_queue *queue, int64_t deadline_ns);

/* Takes up to `most` items without waiting for more than the first. Returns how many; 0 as pop. */
size_t ol_queue_pop_many(ol_queue *queue, void **items, size_t most, int64_t deadline_ns);

void ol_queue_close(ol_queue *queue); /* no more pushes; sleepers wake */

#endif
