#include "lib/sandbox/pidfd.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/clock.h"

ol_rc ol_pidfd_open(pid_t pid, ol_fd *ret, ol_err *err)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0); /* close-on-exec by itself */
    if (fd < 0)
        return ol_fail_errno(err, OL_ERR_IO, "pidfd");
    ret->n = fd;
    return OL_OK;
}

void ol_pidfd_kill(ol_fd pidfd)
{
    if (ol_fd_is_open(pidfd))
        (void)syscall(SYS_pidfd_send_signal, pidfd.n, SIGKILL, NULL, 0);
}

bool ol_pidfd_ended(ol_fd pidfd, int64_t deadline_ns)
{
    struct pollfd one = {.fd = pidfd.n, .events = POLLIN};
    for (;;) {
        int64_t left_ns = deadline_ns - ol_mono_ns(ol_clock_real());
        struct timespec wait = {0};
        if (left_ns > 0)
            wait = (struct timespec){left_ns / 1000000000, left_ns % 1000000000};
        int n = ppoll(&one, 1, &wait, NULL);
        if (n > 0)
            return true;
        if (n == 0 || errno != EINTR)
            return false;
    }
}
