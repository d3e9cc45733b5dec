/* What of its money a receipt gives back, and what it burns (NEAR 4.3). */
#include "emulator/apply.h"

/* Creating an account costs a fixed amount. What the gas for it costs at today's price falls short
 * of that, and the rest is kept of what would be refunded because gas was bought dearer. */
static ol_yocto creation_charge(const ol_run *run, ol_yocto price, ol_yocto surplus)
{
    const ol_params *params = run->apply->params;
    bool created = !run->existed && run->exists && run->failure.kind == OL_FAILURE_NONE;
    if (!created)
        return OL_YOCTO(0);
    ol_yocto paid = ol_gas_money(params->create_account.execution, price);
    return ol_yocto_min(ol_yocto_sub_floor(params->account_charge, paid), surplus);
}

static void refund_deposits(ol_run *run)
{
    const ol_receipt *receipt = run->receipt;
    ol_yocto deposits = OL_YOCTO(0);
    bool fits = ol_deposit_total(receipt->actions, receipt->action_count, &deposits);
    OL_ASSERT(fits);
    if (run->failure.kind == OL_FAILURE_NONE || ol_yocto_is_zero(deposits))
        return;
    ol_str to = receipt->refund_to.len > 0 ? receipt->refund_to : receipt->predecessor_id;
    ol_run_send_refund(run, to, deposits);
}

/* A gas refund restores the allowance of the key that paid: it carries that key. */
static void refund_gas(ol_run *run, ol_yocto amount)
{
    if (ol_yocto_is_zero(amount))
        return;
    ol_run_send_refund(run, run->receipt->signer_id, amount);
    ol_receipt *refund = OL_LIST_ITEMS(&run->receipts, ol_receipt *)[run->receipts.count - 1];
    refund->signer_id = run->receipt->signer_id;
    refund->signer_key = run->receipt->signer_key;
}

static ol_yocto sum(ol_yocto a, ol_yocto b)
{
    ol_yocto total = OL_YOCTO(0);
    bool fits = ol_yocto_add(a, b, &total);
    OL_ASSERT(fits);
    return total;
}

/* A refund costs nothing; one that finds no receiver is burnt. */
static ol_yocto settle_refund(const ol_run *run)
{
    ol_yocto lost = OL_YOCTO(0);
    if (run->failure.kind != OL_FAILURE_NONE) {
        bool fits = ol_deposit_total(run->receipt->actions, run->receipt->action_count, &lost);
        OL_ASSERT(fits);
    }
    return lost;
}

ol_yocto ol_run_settle(ol_run *run)
{
    const ol_receipt *receipt = run->receipt;
    if (ol_receipt_is_refund(receipt))
        return settle_refund(run);
    bool failed = run->failure.kind != OL_FAILURE_NONE;
    ol_yocto bought = receipt->gas_price;
    ol_yocto price = ol_yocto_min(bought, run->apply->gas_price);
    uint64_t prepaid = ol_gas_prepaid(run->apply->params, receipt->actions, receipt->action_count,
                                      receipt->receiver_id);
    uint64_t used = failed ? run->gas_burnt : run->gas_used;
    OL_ASSERT(used <= prepaid);
    /* Gas that was burnt at a lower price than it was bought for leaves a surplus. */
    ol_yocto surplus = ol_gas_money(run->gas_burnt, ol_yocto_sub_floor(bought, price));
    ol_yocto charge = creation_charge(run, price, surplus);
    refund_deposits(run);
    refund_gas(run, sum(ol_gas_money(prepaid - used, bought), ol_yocto_sub_floor(surplus, charge)));
    return sum(sum(ol_gas_money(run->gas_burnt, price), charge), run->burnt);
}
