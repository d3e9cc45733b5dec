/* The thread that owns the zygote: starts it, waits for its end, starts it again. It lives as long
 * as the runner, because the zygote dies with the thread that started it (PR_SET_PDEATHSIG). */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/run/internal.h"
#include "lib/sandbox/pidfd.h"

enum { PACKET_BYTES = 4096, AGAIN_MS_FIRST = 10, AGAIN_MS_LAST = 2000 };

/* Puts the zygote, and with it all its children, into a delegated cgroup. Who names one wants its
 * limits: without it nothing starts. */
static ol_rc cgroup_enter(const char *cgroup, pid_t pid, ol_err *err)
{
    char path[512], text[24];
    if (cgroup == NULL)
        return OL_OK;
    int n = snprintf(path, sizeof path, "%s/cgroup.procs", cgroup);
    if (n <= 0 || (size_t)n >= sizeof path)
        return ol_fail(err, OL_ERR_SETTINGS, "The cgroup's path is too long");
    OL_AUTO(ol_fd) procs = {open(path, O_WRONLY | O_CLOEXEC)};
    n = snprintf(text, sizeof text, "%d", pid);
    if (!ol_fd_is_open(procs) || write(procs.n, text, (size_t)n) != n)
        return ol_fail_errno(err, OL_ERR_SANDBOX, "Cannot put the runner into the cgroup %s",
                             cgroup);
    return OL_OK;
}

/* After what the zygote says of itself. */
static void cgroup_tell(const char *cgroup, char fences[static OL_RUNNER_FENCES_TEXT_BYTES])
{
    static const char word[] = " cgroup";
    size_t len = strlen(fences);
    if (cgroup != NULL && len + sizeof word <= OL_RUNNER_FENCES_TEXT_BYTES)
        memcpy(fences + len, word, sizeof word);
}

/* HELLO, or FAILED with the reason. */
static ol_rc hello_take(ol_fd control, char fences[static OL_RUNNER_FENCES_TEXT_BYTES], ol_err *err)
{
    uint8_t packet[PACKET_BYTES];
    struct pollfd one = {.fd = control.n, .events = POLLIN};
    ol_frame_head head;
    ol_bytes payload;
    ol_frame_failed failed;
    if (poll(&one, 1, OL__HELLO_SECONDS * 1000) <= 0)
        return ol_fail(err, OL_ERR_RUNNER, "The runner does not answer");
    ssize_t got = ol_frame_receive(control.n, packet, sizeof packet, 0, NULL, NULL);
    if (got <= 0 || !ol_frame_head_decode((ol_bytes){packet, (size_t)got}, &head, &payload))
        return ol_fail(err, OL_ERR_RUNNER, "The runner ended while starting");
    if (head.kind == OL_FRAME_HELLO && payload.len < OL_RUNNER_FENCES_TEXT_BYTES) {
        memcpy(fences, payload.data, payload.len);
        fences[payload.len] = '\0';
        return OL_OK;
    }
    if (head.kind != OL_FRAME_FAILED || !ol_frame_failed_decode(payload, &failed))
        return ol_fail(err, OL_ERR_PROTOCOL, "The runner talks nonsense");
    (void)ol_fail(err, OL_ERR_SANDBOX, "%.*s", OL_FMT(failed.text));
    return failed.note.len == 0 ? OL_ERR_SANDBOX : ol_note(err, "%.*s", OL_FMT(failed.note));
}

