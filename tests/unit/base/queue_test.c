#include "lib/base/queue.h"

#include <pthread.h>

#include "lib/base/clock.h"
#include "tests/harness/test.h"

TEST("items leave in the order they came, and a full queue refuses")
{
    static int items[4];
    ol_queue queue;
    ol_err err;
    CHECK_OK(ol_queue_init(&queue, 3, &err));
    for (int round = 0; round < 5; round++) {
        CHECK(ol_queue_push(&queue, &items[0]) && ol_queue_push(&queue, &items[1]));
        CHECK(ol_queue_push(&queue, &items[2]) && !ol_queue_push(&queue, &items[3]));
        CHECK(ol_queue_pop(&queue, 0) == &items[0]);
        void *rest[4];
        CHECK_EQ(ol_queue_pop_many(&queue, rest, 4, 0), 2);
        CHECK(rest[0] == &items[1] && rest[1] == &items[2]);
    }
    ol_queue_deinit(&queue);
    ol_queue_deinit(&queue);
}

TEST("a deadline that passed ends the wait; a closed queue gives what it has, then nothing")
{
    static int item;
    ol_queue queue;
    ol_err err;
    CHECK_OK(ol_queue_init(&queue, 2, &err));
    CHECK(ol_queue_pop(&queue, ol_mono_ns(ol_clock_real())) == NULL);
    CHECK(ol_queue_push(&queue, &item));
    ol_queue_close(&queue);
    CHECK(!ol_queue_push(&queue, &item));
    CHECK(ol_queue_pop(&queue, -1) == &item);
    CHECK(ol_queue_pop(&queue, -1) == NULL);
    ol_queue_deinit(&queue);
}

enum { PRODUCERS = 4, ITEMS = 20000 };

typedef struct share {
    ol_queue *queue;
    uint8_t items[ITEMS];
} share;

static void *produce(void *argument)
{
    share *mine = argument;
    for (size_t i = 0; i < ITEMS; i++) {
        while (!ol_queue_push(mine->queue, &mine->items[i]))
            (void)sched_yield(); /* full: the reader is at work */
    }
    return NULL;
}

TEST("every item of several threads arrives exactly once")
{
    static share shares[PRODUCERS];
    pthread_t threads[PRODUCERS];
    ol_queue queue;
    ol_err err;
    CHECK_OK(ol_queue_init(&queue, 64, &err));
    for (size_t i = 0; i < PRODUCERS; i++) {
        shares[i].queue = &queue;
        CHECK_EQ(pthread_create(&threads[i], NULL, produce, &shares[i]), 0);
    }
    for (size_t n = 0; n < (size_t)PRODUCERS * ITEMS; n++) {
        uint8_t *item = ol_queue_pop(&queue, -1);
        CHECK(item != NULL && *item == 0);
        *item = 1;
    }
    for (size_t i = 0; i < PRODUCERS; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
    CHECK(ol_queue_pop(&queue, 0) == NULL);
    ol_queue_deinit(&queue);
}

static void *close_it(void *argument)
{
    ol_queue_close(argument);
    return NULL;
}

TEST("closing wakes a sleeper")
{
    pthread_t thread;
    ol_queue queue;
    ol_err err;
    CHECK_OK(ol_queue_init(&queue, 1, &err));
    CHECK_EQ(pthread_create(&thread, NULL, close_it, &queue), 0);
    CHECK(ol_queue_pop(&queue, -1) == NULL);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    ol_queue_deinit(&queue);
}
