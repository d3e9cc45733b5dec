#include "lib/run/aot.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/num.h"

enum {
    CHILD_INPUT_FD = 3, /* any two beyond the standard three */
    CHILD_OUTPUT_FD = 4,
    LINE_BYTES_MAX = 2048,
    EXIT_WASM = 1,
    FINGERPRINT_SECONDS = 10,
};

static const int SEALS = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

/* A started compiler. Deinit kills and reaps it, so that no way out leaves one behind. */
typedef struct compiler {
    pid_t pid;  /* 0: none, or reaped */
    ol_fd self; /* pidfd */
    ol_fd line; /* its stdout */
} compiler;

static void compiler_deinit(compiler *c)
{
    if (c->pid > 0) {
        (void)kill(c->pid, SIGKILL); /* not reaped yet: the number is still its own */
        while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    ol_fd_deinit(&c->self);
    ol_fd_deinit(&c->line);
}

void ol_aot_artifact_deinit(ol_aot_artifact *artifact)
{
    ol_fd_deinit(&artifact->memfd);
}

static ol_rc memfd_new(const char *name, ol_bytes bytes, ol_fd *ret, ol_err *err)
{
    OL_AUTO(ol_fd) fd = {memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (fd.n < 0)
        return ol_fail_errno(err, OL_ERR_IO, "memfd");
    if (bytes.len > 0)
        OL_TRY(ol_write_all(fd, bytes, err));
    *ret = ol_fd_take(&fd);
    return OL_OK;
}

ol_rc ol_aot_seal(ol_bytes bytes, const char *name, ol_fd *ret, ol_err *err)
{
    OL_AUTO(ol_fd) fd = OL_FD_NONE;
    OL_TRY(memfd_new(name, bytes, &fd, err));
    if (fcntl(fd.n, F_ADD_SEALS, SEALS) != 0)
        return ol_fail_errno(err, OL_ERR_IO, "seal");
    *ret = ol_fd_take(&fd);
    return OL_OK;
}

/* posix_spawn, because a program with threads must not fork; the child gets three descriptors and
 * an empty environment. */
static ol_rc compiler_start(const char *const argv[], ol_fd input, ol_fd output, compiler *ret,
                            ol_err *err)
{
    static char *const no_environment[] = {NULL};
    OL_AUTO(compiler) c = {.self = OL_FD_NONE, .line = OL_FD_NONE};
    OL_AUTO(ol_fd) theirs = OL_FD_NONE;
    int pipe_ends[2];
    if (pipe2(pipe_ends, O_CLOEXEC) != 0)
        return ol_fail_errno(err, OL_ERR_IO, "pipe");
    c.line.n = pipe_ends[0];
    theirs.n = pipe_ends[1];

    /* Our numbers may be 3 and 4 themselves, so both move out of the way first. */
    OL_AUTO(ol_fd) in = OL_FD_NONE;
    OL_AUTO(ol_fd) out = OL_FD_NONE;
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    int bad = posix_spawn_file_actions_adddup2(&actions, theirs.n, STDOUT_FILENO);
    if (ol_fd_is_open(input)) {
        in.n = fcntl(input.n, F_DUPFD_CLOEXEC, CHILD_OUTPUT_FD + 1);
        out.n = fcntl(output.n, F_DUPFD_CLOEXEC, CHILD_OUTPUT_FD + 1);
        bad |= posix_spawn_file_actions_adddup2(&actions, in.n, CHILD_INPUT_FD);
        bad |= posix_spawn_file_actions_adddup2(&actions, out.n, CHILD_OUTPUT_FD);
    }
    bad |= posix_spawn_file_actions_addclosefrom_np(&actions, CHILD_OUTPUT_FD + 1);
    if (bad == 0)
        bad = posix_spawn(&c.pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv,
                          no_environment);
    (void)posix_spawn_file_actions_destroy(&actions);
    if (bad != 0) {
        c.pid = 0;
        (void)ol_fail(err, OL_ERR_ENVIRONMENT, "Cannot start the compiler");
        return ol_note(err, "%s: %s", argv[0], strerror(bad));
    }
    c.self.n = (int)syscall(SYS_pidfd_open, c.pid, 0);
    if (c.self.n < 0)
        return ol_fail_errno(err, OL_ERR_IO, "pidfd");
    *ret = c;
    c = (compiler){.self = OL_FD_NONE, .line = OL_FD_NONE};
    return OL_OK;
}

/* Reads its few lines, then waits for its death; a kill at the deadline. */
static ol_rc compiler_finish(compiler *c, int64_t deadline_ns, const ol_clock *clock, ol_buf *line,
                             int *ret_status, ol_err *err)
{
    bool reading = true;
    for (;;) {
        int64_t left_ns = deadline_ns - ol_mono_ns(clock);
        if (left_ns <= 0)
            return ol_fail(err, OL_ERR_TIMEOUT, "Compilation timed out");
        struct pollfd both[2] = {{.fd = c->self.n, .events = POLLIN},
                                 {.fd = reading ? c->line.n : -1, .events = POLLIN}};
        int64_t wait_ms = left_ns / 1000000 + 1;
        if (poll(both, 2, wait_ms > INT32_MAX ? INT32_MAX : (int)wait_ms) < 0 && errno != EINTR)
            return ol_fail_errno(err, OL_ERR_IO, "poll");
        if (both[1].revents != 0) { /* also once more after its death */
            uint8_t *room = ol_buf_reserve(line, LINE_BYTES_MAX / 2);
            ssize_t n = room == NULL ? 0 : read(c->line.n, room, LINE_BYTES_MAX / 2);
            if (n > 0)
                line->len += (size_t)n;
            else
                reading = n < 0 && errno == EINTR;
            continue;
        }
        if ((both[0].revents & POLLIN) != 0)
            break;
    }
    if (waitpid(c->pid, ret_status, 0) != c->pid)
        return ol_fail_errno(err, OL_ERR_IO, "wait");
    c->pid = 0;
    return OL_OK;
}

/* What the compiler said and how it ended, as our error. */
static ol_rc verdict(int status, ol_str said, ol_err *err)
{
    ol_str line = said, detail = OL_STR("");
    (void)ol_str_cut(said, '\n', &line, &detail);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && line.len > 0)
        return OL_OK;
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_WASM && line.len > 0) {
        (void)ol_fail(err, OL_ERR_WASM, "%.*s", OL_FMT(line));
        return detail.len == 0 ? OL_ERR_WASM : ol_note(err, "%.*s", OL_FMT(detail));
    }
    (void)ol_fail(err, OL_ERR_COMPILE, "Compilation failed");
    if (WIFSIGNALED(status))
        return ol_note(err, "compiler killed by signal %d", WTERMSIG(status));
    return ol_note(err, "compiler: %.*s", OL_FMT(line));
}

