/* What must hold when things go wrong on the way: every caller gets its own answer or its money,
 * nothing is resolved twice, nothing is left behind. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "tests/e2e/chain_lab.h"
#include "tests/harness/test.h"

static ol_str sleep_args(chain_lab *l, const char *ms)
{
    ol_sha256_hex code;
    ol_err err = {0};
    CHECK_OK(stack_upload(&l->stack, "guests/adversarial-sleep.wasm", &code, &err));
    return chain_lab_args(l, &code, "Text", ol_str_of(ms), "");
}

TEST("a worker killed between delivery and report: reported after its start, not run again")
{
    OL_AUTO(chain_lab) l;
    char hash[OL_HASH_TEXT_BYTES];
    ol_err err = {0};
    chain_lab_open(&l, &(chain_lab_options){0});
    uint64_t nonce = chain_worker_nonce(&l.chain);
    chain_lab_begin(&l, sleep_args(&l, "3000"), hash);
    CHECK(stack_log_has(&l.stack, STACK_WORKER, " event_relayed", 20000));
    /* While the guest sleeps, there is nobody to report to any more. Its code has come from there:
     * nothing else is compiled here. */
    CHECK(stack_log_has(&l.stack, STACK_WORKER, " code_compiled", 20000));
    stack_kill(&l.stack, STACK_COORDINATOR);
    CHECK_STR(chain_end(&l.chain, ALICE, hash).value, OL_STR("\"slept\""));
    CHECK(stack_log_has(&l.stack, STACK_WORKER, " delivered", 20000));
    stack_kill(&l.stack, STACK_WORKER);
    CHECK_OK(stack_start(&l.stack, STACK_COORDINATOR, &err));
    CHECK_OK(stack_start(&l.stack, STACK_WORKER, &err));
    CHECK(stack_log_has(&l.stack, STACK_WORKER, " delivery_found_again", 20000));
    chain_lab_settle(&l, 1, 0);
    CHECK_EQ(chain_worker_nonce(&l.chain), nonce + 1);
    CHECK(!stack_log_has(&l.stack, STACK_WORKER, " job_done", 0));
}

TEST("a worker killed in the middle of a run: its successor answers, once")
{
    OL_AUTO(chain_lab) l;
    char hash[OL_HASH_TEXT_BYTES];
    ol_err err = {0};
    chain_lab_open(&l, &(chain_lab_options){0});
    uint64_t nonce = chain_worker_nonce(&l.chain);
    chain_lab_begin(&l, sleep_args(&l, "1"), hash);
    stack_kill(&l.stack, STACK_WORKER); /* wherever it is now */
    CHECK_OK(stack_start(&l.stack, STACK_WORKER, &err));
    CHECK_STR(chain_end(&l.chain, ALICE, hash).value, OL_STR("\"slept\""));
    CHECK(chain_view_becomes(&l.chain, CHAIN_OUTLAYER, "get_pending_request_ids", "{}", "[]"));
    CHECK_EQ(chain_worker_nonce(&l.chain), nonce + 1);
}

/* Blocks as fast as on the chain itself: a yield waits for 200 of them, two minutes. The first
 * worker dies in the middle of the run. */
static void succeed(const char *const *settings)
{
    static const char *const chain_options[] = {"--block-ms", "600", NULL};
    OL_AUTO(chain_lab) l;
    char hash[OL_HASH_TEXT_BYTES];
    ol_err err = {0};
    chain_lab_open(&l, &(chain_lab_options){.chain = chain_options, .worker = settings});
    uint64_t nonce = chain_worker_nonce(&l.chain);
    chain_lab_begin(&l, sleep_args(&l, "2000"), hash);
    CHECK(chain_lab_claimed(&l));
    stack_kill(&l.stack, STACK_WORKER);
    CHECK_OK(stack_start(&l.stack, STACK_WORKER, &err));
    CHECK_STR(chain_end(&l.chain, ALICE, hash).value, OL_STR("\"slept\""));
    CHECK(chain_view_becomes(&l.chain, CHAIN_OUTLAYER, "get_pending_request_ids", "{}", "[]"));
    CHECK_EQ(chain_worker_nonce(&l.chain), nonce + 1);
    CHECK_STARTS(chain_view(&l.chain, CHAIN_OUTLAYER, "get_stats", "{}"), OL_STR("[1,"), "stats");
}

