/* Actions on the account itself: create, transfer, stake, delete (NEAR 4.3, 7). */
#include "emulator/account_name.h"
#include "emulator/apply.h"
#include "emulator/state_key.h"
#include "emulator/storage_usage.h"
#include "emulator/verify.h"

/* An account with more state than this (code excluded) cannot be deleted (NEAR 4.3). */
enum { DELETED_STATE_BYTES_MAX = 10000 };

/* Hash of the wallet contract that Ethereum-style accounts run, outside mainnet and testnet. */
static const ol_sha256 ETH_WALLET = {{0xD2, 0x88, 0x4A, 0x90, 0x0D, 0x4F, 0xA3, 0x70,
                                      0xE4, 0x8F, 0x1E, 0x3D, 0x48, 0x65, 0xD4, 0xDC,
                                      0x0D, 0xBD, 0x09, 0x3C, 0x89, 0xF0, 0xE7, 0xBA,
                                      0xEF, 0x2E, 0xDD, 0xC1, 0x42, 0xC4, 0x9E, 0x8D}};

static bool may_create(ol_run *run)
{
    ol_str id = run->receipt->receiver_id;
    ol_str creator = run->receipt->predecessor_id;
    if (ol_account_is_top_level(id)) {
        if (id.len < run->apply->params->registrar_length &&
            !ol_str_eq(creator, OL_STR("registrar")))
            return ol_run_fail(run, (ol_failure){.kind = OL_FAILURE_ONLY_REGISTRAR,
                                                 .account = id,
                                                 .other = creator,
                                                 .third = OL_STR("registrar")});
        return true;
    }
    if (!ol_account_is_below(id, creator))
        return ol_run_fail(
            run,
            (ol_failure){.kind = OL_FAILURE_CREATE_NOT_ALLOWED, .account = id, .other = creator});
    return true;
}

/* From here on the receipt acts in the name of the account it has made. */
static void begin_account(ol_run *run, ol_yocto amount)
{
    run->exists = true;
    run->actor = run->receipt->receiver_id;
    run->account =
        (ol_account){.amount = amount, .storage_usage = run->apply->params->account_bytes};
}

bool ol_act_create_account(ol_run *run)
{
    if (!may_create(run))
        return false;
    begin_account(run, OL_YOCTO(0));
    return true;
}

/* The id says what the account is born with: a key, or the wallet contract, or nothing. */
static void begin_implicit_account(ol_run *run, ol_yocto amount)
{
    ol_str id = run->receipt->receiver_id;
    begin_account(run, amount);
    switch (ol_account_kind_of(id)) {
    case OL_ACCOUNT_IMPLICIT: {
        ol_public_key key = ol_account_key_of_implicit(id);
        const ol_access_key access = {.nonce = ol_nonce_bound(run->apply->height - 1),
                                      .permission = OL_PERMISSION_FULL};
        ol_access_key_put(&run->apply->state, id, &key, &access);
        run->account.storage_usage += ol_usage_of_key(run->apply->params, &key, &access);
        break;
    }
    case OL_ACCOUNT_ETH:
        run->account.code = OL_CODE_GLOBAL_HASH;
        run->account.code_hash = ETH_WALLET;
        run->account.storage_usage += sizeof ETH_WALLET.bytes;
        break;
    case OL_ACCOUNT_DETERMINISTIC:
    case OL_ACCOUNT_NAMED:
        break;
    }
}

/* Gas comes back to the allowance of the key it was taken from. */
static void restore_allowance(ol_run *run, ol_yocto amount)
{
    const ol_receipt *receipt = run->receipt;
    ol_state *state = &run->apply->state;
    ol_access_key access;
    if (!ol_receipt_is_refund(receipt) || !ol_str_eq(receipt->signer_id, receipt->receiver_id) ||
        !ol_access_key_find(state, receipt->receiver_id, &receipt->signer_key, run->apply->arena,
                            &access) ||
        access.permission != OL_PERMISSION_CALL || !access.has_allowance)
        return;
    if (!ol_yocto_add(access.allowance, amount, &access.allowance))
        access.allowance = OL_YOCTO(OL_U128_MAX);
    ol_access_key_put(state, receipt->receiver_id, &receipt->signer_key, &access);
}

bool ol_act_transfer(ol_run *run, ol_yocto amount)
{
    if (!run->exists) {
        begin_implicit_account(run, amount);
        return true;
    }
    bool fits = ol_yocto_add(run->account.amount, amount, &run->account.amount);
    OL_ASSERT(fits); /* the supply is far below 2^128 */
    restore_allowance(run, amount);
    return true;
}

/* There are no epochs here: what is staked stays, and validates nothing. */
bool ol_act_stake(ol_run *run, ol_yocto amount)
{
    ol_account *account = &run->account;
    ol_yocto more = ol_yocto_sub_floor(amount, account->locked);
    if (ol_yocto_less(account->amount, more))
        return ol_run_fail(run, (ol_failure){.kind = OL_FAILURE_TRIES_TO_STAKE,
                                             .account = run->receipt->receiver_id,
                                             .amount = amount,
                                             .amount2 = account->locked,
                                             .amount3 = account->amount});
    if (ol_yocto_is_zero(account->locked) && ol_yocto_is_zero(amount))
        return ol_run_fail_account(run, OL_FAILURE_TRIES_TO_UNSTAKE);
    account->amount = ol_yocto_sub_floor(account->amount, more);
    if (ol_yocto_less(account->locked, amount))
        account->locked = amount;
    return true;
}

static void remove_all(ol_state *state, const ol_state_key *prefix, ol_arena *arena)
{
    const ol_entry *entry;
    while ((entry = ol_state_next(state, ol_state_key_bytes(prefix), (ol_bytes){0})) != NULL) {
        bool removed = ol_state_remove(state, ol_keep_bytes(arena, ol_entry_key(entry)));
        OL_ASSERT(removed);
    }
}

bool ol_act_delete_account(ol_run *run, ol_str beneficiary)
{
    ol_apply *apply = run->apply;
    ol_str id = run->receipt->receiver_id;
    uint64_t code = ol_usage_of_code(&apply->state, &run->account, id);
    uint64_t usage = run->account.storage_usage > code ? run->account.storage_usage - code : 0;
    if (usage > DELETED_STATE_BYTES_MAX)
        return ol_run_fail_account(run, OL_FAILURE_DELETE_LARGE_STATE);
    if (!ol_yocto_is_zero(run->account.amount))
        ol_run_send_refund(run, beneficiary, run->account.amount);
    ol_state_key account = ol_state_key_of_account(OL_COLUMN_ACCOUNT, id);
    ol_state_key local = ol_state_key_of_account(OL_COLUMN_CODE, id);
    ol_state_key keys = ol_state_key_of(OL_COLUMN_ACCESS_KEY, id, (ol_bytes){0});
    ol_state_key data = ol_state_key_of(OL_COLUMN_DATA, id, (ol_bytes){0});
    (void)ol_state_remove(&apply->state, ol_state_key_bytes(&account));
    (void)ol_state_remove(&apply->state, ol_state_key_bytes(&local));
    remove_all(&apply->state, &keys, apply->arena);
    remove_all(&apply->state, &data, apply->arena);
    run->exists = false;
    run->actor = run->receipt->predecessor_id;
    run->account = (ol_account){0};
    return true;
}
