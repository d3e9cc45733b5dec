#include "lib/base/port.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "tests/harness/test.h"

static uint16_t taken(uint16_t wanted)
{
    uint16_t port = 0;
    ol_err err = {0};
    CHECK_OK(ol_port_take(wanted, &port, &err));
    return port;
}

TEST("a port that was taken is not given again, neither here nor to another process")
{
    uint16_t first = taken(0);
    CHECK(first >= 10000 && first < 32000);
    CHECK(taken(first) > first);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        _exit(taken(first) == first);
    int status = -1;
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK_EQ(status, 0);
}

TEST("a port comes back when the process that took it ends, and goes to nobody while it is used")
{
    int pipes[2];
    uint16_t port = 0;
    CHECK(pipe(pipes) == 0);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        uint16_t its = taken(0);
        _exit(write(pipes[1], &its, sizeof its) != sizeof its);
    }
    CHECK(read(pipes[0], &port, sizeof port) == sizeof port);
    CHECK(waitpid(pid, NULL, 0) == pid);
    OL_AUTO(ol_fd) listener = {socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    CHECK(bind(listener.n, (const struct sockaddr *)&at, sizeof at) == 0);
    CHECK(listen(listener.n, 1) == 0);
    CHECK(taken(port) > port);
    ol_fd_deinit(&listener);
    CHECK_EQ(taken(port), port);
    (void)close(pipes[0]);
    (void)close(pipes[1]);
}

TEST("behind the last port there is none")
{
    uint16_t port = 0;
    ol_err err = {0};
    (void)ol_port_take(65535, &port, &err); /* it may be a connection's */
    CHECK(ol_port_take(65535, &port, &err) == OL_ERR_ENVIRONMENT);
    CHECK_STR(ol_err_text(&err), OL_STR("no free port from 65535 on"));
}
