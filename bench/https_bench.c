/* The whole path, everything on this machine: load, coordinator, worker, runs.
 *
 *   https_p1_p50_over_floor   one client, synchronous and durable; floor: one synced SQLite commit
 *                             and one hot run, measured by store_bench and runner_bench (arguments)
 *   https_p1_calls_per_s_32, https_p2_calls_per_s_32, https_p1_cpu_ms_per_call
 *   waiting_call_kib          1,000 waiting synchronous calls
 *   coordinator_idle_mib, worker_idle_mib
 *
 * usage: https_bench SYNCED_COMMIT_US HOT_RUN_US */
#include <dirent.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "bench/figure.h"
#include "bench/https_calls.h"
#include "bench/process_cpu.h"
#include "lib/base/clock.h"
#include "tests/harness/stack.h"
#include "tests/harness/wire_client.h"

enum {
    CLIENTS = 32,
    WARM_CALLS = 200,
    SINGLE_CALLS = 1000,
    STORM_MS = 8000,
    WAITERS = 1000,
    ANSWER_MS = 60000,
    RUNNERS_MAX = 4096,
};

static stack field;

static double now_us(void)
{
    return (double)ol_mono_ns(ol_clock_real()) / 1e3;
}

static void call_request(ol_buf *request, const char *project, const char *input)
{
    char id[64];
    char members[128];
    (void)snprintf(id, sizeof id, "test.near/%s", project);
    (void)snprintf(members, sizeof members, "\"input\":%s", input);
    https_call_request(request, field.payment_key, id, members);
}

/* ---- one client ---------------------------------------------------------------------------- */

static double single_p50_us(const char *project)
{
    static double sample[SINGLE_CALLS];
    wire_client client = wire_client_new(field.port);
    ol_buf request = ol_buf_new(OL_KIB(4));
    call_request(&request, project, "{\"n\":1}");
    for (int i = 0; i < WARM_CALLS; i++)
        (void)https_call(&client, &request);
    for (int i = 0; i < SINGLE_CALLS; i++) {
        double start = now_us();
        (void)https_call(&client, &request);
        sample[i] = now_us() - start;
    }
    wire_client_deinit(&client);
    ol_buf_deinit(&request);
    double p50 = figure_quantile(sample, SINGLE_CALLS, 0.5);
    (void)fprintf(stderr, "https: %s, one client: p50 %.0f us, p99 %.0f us\n", project, p50,
                  sample[SINGLE_CALLS * 99 / 100]);
    return p50;
}

/* ---- processor time of everything but the load ---------------------------------------------- */

/* Living descendants with what they have reaped: every process that ended below is counted by the
 * one that reaped it. */
static double stack_cpu_ms(void)
{
    static pid_t pids[RUNNERS_MAX];
    size_t count = stack_descendants(NULL, pids, RUNNERS_MAX);
    double total = 0;
    for (size_t i = 0; i < count; i++) {
        double seconds;
        if (process_cpu_seconds(pids[i], &seconds))
            total += 1000.0 * seconds;
    }
    return total;
}

/* ---- 32 clients ---------------------------------------------------------------------------- */

static double storm_per_s(const char *project, double *ret_cpu_ms_per_call)
{
    uint64_t calls;
    ol_buf request = ol_buf_new(OL_KIB(4));
    call_request(&request, project, "{\"n\":2}");
    double cpu = stack_cpu_ms();
    double seconds = https_storm(field.port, &request, CLIENTS, STORM_MS, &calls);
    *ret_cpu_ms_per_call = (stack_cpu_ms() - cpu) / (double)calls;
    ol_buf_deinit(&request);
    (void)fprintf(stderr, "https: %s, %d clients: %.0f calls/s, %.2f CPU-ms a call\n", project,
                  CLIENTS, (double)calls / seconds, *ret_cpu_ms_per_call);
    return (double)calls / seconds;
}

/* ---- memory -------------------------------------------------------------------------------- */

static double rss_kib(pid_t pid)
{
    char path[64];
    uint8_t storage[4096];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_err err;
    ol_str rest;
    ol_str line;
    (void)snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
    if (ol_file_load(path, &text, &err) != OL_OK)
        return (double)NAN;
    rest = ol_buf_str(&text);
    while (ol_str_next(&rest, '\n', &line)) {
        uint64_t kib;
        if (ol_str_starts(line, OL_STR("Rss:")) &&
            ol_u64_parse(ol_str_trim(ol_str_slice(line, 4, line.len - 3)), &kib))
            return (double)kib;
    }
    return (double)NAN;
}

