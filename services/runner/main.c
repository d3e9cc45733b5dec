/* outlayer-runner: runs guests, one process each (Engine 3).
 *
 *   outlayer-runner --control      started by a supervisor with a message socket as descriptor 3
 *
 * Everything else comes over that socket; the wire is lib/proto/job_frames.h. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/sandbox/spawn.h"
#include "services/runner/zygote.h"

enum { CONTROL_FD = 3, EXIT_USAGE = 2 };

static bool control_is_there(void)
{
    int type = 0;
    socklen_t bytes = sizeof type;
    return getsockopt(CONTROL_FD, SOL_SOCKET, SO_TYPE, &type, &bytes) == 0 &&
           type == SOCK_SEQPACKET;
}

int main(int argc, char **argv)
{
    ol_err err = {0};
    if (argc != 2 || !ol_str_eq(ol_str_of(argv[1]), OL_STR("--control")) || !control_is_there()) {
        (void)fputs("usage: outlayer-runner --control, with a control socket as descriptor 3\n",
                    stderr);
        return EXIT_USAGE;
    }
    if (!ol_die_with_parent(getppid()))
        return EXIT_FAILURE;
    if (zygote_serve((ol_fd){CONTROL_FD}, &err) != OL_OK)
        (void)fprintf(stderr, "outlayer-runner: %s\n", err.text);
    return EXIT_FAILURE;
}
