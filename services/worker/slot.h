/* A slot: one thread that takes a task, runs it, reports it, and takes the next. */
#ifndef WORKER_SLOT_H
#define WORKER_SLOT_H

#include <pthread.h>

#include "lib/broker/broker.h"
#include "services/worker/node.h"
#include "services/worker/worker.h"

typedef struct slot {
    worker *worker;
    pthread_t thread;
    coordinator *coordinator;
    ol_broker *broker;
    ol_http_client *web;   /* downloads, behind the address filter */
    ol_http_client *inner; /* the keystore: an address of the operator's own network */
    node *node;            /* contract views */
    ol_buf output;         /* JSON of the result under way */
    ol_buf chain_output;   /* the same as the contract takes it */
    char ca_file[4096];
} slot;

ol_rc slot_init(slot *s, worker *w, ol_err *err);
void slot_deinit(slot *s);

/* The thread's function: returns once the worker drains. */
void *slot_run(void *context);

#endif
