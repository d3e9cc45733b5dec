/* Looking at the state of a block (NEAR 5.1). `query` answers some failures as results, with words
 * that clients match; the EXPERIMENTAL_view_… methods answer the same as errors (NEAR 5.3). */
#include "emulator/account.h"
#include "emulator/server/json_account.h"
#include "emulator/server/rpc_error.h"
#include "emulator/server/rpc_methods.h"
#include "emulator/server/rpc_params.h"
#include "lib/codec/base58.h"
#include "lib/near/account_id.h"

/* NEAR 5.1: a larger state is refused. */
enum {
    STATE_BYTES_MAX = 50000,
    KEY_BYTES_MAX = 2048 /* NEAR 1.5 */,
    LEGACY_DATA_BYTES_MAX = OL_BASE58_BYTES_MAX
};

typedef struct view {
    rpc_call *call;
    const ol_block *at;
    bool proper; /* errors as errors */
    ol_str account_id;
    ol_str method;
    ol_bytes data; /* arguments or prefix */
    ol_public_key key;
    ol_global_id global;
} view;

static void put_block(ol_json_writer *w, const view *v)
{
    ol_json_put_u64(w, "block_height", v->at->height);
    json_put_hash(w, "block_hash", &v->at->hash);
}

/* A failure that `query` answers as a result. */
static rpc_end soft_error(view *v, ol_str text)
{
    ol_json_writer *w = &v->call->w;
    ol_json_object_begin(w);
    ol_json_put_str(w, "error", text);
    ol_json_key(w, "logs");
    ol_json_array_begin(w);
    ol_json_array_end(w);
    put_block(w, v);
    ol_json_object_end(w);
    return RPC_DONE;
}

static rpc_end unknown_account(view *v)
{
    ol_json_writer info = rpc_fail_begin(v->call);
    ol_json_put_str(&info, "requested_account_id", v->account_id);
    put_block(&info, v);
    return rpc_fail_end(v->call, &info, "UNKNOWN_ACCOUNT",
                        "account %.*s does not exist while viewing", OL_FMT(v->account_id));
}

static rpc_end no_code(view *v)
{
    ol_json_writer info = rpc_fail_begin(v->call);
    ol_json_put_str(&info, "contract_account_id", v->account_id);
    put_block(&info, v);
    return rpc_fail_end(v->call, &info, "NO_CONTRACT_CODE",
                        "Contract code for contract ID #%.*s has never been observed on the node",
                        OL_FMT(v->account_id));
}

/* ---- One function a view */

static rpc_end view_account(view *v)
{
    ol_account account;
    ol_json_writer *w = &v->call->w;
    if (!ol_account_find(&v->at->state, v->account_id, &account))
        return unknown_account(v);
    ol_json_object_begin(w);
    json_account_members(w, &account);
    put_block(w, v);
    ol_json_object_end(w);
    return RPC_DONE;
}

static rpc_end unknown_key(view *v)
{
    ol_str key = ol_public_key_text(&v->key, v->call->arena);
    if (!v->proper)
        return soft_error(v, ol_arena_printf(v->call->arena,
                                             "access key %.*s does not exist while viewing",
                                             OL_FMT(key)));
    ol_json_writer info = rpc_fail_begin(v->call);
    ol_json_put_str(&info, "public_key", key);
    put_block(&info, v);
    return rpc_fail_end(v->call, &info, "UNKNOWN_ACCESS_KEY",
                        "Access key for public key %.*s has never been observed on the node",
                        OL_FMT(key));
}

static rpc_end view_access_key(view *v)
{
    ol_access_key access;
    ol_json_writer *w = &v->call->w;
    if (!ol_access_key_find(&v->at->state, v->account_id, &v->key, v->call->arena, &access))
        return unknown_key(v);
    ol_json_object_begin(w);
    json_access_key_members(w, &access);
    put_block(w, v);
    ol_json_object_end(w);
    return RPC_DONE;
}

