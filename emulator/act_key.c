/* Access keys: adding and deleting (NEAR 4.2). */
#include "emulator/apply.h"
#include "emulator/state_key.h"
#include "emulator/storage_usage.h"
#include "emulator/verify.h"

bool ol_act_add_key(ol_run *run, const ol_public_key *key, const ol_access_key *access)
{
    ol_apply *apply = run->apply;
    ol_str id = run->receipt->receiver_id;
    ol_access_key made = *access;
    if (ol_access_key_find(&apply->state, id, key, apply->arena, &made))
        return ol_run_fail(
            run, (ol_failure){.kind = OL_FAILURE_ADD_KEY_EXISTS, .account = id, .key = *key});
    made = *access;
    /* The nonce given is ignored: a key that is added again must not bring old transactions back.
     */
    made.nonce = ol_nonce_bound(apply->height - 1);
    ol_access_key_put(&apply->state, id, key, &made);
    run->account.storage_usage += ol_usage_of_key(apply->params, key, &made);
    return true;
}

bool ol_act_delete_key(ol_run *run, const ol_public_key *key)
{
    ol_apply *apply = run->apply;
    ol_str id = run->receipt->receiver_id;
    ol_access_key access;
    if (!ol_access_key_find(&apply->state, id, key, apply->arena, &access))
        return ol_run_fail(
            run, (ol_failure){.kind = OL_FAILURE_DELETE_KEY_MISSING, .account = id, .key = *key});
    uint64_t usage = ol_usage_of_key(apply->params, key, &access);
    ol_state_key name = ol_state_key_of_public(OL_COLUMN_ACCESS_KEY, id, key);
    (void)ol_state_remove(&apply->state, ol_state_key_bytes(&name));
    run->account.storage_usage -=
        usage < run->account.storage_usage ? usage : run->account.storage_usage;
    return true;
}
