/* Threads for requests that wait for the chain: the event loop never does. */
#ifndef KEYSTORE_WORK_H
#define KEYSTORE_WORK_H

#include "lib/base/clock.h"
#include "lib/net/http_client.h"
#include "lib/net/http_server.h"

typedef struct work work;

/* Answers the request; `client` is NULL on the event loop, where it must not wait. Returns
 * OL_ERR_PENDING there, with the request unanswered, to be called again on a thread that may; any
 * other failure has been answered. */
typedef ol_rc work_fn(ol_web_request *request, void *context, ol_http_client *client);

enum { WORK_WAITING_MAX = 4096 }; /* requests in line; beyond it 503 */

/* Who has stood in line for `wait_ms_max` is answered 503 and the chain is not asked: nobody waits
 * for that answer any more, and those behind do. */
ol_rc work_start(unsigned threads, uint64_t wait_ms_max, const ol_clock *clock, work **ret,
                 ol_err *err);
/* Runs `fn` here; where it has to wait, holds the request and lets a thread answer it. */
void work_run(work *it, ol_web_request *request, void *context, work_fn *fn);
/* What is in line is answered first; after three seconds nobody is asked any more, and what still
 * waits is answered with a failure. NULL is fine. */
void work_stop(work *it);

#endif