TEST("a run lost with its worker is answered by another one while the chain still waits")
{
    succeed(NULL);
}

TEST("a run lost with its worker is answered by the same worker after its restart")
{
    static const char *const settings[] = {"WORKER_ID=always-the-same", NULL};
    succeed(settings);
}

/* Of the only worker, as the coordinator shows it; empty: it is not busy. */
static void busy_beat(stack *s, char into[static 64])
{
    const ol_str member = OL_STR("\"last_heartbeat_at\":");
    ol_err err = {0};
    size_t at;
    ol_buf body = ol_buf_new(OL_KIB(64));
    CHECK_OK(stack_get(s, "/public/workers", &body, &err));
    into[0] = '\0';
    if (ol_str_find(ol_buf_str(&body), OL_STR("\"status\":\"busy\""), &at) &&
        ol_str_find(ol_buf_str(&body), member, &at))
        (void)snprintf(into, 64, "%.*s", 26, (const char *)body.data + at + member.len);
    ol_buf_deinit(&body);
}

TEST("a worker that drains is heard until its last run is done")
{
    enum { BEATS = 2 }; /* the first may be one of before */
    OL_AUTO(chain_lab) l;
    char hash[OL_HASH_TEXT_BYTES];
    char last[64] = "";
    char now[64];
    int beats = 0;
    chain_lab_open(&l, &(chain_lab_options){0});
    chain_lab_begin(&l, sleep_args(&l, "15000"), hash);
    CHECK(chain_lab_claimed(&l));
    CHECK_EQ(kill(l.stack.pid[STACK_WORKER], SIGTERM), 0);
    CHECK(stack_log_has(&l.stack, STACK_WORKER, " worker_draining", 20000));
    int64_t end_ns = ol_mono_ns(ol_clock_real()) + INT64_C(30000000000);
    while (beats < BEATS && ol_mono_ns(ol_clock_real()) < end_ns) {
        busy_beat(&l.stack, now);
        if (now[0] != '\0' && strcmp(now, last) != 0) {
            memcpy(last, now, sizeof last);
            beats++;
        }
        (void)poll(NULL, 0, 50);
    }
    CHECK_EQ(beats, BEATS);
    CHECK_STR(chain_end(&l.chain, ALICE, hash).value, OL_STR("\"slept\""));
}

TEST("requests made while no worker lives are found and answered by the next one")
{
    enum { COUNT = 5 };
    OL_AUTO(chain_lab) l;
    char hash[COUNT][OL_HASH_TEXT_BYTES];
    ol_err err = {0};
    chain_lab_open(&l, &(chain_lab_options){0});
    CHECK_STR(chain_lab_echo(&l, OL_STR("first")).value, OL_STR("\"first\""));
    chain_lab_settle(&l, 1, 0);
    stack_kill(&l.stack, STACK_WORKER);
    for (int i = 0; i < COUNT; i++) {
        char text[2] = {(char)('a' + i), '\0'};
        chain_lab_begin(&l, chain_lab_args(&l, &l.echo, "Text", ol_str_of(text), ""), hash[i]);
    }
    CHECK_OK(stack_start(&l.stack, STACK_WORKER, &err));
    for (int i = 0; i < COUNT; i++) {
        const char want[] = {'"', (char)('a' + i), '"', '\0'};
        CHECK_STR(chain_end(&l.chain, ALICE, hash[i]).value, ol_str_of(want));
    }
    chain_lab_settle(&l, 1 + COUNT, 0);
}

