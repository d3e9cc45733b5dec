#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/sandbox/fences.h"
#include "lib/sandbox/pidfd.h"
#include "lib/sandbox/sanitized.h"
#include "lib/sandbox/sealed_memfd.h"
#include "lib/sandbox/seccomp.h"
#include "lib/sandbox/spawn.h"
#include "tests/harness/test.h"

enum { GOOD = 42, BAD = 43 };

/* Runs `body` in a process of its own; its wait status. */
static int in_child(int (*body)(void))
{
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        _exit(body());
    int status = 0;
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    return status;
}

static void check_good(int status, const char *row)
{
    CHECK_ROW(WIFEXITED(status), row);
    if (WEXITSTATUS(status) == 77)
        ol_test_skip("the kernel gives no network namespace here");
    CHECK_EQ_ROW(WEXITSTATUS(status), GOOD, row);
}

/* ---- fences -------------------------------------------------------------------------------- */

static ol_fences raised(void)
{
    ol_err err = {0};
    ol_fences f = {0};
    if (ol_fences_raise(&f, &err) != OL_OK) {
        (void)fprintf(stderr, "%s\n", err.text);
        _exit(strstr(err.text, "namespace") != NULL ? 77 : BAD);
    }
    return f;
}

static int check_network(void)
{
    ol_err err = {0};
    ol_fences f = raised();
    return f.network && ol_network_check_unreachable(&err) == OL_OK ? GOOD : BAD;
}

TEST("behind the fences there is no network interface that is up")
{
    check_good(in_child(check_network), "network");
}

static int check_privileges(void)
{
    (void)raised();
    struct rlimit core;
    bool good = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 && prctl(PR_GET_DUMPABLE) == 0 &&
                getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0 && setuid(0) != 0 &&
                unshare(CLONE_NEWUTS) != 0;
    return good ? GOOD : BAD;
}

TEST("behind the fences there are no privileges, no core file, no way back to root")
{
    check_good(in_child(check_privileges), "privileges");
}

static int check_files(void)
{
    ol_fences f = raised();
    bool good = true;
    if (f.mount)
        good = access("/etc/passwd", F_OK) != 0 && access("/usr", F_OK) != 0;
    if (f.landlock)
        good = good && open("/proc/self/status", O_RDONLY) < 0 && open("/", O_RDONLY) < 0;
    return good && open("/tmp/x", O_WRONLY | O_CREAT, 0600) < 0 ? GOOD : BAD;
}

TEST("behind the fences there is no file to read and none to make")
{
    check_good(in_child(check_files), "files");
}

static int check_memfd_by_name(void)
{
    ol_err err = {0};
    OL_AUTO(ol_fd) fd = OL_FD_NONE;
    char name[64];
    uint8_t got[4];
    if (ol_sealed_memfd("artifact", ol_str_bytes(OL_STR("code")), (ol_bytes){NULL, 0}, &fd, &err) !=
        OL_OK)
        return BAD;
    ol_fences f = raised();
    if (!f.mount)
        return GOOD;
    (void)snprintf(name, sizeof name, "/proc/self/fd/%d", fd.n);
    int again = open(name, O_RDONLY);
    return again >= 0 && read(again, got, 4) == 4 && memcmp(got, "code", 4) == 0 ? GOOD : BAD;
}

TEST("an artifact's descriptor still opens by its name: the engine asks for it so")
{
    check_good(in_child(check_memfd_by_name), "memfd");
}

TEST("a reachable network is said by the name of its interface")
{
    ol_err err = {0};
    if (ol_network_check_unreachable(&err) == OL_OK)
        ol_test_skip("this machine has no network");
    CHECK_EQ(err.rc, OL_ERR_SANDBOX);
    CHECK_HAS(ol_err_text(&err), OL_STR("interface"), "text");
}

TEST("the active fences read as one line")
{
    uint8_t storage[128];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_fences f = {.network = true, .landlock = true, .seccomp = true};
    ol_fences_format(&f, &text);
    CHECK_STR(ol_buf_str(&text), OL_STR("net landlock seccomp"));
}

/* ---- system calls -------------------------------------------------------------------------- */

static int (*under_filter)(void);
static bool filter_of_run;

static int filtered(void)
{
    ol_err err = {0};
    ol_seccomp filter = {0};
    ol_rc rc =
        filter_of_run ? ol_seccomp_for_run(&filter, &err) : ol_seccomp_for_template(&filter, &err);
    if (rc != OL_OK || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ol_seccomp_load(&filter, &err) != OL_OK)
        return BAD;
    return under_filter();
}

static int try_exec(void)
{
    static char *const argv[] = {NULL};
    (void)syscall(SYS_execve, "/bin/true", argv, argv);
    return BAD;
}

