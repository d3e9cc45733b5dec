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

/* A node that does not answer holds nobody up beyond `until`. */
static void worker_end(const work *it, const worker *one, const struct timespec *until)
{
    if (pthread_clockjoin_np(one->thread, NULL, CLOCK_MONOTONIC, until) != 0) {
        for (unsigned i = 0; i < it->threads; i++)
            ol_http_client_cancel(it->worker[i].client);
        (void)pthread_join(one->thread, NULL);
    }
}

void work_stop(work *it)
{
    struct timespec until;
    if (it == NULL)
        return;
    ol_queue_close(&it->line);
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += STOP_SECONDS;
    for (unsigned i = 0; i < it->threads; i++)
        worker_end(it, &it->worker[i], &until);
    for (unsigned i = 0; i < it->threads; i++)
        ol_http_client_free(it->worker[i].client);
    ol_queue_deinit(&it->line);
    free(it);
}