static ol_rc zygote_start(ol_runner *runner, ol_process *ret, ol_fd *ret_control, char *fences,
                          ol_err *err)
{
    OL_AUTO(ol_fd) ours = OL_FD_NONE;
    OL_AUTO(ol_fd) theirs = OL_FD_NONE;
    OL_AUTO(ol_fd) log = {fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)};
    OL_TRY(ol_socketpair(SOCK_SEQPACKET, &ours, &theirs, err));
    const char *const argv[] = {"outlayer-runner", "--control", NULL};
    const ol_fd keep[] = {OL_FD_NONE, OL_FD_NONE, log, theirs};
    const ol_spawn_plan plan = {
        .program = runner->program, .argv = argv, .keep = keep, .keep_count = OL_COUNT(keep)};
    ol_process process = OL_PROCESS_NONE;
    OL_TRY(ol_spawn(&plan, &process, err));
    ol_fd_deinit(&theirs);
    ol_rc rc = cgroup_enter(runner->cgroup, process.pid, err);
    if (rc == OL_OK)
        rc = hello_take(ours, fences, err);
    if (rc != OL_OK) {
        ol_process_deinit(&process);
        return rc;
    }
    cgroup_tell(runner->cgroup, fences);
    *ret = process;
    *ret_control = ol_fd_take(&ours);
    return OL_OK;
}

/* Until the zygote ends, or the runner is closed (true), or `ms` have passed. */
static bool stop_wait(const ol_runner *runner, ol_fd zygote, int ms)
{
    struct pollfd both[2] = {{.fd = runner->stop.n, .events = POLLIN},
                             {.fd = zygote.n, .events = POLLIN}};
    while (poll(both, 2, ms) < 0 && errno == EINTR) {
    }
    return both[0].revents != 0;
}

static void publish(ol_runner *runner, ol_rc rc, ol_process zygote, ol_fd control,
                    const char *fences, const ol_err *why)
{
    (void)pthread_mutex_lock(&runner->lock);
    runner->failed = rc != OL_OK;
    if (rc == OL_OK) {
        runner->zygote = zygote;
        runner->control = control;
        runner->generation++;
        memcpy(runner->fences, fences, sizeof runner->fences);
    } else {
        runner->why = *why;
    }
    (void)pthread_cond_broadcast(&runner->changed);
    (void)pthread_mutex_unlock(&runner->lock);
}

static void withdraw(ol_runner *runner)
{
    (void)pthread_mutex_lock(&runner->lock);
    ol_process zygote = runner->zygote;
    runner->zygote = OL_PROCESS_NONE;
    ol_fd_deinit(&runner->control);
    ol__templates_drop(runner);
    (void)pthread_cond_broadcast(&runner->changed);
    (void)pthread_mutex_unlock(&runner->lock);
    ol_process_deinit(&zygote); /* and its whole process group */
}

static void *keep(void *argument)
{
    ol_runner *runner = argument;
    int again_ms = AGAIN_MS_FIRST;
    for (bool stop = false; !stop;) {
        ol_err why = {0};
        ol_process zygote = OL_PROCESS_NONE;
        ol_fd control = OL_FD_NONE;
        char fences[OL_RUNNER_FENCES_TEXT_BYTES] = {0};
        ol_rc rc = zygote_start(runner, &zygote, &control, fences, &why);
        int64_t started_ns = ol__now_ns();
        publish(runner, rc, zygote, control, fences, &why);
        if (rc == OL_OK) {
            stop = stop_wait(runner, zygote.pidfd, -1);
            withdraw(runner);
            if (ol__now_ns() - started_ns > (int64_t)AGAIN_MS_LAST * 1000000)
                again_ms = AGAIN_MS_FIRST;
        }
        if (!stop) {
            stop = stop_wait(runner, OL_FD_NONE, again_ms);
            again_ms = again_ms * 2 < AGAIN_MS_LAST ? again_ms * 2 : AGAIN_MS_LAST;
        }
    }
    return NULL;
}

ol_rc ol__keeper_start(ol_runner *runner, ol_err *err)
{
    runner->stop.n = eventfd(0, EFD_CLOEXEC);
    if (runner->stop.n < 0 || pthread_create(&runner->keeper, NULL, keep, runner) != 0)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Cannot start a thread");
    runner->keeper_runs = true;
    return OL_OK;
}

void ol__keeper_stop(ol_runner *runner)
{
    const uint64_t one = 1;
    if (!runner->keeper_runs)
        return;
    (void)!write(runner->stop.n, &one, sizeof one);
    (void)pthread_join(runner->keeper, NULL);
    runner->keeper_runs = false;
}
