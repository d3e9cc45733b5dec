/* poll_oneoff: sleeping, and streams that are always ready (Host interfaces 4, 17). */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "services/runner/p1_guest.h"

enum {
    SUBSCRIPTION_BYTES = 48,
    EVENT_BYTES = 32,
    SUBSCRIPTIONS_MAX = 4096,
    TAG_CLOCK = 0,
    TAG_FD_READ = 1,
    TAG_FD_WRITE = 2,
    CLOCK_MONO = 1,
    FLAG_ABSTIME = 1,
};

typedef struct subscription {
    uint64_t userdata;
    uint8_t tag;
    uint32_t clock;
    uint64_t timeout_ns;
    bool absolute;
    uint32_t fd;
} subscription;

static subscription subscription_read(const uint8_t *at)
{
    return (subscription){
        .userdata = p1_load_u64(at),
        .tag = at[8],
        .clock = p1_load_u32(at + 16),
        .fd = p1_load_u32(at + 16),
        .timeout_ns = p1_load_u64(at + 24),
        .absolute = (at[40] & FLAG_ABSTIME) != 0,
    };
}

static p1_errno subscription_check(const p1_guest *g, const subscription *s)
{
    p1_stream stream;
    if (s->tag == TAG_CLOCK)
        return s->clock <= CLOCK_MONO ? P1_SUCCESS : P1_INVAL;
    if (s->tag != TAG_FD_READ && s->tag != TAG_FD_WRITE)
        return P1_INVAL;
    if (!p1_stream_of(g, s->fd, &stream))
        return P1_BADF;
    return (stream == P1_STDIN) == (s->tag == TAG_FD_READ) ? P1_SUCCESS : P1_BADF;
}

/* Nanoseconds until this subscription fires. */
static uint64_t wait_of(const p1_guest *g, const subscription *s)
{
    if (s->tag != TAG_CLOCK)
        return 0;
    if (!s->absolute)
        return s->timeout_ns;
    uint64_t now = p1_clock_now(g, s->clock);
    return s->timeout_ns > now ? s->timeout_ns - now : 0;
}

static void event_write(const subscription *s, uint8_t *to)
{
    memset(to, 0, EVENT_BYTES);
    p1_store_u64(to, s->userdata);
    to[10] = s->tag;
    if (s->tag != TAG_CLOCK)
        p1_store_u64(to + 16, 1); /* bytes: the reference says one */
}

/* The supervisor's deadline ends a sleep that is too long. */
static void sleep_ns(uint64_t ns)
{
    struct timespec left = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
    }
}

static p1_errno shortest_wait(p1_guest *g, uint32_t in, uint32_t count, uint64_t *ret_ns)
{
    uint64_t shortest = UINT64_MAX;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *at;
        if (!p1_span(g, in + i * SUBSCRIPTION_BYTES, SUBSCRIPTION_BYTES, 8, &at))
            return P1_STOP;
        subscription s = subscription_read(at);
        p1_errno bad = subscription_check(g, &s);
        if (bad != P1_SUCCESS)
            return bad;
        uint64_t wait = wait_of(g, &s);
        shortest = wait < shortest ? wait : shortest;
    }
    *ret_ns = shortest;
    return P1_SUCCESS;
}

/* Those that wait no longer than the shortest have fired. Both areas were checked. */
static p1_errno events_write(p1_guest *g, uint32_t in, uint32_t out, uint32_t count, uint64_t ns,
                             uint32_t *ret_fired)
{
    uint8_t *from, *to;
    uint32_t fired = 0;
    if (!p1_span(g, in, count * SUBSCRIPTION_BYTES, 8, &from) ||
        !p1_span(g, out, count * EVENT_BYTES, 8, &to))
        return P1_STOP;
    for (uint32_t i = 0; i < count; i++) {
        subscription s = subscription_read(from + (size_t)i * SUBSCRIPTION_BYTES);
        bool relative = s.tag == TAG_CLOCK && !s.absolute;
        if ((relative ? s.timeout_ns <= ns : wait_of(g, &s) == 0))
            event_write(&s, to + (size_t)fired++ * EVENT_BYTES);
    }
    *ret_fired = fired;
    return P1_SUCCESS;
}

p1_errno p1_poll_oneoff(p1_guest *g, const wasmtime_val_raw_t *a)
{
    uint32_t in = p1_arg(a, 0), out = p1_arg(a, 1), count = p1_arg(a, 2), fired = 0;
    uint64_t ns = 0;
    uint8_t *unused;
    if (count == 0 || count > SUBSCRIPTIONS_MAX)
        return P1_INVAL;
    if (!p1_span(g, in, count * SUBSCRIPTION_BYTES, 8, &unused))
        return P1_STOP;
    p1_errno bad = shortest_wait(g, in, count, &ns);
    if (bad != P1_SUCCESS)
        return bad;
    if (!p1_span(g, out, count * EVENT_BYTES, 8, &unused))
        return P1_STOP;
    if (ns > 0)
        sleep_ns(ns);
    bad = events_write(g, in, out, count, ns, &fired);
    if (bad != P1_SUCCESS)
        return bad;
    return p1_put_u32(g, p1_arg(a, 3), fired) ? P1_SUCCESS : P1_STOP;
}
