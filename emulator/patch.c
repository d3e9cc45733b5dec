/* Changes from outside: genesis, funding, and what tests put into a state. */
#include "emulator/making.h"
#include "emulator/state_key.h"
#include "emulator/storage_usage.h"
#include "emulator/verify.h"
#include "lib/near/account_id.h"

static ol_rc find(const ol_apply *apply, ol_str id, ol_account *ret, ol_err *err)
{
    if (ol_account_find(&apply->state, id, ret))
        return OL_OK;
    return ol_fail(err, OL_ERR_NOT_FOUND, "account %.*s does not exist", OL_FMT(id));
}

static void put_key(ol_apply *apply, ol_str id, ol_account *account, const ol_public_key *key,
                    const ol_access_key *access)
{
    ol_access_key old;
    if (ol_access_key_find(&apply->state, id, key, apply->arena, &old))
        account->storage_usage -= ol_usage_of_key(apply->params, key, &old);
    ol_access_key_put(&apply->state, id, key, access);
    account->storage_usage += ol_usage_of_key(apply->params, key, access);
}

static void put_code(ol_apply *apply, ol_str id, ol_account *account, ol_bytes code)
{
    ol_state_key key = ol_state_key_of_account(OL_COLUMN_CODE, id);
    account->storage_usage -= ol_usage_of_code(&apply->state, account, id);
    account->storage_usage += code.len;
    account->code = OL_CODE_LOCAL;
    account->code_hash = ol_sha256_of(code);
    ol_state_put(&apply->state, ol_state_key_bytes(&key), code);
}

static ol_rc put_account(ol_apply *apply, const ol_account_seed *seed, ol_err *err)
{
    ol_account account = {.storage_usage = apply->params->account_bytes};
    if (!ol_account_id_valid(seed->id))
        return ol_fail(err, OL_ERR_INVALID, "%.*s is no account id", OL_FMT(seed->id));
    (void)ol_account_find(&apply->state, seed->id, &account);
    account.amount = seed->balance;
    for (size_t i = 0; i < seed->key_count; i++) {
        const ol_access_key full = {.permission = OL_PERMISSION_FULL};
        ol_access_key old;
        if (!ol_access_key_find(&apply->state, seed->id, &seed->keys[i], apply->arena, &old))
            put_key(apply, seed->id, &account, &seed->keys[i], &full);
    }
    if (seed->code.len > 0)
        put_code(apply, seed->id, &account, seed->code);
    ol_account_put(&apply->state, seed->id, &account);
    return OL_OK;
}

static ol_rc fund(ol_apply *apply, const ol_patch *patch, ol_err *err)
{
    ol_account account;
    OL_TRY(find(apply, patch->account_id, &account, err));
    if (!ol_yocto_add(account.amount, patch->amount, &account.amount))
        return ol_fail(err, OL_ERR_RANGE, "more than an account can hold");
    ol_account_put(&apply->state, patch->account_id, &account);
    return OL_OK;
}

static ol_rc put_data(ol_apply *apply, const ol_patch *patch, ol_err *err)
{
    ol_account account;
    ol_bytes old;
    OL_TRY(find(apply, patch->account_id, &account, err));
    if (patch->key.len > apply->params->data_key_bytes_max ||
        patch->value.len > apply->params->data_value_bytes_max)
        return ol_fail(err, OL_ERR_LIMIT, "longer than a key or value may be");
    if (ol_data_find(&apply->state, patch->account_id, patch->key, &old))
        account.storage_usage -= ol_usage_of_data(apply->params, patch->key.len, old.len);
    account.storage_usage += ol_usage_of_data(apply->params, patch->key.len, patch->value.len);
    ol_state_key key = ol_state_key_of(OL_COLUMN_DATA, patch->account_id, patch->key);
    ol_state_put(&apply->state, ol_state_key_bytes(&key), patch->value);
    ol_account_put(&apply->state, patch->account_id, &account);
    return OL_OK;
}

static ol_rc put_access_key(ol_apply *apply, const ol_patch *patch, ol_err *err)
{
    ol_account account;
    OL_TRY(find(apply, patch->account_id, &account, err));
    put_key(apply, patch->account_id, &account, patch->public_key, patch->access);
    ol_account_put(&apply->state, patch->account_id, &account);
    return OL_OK;
}

ol_rc ol_patch_apply(ol_apply *apply, const ol_patch *patch, ol_err *err)
{
    switch (patch->kind) {
    case OL_PATCH_ACCOUNTS:
        for (size_t i = 0; i < patch->account_count; i++)
            OL_TRY(put_account(apply, &patch->accounts[i], err));
        return OL_OK;
    case OL_PATCH_FUND:
        return fund(apply, patch, err);
    case OL_PATCH_DATA:
        return put_data(apply, patch, err);
    case OL_PATCH_KEY:
        return put_access_key(apply, patch, err);
    }
    OL_UNREACHABLE();
}
