/* The thread of the node: requests first, then at most one block, and again. */
#include "emulator/server/localnet.h"
#include "lib/base/log.h"

enum { ARRIVALS_AT_ONCE = 64 };

static int64_t earlier(int64_t a_ns, int64_t b_ns)
{
    if (a_ns < 0 || b_ns < 0)
        return a_ns < 0 ? b_ns : a_ns;
    return a_ns < b_ns ? a_ns : b_ns;
}

/* How many it served; 0 when it was woken by the clock, or the queue is closed and empty. */
static size_t serve_arrivals(localnet *net)
{
    void *item[ARRIVALS_AT_ONCE];
    int64_t wake_ns = earlier(localnet_block_due_ns(net), waits_next_ns(&net->waits));
    size_t count = ol_queue_pop_many(&net->arrivals, item, ARRIVALS_AT_ONCE, wake_ns);
    for (size_t i = 0; i < count; i++) {
        arrival *one = item[i];
        one->serve(net, one->request); /* `one` may be gone afterwards */
    }
    return count;
}

static void block_if_due(localnet *net)
{
    ol_err err = {0};
    if (!localnet_block_is_due(net, ol_mono_ns(net->clock)))
        return;
    if (localnet_block(net, &err) == OL_OK)
        return;
    net->halted = true; /* a chain that cannot go on says so once */
    OL_LOG_ERR(OL_ERROR, "block_failed", &err, KV("height", ol_node_head(net->node)->height + 1));
}

void *driver_run(void *context)
{
    localnet *net = context;
    net->next_block_ns = ol_mono_ns(net->clock);
    while (!atomic_load(&net->stopping)) {
        (void)serve_arrivals(net);
        block_if_due(net);
        waits_expire(net, &net->waits, ol_mono_ns(net->clock), false);
    }
    while (serve_arrivals(net) > 0) /* the queue is closed: these are the last */
        ;
    waits_expire(net, &net->waits, 0, true);
    return NULL;
}
