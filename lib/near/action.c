#include "lib/near/action.h"

/* Signed messages begin with 2^30 + the number of the proposal, so that none is a transaction
 * (NEAR 4.1). */
enum { DELEGATE_PREFIX = (1 << 30) + 366, DELEGATE_V2_PREFIX = (1 << 30) + 611 };
/* Variants of enums within actions. */
enum { NONCE_PLAIN = 0, NONCE_INDEXED = 1, STATE_INIT_V1 = 0, DELEGATE_ACTION_V2 = 0 };
enum { DELEGATE_BYTES_MAX = 2 << 20 };

ol_action ol_action_call(ol_str method, ol_bytes args, uint64_t gas, ol_yocto deposit)
{
    return (ol_action){.kind = OL_ACTION_CALL,
                       .call = {.method = method, .args = args, .gas = gas, .deposit = deposit}};
}

ol_action ol_action_transfer(ol_yocto amount)
{
    return (ol_action){.kind = OL_ACTION_TRANSFER, .transfer = amount};
}

ol_action ol_action_deploy(ol_bytes code)
{
    return (ol_action){.kind = OL_ACTION_DEPLOY_CONTRACT, .deploy = code};
}

ol_action ol_action_create_account(void)
{
    return (ol_action){.kind = OL_ACTION_CREATE_ACCOUNT};
}

ol_action ol_action_add_full_key(const ol_public_key *key)
{
    return (ol_action){.kind = OL_ACTION_ADD_KEY,
                       .add_key = {.key = *key, .access = {.permission = OL_PERMISSION_FULL}}};
}

static ol_yocto decode_money(ol_borsh *from)
{
    return (ol_yocto){ol_borsh_u128(from)};
}

/* Room for a list whose length came from outside; NULL, and the cursor marked, when there is none.
 * Every item takes at least a byte, which bounds what a short text can ask for. */
static void *list(ol_borsh *from, ol_arena *arena, size_t count, size_t most, size_t item_bytes)
{
    void *items = NULL;
    if (!from->failed && count <= most && count <= from->rest.len)
        items = ol_arena_array(arena, count, item_bytes);
    if (items == NULL && count > 0)
        from->failed = true;
    return items;
}

static bool permits_calls_alone(ol_permission permission)
{
    return permission == OL_PERMISSION_CALL || permission == OL_PERMISSION_GAS_KEY_CALL;
}

static bool is_gas_key(ol_permission permission)
{
    return permission == OL_PERMISSION_GAS_KEY_CALL || permission == OL_PERMISSION_GAS_KEY_FULL;
}

void ol_access_key_encode(const ol_access_key *key, ol_buf *into)
{
    ol_borsh_add_u64(into, key->nonce);
    ol_borsh_add_u8(into, (uint8_t)key->permission);
    if (is_gas_key(key->permission)) {
        ol_borsh_add_u128(into, key->gas_balance.yocto);
        ol_borsh_add_u16(into, key->gas_nonces);
    }
    if (!permits_calls_alone(key->permission))
        return;
    ol_borsh_add_bool(into, key->has_allowance);
    if (key->has_allowance)
        ol_borsh_add_u128(into, key->allowance.yocto);
    ol_borsh_add_str(into, key->receiver_id);
    ol_borsh_add_u32(into, (uint32_t)key->method_count);
    for (size_t i = 0; i < key->method_count; i++)
        ol_borsh_add_str(into, key->methods[i]);
}

static void decode_call_permission(ol_borsh *from, ol_arena *arena, ol_access_key *ret)
{
    ret->has_allowance = ol_borsh_bool(from);
    if (ret->has_allowance)
        ret->allowance = decode_money(from);
    ret->receiver_id = ol_borsh_str(from);
    size_t count = ol_borsh_u32(from);
    ol_str *methods = list(from, arena, count, OL_KEY_METHODS_DECODED_MAX, sizeof *methods);
    if (methods == NULL)
        return;
    for (size_t i = 0; i < count; i++)
        methods[i] = ol_borsh_str(from);
    ret->methods = methods;
    ret->method_count = count;
}

