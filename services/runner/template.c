#include "services/runner/template.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sandbox/spawn.h"

/* Descriptors lie at these numbers, so that a run closes everything else with one call. The engine
 * keeps a descriptor of the artifact, the lowest that is free while loading: data images are mapped
 * from it at every instantiation. */
enum { ARTIFACT_FD = 3, SOCKET_FD = 4, ENGINE_FD = 5 };
enum { JOB_FD = SOCKET_FD, FIRST_UNWANTED_FD = ENGINE_FD + 1 }; /* in a run */
enum { RUNS_MAX = 256, PACKET_BYTES = 4096 };
/* Ended children wait until there is an order anyway, this long at most: waking up for each would
 * cost every run a context switch. When the supervisor asks, we look often. */
enum { REAP_LAZY_MS = 20, REAP_EAGER_MS = 1 };

typedef struct run_entry {
    pid_t pid; /* 0: free */
    uint64_t run;
    int lane;
} run_entry;

typedef struct template
{
    const workshop *shop;
    loaded_guest guest;
    run_entry entry[RUNS_MAX];
    size_t count;
    bool eager;     /* `asked` is waited for */
    uint32_t asked; /* low half of a run's number */
    bool closing;   /* our socket is closed: nothing new, but what runs may end */
}
template;

static void send_words(int socket, ol_frame_kind kind, const ol_buf *words, const int *descriptors,
                       size_t count)
{
    const ol_frame_head head = {.kind = kind, .total = (uint32_t)words->len};
    /* Nobody to tell when this fails: the supervisor sees the run's socket close. */
    (void)ol_frame_send(socket, &head, ol_buf_bytes(words), descriptors, count);
}

/* ---- loading ------------------------------------------------------------------------------- */

static ol_rc guest_load(const workshop *shop, ol_frame_target target, int artifact,
                        loaded_guest *ret, ol_err *err)
{
    loaded_guest g = {.target = target};
    if (target == OL_TARGET_P1) {
        OL_TRY(p1_load(shop->engine, artifact, &g.module, err));
        g.interfaces = p1_imports(g.module);
    } else {
        OL_TRY(p2_load(shop->world, artifact, &g.component, err));
        for (unsigned i = 0; i < OL_HOST_INTERFACES; i++) {
            ol_str name = {0}, version = {0};
            (void)ol_str_cut(ol_str_of(OL_HOST_INTERFACE_NAME[i]), '@', &name, &version);
            if (p2_imports(g.component, name))
                g.interfaces |= 1u << i;
        }
    }
    *ret = g;
    return OL_OK;
}

_Noreturn static void give_up(ol_rc rc, const ol_err *err)
{
    uint8_t storage[PACKET_BYTES];
    ol_buf words = ol_buf_over(storage, sizeof storage);
    const ol_frame_failed failed = {
        .guest_fault = rc == OL_ERR_WASM,
        .text = ol_err_text(err),
        .note = err->notes > 0 ? ol_str_of(err->note[0]) : OL_STR(""),
    };
    ol_frame_failed_encode(&failed, &words);
    send_words(SOCKET_FD, OL_FRAME_FAILED, &words, NULL, 0);
    _exit(EXIT_FAILURE);
}

/* ---- runs ---------------------------------------------------------------------------------- */

/* The pidfd is what the supervisor kills by; it comes from us, never from the run. */
static void tell_started(int lane, uint64_t run, pid_t pid)
{
    uint8_t storage[64];
    ol_buf words = ol_buf_over(storage, sizeof storage);
    const ol_frame_started started = {.run = run, .pid = pid};
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pidfd < 0)
        return;
    ol_frame_started_encode(&started, &words);
    send_words(lane, OL_FRAME_STARTED, &words, &pidfd, 1);
    (void)close(pidfd);
}

static void tell_exited(const run_entry *entry, int status, const struct rusage *usage)
{
    uint8_t storage[64];
    ol_buf words = ol_buf_over(storage, sizeof storage);
    const ol_frame_exited exited = {
        .run = entry->run,
        .wait_status = (uint32_t)status,
        .cpu_us = (uint64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000 +
                  (uint64_t)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec),
        .max_rss_kib = (uint64_t)usage->ru_maxrss,
        .minor_faults = (uint64_t)usage->ru_minflt,
    };
    ol_frame_exited_encode(&exited, &words);
    send_words(entry->lane, OL_FRAME_EXITED, &words, NULL, 0);
}

/* In the child. It keeps the engine's descriptor and its job socket; most of all it loses the
 * template's socket, which brings other runs' jobs. */
_Noreturn static void run_begin(const template *t, pid_t parent, int job)
{
    if (!ol_die_with_parent(parent) || dup2(job, JOB_FD) != JOB_FD ||
        syscall(SYS_close_range, FIRST_UNWANTED_FD, ~0u, 0) != 0)
        _exit(EXIT_FAILURE);
    run_serve(&t->guest, &t->shop->run_filter, JOB_FD);
}

static void run_start(template *t, uint64_t run, int job, int lane)
{
    run_entry *entry = t->entry;
    while (entry < t->entry + RUNS_MAX && entry->pid != 0)
        entry++;
    pid_t self = getpid();
    pid_t pid = entry == t->entry + RUNS_MAX ? -1 : fork();
    if (pid == 0)
        run_begin(t, self, job);
    if (pid < 0) {
        (void)close(lane); /* with the job socket closed, the supervisor knows */
        return;
    }
    tell_started(lane, run, pid);
    *entry = (run_entry){pid, run, lane};
    t->count++;
}

