/* The ledger against a model: random histories of calls, claims, completions, expiries, lost
 * workers, top-ups, deleted keys and restarts. The model knows each call's price and outcome; after
 * every step both must agree. A failure prints the seed; OL_SEED=n repeats it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/coordinator/lab.h"

enum { CALLS_MAX = 64, STEPS = 600, KEYS = 3, HISTORIES = 12 };

typedef enum model_state { MODEL_FREE, MODEL_WAITING, MODEL_RUNNING, MODEL_OVER } model_state;

typedef struct model_call {
    model_state state;
    int key;
    unsigned incarnation;
    call_answer answer;
    uint64_t limit;
    uint64_t deposit;
    int64_t deadline_ms;
    int64_t claimed_ms;
    int64_t job;
} model_call;

typedef struct model_key {
    uint64_t funded;
    uint64_t spent;
    uint64_t reserved;
    unsigned incarnation;
    unsigned in_flight;
    bool live;
} model_key;

typedef struct model {
    lab *l;
    uint64_t seed;
    model_key key[KEYS];
    model_call call[CALLS_MAX];
    uint64_t earned;  /* bob.near's */
    int64_t heard_ms; /* the last heartbeat, or since when the coordinator listens */
} model;

static const char *const OWNERS[KEYS] = {"ann.near", "ben.near", "cy.near"};

static uint64_t roll(model *m, uint64_t below)
{
    m->seed ^= m->seed << 13;
    m->seed ^= m->seed >> 7;
    m->seed ^= m->seed << 17;
    return m->seed % below;
}

static model_key *key_of(model *m, const model_call *call)
{
    model_key *key = &m->key[call->key];
    return key->incarnation == call->incarnation ? key : NULL; /* NULL: an older life of it */
}

