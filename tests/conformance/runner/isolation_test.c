/* Runs are processes of their own: what one does, or what is done to it, touches no other. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/sandbox/pidfd.h"
#include "lib/sandbox/spawn.h"
#include "tests/conformance/runner/lab.h"

enum { STORM_RUNS = 2000, STORM_THREADS = 8, WAIT_SECONDS = 10 };

static int64_t soon(void)
{
    return ol_mono_ns(ol_clock_real()) + (int64_t)WAIT_SECONDS * 1000000000;
}

/* ---- randomness ---------------------------------------------------------------------------- */

TEST("two runs of one template draw different random bytes")
{
    static const char *const guests[] = {"adversarial-random", "adversarial-random.p2"};
    OL_EACH (guest, guests) {
        enum { RUNS = 64, HEX = 64 };
        static char drawn[RUNS][HEX];
        for (int i = 0; i < RUNS; i++) {
            ol_run_job job = lab_job(lab_guest_of(*guest), "");
            ol_run_result r = lab_run(&job, NULL);
            CHECK_EQ_ROW(r.output.len, HEX, *guest);
            memcpy(drawn[i], r.output.data, HEX);
            ol_run_result_deinit(&r);
            for (int k = 0; k < i; k++)
                CHECK_ROW(memcmp(drawn[k], drawn[i], HEX) != 0, *guest);
        }
    }
}

TEST("equal input costs equal instructions, cold and from a template")
{
    static const char *const guests[] = {"echo", "echo.p2"};
    OL_EACH (guest, guests) {
        uint64_t first = 0;
        for (int i = 0; i < 6; i++) {
            ol_run_job job = lab_job(lab_guest_of(*guest), "same");
            job.cold = i % 2 == 0;
            ol_run_result r = lab_run(&job, NULL);
            first = first == 0 ? r.instructions : first;
            CHECK_EQ_ROW(r.instructions, first, *guest);
            ol_run_result_deinit(&r);
        }
    }
}

/* ---- killing ------------------------------------------------------------------------------- */

/* Process ids below `pid`, one level. */
static size_t children_of(int pid, int *into, size_t max)
{
    char path[64], text[4096] = "";
    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    (void)fclose(file);
    size_t count = 0;
    for (char *at = text, *end; count < max; at = end) {
        long n = strtol(at, &end, 10);
        if (end == at)
            break;
        into[count++] = (int)n;
    }
    return count;
}

/* Runs below templates, ended ones included until they are reaped. */
static size_t processes_below_zygote(void)
{
    int templates[256], runs[256];
    size_t n = children_of(ol_runner_pid(lab_runner()), templates, OL_COUNT(templates)), all = 0;
    for (size_t i = 0; i < n; i++)
        all += children_of(templates[i], runs, OL_COUNT(runs));
    return all;
}

static void quiet_wait(void)
{
    int64_t until = soon();
    while (processes_below_zygote() > 0 && ol_mono_ns(ol_clock_real()) < until)
        (void)usleep(1000);
    CHECK_EQ(processes_below_zygote(), 0);
}

typedef struct background {
    ol_run_job job;
    ol_run_result result;
    ol_rc rc;
    pthread_t thread;
} background;

static void *background_run(void *argument)
{
    background *b = argument;
    ol_err err = {0};
    b->rc = ol_run_execute(lab_runner(), &b->job, NULL, &b->result, &err);
    return NULL;
}

static void background_start(background *b, const char *guest, const char *input)
{
    quiet_wait(); /* so that the run that appears is this one */
    b->job = lab_job(lab_guest_of(guest), input);
    b->job.seconds = 30;
    b->job.frame.instructions = UINT64_C(1) << 60;
    CHECK_EQ(pthread_create(&b->thread, NULL, background_run, b), 0);
}

/* A grandchild of the zygote (a run from a template), or a child (cold), once there is one. */
static int run_pid_wait(bool from_template)
{
    int64_t until = soon();
    while (ol_mono_ns(ol_clock_real()) < until) {
        int templates[64], runs[64];
        size_t n = children_of(ol_runner_pid(lab_runner()), templates, OL_COUNT(templates));
        for (size_t i = 0; i < n; i++) {
            if (children_of(templates[i], runs, OL_COUNT(runs)) > 0)
                return from_template ? runs[0] : templates[i];
        }
        if (!from_template && n > 0)
            return templates[n - 1];
        (void)usleep(1000);
    }
    ol_test_fail(__FILE__, __LINE__, "no run appeared");
}

static void check_next_works(void)
{
    ol_run_job job = lab_job(lab_guest_of("echo"), "still here");
    ol_run_result r = lab_run(&job, NULL);
    CHECK_STR(lab_output(&r), OL_STR("still here"));
    ol_run_result_deinit(&r);
}

