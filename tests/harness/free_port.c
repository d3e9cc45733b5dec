#include "tests/harness/free_port.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/assert.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"

/* Below the ports that Linux gives to connections (ip_local_port_range begins at 32768): a port
 * between its choice and its program's start would otherwise be taken now and then. */
enum { FIRST = 10000, PORTS = 22000 };

/* A name without a file, which ends with this process. */
static bool reserve(uint16_t port)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int len = snprintf(at.sun_path + 1, sizeof at.sun_path - 1, "outlayer-test-port-%u", port);
    int held = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    OL_ASSERT(held >= 0);
    if (bind(held, (struct sockaddr *)&at,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len)) == 0)
        return true; /* kept open on purpose */
    (void)close(held);
    return false;
}

static bool is_free(uint16_t port)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    OL_AUTO(ol_fd) probe = {socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    return probe.n >= 0 && bind(probe.n, (struct sockaddr *)&at, sizeof at) == 0;
}

uint16_t free_port(void)
{
    uint64_t from = (uint64_t)getpid() * 97 + (uint64_t)ol_mono_ns(ol_clock_real()) / 1000;
    for (uint64_t i = 0; i < PORTS; i++) {
        uint16_t port = (uint16_t)(FIRST + (from + i) % PORTS);
        if (reserve(port) && is_free(port))
            return port;
    }
    OL_UNREACHABLE();
}