static void model_end(model *m, model_call *call, uint64_t charged, uint64_t share)
{
    model_key *key = key_of(m, call);
    if (key != NULL) {
        key->reserved -= call->limit + call->deposit;
        key->spent += charged + share;
        key->in_flight--;
    }
    m->earned += share;
    call->state = MODEL_OVER;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* ---- Steps. */

static model_call *free_slot(model *m)
{
    for (int i = 0; i < CALLS_MAX; i++)
        if (m->call[i].state == MODEL_FREE || m->call[i].state == MODEL_OVER)
            return &m->call[i];
    return NULL;
}

static void step_admit(model *m)
{
    model_call *slot = free_slot(m);
    if (slot == NULL)
        return;
    int at = (int)roll(m, KEYS);
    model_key *key = &m->key[at];
    model_call call = {.state = MODEL_WAITING,
                       .key = at,
                       .incarnation = key->incarnation,
                       .limit = 1000 + roll(m, 20000),
                       .deposit = roll(m, 2) * roll(m, 5000)};
    call_admission it = lab_call(m->l);
    it.key = lab_key(OWNERS[at], 1);
    it.price = (call_price){OL_USD(call.limit), OL_USD(call.deposit)};
    it.is_async = roll(m, 4) == 0;
    ol_rc want = OL_OK;
    if (!key->live)
        want = OL_ERR_PAYMENT_KEY;
    else if (key->in_flight >= 10)
        want = OL_ERR_RATE_LIMIT;
    else if (key->funded - key->spent - key->reserved < call.limit + call.deposit)
        want = OL_ERR_BALANCE;
    CHECK_EQ(lab_admit(m->l, &it), want);
    if (want != OL_OK)
        return;
    key->reserved += call.limit + call.deposit;
    key->in_flight++;
    call.answer = it.answer;
    call.deadline_ms = it.deadline_ms;
    *slot = call;
}

static model_call *call_of_task(model *m, const ol_task *task)
{
    for (int i = 0; i < CALLS_MAX; i++)
        if (m->call[i].state == MODEL_WAITING &&
            ol_str_eq(ol_uuid_str(&m->call[i].answer.call_id), task->data_id))
            return &m->call[i];
    return NULL;
}

static void step_claim(model *m)
{
    queue_poll poll = {.queues = OL_CAP_EXECUTION,
                       .capabilities = OL_CAP_EXECUTION,
                       .claim = true,
                       .worker_id = OL_STR("w1"),
                       .arena = &m->l->arena};
    bool waiting = false;
    for (int i = 0; i < CALLS_MAX; i++)
        waiting |= m->call[i].state == MODEL_WAITING;
    queue_take(m->l->d, &poll);
    CHECK_EQ(poll.op.rc, OL_OK);
    CHECK_EQ(poll.found, waiting);
    if (!poll.found)
        return;
    ol_task task;
    ol_err err;
    CHECK_OK(ol_task_decode(poll.task_json, &m->l->arena, &task, &err));
    model_call *call = call_of_task(m, &task);
    CHECK(call != NULL); /* what is over is never handed out */
    call->state = MODEL_RUNNING;
    call->job = poll.job.job_id;
    call->claimed_ms = m->l->clock.now_ms;
}

static model_call *pick(model *m, model_state state)
{
    unsigned start = (unsigned)roll(m, CALLS_MAX);
    for (unsigned i = 0; i < CALLS_MAX; i++) {
        model_call *call = &m->call[(start + i) % CALLS_MAX];
        if (call->state == state)
            return call;
    }
    return NULL;
}

static void step_complete(model *m)
{
    model_call *call = pick(m, MODEL_RUNNING);
    if (call == NULL)
        return;
    bool success = roll(m, 4) != 0;
    uint64_t millions = roll(m, 12000);
    uint64_t refund = roll(m, 3) == 0 ? roll(m, 8000) : 0;
    uint64_t cost = least(1000 + millions, call->limit);
    uint64_t share = success ? call->deposit - least(refund, call->deposit) : 0;
    CHECK(lab_finish(m->l, call->job, &call->answer, success, millions * 1000000, 0, refund));
    model_end(m, call, cost, share);
    if (roll(m, 3) == 0) /* a worker that missed the answer says it again */
        CHECK(!lab_finish(m->l, call->job, &call->answer, !success, 0, 0, 0));
}

static void step_fail_unclaimed(model *m)
{
    model_call *call = pick(m, MODEL_WAITING);
    bool finalized;
    if (call == NULL)
        return;
    CHECK_EQ(lab_complete_call(m->l, &call->answer, false, 5000000, &finalized), OL_OK);
    CHECK(finalized);
    model_end(m, call, 0, 0);
}

/* The order of the sweep: leases, then windows. */
static void step_time(model *m)
{
    lab_pass(m->l, roll(m, 90));
    int64_t now = m->l->clock.now_ms;
    for (int i = 0; i < CALLS_MAX; i++) {
        model_call *call = &m->call[i];
        int64_t seen = call->claimed_ms > m->heard_ms ? call->claimed_ms : m->heard_ms;
        if (call->state == MODEL_RUNNING &&
            (now - call->claimed_ms >= (60 + 120) * 1000 || now - seen >= 120 * 1000))
            model_end(m, call, 0, 0);
        else if (call->state == MODEL_RUNNING && now >= call->deadline_ms)
            model_end(m, call, call->limit, 0);
        else if (call->state == MODEL_WAITING && now >= call->deadline_ms)
            model_end(m, call, 0, 0);
    }
}

static void step_beat(model *m)
{
    worker_beat it = {.worker_id = OL_STR("w1"), .worker_name = OL_STR("one")};
    worker_beat_put(m->l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    m->heard_ms = m->l->clock.now_ms;
}

static void step_reopen(model *m)
{
    lab_reopen(m->l);
    m->heard_ms = m->l->clock.now_ms;
}

static void step_fund(model *m)
{
    int at = (int)roll(m, KEYS);
    uint64_t amount = 1 + roll(m, 60000);
    model_key *key = &m->key[at];
    lab_fund(m->l, OWNERS[at], 1, amount);
    if (!key->live)
        *key = (model_key){.live = true, .incarnation = key->incarnation + 1};
    key->funded += amount;
}

static void step_delete(model *m)
{
    int at = (int)roll(m, KEYS);
    payment_key_deletion it = {.owner = ol_str_of(OWNERS[at]), .nonce = 1};
    payment_key_delete(m->l->d, &it);
    CHECK_EQ(it.deleted, m->key[at].live);
    m->key[at].live = false;
}

static void step(model *m)
{
    uint64_t die = roll(m, 100);
    if (die < 35)
        step_admit(m);
    else if (die < 60)
        step_claim(m);
    else if (die < 80)
        step_complete(m);
    else if (die < 83)
        step_fail_unclaimed(m);
    else if (die < 89)
        step_time(m);
    else if (die < 93)
        step_beat(m);
    else if (die < 97)
        step_fund(m);
    else if (die < 98)
        step_delete(m);
    else
        step_reopen(m);
}

static void compare(model *m, int at_step)
{
    ol_err err;
    char row[64];
    (void)snprintf(row, sizeof row, "step %d", at_step);
    for (int i = 0; i < KEYS; i++) {
        if (!m->key[i].live)
            continue;
        payment_key_row key = lab_balance(m->l, OWNERS[i], 1);
        CHECK_EQ_ROW(key.initial_balance.micro, m->key[i].funded, row);
        CHECK_EQ_ROW(key.spent.micro, m->key[i].spent, row);
        CHECK_EQ_ROW(key.reserved.micro, m->key[i].reserved, row);
    }
    author_balance bob;
    CHECK_OK(author_balance_find(m->l->d, OL_STR("bob.near"), &bob, &err));
    CHECK_EQ_ROW(bob.balance.micro, m->earned, row);
    CHECK_OK(ledger_check(m->l->d, &err));
}

static void history(uint64_t seed)
{
    model m = {.l = lab_open(), .seed = seed};
    (void)fprintf(stderr, "    seed %llu\n", (unsigned long long)seed);
    for (int i = 0; i < STEPS; i++) {
        step(&m);
        compare(&m, i);
        ol_arena_deinit(&m.l->arena);
        m.l->arena = ol_arena_new(OL_MIB(64));
    }
    lab_close(m.l);
}

TEST("in any history the ledger is what a model of it says, to the last micro-dollar")
{
    const char *one = getenv("OL_SEED");
    if (one != NULL) {
        history(strtoull(one, NULL, 10));
        return;
    }
    uint64_t start = ol_random_u64(ol_random_kernel()) >> 16;
    for (uint64_t i = 0; i < HISTORIES; i++)
        history(start + i + 1);
}
