/* Actions, access keys, transactions. Contract code is shown by its hash (NEAR 5.1). */
#include "emulator/server/json_views.h"
#include "lib/codec/base58.h"
#include "lib/codec/base64.h"

void json_hash_text(ol_buf *into, const ol_sha256 *hash)
{
    ol_base58_add(into, ol_sha256_bytes(hash));
}

void json_add_hash(ol_json_writer *w, const ol_sha256 *hash)
{
    char storage[OL_BASE58_TEXT_MAX];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    json_hash_text(&text, hash);
    ol_json_add_str(w, ol_buf_str(&text));
}

void json_add_public_key(ol_json_writer *w, const ol_public_key *key)
{
    char storage[OL_BASE58_TEXT_MAX + 16];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_public_key_add_text(&text, key);
    ol_json_add_str(w, ol_buf_str(&text));
}

static void put_signature(ol_json_writer *w, const ol_signature *signature)
{
    char storage[OL_BASE58_TEXT_MAX + 16];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_signature_add_text(&text, signature);
    ol_json_put_str(w, "signature", ol_buf_str(&text));
}

/* ---- Access keys */

static void call_permission_members(ol_json_writer *w, const ol_access_key *key)
{
    if (key->has_allowance)
        ol_json_put_dec(w, "allowance", key->allowance.yocto);
    else
        ol_json_put_null(w, "allowance");
    ol_json_put_str(w, "receiver_id", key->receiver_id);
    ol_json_key(w, "method_names");
    ol_json_array_begin(w);
    for (size_t i = 0; i < key->method_count; i++)
        ol_json_add_str(w, key->methods[i]);
    ol_json_array_end(w);
}

static void permission(ol_json_writer *w, const ol_access_key *key)
{
    static const char *const names[] = {[OL_PERMISSION_CALL] = "FunctionCall",
                                        [OL_PERMISSION_FULL] = "FullAccess",
                                        [OL_PERMISSION_GAS_KEY_CALL] = "GasKeyFunctionCall",
                                        [OL_PERMISSION_GAS_KEY_FULL] = "GasKeyFullAccess"};
    bool gas_key = key->permission == OL_PERMISSION_GAS_KEY_CALL ||
                   key->permission == OL_PERMISSION_GAS_KEY_FULL;
    if (key->permission == OL_PERMISSION_FULL) {
        ol_json_add_cstr(w, names[key->permission]);
        return;
    }
    ol_json_object_begin(w);
    ol_json_key(w, names[key->permission]);
    ol_json_object_begin(w);
    if (gas_key) {
        ol_json_put_dec(w, "balance", key->gas_balance.yocto);
        ol_json_put_u64(w, "num_nonces", key->gas_nonces);
    }
    if (key->permission != OL_PERMISSION_GAS_KEY_FULL)
        call_permission_members(w, key);
    ol_json_object_end(w);
    ol_json_object_end(w);
}

void json_access_key_members(ol_json_writer *w, const ol_access_key *key)
{
    ol_json_put_u64(w, "nonce", key->nonce);
    ol_json_key(w, "permission");
    permission(w, key);
}

void json_access_key(ol_json_writer *w, const ol_access_key *key)
{
    ol_json_object_begin(w);
    json_access_key_members(w, key);
    ol_json_object_end(w);
}

/* ---- Actions. `inner`: of a delegate action, which is shown as it was signed, code included. */

static void put_code(ol_json_writer *w, ol_bytes code, bool inner)
{
    ol_sha256 hash = ol_sha256_of(code);
    ol_json_put_base64(w, "code", inner ? code : ol_sha256_bytes(&hash));
}

void json_global_id(ol_json_writer *w, const ol_global_id *id)
{
    ol_json_object_begin(w);
    if (id->by_account)
        ol_json_put_str(w, "AccountId", id->account_id);
    else
        json_put_hash(w, "CodeHash", &id->hash);
    ol_json_object_end(w);
}

static void state_init_members(ol_json_writer *w, const ol_action *action)
{
    const ol_state_init *init = &action->state_init.init;
    ol_json_key(w, "code");
    json_global_id(w, &init->code);
    ol_json_key(w, "data");
    ol_json_object_begin(w);
    for (size_t i = 0; i < init->entry_count; i++) {
        ol_buf key = ol_buf_new(OL_KIB(16));
        ol_base64_add(&key, init->entries[i].key);
        ol_json_key_str(w, ol_buf_str(&key));
        ol_json_add_base64(w, init->entries[i].value);
        ol_buf_deinit(&key);
    }
    ol_json_object_end(w);
    ol_json_put_dec(w, "deposit", action->state_init.deposit.yocto);
}

static void one_action(ol_json_writer *w, const ol_action *action, bool inner);

static void delegate_members(ol_json_writer *w, const ol_delegate *delegate)
{
    ol_json_key(w, "delegate_action");
    ol_json_object_begin(w);
    ol_json_put_str(w, "sender_id", delegate->sender_id);
    ol_json_put_str(w, "receiver_id", delegate->receiver_id);
    ol_json_key(w, "actions");
    ol_json_array_begin(w);
    for (size_t i = 0; i < delegate->action_count; i++)
        one_action(w, &delegate->actions[i], true);
    ol_json_array_end(w);
    ol_json_put_u64(w, "nonce", delegate->nonce);
    ol_json_put_u64(w, "max_block_height", delegate->max_block_height);
    json_put_public_key(w, "public_key", &delegate->key);
    ol_json_object_end(w);
    put_signature(w, &delegate->signature);
}

