/* Contract code: of the account alone, or shared by many (NEP-591), or told by the account's own
 * id (NEP-616). */
#include "emulator/apply.h"
#include "emulator/check.h"
#include "emulator/state_key.h"
#include "emulator/storage_usage.h"

/* Forgets what the account runs now, and its share of the storage. */
static void drop_code(ol_run *run)
{
    ol_apply *apply = run->apply;
    ol_str id = run->receipt->receiver_id;
    uint64_t usage = ol_usage_of_code(&apply->state, &run->account, id);
    ol_state_key local = ol_state_key_of_account(OL_COLUMN_CODE, id);
    run->account.storage_usage -=
        usage < run->account.storage_usage ? usage : run->account.storage_usage;
    if (run->account.code == OL_CODE_LOCAL)
        (void)ol_state_remove(&apply->state, ol_state_key_bytes(&local));
    run->account.code = OL_CODE_NONE;
}

bool ol_act_deploy(ol_run *run, ol_bytes code)
{
    drop_code(run);
    ol_state_key key = ol_state_key_of_account(OL_COLUMN_CODE, run->receipt->receiver_id);
    ol_state_put(&run->apply->state, ol_state_key_bytes(&key), code);
    run->account.code = OL_CODE_LOCAL;
    run->account.code_hash = ol_sha256_of(code);
    run->account.storage_usage += code.len;
    return true;
}

/* The code's storage is paid for once and for all, by burning. It gets its place with a receipt of
 * its own: the network brings it to one shard a block. */
bool ol_act_deploy_global(ol_run *run, ol_bytes code, bool by_account)
{
    ol_str id = run->receipt->receiver_id;
    ol_yocto price = OL_YOCTO(0);
    bool fits = ol_yocto_mul(run->apply->params->global_code_byte, code.len, &price);
    OL_ASSERT(fits);
    if (ol_yocto_less(run->account.amount, price))
        return ol_run_fail(
            run, (ol_failure){.kind = OL_FAILURE_LACKS_STAKE, .account = id, .amount = price});
    run->account.amount = ol_yocto_sub_floor(run->account.amount, price);
    fits = ol_yocto_add(run->burnt, price, &run->burnt);
    OL_ASSERT(fits);
    ol_receipt *receipt = ol_run_send(run, OL_RECEIPT_GLOBAL_CODE, OL_STR("system"));
    receipt->global =
        (ol_global_id){.by_account = by_account, .hash = ol_sha256_of(code), .account_id = id};
    receipt->code = code;
    return true;
}

bool ol_act_use_global(ol_run *run, const ol_global_id *id)
{
    ol_bytes code;
    ol_sha256 hash;
    if (!ol_global_code(&run->apply->state, id, &code, &hash))
        return ol_run_fail(run, (ol_failure){.kind = OL_FAILURE_GLOBAL_MISSING, .global = *id});
    drop_code(run);
    run->account.code = id->by_account ? OL_CODE_GLOBAL_ACCOUNT : OL_CODE_GLOBAL_HASH;
    run->account.code_hash = id->hash;
    run->account.code_account = id->account_id;
    run->account.storage_usage += ol_global_id_bytes(id);
    return true;
}

static void put_entries(ol_run *run, const ol_state_init *init)
{
    ol_str id = run->receipt->receiver_id;
    for (size_t i = 0; i < init->entry_count; i++) {
        const ol_init_entry *entry = &init->entries[i];
        ol_state_key key = ol_state_key_of(OL_COLUMN_DATA, id, entry->key);
        ol_state_put(&run->apply->state, ol_state_key_bytes(&key), entry->value);
        run->account.storage_usage +=
            ol_usage_of_data(run->apply->params, entry->key.len, entry->value.len);
    }
}

/* What is needed of the deposit stays for the storage, the rest goes back. */
static void keep_deposit(ol_run *run, ol_yocto deposit)
{
    ol_yocto missing =
        ol_storage_stake_lack(run->apply->params, &run->account, run->account.amount);
    ol_yocto kept = ol_yocto_min(missing, deposit);
    ol_yocto rest = ol_yocto_sub_floor(deposit, kept);
    bool fits = ol_yocto_add(run->account.amount, kept, &run->account.amount);
    OL_ASSERT(fits);
    const ol_receipt *receipt = run->receipt;
    if (!ol_yocto_is_zero(rest))
        ol_run_send_refund(
            run, receipt->refund_to.len > 0 ? receipt->refund_to : receipt->predecessor_id, rest);
}

/* Anybody may bring a deterministic account to life; doing it again changes nothing. */
bool ol_act_state_init(ol_run *run, const ol_state_init *init, ol_yocto deposit)
{
    if (!run->exists) {
        run->exists = true;
        run->account = (ol_account){.storage_usage = run->apply->params->account_bytes};
    }
    if (run->account.code == OL_CODE_NONE) {
        if (!ol_act_use_global(run, &init->code))
            return false;
        put_entries(run, init);
    }
    keep_deposit(run, deposit);
    return true;
}
