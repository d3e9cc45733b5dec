/* Methods of sandbox builds, which test libraries need (NEAR 5.1). */
#include "emulator/server/control_ops.h"
#include "emulator/server/rpc_error.h"
#include "emulator/server/rpc_methods.h"
#include "emulator/server/rpc_params.h"
#include "lib/codec/base64.h"
#include "lib/codec/json_bind.h"

typedef struct record {
    ol_str account_id;
    ol_json account; /* Account */
    ol_json access_key;
    ol_str public_key;
    ol_bytes code;
    ol_bytes data_key;
    ol_bytes value;
} record;

static const ol_json_field FIELDS[] = {
    {"account_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(record, account_id)},
    {"account", OL_BIND_VALUE, OL_OPTIONAL, offsetof(record, account)},
    {"access_key", OL_BIND_VALUE, OL_OPTIONAL, offsetof(record, access_key)},
    {"public_key", OL_BIND_TEXT, OL_OPTIONAL, offsetof(record, public_key)},
    {"code", OL_BIND_BASE64, OL_OPTIONAL, offsetof(record, code)},
    {"data_key", OL_BIND_BASE64, OL_OPTIONAL, offsetof(record, data_key)},
    {"value", OL_BIND_BASE64, OL_OPTIONAL, offsetof(record, value)},
};
static const ol_json_table RECORD = {"StateRecord", FIELDS, OL_COUNT(FIELDS)};

/* The balance an account has, for a patch that does not touch it. */
static ol_yocto balance_of(const localnet *net, ol_str account_id)
{
    ol_account account;
    if (ol_account_find(&ol_node_head(net->node)->state, account_id, &account))
        return account.amount;
    return OL_YOCTO(0);
}

static ol_rc patch_account(rpc_call *call, const record *it, ol_err *err)
{
    ol_json amount;
    ol_account_seed seed = {.id = it->account_id};
    if (it->account.raw.len == 0 || !ol_json_find(&it->account, OL_STR("amount"), &amount))
        return ol_fail(err, OL_ERR_SHAPE, "Account: missing field `amount`");
    OL_TRY(ol_json_u128_text(&amount, &seed.balance.yocto, err));
    return control_account(call->net, &seed, err);
}

static ol_rc patch_code(rpc_call *call, const record *it, ol_err *err)
{
    const ol_account_seed seed = {
        .id = it->account_id, .balance = balance_of(call->net, it->account_id), .code = it->code};
    return control_account(call->net, &seed, err);
}

static ol_rc patch_data(rpc_call *call, const record *it, ol_err *err)
{
    return ol_node_put_data(call->net->node, it->account_id, it->data_key, it->value, err);
}

static ol_rc call_permission(rpc_call *call, const ol_json *value, ol_access_key *ret, ol_err *err)
{
    ol_json member;
    ol_json item;
    if (ol_json_find(value, OL_STR("allowance"), &member) && !ol_json_is_null(&member)) {
        ret->has_allowance = true;
        OL_TRY(ol_json_u128_text(&member, &ret->allowance.yocto, err));
    }
    if (!ol_json_find(value, OL_STR("receiver_id"), &member))
        return ol_fail(err, OL_ERR_SHAPE, "FunctionCall: missing field `receiver_id`");
    OL_TRY(ol_json_text(&member, call->arena, &ret->receiver_id, err));
    if (!ol_json_find(value, OL_STR("method_names"), &member) ||
        ol_json_kind_of(&member) != OL_JSON_ARRAY)
        return OL_OK;
    ol_str *names = ol_arena_array(call->arena, ol_json_count(&member) + 1, sizeof *names);
    if (names == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    ol_json_iter it = ol_json_iterate(&member);
    while (ol_json_next_item(&it, &item))
        OL_TRY(ol_json_text(&item, call->arena, &names[ret->method_count++], err));
    ret->methods = names;
    return OL_OK;
}

static ol_rc patch_access_key(rpc_call *call, const record *it, ol_err *err)
{
    ol_public_key key;
    ol_access_key access = {.permission = OL_PERMISSION_FULL};
    ol_json permission;
    ol_json function_call;
    ol_json nonce;
    if (!ol_public_key_parse(it->public_key, &key))
        return ol_fail(err, OL_ERR_SHAPE, "AccessKey: `public_key` is not a public key");
    if (it->access_key.raw.len > 0 && ol_json_find(&it->access_key, OL_STR("nonce"), &nonce))
        OL_TRY(ol_json_u64(&nonce, &access.nonce, err));
    if (it->access_key.raw.len > 0 &&
        ol_json_find(&it->access_key, OL_STR("permission"), &permission) &&
        ol_json_find(&permission, OL_STR("FunctionCall"), &function_call)) {
        access.permission = OL_PERMISSION_CALL;
        OL_TRY(call_permission(call, &function_call, &access, err));
    }
    return ol_node_put_access_key(call->net->node, it->account_id, &key, &access, err);
}

static const struct {
    const char *name;
    ol_rc (*patch)(rpc_call *call, const record *it, ol_err *err);
} KINDS[] = {
    {"Account", patch_account},
    {"Contract", patch_code},
    {"Data", patch_data},
    {"AccessKey", patch_access_key},
};

static ol_rc patch(rpc_call *call, const ol_json *item, ol_err *err)
{
    ol_json value;
    OL_EACH (kind, KINDS) {
        record it = {0};
        if (!ol_json_find(item, ol_str_of(kind->name), &value))
            continue;
        OL_TRY(ol_json_bind_value(&value, &RECORD, &it, call->arena, err));
        OL_TRY(control_account_id_check(it.account_id, err));
        return kind->patch(call, &it, err);
    }
    return ol_fail(err, OL_ERR_SHAPE, "records: expected Account, AccessKey, Contract or Data");
}

static rpc_end nothing(rpc_call *call)
{
    ol_json_object_begin(&call->w);
    ol_json_object_end(&call->w);
    return RPC_DONE;
}

rpc_end rpc_patch_state(rpc_call *call)
{
    ol_json records;
    ol_json item;
    ol_err err = {0};
    if (!rpc_param(call, "records", 0, &records) || ol_json_kind_of(&records) != OL_JSON_ARRAY)
        return rpc_fail_parse(call, "Failed parsing args: missing field `records`");
    ol_json_iter it = ol_json_iterate(&records);
    while (ol_json_next_item(&it, &item)) {
        ol_rc rc = patch(call, &item, &err);
        if (rc != OL_OK && ol_reason_of(rc)->http < 500)
            return rpc_fail_parse_err(call, &err);
        if (rc != OL_OK)
            return rpc_fail_internal(call, "%s", err.text);
    }
    localnet_chain_changed(call->net);
    return nothing(call);
}

rpc_end rpc_fast_forward(rpc_call *call)
{
    ol_json value;
    uint64_t blocks;
    ol_err err = {0};
    if (!rpc_param(call, "delta_height", 0, &value))
        return rpc_fail_parse(call, "Failed parsing args: missing field `delta_height`");
    if (ol_json_u64(&value, &blocks, &err) != OL_OK ||
        control_forward(call->net, blocks, 0, &err) != OL_OK)
        return rpc_fail_parse_err(call, &err);
    return nothing(call);
}
