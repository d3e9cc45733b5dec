#include "services/keystore/stored_secret.h"

enum { ARGS_BYTES_MAX = 8192 };

typedef struct outer {
    ol_json profile;
    ol_str vault_id;
} outer;

static const ol_json_field OUTER_FIELDS[] = {
    {"profile", OL_BIND_VALUE, OL_REQUIRED, offsetof(outer, profile)},
    {"vault_id", OL_BIND_TEXT, OL_OPTIONAL, offsetof(outer, vault_id)},
};
static const ol_json_table OUTER = {"SecretWithVault", OUTER_FIELDS, OL_COUNT(OUTER_FIELDS)};

typedef struct profile_view {
    ol_bytes encrypted;
    ol_json access;
    ol_json accessor;
} profile_view;

static const ol_json_field PROFILE_FIELDS[] = {
    {"encrypted_secrets", OL_BIND_BASE64, OL_REQUIRED, offsetof(profile_view, encrypted)},
    {"access", OL_BIND_VALUE, OL_REQUIRED, offsetof(profile_view, access)},
    {"accessor", OL_BIND_VALUE, OL_REQUIRED, offsetof(profile_view, accessor)},
};
static const ol_json_table PROFILE = {"SecretProfileView", PROFILE_FIELDS,
                                      OL_COUNT(PROFILE_FIELDS)};

static ol_rc view(chain_read *read, ol_str contract, const ol_accessor *accessor, ol_str profile,
                  ol_str owner, ol_arena *arena, ol_str *ret, ol_err *err)
{
    char storage[ARGS_BYTES_MAX];
    ol_buf args = ol_buf_over(storage, sizeof storage);
    ol_json_writer w = ol_json_writer_over(&args);
    ol_json_object_begin(&w);
    ol_json_key(&w, "accessor");
    ol_accessor_add_contract(&w, accessor);
    ol_json_put_str(&w, "profile", profile);
    ol_json_put_str(&w, "owner", owner);
    ol_json_object_end(&w);
    if (!ol_buf_ok(&args))
        return ol_fail(err, OL_ERR_INVALID, "accessor, profile or owner is too long");
    return chain_view(read, contract, OL_STR("get_secret_with_vault"), ol_buf_str(&args), arena,
                      ret, err);
}

/* What the contract answers is its own affair, not the requester's: a wrong shape is a failure. */
static ol_rc not_understood(ol_err *err)
{
    return ol_fail(err, OL_ERR_PROTOCOL, "the contract's answer is not understood");
}

ol_rc stored_secret_view(chain_read *read, ol_str contract, const ol_accessor *accessor,
                         ol_str profile, ol_str owner, ol_arena *arena, stored_secret *ret,
                         ol_err *err)
{
    ol_str text;
    ol_json root;
    outer it = {0};
    profile_view found = {0};
    OL_TRY(view(read, contract, accessor, profile, owner, arena, &text, err));
    if (ol_json_parse(text, &root, NULL) != OL_OK)
        return not_understood(err);
    if (ol_json_is_null(&root))
        return ol_fail(err, OL_ERR_INVALID, "Secrets not found in contract");
    if (ol_json_bind_value(&root, &OUTER, &it, arena, NULL) != OL_OK)
        return not_understood(err);
    if (ol_json_is_null(&it.profile))
        return ol_fail(err, OL_ERR_INVALID, "Secrets not found in contract");
    if (ol_json_bind_value(&it.profile, &PROFILE, &found, arena, NULL) != OL_OK ||
        ol_condition_parse(&found.access, arena, &ret->access, NULL) != OL_OK ||
        ol_accessor_parse(&found.accessor, arena, &ret->accessor, NULL) != OL_OK)
        return not_understood(err);
    ret->blob = found.encrypted;
    ret->vault = it.vault_id;
    return OL_OK;
}
