#include "cli/prompt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "lib/base/fd.h"

/* What would end the program with the terminal still hidden arrives at `signals` instead; what
 * stops it waits until the line is read. */
static ol_rc signals_hold(sigset_t *ret_before, ol_fd *ret, ol_err *err)
{
    sigset_t ending, held;
    (void)sigemptyset(&ending);
    (void)sigaddset(&ending, SIGINT);
    (void)sigaddset(&ending, SIGQUIT);
    (void)sigaddset(&ending, SIGTERM);
    (void)sigaddset(&ending, SIGHUP);
    held = ending;
    (void)sigaddset(&held, SIGTSTP);
    ret->n = signalfd(-1, &ending, SFD_CLOEXEC);
    if (ret->n < 0 || sigprocmask(SIG_BLOCK, &held, ret_before) != 0)
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "signals");
    return OL_OK;
}

/* Until the line end. */
static ol_rc line_read(ol_str what, ol_fd signals, char *line, size_t *ret_len, ol_err *err)
{
    size_t len = 0;
    for (;;) {
        struct pollfd ready[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                                 {.fd = signals.n, .events = POLLIN}};
        if (poll(ready, OL_COUNT(ready), -1) < 0 && errno != EINTR)
            return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "the terminal");
        if (ready[1].revents != 0)
            return ol_fail(err, OL_ERR_INTERRUPTED, "interrupted");
        if (ready[0].revents == 0)
            continue;
        ssize_t n = read(STDIN_FILENO, line + len, PROMPT_LINE_BYTES - len);
        if (n <= 0)
            return ol_fail(err, OL_ERR_USAGE, "no value for %.*s", OL_FMT(what));
        len += (size_t)n;
        if (len == PROMPT_LINE_BYTES) /* of a longer line the terminal gives the beginning */
            return ol_fail(err, OL_ERR_USAGE, "a typed value has at most %d bytes: %.*s",
                           PROMPT_LINE_BYTES - 2, OL_FMT(what));
        if (line[len - 1] == '\n') {
            *ret_len = len - 1;
            return OL_OK;
        }
    }
}

ol_rc prompt_hidden(ol_str what, char *line, ol_str *ret, ol_err *err)
{
    struct termios shown, hidden;
    OL_AUTO(ol_fd) signals = OL_FD_NONE;
    sigset_t before;
    size_t len = 0;
    if (tcgetattr(STDIN_FILENO, &shown) != 0)
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "the terminal");
    OL_TRY(signals_hold(&before, &signals, err));
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    (void)fprintf(stderr, "%.*s: ", OL_FMT(what)); /* now it is safe to type */
    (void)fflush(stderr);
    ol_rc rc = line_read(what, signals, line, &len, err);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    (void)fputc('\n', stderr);
    if (rc != OL_ERR_INTERRUPTED) /* what came is told; it is not to end the program as well */
        (void)sigprocmask(SIG_SETMASK, &before, NULL);
    *ret = (ol_str){line, len};
    return rc;
}
