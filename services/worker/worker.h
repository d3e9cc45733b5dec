/* What the threads of the worker share. */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include <pthread.h>
#include <stdatomic.h>

#include "lib/broker/keystore_link.h"
#include "lib/run/runner.h"
#include "services/worker/codes.h"
#include "services/worker/deliveries.h"
#include "services/worker/projects.h"
#include "services/worker/settings.h"
#include "services/worker/tee_session.h"
#include "services/worker/view_cache.h"

typedef struct worker {
    const worker_settings *settings;
    ol_str id;
    ol_str life;       /* of this process: the coordinator tells it from an earlier one */
    ol_str network_id; /* mainnet or testnet */
    ol_runner *runner;
    projects *projects;
    codes *codes;
    ol_keystore_link *keystore;    /* NULL: none is configured */
    tee_session *session;          /* at the coordinator; NULL: none is asked for */
    ol_signer *signer;             /* of the operator; NULL: nothing is delivered on chain */
    deliveries *deliveries;        /* with the signer */
    view_cache *wasm_created;      /* checksum → when its code came into the cache */
    int stopping;                  /* an event: readable once the worker drains */
    int done;                      /* likewise once nothing is under way any more */
    _Atomic bool draining;         /* no further task is taken */
    _Atomic unsigned busy;         /* slots with a task */
    _Atomic int64_t poll_s;        /* unix time of the last poll that was answered */
    _Atomic uint64_t block_height; /* the last one the monitor is done with; 0: none yet */
    _Atomic bool monitor_stuck;    /* blocks or relays have failed for some time */
} worker;

/* Sleeps; true when the worker began to drain meanwhile. */
bool worker_pause(const worker *w, int ms);

/* A thread with the stack all threads of this program have. */
ol_rc worker_thread(pthread_t *thread, void *(*run)(void *), void *context, ol_err *err);

#endif
