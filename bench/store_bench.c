/* Admission, claim and completion of calls through the domain, by 32 clients that each have one
 * call at a time. The floor is one synced commit of SQLite, measured in the same folder. */
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "bench/figure.h"
#include "services/coordinator/calls.h"
#include "services/coordinator/queue.h"
#include "services/coordinator/tasks.h"

enum { CLIENTS = 32, CYCLES = 40000, COMMITS = 400, SINGLES = 1000 };

static double now_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_s(void)
{
    struct rusage use;
    (void)getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static double synced_commit_us(const char *path)
{
    static double sample[COMMITS];
    sqlite3 *db;
    OL_ASSERT(sqlite3_open(path, &db) == SQLITE_OK);
    OL_ASSERT(sqlite3_exec(db,
                           "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                           "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)",
                           NULL, NULL, NULL) == SQLITE_OK);
    for (int i = 0; i < COMMITS; i++) {
        double start = now_s();
        OL_ASSERT(sqlite3_exec(db, "INSERT INTO t (text) VALUES ('one row')", NULL, NULL, NULL) ==
                  SQLITE_OK);
        sample[i] = (now_s() - start) * 1e6;
    }
    (void)sqlite3_close(db);
    return figure_quantile(sample, COMMITS, 0.5);
}

/* ---- One client: a chain of operations, each offered in the `done` of the one before. */

typedef struct bench {
    domain *d;
    atomic_int left;
    atomic_int running;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    double *sample;
    atomic_int samples;
} bench;

typedef struct client {
    bench *b;
    payment_key key;
    char owner[32];
    ol_arena arena;
    call_admission admit;
    queue_poll poll;
    job_completion complete;
    double started;
} client;

static void client_next(client *c);

static void client_end(client *c)
{
    (void)pthread_mutex_lock(&c->b->lock);
    atomic_fetch_sub(&c->b->running, 1);
    (void)pthread_cond_signal(&c->b->ended);
    (void)pthread_mutex_unlock(&c->b->lock);
}

static void completed(ol_op *op)
{
    client *c = op->context;
    OL_ASSERT(op->rc == OL_OK && c->complete.finalized);
    c->b->sample[atomic_fetch_add(&c->b->samples, 1)] = (now_s() - c->started) * 1e6;
    ol_arena_deinit(&c->arena);
    client_next(c);
}

static void claimed(ol_op *op)
{
    client *c = op->context;
    ol_task task;
    OL_ASSERT(op->rc == OL_OK && c->poll.found);
    OL_ASSERT(ol_task_decode(c->poll.task_json, &c->arena, &task, NULL) == OL_OK);
    c->complete = (job_completion){
        .op = {.done = completed, .context = c},
        .report = {.job_id = c->poll.job.job_id,
                   .success = true,
                   .time_ms = 2,
                   .instructions = 2000000,
                   .has_call = true,
                   .call = {.call_id = task.call_id,
                            .success = true,
                            .output_json = OL_STR("{\"message\":\"hello\"}"),
                            .instructions = 2000000,
                            .time_ms = 2}},
    };
    job_complete(c->b->d, &c->complete);
}

static void admitted(ol_op *op)
{
    client *c = op->context;
    OL_ASSERT(op->rc == OL_OK);
    c->poll = (queue_poll){.op = {.done = claimed, .context = c},
                           .queues = OL_CAP_EXECUTION,
                           .capabilities = OL_CAP_EXECUTION,
                           .claim = true,
                           .worker_id = OL_STR("worker-1"),
                           .arena = &c->arena};
    queue_take(c->b->d, &c->poll);
}

static void client_next(client *c)
{
    if (atomic_fetch_sub(&c->b->left, 1) <= 0) {
        client_end(c);
        return;
    }
    c->arena = ol_arena_new(OL_MIB(1));
    c->started = now_s();
    c->admit = (call_admission){
        .op = {.done = admitted, .context = c},
        .key = c->key,
        .project_id = OL_STR("bob.near/echo"),
        .project_uuid = OL_STR("p0000000000000001"),
        .price = {OL_USD(10000), OL_USD(0)},
        .input_data = OL_STR("{\"message\":\"hello\"}"),
        .limits = {OL_INSTRUCTIONS_STANDARD, OL_MEMORY_MB_STANDARD, OL_SECONDS_STANDARD},
        .arena = &c->arena,
    };
    call_admit(c->b->d, &c->admit);
}

