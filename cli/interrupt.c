#include "cli/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

enum { SAME_WISH_MS = 300 };

static void *await(void *context)
{
    interrupt *it = context;
    sigset_t set;
    int number;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigwait(&set, &number);
    it->came = true;
    ol_http_client_cancel(it->client);
    /* Some programs send one signal twice, to the process and to its group: that is one wish. */
    (void)sigtimedwait(&set, NULL, &(struct timespec){0, SAME_WISH_MS * 1000000L});
    (void)sigwait(&set, &number);
    _exit(CLI_INTERRUPTED);
}

ol_rc interrupt_catch(interrupt *it, ol_err *err)
{
    sigset_t set;
    pthread_t thread;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0 ||
        pthread_create(&thread, NULL, await, it) != 0)
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "cannot start a thread");
    (void)pthread_detach(thread);
    it->watched = true;
    return OL_OK;
}
