#include "emulator/fees.h"

#include "emulator/account_name.h"

typedef enum side { SEND_SIR, SEND, EXECUTION } side;

static uint64_t part(const ol_fee *fee, side which)
{
    switch (which) {
    case SEND_SIR:
        return fee->send_sir;
    case SEND:
        return fee->send;
    case EXECUTION:
        return fee->execution;
    }
    OL_UNREACHABLE();
}

static uint64_t with_bytes(const ol_fee *base, const ol_fee *byte, side which, size_t bytes)
{
    return part(base, which) + part(byte, which) * bytes;
}

/* A transfer may create its receiver, and nobody knows before it runs: it pays for that by the
 * form of the id (NEAR 1.4). */
static uint64_t transfer_fee(const ol_params *p, ol_str receiver_id, side which)
{
    uint64_t fee = part(&p->transfer, which);
    ol_account_kind kind = ol_account_kind_of(receiver_id);
    if (kind != OL_ACCOUNT_NAMED)
        fee += part(&p->create_account, which);
    if (kind == OL_ACCOUNT_IMPLICIT)
        fee += part(&p->add_full_key, which);
    return fee;
}

static uint64_t add_key_fee(const ol_params *p, const ol_access_key *access, side which)
{
    size_t bytes = 0;
    if (access->permission == OL_PERMISSION_FULL)
        return part(&p->add_full_key, which);
    for (size_t i = 0; i < access->method_count; i++)
        bytes += access->methods[i].len + 1;
    return with_bytes(&p->add_call_key, &p->add_call_key_byte, which, bytes);
}

static uint64_t state_init_fee(const ol_params *p, const ol_state_init *init, side which)
{
    size_t bytes = 0;
    for (size_t i = 0; i < init->entry_count; i++)
        bytes += init->entries[i].key.len + init->entries[i].value.len;
    return with_bytes(&p->state_init, &p->state_init_byte, which, bytes) +
           part(&p->state_init_entry, which) * init->entry_count;
}

/* Bytes by which a global contract is named (NEAR 4.3). */
size_t ol_global_id_bytes(const ol_global_id *id)
{
    return id->by_account ? id->account_id.len : sizeof id->hash.bytes;
}

static uint64_t fee_of(const ol_params *p, const ol_action *action, ol_str receiver_id, side which)
{
    switch (action->kind) {
    case OL_ACTION_CREATE_ACCOUNT:
        return part(&p->create_account, which);
    case OL_ACTION_DEPLOY_CONTRACT:
        return with_bytes(&p->deploy, &p->deploy_byte, which, action->deploy.len);
    case OL_ACTION_CALL:
        return with_bytes(&p->call, &p->call_byte, which,
                          action->call.method.len + action->call.args.len);
    case OL_ACTION_TRANSFER:
        return transfer_fee(p, receiver_id, which);
    case OL_ACTION_STAKE:
        return part(&p->stake, which);
    case OL_ACTION_ADD_KEY:
        return add_key_fee(p, &action->add_key.access, which);
    case OL_ACTION_DELETE_KEY:
        return part(&p->delete_key, which);
    case OL_ACTION_DELETE_ACCOUNT:
        return part(&p->delete_account, which);
    case OL_ACTION_DELEGATE:
    case OL_ACTION_DELEGATE_V2:
        return part(&p->delegate, which);
    case OL_ACTION_DEPLOY_GLOBAL:
        return with_bytes(&p->deploy_global, &p->deploy_global_byte, which,
                          action->deploy_global.code.len);
    case OL_ACTION_USE_GLOBAL:
        return with_bytes(&p->use_global, &p->use_global_byte, which,
                          ol_global_id_bytes(&action->use_global));
    case OL_ACTION_STATE_INIT:
        return state_init_fee(p, &action->state_init.init, which);
    case OL_ACTION_TRANSFER_TO_GAS_KEY:
    case OL_ACTION_WITHDRAW_FROM_GAS_KEY:
    case OL_ACTION_KINDS:
        break;
    }
    OL_UNREACHABLE(); /* ol_actions_check refuses gas keys */
}

static bool delegates(const ol_action *action)
{
    return action->kind == OL_ACTION_DELEGATE || action->kind == OL_ACTION_DELEGATE_V2;
}

static uint64_t send_all(const ol_params *params, const ol_action *actions, size_t count,
                         ol_str receiver_id, bool sir)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += ol_fee_send(params, &actions[i], receiver_id, sir);
    return sum;
}

