/* Running an action receipt: its actions one after the other, all of them or none (NEAR 4.3, 4.4).
 * Read ol_run_receipt at the end first. */
#include "emulator/account_name.h"
#include "emulator/apply.h"
#include "emulator/check.h"
#include "emulator/state_key.h"

/* ── What actions use ── */

bool ol_run_fail(ol_run *run, ol_failure failure)
{
    failure.in_action = true;
    failure.has_index = true;
    failure.index = run->action_index;
    run->failure = failure;
    return false;
}

bool ol_run_fail_account(ol_run *run, ol_failure_kind kind)
{
    return ol_run_fail(run, (ol_failure){.kind = kind, .account = run->receipt->receiver_id});
}

ol_receipt *ol_run_send(ol_run *run, ol_receipt_kind kind, ol_str receiver_id)
{
    ol_receipt *receipt = OL_TAKE(run->apply->arena, ol_receipt);
    *receipt = (ol_receipt){.kind = kind,
                            .transaction_hash = run->receipt->transaction_hash,
                            .predecessor_id = run->receipt->receiver_id,
                            .receiver_id = receiver_id};
    OL_LIST_ADD(&run->receipts, run->apply->arena, ol_receipt *) = receipt;
    return receipt;
}

void ol_run_send_refund(ol_run *run, ol_str receiver_id, ol_yocto amount)
{
    ol_receipt *refund = ol_run_send(run, OL_RECEIPT_ACTION, receiver_id);
    ol_action *transfer = OL_TAKE(run->apply->arena, ol_action);
    *transfer = ol_action_transfer(amount);
    refund->predecessor_id = OL_STR("system");
    refund->signer_id = OL_STR("system"); /* with the key of zeroes */
    refund->actions = transfer;
    refund->action_count = 1;
}

void ol_run_cost(ol_run *run, const char *category, ol_str cost, uint64_t gas)
{
    ol_gas_cost *rows = OL_LIST_ITEMS(&run->costs, ol_gas_cost);
    for (size_t i = 0; i < run->costs.count; i++) {
        if (ol_str_eq(rows[i].cost, cost) && ol_str_eq(rows[i].category, ol_str_of(category))) {
            rows[i].gas += gas;
            return;
        }
    }
    OL_LIST_ADD(&run->costs, run->apply->arena, ol_gas_cost) =
        (ol_gas_cost){.category = ol_str_of(category), .cost = cost, .gas = gas};
}

/* ── May this action be done here, and by them? ── */

static bool check_existence(ol_run *run, const ol_action *action)
{
    ol_account_kind kind = ol_account_kind_of(run->receipt->receiver_id);
    bool creates = run->receipt->action_count == 1 && !ol_receipt_is_refund(run->receipt);
    switch (action->kind) {
    case OL_ACTION_CREATE_ACCOUNT:
        if (run->exists)
            return ol_run_fail_account(run, OL_FAILURE_ACCOUNT_EXISTS);
        if (kind != OL_ACCOUNT_NAMED)
            return ol_run_fail_account(run, OL_FAILURE_ONLY_IMPLICIT);
        return true;
    case OL_ACTION_TRANSFER: /* alone it makes an account whose id follows from a key or a state */
        if (!run->exists && !(creates && kind != OL_ACCOUNT_NAMED))
            return ol_run_fail_account(run, OL_FAILURE_ACCOUNT_MISSING);
        return true;
    case OL_ACTION_STATE_INIT:
        return true;
    case OL_ACTION_DEPLOY_CONTRACT:
    case OL_ACTION_CALL:
    case OL_ACTION_STAKE:
    case OL_ACTION_ADD_KEY:
    case OL_ACTION_DELETE_KEY:
    case OL_ACTION_DELETE_ACCOUNT:
    case OL_ACTION_DELEGATE:
    case OL_ACTION_DELEGATE_V2:
    case OL_ACTION_DEPLOY_GLOBAL:
    case OL_ACTION_USE_GLOBAL:
    case OL_ACTION_TRANSFER_TO_GAS_KEY:
    case OL_ACTION_WITHDRAW_FROM_GAS_KEY:
    case OL_ACTION_KINDS:
        break;
    }
    return run->exists || ol_run_fail_account(run, OL_FAILURE_ACCOUNT_MISSING);
}