TEST("under a reader of optimistic blocks and forks of depth 1 to 3 every caller gets its own "
     "answer")
{
    /* Each request takes some ten blocks, and the chain makes them as fast as it can: more than a
     * dozen would outlive the 200 blocks that the last of them may wait. */
    enum { COUNT = 12 };
    static const char *const chain_options[] = {"--finality-lag", "3", "--block-ms", "100", NULL};
    static const char *const settings[] = {"EVENT_FINALITY=optimistic", NULL};
    OL_AUTO(chain_lab) l;
    char hash[COUNT][OL_HASH_TEXT_BYTES];
    chain_lab_open(&l, &(chain_lab_options){.chain = chain_options, .worker = settings});
    for (int i = 0; i < COUNT; i++) {
        char text[16];
        char fault[64];
        (void)snprintf(text, sizeof text, "answer %d", i);
        chain_lab_begin(&l, chain_lab_args(&l, &l.echo, "Text", ol_str_of(text), ""), hash[i]);
        if (i % 3 != 2)
            continue;
        (void)snprintf(fault, sizeof fault, "{\"kind\":\"fork\",\"count\":%d}", 1 + i % 9 / 3);
        chain_control(&l.chain, "fault", fault);
    }
    for (int i = 0; i < COUNT; i++) {
        char want[16];
        (void)snprintf(want, sizeof want, "\"answer %d\"", i);
        chain_result result = chain_end(&l.chain, ALICE, hash[i]);
        CHECK_STR_ROW(result.failure, OL_STR(""), want);
        CHECK_STR_ROW(result.value, ol_str_of(want), want);
    }
    CHECK(chain_view_becomes(&l.chain, CHAIN_OUTLAYER, "get_pending_request_ids", "{}", "[]"));
    CHECK_STARTS(chain_view(&l.chain, CHAIN_OUTLAYER, "get_stats", "{}"), OL_STR("[12,"), "stats");
}

TEST("a chain taken back to a snapshot: what is asked for then is answered, too")
{
    static const char *const chain_options[] = {"--wait-ms", "200", NULL};
    OL_AUTO(chain_lab) l;
    chain_lab_open(&l, &(chain_lab_options){.chain = chain_options});
    CHECK_STR(chain_lab_echo(&l, OL_STR("before")).value, OL_STR("\"before\""));
    chain_lab_settle(&l, 1, 0);
    chain_control(&l.chain, "snapshot", "{\"name\":\"here\"}");
    CHECK_STR(chain_lab_echo(&l, OL_STR("forgotten")).value, OL_STR("\"forgotten\""));
    chain_lab_settle(&l, 2, 0);
    chain_control(&l.chain, "restore", "{\"name\":\"here\"}");
    chain_forget_nonces(&l.chain);
    CHECK_STR(chain_lab_echo(&l, OL_STR("after")).value, OL_STR("\"after\""));
    CHECK(chain_view_becomes(&l.chain, CHAIN_OUTLAYER, "get_pending_request_ids", "{}", "[]"));
}

TEST("blocks read from a node's RPC alone bring the same requests, large input included")
{
    enum { COUNT = 12 };
    static const char *const settings[] = {"EVENT_SOURCE=rpc", NULL};
    static char text[12010];
    OL_AUTO(chain_lab) l;
    char hash[COUNT][OL_HASH_TEXT_BYTES];
    ol_err err = {0};
    chain_lab_open(&l, &(chain_lab_options){.worker = settings});
    for (int i = 0; i < COUNT; i++) {
        int n = snprintf(text, sizeof text, "%0*d", i == 7 ? 12000 : 5, i);
        ol_str args = chain_lab_args(&l, &l.echo, "Text", (ol_str){text, (size_t)n}, "");
        chain_lab_begin(&l, args, hash[i]);
    }
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(text, sizeof text, "\"%0*d\"", i == 7 ? 12000 : 5, i);
        CHECK_STR(chain_end(&l.chain, ALICE, hash[i]).value, ol_str_of(text));
    }
    chain_lab_settle(&l, COUNT, 0);
    ol_buf jobs = ol_buf_new(OL_MIB(1)); /* what the context tells is the same, too */
    CHECK_OK(stack_get(&l.stack, "/public/jobs?limit=1", &jobs, &err));
    CHECK_HAS(ol_buf_str(&jobs), OL_STR("\"transaction_hash\":\""), "jobs");
    ol_buf_deinit(&jobs);
}