/* The worker with its zygote and templates. Pages they share are counted in each of them. */
static double worker_rss_kib(void)
{
    static pid_t pids[RUNNERS_MAX];
    size_t count = stack_descendants("outlayer-runner", pids, RUNNERS_MAX);
    double total = rss_kib(field.pid[STACK_WORKER]);
    for (size_t i = 0; i < count; i++)
        total += rss_kib(pids[i]);
    return total;
}

/* Memory the coordinator takes for one waiting synchronous call: the calls wait because the worker
 * is stopped (SIGSTOP would let it claim nothing either, but its polls would still be open). */
static double waiting_call_kib(void)
{
    static wire_client client[WAITERS];
    ol_buf request = ol_buf_new(OL_KIB(4));
    ol_err err;
    call_request(&request, "echo", "{\"n\":3}");
    stack_kill(&field, STACK_WORKER);
    double before = rss_kib(field.pid[STACK_COORDINATOR]);
    for (int i = 0; i < WAITERS; i++) {
        client[i] = wire_client_new(field.port);
        if (!wire_begin(&client[i], ol_buf_str(&request))) {
            (void)fprintf(stderr, "https_bench: waiter %d was not accepted\n", i);
            exit(1);
        }
    }
    /* All admitted once the coordinator says so: 1,000 calls are pending. */
    wire_client asker = wire_client_new(field.port);
    for (bool all = false; !all;) {
        wire_answer answer;
        uint8_t storage[512];
        char headers[256];
        char want[64];
        size_t at;
        ol_buf ask = ol_buf_over(storage, sizeof storage);
        (void)snprintf(headers, sizeof headers, "X-Payment-Key: %s\r\n", field.payment_key);
        wire_request(&ask, "GET", "/payment-keys/balance", headers, OL_STR(""));
        (void)snprintf(want, sizeof want, "\"reserved\":\"%d\"", WAITERS * 10000);
        all = wire_exchange(&asker, ol_buf_str(&ask), ANSWER_MS, &answer) &&
              ol_str_find(answer.body, ol_str_of(want), &at);
    }
    double after = rss_kib(field.pid[STACK_COORDINATOR]);
    for (int i = 0; i < WAITERS; i++)
        wire_client_deinit(&client[i]);
    wire_client_deinit(&asker);
    ol_buf_deinit(&request);
    ol_rc rc = stack_start(&field, STACK_WORKER, &err);
    OL_ASSERT(rc == OL_OK);
    return (after - before) / (double)WAITERS;
}

int main(int argc, char **argv)
{
    static const char *const projects[] = {"echo=examples/echo.wasm", "echo2=examples/echo.p2.wasm",
                                           NULL};
    stack_options options = {.slots = 4, .projects = projects};
    double commit_us = argc == 3 ? strtod(argv[1], NULL) : 0;
    double run_us = argc == 3 ? strtod(argv[2], NULL) : 0;
    double cpu_p1;
    double cpu_p2;
    ol_err err;
    if (commit_us <= 0 || run_us <= 0) {
        (void)fprintf(stderr, "usage: https_bench SYNCED_COMMIT_US HOT_RUN_US\n");
        return 3;
    }
    if (stack_open(&field, &options, 1000000000000u, &err) != OL_OK) {
        (void)fprintf(stderr, "https_bench: %s\n", err.text);
        return 7;
    }
    /* Goals: docs/benchmarks.md. */
    figure_print("coordinator_idle_mib", rss_kib(field.pid[STACK_COORDINATOR]) / 1024, "MiB",
                 (double)NAN, FIGURE_AT_MOST, 20);
    figure_print("worker_idle_mib", worker_rss_kib() / 1024, "MiB", (double)NAN, FIGURE_AT_MOST,
                 40);
    double p50_us = single_p50_us("echo");
    (void)single_p50_us("echo2");
    double floor_us = commit_us + run_us;
    figure_print("https_p1_p50_over_floor", p50_us / floor_us, "ratio", 1.0, FIGURE_AT_MOST, 3);
    double p1 = storm_per_s("echo", &cpu_p1);
    double p2 = storm_per_s("echo2", &cpu_p2);
    figure_print("https_p1_calls_per_s_32", p1, "1/s", (double)NAN, FIGURE_AT_LEAST, 1000);
    figure_print("https_p2_calls_per_s_32", p2, "1/s", (double)NAN, FIGURE_AT_LEAST, 700);
    figure_print("https_p1_cpu_ms_per_call", cpu_p1, "ms", (double)NAN, FIGURE_AT_MOST, 1.5);
    figure_print("waiting_call_kib", waiting_call_kib(), "KiB", (double)NAN, FIGURE_AT_MOST, 32);
    stack_deinit(&field);
    return 0;
}