/* The second run makes the template. Their processes are gone afterwards. */
static void template_make(const char *guest, const char *input)
{
    for (int i = 0; i < 2; i++) {
        ol_run_job job = lab_job(lab_guest_of(guest), input);
        job.want_usage = true;
        ol_run_result r = lab_run(&job, NULL);
        ol_run_result_deinit(&r);
    }
}

TEST("W43: a run killed from outside is class engine_crash, and the next run works")
{
    background b = {0};
    template_make("adversarial-sleep", "1");
    background_start(&b, "adversarial-sleep", "60000");
    CHECK_EQ(kill(run_pid_wait(true), SIGKILL), 0);
    (void)pthread_join(b.thread, NULL);
    CHECK_EQ(b.rc, OL_OK);
    CHECK_EQ(b.result.class, OL_RUN_ENGINE_CRASH);
    CHECK_STR(ol_str_of(b.result.note), OL_STR("signal 9"));
    CHECK_STR(b.result.text, OL_STR("WASM execution failed: the process ended unexpectedly"));
    ol_run_result_deinit(&b.result);
    check_next_works();
}

static void template_of_run_kill(int run)
{
    int templates[64], runs[64];
    size_t n = children_of(ol_runner_pid(lab_runner()), templates, OL_COUNT(templates));
    for (size_t i = 0; i < n; i++) {
        if (children_of(templates[i], runs, OL_COUNT(runs)) > 0 && runs[0] == run)
            (void)kill(templates[i], SIGKILL);
    }
}

static bool joined(pthread_t thread)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 3;
    return pthread_timedjoin_np(thread, NULL, &until) == 0;
}

static void zygote_kill(int run)
{
    (void)run;
    (void)kill(ol_runner_pid(lab_runner()), SIGKILL);
}

/* A parent killed before it reported the run: the run is tried again, at most twice; then it is
 * said that nothing ran. */
static void crash_by(void (*parent_kill)(int run))
{
    background b = {0};
    ol_err err = {0};
    template_make("adversarial-sleep", "1");
    background_start(&b, "adversarial-sleep", "60000");
    for (int i = 0; i < 3; i++) {
        int pid = run_pid_wait(true);
        OL_AUTO(ol_fd) run = OL_FD_NONE;
        if (ol_pidfd_open(pid, &run, &err) == OL_OK) {
            parent_kill(pid);
            CHECK(ol_pidfd_ended(run, soon()));
        }
        if (joined(b.thread))
            break;
    }
    if (b.rc != OL_ERR_RUNNER) {
        CHECK_EQ(b.rc, OL_OK);
        CHECK_EQ(b.result.class, OL_RUN_ENGINE_CRASH);
    }
    ol_run_result_deinit(&b.result);
    check_next_works();
}

TEST("a killed template takes its runs along, and the next run makes a new one")
{
    crash_by(template_of_run_kill);
    template_make("adversarial-sleep", "1");
}

TEST("a killed zygote takes everything along and is started again")
{
    int old = ol_runner_pid(lab_runner());
    crash_by(zygote_kill);
    CHECK(ol_runner_pid(lab_runner()) != old);
}

/* ---- storms -------------------------------------------------------------------------------- */

typedef struct storm {
    unsigned seed;
    unsigned wrong;
    pthread_t thread;
} storm;

static const struct {
    const char *guest, *input;
    ol_run_class class;
} STORM[] = {
    {"echo", "x", OL_RUN_OK},
    {"echo.p2", "x", OL_RUN_OK},
    {"adversarial-trap", "", OL_RUN_TRAP},
    {"adversarial-exit", "4 no", OL_RUN_EXIT},
    {"adversarial-random", "", OL_RUN_OK},
    {"adversarial-recursion.p2", "", OL_RUN_TRAP},
};

static void *storm_run(void *argument)
{
    storm *s = argument;
    for (int i = 0; i < STORM_RUNS / STORM_THREADS; i++) {
        size_t pick = (s->seed + (unsigned)i) % OL_COUNT(STORM);
        ol_run_job job = lab_job(lab_guest_of(STORM[pick].guest), STORM[pick].input);
        ol_run_result r = {0};
        ol_err err = {0};
        job.cold = i % 7 == 0;
        if (ol_run_execute(lab_runner(), &job, NULL, &r, &err) != OL_OK ||
            r.class != STORM[pick].class)
            s->wrong++;
        ol_run_result_deinit(&r);
    }
    return NULL;
}

