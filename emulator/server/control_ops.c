#include "emulator/server/control_ops.h"

#include "lib/near/account_id.h"

ol_rc control_mine(localnet *net, uint64_t blocks, ol_err *err)
{
    if (blocks == 0 || blocks > MINE_BLOCKS_MAX)
        return ol_fail(err, OL_ERR_INVALID, "blocks: expected 1 to %d", MINE_BLOCKS_MAX);
    for (uint64_t i = 0; i < blocks; i++)
        OL_TRY(localnet_block(net, err));
    return OL_OK;
}

ol_rc control_forward(localnet *net, uint64_t blocks, uint64_t ns, ol_err *err)
{
    if (ns > 0)
        ol_node_pass(net->node, ns);
    return control_mine(net, blocks == 0 ? 1 : blocks, err);
}

/* Patches make blocks of their own. */
static ol_rc changed(localnet *net, ol_rc rc)
{
    if (rc == OL_OK)
        localnet_chain_changed(net);
    return rc;
}

ol_rc control_account_id_check(ol_str account_id, ol_err *err)
{
    if (!ol_account_id_valid(account_id))
        return ol_fail(err, OL_ERR_INVALID, "account_id: not a valid account ID");
    return OL_OK;
}

ol_rc control_account(localnet *net, const ol_account_seed *seed, ol_err *err)
{
    OL_TRY(control_account_id_check(seed->id, err));
    return changed(net, ol_node_put_account(net->node, seed, err));
}

ol_rc control_fund(localnet *net, ol_str account_id, ol_yocto amount, ol_err *err)
{
    OL_TRY(control_account_id_check(account_id, err));
    return changed(net, ol_node_fund(net->node, account_id, amount, err));
}

static ol_rc name_check(ol_str name, ol_err *err)
{
    if (name.len == 0 || name.len > SNAPSHOT_NAME_BYTES_MAX)
        return ol_fail(err, OL_ERR_INVALID, "name: expected 1 to %d bytes",
                       SNAPSHOT_NAME_BYTES_MAX);
    return OL_OK;
}

ol_rc control_snapshot(localnet *net, ol_str name, ol_err *err)
{
    OL_TRY(name_check(name, err));
    return ol_node_snapshot(net->node, name, err);
}

ol_rc control_restore(localnet *net, ol_str name, ol_err *err)
{
    OL_TRY(name_check(name, err));
    OL_TRY(ol_node_restore(net->node, name, err));
    net->halted = false;
    net->faults.stale_blocks = 0;
    ol_node_set_finality_lag(net->node, (unsigned)net->set->finality_lag);
    localnet_chain_changed(net);
    return OL_OK;
}

static ol_rc chain_fork(localnet *net, uint64_t depth, ol_err *err)
{
    if (depth == 0 || depth > OL_NODE_FORK_DEPTH_MAX)
        return ol_fail(err, OL_ERR_INVALID, "count: a fork is 1 to %d blocks deep",
                       OL_NODE_FORK_DEPTH_MAX);
    return changed(net, ol_node_fork(net->node, (unsigned)depth, err));
}

ol_rc control_fault(localnet *net, fault_kind kind, uint64_t count, uint32_t percent, ol_str method,
                    ol_err *err)
{
    if (count > FAULT_COUNT_MAX || percent == 0 || percent > FAULT_PERCENT_ALL)
        return ol_fail(err, OL_ERR_INVALID, "count: at most %d; percent: 1 to 100",
                       FAULT_COUNT_MAX);
    if (method.len > FAULT_METHOD_BYTES_MAX)
        return ol_fail(err, OL_ERR_INVALID, "method: at most %d bytes", FAULT_METHOD_BYTES_MAX);
    switch (kind) {
    case FAULT_RPC_TIMEOUT:
    case FAULT_HTTP_500:
        faults_arm(&net->faults, kind, count, percent, method);
        return OL_OK;
    case FAULT_STALE_FINAL:
        net->faults.stale_blocks = count;
        break;
    case FAULT_SKIP:
        ol_node_skip(net->node, count);
        break;
    case FAULT_FORK:
        OL_TRY(chain_fork(net, count, err));
        break;
    case FAULT_KINDS:
        OL_UNREACHABLE();
    }
    net->faults.seen[kind]++;
    return OL_OK;
}
