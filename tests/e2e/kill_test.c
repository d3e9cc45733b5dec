/* The kill test: under 32 parallel clients, coordinator, worker, zygote or a run is killed with
 * SIGKILL at a random moment, over and over. Afterwards: no call charged twice, no reservation
 * without a call, no accepted call pending past its deadline, the ledger equal to the sum of its
 * rows, no orphan process.
 *
 * KILL_ROUNDS (100) and KILL_SEED choose; the seed is printed. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/base/clock.h"
#include "lib/codec/json_read.h"
#include "services/coordinator/calls.h"
#include "tests/harness/stack.h"
#include "tests/harness/test.h"
#include "tests/harness/wire_client.h"

enum {
    CLIENTS = 32,
    CALLS_MAX = 200000,
    CALL_SECONDS = 15, /* window of a call here */
    SETTLE_MS = 60000, /* within which the last accepted call must be terminal */
    ANSWER_MS = 20000,
    VICTIMS_MAX = 256,
    BETWEEN_MS = 400, /* at most, between two blows */
};
#define BALANCE_MICRO_USD 1000000000000u
#define COMPUTE_LIMIT_MICRO_USD 10000u /* X-Compute-Limit when absent */

/* ---- what the clients saw ------------------------------------------------------------------ */

typedef struct seen_call {
    char id[40];       /* call_id, once an answer named it */
    bool asynchronous; /* accepted as pending */
    bool terminal;
    uint64_t cost;
} seen_call;

static struct {
    stack s;
    _Atomic bool stop;
    _Atomic uint64_t answered;
    _Atomic uint64_t cut;
    _Atomic uint64_t refused;
    _Atomic uint64_t expired;
    pthread_mutex_t lock;
    seen_call *call;
    size_t calls;
} field = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool text_member(const ol_json *object, const char *name, char *ret, size_t size)
{
    ol_json value;
    if (!ol_json_find(object, ol_str_of(name), &value) ||
        ol_json_kind_of(&value) != OL_JSON_STRING || value.raw.len - 2 >= size)
        return false;
    (void)snprintf(ret, size, "%.*s", OL_FMT(ol_str_slice(value.raw, 1, value.raw.len - 1)));
    return true;
}

static bool call_id_read(ol_str body, seen_call *ret)
{
    ol_json root;
    ol_err err;
    return ol_json_parse(body, &root, &err) == OL_OK &&
           text_member(&root, "call_id", ret->id, sizeof ret->id);
}

/* Reads a call object; false when it is none. */
static bool call_read(ol_str body, seen_call *ret)
{
    ol_json root;
    ol_err err;
    char status[16];
    char cost[48];
    if (!call_id_read(body, ret) || ol_json_parse(body, &root, &err) != OL_OK ||
        !text_member(&root, "status", status, sizeof status))
        return false;
    ret->terminal = strcmp(status, "pending") != 0;
    ret->cost = 0;
    if (text_member(&root, "compute_cost", cost, sizeof cost))
        (void)ol_u64_parse(ol_str_of(cost), &ret->cost);
    return true;
}

static void remember(const seen_call *call)
{
    (void)pthread_mutex_lock(&field.lock);
    OL_ASSERT(field.calls < CALLS_MAX);
    field.call[field.calls++] = *call;
    (void)pthread_mutex_unlock(&field.lock);
}

/* ---- clients ------------------------------------------------------------------------------- */

/* One call under one idempotency key, repeated until an answer arrives: what a careful client does
 * when its connection is cut. */
