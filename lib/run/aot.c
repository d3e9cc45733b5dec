#include "lib/run/aot.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/num.h"
#include "lib/sandbox/sealed_memfd.h"
#include "lib/sandbox/spawn.h"

/* The compiler's descriptors. */
enum { CHILD_OUT = 1, CHILD_ERR = 2, CHILD_INPUT = 3, CHILD_ARTIFACT = 4, CHILD_FDS };

enum {
    LINES_BYTES_MAX = 2048,
    EXIT_WASM = 1,
    FINGERPRINT_SECONDS = 10,
};

void ol_aot_artifact_deinit(ol_aot_artifact *artifact)
{
    ol_fd_deinit(&artifact->memfd);
}

ol_rc ol_aot_seal(ol_bytes bytes, const char *name, ol_fd *ret, ol_err *err)
{
    return ol_sealed_memfd(name, bytes, (ol_bytes){NULL, 0}, ret, err);
}

/* `said` reads what the compiler prints. */
static ol_rc compiler_start(const char *const argv[], ol_fd input, ol_fd artifact, ol_process *ret,
                            ol_fd *ret_said, ol_err *err)
{
    OL_AUTO(ol_fd) ours = OL_FD_NONE;
    OL_AUTO(ol_fd) theirs = OL_FD_NONE;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return ol_fail_errno(err, OL_ERR_IO, "pipe");
    ours.n = ends[0];
    theirs.n = ends[1];
    const ol_fd keep[CHILD_FDS] = {OL_FD_NONE, theirs, {STDERR_FILENO}, input, artifact};
    const ol_spawn_plan plan = {
        .program = argv[0],
        .argv = argv,
        .keep = keep,
        .keep_count = ol_fd_is_open(input) ? CHILD_FDS : CHILD_INPUT,
    };
    OL_TRY(ol_spawn(&plan, ret, err));
    *ret_said = ol_fd_take(&ours);
    return OL_OK;
}

/* Reads its few lines, then waits for its death. Who calls kills it at the deadline. */
static ol_rc compiler_finish(ol_process *c, ol_fd said, int64_t deadline_ns, const ol_clock *clock,
                             ol_buf *lines, int *ret_status, ol_err *err)
{
    bool reading = true;
    for (;;) {
        int64_t left_ns = deadline_ns - ol_mono_ns(clock);
        if (left_ns <= 0)
            return ol_fail(err, OL_ERR_TIMEOUT, "Compilation timed out");
        struct pollfd both[2] = {{.fd = c->pidfd.n, .events = POLLIN},
                                 {.fd = reading ? said.n : -1, .events = POLLIN}};
        int64_t wait_ms = left_ns / 1000000 + 1;
        if (poll(both, 2, wait_ms > INT32_MAX ? INT32_MAX : (int)wait_ms) < 0 && errno != EINTR)
            return ol_fail_errno(err, OL_ERR_IO, "poll");
        if (both[1].revents != 0) { /* also once more after its death */
            uint8_t *room = ol_buf_reserve(lines, LINES_BYTES_MAX / 2);
            ssize_t n = room == NULL ? 0 : read(said.n, room, LINES_BYTES_MAX / 2);
            if (n > 0)
                lines->len += (size_t)n;
            else
                reading = n < 0 && errno == EINTR;
            continue;
        }
        if ((both[0].revents & POLLIN) != 0)
            break;
    }
    *ret_status = ol_process_wait(c);
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

static ol_rc converse(const char *const argv[], ol_fd input, ol_fd artifact, int64_t deadline_ns,
                      const ol_clock *clock, char fingerprint[OL_AOT_FINGERPRINT_BYTES],
                      ol_err *err)
{
    uint8_t storage[LINES_BYTES_MAX];
    ol_buf lines = ol_buf_over(storage, sizeof storage);
    OL_AUTO(ol_process) c = OL_PROCESS_NONE;
    OL_AUTO(ol_fd) said = OL_FD_NONE;
    int status = 0;
    OL_TRY(compiler_start(argv, input, artifact, &c, &said, err));
    OL_TRY(compiler_finish(&c, said, deadline_ns, clock, &lines, &status, err));
    ol_str text = ol_str_trim(ol_buf_str(&lines));
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
    made.memfd.n = memfd_create("artifact", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (made.memfd.n < 0)
        return ol_fail_errno(err, OL_ERR_IO, "memfd");
    (void)snprintf(in, sizeof in, "%d", CHILD_INPUT);
    (void)snprintf(out, sizeof out, "%d", CHILD_ARTIFACT);
    (void)snprintf(threads, sizeof threads, "%u",
                   plan->threads == 0 ? (unsigned)OL_AOT_THREADS_STANDARD : plan->threads);
    const char *const argv[] = {
        plan->program, plan->target == OL_AOT_P1 ? "p1" : "p2", in, out, threads, NULL};
    OL_TRY(
        converse(argv, input, made.memfd, plan->deadline_ns, plan->clock, made.fingerprint, err));

    if (fcntl(made.memfd.n, F_ADD_SEALS,
              F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
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
