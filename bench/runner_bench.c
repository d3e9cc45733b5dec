/* What a run costs (Design 9): from ol_run_execute to its result, beside a bare fork and reply of
 * the same minute. Wants outlayer-runner, outlayer-aot and the example guests of the same build. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/figure.h"
#include "lib/run/aot.h"
#include "lib/run/runner.h"
#include "lib/sandbox/spawn.h"

enum {
    WARM_RUNS = 200,
    SAMPLES = 3000,
    COLD_SAMPLES = 500,
    STORM_THREADS = 4,
    STORM_SECONDS = 4,
    KILL_THREADS = 8,
    KILL_ROUNDS = 5,
    KIB = 1024,
};

typedef struct lab {
    char folder[PATH_MAX]; /* of the build */
    ol_runner *runner;
    double floor_us;
} lab;

typedef struct guest {
    ol_fd artifact;
    ol_run_job job;
} guest;

static _Noreturn void die(const char *what, const ol_err *err)
{
    (void)fprintf(stderr, "runner_bench: %s: %s\n", what, err == NULL ? "" : err->text);
    exit(EXIT_FAILURE);
}

static double now_us(void)
{
    return (double)ol_mono_ns(ol_clock_real()) / 1e3;
}

static void path_of(const lab *l, const char *name, char into[static PATH_MAX])
{
    int n = snprintf(into, PATH_MAX, "%.3000s/%s", l->folder, name);
    if (n <= 0 || n >= PATH_MAX)
        die(name, NULL);
}

/* ---- guests -------------------------------------------------------------------------------- */

static guest guest_open(const lab *l, const char *name, ol_frame_target target, ol_bytes input)
{
    char path[PATH_MAX], aot[PATH_MAX];
    ol_err err = {0};
    ol_buf wasm = ol_buf_new(OL_MIB(8));
    ol_aot_artifact made = {.memfd = OL_FD_NONE};
    path_of(l, name, path);
    path_of(l, "bin/outlayer-aot", aot);
    const ol_aot_plan plan = {.program = aot,
                              .target = target == OL_TARGET_P1 ? OL_AOT_P1 : OL_AOT_P2,
                              .deadline_ns = ol_mono_ns(ol_clock_real()) + INT64_C(60000000000),
                              .clock = ol_clock_real()};
    ol_aot_plan with = plan;
    if (ol_file_load(path, &wasm, &err) != OL_OK)
        die(path, &err);
    with.wasm = ol_buf_bytes(&wasm);
    if (ol_aot_compile(&with, &made, &err) != OL_OK)
        die(path, &err);
    ol_buf_deinit(&wasm);
    return (guest){made.memfd,
                   {.artifact_id = ol_str_bytes(ol_str_of(name)),
                    .artifact_fd = made.memfd.n,
                    .target = target,
                    .frame = {.instructions = UINT64_C(10000000000),
                              .memory_bytes = OL_MIB(128),
                              .stdout_bytes_max = OL_MIB(64),
                              .stderr_bytes_max = OL_MIB(1),
                              .input = input},
                    .seconds = 10}};
}

/* One run; microseconds from order to result. */
static double run_once(const lab *l, const ol_run_job *job, ol_run_class want, ol_run_result *keep)
{
    ol_err err = {0};
    ol_run_result result;
    double from = now_us();
    if (ol_run_execute(l->runner, job, NULL, &result, &err) != OL_OK)
        die("run", &err);
    double took = now_us() - from;
    if (result.class != want) {
        (void)snprintf(err.text, sizeof err.text, "%s: %.200s %s", ol_run_class_name(result.class),
                       result.text.data, result.note);
        die("run", &err);
    }
    if (keep != NULL)
        *keep = result;
    ol_run_result_deinit(&result);
    return took;
}

/* ---- the floor ----------------------------------------------------------------------------- */

static double floor_measure(const lab *l)
{
    static double sample[SAMPLES];
    char program[PATH_MAX], packet[64] = "ping";
    ol_err err = {0};
    ol_fd ours = OL_FD_NONE, theirs = OL_FD_NONE;
    ol_process process = OL_PROCESS_NONE;
    path_of(l, "bench/fork_floor", program);
    const char *const argv[] = {program, NULL};
    if (ol_socketpair(SOCK_SEQPACKET, &ours, &theirs, &err) != OL_OK)
        die("socket", &err);
    const ol_fd keep[] = {OL_FD_NONE, OL_FD_NONE, OL_FD_NONE, theirs};
    const ol_spawn_plan plan = {
        .program = program, .argv = argv, .keep = keep, .keep_count = OL_COUNT(keep)};
    if (ol_spawn(&plan, &process, &err) != OL_OK)
        die("floor", &err);
    for (int i = -WARM_RUNS; i < SAMPLES; i++) {
        double from = now_us();
        if (send(ours.n, packet, sizeof packet, 0) < 0 ||
            recv(ours.n, packet, sizeof packet, 0) < 0)
            die("floor", NULL);
        if (i >= 0)
            sample[i] = now_us() - from;
    }
    ol_process_deinit(&process);
    ol_fd_deinit(&ours);
    ol_fd_deinit(&theirs);
    return figure_quantile(sample, SAMPLES, 0.5);
}

