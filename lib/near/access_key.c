#include "lib/near/access_key.h"

typedef struct envelope {
    uint64_t nonce;
    ol_json permission;
} envelope;

static const ol_json_field ENVELOPE_FIELDS[] = {
    {.name = "nonce",
     .type = OL_BIND_U64,
     .need = OL_REQUIRED,
     .offset = offsetof(envelope, nonce)},
    {.name = "permission",
     .type = OL_BIND_VALUE,
     .need = OL_REQUIRED,
     .offset = offsetof(envelope, permission)},
};
static const ol_json_table ENVELOPE = {"AccessKeyView", ENVELOPE_FIELDS, OL_COUNT(ENVELOPE_FIELDS)};

static const ol_json_field CALL_FIELDS[] = {
    {.name = "allowance",
     .type = OL_BIND_DEC,
     .need = OL_OPTIONAL,
     .offset = offsetof(ol_access_key, allowance),
     .has = offsetof(ol_access_key, has_allowance)},
    {.name = "receiver_id",
     .type = OL_BIND_TEXT,
     .need = OL_REQUIRED,
     .offset = offsetof(ol_access_key, receiver)},
    {.name = "method_names",
     .type = OL_BIND_TEXT_LIST,
     .need = OL_REQUIRED,
     .offset = offsetof(ol_access_key, methods)},
};
static const ol_json_table CALL = {"FunctionCall", CALL_FIELDS, OL_COUNT(CALL_FIELDS)};

ol_rc ol_access_key_read(const ol_json *value, ol_arena *arena, ol_access_key *ret, ol_err *err)
{
    envelope it = {0};
    ol_json call;
    *ret = (ol_access_key){0};
    OL_TRY(ol_json_bind_value(value, &ENVELOPE, &it, arena, err));
    ret->nonce = it.nonce;
    if (ol_json_kind_of(&it.permission) == OL_JSON_STRING &&
        ol_json_text_is(&it.permission, OL_STR("FullAccess"))) {
        ret->full_access = true;
        return OL_OK;
    }
    if (!ol_json_find(&it.permission, OL_STR("FunctionCall"), &call))
        return ol_json_wrong_type(&it.permission, "a permission", err);
    return ol_json_bind_value(&call, &CALL, ret, arena, err);
}

ol_rc ol_access_key_list_find(const ol_json *list, ol_str public_key, ol_arena *arena,
                              bool *ret_found, ol_access_key *ret, ol_err *err)
{
    ol_json keys;
    ol_json row;
    ol_json text;
    ol_json key;
    *ret_found = false;
    if (!ol_json_find(list, OL_STR("keys"), &keys) || ol_json_kind_of(&keys) != OL_JSON_ARRAY)
        return ol_json_wrong_type(list, "a list of access keys", err);
    ol_json_iter rows = ol_json_iterate(&keys);
    while (ol_json_next_item(&rows, &row)) {
        if (!ol_json_find(&row, OL_STR("public_key"), &text) ||
            ol_json_kind_of(&text) != OL_JSON_STRING ||
            !ol_json_find(&row, OL_STR("access_key"), &key))
            return ol_json_wrong_type(&row, "an access key", err);
        if (!ol_json_text_is(&text, public_key))
            continue;
        *ret_found = true;
        return ol_access_key_read(&key, arena, ret, err);
    }
    return OL_OK;
}

static bool has_method(const ol_access_key *key, ol_str method)
{
    for (size_t i = 0; i < key->methods.count; i++) {
        if (ol_str_eq(key->methods.items[i], method))
            return true;
    }
    return false;
}

bool ol_access_key_is_for(const ol_access_key *key, ol_str receiver, const ol_str *methods,
                          size_t count)
{
    if (key->full_access || !ol_str_eq(key->receiver, receiver) || key->methods.count != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!has_method(key, methods[i]))
            return false;
    }
    return true;
}

bool ol_access_key_is_worker(const ol_access_key *key, ol_str contract)
{
    static const ol_str METHODS[] = {
        OL_STR_INIT("resolve_execution"),
        OL_STR_INIT("submit_execution_output_and_resolve"),
        OL_STR_INIT("resume_topup"),
        OL_STR_INIT("resume_delete_payment_key"),
    };
    return ol_access_key_is_for(key, contract, METHODS, OL_COUNT(METHODS));
}
