/* Stands in for outlayer-runner: speaks the wire up to the job, then does what a run that has been
 * taken over might do. The job's input names the attack. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/proto/job_frames.h"

enum { CONTROL_FD = 3 };

static ol_frame_pair variables[OL_FRAME_VARIABLES_MAX];
static int job_socket;

static void send_payload(ol_frame_kind kind, uint32_t id, ol_bytes payload)
{
    (void)ol_frame_send_all(job_socket, kind, id, payload, (ol_bytes){NULL, 0});
}

static void send_result(const ol_frame_result *result)
{
    ol_buf words = ol_buf_new(OL_MIB(1));
    ol_frame_result_encode(result, &words);
    (void)ol_frame_send_all(job_socket, OL_FRAME_RESULT, 0, ol_buf_bytes(&words), result->output);
    ol_buf_deinit(&words);
}

static ol_frame_result good(void)
{
    return (ol_frame_result){.class = OL_RUN_OK,
                             .trap = -1,
                             .instructions = 5,
                             .stdout_bytes = 2,
                             .output = ol_str_bytes(OL_STR("ok"))};
}

static void raw(const void *bytes, size_t len)
{
    (void)send(job_socket, bytes, len, MSG_NOSIGNAL);
}

static void send_head(ol_frame_kind kind, uint32_t total, const int *fd)
{
    const ol_frame_head head = {.kind = kind, .total = total};
    (void)ol_frame_send(job_socket, &head, ol_str_bytes(OL_STR("x")), fd, fd == NULL ? 0 : 1);
}

/* ---- attacks ------------------------------------------------------------------------------- */

static void a_good(void)
{
    ol_frame_result r = good();
    send_result(&r);
}

