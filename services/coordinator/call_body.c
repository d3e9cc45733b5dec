#include "services/coordinator/call_body.h"

#include "lib/codec/json_bind.h"
#include "lib/codec/json_print.h"

enum { INPUT_GROWTH = 8 }; /* a number like 1e15 is printed with up to eight times its bytes */

typedef struct call_draft {
    ol_json input;
    bool is_async;
    bool has_limits;
    ol_resource_limits limits;
    uint32_t memory_mb;
    ol_secrets_ref secrets_ref;
    ol_str version_key;
} call_draft;

static const ol_json_field LIMIT_FIELDS[] = {
    {"max_instructions", OL_BIND_U64, OL_OPTIONAL, offsetof(call_draft, limits.instructions_max)},
    {"max_memory_mb", OL_BIND_U32, OL_OPTIONAL, offsetof(call_draft, memory_mb)},
    {"max_execution_seconds", OL_BIND_U64, OL_OPTIONAL, offsetof(call_draft, limits.seconds_max)},
};
static const ol_json_table LIMIT_TABLE = {"ResourceLimitsInput", LIMIT_FIELDS,
                                          OL_COUNT(LIMIT_FIELDS)};
static const ol_json_field SECRETS_FIELDS[] = {
    {"profile", OL_BIND_TEXT, OL_REQUIRED, offsetof(ol_secrets_ref, profile)},
    {"account_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(ol_secrets_ref, account_id)},
};
static const ol_json_table SECRETS_TABLE = {"SecretsReference", SECRETS_FIELDS,
                                            OL_COUNT(SECRETS_FIELDS)};
static const ol_json_field BODY_FIELDS[] = {
    {"input", OL_BIND_VALUE, OL_REQUIRED, offsetof(call_draft, input)},
    /* Its members are bound into the body itself. */
    {"resource_limits", OL_BIND_OBJECT, OL_OPTIONAL, 0, .has = offsetof(call_draft, has_limits),
     .sub = &LIMIT_TABLE},
    {"async", OL_BIND_BOOL, OL_DEFAULT, offsetof(call_draft, is_async)},
    {"secrets_ref", OL_BIND_OBJECT, OL_OPTIONAL, offsetof(call_draft, secrets_ref),
     .sub = &SECRETS_TABLE},
    {"version_key", OL_BIND_TEXT, OL_OPTIONAL, offsetof(call_draft, version_key)},
};
static const ol_json_table BODY_TABLE = {"HttpsCallRequest", BODY_FIELDS, OL_COUNT(BODY_FIELDS)};

ol_rc call_body_decode(ol_str json, ol_arena *arena, call_body *ret, ol_err *err)
{
    call_draft draft = {.limits = {OL_INSTRUCTIONS_STANDARD, 0, OL_SECONDS_STANDARD},
                        .memory_mb = OL_MEMORY_MB_STANDARD};
    call_body body = {0};
    OL_TRY(ol_json_bind(json, &BODY_TABLE, &draft, arena, err));
    body.input = ol_buf_new(draft.input.raw.len * INPUT_GROWTH + 64);
    ol_rc rc = ol_json_print(&draft.input, OL_JSON_KEYS_AS_GIVEN, &body.input, err);
    if (rc != OL_OK) {
        call_body_deinit(&body);
        return rc;
    }
    body.is_async = draft.is_async;
    body.limits = draft.limits;
    body.limits.memory_mb_max = draft.memory_mb;
    body.secrets_ref = draft.secrets_ref;
    body.version_key = draft.version_key;
    *ret = body;
    return OL_OK;
}

void call_body_deinit(call_body *body)
{
    ol_buf_deinit(&body->input);
}
