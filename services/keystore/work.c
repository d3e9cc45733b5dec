#include "services/keystore/work.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "lib/base/queue.h"

enum { THREADS_MAX = 64, STOP_SECONDS = 3 };

typedef struct worker {
    struct work *of;
    pthread_t thread;
    ol_http_client *client;
} worker;

struct work {
    ol_queue line;
    const ol_clock *clock;
    int64_t wait_ns_max;
    worker worker[THREADS_MAX];
    unsigned threads;
    pthread_mutex_t lock; /* of `ended` */
    pthread_cond_t one_ended;
    unsigned ended;
};

typedef struct item {
    ol_web_request *request;
    void *context;
    work_fn *fn;
    int64_t arrived_ns;
} item;

static bool waited_too_long(const work *it, const item *one)
{
    return ol_mono_ns(it->clock) - one->arrived_ns > it->wait_ns_max;
}

static void *run(void *context)
{
    const worker *it = context;
    item *next;
    while ((next = ol_queue_pop(&it->of->line, -1)) != NULL) {
        item one = *next;
        free(next);
        if (waited_too_long(it->of, &one)) {
            ol_web_answer_empty(one.request, 503);
            continue;
        }
        ol_rc rc = one.fn(one.request, one.context, it->client);
        OL_ASSERT(rc != OL_ERR_PENDING);
    }
    (void)pthread_mutex_lock(&it->of->lock);
    it->of->ended++;
    (void)pthread_cond_signal(&it->of->one_ended);
    (void)pthread_mutex_unlock(&it->of->lock);
    return NULL;
}

static ol_rc worker_start(work *it, worker *one, ol_err *err)
{
    *one = (worker){.of = it, .client = ol_http_client_new(&(ol_http_options){0})};
    if (one->client == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    if (pthread_create(&one->thread, NULL, run, one) == 0)
        return OL_OK;
    ol_http_client_free(one->client);
    return ol_fail(err, OL_ERR_ENVIRONMENT, "a thread cannot be started");
}

ol_rc work_start(unsigned threads, uint64_t wait_ms_max, const ol_clock *clock, work **ret,
                 ol_err *err)
{
    work *it = calloc(1, sizeof *it);
    if (it == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(ol_queue_init(&it->line, WORK_WAITING_MAX, err));
    (void)pthread_mutex_init(&it->lock, NULL);
    (void)pthread_cond_init(&it->one_ended, NULL);
    it->clock = clock;
    it->wait_ns_max = (int64_t)wait_ms_max * 1000000;
    *ret = it;
    while (it->threads < threads && it->threads < THREADS_MAX) {
        OL_TRY(worker_start(it, &it->worker[it->threads], err));
        it->threads++;
    }
    return OL_OK;
}

void work_run(work *it, ol_web_request *request, void *context, work_fn *fn)
{
    item *one;
    if (fn(request, context, NULL) != OL_ERR_PENDING)
        return;
    one = malloc(sizeof *one);
    if (one == NULL) {
        ol_web_answer_empty(request, 503);
        return;
    }
    *one = (item){request, context, fn, ol_mono_ns(it->clock)};
    ol_web_hold(request);
    if (ol_queue_push(&it->line, one))
        return;
    free(one);
    ol_web_answer_empty(request, 503);
}

/* A node that does not answer holds nobody up beyond STOP_SECONDS. */
static void await_ends(work *it)
{
    struct timespec until;
    int rc = 0;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += STOP_SECONDS;
    (void)pthread_mutex_lock(&it->lock);
    while (it->ended < it->threads && rc == 0)
        rc = pthread_cond_clockwait(&it->one_ended, &it->lock, CLOCK_MONOTONIC, &until);
    (void)pthread_mutex_unlock(&it->lock);
    for (unsigned i = 0; i < it->threads && rc != 0; i++)
        ol_http_client_cancel(it->worker[i].client);
}

void work_stop(work *it)
{
    if (it == NULL)
        return;
    ol_queue_close(&it->line);
    await_ends(it);
    for (unsigned i = 0; i < it->threads; i++) {
        (void)pthread_join(it->worker[i].thread, NULL);
        ol_http_client_free(it->worker[i].client);
    }
    ol_queue_deinit(&it->line);
    (void)pthread_mutex_destroy(&it->lock);
    (void)pthread_cond_destroy(&it->one_ended);
    free(it);
}