static const char *action_name(const ol_action *action)
{
    switch (action->kind) {
    case OL_ACTION_CREATE_ACCOUNT:
        return "CreateAccount";
    case OL_ACTION_DEPLOY_CONTRACT:
        return "DeployContract";
    case OL_ACTION_CALL:
        return "FunctionCall";
    case OL_ACTION_TRANSFER:
        return "Transfer";
    case OL_ACTION_STAKE:
        return "Stake";
    case OL_ACTION_ADD_KEY:
        return "AddKey";
    case OL_ACTION_DELETE_KEY:
        return "DeleteKey";
    case OL_ACTION_DELETE_ACCOUNT:
        return "DeleteAccount";
    case OL_ACTION_DELEGATE:
        return "Delegate";
    case OL_ACTION_DEPLOY_GLOBAL:
        return action->deploy_global.by_account ? "DeployGlobalContractByAccountId"
                                                : "DeployGlobalContract";
    case OL_ACTION_USE_GLOBAL:
        return action->use_global.by_account ? "UseGlobalContractByAccountId" : "UseGlobalContract";
    case OL_ACTION_STATE_INIT:
        return "DeterministicStateInit";
    case OL_ACTION_TRANSFER_TO_GAS_KEY:
        return "TransferToGasKey";
    case OL_ACTION_WITHDRAW_FROM_GAS_KEY:
        return "WithdrawFromGasKey";
    case OL_ACTION_DELEGATE_V2:
        return "DelegateV2";
    case OL_ACTION_KINDS:
        break;
    }
    OL_UNREACHABLE();
}

static void call_members(ol_json_writer *w, const ol_action *action)
{
    ol_json_put_str(w, "method_name", action->call.method);
    ol_json_put_base64(w, "args", action->call.args);
    ol_json_put_u64(w, "gas", action->call.gas);
    ol_json_put_dec(w, "deposit", action->call.deposit.yocto);
}

static void action_members(ol_json_writer *w, const ol_action *action, bool inner)
{
    switch (action->kind) {
    case OL_ACTION_CREATE_ACCOUNT:
        return;
    case OL_ACTION_DEPLOY_CONTRACT:
        put_code(w, action->deploy, inner);
        return;
    case OL_ACTION_CALL:
        call_members(w, action);
        return;
    case OL_ACTION_TRANSFER:
        ol_json_put_dec(w, "deposit", action->transfer.yocto);
        return;
    case OL_ACTION_STAKE:
        ol_json_put_dec(w, "stake", action->stake.amount.yocto);
        json_put_public_key(w, "public_key", &action->stake.key);
        return;
    case OL_ACTION_ADD_KEY:
        json_put_public_key(w, "public_key", &action->add_key.key);
        ol_json_key(w, "access_key");
        json_access_key(w, &action->add_key.access);
        return;
    case OL_ACTION_DELETE_KEY:
        json_put_public_key(w, "public_key", &action->delete_key);
        return;
    case OL_ACTION_DELETE_ACCOUNT:
        ol_json_put_str(w, "beneficiary_id", action->beneficiary);
        return;
    case OL_ACTION_DELEGATE:
    case OL_ACTION_DELEGATE_V2:
        delegate_members(w, action->delegate);
        return;
    case OL_ACTION_DEPLOY_GLOBAL:
        put_code(w, action->deploy_global.code, inner);
        return;
    case OL_ACTION_USE_GLOBAL:
        if (action->use_global.by_account)
            ol_json_put_str(w, "account_id", action->use_global.account_id);
        else
            json_put_hash(w, "code_hash", &action->use_global.hash);
        return;
    case OL_ACTION_STATE_INIT:
        state_init_members(w, action);
        return;
    case OL_ACTION_TRANSFER_TO_GAS_KEY:
        json_put_public_key(w, "public_key", &action->gas_key.key);
        ol_json_put_dec(w, "deposit", action->gas_key.amount.yocto);
        return;
    case OL_ACTION_WITHDRAW_FROM_GAS_KEY:
        json_put_public_key(w, "public_key", &action->gas_key.key);
        ol_json_put_dec(w, "amount", action->gas_key.amount.yocto);
        return;
    case OL_ACTION_KINDS:
        break;
    }
    OL_UNREACHABLE();
}

static void one_action(ol_json_writer *w, const ol_action *action, bool inner)
{
    if (action->kind == OL_ACTION_CREATE_ACCOUNT && !inner) {
        ol_json_add_cstr(w, action_name(action));
        return;
    }
    ol_json_object_begin(w);
    ol_json_key(w, action_name(action));
    ol_json_object_begin(w);
    action_members(w, action, inner);
    ol_json_object_end(w);
    ol_json_object_end(w);
}

void json_action(ol_json_writer *w, const ol_action *action)
{
    one_action(w, action, false);
}

void json_actions(ol_json_writer *w, const ol_action *actions, size_t count)
{
    ol_json_array_begin(w);
    for (size_t i = 0; i < count; i++)
        one_action(w, &actions[i], false);
    ol_json_array_end(w);
}

void json_transaction(ol_json_writer *w, const ol_signed_transaction *transaction)
{
    const ol_transaction *it = &transaction->transaction;
    ol_json_object_begin(w);
    ol_json_put_str(w, "signer_id", it->signer_id);
    json_put_public_key(w, "public_key", &it->key);
    ol_json_put_u64(w, "nonce", it->nonce);
    if (it->has_nonce_index)
        ol_json_put_u64(w, "nonce_index", it->nonce_index);
    ol_json_put_str(w, "receiver_id", it->receiver_id);
    ol_json_key(w, "actions");
    json_actions(w, it->actions, it->action_count);
    ol_json_put_u64(w, "priority_fee", 0);
    put_signature(w, &transaction->signature);
    json_put_hash(w, "hash", &transaction->hash);
    ol_json_object_end(w);
}