static rpc_end view_access_key_list(view *v)
{
    ol_bytes at = {0};
    ol_public_key key;
    ol_access_key access;
    ol_json_writer *w = &v->call->w;
    ol_json_object_begin(w);
    ol_json_key(w, "keys");
    ol_json_array_begin(w);
    while (ol_access_key_next(&v->at->state, v->account_id, &at, v->call->arena, &key, &access)) {
        ol_json_object_begin(w);
        json_put_public_key(w, "public_key", &key);
        ol_json_key(w, "access_key");
        json_access_key(w, &access);
        ol_json_object_end(w);
    }
    ol_json_array_end(w);
    put_block(w, v);
    ol_json_object_end(w);
    return RPC_DONE;
}

static rpc_end code_result(view *v, ol_bytes code, const ol_sha256 *hash)
{
    ol_json_writer *w = &v->call->w;
    ol_json_object_begin(w);
    ol_json_put_base64(w, "code_base64", code);
    json_put_hash(w, "hash", hash);
    put_block(w, v);
    ol_json_object_end(w);
    return RPC_DONE;
}

static rpc_end view_code(view *v)
{
    ol_account account;
    ol_bytes code;
    ol_sha256 hash;
    if (!ol_account_find(&v->at->state, v->account_id, &account))
        return unknown_account(v);
    if (!ol_account_code(&v->at->state, &account, v->account_id, &code, &hash))
        return no_code(v);
    return code_result(v, code, &hash);
}

static rpc_end view_global_code(view *v)
{
    ol_bytes code;
    ol_sha256 hash;
    if (ol_global_code(&v->at->state, &v->global, &code, &hash))
        return code_result(v, code, &hash);
    ol_json_writer info = rpc_fail_begin(v->call);
    ol_json_key(&info, "identifier");
    json_global_id(&info, &v->global);
    put_block(&info, v);
    return rpc_fail_end(v->call, &info, "NO_GLOBAL_CONTRACT_CODE",
                        "Global contract code has never been observed on the node");
}

static bool state_is_too_large(const view *v, const ol_account *account)
{
    ol_bytes code = {0};
    ol_sha256 hash;
    uint64_t usage = account->storage_usage;
    if (account->code == OL_CODE_LOCAL &&
        ol_account_code(&v->at->state, account, v->account_id, &code, &hash))
        usage -= code.len < usage ? code.len : usage;
    return usage > STATE_BYTES_MAX;
}

static rpc_end too_large(view *v)
{
    ol_json_writer info = rpc_fail_begin(v->call);
    ol_json_put_str(&info, "contract_account_id", v->account_id);
    put_block(&info, v);
    return rpc_fail_end(v->call, &info, "TOO_LARGE_CONTRACT_STATE",
                        "State of contract %.*s is too large to be viewed", OL_FMT(v->account_id));
}

static rpc_end view_state(view *v)
{
    ol_account account;
    ol_bytes at = {0};
    ol_bytes key;
    ol_bytes value;
    ol_json_writer *w = &v->call->w;
    if (!ol_account_find(&v->at->state, v->account_id, &account))
        return unknown_account(v);
    if (state_is_too_large(v, &account))
        return too_large(v);
    ol_json_object_begin(w);
    ol_json_key(w, "values");
    ol_json_array_begin(w);
    /* No key is longer than that, so none begins with a longer prefix. */
    while (v->data.len <= KEY_BYTES_MAX &&
           ol_data_next(&v->at->state, v->account_id, v->data, &at, &key, &value)) {
        ol_json_object_begin(w);
        ol_json_put_base64(w, "key", key);
        ol_json_put_base64(w, "value", value);
        ol_json_object_end(w);
    }
    ol_json_array_end(w);
    put_block(w, v);
    ol_json_object_end(w);
    return RPC_DONE;
}

