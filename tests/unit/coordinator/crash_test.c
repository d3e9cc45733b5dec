/* A coordinator's domain killed at random moments under 16 parallel clients, opened again, and
 * asked what it remembers (Coordinator 16): no answer that promised durability is lost, no call is
 * charged twice, no reservation is without its call, nothing stays pending past its deadline. */
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/coordinator/lab.h"

enum { CLIENTS = 16, ROUNDS = 20, SAID_MAX = 100000 };

/* What a child says before its client knows it: one record a promise, written atomically. */
typedef struct said {
    char call_id[OL_UUID_TEXT_LEN + 1];
    bool settled; /* completed and charged; else admitted, asynchronously */
    uint64_t cost;
} said;

typedef struct client {
    domain *d;
    int number;
    int pipe;
    char owner[24];
} client;

static void say(const client *c, const call_answer *call, bool settled, uint64_t cost)
{
    said it = {.settled = settled, .cost = cost};
    memcpy(it.call_id, call->call_id.data, sizeof it.call_id);
    if (write(c->pipe, &it, sizeof it) != sizeof it)
        _exit(1);
}

static void *client_main(void *argument)
{
    client *c = argument;
    for (uint64_t i = 1;; i++) {
        ol_arena arena = ol_arena_new(OL_MIB(1));
        call_admission admit = {.key = lab_key(c->owner, 1),
                                .project_id = OL_STR("bob.near/p"),
                                .price = {OL_USD(10000), OL_USD(i % 3 * 100)},
                                .is_async = i % 2 == 0,
                                .input_data = OL_STR("{}"),
                                .limits = {1000000, 128, 60},
                                .arena = &arena};
        queue_poll poll = {.queues = OL_CAP_EXECUTION,
                           .capabilities = OL_CAP_EXECUTION,
                           .claim = true,
                           .worker_id = OL_STR("w1"),
                           .arena = &arena};
        call_admit(c->d, &admit);
        if (admit.op.rc == OL_OK && admit.is_async)
            say(c, &admit.answer, false, 0);
        queue_take(c->d, &poll);
        if (poll.op.rc == OL_OK && poll.has_job) {
            ol_task task;
            ol_err err;
            OL_ASSERT(ol_task_decode(poll.task_json, &arena, &task, &err) == OL_OK);
            uint64_t millions = i % 7;
            job_completion done = {.report = {.job_id = poll.job.job_id,
                                              .success = true,
                                              .has_call = true,
                                              .call = {.call_id = task.call_id,
                                                       .success = true,
                                                       .output_json = OL_STR("1"),
                                                       .instructions = millions * 1000000}}};
            job_complete(c->d, &done);
            call_answer settled = {0};
            memcpy(settled.call_id.data, task.call_id.data, OL_UUID_TEXT_LEN);
            if (done.op.rc == OL_OK && done.finalized)
                say(c, &settled, true, 1000 + millions);
        }
        ol_arena_deinit(&arena);
    }
    return NULL;
}

_Noreturn static void child_main(const domain_settings *settings, int to)
{
    static client clients[CLIENTS];
    domain *d;
    ol_err err;
    if (domain_open(settings, &d, &err) != OL_OK)
        _exit(1);
    for (int i = 0; i < CLIENTS; i++) {
        pthread_t thread;
        clients[i] = (client){.d = d, .number = i, .pipe = to};
        (void)snprintf(clients[i].owner, sizeof clients[i].owner, "client%d.near", i);
        if (pthread_create(&thread, NULL, client_main, &clients[i]) != 0)
            _exit(1);
    }
    for (;;)
        (void)pause();
}

/* ---- Afterwards. */

typedef struct memory {
    said *record;
    size_t count;
} memory;

static call_answer look(lab *l, const said *it)
{
    /* Any key's row will do: by id only the right one shows the call. */
    for (int i = 0; i < CLIENTS; i++) {
        char owner[24];
        payment_key_row row = {0};
        call_answer answer;
        ol_uuid id;
        ol_err err;
        (void)snprintf(owner, sizeof owner, "client%d.near", i);
        CHECK_OK(payment_key_find(l->d, ol_str_of(owner), 1, &l->arena, &row, &err));
        CHECK(ol_uuid_parse((ol_str){it->call_id, OL_UUID_TEXT_LEN}, &id));
        ol_rc rc = call_find(l->d, &row, id, &l->arena, &answer, &err);
        CHECK(rc == OL_OK || rc == OL_ERR_PAYMENT_KEY); /* never not found */
        if (rc == OL_OK)
            return answer;
    }
    ol_test_fail(__FILE__, __LINE__, "call %s has no owner", it->call_id);
}

static void check_remembered(lab *l, const memory *m, size_t from)
{
    for (size_t i = from; i < m->count; i++) {
        call_answer answer = look(l, &m->record[i]);
        if (!m->record[i].settled)
            continue;
        CHECK_EQ_ROW(answer.status, CALL_COMPLETED, m->record[i].call_id);
        CHECK_EQ_ROW(answer.compute_cost.micro, m->record[i].cost, m->record[i].call_id);
    }
}

static void listen_and_kill(lab *l, memory *m, unsigned moments)
{
    int ends[2];
    said it;
    CHECK_EQ(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        (void)close(ends[0]);
        child_main(&l->settings, ends[1]);
    }
    (void)close(ends[1]);
    for (unsigned heard = 0; read(ends[0], &it, sizeof it) == sizeof it; heard++) {
        if (m->count < SAID_MAX)
            m->record[m->count++] = it;
        if (heard == moments)
            (void)kill(child, SIGKILL);
    }
    (void)close(ends[0]);
    int status;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void check_over(lab *l)
{
    ledger_figures f;
    ol_err err;
    lab_pass(l, 1300); /* every window, the asynchronous ones too */
    CHECK_OK(ledger_figures_read(l->d, &f, &err));
    CHECK_EQ(f.calls_pending, 0);
    CHECK_EQ(f.reserved.micro, 0);
}

TEST("a coordinator killed 20 times under 16 clients loses no promise and charges nothing twice")
{
    lab *l = lab_open();
    memory m = {.record = calloc(SAID_MAX, sizeof *m.record)};
    CHECK(m.record != NULL);
    for (int i = 0; i < CLIENTS; i++) {
        char owner[24];
        (void)snprintf(owner, sizeof owner, "client%d.near", i);
        lab_fund(l, owner, 1, UINT64_C(1000000000000));
    }
    uint64_t seed = ol_random_u64(ol_random_kernel()) % 100000;
    (void)fprintf(stderr, "    seed %llu\n", (unsigned long long)seed);
    for (unsigned round = 0; round < ROUNDS; round++) {
        ol_err err;
        size_t from = m.count;
        domain_close(l->d);
        l->settings.random = ol_random_kernel();
        listen_and_kill(l, &m, (unsigned)((seed + 7919 * round) % 150));
        CHECK_OK(domain_open(&l->settings, &l->d, &err));
        CHECK_OK(ledger_check(l->d, &err));
        check_remembered(l, &m, from);
        ol_arena_deinit(&l->arena);
        l->arena = ol_arena_new(OL_MIB(64));
    }
    CHECK(m.count > ROUNDS);
    check_remembered(l, &m, 0);
    check_over(l);
    free(m.record);
    lab_close(l);
}
