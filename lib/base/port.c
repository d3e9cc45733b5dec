#include "lib/base/port.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/assert.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"

/* Any port: below ip_local_port_range, which begins at 32768 (ip(7)). */
enum { NEIGHBOURS = 100, ANY_FIRST = 10000, ANY_COUNT = 22000 };

/* An abstract name (unix(7)): without a file, and gone with this process however it ends. */
static bool reserve(uint16_t port)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int len = snprintf(at.sun_path + 1, sizeof at.sun_path - 1, "outlayer-port-%u", port);
    OL_AUTO(ol_fd) held = {socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (held.n < 0 ||
        bind(held.n, (const struct sockaddr *)&at,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len)) != 0)
        return false;
    (void)ol_fd_take(&held); /* open on purpose */
    return true;
}

static bool is_free(uint16_t port)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1; /* what is left of closed connections is in nobody's way */
    OL_AUTO(ol_fd) probe = {socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (probe.n < 0)
        return false;
    (void)setsockopt(probe.n, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    return bind(probe.n, (const struct sockaddr *)&at, sizeof at) == 0;
}

static bool take(uint32_t port, uint16_t *ret)
{
    if (port > UINT16_MAX || !is_free((uint16_t)port) || !reserve((uint16_t)port))
        return false;
    *ret = (uint16_t)port;
    return true;
}

ol_rc ol_port_take(uint16_t wanted, uint16_t *ret, ol_err *err)
{
    uint64_t start = (uint64_t)getpid() * 97 + (uint64_t)ol_mono_ns(ol_clock_real()) / 1000;
    for (uint32_t i = 0; wanted != 0 && i < NEIGHBOURS; i++) {
        if (take(wanted + i, ret))
            return OL_OK;
    }
    for (uint32_t i = 0; wanted == 0 && i < ANY_COUNT; i++) {
        if (take(ANY_FIRST + (uint32_t)((start + i) % ANY_COUNT), ret))
            return OL_OK;
    }
    return wanted == 0 ? ol_fail(err, OL_ERR_ENVIRONMENT, "no free port")
                       : ol_fail(err, OL_ERR_ENVIRONMENT, "no free port from %u on", wanted);
}