void ol_access_key_decode(ol_borsh *from, ol_arena *arena, ol_access_key *ret)
{
    *ret = (ol_access_key){.nonce = ol_borsh_u64(from)};
    uint8_t tag = ol_borsh_u8(from);
    if (tag > OL_PERMISSION_GAS_KEY_FULL) {
        from->failed = true;
        return;
    }
    ret->permission = (ol_permission)tag;
    if (is_gas_key(ret->permission)) {
        ret->gas_balance = decode_money(from);
        ret->gas_nonces = ol_borsh_u16(from);
    }
    if (permits_calls_alone(ret->permission))
        decode_call_permission(from, arena, ret);
}

void ol_global_id_encode(const ol_global_id *id, ol_buf *into)
{
    ol_borsh_add_bool(into, id->by_account);
    if (id->by_account)
        ol_borsh_add_str(into, id->account_id);
    else
        ol_borsh_add_fixed(into, ol_sha256_bytes(&id->hash));
}

void ol_global_id_decode(ol_borsh *from, ol_global_id *ret)
{
    *ret = (ol_global_id){.by_account = ol_borsh_bool(from)};
    if (ret->by_account)
        ret->account_id = ol_borsh_str(from);
    else
        ol_borsh_fixed(from, ret->hash.bytes, sizeof ret->hash.bytes);
}

void ol_state_init_encode(const ol_state_init *init, ol_buf *into)
{
    ol_borsh_add_u8(into, STATE_INIT_V1);
    ol_global_id_encode(&init->code, into);
    ol_borsh_add_u32(into, (uint32_t)init->entry_count);
    for (size_t i = 0; i < init->entry_count; i++) {
        ol_borsh_add_bytes(into, init->entries[i].key);
        ol_borsh_add_bytes(into, init->entries[i].value);
    }
}

static void decode_state_init(ol_borsh *from, ol_arena *arena, ol_state_init *ret)
{
    *ret = (ol_state_init){0};
    if (ol_borsh_u8(from) != STATE_INIT_V1)
        from->failed = true;
    ol_global_id_decode(from, &ret->code);
    size_t count = ol_borsh_u32(from);
    ol_init_entry *entries = list(from, arena, count, OL_STATE_INIT_ENTRIES_MAX, sizeof *entries);
    if (entries == NULL)
        return;
    for (size_t i = 0; i < count; i++) {
        entries[i] = (ol_init_entry){.key = ol_borsh_bytes(from), .value = ol_borsh_bytes(from)};
        if (i > 0 &&
            ol_str_compare(ol_bytes_str(entries[i - 1].key), ol_bytes_str(entries[i].key)) >= 0)
            from->failed = true; /* a map has one form alone */
    }
    ret->entries = entries;
    ret->entry_count = count;
}

/* What is signed: everything but the signature. */
static void encode_delegate(const ol_delegate *delegate, bool v2, ol_buf *into)
{
    if (v2)
        ol_borsh_add_u8(into, DELEGATE_ACTION_V2);
    ol_borsh_add_str(into, delegate->sender_id);
    ol_borsh_add_str(into, delegate->receiver_id);
    ol_actions_encode(delegate->actions, delegate->action_count, into);
    if (v2)
        ol_borsh_add_u8(into, delegate->has_nonce_index ? NONCE_INDEXED : NONCE_PLAIN);
    ol_borsh_add_u64(into, delegate->nonce);
    if (v2 && delegate->has_nonce_index)
        ol_borsh_add_u16(into, delegate->nonce_index);
    ol_borsh_add_u64(into, delegate->max_block_height);
    ol_public_key_encode(&delegate->key, into);
}

static void decode_delegate_nonce(ol_borsh *from, bool v2, ol_delegate *ret)
{
    uint8_t tag = v2 ? ol_borsh_u8(from) : NONCE_PLAIN;
    if (tag > NONCE_INDEXED)
        from->failed = true;
    ret->nonce = ol_borsh_u64(from);
    ret->has_nonce_index = tag == NONCE_INDEXED;
    if (ret->has_nonce_index)
        ret->nonce_index = ol_borsh_u16(from);
}

/* `nested` is true within a delegate action, which holds no other. */
static void decode_action(ol_borsh *from, ol_arena *arena, bool nested, ol_action *ret);

