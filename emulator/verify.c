#include "emulator/verify.h"

#include "lib/near/account_id.h"

static ol_failure none(void)
{
    return (ol_failure){.kind = OL_FAILURE_NONE};
}

/* What the bytes alone say. */
static ol_failure check_form(const ol_params *params, const ol_signed_transaction *signed_one,
                             ol_arena *arena)
{
    const ol_transaction *t = &signed_one->transaction;
    if (!ol_account_id_valid(t->signer_id))
        return (ol_failure){.kind = OL_FAILURE_INVALID_SIGNER_ID, .account = t->signer_id};
    if (!ol_account_id_valid(t->receiver_id))
        return (ol_failure){.kind = OL_FAILURE_INVALID_RECEIVER_ID, .account = t->receiver_id};
    if (t->has_nonce_index) /* of a gas key */
        return (ol_failure){.kind = OL_FAILURE_INVALID_VERSION};
    if (t->v1 && params->protocol_version < 85)
        return (ol_failure){.kind = OL_FAILURE_INVALID_VERSION};
    ol_failure failure =
        ol_actions_check(params, t->actions, t->action_count, t->receiver_id, arena);
    if (failure.kind != OL_FAILURE_NONE)
        return failure;
    if (signed_one->size > params->transaction_bytes_max)
        return (ol_failure){.kind = OL_FAILURE_TRANSACTION_SIZE,
                            .number = signed_one->size,
                            .number2 = params->transaction_bytes_max};
    if (!ol_signed_transaction_verify(signed_one))
        return (ol_failure){.kind = OL_FAILURE_INVALID_SIGNATURE};
    return none();
}

static ol_failure use_nonce(ol_access_key *key, const ol_transaction *t, uint64_t height)
{
    bool next = t->strict_nonce ? t->nonce == key->nonce + 1 : t->nonce > key->nonce;
    if (!next)
        return (ol_failure){
            .kind = OL_FAILURE_INVALID_NONCE, .number = t->nonce, .number2 = key->nonce};
    if (t->nonce >= ol_nonce_bound(height))
        return (ol_failure){.kind = OL_FAILURE_NONCE_TOO_LARGE,
                            .number = t->nonce,
                            .number2 = ol_nonce_bound(height)};
    key->nonce = t->nonce;
    return none();
}

/* Takes the cost from the account, and from the allowance of its key where that is limited. */
static ol_failure charge(const ol_params *params, const ol_transaction *t, ol_verdict *v)
{
    ol_yocto cost = v->cost.total;
    ol_yocto balance = v->signer.amount;
    if (!ol_yocto_sub(balance, cost, &v->signer.amount))
        return (ol_failure){.kind = OL_FAILURE_NOT_ENOUGH_BALANCE,
                            .account = t->signer_id,
                            .amount = balance,
                            .amount2 = cost};
    ol_yocto allowance = v->key.allowance;
    if (v->key.permission == OL_PERMISSION_CALL && v->key.has_allowance &&
        !ol_yocto_sub(allowance, cost, &v->key.allowance))
        return (ol_failure){.kind = OL_FAILURE_KEY_ALLOWANCE,
                            .account = t->signer_id,
                            .key = t->key,
                            .amount = allowance,
                            .amount2 = cost};
    ol_yocto lack = ol_storage_stake_lack(params, &v->signer, v->signer.amount);
    if (!ol_yocto_is_zero(lack))
        return (ol_failure){
            .kind = OL_FAILURE_SIGNER_LACKS_STAKE, .account = t->signer_id, .amount = lack};
    return none();
}

static bool names_method(const ol_access_key *key, ol_str method)
{
    for (size_t i = 0; i < key->method_count; i++) {
        if (ol_str_eq(key->methods[i], method))
            return true;
    }
    return key->method_count == 0;
}

ol_failure ol_call_key_check(const ol_access_key *key, const ol_action *actions, size_t count,
                             ol_str receiver_id)
{
    if (key->permission == OL_PERMISSION_FULL)
        return none();
    if (count != 1 || actions[0].kind != OL_ACTION_CALL)
        return (ol_failure){.kind = OL_FAILURE_KEY_NOT_FULL};
    if (!ol_yocto_is_zero(actions[0].call.deposit))
        return (ol_failure){.kind = OL_FAILURE_KEY_DEPOSIT};
    if (!ol_str_eq(receiver_id, key->receiver_id))
        return (ol_failure){
            .kind = OL_FAILURE_KEY_RECEIVER, .account = receiver_id, .other = key->receiver_id};
    if (!names_method(key, actions[0].call.method))
        return (ol_failure){.kind = OL_FAILURE_KEY_METHOD, .other = actions[0].call.method};
    return none();
}

void ol_transaction_verify(const ol_params *params, const ol_state *state,
                           const ol_signed_transaction *signed_one, ol_yocto gas_price,
                           uint64_t height, ol_arena *arena, ol_verdict *ret)
{
    const ol_transaction *t = &signed_one->transaction;
    *ret = (ol_verdict){.failure = check_form(params, signed_one, arena)};
    if (ret->failure.kind != OL_FAILURE_NONE)
        return;
    if (!ol_transaction_cost(params, t, gas_price, &ret->cost)) {
        ret->failure.kind = OL_FAILURE_COST_OVERFLOW;
        return;
    }
    if (!ol_account_find(state, t->signer_id, &ret->signer)) {
        ret->failure =
            (ol_failure){.kind = OL_FAILURE_SIGNER_DOES_NOT_EXIST, .account = t->signer_id};
        return;
    }
    if (!ol_access_key_find(state, t->signer_id, &t->key, arena, &ret->key)) {
        ret->failure =
            (ol_failure){.kind = OL_FAILURE_KEY_NOT_FOUND, .account = t->signer_id, .key = t->key};
        return;
    }
    ret->failure = use_nonce(&ret->key, t, height);
    if (ret->failure.kind == OL_FAILURE_NONE)
        ret->failure = charge(params, t, ret);
    if (ret->failure.kind == OL_FAILURE_NONE)
        ret->failure = ol_call_key_check(&ret->key, t->actions, t->action_count, t->receiver_id);
}
