/* What changed in a block (NEAR 5.1, EXPERIMENTAL_changes). */
#include "emulator/server/json_account.h"
#include "emulator/server/rpc_error.h"
#include "emulator/server/rpc_methods.h"
#include "emulator/server/rpc_params.h"

enum { ACCOUNTS_MAX = 1000 };

typedef struct account_key {
    ol_str account_id;
    ol_public_key key;
    bool any_key;
} account_key;

typedef struct wish {
    ol_record_kind kind;
    const account_key *account;
    size_t accounts;
    ol_bytes prefix;
} wish;

/* ---- Writing one change */

static void cause(ol_json_writer *w, const ol_change *change)
{
    static const struct {
        const char *type;
        const char *hash; /* name of the member; NULL: none */
    } causes[] = {
        [OL_CAUSE_INITIAL] = {"initial_state", NULL},
        [OL_CAUSE_TRANSACTION] = {"transaction_processing", "tx_hash"},
        [OL_CAUSE_RECEIPT_STARTED] = {"action_receipt_processing_started", "receipt_hash"},
        [OL_CAUSE_RECEIPT] = {"receipt_processing", "receipt_hash"},
        [OL_CAUSE_GAS_REWARD] = {"action_receipt_gas_reward", "receipt_hash"},
    };
    ol_json_key(w, "cause");
    ol_json_object_begin(w);
    ol_json_put_cstr(w, "type", causes[change->cause].type);
    if (causes[change->cause].hash != NULL)
        json_put_hash(w, causes[change->cause].hash, &change->hash);
    ol_json_object_end(w);
}

static const char *type_name(ol_record_kind kind, bool removed)
{
    switch (kind) {
    case OL_RECORD_ACCOUNT:
        return removed ? "account_deletion" : "account_update";
    case OL_RECORD_ACCESS_KEY:
        return removed ? "access_key_deletion" : "access_key_update";
    case OL_RECORD_DATA:
        return removed ? "data_deletion" : "data_update";
    case OL_RECORD_CODE:
        return removed ? "contract_code_deletion" : "contract_code_update";
    case OL_RECORD_OTHER:
    case OL_RECORD_GLOBAL_CODE:
        break;
    }
    OL_UNREACHABLE();
}

static void content(ol_json_writer *w, const ol_record *record, bool removed, ol_arena *arena)
{
    ol_account account;
    ol_access_key access;
    ol_json_put_str(w, "account_id", record->account_id);
    if (record->kind == OL_RECORD_ACCESS_KEY)
        json_put_public_key(w, "public_key", &record->key);
    if (record->kind == OL_RECORD_DATA)
        ol_json_put_base64(w, "key_base64", record->data_key);
    if (removed)
        return;
    if (record->kind == OL_RECORD_DATA)
        ol_json_put_base64(w, "value_base64", record->value);
    else if (record->kind == OL_RECORD_CODE)
        ol_json_put_base64(w, "code_base64", record->value);
    else if (record->kind == OL_RECORD_ACCOUNT && ol_account_decode(record->value, &account))
        json_account_members(w, &account);
    else if (record->kind == OL_RECORD_ACCESS_KEY &&
             ol_access_key_of(record->value, arena, &access)) {
        ol_json_key(w, "access_key");
        json_access_key(w, &access);
    }
}

static void change_write(rpc_call *call, const ol_change *change, const ol_record *record)
{
    ol_json_writer *w = &call->w;
    ol_json_object_begin(w);
    cause(w, change);
    ol_json_put_cstr(w, "type", type_name(record->kind, change->removed));
    ol_json_key(w, "change");
    ol_json_object_begin(w);
    content(w, record, change->removed, call->arena);
    ol_json_object_end(w);
    ol_json_object_end(w);
}

/* ---- What is asked for */

static bool wanted(const wish *it, const ol_record *record)
{
    if (record->kind != it->kind)
        return false;
    if (record->kind == OL_RECORD_DATA &&
        !ol_str_starts(ol_bytes_str(record->data_key), ol_bytes_str(it->prefix)))
        return false;
    for (size_t i = 0; i < it->accounts; i++) {
        if (ol_str_eq(it->account[i].account_id, record->account_id) &&
            (it->account[i].any_key || ol_public_key_eq(&it->account[i].key, &record->key)))
            return true;
    }
    return false;
}

static bool item_read(rpc_call *call, const ol_json *item, bool with_key, account_key *ret)
{
    ol_json id = *item;
    ol_json key;
    ol_str text;
    ol_err err;
    ret->any_key = !with_key;
    if (with_key && (!ol_json_find(item, OL_STR("account_id"), &id) ||
                     !ol_json_find(item, OL_STR("public_key"), &key) ||
                     ol_json_text(&key, call->arena, &text, &err) != OL_OK ||
                     !ol_public_key_parse(text, &ret->key)))
        return false;
    return ol_json_text(&id, call->arena, &ret->account_id, &err) == OL_OK;
}