/* What only the account itself may do to itself. */
static bool is_own_business(ol_action_kind kind)
{
    switch (kind) {
    case OL_ACTION_DEPLOY_CONTRACT:
    case OL_ACTION_STAKE:
    case OL_ACTION_ADD_KEY:
    case OL_ACTION_DELETE_KEY:
    case OL_ACTION_DELETE_ACCOUNT:
    case OL_ACTION_DEPLOY_GLOBAL:
    case OL_ACTION_USE_GLOBAL:
    case OL_ACTION_WITHDRAW_FROM_GAS_KEY:
        return true;
    case OL_ACTION_CREATE_ACCOUNT:
    case OL_ACTION_CALL:
    case OL_ACTION_TRANSFER:
    case OL_ACTION_DELEGATE:
    case OL_ACTION_DELEGATE_V2:
    case OL_ACTION_STATE_INIT:
    case OL_ACTION_TRANSFER_TO_GAS_KEY:
    case OL_ACTION_KINDS:
        break;
    }
    return false;
}

static bool check_permission(ol_run *run, const ol_action *action)
{
    if (is_own_business(action->kind) && !ol_str_eq(run->actor, run->receipt->receiver_id))
        return ol_run_fail(run, (ol_failure){.kind = OL_FAILURE_ACTOR_NO_PERMISSION,
                                             .account = run->receipt->receiver_id,
                                             .other = run->actor});
    if (action->kind == OL_ACTION_DELETE_ACCOUNT && !ol_yocto_is_zero(run->account.locked))
        return ol_run_fail_account(run, OL_FAILURE_DELETE_STAKING);
    return true;
}

/* ── The actions ── */

static ol_rc act(ol_run *run, const ol_action *action, ol_err *err)
{
    switch (action->kind) {
    case OL_ACTION_CREATE_ACCOUNT:
        (void)ol_act_create_account(run);
        break;
    case OL_ACTION_DEPLOY_CONTRACT:
        (void)ol_act_deploy(run, action->deploy);
        break;
    case OL_ACTION_CALL:
        return ol_act_call(run, action, err);
    case OL_ACTION_TRANSFER:
        (void)ol_act_transfer(run, action->transfer);
        break;
    case OL_ACTION_STAKE:
        (void)ol_act_stake(run, action->stake.amount);
        break;
    case OL_ACTION_ADD_KEY:
        (void)ol_act_add_key(run, &action->add_key.key, &action->add_key.access);
        break;
    case OL_ACTION_DELETE_KEY:
        (void)ol_act_delete_key(run, &action->delete_key);
        break;
    case OL_ACTION_DELETE_ACCOUNT:
        (void)ol_act_delete_account(run, action->beneficiary);
        break;
    case OL_ACTION_DELEGATE:
    case OL_ACTION_DELEGATE_V2:
        (void)ol_act_delegate(run, action->delegate, action->kind == OL_ACTION_DELEGATE_V2);
        break;
    case OL_ACTION_DEPLOY_GLOBAL:
        (void)ol_act_deploy_global(run, action->deploy_global.code,
                                   action->deploy_global.by_account);
        break;
    case OL_ACTION_USE_GLOBAL:
        (void)ol_act_use_global(run, &action->use_global);
        break;
    case OL_ACTION_STATE_INIT:
        (void)ol_act_state_init(run, &action->state_init.init, action->state_init.deposit);
        break;
    case OL_ACTION_TRANSFER_TO_GAS_KEY:
    case OL_ACTION_WITHDRAW_FROM_GAS_KEY:
    case OL_ACTION_KINDS:
        OL_UNREACHABLE(); /* ol_actions_check refuses them */
    }
    return OL_OK;
}

/* Receipts an action made must obey the rules of transactions. */
static bool check_receipts(ol_run *run, size_t from)
{
    for (size_t i = from; i < run->receipts.count; i++) {
        const ol_receipt *made = OL_LIST_ITEMS(&run->receipts, ol_receipt *)[i];
        ol_failure failure = ol_receipt_check(run->apply->params, made, run->apply->arena);
        if (failure.kind != OL_FAILURE_NONE)
            return ol_run_fail(run, failure);
    }
    return true;
}