static void decode_actions(ol_borsh *from, ol_arena *arena, bool nested, const ol_action **ret,
                           size_t *ret_count)
{
    *ret = NULL;
    *ret_count = 0;
    size_t count = ol_borsh_u32(from);
    ol_action *actions = list(from, arena, count, OL_ACTIONS_DECODED_MAX, sizeof *actions);
    if (actions == NULL)
        return;
    for (size_t i = 0; i < count; i++)
        decode_action(from, arena, nested, &actions[i]);
    *ret = actions;
    *ret_count = count;
}

static void decode_delegate(ol_borsh *from, ol_arena *arena, bool v2, ol_action *action)
{
    ol_delegate *ret = OL_ARENA_NEW(arena, ol_delegate);
    if (ret == NULL || (v2 && ol_borsh_u8(from) != DELEGATE_ACTION_V2)) {
        from->failed = true;
        return;
    }
    ret->sender_id = ol_borsh_str(from);
    ret->receiver_id = ol_borsh_str(from);
    decode_actions(from, arena, true, &ret->actions, &ret->action_count);
    decode_delegate_nonce(from, v2, ret);
    ret->max_block_height = ol_borsh_u64(from);
    ol_public_key_decode(from, &ret->key);
    ol_signature_decode(from, &ret->signature);
    action->delegate = ret;
}

void ol_action_encode(const ol_action *action, ol_buf *into)
{
    ol_borsh_add_u8(into, (uint8_t)action->kind);
    switch (action->kind) {
    case OL_ACTION_CREATE_ACCOUNT:
        break;
    case OL_ACTION_DEPLOY_CONTRACT:
        ol_borsh_add_bytes(into, action->deploy);
        break;
    case OL_ACTION_CALL:
        ol_borsh_add_str(into, action->call.method);
        ol_borsh_add_bytes(into, action->call.args);
        ol_borsh_add_u64(into, action->call.gas);
        ol_borsh_add_u128(into, action->call.deposit.yocto);
        break;
    case OL_ACTION_TRANSFER:
        ol_borsh_add_u128(into, action->transfer.yocto);
        break;
    case OL_ACTION_STAKE:
        ol_borsh_add_u128(into, action->stake.amount.yocto);
        ol_public_key_encode(&action->stake.key, into);
        break;
    case OL_ACTION_ADD_KEY:
        ol_public_key_encode(&action->add_key.key, into);
        ol_access_key_encode(&action->add_key.access, into);
        break;
    case OL_ACTION_DELETE_KEY:
        ol_public_key_encode(&action->delete_key, into);
        break;
    case OL_ACTION_DELETE_ACCOUNT:
        ol_borsh_add_str(into, action->beneficiary);
        break;
    case OL_ACTION_DELEGATE:
    case OL_ACTION_DELEGATE_V2:
        encode_delegate(action->delegate, action->kind == OL_ACTION_DELEGATE_V2, into);
        ol_signature_encode(&action->delegate->signature, into);
        break;
    case OL_ACTION_DEPLOY_GLOBAL:
        ol_borsh_add_bytes(into, action->deploy_global.code);
        ol_borsh_add_bool(into, action->deploy_global.by_account);
        break;
    case OL_ACTION_USE_GLOBAL:
        ol_global_id_encode(&action->use_global, into);
        break;
    case OL_ACTION_STATE_INIT:
        ol_state_init_encode(&action->state_init.init, into);
        ol_borsh_add_u128(into, action->state_init.deposit.yocto);
        break;
    case OL_ACTION_TRANSFER_TO_GAS_KEY:
    case OL_ACTION_WITHDRAW_FROM_GAS_KEY:
        ol_public_key_encode(&action->gas_key.key, into);
        ol_borsh_add_u128(into, action->gas_key.amount.yocto);
        break;
    case OL_ACTION_KINDS:
        OL_UNREACHABLE();
    }
}

static void decode_call(ol_borsh *from, ol_action *ret)
{
    ret->call.method = ol_borsh_str(from);
    ret->call.args = ol_borsh_bytes(from);
    ret->call.gas = ol_borsh_u64(from);
    ret->call.deposit = decode_money(from);
}