TEST(
    "500 requests that wait at once are all answered, each with its own words, in 500 transactions")
{
    enum { COUNT = 500 };
    static char hash[COUNT][OL_HASH_TEXT_BYTES];
    static const char *const chain_options[] = {"--produce", "interval", "--block-ms", "250", NULL};
    OL_AUTO(chain_lab) l;
    ol_err err = {0};
    chain_lab_open(&l, &(chain_lab_options){.chain = chain_options});
    uint64_t nonce = chain_worker_nonce(&l.chain);
    stack_stop(&l.stack);
    CHECK_OK(stack_start(&l.stack, STACK_COORDINATOR, &err));
    for (int i = 0; i < COUNT; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%d", i);
        chain_lab_begin(&l, chain_lab_args(&l, &l.echo, "Json", ol_str_of(text), ""), hash[i]);
    }
    CHECK(chain_view_becomes(&l.chain, CHAIN_OUTLAYER, "get_pending_request_ids",
                             "{\"from_index\":499,\"limit\":2}", "[499]"));
    CHECK_OK(stack_start(&l.stack, STACK_WORKER, &err));
    for (int i = 0; i < COUNT; i++) {
        char want[16];
        (void)snprintf(want, sizeof want, "%d", i);
        CHECK_STR_ROW(chain_end(&l.chain, ALICE, hash[i]).value, ol_str_of(want), want);
    }
    chain_lab_settle(&l, COUNT, 0);
    CHECK_EQ(chain_worker_nonce(&l.chain), nonce + COUNT);
}

/* The resolving receipt runs in the block of that distance from the yield's creation. */
static void expire_at(unsigned distance)
{
    static const char *const chain_options[] = {"--produce", "manual", NULL};
    OL_AUTO(chain_lab) l;
    char hash[OL_HASH_TEXT_BYTES];
    char body[64];
    chain_lab_open(&l, &(chain_lab_options){.chain = chain_options});
    ol_u128 before = chain_balance(&l.chain, ALICE);
    chain_lab_begin(&l, sleep_args(&l, "1500"), hash);
    chain_control(&l.chain, "mine", "{\"blocks\":2}"); /* the transaction, its receipt */
    CHECK(stack_log_has(&l.stack, STACK_WORKER, " event_relayed", 20000));
    CHECK(chain_lab_claimed(&l));
    (void)snprintf(body, sizeof body, "{\"blocks\":%u}", distance - 2);
    chain_control(&l.chain, "mine", body);
    CHECK(stack_log_has(&l.stack, STACK_WORKER, " delivery_sent", 20000));
    chain_control(&l.chain, "mine", "{\"blocks\":5}"); /* transaction, receipt, callback */
    chain_result result = chain_end(&l.chain, ALICE, hash);
    CHECK_EQ(result.state, OL_TX_SUCCEEDED);
    bool answered = ol_str_eq(result.value, OL_STR("\"slept\""));
    (void)snprintf(body, sizeof body, "distance %u", distance);
    if (!answered)
        CHECK_STR_ROW(result.value, OL_STR("null"), body);
    if (distance != 201) /* there the order within the block decides (NEAR 4.4) */
        CHECK_EQ_ROW(answered, distance <= 200, body);
    chain_lab_settle(&l, 1, answered ? 0 : 1); /* what the coordinator counts is what happened */
    chain_control(&l.chain, "mine", "{\"blocks\":5}"); /* refunds */
    ol_u128 cost = before - chain_balance(&l.chain, ALICE);
    CHECK_ROW(cost < DEPOSIT / 2, body);
}

TEST("a yield that ends in the very block of its answer, and around it: one outcome, one payment")
{
    expire_at(199);
    expire_at(200);
    expire_at(201);
    expire_at(202);
}

TEST("an answer that comes too late is not sent, and the request counts as failed")
{
    static const char *const chain_options[] = {"--produce", "manual", NULL};
    OL_AUTO(chain_lab) l;
    char hash[2][OL_HASH_TEXT_BYTES];
    ol_err err = {0};
    chain_lab_open(&l, &(chain_lab_options){.chain = chain_options, .slots = 1});
    chain_lab_begin(&l, sleep_args(&l, "10000"), hash[0]); /* holds the only slot */
    chain_control(&l.chain, "mine", "{\"blocks\":2}");
    CHECK(chain_lab_claimed(&l));
    chain_lab_begin(&l, chain_lab_args(&l, &l.echo, "Text", OL_STR("late"), ""), hash[1]);
    chain_control(&l.chain, "mine", "{\"blocks\":2}");
    CHECK(stack_log_has(&l.stack, STACK_WORKER,
                        " event_relayed event=execution_requested "
                        "request_id=1",
                        20000));
    stack_kill(&l.stack, STACK_WORKER);
    chain_control(&l.chain, "mine", "{\"blocks\":210}");
    CHECK_STR(chain_end(&l.chain, ALICE, hash[0]).value, OL_STR("null"));
    CHECK_STR(chain_end(&l.chain, ALICE, hash[1]).value, OL_STR("null"));
    uint64_t nonce = chain_worker_nonce(&l.chain);
    CHECK_OK(stack_start(&l.stack, STACK_WORKER, &err));
    CHECK(stack_log_has(&l.stack, STACK_WORKER, " delivery_not_wanted request_id=1", 20000));
    chain_lab_settle(&l, 1, 1);
    CHECK_EQ(chain_worker_nonce(&l.chain), nonce);
}

