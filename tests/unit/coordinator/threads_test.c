/* The domain under its own timer and the real clock, used from many threads at once. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/unit/coordinator/lab.h"

enum { CLIENTS = 8, CYCLES = 60, WAIT_SECONDS = 20 };

typedef struct finished {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned count;
    unsigned expired;
} finished;

static void on_event(void *context, const domain_event *event)
{
    finished *f = context;
    if (event->kind != EVENT_CALL_FINISHED)
        return;
    (void)pthread_mutex_lock(&f->lock);
    f->count++;
    f->expired += event->call->expired;
    (void)pthread_cond_broadcast(&f->changed);
    (void)pthread_mutex_unlock(&f->lock);
}

static lab *lab_real(finished *f, uint64_t call_seconds)
{
    lab *l = lab_open();
    l->settings.clock = ol_clock_real();
    l->settings.random = ol_random_kernel();
    l->settings.on_event = on_event;
    l->settings.event_context = f;
    l->settings.call_seconds = call_seconds;
    l->settings.background = true;
    l->settings.sweep_ms = 60 * 1000; /* only deadlines wake it */
    lab_reopen(l);
    return l;
}

static bool wait_for(finished *f, unsigned count)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_SECONDS;
    (void)pthread_mutex_lock(&f->lock);
    int rc = 0;
    while (f->count < count && rc == 0)
        rc = pthread_cond_timedwait(&f->changed, &f->lock, &until);
    (void)pthread_mutex_unlock(&f->lock);
    return rc == 0;
}

TEST("the timer settles a call when its window passes, not at the next round")
{
    finished f = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    lab *l = lab_real(&f, 1);
    call_answer call = lab_admit_ok(l, 10000, 0);
    CHECK(wait_for(&f, 1));
    CHECK_EQ(f.expired, 1);
    CHECK_EQ(lab_look(l, &call).status, CALL_FAILED);
    lab_close(l);
}

TEST("after a restart the timer knows the deadlines of before")
{
    finished f = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    lab *l = lab_real(&f, 1);
    (void)lab_admit_ok(l, 10000, 0);
    lab_reopen(l);
    CHECK(wait_for(&f, 1));
    lab_close(l);
}

/* ---- Many threads. */

typedef struct client {
    pthread_t thread;
    lab *l;
    int number;
    char owner[24];
    atomic_int failures;
} client;

static bool cycle(client *c, ol_arena *arena)
{
    domain *d = c->l->d;
    call_admission admit = {.key = lab_key(c->owner, 1),
                            .project_id = OL_STR("bob.near/p"),
                            .price = {OL_USD(10000), OL_USD(10)},
                            .input_data = OL_STR("{}"),
                            .limits = {1000000, 128, 60},
                            .arena = arena};
    queue_poll poll = {.queues = OL_CAP_EXECUTION,
                       .capabilities = OL_CAP_EXECUTION,
                       .claim = true,
                       .worker_id = OL_STR("w1"),
                       .arena = arena};
    payment_key_row row;
    ledger_figures figures;
    ol_task task;
    ol_err err;
    call_admit(d, &admit);
    queue_take(d, &poll);
    if (admit.op.rc != OL_OK || !poll.has_job ||
        ol_task_decode(poll.task_json, arena, &task, &err) != OL_OK)
        return false;
    job_completion done = {
        .report = {.job_id = poll.job.job_id,
                   .success = true,
                   .has_call = true,
                   .call = {.call_id = task.call_id, .success = true, .output_json = OL_STR("1")}}};
    job_complete(d, &done);
    return done.finalized && payment_key_authorise(d, &admit.key, arena, &row, &err) == OL_OK &&
           ledger_figures_read(d, &figures, &err) == OL_OK;
}

static void *client_main(void *argument)
{
    client *c = argument;
    for (int i = 0; i < CYCLES; i++) {
        ol_arena arena = ol_arena_new(OL_MIB(1));
        if (!cycle(c, &arena))
            atomic_fetch_add(&c->failures, 1);
        ol_arena_deinit(&arena);
    }
    return NULL;
}

TEST("eight threads at once: every call is finished and charged once")
{
    static client clients[CLIENTS];
    finished f = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    lab *l = lab_real(&f, 300);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = (client){.l = l, .number = i};
        (void)snprintf(clients[i].owner, sizeof clients[i].owner, "client%d.near", i);
        lab_fund(l, clients[i].owner, 1, 1000000);
    }
    for (int i = 0; i < CLIENTS; i++)
        CHECK_EQ(pthread_create(&clients[i].thread, NULL, client_main, &clients[i]), 0);
    for (int i = 0; i < CLIENTS; i++) {
        CHECK_EQ(pthread_join(clients[i].thread, NULL), 0);
        CHECK_EQ(atomic_load(&clients[i].failures), 0);
    }
    CHECK_EQ(f.count, CLIENTS * CYCLES);
    CHECK_EQ(f.expired, 0);
    for (int i = 0; i < CLIENTS; i++) {
        payment_key_row row = lab_balance(l, clients[i].owner, 1);
        CHECK_EQ(row.spent.micro, (1000 + 10) * CYCLES);
        CHECK_EQ(row.reserved.micro, 0);
    }
    lab_close(l);
}
