#include "services/keystore/work.h"

#include <pthread.h>
#include <stdlib.h>

#include "lib/base/queue.h"

enum { THREADS_MAX = 64 };

struct work {
    ol_queue line;
    pthread_t thread[THREADS_MAX];
    unsigned threads;
};

typedef struct item {
    ol_web_request *request;
    void *context;
    work_fn *fn;
} item;

static void *run(void *context)
{
    work *it = context;
    item *next;
    ol_http_client *client = ol_http_client_new(&(ol_http_options){0});
    OL_ASSERT(client != NULL);
    while ((next = ol_queue_pop(&it->line, -1)) != NULL) {
        item one = *next;
        free(next);
        ol_rc rc = one.fn(one.request, one.context, client);
        OL_ASSERT(rc != OL_ERR_PENDING);
    }
    ol_http_client_free(client);
    return NULL;
}

ol_rc work_start(unsigned threads, work **ret, ol_err *err)
{
    work *it = calloc(1, sizeof *it);
    if (it == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(ol_queue_init(&it->line, WORK_WAITING_MAX, err));
    *ret = it;
    while (it->threads < threads && it->threads < THREADS_MAX) {
        if (pthread_create(&it->thread[it->threads], NULL, run, it) != 0)
            return ol_fail(err, OL_ERR_ENVIRONMENT, "a thread cannot be started");
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
    *one = (item){request, context, fn};
    ol_web_hold(request);
    if (ol_queue_push(&it->line, one))
        return;
    free(one);
    ol_web_answer_empty(request, 503);
}

void work_stop(work *it)
{
    if (it == NULL)
        return;
    ol_queue_close(&it->line);
    for (unsigned i = 0; i < it->threads; i++)
        (void)pthread_join(it->thread[i], NULL);
    ol_queue_deinit(&it->line);
    free(it);
}