static ol_rc run_action(ol_run *run, const ol_action *action, ol_err *err)
{
    uint64_t fee = ol_fee_execution(run->apply->params, action, run->receipt->receiver_id);
    size_t receipts_before = run->receipts.count;
    run->gas_burnt += fee;
    run->gas_used += fee;
    run->returns = OL_RETURNS_NOTHING; /* what counts is what the last action returns */
    if (!check_existence(run, action) || !check_permission(run, action))
        return OL_OK;
    OL_TRY(act(run, action, err));
    if (run->failure.kind == OL_FAILURE_NONE)
        (void)check_receipts(run, receipts_before);
    return OL_OK;
}

/* ── Before and behind the actions ── */

static const ol_call_input *take_inputs(ol_apply *apply, const ol_receipt *receipt)
{
    ol_call_input *inputs = ol_take(apply->arena, receipt->input_count, sizeof *inputs);
    for (size_t i = 0; i < receipt->input_count; i++) {
        ol_bytes stored;
        ol_state_key key = ol_state_key_of_hash(OL_COLUMN_RECEIVED_DATA, receipt->receiver_id,
                                                &receipt->inputs[i]);
        bool found = ol_state_get(&apply->state, ol_state_key_bytes(&key), &stored);
        OL_ASSERT(found && stored.len > 0);
        ol_bytes kept = ol_keep_bytes(apply->arena, stored);
        inputs[i] =
            (ol_call_input){.ok = kept.data[0] == 1, .value = {kept.data + 1, kept.len - 1}};
        (void)ol_state_remove(&apply->state, ol_state_key_bytes(&key));
    }
    return inputs;
}

/* The account's new record, if it can hold its storage. */
static void put_account(ol_run *run)
{
    const ol_params *params = run->apply->params;
    if (run->failure.kind != OL_FAILURE_NONE || !run->exists)
        return;
    ol_yocto lack = ol_storage_stake_lack(params, &run->account, run->account.amount);
    if (ol_yocto_is_zero(lack)) {
        ol_account_put(&run->apply->state, run->receipt->receiver_id, &run->account);
        return;
    }
    run->failure = (ol_failure){.kind = OL_FAILURE_LACKS_STAKE,
                                .in_action = true, /* of no action in particular */
                                .account = run->receipt->receiver_id,
                                .amount = lack};
}

static void drop_effects(ol_run *run)
{
    run->receipts.count = 0;
    run->returns = OL_RETURNS_NOTHING;
    run->burnt = OL_YOCTO(0);
    run->minted = OL_YOCTO(0);
}

/* A share of what calls burnt is the contract's (NEAR 4.3). */
static ol_yocto pay_reward(ol_run *run, ol_yocto price)
{
    const ol_params *params = run->apply->params;
    ol_apply *apply = run->apply;
    ol_account account;
    uint64_t gas = (uint64_t)((ol_u128)run->gas_burnt_by_calls * params->reward_numerator /
                              params->reward_denominator);
    ol_yocto reward = ol_gas_money(gas, price);
    if (ol_yocto_is_zero(reward) ||
        !ol_account_find(&apply->state, run->receipt->receiver_id, &account))
        return OL_YOCTO(0);
    bool fits = ol_yocto_add(account.amount, reward, &account.amount);
    OL_ASSERT(fits);
    ol_account_put(&apply->state, run->receipt->receiver_id, &account);
    ol_apply_commit(apply, OL_CAUSE_GAS_REWARD, &run->receipt->id);
    return reward;
}

/* Those who wait for this receipt get what it returned, or wait for the one it returned. */
static void answer(ol_run *run)
{
    const ol_receipt *receipt = run->receipt;
    ol_arena *arena = run->apply->arena;
    if (receipt->output_count == 0)
        return;
    if (run->returns == OL_RETURNS_RECEIPT) {
        ol_receipt *heir = OL_LIST_ITEMS(&run->receipts, ol_receipt *)[run->return_receipt];
        size_t count = heir->output_count + receipt->output_count;
        ol_data_receiver *outputs = ol_take(arena, count, sizeof *outputs);
        if (heir->output_count > 0)
            memcpy(outputs, heir->outputs, heir->output_count * sizeof *outputs);
        memcpy(outputs + heir->output_count, receipt->outputs,
               receipt->output_count * sizeof *outputs);
        heir->outputs = outputs;
        heir->output_count = count;
        return;
    }
    for (size_t i = 0; i < receipt->output_count; i++) {
        ol_receipt *data = ol_run_send(run, OL_RECEIPT_DATA, receipt->outputs[i].receiver_id);
        data->data_id = receipt->outputs[i].data_id;
        data->has_data = run->failure.kind == OL_FAILURE_NONE;
        if (data->has_data && run->returns == OL_RETURNS_VALUE)
            data->data = run->value;
    }
}

