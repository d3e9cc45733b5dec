/* When blocks are made, and what hangs on each. */
#include "emulator/server/localnet.h"

static const int64_t NS_PER_MS = 1000000;

static uint64_t block_ns(const localnet *net)
{
    return net->set->block_ms * (uint64_t)NS_PER_MS;
}

/* By demand the chain goes on until what happened is final, so that who follows final blocks sees
 * it without a clock. */
static bool something_unsettled(const localnet *net)
{
    return ol_node_has_work(net->node) || ol_node_final(net->node)->height < net->busy_height;
}

bool localnet_block_is_due(const localnet *net, int64_t now_ns)
{
    if (net->halted)
        return false;
    bool by_clock = net->set->block_ms > 0 && now_ns >= net->next_block_ns;
    switch (net->set->produce) {
    case PRODUCE_DEMAND:
        return by_clock || something_unsettled(net);
    case PRODUCE_INTERVAL:
        return by_clock;
    case PRODUCE_MANUAL:
        return false;
    }
    OL_UNREACHABLE();
}

int64_t localnet_block_due_ns(const localnet *net)
{
    if (net->set->produce == PRODUCE_MANUAL || net->halted)
        return -1;
    if (net->set->produce == PRODUCE_DEMAND && something_unsettled(net))
        return 0;
    return net->set->block_ms > 0 ? net->next_block_ns : -1;
}

static bool happened(const ol_block *block)
{
    return block->transaction_count > 0 || block->outcome_count > 0 || block->incoming_count > 0 ||
           block->outgoing_count > 0 || block->change_count > 0;
}

static void clock_restart(localnet *net)
{
    int64_t now = ol_mono_ns(net->clock);
    int64_t step = (int64_t)block_ns(net);
    bool steady = net->set->produce == PRODUCE_INTERVAL && net->next_block_ns + step > now;
    net->next_block_ns = (steady ? net->next_block_ns : now) + step;
}

void localnet_chain_changed(localnet *net)
{
    const ol_block *head = ol_node_head(net->node);
    if (happened(head) || net->busy_height > head->height)
        net->busy_height = head->height;
    waits_try_all(net, &net->waits);
}

/* `stale-final`: with each block the head is one further from the final one, until it is over. */
static void finality_move(localnet *net)
{
    unsigned lag = (unsigned)net->set->finality_lag;
    if (net->faults.stale_blocks > 0) {
        net->faults.stale_blocks--;
        lag = ol_node_settings(net->node)->finality_lag + 1;
    }
    ol_node_set_finality_lag(net->node, lag);
}

ol_rc localnet_block(localnet *net, ol_err *err)
{
    ol_rc rc = ol_node_produce(net->node, err);
    clock_restart(net); /* a block that failed is not tried again at once */
    OL_TRY(rc);
    finality_move(net);
    localnet_chain_changed(net);
    return OL_OK;
}
