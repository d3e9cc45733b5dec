/* What actions cost in gas, and what a transaction costs in money (NEAR 1.4, 4.3).
 *
 * Sending is burnt by whoever sends, executing is prepaid and burnt by the receiver. Everything a
 * receipt may burn is bought when its transaction is, at the price stored in the receipt. */
#ifndef OL_EMULATOR_FEES_H
#define OL_EMULATOR_FEES_H

#include "emulator/params.h"
#include "lib/near/transaction.h"

/* Sums are checked; what they sum over has passed ol_actions_check, whose limits keep them far
 * below 2^64. */
uint64_t ol_fee_send(const ol_params *params, const ol_action *action, ol_str receiver_id,
                     bool sir);
uint64_t ol_fee_execution(const ol_params *params, const ol_action *action, ol_str receiver_id);

/* Gas attached to the calls of a list, those of delegate actions included. */
uint64_t ol_gas_attached(const ol_action *actions, size_t count);
/* All the gas a receipt of these actions brings along: attached, its execution fees, and for a
 * delegate action what the inner receipt will need. */
uint64_t ol_gas_prepaid(const ol_params *params, const ol_action *actions, size_t count,
                        ol_str receiver_id);
/* What is burnt when a delegate action makes its inner receipt. */
uint64_t ol_fee_delegate_send(const ol_params *params, const ol_delegate *delegate);
/* What that inner receipt brings along. */
uint64_t ol_gas_of_delegate(const ol_params *params, const ol_delegate *delegate);

/* Bytes by which a global contract is named (NEAR 4.3). */
size_t ol_global_id_bytes(const ol_global_id *id);

/* False for a sum beyond 128 bits. */
bool ol_deposit_total(const ol_action *actions, size_t count, ol_yocto *ret);

typedef struct ol_cost {
    uint64_t gas_burnt;   /* turning the transaction into a receipt */
    uint64_t gas_prepaid; /* by the receipt */
    ol_yocto gas_price;   /* at which it was bought */
    ol_yocto burnt;
    ol_yocto deposits;
    ol_yocto total; /* all that leaves the signer */
} ol_cost;

/* False: CostOverflow. */
bool ol_transaction_cost(const ol_params *params, const ol_transaction *transaction,
                         ol_yocto gas_price, ol_cost *ret);

/* NEAR that a receipt carries: deposits, and gas at the price it was bought for. */
ol_yocto ol_receipt_money(const ol_params *params, const ol_receipt *receipt);

static inline ol_yocto ol_gas_money(uint64_t gas, ol_yocto price)
{
    ol_yocto money = OL_YOCTO(0);
    bool fits = ol_yocto_mul(price, gas, &money);
    OL_ASSERT(fits); /* 2^64 gas at a price below 2^64 */
    return money;
}

#endif
