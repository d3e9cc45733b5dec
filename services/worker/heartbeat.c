#include "services/worker/heartbeat.h"

#include <poll.h>
#include <time.h>

#include "lib/base/log.h"
#include "services/worker/coordinator.h"

/* So often a restart's cursor moves on, too: blocks read twice are few. A quarter of the silence
 * after which the coordinator gives our runs to somebody else (Coordinator 4.3). */
enum { PERIOD_MS = 5000 };

/* Stale when the last poll is older than an iteration may take (Worker 1). */
static ol_str status_of(const worker *w)
{
    const worker_settings *s = w->settings;
    bool busy = atomic_load(&w->busy) > 0;
    if (atomic_load(&w->draining))
        return busy ? OL_STR("busy") : OL_STR("offline");
    int64_t last = atomic_load(&w->poll_s);
    int64_t bound = (int64_t)(s->poll_seconds + s->seconds_cap + s->overhead_seconds);
    if (last > 0 && (int64_t)time(NULL) - last > bound)
        return OL_STR("stale");
    if (atomic_load(&w->monitor_stuck)) /* Worker 3.1 */
        return OL_STR("stale");
    return busy ? OL_STR("busy") : OL_STR("online");
}

static void beat(coordinator *c, const worker *w, ol_str status)
{
    ol_err err;
    const heartbeat_report report = {.status = status,
                                     .last_poll_s = atomic_load(&w->poll_s),
                                     .block_height = atomic_load(&w->block_height)};
    if (coordinator_heartbeat(c, &report, &err) != OL_OK)
        OL_LOG_ERR(OL_WARN, "heartbeat_failed", &err, KV("worker_id", w->id));
}

/* Draining is no silence: what still runs would be given to somebody else. */
static bool done_within(const worker *w, int ms)
{
    struct pollfd done = {.fd = w->done, .events = POLLIN};
    return poll(&done, 1, ms) > 0;
}

void *heartbeat_run(void *context)
{
    worker *w = context;
    coordinator *c = coordinator_open(w->settings, w->id);
    if (c == NULL)
        return NULL;
    coordinator_use_life(c, w->life);
    do
        beat(c, w, status_of(w));
    while (!done_within(w, PERIOD_MS));
    beat(c, w, OL_STR("offline"));
    coordinator_close(c);
    return NULL;
}