static void decode_action(ol_borsh *from, ol_arena *arena, bool nested, ol_action *ret)
{
    *ret = (ol_action){0};
    uint8_t tag = ol_borsh_u8(from);
    if (tag >= OL_ACTION_KINDS) {
        from->failed = true;
        return;
    }
    ret->kind = (ol_action_kind)tag;
    switch (ret->kind) {
    case OL_ACTION_CREATE_ACCOUNT:
        break;
    case OL_ACTION_DEPLOY_CONTRACT:
        ret->deploy = ol_borsh_bytes(from);
        break;
    case OL_ACTION_CALL:
        decode_call(from, ret);
        break;
    case OL_ACTION_TRANSFER:
        ret->transfer = decode_money(from);
        break;
    case OL_ACTION_STAKE:
        ret->stake.amount = decode_money(from);
        ol_public_key_decode(from, &ret->stake.key);
        break;
    case OL_ACTION_ADD_KEY:
        ol_public_key_decode(from, &ret->add_key.key);
        ol_access_key_decode(from, arena, &ret->add_key.access);
        break;
    case OL_ACTION_DELETE_KEY:
        ol_public_key_decode(from, &ret->delete_key);
        break;
    case OL_ACTION_DELETE_ACCOUNT:
        ret->beneficiary = ol_borsh_str(from);
        break;
    case OL_ACTION_DELEGATE:
    case OL_ACTION_DELEGATE_V2:
        if (nested)
            from->failed = true;
        else
            decode_delegate(from, arena, ret->kind == OL_ACTION_DELEGATE_V2, ret);
        break;
    case OL_ACTION_DEPLOY_GLOBAL:
        ret->deploy_global.code = ol_borsh_bytes(from);
        ret->deploy_global.by_account = ol_borsh_bool(from);
        break;
    case OL_ACTION_USE_GLOBAL:
        ol_global_id_decode(from, &ret->use_global);
        break;
    case OL_ACTION_STATE_INIT:
        decode_state_init(from, arena, &ret->state_init.init);
        ret->state_init.deposit = decode_money(from);
        break;
    case OL_ACTION_TRANSFER_TO_GAS_KEY:
    case OL_ACTION_WITHDRAW_FROM_GAS_KEY:
        ol_public_key_decode(from, &ret->gas_key.key);
        ret->gas_key.amount = decode_money(from);
        break;
    case OL_ACTION_KINDS:
        OL_UNREACHABLE();
    }
}

void ol_action_decode(ol_borsh *from, ol_arena *arena, ol_action *ret)
{
    decode_action(from, arena, false, ret);
}

void ol_actions_encode(const ol_action *actions, size_t count, ol_buf *into)
{
    ol_borsh_add_u32(into, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        ol_action_encode(&actions[i], into);
}

void ol_actions_decode(ol_borsh *from, ol_arena *arena, const ol_action **ret, size_t *ret_count)
{
    decode_actions(from, arena, false, ret, ret_count);
}

ol_yocto ol_action_deposit(const ol_action *action)
{
    switch (action->kind) {
    case OL_ACTION_CALL:
        return action->call.deposit;
    case OL_ACTION_TRANSFER:
        return action->transfer;
    case OL_ACTION_STATE_INIT:
        return action->state_init.deposit;
    case OL_ACTION_TRANSFER_TO_GAS_KEY:
        return action->gas_key.amount;
    case OL_ACTION_CREATE_ACCOUNT:
    case OL_ACTION_DEPLOY_CONTRACT:
    case OL_ACTION_STAKE:
    case OL_ACTION_ADD_KEY:
    case OL_ACTION_DELETE_KEY:
    case OL_ACTION_DELETE_ACCOUNT:
    case OL_ACTION_DELEGATE:
    case OL_ACTION_DELEGATE_V2:
    case OL_ACTION_DEPLOY_GLOBAL:
    case OL_ACTION_USE_GLOBAL:
    case OL_ACTION_WITHDRAW_FROM_GAS_KEY:
    case OL_ACTION_KINDS:
        break;
    }
    return OL_YOCTO(0);
}

bool ol_delegate_hash(const ol_delegate *delegate, bool v2, ol_sha256 *ret)
{
    ol_buf bytes = ol_buf_new(DELEGATE_BYTES_MAX);
    ol_borsh_add_u32(&bytes, v2 ? DELEGATE_V2_PREFIX : DELEGATE_PREFIX);
    encode_delegate(delegate, v2, &bytes);
    bool ok = ol_buf_ok(&bytes);
    if (ok)
        *ret = ol_sha256_of(ol_buf_bytes(&bytes));
    ol_buf_deinit(&bytes);
    return ok;
}