static bool under_way(const template *t, uint32_t run_low)
{
    for (size_t i = 0; i < RUNS_MAX; i++) {
        if (t->entry[i].pid != 0 && (uint32_t)t->entry[i].run == run_low)
            return true;
    }
    return false;
}

/* One order: RUN with the job socket and the lane, or REAP. */
static void order_take(template *t)
{
    uint8_t packet[PACKET_BYTES];
    int fds[OL_FRAME_DESCRIPTORS_MAX];
    size_t count = OL_FRAME_DESCRIPTORS_MAX;
    ol_frame_head head = {0};
    ol_bytes payload;
    uint64_t run;
    ssize_t got = ol_frame_receive(SOCKET_FD, packet, sizeof packet, 0, fds, &count);
    if (got <= 0) {
        t->closing = true;
        return;
    }
    bool good = ol_frame_head_decode((ol_bytes){packet, (size_t)got}, &head, &payload);
    if (good && head.kind == OL_FRAME_RUN && count == 2 && ol_frame_run_decode(payload, &run)) {
        run_start(t, run, fds[0], fds[1]);
        (void)close(fds[0]);
        return;
    }
    if (good && head.kind == OL_FRAME_REAP) {
        t->asked = head.id;
        t->eager = under_way(t, t->asked);
    }
    for (size_t i = 0; i < count; i++)
        (void)close(fds[i]);
}

static void entry_end(template *t, run_entry *entry, int status, const struct rusage *usage)
{
    tell_exited(entry, status, usage);
    (void)close(entry->lane);
    *entry = (run_entry){0};
    t->count--;
}

static void children_reap(template *t)
{
    struct rusage usage;
    int status;
    pid_t pid;
    while (t->count > 0 && (pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
        for (size_t i = 0; i < RUNS_MAX; i++) {
            if (t->entry[i].pid == pid) {
                entry_end(t, &t->entry[i], status, &usage);
                break;
            }
        }
    }
    t->eager = t->eager && under_way(t, t->asked);
}

_Noreturn static void orders_serve(template *t)
{
    while (!t->closing || t->count > 0) {
        struct pollfd one = {.fd = t->closing ? -1 : SOCKET_FD, .events = POLLIN};
        int wait_ms = t->count == 0 ? -1 : t->eager ? REAP_EAGER_MS : REAP_LAZY_MS;
        if (poll(&one, 1, wait_ms) < 0 && errno != EINTR)
            break;
        if (one.revents != 0)
            order_take(t);
        children_reap(t); /* after the fork: an order does not wait for it */
    }
    _exit(EXIT_SUCCESS);
}

/* A cold run: this process becomes it. Its order waits in the socket already. */
_Noreturn static void order_become(const template *t)
{
    uint8_t packet[PACKET_BYTES];
    int fds[OL_FRAME_DESCRIPTORS_MAX];
    size_t count = OL_FRAME_DESCRIPTORS_MAX;
    ol_frame_head head;
    ol_bytes payload;
    uint64_t run;
    ssize_t got = ol_frame_receive(SOCKET_FD, packet, sizeof packet, 0, fds, &count);
    if (got <= 0 || !ol_frame_head_decode((ol_bytes){packet, (size_t)got}, &head, &payload) ||
        head.kind != OL_FRAME_RUN || count != 2 || !ol_frame_run_decode(payload, &run))
        _exit(EXIT_FAILURE);
    tell_started(fds[1], run, getpid());
    if (dup2(fds[0], JOB_FD) != JOB_FD || syscall(SYS_close_range, FIRST_UNWANTED_FD, ~0u, 0) != 0)
        _exit(EXIT_FAILURE);
    run_serve(&t->guest, &t->shop->run_filter, JOB_FD);
}

/* ---- set-up -------------------------------------------------------------------------------- */

/* Both descriptors may lie anywhere from 3 on; they go up first and then down. */
static bool descriptors_place(ol_fd artifact, ol_fd socket)
{
    enum { SOMEWHERE_HIGH = 40 };
    int a = fcntl(artifact.n, F_DUPFD, SOMEWHERE_HIGH),
        s = fcntl(socket.n, F_DUPFD, SOMEWHERE_HIGH);
    return a >= 0 && s >= 0 && dup2(a, ARTIFACT_FD) >= 0 && dup2(s, SOCKET_FD) >= 0 &&
           syscall(SYS_close_range, ENGINE_FD, ~0u, 0) == 0;
}

void template_serve(const workshop *shop, const ol_frame_load *load, ol_fd artifact, ol_fd socket)
{
    ol_err err = {0};
    template *t = calloc(1, sizeof *t);
    if (t == NULL || !descriptors_place(artifact, socket))
        _exit(EXIT_FAILURE);
    t->shop = shop;
    ol_rc rc = guest_load(shop, load->target, ARTIFACT_FD, &t->guest, &err);
    if (rc != OL_OK)
        give_up(rc, &err);
    /* The zygote ignores its children; ours are waited for. */
    if (close(ARTIFACT_FD) != 0 || signal(SIGCHLD, SIG_DFL) == SIG_ERR)
        _exit(EXIT_FAILURE);
    if (load->once)
        order_become(t);
    ol_buf nothing = {0};
    send_words(SOCKET_FD, OL_FRAME_LOADED, &nothing, NULL, 0);
    orders_serve(t);
}
