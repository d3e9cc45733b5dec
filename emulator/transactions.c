/* A transaction becomes a receipt (NEAR 4.3, 4.4): its signer pays for everything that may follow,
 * its key's nonce is used up, and that is all a transaction does. */
#include "emulator/apply.h"
#include "emulator/verify.h"

static void send(ol_apply *apply, const ol_signed_transaction *signed_one, const ol_cost *cost,
                 ol_sha256 *ret_id)
{
    const ol_transaction *t = &signed_one->transaction;
    ol_receipt *receipt = OL_TAKE(apply->arena, ol_receipt);
    *receipt = (ol_receipt){.id = ol_id_of(&signed_one->hash, apply->height, 0),
                            .kind = OL_RECEIPT_ACTION,
                            .transaction_hash = signed_one->hash,
                            .predecessor_id = t->signer_id,
                            .receiver_id = t->receiver_id,
                            .signer_id = t->signer_id,
                            .signer_key = t->key,
                            .gas_price = cost->gas_price,
                            .actions = t->actions,
                            .action_count = t->action_count};
    *ret_id = receipt->id;
    /* To oneself it runs in this block, else in the next one. */
    ol_list *way = ol_str_eq(t->signer_id, t->receiver_id) ? &apply->local : &apply->outgoing;
    OL_LIST_ADD(way, apply->arena, const ol_receipt *) = receipt;
    OL_LIST_ADD(&apply->made, apply->arena, const ol_receipt *) = receipt;
}

static void accept(ol_apply *apply, const ol_signed_transaction *signed_one,
                   const ol_verdict *verdict, ol_outcome *outcome)
{
    const ol_transaction *t = &signed_one->transaction;
    ol_sha256 *id = OL_TAKE(apply->arena, ol_sha256);
    ol_account_put(&apply->state, t->signer_id, &verdict->signer);
    ol_access_key_put(&apply->state, t->signer_id, &t->key, &verdict->key);
    send(apply, signed_one, &verdict->cost, id);
    ol_apply_burn(apply, verdict->cost.burnt);
    apply->gas_used += verdict->cost.gas_burnt;
    outcome->status = OL_STATUS_RECEIPT;
    outcome->receipt_id = *id;
    outcome->receipt_ids = id;
    outcome->receipt_count = 1;
    outcome->gas_burnt = verdict->cost.gas_burnt;
    outcome->tokens_burnt = verdict->cost.burnt;
    ol_apply_commit(apply, OL_CAUSE_TRANSACTION, &signed_one->hash);
}

void ol_apply_transaction(ol_apply *apply, const ol_signed_transaction *signed_one, bool expired)
{
    ol_verdict verdict = {.failure = {.kind = OL_FAILURE_EXPIRED}};
    ol_outcome outcome = {.id = signed_one->hash,
                          .executor_id = signed_one->transaction.signer_id,
                          .transaction = signed_one,
                          .transaction_hash = signed_one->hash};
    if (!expired)
        ol_transaction_verify(apply->params, &apply->state, signed_one, apply->gas_price,
                              apply->height, apply->arena, &verdict);
    if (verdict.failure.kind == OL_FAILURE_NONE) {
        accept(apply, signed_one, &verdict, &outcome);
    } else {
        bool kept = ol_failure_keep(&verdict.failure, apply->arena);
        OL_ASSERT(kept);
        outcome.status = OL_STATUS_FAILURE;
        outcome.failure = verdict.failure;
    }
    OL_LIST_ADD(&apply->outcomes, apply->arena, ol_outcome) = outcome;
}