static int try_fork(void)
{
    (void)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    return BAD;
}

static int try_vfork(void)
{
    (void)syscall(SYS_vfork);
    return BAD;
}

static int try_socket(void)
{
    (void)socket(AF_INET, SOCK_STREAM, 0);
    return BAD;
}

static int try_connect(void)
{
    (void)syscall(SYS_connect, 0, NULL, 0);
    return BAD;
}

static int try_open(void)
{
    (void)open("/etc/passwd", O_RDONLY);
    return BAD;
}

static int try_executable_map(void)
{
    (void)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return BAD;
}

static int try_executable_protect(void)
{
    static uint8_t page[8192];
    uint8_t *at = page + (4096 - (uintptr_t)page % 4096);
    (void)mprotect(at, 4096, PROT_READ | PROT_EXEC);
    return BAD;
}

static int try_ptrace(void)
{
    (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    return BAD;
}

static int try_kill(void)
{
    (void)kill(getppid(), 0);
    return BAD;
}

static int try_kill_only(void)
{
    (void)syscall(SYS_kill, 1, 0);
    return BAD;
}

static int try_tgkill(void)
{
    (void)syscall(SYS_tgkill, 1, 1, 0);
    return BAD;
}

static int try_unshare(void)
{
    (void)unshare(CLONE_NEWUSER);
    return BAD;
}

static int try_memfd(void)
{
    (void)memfd_create("x", 0);
    return BAD;
}

static int try_prctl(void)
{
    (void)prctl(PR_SET_DUMPABLE, 1);
    return BAD;
}

static int try_io_uring(void)
{
    (void)syscall(425, 1, NULL); /* io_uring_setup */
    return BAD;
}

static int work_of_run(void)
{
    void *memory = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || munmap(memory, 65536) != 0)
        return BAD;
    return ol_mono_ns(ol_clock_real()) > 0 ? GOOD : BAD;
}

static const struct {
    const char *row;
    int (*call)(void);
} FORBIDDEN_IN_RUN[] = {
    {"exec", try_exec},
    {"fork", try_fork},
    {"vfork", try_vfork},
    {"socket", try_socket},
    {"connect", try_connect},
    {"open", try_open},
    {"executable mmap", try_executable_map},
    {"executable mprotect", try_executable_protect},
    {"ptrace", try_ptrace},
    {"getppid and kill", try_kill},
    {"kill", try_kill_only},
    {"tgkill", try_tgkill},
    {"unshare", try_unshare},
    {"memfd_create", try_memfd},
    {"prctl", try_prctl},
    {"io_uring", try_io_uring},
};

TEST("in a run every forbidden system call is death by SIGSYS")
{
    if (OL_INSTRUMENTED)
        ol_test_skip(OL_INSTRUMENTED_WHY);
    filter_of_run = true;
    OL_EACH (c, FORBIDDEN_IN_RUN) {
        under_filter = c->call;
        int status = in_child(filtered);
        CHECK_ROW(WIFSIGNALED(status), c->row);
        CHECK_EQ_ROW(WTERMSIG(status), SIGSYS, c->row);
    }
}

TEST("in a run the work of a guest goes on")
{
    filter_of_run = true;
    under_filter = work_of_run;
    check_good(in_child(filtered), "work");
}

static int fork_and_wait(void)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 ? GOOD : BAD;
}

TEST("a template forks, but does not exec, open sockets or make namespaces")
{
    filter_of_run = false;
    under_filter = fork_and_wait;
#ifdef OL_SANITIZED
    ol_test_skip("a sanitizer's handlers around fork need system calls of their own");
#endif
    check_good(in_child(filtered), "fork");
    static int (*const forbidden[])(void) = {try_exec,   try_vfork,   try_socket,    try_connect,
                                             try_ptrace, try_unshare, try_kill_only, try_tgkill};
    OL_EACH (call, forbidden) {
        under_filter = *call;
        int status = in_child(filtered);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
    }
}

/* ---- processes and memory ------------------------------------------------------------------ */

static ol_process spawn(const char *const *argv, ol_fd out)
{
    ol_err err = {0};
    ol_process process = OL_PROCESS_NONE;
    const ol_fd keep[] = {OL_FD_NONE, out, OL_FD_NONE};
    const ol_spawn_plan plan = {
        .program = argv[0], .argv = argv, .keep = keep, .keep_count = OL_COUNT(keep)};
    CHECK_OK(ol_spawn(&plan, &process, &err));
    return process;
}

static void said(const char *const *argv, ol_buf *text)
{
    ol_err err = {0};
    int ends[2];
    CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
    OL_AUTO(ol_fd) from = {ends[0]};
    OL_AUTO(ol_fd) to = {ends[1]};
    OL_AUTO(ol_process) process = spawn(argv, to);
    ol_fd_deinit(&to);
    CHECK_OK(ol_read_all(from, text, &err));
}

