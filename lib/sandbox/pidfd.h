/* A process by descriptor: its number cannot be reused while we hold it. */
#ifndef OL_SANDBOX_PIDFD_H
#define OL_SANDBOX_PIDFD_H

#include <sys/types.h>

#include "lib/base/fd.h"

ol_rc ol_pidfd_open(pid_t pid, ol_fd *ret, ol_err *err);
void ol_pidfd_kill(ol_fd pidfd); /* SIGKILL; a process that is gone already is fine */
/* Has it ended? Waits until CLOCK_MONOTONIC passes deadline_ns; 0 only looks. */
bool ol_pidfd_ended(ol_fd pidfd, int64_t deadline_ns);

#endif