TEST("two thousand runs from eight threads leave no process behind")
{
    storm all[STORM_THREADS] = {{0}};
    OL_EACH (row, STORM)
        (void)lab_guest_of(row->guest); /* compiled before threads start */
    for (unsigned i = 0; i < STORM_THREADS; i++) {
        all[i].seed = i;
        CHECK_EQ(pthread_create(&all[i].thread, NULL, storm_run, &all[i]), 0);
    }
    for (unsigned i = 0; i < STORM_THREADS; i++) {
        (void)pthread_join(all[i].thread, NULL);
        CHECK_EQ(all[i].wrong, 0);
    }
    quiet_wait();
}

/* A supervisor of its own: this program again, as `--supervisor RUNNER`, with the artifact as
 * descriptor 4 and somebody to tell its zygote at 3. Killed in the middle of a run. */
enum { TELL_FD = 3, ARTIFACT_FD = 4 };

__attribute__((constructor)) static void supervise(int argc, char **argv)
{
    if (argc != 3 || strcmp(argv[1], "--supervisor") != 0)
        return;
    const ol_runner_plan plan = {.program = argv[2]};
    lab_guest guest = {.id = "sleep", .artifact_fd = ARTIFACT_FD, .target = OL_TARGET_P1};
    ol_runner *runner = NULL;
    ol_run_result r;
    if (ol_runner_open(&plan, &runner, NULL) != OL_OK)
        _exit(1);
    ol_run_job job = lab_job(&guest, "1");
    job.want_usage = true; /* waits for the end of the process */
    for (int i = 0; i < 2; i++)
        (void)ol_run_execute(runner, &job, NULL, &r, NULL);
    int zygote = ol_runner_pid(runner);
    (void)!write(TELL_FD, &zygote, sizeof zygote);
    job = lab_job(&guest, "60000");
    (void)ol_run_execute(runner, &job, NULL, &r, NULL);
    _exit(0);
}

static int run_below_wait(int zygote)
{
    for (int64_t until = soon(); ol_mono_ns(ol_clock_real()) < until; (void)usleep(1000)) {
        int templates[8], runs[8];
        size_t n = children_of(zygote, templates, OL_COUNT(templates));
        for (size_t i = 0; i < n; i++) {
            if (children_of(templates[i], runs, OL_COUNT(runs)) > 0)
                return runs[0];
        }
    }
    ol_test_fail(__FILE__, __LINE__, "no run appeared");
}

TEST("when the supervisor is killed, zygote, templates and runs end")
{
    ol_err err = {0};
    int ends[2], pid = 0;
    CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
    OL_AUTO(ol_fd) from = {ends[0]};
    OL_AUTO(ol_fd) to = {ends[1]};
    const char *const argv[] = {"/proc/self/exe", "--supervisor", lab_program("outlayer-runner"),
                                NULL};
    const ol_fd keep[] = {
        OL_FD_NONE, OL_FD_NONE, OL_FD_NONE, to, {lab_guest_of("adversarial-sleep")->artifact_fd}};
    const ol_spawn_plan plan = {
        .program = argv[0], .argv = argv, .keep = keep, .keep_count = OL_COUNT(keep)};
    ol_process supervisor = OL_PROCESS_NONE;
    CHECK_OK(ol_spawn(&plan, &supervisor, &err));
    ol_fd_deinit(&to);
    CHECK_EQ(read(from.n, &pid, sizeof pid), sizeof pid);
    OL_AUTO(ol_fd) zygote = OL_FD_NONE;
    OL_AUTO(ol_fd) run = OL_FD_NONE;
    CHECK_OK(ol_pidfd_open(pid, &zygote, &err));
    CHECK_OK(ol_pidfd_open(run_below_wait(pid), &run, &err));
    ol_pidfd_kill(supervisor.pidfd); /* it alone: the zygote has a group of its own */
    CHECK(ol_pidfd_ended(supervisor.pidfd, soon()));
    CHECK(ol_pidfd_ended(zygote, soon()));
    CHECK(ol_pidfd_ended(run, soon()));
    ol_process_deinit(&supervisor);
}

TEST("more artifacts than templates are all served")
{
    static const char *const guests[] = {"@w_empty", "@w_blocks", "@w_select", "@w_floats"};
    const ol_runner_plan plan = {.program = lab_program("outlayer-runner"), .templates_max = 2};
    ol_err err = {0};
    ol_runner *runner = NULL;
    CHECK_OK(ol_runner_open(&plan, &runner, &err));
    for (int i = 0; i < 24; i++) {
        ol_run_job job = lab_job(lab_guest_of(guests[i % 4]), "");
        ol_run_result r = {0};
        CHECK_OK(ol_run_execute(runner, &job, NULL, &r, &err));
        CHECK_EQ_ROW(r.class, OL_RUN_OK, guests[i % 4]);
        ol_run_result_deinit(&r);
    }
    int templates[64];
    CHECK(children_of(ol_runner_pid(runner), templates, OL_COUNT(templates)) <= 4);
    ol_runner_close(runner);
}