uint64_t ol_fee_send(const ol_params *params, const ol_action *action, ol_str receiver_id, bool sir)
{
    uint64_t fee = fee_of(params, action, receiver_id, sir ? SEND_SIR : SEND);
    if (delegates(action)) /* the relayer pays for the way of the inner actions as well */
        fee += send_all(params, action->delegate->actions, action->delegate->action_count,
                        action->delegate->receiver_id, sir);
    return fee;
}

uint64_t ol_fee_execution(const ol_params *params, const ol_action *action, ol_str receiver_id)
{
    return fee_of(params, action, receiver_id, EXECUTION);
}

uint64_t ol_gas_attached(const ol_action *actions, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (actions[i].kind == OL_ACTION_CALL)
            sum += actions[i].call.gas;
        else if (delegates(&actions[i]))
            sum += ol_gas_attached(actions[i].delegate->actions, actions[i].delegate->action_count);
    }
    return sum;
}

uint64_t ol_fee_delegate_send(const ol_params *params, const ol_delegate *delegate)
{
    return send_all(params, delegate->actions, delegate->action_count, delegate->receiver_id,
                    ol_str_eq(delegate->sender_id, delegate->receiver_id));
}

uint64_t ol_gas_of_delegate(const ol_params *params, const ol_delegate *delegate)
{
    return ol_gas_prepaid(params, delegate->actions, delegate->action_count, delegate->receiver_id);
}

uint64_t ol_gas_prepaid(const ol_params *params, const ol_action *actions, size_t count,
                        ol_str receiver_id)
{
    uint64_t sum = params->action_receipt.execution;
    for (size_t i = 0; i < count; i++) {
        const ol_action *action = &actions[i];
        sum += ol_fee_execution(params, action, receiver_id);
        if (action->kind == OL_ACTION_CALL)
            sum += action->call.gas;
        else if (delegates(action))
            sum += ol_fee_delegate_send(params, action->delegate) +
                   ol_gas_of_delegate(params, action->delegate);
    }
    return sum;
}

bool ol_deposit_total(const ol_action *actions, size_t count, ol_yocto *ret)
{
    ol_yocto sum = OL_YOCTO(0);
    for (size_t i = 0; i < count; i++) {
        ol_yocto inner = OL_YOCTO(0);
        if (delegates(&actions[i]) && !ol_deposit_total(actions[i].delegate->actions,
                                                        actions[i].delegate->action_count, &inner))
            return false;
        if (!ol_yocto_add(sum, ol_action_deposit(&actions[i]), &sum) ||
            !ol_yocto_add(sum, inner, &sum))
            return false;
    }
    *ret = sum;
    return true;
}

bool ol_transaction_cost(const ol_params *params, const ol_transaction *t, ol_yocto gas_price,
                         ol_cost *ret)
{
    bool sir = ol_str_eq(t->signer_id, t->receiver_id);
    ol_cost cost = {
        .gas_burnt = (sir ? params->action_receipt.send_sir : params->action_receipt.send) +
                     send_all(params, t->actions, t->action_count, t->receiver_id, sir),
        .gas_prepaid = ol_gas_prepaid(params, t->actions, t->action_count, t->receiver_id),
        .gas_price = ol_yocto_less(gas_price, params->gas_price_bought_min)
                         ? params->gas_price_bought_min
                         : gas_price,
    };
    cost.burnt = ol_gas_money(cost.gas_burnt, gas_price);
    ol_yocto gas = ol_gas_money(cost.gas_prepaid, cost.gas_price);
    if (!ol_deposit_total(t->actions, t->action_count, &cost.deposits) ||
        !ol_yocto_add(cost.burnt, gas, &cost.total) ||
        !ol_yocto_add(cost.total, cost.deposits, &cost.total))
        return false;
    *ret = cost;
    return true;
}

ol_yocto ol_receipt_money(const ol_params *params, const ol_receipt *receipt)
{
    ol_yocto deposits = OL_YOCTO(0);
    ol_yocto total = OL_YOCTO(0);
    if (!ol_receipt_runs_actions(receipt))
        return total;
    ol_yocto gas = ol_gas_money(
        ol_gas_prepaid(params, receipt->actions, receipt->action_count, receipt->receiver_id),
        receipt->gas_price);
    bool fits = ol_deposit_total(receipt->actions, receipt->action_count, &deposits) &&
                ol_yocto_add(gas, deposits, &total);
    OL_ASSERT(fits); /* all of it was taken from an account */
    return total;
}
