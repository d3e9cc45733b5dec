/* A terminal of the test's own, with somebody who types. */
#include "cli/prompt.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "tests/harness/test.h"

enum { DEADLINE_MS = 30000, EXIT_FINE = 0, EXIT_INTERRUPTED = 130, EXIT_OTHER = 9 };

typedef struct typist {
    ol_fd master;
    pid_t child;
    char shown[1024]; /* all that stood on the screen */
    size_t shown_len;
} typist;

/* The child has the terminal as its own and expects "open sesame". */
static void ask(const char *terminal)
{
    static char line[PROMPT_LINE_BYTES];
    ol_err err = {0};
    ol_str got;
    (void)setsid();
    int slave = open(terminal, O_RDWR);
    (void)dup2(slave, STDIN_FILENO);
    (void)dup2(slave, STDERR_FILENO);
    ol_rc rc = prompt_hidden(OL_STR("A"), line, &got, &err);
    if (rc == OL_OK && ol_str_eq(got, OL_STR("open sesame")))
        _exit(EXIT_FINE);
    _exit(rc == OL_ERR_INTERRUPTED ? EXIT_INTERRUPTED : EXIT_OTHER);
}

static bool see(typist *t, const char *wanted)
{
    size_t at;
    for (;;) {
        if (ol_str_find((ol_str){t->shown, t->shown_len}, ol_str_of(wanted), &at))
            return true;
        struct pollfd ready = {.fd = t->master.n, .events = POLLIN};
        if (t->shown_len == sizeof t->shown || poll(&ready, 1, DEADLINE_MS) <= 0)
            return false;
        ssize_t n = read(t->master.n, t->shown + t->shown_len, sizeof t->shown - t->shown_len);
        if (n <= 0)
            return false;
        t->shown_len += (size_t)n;
    }
}

static bool echoes(const typist *t)
{
    struct termios now;
    return tcgetattr(t->master.n, &now) == 0 && (now.c_lflag & (tcflag_t)ECHO) != 0;
}

/* *ret_keep holds the terminal open, so that it can be looked at when the child is gone. */
static void typist_begin(typist *t, ol_fd *ret_keep)
{
    *t = (typist){.master = {posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)}};
    CHECK(t->master.n >= 0 && grantpt(t->master.n) == 0 && unlockpt(t->master.n) == 0);
    const char *name = ptsname(t->master.n);
    ret_keep->n = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK(echoes(t));
    t->child = fork();
    if (t->child == 0)
        ask(name);
    CHECK(t->child > 0);
    CHECK(see(t, "A: "));
    CHECK(!echoes(t));
}

static int typist_end(typist *t)
{
    int status = 0;
    CHECK_EQ(waitpid(t->child, &status, 0), t->child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void type(const typist *t, const char *keys)
{
    ol_err err = {0};
    CHECK_OK(ol_write_all(t->master, ol_str_bytes(ol_str_of(keys)), &err));
}

TEST("what is typed is not shown, and the terminal shows again what comes after it")
{
    typist t;
    OL_AUTO(ol_fd) keep = OL_FD_NONE;
    size_t at;
    typist_begin(&t, &keep);
    type(&t, "open sesame\n");
    CHECK(see(&t, "\r\n"));
    CHECK_EQ(typist_end(&t), EXIT_FINE);
    CHECK(echoes(&t));
    CHECK(!ol_str_find((ol_str){t.shown, t.shown_len}, OL_STR("sesame"), &at));
    ol_fd_deinit(&t.master);
}

TEST("Ctrl-C and a signal end the question, and the terminal shows again what is typed")
{
    static const int SIGNALS[] = {0, SIGTERM, SIGHUP};
    OL_EACH (signal, SIGNALS) {
        typist t;
        OL_AUTO(ol_fd) keep = OL_FD_NONE;
        typist_begin(&t, &keep);
        type(&t, "open ");
        if (*signal == 0)
            type(&t, "\x03");
        else
            CHECK_EQ(kill(t.child, *signal), 0);
        CHECK_EQ(typist_end(&t), EXIT_INTERRUPTED);
        CHECK(echoes(&t));
        ol_fd_deinit(&t.master);
    }
}

TEST("a line longer than a terminal takes is refused, not cut")
{
    typist t;
    OL_AUTO(ol_fd) keep = OL_FD_NONE;
    static char many[PROMPT_LINE_BYTES + 100];
    typist_begin(&t, &keep);
    memset(many, 'x', sizeof many - 2);
    many[sizeof many - 2] = '\n';
    type(&t, many);
    CHECK_EQ(typist_end(&t), EXIT_OTHER);
    CHECK(echoes(&t));
    ol_fd_deinit(&t.master);
}
