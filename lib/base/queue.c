#include "lib/base/queue.h"

#include <stdlib.h>
#include <time.h>

ol_rc ol_queue_init(ol_queue *queue, size_t slots, ol_err *err)
{
    OL_ASSERT(slots > 0);
    *queue = (ol_queue){.size = slots};
    queue->slot = calloc(slots, sizeof *queue->slot);
    if (queue->slot == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&queue->arrived, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    (void)pthread_mutex_init(&queue->lock, NULL);
    return OL_OK;
}

void ol_queue_deinit(ol_queue *queue)
{
    if (queue->slot == NULL)
        return;
    (void)pthread_cond_destroy(&queue->arrived);
    (void)pthread_mutex_destroy(&queue->lock);
    free(queue->slot);
    *queue = (ol_queue){0};
}

bool ol_queue_push(ol_queue *queue, void *item)
{
    OL_ASSERT(item != NULL);
    (void)pthread_mutex_lock(&queue->lock);
    bool taken = !queue->closed && queue->count < queue->size;
    if (taken) {
        queue->slot[(queue->first + queue->count) % queue->size] = item;
        queue->count++;
        (void)pthread_cond_signal(&queue->arrived);
    }
    (void)pthread_mutex_unlock(&queue->lock);
    return taken;
}

/* With the lock held; false when there is nothing to take. */
static bool await(ol_queue *queue, int64_t deadline_ns)
{
    while (queue->count == 0 && !queue->closed) {
        int rc = 0;
        if (deadline_ns < 0) {
            rc = pthread_cond_wait(&queue->arrived, &queue->lock);
        } else {
            struct timespec until = {deadline_ns / 1000000000, deadline_ns % 1000000000};
            rc = pthread_cond_timedwait(&queue->arrived, &queue->lock, &until);
        }
        if (rc != 0)
            break;
    }
    return queue->count > 0;
}

size_t ol_queue_pop_many(ol_queue *queue, void **items, size_t most, int64_t deadline_ns)
{
    size_t taken = 0;
    (void)pthread_mutex_lock(&queue->lock);
    if (await(queue, deadline_ns)) {
        while (taken < most && queue->count > 0) {
            items[taken++] = queue->slot[queue->first];
            queue->first = (queue->first + 1) % queue->size;
            queue->count--;
        }
    }
    (void)pthread_mutex_unlock(&queue->lock);
    return taken;
}

void *ol_queue_pop(ol_queue *queue, int64_t deadline_ns)
{
    void *item = NULL;
    return ol_queue_pop_many(queue, &item, 1, deadline_ns) == 1 ? item : NULL;
}

void ol_queue_close(ol_queue *queue)
{
    (void)pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    (void)pthread_cond_broadcast(&queue->arrived);
    (void)pthread_mutex_unlock(&queue->lock);
}