TEST("closing a runner ends its zygote")
{
    const ol_runner_plan plan = {.program = lab_program("outlayer-runner")};
    ol_err err = {0};
    ol_runner *runner = NULL;
    char fences[OL_RUNNER_FENCES_TEXT_BYTES];
    OL_AUTO(ol_fd) zygote = OL_FD_NONE;
    CHECK_OK(ol_runner_open(&plan, &runner, &err));
    ol_runner_fences(runner, fences);
    CHECK_HAS(ol_str_of(fences), OL_STR("net"), "fences");
    CHECK_HAS(ol_str_of(fences), OL_STR("seccomp"), "fences");
    CHECK_OK(ol_pidfd_open(ol_runner_pid(runner), &zygote, &err));
    ol_runner_close(runner);
    CHECK(ol_pidfd_ended(zygote, soon()));
}

TEST("a runner that is not there is said so")
{
    const ol_runner_plan plan = {.program = "/nowhere/outlayer-runner"};
    ol_err err = {0};
    ol_runner *runner = NULL;
    CHECK_EQ(ol_runner_open(&plan, &runner, &err), OL_ERR_ENVIRONMENT);
    CHECK_HAS(ol_err_text(&err), OL_STR("/nowhere/outlayer-runner"), "text");
}

/* A cgroup of this test's own; false where the machine gives none. */
static bool cgroup_make(char *path, size_t size)
{
    static const char *const roots[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
    OL_EACH (root, roots) {
        char procs[128];
        (void)snprintf(path, size, "%s/outlayer-test-%d", *root, getpid());
        (void)snprintf(procs, sizeof procs, "%s/cgroup.procs", path);
        if (mkdir(path, 0755) == 0 && access(procs, W_OK) == 0)
            return true;
        (void)rmdir(path);
    }
    return false;
}

TEST("a runner joins the cgroup it is given, with all its runs; one it cannot join is refused")
{
    char cgroup[96];
    char procs[128];
    char fences[OL_RUNNER_FENCES_TEXT_BYTES];
    ol_err err = {0};
    ol_runner *runner = NULL;
    ol_runner_plan plan = {.program = lab_program("outlayer-runner"), .cgroup = "/nowhere"};
    CHECK_EQ(ol_runner_open(&plan, &runner, &err), OL_ERR_SANDBOX);
    CHECK_HAS(ol_err_text(&err), OL_STR("the cgroup /nowhere"), "text");
    if (!cgroup_make(cgroup, sizeof cgroup))
        ol_test_skip("no cgroup v2 can be made here");
    plan.cgroup = cgroup;
    CHECK_OK(ol_runner_open(&plan, &runner, &err));
    ol_run_job job = lab_job(lab_guest_of("@w_empty"), "");
    for (int i = 0; i < 4; i++) { /* a template is kept from the second on */
        ol_run_result r = {0};
        CHECK_OK(ol_run_execute(runner, &job, NULL, &r, &err));
        ol_run_result_deinit(&r);
    }
    ol_runner_fences(runner, fences);
    ol_buf listed = ol_buf_new(OL_KIB(16));
    (void)snprintf(procs, sizeof procs, "%s/cgroup.procs", cgroup);
    CHECK_OK(ol_file_load(procs, &listed, &err));
    size_t lines = 0;
    ol_str line;
    bool zygote = false;
    ol_str rest = ol_buf_str(&listed);
    while (ol_str_next(&rest, '\n', &line)) {
        uint32_t pid;
        zygote |= ol_u32_parse(line, &pid) && (int)pid == ol_runner_pid(runner);
        lines += line.len > 0;
    }
    ol_buf_deinit(&listed);
    OL_AUTO(ol_fd) end = OL_FD_NONE;
    CHECK_OK(ol_pidfd_open(ol_runner_pid(runner), &end, &err));
    ol_runner_close(runner);
    CHECK(ol_pidfd_ended(end, soon()));
    for (int i = 0; i < 1000 && rmdir(cgroup) != 0; i++)
        (void)poll(NULL, 0, 10); /* until the kernel has put its last process away */
    CHECK(access(cgroup, F_OK) != 0);
    CHECK(zygote);
    CHECK(lines >= 2);
    CHECK_ENDS(ol_str_of(fences), OL_STR(" cgroup"), "fences");
}