static void call_until_answered(wire_client *client, unsigned who, unsigned number)
{
    char headers[512];
    char body[160];
    bool asynchronous = number % 4 == 0;
    bool sleeper = number % 8 == 3; /* its output is no JSON: a run that fails and is charged */
    (void)snprintf(headers, sizeof headers,
                   "Content-Type: application/json\r\nX-Payment-Key: %s\r\n"
                   "X-Idempotency-Key: client-%u-call-%u\r\n",
                   field.s.payment_key, who, number);
    (void)snprintf(body, sizeof body, "{\"input\":%s%u%s,\"async\":%s}",
                   sleeper ? "" : "{\"n\":", sleeper ? number % 64 : number, sleeper ? "" : "}",
                   asynchronous ? "true" : "false");
    ol_buf request = ol_buf_new(OL_KIB(4));
    wire_request(&request, "POST", sleeper ? "/call/test.near/sleep" : "/call/test.near/echo",
                 headers, ol_str_of(body));
    while (!field.stop) {
        wire_answer answer;
        seen_call call = {.asynchronous = asynchronous};
        if (!wire_exchange(client, ol_buf_str(&request), ANSWER_MS, &answer)) {
            field.cut++;
            (void)poll(NULL, 0, 20); /* a restarting server needs no storm */
            continue;
        }
        if (answer.status == 200 && call_read(answer.body, &call)) {
            remember(&call);
            field.answered++;
            break;
        }
        if (answer.status == 504 && call_id_read(answer.body, &call)) {
            remember(&call); /* the window passed; the call is settled, and may be charged */
            field.expired++;
            break;
        }
        field.refused++; /* 429, 503 while stopping: again */
        (void)poll(NULL, 0, 20);
    }
    ol_buf_deinit(&request);
}

static void *client_run(void *argument)
{
    unsigned who = (unsigned)(uintptr_t)argument;
    wire_client client = wire_client_new(field.s.port);
    for (unsigned number = 0; !field.stop; number++)
        call_until_answered(&client, who, number);
    wire_client_deinit(&client);
    return NULL;
}

/* ---- the killer ---------------------------------------------------------------------------- */

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* The zygote is the runner whose parent is the worker; runs and templates are further down. */
static bool kill_a_runner(uint32_t *seed)
{
    pid_t pids[VICTIMS_MAX];
    size_t count = stack_descendants("outlayer-runner", pids, VICTIMS_MAX);
    return count > 0 && kill(pids[next_random(seed) % count], SIGKILL) == 0;
}

static void strike(uint32_t *seed, unsigned struck[3])
{
    ol_err err;
    unsigned dice = next_random(seed) % 4;
    if (dice == 0) {
        struck[0]++;
        stack_kill(&field.s, STACK_COORDINATOR);
        CHECK_OK(stack_start(&field.s, STACK_COORDINATOR, &err));
    } else if (dice == 1) {
        struck[1]++;
        stack_kill(&field.s, STACK_WORKER);
        CHECK_OK(stack_start(&field.s, STACK_WORKER, &err));
    } else if (kill_a_runner(seed)) {
        struck[2]++;
    }
    (void)poll(NULL, 0, (int)(next_random(seed) % BETWEEN_MS)); /* a random moment, not a wait */
}

/* ---- afterwards ---------------------------------------------------------------------------- */

/* Every accepted call is terminal within its deadline, and says the same to whoever asks. */
static uint64_t calls_settle(void)
{
    uint64_t spent = 0;
    int64_t until = ol_mono_ns(ol_clock_real()) + (int64_t)SETTLE_MS * 1000000;
    wire_client client = wire_client_new(field.s.port);
    char headers[256];
    (void)snprintf(headers, sizeof headers, "X-Payment-Key: %s\r\n", field.s.payment_key);
    for (size_t i = 0; i < field.calls; i++) {
        seen_call now = {0};
        while (!now.terminal) {
            char path[96];
            uint8_t storage[1024];
            wire_answer answer;
            ol_buf request = ol_buf_over(storage, sizeof storage);
            (void)snprintf(path, sizeof path, "/calls/%s?wait=5", field.call[i].id);
            wire_request(&request, "GET", path, headers, OL_STR(""));
            CHECK(wire_exchange(&client, ol_buf_str(&request), ANSWER_MS, &answer));
            CHECK_EQ_ROW(answer.status, 200, field.call[i].id);
            CHECK_ROW(call_read(answer.body, &now), field.call[i].id);
            CHECK_ROW(now.terminal || ol_mono_ns(ol_clock_real()) < until, field.call[i].id);
        }
        if (field.call[i].terminal)
            CHECK_EQ_ROW(now.cost, field.call[i].cost, field.call[i].id);
        spent += now.cost;
    }
    wire_client_deinit(&client);
    return spent;
}

