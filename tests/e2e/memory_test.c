/* Whoever runs as the same user reads a process's memory, unless the process forbids it (threat
 * model, "Somebody on the machine"). A program of its own, so that a machine on which this cannot
 * be tried shows as a skipped test. */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/harness/stack.h"
#include "tests/harness/test.h"

enum { NOBODY = 65534, PATH_BYTES = 512 };
#define BALANCE_MICRO_USD UINT64_C(100000000)

static const char *const PROJECTS[] = {"echo=examples/echo.wasm", NULL};
static const stack_options OPTIONS = {.slots = 1, .projects = PROJECTS};

/* How the child ended. */
enum { GOOD = 42, BAD, NO_SUCH_USER, NOTHING_READABLE, NO_PROGRAMS, NO_SANDBOX };

static const char *skip_reason(int status)
{
    switch (status) {
    case NO_SUCH_USER:
        return "this machine does not let root become another user";
    case NOTHING_READABLE:
        return "this machine lets nobody read the memory of any process of his";
    case NO_PROGRAMS:
        return "an ordinary user cannot reach the programs, nor a copy of them";
    case NO_SANDBOX:
        return "an ordinary user's worker cannot build its sandbox here";
    default:
        return NULL;
    }
}

/* Whether an ordinary user's process can look into the memory of another of his. */
static bool readable(pid_t pid)
{
    char path[64];
    struct stat about;
    (void)snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool opened = fd >= 0;
    if (opened)
        (void)close(fd);
    bool traced = ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0;
    bool owned = stat(path, &about) == 0 && about.st_uid == geteuid();
    return opened || traced || owned;
}

static bool run(char *const argv[])
{
    pid_t pid;
    int status = 1;
    return posix_spawn(&pid, argv[0], NULL, NULL, argv, environ) == 0 &&
           waitpid(pid, &status, 0) == pid && status == 0;
}

static bool sleeper_is_readable(void)
{
    pid_t pid;
    char *const argv[] = {(char[]){"sleep"}, (char[]){"60"}, NULL};
    if (posix_spawn(&pid, "/bin/sleep", NULL, NULL, argv, NULL) != 0)
        return false;
    bool readable_at_all = readable(pid);
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    return readable_at_all;
}

static bool reachable(void)
{
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/outlayer-worker", getenv("OL_BIN"));
    return access(path, X_OK) == 0;
}

static int look(void)
{
    stack s;
    ol_err err = {0};
    if (!sleeper_is_readable())
        return NOTHING_READABLE;
    if (!reachable())
        return NO_PROGRAMS;
    if (stack_open(&s, &OPTIONS, BALANCE_MICRO_USD, &err) != OL_OK) {
        (void)fprintf(stderr, "    as nobody: %s\n", err.text);
        bool coordinator_runs = s.pid[STACK_COORDINATOR] > 0;
        stack_deinit(&s);
        return coordinator_runs ? NO_SANDBOX : BAD;
    }
    bool seen = readable(s.pid[STACK_COORDINATOR]) || readable(s.pid[STACK_WORKER]);
    stack_deinit(&s);
    return seen ? BAD : GOOD;
}

/* A build below root's home is out of others' reach: they get a copy. */
static void programs_copy(const char *folder)
{
    char from[PATH_BYTES];
    char to[PATH_BYTES];
    const char *const variable[] = {"OL_BIN", "OL_WASM"};
    const char *const name[] = {"bin", "wasm"};
    for (int i = 0; i < 2; i++) {
        const char *source = getenv(variable[i]);
        CHECK_ROW(source != NULL, variable[i]);
        (void)snprintf(from, sizeof from, "%s", source);
        (void)snprintf(to, sizeof to, "%s/%s", folder, name[i]);
        char *const argv[] = {(char[]){"/bin/cp"}, (char[]){"-r"}, from, to, NULL};
        CHECK_ROW(run(argv), source);
        CHECK(setenv(variable[i], to, 1) == 0);
    }
}

TEST("another process of the same user cannot read the memory of coordinator and worker")
{
    char folder[] = "/tmp/outlayer-memory.XXXXXX";
    CHECK(mkdtemp(folder) != NULL && chmod(folder, 0755) == 0);
    programs_copy(folder);
    (void)fflush(NULL);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        bool other = geteuid() != 0 || (setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
                                        setresuid(NOBODY, NOBODY, NOBODY) == 0);
        _exit(other ? look() : NO_SUCH_USER);
    }
    int status = 0;
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    char *const argv[] = {(char[]){"/bin/rm"}, (char[]){"-rf"}, folder, NULL};
    CHECK(run(argv));
    CHECK(WIFEXITED(status));
    const char *reason = skip_reason(WEXITSTATUS(status));
    if (reason != NULL)
        ol_test_skip(reason);
    CHECK_EQ(WEXITSTATUS(status), GOOD);
}
