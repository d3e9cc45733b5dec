#include "cli/dev_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { ENVIRONMENT_MAX = 1024, EXIT_NOT_STARTED = 127 };

void dev_variable(const cli *it, dev_spawn *spawn, const char *name, ol_str value)
{
    ol_str text = ol_arena_printf(it->arena, "%s=%.*s", name, OL_FMT(value));
    OL_ASSERT(spawn->variables < DEV_VARIABLES_MAX);
    if (text.data != NULL)
        spawn->variable[spawn->variables++] = text.data;
}

static void environment_fill(const dev_spawn *spawn, char *into[ENVIRONMENT_MAX + 1])
{
    size_t count = 0;
    for (size_t i = 0; i < spawn->variables; i++)
        into[count++] = (char *)(uintptr_t)spawn->variable[i];
    bool ours_too = spawn->inherit || spawn->inherit_environment;
    for (char **given = environ; ours_too && *given != NULL && count < ENVIRONMENT_MAX; given++) {
        bool ours = false; /* the first of two equal names counts: leave the second out */
        size_t name = strcspn(*given, "=") + 1;
        for (size_t i = 0; i < spawn->variables; i++)
            ours = ours || strncmp(spawn->variable[i], *given, name) == 0;
        if (!ours)
            into[count++] = *given;
    }
    into[count] = NULL;
}

/* The child's side of fork: only system calls from here on. */
static _Noreturn void become(const dev_spawn *spawn, char *const *argv, char *const *environment,
                             int log, pid_t parent)
{
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_NOT_STARTED); /* dev died in between */
    if (!spawn->inherit) {
        int nothing = open("/dev/null", O_RDWR);
        (void)setpgid(0, 0); /* a terminal's Ctrl-C is for dev, which stops its children in order */
        (void)dup2(nothing, STDIN_FILENO);
        (void)dup2(spawn->result ? log : nothing, STDOUT_FILENO);
        if (!spawn->result)
            (void)dup2(log, STDERR_FILENO);
        if (nothing > STDERR_FILENO)
            (void)close(nothing);
    }
    (void)execve(spawn->program, argv, environment);
    _exit(EXIT_NOT_STARTED);
}

ol_rc dev_child_start(const dev_spawn *spawn, dev_child *ret, ol_err *err)
{
    char *environment[ENVIRONMENT_MAX + 1];
    char *const alone[] = {(char *)(uintptr_t)spawn->program, NULL};
    int ends[2] = {-1, -1};
    pid_t parent = getpid();
    environment_fill(spawn, environment);
    if (!spawn->inherit && pipe2(ends, O_CLOEXEC) != 0)
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "cannot make a pipe");
    ret->log = (ol_fd){ends[0]};
    OL_AUTO(ol_fd) theirs = {ends[1]};
    pid_t pid = fork();
    if (pid == 0)
        become(spawn, spawn->argv != NULL ? spawn->argv : alone, environment, theirs.n, parent);
    if (pid < 0) {
        ol_fd_deinit(&ret->log);
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "cannot start %s", spawn->name);
    }
    ret->name = spawn->name;
    ret->pid = pid;
    ret->held = 0;
    ret->log_ended = false;
    ret->self = (ol_fd){(int)syscall(SYS_pidfd_open, pid, 0)};
    if (ol_fd_is_open(ret->log))
        (void)fcntl(ret->log.n, F_SETFL, O_NONBLOCK);
    return OL_OK;
}

void dev_child_signal(const dev_child *child, int number)
{
    if (child->pid > 0)
        (void)kill(child->pid, number); /* not reaped yet: the number is still its own */
}

bool dev_child_ended(dev_child *child, int *ret_status)
{
    if (child->pid <= 0 || waitpid(child->pid, ret_status, WNOHANG) != child->pid)
        return false;
    child->pid = 0;
    ol_fd_deinit(&child->self);
    return true;
}

void dev_child_stop(dev_child *child, int ms)
{
    int status;
    if (child->pid <= 0)
        return;
    struct pollfd end = {.fd = child->self.n, .events = POLLIN};
    while (poll(&end, 1, ms) < 0 && errno == EINTR) {
    }
    if (dev_child_ended(child, &status))
        return;
    dev_child_signal(child, SIGKILL);
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
    }
    child->pid = 0;
    ol_fd_deinit(&child->self);
}

static void lines_take(dev_child *child, dev_on_line *on_line, void *context)
{
    size_t from = 0;
    char *end;
    while ((end = memchr(child->line + from, '\n', child->held - from)) != NULL) {
        size_t len = (size_t)(end - child->line) - from;
        on_line(context, child, (ol_str){child->line + from, len});
        from += len + 1;
    }
    if (from == 0 && child->held == sizeof child->line) {
        on_line(context, child, (ol_str){child->line, child->held});
        from = child->held;
    }
    child->held -= from;
    memmove(child->line, child->line + from, child->held);
}

bool dev_child_read(dev_child *child, dev_on_line *on_line, void *context)
{
    for (;;) {
        ssize_t n = read(child->log.n, child->line + child->held, sizeof child->line - child->held);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN;
        if (n == 0)
            return false;
        child->held += (size_t)n;
        lines_take(child, on_line, context);
    }
}

ol_rc dev_program_run(const cli *it, dev_spawn *spawn, ol_str *ret, ol_err *err)
{
    enum { RESULT_BYTES_MAX = 65536 };
    OL_AUTO(ol_buf) text = ol_buf_new(RESULT_BYTES_MAX);
    dev_child child = {0};
    int status = 0;
    spawn->result = true;
    OL_TRY(dev_child_start(spawn, &child, err));
    (void)fcntl(child.log.n, F_SETFL, 0); /* nothing else to do meanwhile */
    ol_rc rc = ol_read_all(child.log, &text, err);
    ol_fd_deinit(&child.log);
    while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
    }
    ol_fd_deinit(&child.self);
    if (rc == OL_OK && status != 0)
        return ol_fail(err, OL_ERR_ENVIRONMENT, "%s ended with status %d", spawn->name,
                       WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    if (rc == OL_OK && !ol_arena_copy(it->arena, ol_str_trim(ol_buf_str(&text)), ret))
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    return rc;
}