/* ---- latency and throughput ---------------------------------------------------------------- */

static void echo_measure(const lab *l, const guest *g, const char *kind, double p50_goal,
                         double p99_goal, double over_goal)
{
    static double sample[SAMPLES];
    char name[64];
    for (int i = -WARM_RUNS; i < SAMPLES; i++) {
        double took = run_once(l, &g->job, OL_RUN_OK, NULL);
        if (i >= 0)
            sample[i] = took;
    }
    double p50 = figure_quantile(sample, SAMPLES, 0.5),
           p99 = figure_quantile(sample, SAMPLES, 0.99);
    (void)snprintf(name, sizeof name, "%s_echo_p50_us", kind);
    figure_print(name, p50, "us", l->floor_us, FIGURE_AT_MOST, p50_goal);
    (void)snprintf(name, sizeof name, "%s_echo_p99_us", kind);
    figure_print(name, p99, "us", l->floor_us, FIGURE_AT_MOST, p99_goal);
    (void)snprintf(name, sizeof name, "%s_echo_over_fork", kind);
    figure_print(name, p50 / l->floor_us, "ratio", NAN, FIGURE_AT_MOST, over_goal);
}

typedef struct storm {
    const lab *l;
    const ol_run_job *job;
    double until_us;
    uint64_t runs;
    pthread_t thread;
} storm;

static void *storm_run(void *argument)
{
    storm *s = argument;
    while (now_us() < s->until_us) {
        (void)run_once(s->l, s->job, OL_RUN_OK, NULL);
        s->runs++;
    }
    return NULL;
}

static void storm_measure(const lab *l, const guest *g, const char *name, double goal)
{
    storm all[STORM_THREADS];
    double from = now_us(), runs = 0;
    for (int i = 0; i < STORM_THREADS; i++) {
        all[i] = (storm){.l = l, .job = &g->job, .until_us = from + (double)STORM_SECONDS * 1e6};
        if (pthread_create(&all[i].thread, NULL, storm_run, &all[i]) != 0)
            die("thread", NULL);
    }
    for (int i = 0; i < STORM_THREADS; i++) {
        (void)pthread_join(all[i].thread, NULL);
        runs += (double)all[i].runs;
    }
    figure_print(name, runs / ((now_us() - from) / 1e6), "runs/s", 1e6 / l->floor_us,
                 FIGURE_AT_LEAST, goal);
}

static void cold_measure(const lab *l, const guest *g)
{
    static double sample[COLD_SAMPLES];
    ol_run_job job = g->job;
    job.cold = true;
    for (int i = -10; i < COLD_SAMPLES; i++) {
        double took = run_once(l, &job, OL_RUN_OK, NULL);
        if (i >= 0)
            sample[i] = took;
    }
    figure_print("cold_artifact_p50_us", figure_quantile(sample, COLD_SAMPLES, 0.5), "us",
                 l->floor_us, FIGURE_AT_MOST, 1500);
}

/* ---- kill ---------------------------------------------------------------------------------- */

typedef struct victim {
    const lab *l;
    const ol_run_job *job;
    double late_ms;
    pthread_t thread;
} victim;

/* Until the process is reaped: ol_run_execute returns after that. */
static void *victim_run(void *argument)
{
    victim *v = argument;
    v->late_ms = run_once(v->l, v->job, OL_RUN_TIMEOUT, NULL) / 1e3 - v->job->seconds * 1e3;
    return NULL;
}

static void kill_measure(const lab *l, const guest *g)
{
    static double sample[KILL_THREADS * KILL_ROUNDS];
    ol_run_job job = g->job;
    size_t count = 0;
    job.seconds = 1;
    for (int round = 0; round < KILL_ROUNDS; round++) {
        victim all[KILL_THREADS];
        for (int i = 0; i < KILL_THREADS; i++) {
            all[i] = (victim){.l = l, .job = &job};
            if (pthread_create(&all[i].thread, NULL, victim_run, &all[i]) != 0)
                die("thread", NULL);
        }
        for (int i = 0; i < KILL_THREADS; i++) {
            (void)pthread_join(all[i].thread, NULL);
            sample[count++] = all[i].late_ms;
        }
    }
    figure_print("kill_after_deadline_p99_ms", figure_quantile(sample, count, 0.99), "ms", NAN,
                 FIGURE_AT_MOST, 5);
}