/* Opens the database as the coordinator does, once nobody else has it open. */
static void ledger_holds(uint64_t spent_by_seen_calls)
{
    char database[1024];
    char wasm[1024];
    ol_err err;
    domain *d = NULL;
    (void)snprintf(database, sizeof database, "%s/coordinator.db", field.s.folder);
    (void)snprintf(wasm, sizeof wasm, "%s/wasm", field.s.folder);
    domain_settings settings = {.database_path = database,
                                .wasm_folder = wasm,
                                .wasm_bytes_max = OL_MIB(1024),
                                .call_seconds = CALL_SECONDS,
                                .clock = ol_clock_real(),
                                .random = ol_random_kernel()};
    CHECK_OK(domain_open(&settings, &d, &err));
    CHECK_OK(domain_sweep(d, &err));
    CHECK_OK(ledger_check(d, &err));
    ol_arena arena = ol_arena_new(OL_MIB(1));
    payment_key_row key;
    CHECK_OK(payment_key_find(d, OL_STR("test.near"), 1, &arena, &key, &err));
    CHECK_EQ(key.reserved.micro, 0);
    /* Every client repeats a call until it is answered, so what was charged beyond the answered
     * calls is at most the one call that each client had under way when it was told to stop. */
    CHECK(key.spent.micro >= spent_by_seen_calls);
    CHECK(key.spent.micro <= spent_by_seen_calls + (uint64_t)CLIENTS * COMPUTE_LIMIT_MICRO_USD);
    ol_arena_deinit(&arena);
    domain_close(d);
}

static unsigned setting(const char *name, unsigned standard)
{
    uint32_t value;
    const char *text = getenv(name);
    return text != NULL && ol_u32_parse(ol_str_of(text), &value) ? value : standard;
}

TEST("killed at random moments, the stack charges every call once and strands none")
{
    static const char *const projects[] = {"echo=examples/echo.wasm",
                                           "sleep=guests/adversarial-sleep.wasm", NULL};
    static const char *const coordinator[] = {"HTTPS_CALL_TIMEOUT_SECONDS=15",
                                              "ASYNC_QUEUE_ALLOWANCE_SECONDS=5", NULL};
    unsigned rounds = setting("KILL_ROUNDS", 100);
    uint32_t seed = setting("KILL_SEED", (unsigned)ol_wall_ms(ol_clock_real()) | 1u);
    unsigned struck[3] = {0};
    ol_err err;
    stack_options options = {.coordinator_settings = coordinator, .slots = 4, .projects = projects};
    (void)fprintf(stderr, "    KILL_SEED=%u KILL_ROUNDS=%u\n", seed, rounds);
    field.call = calloc(CALLS_MAX, sizeof *field.call);
    CHECK(field.call != NULL);
    CHECK_OK(stack_open(&field.s, &options, BALANCE_MICRO_USD, &err));

    pthread_t client[CLIENTS];
    for (uintptr_t i = 0; i < CLIENTS; i++)
        CHECK(pthread_create(&client[i], NULL, client_run, (void *)i) == 0);
    for (unsigned round = 0; round < rounds; round++)
        strike(&seed, struck);
    field.stop = true;
    for (int i = 0; i < CLIENTS; i++)
        (void)pthread_join(client[i], NULL);

    (void)fprintf(stderr,
                  "    killed: coordinator %u, worker %u, runner processes %u; calls answered %llu,"
                  " expired %llu, cut %llu, asked again %llu\n",
                  struck[0], struck[1], struck[2], (unsigned long long)field.answered,
                  (unsigned long long)field.expired, (unsigned long long)field.cut,
                  (unsigned long long)field.refused);
    CHECK(field.answered > 10 * (uint64_t)rounds); /* the stack did work between the blows */
    uint64_t spent = calls_settle();
    stack_stop(&field.s);
    pid_t left[VICTIMS_MAX];
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
    CHECK_EQ(stack_descendants(NULL, left, VICTIMS_MAX), 0);
    ledger_holds(spent);
    CHECK_EQ(field.s.reports, 0);
    stack_deinit(&field.s);
    free(field.call);
}