TEST("a spawned program has no environment and only the descriptors it was given")
{
    static const char *const env[] = {"/usr/bin/env", NULL};
    static const char *const ls[] = {"/bin/ls", "/proc/self/fd", NULL};
    ol_buf text = ol_buf_new(OL_KIB(4));
    CHECK_EQ(setenv("CANARY_SECRET", "s3cr3t", 1), 0);
    said(env, &text);
    CHECK_STR(ol_buf_str(&text), OL_STR(""));
    ol_buf_clear(&text);
    said(ls, &text); /* 3 is the folder it lists */
    CHECK_STR(ol_buf_str(&text), OL_STR("0\n1\n2\n3\n"));
    ol_buf_deinit(&text);
}

TEST("a spawned program that is not there is said so")
{
    static const char *const argv[] = {"/nowhere/program", NULL};
    ol_err err = {0};
    ol_process process = OL_PROCESS_NONE;
    const ol_fd keep[] = {OL_FD_NONE, OL_FD_NONE, OL_FD_NONE};
    const ol_spawn_plan plan = {.program = argv[0], .argv = argv, .keep = keep, .keep_count = 3};
    CHECK_EQ(ol_spawn(&plan, &process, &err), OL_ERR_ENVIRONMENT);
    CHECK_HAS(ol_err_text(&err), OL_STR("/nowhere/program"), "text");
}

TEST("letting go of a process ends it and its group")
{
    static const char *const argv[] = {"/bin/sh", "-c", "sleep 1000 & echo $!; wait", NULL};
    ol_err err = {0};
    int ends[2];
    char line[32] = "";
    CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
    OL_AUTO(ol_fd) from = {ends[0]};
    OL_AUTO(ol_fd) to = {ends[1]};
    ol_process process = spawn(argv, to);
    ol_fd_deinit(&to);
    CHECK(read(from.n, line, sizeof line - 1) > 0);
    OL_AUTO(ol_fd) grandchild = OL_FD_NONE;
    CHECK_OK(ol_pidfd_open((pid_t)strtol(line, NULL, 10), &grandchild, &err));
    CHECK(!ol_pidfd_ended(grandchild, 0));
    ol_process_deinit(&process);
    CHECK(ol_pidfd_ended(grandchild, ol_mono_ns(ol_clock_real()) + INT64_C(5000000000)));
}

TEST("a pidfd kills and tells of the end")
{
    static const char *const argv[] = {"/bin/sleep", "1000", NULL};
    ol_process process = spawn(argv, OL_FD_NONE);
    CHECK(!ol_pidfd_ended(process.pidfd, 0));
    ol_pidfd_kill(process.pidfd);
    CHECK(ol_pidfd_ended(process.pidfd, ol_mono_ns(ol_clock_real()) + INT64_C(5000000000)));
    int status = ol_process_wait(&process);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    ol_process_deinit(&process);
}

TEST("sealed memory cannot be written, resized or unsealed, and maps only at its own size")
{
    ol_err err = {0};
    OL_AUTO(ol_fd) fd = OL_FD_NONE;
    ol_bytes view;
    CHECK_OK(
        ol_sealed_memfd("t", ol_str_bytes(OL_STR("ab")), ol_str_bytes(OL_STR("cd")), &fd, &err));
    CHECK(ol_memfd_is_sealed(fd.n));
    CHECK(pwrite(fd.n, "x", 1, 0) < 0);
    CHECK(ftruncate(fd.n, 1) < 0);
    CHECK(ftruncate(fd.n, 100) < 0);
    CHECK(mmap(NULL, 4, PROT_WRITE, MAP_SHARED, fd.n, 0) == MAP_FAILED);
    CHECK_EQ(ol_memfd_map(fd.n, 5, &view, &err), OL_ERR_PROTOCOL);
    CHECK_OK(ol_memfd_map(fd.n, 4, &view, &err));
    CHECK_STR(ol_bytes_str(view), OL_STR("abcd"));
    OL_AUTO(ol_fd) open_one = {memfd_create("u", MFD_CLOEXEC)};
    CHECK(!ol_memfd_is_sealed(open_one.n));
    CHECK(!ol_memfd_is_sealed(STDERR_FILENO));
}

static int xcpu(void)
{
    ol_err err = {0};
    if (ol_rlimit_lower(RLIMIT_NOFILE, 10, &err) != OL_OK ||
        ol_rlimit_lower(RLIMIT_NOFILE, 20, &err) != OL_OK)
        return BAD;
    struct rlimit now;
    return getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_max == 10 ? GOOD : BAD;
}

TEST("a limit that was lowered is not raised again")
{
    check_good(in_child(xcpu), "limit");
}
