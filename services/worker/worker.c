#include "services/worker/worker.h"

#include <poll.h>

enum { STACK_BYTES = 512 * 1024 };

bool worker_pause(const worker *w, int ms)
{
    struct pollfd stop = {.fd = w->stopping, .events = POLLIN};
    return poll(&stop, 1, ms) > 0;
}

ol_rc worker_thread(pthread_t *thread, void *(*run)(void *), void *context, ol_err *err)
{
    pthread_attr_t attributes;
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
    int rc = pthread_create(thread, &attributes, run, context);
    (void)pthread_attr_destroy(&attributes);
    return rc == 0 ? OL_OK : ol_fail(err, OL_ERR_ENVIRONMENT, "cannot start a thread");
}