static rpc_end call_failed(view *v, const ol_view_result *result)
{
    ol_arena *arena = v->call->arena;
    if (!v->proper)
        return soft_error(v, ol_arena_printf(arena, "wasm execution failed with error: %.*s",
                                             OL_FMT(result->error_debug)));
    ol_json_writer info = rpc_fail_begin(v->call);
    ol_json_put_str(&info, "vm_error", result->error_debug);
    ol_json_put_raw(&info, "error", result->error_json);
    put_block(&info, v);
    return rpc_fail_end(v->call, &info, "CONTRACT_EXECUTION_ERROR",
                        "Function call returned an error: %.*s", OL_FMT(result->error_debug));
}

static rpc_end call_function(view *v)
{
    ol_view_result result = {0};
    ol_err err = {0};
    ol_json_writer *w = &v->call->w;
    ol_rc rc = ol_node_view(v->call->net->node, v->at, v->account_id, v->method, v->data,
                            v->call->arena, &result, &err);
    if (rc == OL_ERR_NOT_FOUND)
        return unknown_account(v);
    if (rc != OL_OK)
        return rpc_fail_internal(v->call, "%s", err.text);
    if (result.failed)
        return call_failed(v, &result);
    ol_json_object_begin(w);
    ol_json_put_byte_array(w, "result", result.value);
    ol_json_key(w, "logs");
    ol_json_array_begin(w);
    for (size_t i = 0; i < result.log_count; i++)
        ol_json_add_str(w, result.logs[i]);
    ol_json_array_end(w);
    put_block(w, v);
    ol_json_object_end(w);
    return RPC_DONE;
}

/* ---- What each reads from the parameters */

static bool read_account(view *v)
{
    return rpc_need_account(v->call, "account_id", RPC_BY_NAME, &v->account_id);
}

static bool read_account_key(view *v)
{
    return read_account(v) && rpc_need_key(v->call, "public_key", RPC_BY_NAME, &v->key);
}

static bool read_account_prefix(view *v)
{
    ol_json prefix;
    if (!read_account(v))
        return false;
    /* Some clients leave an empty prefix out. */
    return !rpc_param(v->call, "prefix_base64", RPC_BY_NAME, &prefix) ||
           rpc_need_base64(v->call, "prefix_base64", RPC_BY_NAME, &v->data);
}

static bool read_call(view *v)
{
    return read_account(v) && rpc_need_text(v->call, "method_name", RPC_BY_NAME, &v->method) &&
           rpc_need_base64(v->call, "args_base64", RPC_BY_NAME, &v->data);
}

static bool read_code_hash(view *v)
{
    return rpc_need_hash(v->call, "code_hash", RPC_BY_NAME, &v->global.hash);
}

static bool read_code_account(view *v)
{
    v->global.by_account = true;
    return rpc_need_account(v->call, "account_id", RPC_BY_NAME, &v->global.account_id);
}

typedef bool view_read(view *v);
typedef rpc_end view_run(view *v);

static const struct request_type {
    const char *name;
    const char *legacy; /* first part of a path */
    view_read *read;
    view_run *run;
} TYPES[] = {
    {"call_function", "call", read_call, call_function},
    {"view_access_key", "access_key", read_account_key, view_access_key},
    {"view_account", "account", read_account, view_account},
    {"view_access_key_list", NULL, read_account, view_access_key_list},
    {"view_state", "contract", read_account_prefix, view_state},
    {"view_code", "code", read_account, view_code},
    {"view_global_contract_code", NULL, read_code_hash, view_global_code},
    {"view_global_contract_code_by_account_id", NULL, read_code_account, view_global_code},
};

static rpc_end look(view *v, view_run *run)
{
    rpc_call *call = v->call;
    if (!rpc_need_query_block(call, &v->at))
        return RPC_FAILED;
    if (v->at->has_state)
        return run(v);
    ol_json_writer info = rpc_fail_begin(call);
    put_block(&info, v);
    return rpc_fail_end(call, &info, "GARBAGE_COLLECTED_BLOCK",
                        "The data for block #%llu is garbage collected on this node, use an "
                        "archival node to fetch historical data",
                        (unsigned long long)v->at->height);
}