static void client_fund(client *c, domain *d)
{
    c->key.owner = ol_str_of(c->owner);
    c->key.nonce = 1;
    topup_completion fund = {.owner = c->key.owner,
                             .nonce = 1,
                             .new_initial_balance = OL_USD(UINT64_C(1000000000000)),
                             .proof = c->key.proof};
    topup_complete(d, &fund);
    OL_ASSERT(fund.op.rc == OL_OK);
}

typedef struct round_figures {
    double seconds;
    double cpu;
    double p50_us;
} round_figures;

static round_figures run_round(domain *d, client *clients, int count, int cycles)
{
    bench b = {.d = d, .lock = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER};
    b.sample = calloc((size_t)cycles, sizeof *b.sample);
    atomic_store(&b.left, cycles);
    atomic_store(&b.running, count);
    double wall = now_s();
    double cpu = cpu_s();
    for (int i = 0; i < count; i++) {
        clients[i].b = &b;
        client_next(&clients[i]);
    }
    (void)pthread_mutex_lock(&b.lock);
    while (atomic_load(&b.running) > 0)
        (void)pthread_cond_wait(&b.ended, &b.lock);
    (void)pthread_mutex_unlock(&b.lock);
    round_figures figures = {.seconds = now_s() - wall, .cpu = cpu_s() - cpu};
    figures.p50_us = figure_quantile(b.sample, (size_t)cycles, 0.5);
    free(b.sample);
    return figures;
}

int main(void)
{
    char folder[] = "/tmp/ol-store-bench-XXXXXX";
    char database[64];
    char wasm[64];
    char floor_path[64];
    ol_err err = {0};
    domain *d = NULL;
    OL_ASSERT(mkdtemp(folder) != NULL);
    (void)snprintf(database, sizeof database, "%s/db", folder);
    (void)snprintf(wasm, sizeof wasm, "%s/wasm", folder);
    (void)snprintf(floor_path, sizeof floor_path, "%s/floor", folder);
    double floor_us = synced_commit_us(floor_path);
    const domain_settings settings = {
        .database_path = database,
        .wasm_folder = wasm,
        .wasm_bytes_max = OL_MIB(100),
        .compute_limit_standard = OL_USD(10000),
        .compute_limit_min = OL_USD(1000),
        .call_seconds = 300,
        .calls_in_flight_max = 10,
        .clock = ol_clock_real(),
        .random = ol_random_kernel(),
    };
    if (domain_open(&settings, &d, &err) != OL_OK) {
        (void)fprintf(stderr, "store_bench: %s\n", err.text);
        return 1;
    }
    static client clients[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        (void)snprintf(clients[i].owner, sizeof clients[i].owner, "client%d.near", i);
        client_fund(&clients[i], d);
    }
    round_figures one = run_round(d, clients, 1, SINGLES);
    ol_store_figures before = ol_store_figures_of(domain_store(d));
    round_figures many = run_round(d, clients, CLIENTS, CYCLES);
    ol_store_figures after = ol_store_figures_of(domain_store(d));
    OL_ASSERT(ledger_check(d, &err) == OL_OK);
    domain_close(d);

    figure_print("store_cycle_p50_us", one.p50_us, "us", floor_us, FIGURE_AT_MOST, 2 * floor_us);
    figure_print("store_cycles_per_s_32", (int)CYCLES / many.seconds, "1/s", NAN, FIGURE_AT_LEAST,
                 3000);
    figure_print("store_cycle_cpu_us", many.cpu / (int)CYCLES * 1e6, "us", NAN, FIGURE_AT_MOST,
                 333);
    figure_print("store_cycles_per_sync_32", (double)CYCLES / (double)(after.syncs - before.syncs),
                 "1", NAN, FIGURE_AT_LEAST, 4);
    (void)execl("/bin/rm", "rm", "-rf", folder, (char *)NULL);
    return 1;
}
