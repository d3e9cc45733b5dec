#include "emulator/check.h"

#include "emulator/account_name.h"
#include "emulator/fees.h"
#include "emulator/list.h"
#include "lib/near/account_id.h"

/* NEP-448: accounts this small need no balance. */
enum { FREE_STORAGE_BYTES = 770 };

static ol_failure none(void)
{
    return (ol_failure){.kind = OL_FAILURE_NONE};
}

static ol_failure over(ol_failure_kind kind, uint64_t given, uint64_t limit)
{
    return (ol_failure){.kind = kind, .number = given, .number2 = limit};
}

static bool delegates(const ol_action *action)
{
    return action->kind == OL_ACTION_DELEGATE || action->kind == OL_ACTION_DELEGATE_V2;
}

static ol_failure check_call(const ol_params *params, const ol_action *action)
{
    if (action->call.gas == 0)
        return (ol_failure){.kind = OL_FAILURE_ZERO_GAS};
    if (action->call.method.len > params->method_bytes_max)
        return over(OL_FAILURE_METHOD_LENGTH, action->call.method.len, params->method_bytes_max);
    if (action->call.args.len > params->args_bytes_max)
        return over(OL_FAILURE_ARGS_LENGTH, action->call.args.len, params->args_bytes_max);
    return none();
}

static ol_failure check_code(const ol_params *params, ol_bytes code)
{
    if (code.len > params->contract_bytes_max)
        return over(OL_FAILURE_CONTRACT_SIZE, code.len, params->contract_bytes_max);
    return none();
}

static ol_failure check_account_id(ol_str id)
{
    if (!ol_account_id_valid(id))
        return (ol_failure){.kind = OL_FAILURE_ACTION_ACCOUNT_ID, .account = id};
    return none();
}

/* Gas keys are not built: they say so instead of doing something else. */
static ol_failure no_gas_keys(const ol_params *params)
{
    return (ol_failure){.kind = OL_FAILURE_UNSUPPORTED,
                        .other = OL_STR("GasKeys"),
                        .number = params->protocol_version};
}

static ol_failure check_add_key(const ol_params *params, const ol_access_key *access)
{
    if (access->permission == OL_PERMISSION_FULL)
        return none();
    if (access->permission != OL_PERMISSION_CALL)
        return no_gas_keys(params);
    if (!ol_account_id_valid(access->receiver_id))
        return check_account_id(access->receiver_id);
    size_t total = 0;
    for (size_t i = 0; i < access->method_count; i++) {
        size_t len = access->methods[i].len;
        if (len > params->method_bytes_max)
            return over(OL_FAILURE_KEY_METHOD_LENGTH, len, params->method_bytes_max);
        total += len + 1; /* each name ends with a byte of its own */
    }
    if (total > params->key_methods_bytes_max)
        return over(OL_FAILURE_KEY_METHODS_BYTES, total, params->key_methods_bytes_max);
    return none();
}

static ol_failure check_global_id(const ol_global_id *id)
{
    return id->by_account ? check_account_id(id->account_id) : none();
}

static ol_failure check_delegate(const ol_params *params, const ol_action *action, ol_arena *arena)
{
    const ol_delegate *delegate = action->delegate;
    if (action->kind == OL_ACTION_DELEGATE_V2 && params->protocol_version < 85)
        return (ol_failure){.kind = OL_FAILURE_UNSUPPORTED,
                            .other = OL_STR("DelegateV2"),
                            .number = params->protocol_version};
    if (delegate->has_nonce_index)
        return no_gas_keys(params);
    if (!ol_account_id_valid(delegate->sender_id))
        return check_account_id(delegate->sender_id);
    if (!ol_account_id_valid(delegate->receiver_id))
        return check_account_id(delegate->receiver_id);
    return ol_actions_check(params, delegate->actions, delegate->action_count,
                            delegate->receiver_id, arena);
}

static ol_failure check_state_init(const ol_params *params, const ol_state_init *init,
                                   ol_str receiver_id, ol_arena *arena)
{
    char derived[OL_ACCOUNT_ETH_BYTES];
    ol_failure failure = check_global_id(&init->code);
    if (failure.kind != OL_FAILURE_NONE)
        return failure;
    ol_account_id_of_state(init, derived);
    ol_str id = {derived, sizeof derived};
    if (!ol_str_eq(id, receiver_id))
        return (ol_failure){.kind = OL_FAILURE_STATE_INIT_RECEIVER,
                            .account = receiver_id,
                            .other = ol_keep(arena, id)};
    for (size_t i = 0; i < init->entry_count; i++) {
        size_t key = init->entries[i].key.len;
        size_t value = init->entries[i].value.len;
        if (key > params->data_key_bytes_max)
            return over(OL_FAILURE_STATE_INIT_KEY, key, params->data_key_bytes_max);
        if (value > params->data_value_bytes_max)
            return over(OL_FAILURE_STATE_INIT_VALUE, value, params->data_value_bytes_max);
    }
    return none();
}

