#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/run/internal.h"

enum { PACKET_BYTES = 256 };

ol_rc ol__lane_open(ol__lane *ret, ol_err *err)
{
    return ol_socketpair(SOCK_SEQPACKET, &ret->ours, &ret->theirs, err);
}

void ol__lane_close(ol__lane *lane)
{
    ol_fd_deinit(&lane->ours);
    ol_fd_deinit(&lane->theirs);
}

/* Reports of earlier runs on this lane are dropped. */
static void report_take(ol_bytes packet, ol_fd *fd, uint64_t run, ol__process *process)
{
    ol_frame_head head;
    ol_bytes payload;
    ol_frame_started started;
    ol_frame_exited exited;
    if (!ol_frame_head_decode(packet, &head, &payload))
        return;
    if (head.kind == OL_FRAME_STARTED && ol_frame_started_decode(payload, &started) &&
        started.run == run && !process->started) {
        process->started = true;
        process->pidfd = ol_fd_take(fd);
    } else if (head.kind == OL_FRAME_EXITED && ol_frame_exited_decode(payload, &exited) &&
               exited.run == run) {
        process->exited = true;
        process->exit = exited;
    }
}

void ol__lane_read(const ol__lane *lane, int reporter, uint64_t run, bool want_exit,
                   int64_t deadline_ns, ol__process *process)
{
    uint8_t packet[PACKET_BYTES];
    bool gone = false; /* the reporter; what it sent before is still read */
    while (want_exit ? !process->exited : !process->started) {
        OL_AUTO(ol_fd) fd = OL_FD_NONE;
        size_t count = 1;
        ssize_t got =
            ol_frame_receive(lane->ours.n, packet, sizeof packet, MSG_DONTWAIT, &fd.n, &count);
        if (count == 0)
            fd = OL_FD_NONE;
        if (got > 0) {
            report_take((ol_bytes){packet, (size_t)got}, &fd, run, process);
            continue;
        }
        if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
            return;
        int64_t left_ns = deadline_ns - ol__now_ns();
        if (left_ns <= 0 || gone)
            return;
        struct pollfd both[2] = {{.fd = lane->ours.n, .events = POLLIN}, {.fd = reporter}};
        struct timespec wait = {left_ns / 1000000000, left_ns % 1000000000};
        if (ppoll(both, 2, &wait, NULL) < 0 && errno != EINTR)
            return;
        gone = (both[1].revents & (POLLHUP | POLLERR)) != 0;
    }
}