static void a_garbage(void)
{
    raw("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16);
}

static void a_short(void)
{
    raw("F", 1);
}

static void a_cut_result(void)
{
    send_payload(OL_FRAME_RESULT, 0, ol_str_bytes(OL_STR("\0\0\0\0")));
}

static void a_foreign_class(void)
{
    ol_frame_result r = good();
    r.class = OL_RUN_TIMEOUT;
    send_result(&r);
}

static void a_too_many_instructions(void)
{
    ol_frame_result r = good();
    r.instructions = UINT64_MAX;
    send_result(&r);
}

static void a_too_much_memory(void)
{
    ol_frame_result r = good();
    r.memory_bytes_peak = UINT64_MAX;
    send_result(&r);
}

static void a_failed_without_text(void)
{
    ol_frame_result r = good();
    r.class = OL_RUN_TRAP;
    send_result(&r);
}

static void a_too_much_output(void)
{
    static uint8_t large[64 * 1024];
    ol_frame_result r = good();
    r.output = (ol_bytes){large, sizeof large};
    send_result(&r);
}

static void a_huge_total(void)
{
    send_head(OL_FRAME_RESULT, UINT32_MAX, NULL);
}

static void a_descriptor(void)
{
    int fd = 0;
    send_head(OL_FRAME_RESULT, 1, &fd);
}

static void a_wrong_direction(void)
{
    send_payload(OL_FRAME_ANSWER, 1, (ol_bytes){NULL, 0});
}

static void a_forged_started(void)
{
    const ol_frame_head head = {.kind = OL_FRAME_STARTED};
    (void)ol_frame_send(job_socket, &head, (ol_bytes){NULL, 0}, NULL, 0);
}

static void a_malformed_call(void)
{
    send_payload(OL_FRAME_CALL, 1, ol_str_bytes(OL_STR("\0\0\xff\xff\xff\xff")));
}

static void a_unknown_function(void)
{
    send_payload(OL_FRAME_CALL, 1, ol_str_bytes(OL_STR("\xff\x7f")));
}

/* Calls whose answers nobody reads. */
static void a_flood(void)
{
    ol_buf words = ol_buf_new(OL_KIB(1));
    (void)ol_frame_call_encode(OL_FN_RPC_STATUS, NULL, 0, &words);
    for (uint32_t id = 1; ol_frame_send_all(job_socket, OL_FRAME_CALL, id, ol_buf_bytes(&words),
                                            (ol_bytes){NULL, 0});
         id++) {
    }
}

static void a_http_without_permission(void)
{
    send_payload(OL_FRAME_HTTP_PULL, 7, (ol_bytes){NULL, 0});
}

/* Goes on after its socket is closed. */
static void a_close(void)
{
    (void)close(job_socket);
}

static void a_silent(void)
{
}

static void a_twice(void)
{
    ol_frame_result r = good(), again = good();
    again.output = ol_str_bytes(OL_STR("no"));
    send_result(&r);
    send_result(&again);
}

static const struct {
    const char *name;
    void (*attack)(void);
} ATTACKS[] = {
    {"good", a_good},
    {"garbage", a_garbage},
    {"short", a_short},
    {"cut-result", a_cut_result},
    {"foreign-class", a_foreign_class},
    {"too-many-instructions", a_too_many_instructions},
    {"too-much-memory", a_too_much_memory},
    {"failed-without-text", a_failed_without_text},
    {"too-much-output", a_too_much_output},
    {"huge-total", a_huge_total},
    {"descriptor", a_descriptor},
    {"wrong-direction", a_wrong_direction},
    {"forged-started", a_forged_started},
    {"malformed-call", a_malformed_call},
    {"unknown-function", a_unknown_function},
    {"flood", a_flood},
    {"http-without-permission", a_http_without_permission},
    {"close", a_close},
    {"silent", a_silent},
    {"twice", a_twice},
};

/* ---- up to there --------------------------------------------------------------------------- */

static void tell_started(int lane, uint64_t run)
{
    uint8_t storage[64];
    ol_buf words = ol_buf_over(storage, sizeof storage);
    const ol_frame_started started = {.run = run, .pid = getpid()};
    int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    ol_frame_started_encode(&started, &words);
    const ol_frame_head head = {.kind = OL_FRAME_STARTED, .total = (uint32_t)words.len};
    (void)ol_frame_send(lane, &head, ol_buf_bytes(&words), &pidfd, 1);
    (void)close(pidfd);
}

_Noreturn static void run(int socket)
{
    static uint8_t packet[OL_FRAME_PACKET_BYTES_MAX];
    int fds[2];
    size_t count = 2;
    uint64_t number = 0;
    ol_frame_head head;
    ol_bytes payload;
    ol_frame_job job;
    ssize_t got = ol_frame_receive(socket, packet, sizeof packet, 0, fds, &count);
    if (got <= 0 || count != 2 ||
        !ol_frame_head_decode((ol_bytes){packet, (size_t)got}, &head, &payload) ||
        !ol_frame_run_decode(payload, &number))
        _exit(1);
    tell_started(fds[1], number);
    job_socket = fds[0];
    got = ol_frame_receive(job_socket, packet, sizeof packet, 0, NULL, NULL);
    if (got <= 0 || !ol_frame_head_decode((ol_bytes){packet, (size_t)got}, &head, &payload) ||
        !ol_frame_job_decode(payload, variables, &job))
        _exit(1);
    for (size_t i = 0; i < OL_COUNT(ATTACKS); i++) {
        if (ol_str_eq(ol_bytes_str(job.input), ol_str_of(ATTACKS[i].name)))
            ATTACKS[i].attack();
    }
    for (;;)
        (void)pause(); /* never ends by itself */
}

int main(void)
{
    uint8_t packet[4096];
    (void)signal(SIGCHLD, SIG_IGN);
    const ol_frame_head hello = {.kind = OL_FRAME_HELLO, .total = 7};
    if (!ol_frame_send(CONTROL_FD, &hello, ol_str_bytes(OL_STR("nothing")), NULL, 0))
        return 1;
    for (;;) {
        int fds[2];
        size_t count = 2;
        if (ol_frame_receive(CONTROL_FD, packet, sizeof packet, 0, fds, &count) <= 0)
            return 0;
        if (count == 2 && fork() == 0)
            run(fds[1]);
        for (size_t i = 0; i < count; i++)
            (void)close(fds[i]);
    }
}