/* ---- The legacy pair: a path and base58 data, `["call/ID/METHOD", "…"]` (NEAR 5.1). */

static bool legacy_data(view *v)
{
    ol_str text;
    size_t len;
    if (!rpc_need_text(v->call, "data", 1, &text))
        return false;
    uint8_t *bytes = ol_arena_alloc(v->call->arena, LEGACY_DATA_BYTES_MAX);
    if (bytes == NULL || !ol_base58_decode(text, bytes, LEGACY_DATA_BYTES_MAX, &len)) {
        (void)rpc_fail_parse(v->call,
                             "Failed parsing args: the data is not base58 of up to %d "
                             "bytes; name the parameters instead",
                             LEGACY_DATA_BYTES_MAX);
        return false;
    }
    v->data = (ol_bytes){bytes, len};
    return true;
}

static rpc_end legacy(view *v)
{
    ol_str path;
    ol_str kind;
    ol_str rest;
    ol_str last = {0};
    if (!rpc_need_text(v->call, "path", 0, &path) || !legacy_data(v))
        return RPC_FAILED;
    if (!ol_str_cut(path, '/', &kind, &rest)) {
        kind = path;
        rest = (ol_str){0};
    }
    (void)ol_str_cut(rest, '/', &rest, &last);
    v->account_id = rest;
    v->method = last;
    OL_EACH (row, TYPES) {
        if (row->legacy == NULL || !ol_str_eq(kind, ol_str_of(row->legacy)))
            continue;
        if (!ol_account_id_valid(rest))
            return rpc_fail_parse(v->call,
                                  "Failed parsing args: \"%.*s\" is not a valid account "
                                  "ID",
                                  OL_FMT(rest));
        if (row->read == read_account_key && last.len == 0)
            row = &TYPES[3]; /* the list */
        else if (row->read == read_account_key && !ol_public_key_parse(last, &v->key))
            return rpc_fail_parse(v->call, "Failed parsing args: not a public key");
        return look(v, row->run);
    }
    return rpc_fail_parse(v->call, "Failed parsing args: unknown path %.*s", OL_FMT(path));
}

rpc_end rpc_query(rpc_call *call)
{
    view v = {.call = call};
    ol_str type;
    if (call->params.raw.len > 0 && ol_json_kind_of(&call->params) == OL_JSON_ARRAY)
        return legacy(&v);
    if (!rpc_need_text(call, "request_type", RPC_BY_NAME, &type))
        return RPC_FAILED;
    OL_EACH (row, TYPES) {
        if (ol_str_eq(type, ol_str_of(row->name)))
            return row->read(&v) ? look(&v, row->run) : RPC_FAILED;
    }
    return rpc_fail_parse(call, "Failed parsing args: unknown variant `%.*s` of request_type",
                          OL_FMT(type));
}

/* ---- EXPERIMENTAL_view_… */

static rpc_end proper(rpc_call *call, view_read *read, view_run *run)
{
    view v = {.call = call, .proper = true};
    return read(&v) ? look(&v, run) : RPC_FAILED;
}

rpc_end rpc_view_account(rpc_call *call)
{
    return proper(call, read_account, view_account);
}

rpc_end rpc_view_access_key(rpc_call *call)
{
    return proper(call, read_account_key, view_access_key);
}

rpc_end rpc_view_access_key_list(rpc_call *call)
{
    return proper(call, read_account, view_access_key_list);
}

rpc_end rpc_view_code(rpc_call *call)
{
    return proper(call, read_account, view_code);
}

rpc_end rpc_view_state(rpc_call *call)
{
    return proper(call, read_account_prefix, view_state);
}

rpc_end rpc_call_function(rpc_call *call)
{
    return proper(call, read_call, call_function);
}
