#include "tests/e2e/cli_run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "tests/harness/test.h"

enum { LINE_BYTES_MAX = 8192, STREAM_BYTES_MAX = 64 << 20, RUN_MS = 60000, GONE_MS = 10000 };

void cli_result_deinit(cli_result *result)
{
    ol_buf_deinit(&result->out);
    ol_buf_deinit(&result->err);
}

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    CHECK_ROW(value != NULL, name);
    return value;
}

/* The programs see the test's settings, never those of whoever runs it: a network that happens to
 * be up, keys in a home folder. */
static void own_settings(void)
{
    static const char *const FOREIGN[] = {"OUTLAYER_API", "OUTLAYER_NETWORK",
                                          "OUTLAYER_CREDENTIALS", "PAYMENT_KEY"};
    char home[96];
    OL_EACH (name, FOREIGN)
        (void)unsetenv(*name);
    (void)snprintf(home, sizeof home, "%s/outlayer-home", cli_folder());
    (void)setenv("OUTLAYER_HOME", home, 1);
}

static _Noreturn void become(const char *line, int out, int err)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s:/usr/bin:/bin", variable("OL_BIN"));
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void)setenv("PATH", path, 1);
    own_settings();
    (void)dup2(out, STDOUT_FILENO);
    (void)dup2(err, STDERR_FILENO);
    if (chdir(variable("OL_WASM")) != 0)
        _exit(126);
    (void)execl("/bin/sh", "sh", "-c", line, (char *)NULL);
    _exit(127);
}

/* One read of what is there; false at the end. */
static bool take(int fd, ol_buf *into)
{
    uint8_t *at = ol_buf_reserve(into, 65536);
    CHECK(at != NULL);
    ssize_t n = read(fd, at, 65536);
    if (n > 0)
        into->len += (size_t)n;
    return n > 0 || (n < 0 && errno == EINTR);
}

cli_result cli_shell(const char *line, ...)
{
    char text[LINE_BYTES_MAX];
    int out[2], err[2], status = 0;
    cli_result result = {.out = ol_buf_new(STREAM_BYTES_MAX), .err = ol_buf_new(STREAM_BYTES_MAX)};
    va_list arguments;
    va_start(arguments, line);
    CHECK(vsnprintf(text, sizeof text, line, arguments) < (int)sizeof text);
    va_end(arguments);
    CHECK(pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0);
    (void)cli_folder(); /* made by us, who remove it */
    (void)fflush(NULL);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        become(text, out[1], err[1]);
    (void)close(out[1]);
    (void)close(err[1]);
    int64_t until = ol_mono_ns(ol_clock_real()) + (int64_t)RUN_MS * 1000000;
    struct pollfd fds[] = {{.fd = out[0], .events = POLLIN}, {.fd = err[0], .events = POLLIN}};
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        int64_t left = (until - ol_mono_ns(ol_clock_real())) / 1000000;
        if (left <= 0 || poll(fds, 2, (int)left) == 0) {
            (void)kill(-pid, SIGKILL);
            ol_test_fail(__FILE__, __LINE__, "still running after %d ms: %s", RUN_MS, text);
        }
        if (fds[0].revents != 0 && !take(fds[0].fd, &result.out))
            fds[0].fd = -1;
        if (fds[1].revents != 0 && !take(fds[1].fd, &result.err))
            fds[1].fd = -1;
    }
    (void)close(out[0]);
    (void)close(err[0]);
    CHECK(waitpid(pid, &status, 0) == pid);
    result.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

cli_result cli_in_dev(const char *copies, const char *lines)
{
    const char *f = cli_folder();
    return cli_shell("export P=%s/p W=$PWD/contracts; rm -rf $P %s/s; mkdir -p $P; %s\n"
                     "cat > %s/lines <<'END'\n%s\nEND\n"
                     "outlayer dev --projects $P --state %s/s --once --exec 'cd %s; sh lines' "
                     "2>%s/log",
                     f, f, copies, f, lines, f, f, f);
}

static char folder[64];

static void folder_remove(void)
{
    char line[128];
    (void)snprintf(line, sizeof line, "rm -rf %s", folder);
    pid_t pid = fork();
    if (pid == 0) {
        (void)execl("/bin/sh", "sh", "-c", line, (char *)NULL);
        _exit(127);
    }
    (void)waitpid(pid, NULL, 0);
}

const char *cli_folder(void)
{
    if (folder[0] == '\0') {
        (void)snprintf(folder, sizeof folder, "/tmp/outlayer-cli.XXXXXX");
        CHECK(mkdtemp(folder) != NULL);
        /* What outlives its parent becomes ours, and is counted. */
        (void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        (void)atexit(folder_remove);
    }
    return folder;
}

/* Its parent; 0 when it is gone. */
static pid_t parent_of(pid_t pid)
{
    char path[64], text[1024];
    int parent = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    size_t n = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    text[n] = '\0';
    const char *behind_name = strrchr(text, ')');
    if (behind_name == NULL || sscanf(behind_name, ") %*c %d", &parent) != 1)
        return 0;
    return parent;
}

static bool is_ours(pid_t pid)
{
    while (pid > 1 && pid != getpid())
        pid = parent_of(pid);
    return pid == getpid();
}

/* Processes of ours whose program is OL_BIN/name, or any there (NULL). */
static unsigned count_processes(const char *name, pid_t *ret_last)
{
    unsigned count = 0;
    char bin[4096];
    CHECK(realpath(variable("OL_BIN"), bin) != NULL);
    DIR *proc = opendir("/proc");
    CHECK(proc != NULL);
    for (struct dirent *e; (e = readdir(proc)) != NULL;) {
        char path[512], program[4096];
        uint32_t pid;
        (void)snprintf(path, sizeof path, "/proc/%s/exe", e->d_name);
        ssize_t n = readlink(path, program, sizeof program - 1);
        if (n <= 0 || !ol_u32_parse(ol_str_of(e->d_name), &pid))
            continue;
        program[n] = '\0';
        const char *file = program + strlen(bin) + 1;
        if (strncmp(program, bin, strlen(bin)) != 0 || file[-1] != '/' ||
            (name != NULL && strcmp(file, name) != 0) || !is_ours((pid_t)pid))
            continue;
        *ret_last = (pid_t)pid;
        count++;
    }
    (void)closedir(proc);
    return count;
}

unsigned cli_processes(void)
{
    pid_t any;
    return count_processes(NULL, &any);
}

pid_t cli_process_find(const char *name)
{
    pid_t pid = 0;
    CHECK_EQ(count_processes(name, &pid), 1);
    return pid;
}

bool cli_processes_gone(void)
{
    int64_t until = ol_mono_ns(ol_clock_real()) + (int64_t)GONE_MS * 1000000;
    while (cli_processes() > 0) {
        if (ol_mono_ns(ol_clock_real()) > until)
            return false;
        (void)poll(NULL, 0, 10);
    }
    return true;
}
