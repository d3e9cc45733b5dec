/* Clocks (Host interfaces 4): the real wall clock, and one that starts with the run. */
#include <time.h>

#include "services/runner/p1_guest.h"

enum { CLOCK_WALL = 0, CLOCK_MONO = 1, CLOCK_LAST = 3 }; /* 2 and 3 count CPU time: not offered */

static uint64_t read_clock(clockid_t id)
{
    struct timespec now = {0};
    (void)clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t p1_clock_now(const p1_guest *g, uint32_t clock)
{
    if (clock == CLOCK_WALL)
        return read_clock(CLOCK_REALTIME);
    return read_clock(CLOCK_MONOTONIC) - (uint64_t)g->started_ns;
}

static p1_errno check(p1_guest *g, uint32_t clock)
{
    if (clock > CLOCK_LAST)
        return p1_trap(g, "Invalid enum value Clockid");
    return clock > CLOCK_MONO ? P1_BADF : P1_SUCCESS;
}

p1_errno p1_clock_res_get(p1_guest *g, const wasmtime_val_raw_t *a)
{
    p1_errno bad = check(g, p1_arg(a, 0));
    if (bad != P1_SUCCESS)
        return bad;
    return p1_put_u64(g, p1_arg(a, 1), 1) ? P1_SUCCESS : P1_STOP;
}

p1_errno p1_clock_time_get(p1_guest *g, const wasmtime_val_raw_t *a)
{
    p1_errno bad = check(g, p1_arg(a, 0));
    if (bad != P1_SUCCESS)
        return bad;
    uint64_t now = p1_clock_now(g, p1_arg(a, 0));
    return p1_put_u64(g, p1_arg(a, 2), now) ? P1_SUCCESS : P1_STOP;
}

p1_errno p1_sched_yield(p1_guest *g, const wasmtime_val_raw_t *a)
{
    (void)g;
    (void)a;
    return P1_SUCCESS;
}
