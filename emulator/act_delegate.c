/* A delegate action (NEP-366): the receiver's own key has signed actions that somebody else pays
 * for. They go on as a receipt from the receiver, with the payer as signer. */
#include "emulator/apply.h"
#include "emulator/verify.h"

static bool check_delegate(ol_run *run, const ol_delegate *delegate, bool v2)
{
    ol_sha256 hash;
    if (!ol_delegate_hash(delegate, v2, &hash) ||
        !ol_signature_verify(&delegate->key, hash.bytes, &delegate->signature))
        return ol_run_fail(run, (ol_failure){.kind = OL_FAILURE_DELEGATE_SIGNATURE});
    if (run->apply->height > delegate->max_block_height)
        return ol_run_fail(run, (ol_failure){.kind = OL_FAILURE_DELEGATE_EXPIRED});
    if (!ol_str_eq(delegate->sender_id, run->receipt->receiver_id))
        return ol_run_fail(run, (ol_failure){.kind = OL_FAILURE_DELEGATE_SENDER,
                                             .account = delegate->sender_id,
                                             .other = run->receipt->receiver_id});
    return true;
}

static bool use_key(ol_run *run, const ol_delegate *delegate)
{
    ol_apply *apply = run->apply;
    ol_access_key access;
    uint64_t bound = ol_nonce_bound(apply->height);
    if (!ol_access_key_find(&apply->state, delegate->sender_id, &delegate->key, apply->arena,
                            &access))
        return ol_run_fail(run, (ol_failure){.kind = OL_FAILURE_KEY_NOT_FOUND,
                                             .account = delegate->sender_id,
                                             .key = delegate->key});
    if (delegate->nonce <= access.nonce)
        return ol_run_fail(run, (ol_failure){.kind = OL_FAILURE_DELEGATE_NONCE,
                                             .number = delegate->nonce,
                                             .number2 = access.nonce});
    if (delegate->nonce >= bound)
        return ol_run_fail(run, (ol_failure){.kind = OL_FAILURE_DELEGATE_NONCE_LARGE,
                                             .number = delegate->nonce,
                                             .number2 = bound});
    ol_failure failure = ol_call_key_check(&access, delegate->actions, delegate->action_count,
                                           delegate->receiver_id);
    if (failure.kind != OL_FAILURE_NONE)
        return ol_run_fail(run, failure);
    access.nonce = delegate->nonce;
    ol_access_key_put(&apply->state, delegate->sender_id, &delegate->key, &access);
    return true;
}

bool ol_act_delegate(ol_run *run, const ol_delegate *delegate, bool v2)
{
    const ol_params *params = run->apply->params;
    if (!check_delegate(run, delegate, v2) || !use_key(run, delegate))
        return false;
    ol_receipt *inner = ol_run_send(run, OL_RECEIPT_ACTION, delegate->receiver_id);
    inner->signer_id = run->receipt->signer_id;
    inner->signer_key = run->receipt->signer_key;
    inner->gas_price = run->receipt->gas_price;
    inner->actions = delegate->actions;
    inner->action_count = delegate->action_count;
    uint64_t way = ol_fee_delegate_send(params, delegate);
    run->gas_burnt += way;
    run->gas_used += way + ol_gas_of_delegate(params, delegate);
    return true;
}
