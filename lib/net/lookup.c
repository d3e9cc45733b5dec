#include "lib/net/lookup.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/net/url.h"

enum { STACK_BYTES = 256 * 1024 };

typedef struct lookup {
    struct lookup *next;
    ol_lookups *home;
    ol_lookup_result result;
    size_t host_len;
    char host[OL_HOST_BYTES_MAX + 1];
} lookup;

struct ol_lookups {
    pthread_mutex_t lock;
    ol_resolve_fn *resolve;
    void *context;
    int event;
    unsigned under_way;
    bool closed;  /* the owner has gone; the last look-up frees */
    lookup *done; /* newest first */
};

ol_lookups *ol_lookups_open(ol_resolve_fn *resolve, void *context)
{
    ol_lookups *lookups = calloc(1, sizeof *lookups);
    if (lookups == NULL)
        return NULL;
    lookups->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (lookups->event < 0) {
        free(lookups);
        return NULL;
    }
    (void)pthread_mutex_init(&lookups->lock, NULL);
    lookups->resolve = resolve;
    lookups->context = context;
    return lookups;
}

static void destroy(ol_lookups *lookups)
{
    while (lookups->done != NULL) {
        lookup *next = lookups->done->next;
        free(lookups->done);
        lookups->done = next;
    }
    (void)close(lookups->event);
    (void)pthread_mutex_destroy(&lookups->lock);
    free(lookups);
}

void ol_lookups_close(ol_lookups *lookups)
{
    if (lookups == NULL)
        return;
    (void)pthread_mutex_lock(&lookups->lock);
    lookups->closed = true;
    bool last = lookups->under_way == 0;
    (void)pthread_mutex_unlock(&lookups->lock);
    if (last)
        destroy(lookups);
}

static void *run(void *context)
{
    lookup *one = context;
    ol_lookups *home = one->home;
    const uint64_t wake = 1;
    one->result.rc = home->resolve(home->context, (ol_str){one->host, one->host_len},
                                   &one->result.addresses, &one->result.err);
    (void)pthread_mutex_lock(&home->lock);
    one->next = home->done;
    home->done = one;
    home->under_way--;
    bool last = home->closed && home->under_way == 0;
    ssize_t woken = home->closed ? 0 : write(home->event, &wake, sizeof wake);
    (void)woken;
    (void)pthread_mutex_unlock(&home->lock);
    if (last)
        destroy(home);
    return NULL;
}

static bool start_thread(lookup *one)
{
    pthread_attr_t attributes;
    pthread_t thread;
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    (void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
    bool started = pthread_create(&thread, &attributes, run, one) == 0;
    (void)pthread_attr_destroy(&attributes);
    return started;
}

bool ol_lookups_start(ol_lookups *lookups, uint64_t tag, ol_str host)
{
    if (host.len > OL_HOST_BYTES_MAX)
        return false;
    lookup *one = calloc(1, sizeof *one);
    if (one == NULL)
        return false;
    one->home = lookups;
    one->result.tag = tag;
    one->host_len = host.len;
    memcpy(one->host, host.data, host.len);
    (void)pthread_mutex_lock(&lookups->lock);
    bool fits = lookups->under_way < OL_LOOKUPS_AT_ONCE_MAX;
    if (fits)
        lookups->under_way++;
    (void)pthread_mutex_unlock(&lookups->lock);
    if (fits && start_thread(one))
        return true;
    if (fits) {
        (void)pthread_mutex_lock(&lookups->lock);
        lookups->under_way--;
        (void)pthread_mutex_unlock(&lookups->lock);
    }
    free(one);
    return false;
}

int ol_lookups_fd(const ol_lookups *lookups)
{
    return lookups->event;
}

bool ol_lookups_take(ol_lookups *lookups, ol_lookup_result *ret)
{
    uint64_t count;
    (void)pthread_mutex_lock(&lookups->lock);
    lookup *one = lookups->done;
    if (one != NULL)
        lookups->done = one->next;
    else
        (void)!read(lookups->event, &count, sizeof count); /* empty: not readable any more */
    (void)pthread_mutex_unlock(&lookups->lock);
    if (one == NULL)
        return false;
    *ret = one->result;
    free(one);
    return true;
}