static unsigned setting(const char *name, unsigned standard)
{
    uint32_t value;
    const char *text = getenv(name);
    return text != NULL && ol_u32_parse(ol_str_of(text), &value) ? value : standard;
}

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

TEST("killed at random moments, callers get their own answers or their money, nobody pays twice")
{
    enum { ROUNDS_MAX = 200, EACH = 4 };
    static char hash[ROUNDS_MAX * EACH][OL_HASH_TEXT_BYTES];
    unsigned rounds = setting("CHAIN_KILL_ROUNDS", 20);
    uint32_t seed = setting("CHAIN_KILL_SEED", (unsigned)ol_wall_ms(ol_clock_real()) | 1u);
    unsigned answered = 0;
    /* By the clock, so that blocks, and with them the time of yields, do not run ahead. */
    static const char *const chain_options[] = {"--produce", "interval", "--block-ms", "100", NULL};
    OL_AUTO(chain_lab) l;
    ol_err err = {0};
    (void)fprintf(stderr, "    CHAIN_KILL_SEED=%u CHAIN_KILL_ROUNDS=%u\n", seed, rounds);
    CHECK(rounds <= ROUNDS_MAX);
    chain_lab_open(&l, &(chain_lab_options){.chain = chain_options});
    uint64_t nonce = chain_worker_nonce(&l.chain);
    ol_u128 before = chain_balance(&l.chain, ALICE);
    for (unsigned i = 0; i < rounds * EACH; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%u", i);
        chain_lab_begin(&l, chain_lab_args(&l, &l.echo, "Json", ol_str_of(text), ""), hash[i]);
        if (i % EACH != EACH - 1)
            continue;
        (void)poll(NULL, 0, (int)(next_random(&seed) % 60));
        stack_program victim = next_random(&seed) % 3 == 0 ? STACK_COORDINATOR : STACK_WORKER;
        stack_kill(&l.stack, victim);
        CHECK_OK(stack_start(&l.stack, victim, &err));
    }
    /* Those that came first are answered first. What went down with its worker waits for its
     * lease, and its yield ends before that. */
    CHECK(stack_log_has(&l.stack, STACK_WORKER, " monitor_started", 20000));
    for (int i = 0; i < 4; i++)
        CHECK_STR(chain_lab_echo(&l, OL_STR("after")).value, OL_STR("\"after\""));
    chain_control(&l.chain, "mine", "{\"blocks\":210}");
    for (unsigned i = 0; i < rounds * EACH; i++) {
        char want[16];
        chain_result result = chain_end(&l.chain, ALICE, hash[i]);
        (void)snprintf(want, sizeof want, "%u", i);
        if (ol_str_eq(result.value, OL_STR("null")))
            continue;
        CHECK_STR(result.value, ol_str_of(want));
        answered++;
    }
    CHECK(chain_view_becomes(&l.chain, CHAIN_OUTLAYER, "get_pending_request_ids", "{}", "[]"));
    (void)fprintf(stderr, "    %u of %u requests answered\n", answered, rounds * EACH);
    CHECK(answered + 3 * rounds >= rounds * EACH); /* a kill takes what its two slots had */
    CHECK(chain_worker_nonce(&l.chain) - nonce >= answered);
    ol_u128 cost = before - chain_balance(&l.chain, ALICE);
    CHECK(cost < DEPOSIT / 4 * rounds * EACH); /* fees and gas; deposits came back */
}