static ol_failure check_action(const ol_params *params, const ol_action *action, ol_str receiver_id,
                               ol_arena *arena)
{
    switch (action->kind) {
    case OL_ACTION_DEPLOY_CONTRACT:
        return check_code(params, action->deploy);
    case OL_ACTION_DEPLOY_GLOBAL:
        return check_code(params, action->deploy_global.code);
    case OL_ACTION_CALL:
        return check_call(params, action);
    case OL_ACTION_STAKE:
        if (action->stake.key.curve != OL_CURVE_ED25519)
            return (ol_failure){.kind = OL_FAILURE_STAKING_KEY, .key = action->stake.key};
        return none();
    case OL_ACTION_ADD_KEY:
        return check_add_key(params, &action->add_key.access);
    case OL_ACTION_DELETE_ACCOUNT:
        return check_account_id(action->beneficiary);
    case OL_ACTION_DELEGATE:
    case OL_ACTION_DELEGATE_V2:
        return check_delegate(params, action, arena);
    case OL_ACTION_USE_GLOBAL:
        return check_global_id(&action->use_global);
    case OL_ACTION_STATE_INIT:
        return check_state_init(params, &action->state_init.init, receiver_id, arena);
    case OL_ACTION_TRANSFER_TO_GAS_KEY:
    case OL_ACTION_WITHDRAW_FROM_GAS_KEY:
        return no_gas_keys(params);
    case OL_ACTION_CREATE_ACCOUNT:
    case OL_ACTION_TRANSFER:
    case OL_ACTION_DELETE_KEY:
    case OL_ACTION_KINDS:
        break;
    }
    return none();
}

/* The sum, stopped before it could wrap. */
static ol_failure check_gas(const ol_params *params, const ol_action *actions, size_t count)
{
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t gas = 0;
        if (actions[i].kind == OL_ACTION_CALL)
            gas = actions[i].call.gas;
        else if (delegates(&actions[i])) /* checked by itself before: far from wrapping */
            gas = ol_gas_attached(actions[i].delegate->actions, actions[i].delegate->action_count);
        if (!ol_u64_add(total, gas, &total))
            return (ol_failure){.kind = OL_FAILURE_INTEGER_OVERFLOW};
    }
    if (total > params->prepaid_gas_max)
        return over(OL_FAILURE_PREPAID_GAS, total, params->prepaid_gas_max);
    return none();
}

static size_t count_deploys(const ol_action *actions, size_t count)
{
    size_t deploys = 0;
    for (size_t i = 0; i < count; i++)
        deploys += actions[i].kind == OL_ACTION_DEPLOY_CONTRACT ||
                   actions[i].kind == OL_ACTION_DEPLOY_GLOBAL;
    return deploys;
}

ol_failure ol_actions_check(const ol_params *params, const ol_action *actions, size_t count,
                            ol_str receiver_id, ol_arena *arena)
{
    bool delegated = false;
    size_t deploys = count_deploys(actions, count);
    if (count > params->receipt_actions_max)
        return over(OL_FAILURE_ACTION_COUNT, count, params->receipt_actions_max);
    if (deploys > params->receipt_deploys_max)
        return over(OL_FAILURE_DEPLOY_COUNT, deploys, params->receipt_deploys_max);
    for (size_t i = 0; i < count; i++) {
        if (actions[i].kind == OL_ACTION_DELETE_ACCOUNT && i + 1 < count)
            return (ol_failure){.kind = OL_FAILURE_DELETE_NOT_LAST};
        if (delegates(&actions[i]) && delegated)
            return (ol_failure){.kind = OL_FAILURE_SECOND_DELEGATE};
        delegated = delegated || delegates(&actions[i]);
        ol_failure failure = check_action(params, &actions[i], receiver_id, arena);
        if (failure.kind != OL_FAILURE_NONE)
            return failure;
    }
    return check_gas(params, actions, count);
}

static ol_failure check_new_receipt(const ol_params *params, const ol_receipt *receipt,
                                    ol_arena *arena)
{
    ol_buf bytes = ol_buf_new(params->receipt_bytes_max);
    ol_receipt_encode(receipt, &bytes);
    bool fits = ol_buf_ok(&bytes);
    ol_buf_deinit(&bytes);
    if (!fits)
        return over(OL_FAILURE_RECEIPT_SIZE, params->receipt_bytes_max + 1,
                    params->receipt_bytes_max);
    if (receipt->input_count > params->receipt_inputs_max)
        return over(OL_FAILURE_RECEIPT_DEPENDENCIES, receipt->input_count,
                    params->receipt_inputs_max);
    return ol_actions_check(params, receipt->actions, receipt->action_count, receipt->receiver_id,
                            arena);
}

ol_failure ol_receipt_check(const ol_params *params, const ol_receipt *receipt, ol_arena *arena)
{
    if (!ol_receipt_runs_actions(receipt))
        return none();
    ol_failure failure = check_new_receipt(params, receipt, arena);
    failure.in_action = true;
    return failure;
}

ol_yocto ol_storage_stake_lack(const ol_params *params, const ol_account *account, ol_yocto amount)
{
    ol_yocto needed = OL_YOCTO(0);
    ol_yocto held = OL_YOCTO(0);
    bool fits = ol_yocto_mul(params->storage_byte, account->storage_usage, &needed) &&
                ol_yocto_add(amount, account->locked, &held);
    OL_ASSERT(fits);
    if (account->storage_usage <= FREE_STORAGE_BYTES)
        return OL_YOCTO(0);
    return ol_yocto_sub_floor(needed, held);
}