/* ---- memory -------------------------------------------------------------------------------- */

static long number_in(const char *path, const char *label)
{
    char line[512];
    long value = -1;
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return -1;
    while (value < 0 && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, label, strlen(label)) == 0)
            value = strtol(line + strlen(label), NULL, 10);
    }
    (void)fclose(file);
    return value;
}

/* The largest child of the zygote. The program's own code on huge pages is shared and not counted.
 */
static void template_measure(const lab *l)
{
    long most = -1;
    DIR *all = opendir("/proc");
    for (const struct dirent *entry; all != NULL && (entry = readdir(all)) != NULL;) {
        char path[PATH_MAX];
        (void)snprintf(path, sizeof path, "/proc/%s/status", entry->d_name);
        if (number_in(path, "PPid:") != ol_runner_pid(l->runner))
            continue;
        (void)snprintf(path, sizeof path, "/proc/%s/smaps_rollup", entry->d_name);
        long anonymous = number_in(path, "Anonymous:"), huge = number_in(path, "AnonHugePages:");
        if (anonymous - huge > most)
            most = anonymous - huge;
    }
    if (all != NULL)
        (void)closedir(all);
    figure_print("template_anon_kib", most >= 0 ? (double)most : (double)NAN, "KiB", NAN,
                 FIGURE_AT_MOST, KIB);
}

/* Every page a run touches for the first time is a fault: what it has beyond its template. */
static void overhead_measure(const lab *l, const guest *g)
{
    ol_run_result result;
    ol_run_job job = g->job;
    job.want_usage = true;
    (void)run_once(l, &job, OL_RUN_OK, &result);
    figure_print("run_overhead_kib", (double)result.minor_faults * 4, "KiB", NAN, FIGURE_AT_MOST,
                 KIB);
}

static void stdio_measure(const lab *l)
{
    enum { TIMES = 100 };
    static double sample[TIMES];
    size_t bytes = OL_MIB(1);
    uint8_t *input = malloc(bytes);
    if (input == NULL)
        die("memory", NULL);
    memset(input, 'x', bytes);
    guest g = guest_open(l, "wasm/examples/echo.p2.wasm", OL_TARGET_P2, (ol_bytes){input, bytes});
    for (int i = -10; i < TIMES; i++) {
        double took = run_once(l, &g.job, OL_RUN_OK, NULL);
        if (i >= 0)
            sample[i] = took / 1e3;
    }
    figure_print("stdio_1mib_p2_ms", figure_quantile(sample, TIMES, 0.5), "ms", NAN, FIGURE_AT_MOST,
                 5);
    ol_fd_deinit(&g.artifact);
    free(input);
}

int main(int argc, char **argv)
{
    lab l = {0};
    ol_err err = {0};
    char program[PATH_MAX];
    (void)argc;
    ssize_t n = readlink("/proc/self/exe", l.folder, sizeof l.folder - 1);
    for (int cut = 0; n > 0 && cut < 2; cut++) { /* …/bench/runner_bench */
        while (n > 0 && l.folder[n - 1] != '/')
            n--;
        if (n > 0)
            l.folder[--n] = '\0';
    }
    path_of(&l, "bin/outlayer-runner", program);
    const ol_runner_plan plan = {.program = argc > 1 ? argv[1] : program};
    if (ol_runner_open(&plan, &l.runner, &err) != OL_OK)
        die("runner", &err);
    const ol_bytes input = ol_str_bytes(OL_STR("{\"hello\":1}"));
    guest p1 = guest_open(&l, "wasm/examples/echo.wasm", OL_TARGET_P1, input);
    guest p2 = guest_open(&l, "wasm/examples/echo.p2.wasm", OL_TARGET_P2, input);
    guest loop = guest_open(&l, "wasm/guests/adversarial-sleep.wasm", OL_TARGET_P1, input);

    l.floor_us = floor_measure(&l);
    figure_print("fork_reply_p50_us", l.floor_us, "us", NAN, FIGURE_AT_MOST, NAN);
    echo_measure(&l, &p1, "p1", 400, 1000, 4);
    echo_measure(&l, &p2, "p2", 600, 1500, 6);
    storm_measure(&l, &p1, "p1_runs_per_s", 5000);
    storm_measure(&l, &p2, "p2_runs_per_s", 3500);
    cold_measure(&l, &p1);
    overhead_measure(&l, &p1);
    template_measure(&l);
    stdio_measure(&l);
    kill_measure(&l, &loop);
    ol_runner_close(l.runner);
    ol_fd_deinit(&p1.artifact);
    ol_fd_deinit(&p2.artifact);
    ol_fd_deinit(&loop.artifact);
    return EXIT_SUCCESS;
}