static ol_rc converse(const char *const argv[], ol_fd input, ol_fd output, int64_t deadline_ns,
                      const ol_clock *clock, char fingerprint[OL_AOT_FINGERPRINT_BYTES],
                      ol_err *err)
{
    uint8_t storage[LINE_BYTES_MAX];
    ol_buf line = ol_buf_over(storage, sizeof storage);
    OL_AUTO(compiler) c = {.self = OL_FD_NONE, .line = OL_FD_NONE};
    int status = 0;
    OL_TRY(compiler_start(argv, input, output, &c, err));
    OL_TRY(compiler_finish(&c, deadline_ns, clock, &line, &status, err));
    ol_str text = ol_str_trim(ol_buf_str(&line));
    OL_TRY(verdict(status, text, err));
    if (text.len >= OL_AOT_FINGERPRINT_BYTES)
        return ol_fail(err, OL_ERR_COMPILE, "Compilation failed");
    memcpy(fingerprint, text.data, text.len);
    fingerprint[text.len] = '\0';
    return OL_OK;
}

ol_rc ol_aot_compile(const ol_aot_plan *plan, ol_aot_artifact *ret, ol_err *err)
{
    OL_AUTO(ol_aot_artifact) made = {.memfd = OL_FD_NONE};
    OL_AUTO(ol_fd) input = OL_FD_NONE;
    char in[12], out[12], threads[12];
    int64_t started_ns = ol_mono_ns(plan->clock);

    if (plan->wasm.len > OL_AOT_WASM_BYTES_MAX)
        return ol_fail(err, OL_ERR_LIMIT, "WASM too large: %zu bytes (max %d)", plan->wasm.len,
                       OL_AOT_WASM_BYTES_MAX);
    OL_TRY(ol_aot_seal(plan->wasm, "wasm", &input, err));
    OL_TRY(memfd_new("artifact", (ol_bytes){NULL, 0}, &made.memfd, err));
    (void)snprintf(in, sizeof in, "%d", CHILD_INPUT_FD);
    (void)snprintf(out, sizeof out, "%d", CHILD_OUTPUT_FD);
    (void)snprintf(threads, sizeof threads, "%u",
                   plan->threads == 0 ? (unsigned)OL_AOT_THREADS_STANDARD : plan->threads);
    const char *const argv[] = {
        plan->program, plan->target == OL_AOT_P1 ? "p1" : "p2", in, out, threads, NULL};
    OL_TRY(
        converse(argv, input, made.memfd, plan->deadline_ns, plan->clock, made.fingerprint, err));

    if (fcntl(made.memfd.n, F_ADD_SEALS, SEALS) != 0)
        return ol_fail_errno(err, OL_ERR_IO, "seal");
    off_t bytes = lseek(made.memfd.n, 0, SEEK_END);
    if (bytes <= 0)
        return ol_fail(err, OL_ERR_COMPILE, "Compilation failed");
    made.bytes = (size_t)bytes;
    made.compile_ms = (ol_mono_ns(plan->clock) - started_ns) / 1000000;
    *ret = made;
    made.memfd = OL_FD_NONE;
    return OL_OK;
}

ol_rc ol_aot_fingerprint(const char *program, char ret[OL_AOT_FINGERPRINT_BYTES], ol_err *err)
{
    const char *const argv[] = {program, "--fingerprint", NULL};
    const ol_clock *clock = ol_clock_real();
    int64_t deadline_ns = ol_mono_ns(clock) + (int64_t)FINGERPRINT_SECONDS * 1000000000;
    return converse(argv, OL_FD_NONE, OL_FD_NONE, deadline_ns, clock, ret, err);
}