/* New receipts are numbered all together, whatever their kind (NEAR 4.4). */
static void send_all(ol_run *run, ol_outcome *outcome)
{
    ol_receipt **made = OL_LIST_ITEMS(&run->receipts, ol_receipt *);
    ol_sha256 *ids = ol_take(run->apply->arena, run->receipts.count, sizeof *ids);
    for (size_t i = 0; i < run->receipts.count; i++) {
        made[i]->id = ol_id_of(&run->receipt->id, run->apply->height, i);
        ol_apply_send(run->apply, made[i]);
        if (ol_receipt_runs_actions(made[i]))
            ids[outcome->receipt_count++] = made[i]->id;
    }
    outcome->receipt_ids = ids;
}

static void put_status(const ol_run *run, ol_outcome *outcome)
{
    outcome->status = OL_STATUS_VALUE;
    if (run->failure.kind != OL_FAILURE_NONE) {
        outcome->status = OL_STATUS_FAILURE;
        outcome->failure = run->failure;
        bool kept = ol_failure_keep(&outcome->failure, run->apply->arena);
        OL_ASSERT(kept);
    } else if (run->returns == OL_RETURNS_RECEIPT) {
        outcome->status = OL_STATUS_RECEIPT;
        outcome->receipt_id = ol_id_of(&run->receipt->id, run->apply->height, run->return_receipt);
    } else if (run->returns == OL_RETURNS_VALUE) {
        outcome->value = run->value;
    }
}

static void finish(ol_run *run)
{
    ol_apply *apply = run->apply;
    bool refund = ol_receipt_is_refund(run->receipt);
    ol_outcome outcome = {.id = run->receipt->id,
                          .executor_id = run->receipt->receiver_id,
                          .receipt = run->receipt,
                          .transaction_hash = run->receipt->transaction_hash};
    put_account(run);
    if (run->failure.kind != OL_FAILURE_NONE)
        drop_effects(run);
    ol_yocto price = ol_yocto_min(run->receipt->gas_price, apply->gas_price);
    ol_yocto burnt = ol_run_settle(run);
    if (run->failure.kind == OL_FAILURE_NONE)
        ol_apply_commit(apply, OL_CAUSE_RECEIPT, &run->receipt->id);
    else
        ol_apply_rollback(apply);
    ol_yocto reward = refund ? OL_YOCTO(0) : pay_reward(run, price);
    ol_apply_burn(apply, ol_yocto_sub_floor(burnt, reward));
    bool fits = ol_yocto_add(apply->minted, run->minted, &apply->minted);
    OL_ASSERT(fits);
    answer(run);
    put_status(run, &outcome);
    send_all(run, &outcome);
    outcome.gas_burnt = run->gas_burnt;
    outcome.tokens_burnt = refund ? OL_YOCTO(0) : burnt;
    outcome.logs = run->logs.items;
    outcome.log_count = run->logs.count;
    outcome.gas_profile = run->costs.items;
    outcome.gas_profile_count = run->costs.count;
    apply->gas_used += run->gas_burnt;
    OL_LIST_ADD(&apply->outcomes, apply->arena, ol_outcome) = outcome;
}

ol_rc ol_run_receipt(ol_apply *apply, const ol_receipt *receipt, ol_err *err)
{
    ol_run run = {.apply = apply,
                  .receipt = receipt,
                  .actor = receipt->predecessor_id,
                  .gas_burnt = apply->params->action_receipt.execution,
                  .gas_used = apply->params->action_receipt.execution};
    run.inputs = take_inputs(apply, receipt);
    ol_apply_commit(apply, OL_CAUSE_RECEIPT_STARTED, &receipt->id);
    run.existed = ol_account_find(&apply->state, receipt->receiver_id, &run.account);
    run.exists = run.existed;
    for (size_t i = 0; i < receipt->action_count && run.failure.kind == OL_FAILURE_NONE; i++) {
        run.action_index = i;
        OL_TRY(run_action(&run, &receipt->actions[i], err));
    }
    finish(&run);
    return OL_OK;
}