static bool accounts_read(rpc_call *call, bool with_key, wish *ret)
{
    const char *name = with_key ? "keys" : "account_ids";
    ol_json list;
    ol_json item;
    if (!rpc_param(call, name, RPC_BY_NAME, &list) || ol_json_kind_of(&list) != OL_JSON_ARRAY) {
        (void)rpc_fail_parse(call, "Failed parsing args: missing field `%s`", name);
        return false;
    }
    size_t count = ol_json_count(&list);
    account_key *account =
        count > ACCOUNTS_MAX ? NULL : ol_arena_array(call->arena, count + 1, sizeof *account);
    if (account == NULL) {
        (void)rpc_fail_parse(call, "Failed parsing args: %s has more than %d items", name,
                             ACCOUNTS_MAX);
        return false;
    }
    ol_json_iter it = ol_json_iterate(&list);
    for (size_t i = 0; ol_json_next_item(&it, &item); i++) {
        if (!item_read(call, &item, with_key, &account[i])) {
            (void)rpc_fail_parse(call, "Failed parsing args: %s: item %zu", name, i);
            return false;
        }
    }
    ret->account = account;
    ret->accounts = count;
    return true;
}

static const struct {
    const char *name;
    ol_record_kind kind;
    bool with_key;
} TYPES[] = {
    {"account_changes", OL_RECORD_ACCOUNT, false},
    {"all_access_key_changes", OL_RECORD_ACCESS_KEY, false},
    {"single_access_key_changes", OL_RECORD_ACCESS_KEY, true},
    {"data_changes", OL_RECORD_DATA, false},
    {"contract_code_changes", OL_RECORD_CODE, false},
};

static bool wish_read(rpc_call *call, wish *ret)
{
    ol_str type;
    ol_json prefix;
    if (!rpc_need_text(call, "changes_type", RPC_BY_NAME, &type))
        return false;
    OL_EACH (row, TYPES) {
        if (!ol_str_eq(type, ol_str_of(row->name)))
            continue;
        *ret = (wish){.kind = row->kind};
        return accounts_read(call, row->with_key, ret) &&
               (!rpc_param(call, "key_prefix_base64", RPC_BY_NAME, &prefix) ||
                rpc_need_base64(call, "key_prefix_base64", RPC_BY_NAME, &ret->prefix));
    }
    (void)rpc_fail_parse(call, "Failed parsing args: unknown variant `%.*s` of changes_type",
                         OL_FMT(type));
    return false;
}

rpc_end rpc_changes(rpc_call *call)
{
    const ol_block *block;
    wish it;
    ol_json_writer *w = &call->w;
    if (!rpc_need_block(call, RPC_BY_NAME, &block) || !wish_read(call, &it))
        return RPC_FAILED;
    ol_json_object_begin(w);
    json_put_hash(w, "block_hash", &block->hash);
    ol_json_key(w, "changes");
    ol_json_array_begin(w);
    for (size_t i = 0; i < block->change_count; i++) {
        ol_record record = ol_record_of(block->changes[i].entry);
        if (wanted(&it, &record))
            change_write(call, &block->changes[i], &record);
    }
    ol_json_array_end(w);
    ol_json_object_end(w);
    return RPC_DONE;
}

/* ---- Which accounts were touched at all */

static const char *touched_name(ol_record_kind kind)
{
    switch (kind) {
    case OL_RECORD_ACCOUNT:
        return "account_touched";
    case OL_RECORD_ACCESS_KEY:
        return "access_key_touched";
    case OL_RECORD_DATA:
        return "data_touched";
    case OL_RECORD_CODE:
        return "contract_code_touched";
    case OL_RECORD_OTHER:
    case OL_RECORD_GLOBAL_CODE:
        return NULL;
    }
    OL_UNREACHABLE();
}

/* Each account once per kind: the first of them speaks. */
static bool touched_before(const ol_block *block, size_t index, const ol_record *record)
{
    for (size_t i = 0; i < index; i++) {
        ol_record earlier = ol_record_of(block->changes[i].entry);
        if (earlier.kind == record->kind && ol_str_eq(earlier.account_id, record->account_id))
            return true;
    }
    return false;
}

rpc_end rpc_changes_in_block(rpc_call *call)
{
    const ol_block *block;
    ol_json_writer *w = &call->w;
    if (!rpc_need_block(call, 0, &block))
        return RPC_FAILED;
    ol_json_object_begin(w);
    json_put_hash(w, "block_hash", &block->hash);
    ol_json_key(w, "changes");
    ol_json_array_begin(w);
    for (size_t i = 0; i < block->change_count; i++) {
        ol_record record = ol_record_of(block->changes[i].entry);
        const char *name = touched_name(record.kind);
        if (name == NULL || touched_before(block, i, &record))
            continue;
        ol_json_object_begin(w);
        ol_json_put_cstr(w, "type", name);
        ol_json_put_str(w, "account_id", record.account_id);
        ol_json_object_end(w);
    }
    ol_json_array_end(w);
    ol_json_object_end(w);
    return RPC_DONE;
}
