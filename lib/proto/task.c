#include "lib/proto/task.h"

#include "lib/codec/json_bind.h"
#include "lib/proto/put.h"

static const char *const FORMAT_NAMES[] = {"Text", "Json", "Bytes", NULL};
_Static_assert(OL_FORMAT_TEXT == 0 && OL_FORMAT_JSON == 1 && OL_FORMAT_BYTES == 2, "table order");

ol_str ol_format_name(ol_format format)
{
    return ol_str_of(FORMAT_NAMES[format]);
}

bool ol_format_parse(ol_str name, ol_format *ret)
{
    for (int i = 0; FORMAT_NAMES[i] != NULL; i++) {
        if (ol_str_eq(name, ol_str_of(FORMAT_NAMES[i]))) {
            *ret = (ol_format)i;
            return true;
        }
    }
    return false;
}

#define TEXT(struct_, need, member) {#member, OL_BIND_TEXT, need, offsetof(struct_, member)}
#define OPT(struct_, type, member)                                                                 \
    {#member, type, OL_OPTIONAL, offsetof(struct_, member.value),                                  \
     .has = offsetof(struct_, member.has)}

static const ol_json_field LIMITS_FIELDS[] = {
    {"max_instructions", OL_BIND_U64, OL_OPTIONAL, offsetof(ol_resource_limits, instructions_max)},
    {"max_memory_mb", OL_BIND_U64, OL_OPTIONAL, offsetof(ol_resource_limits, memory_mb_max)},
    {"max_execution_seconds", OL_BIND_U64, OL_OPTIONAL, offsetof(ol_resource_limits, seconds_max)},
};
static const ol_json_table LIMITS = {"ResourceLimits", LIMITS_FIELDS, OL_COUNT(LIMITS_FIELDS)};

static const ol_json_field SECRETS_REF_FIELDS[] = {
    TEXT(ol_secrets_ref, OL_REQUIRED, profile),
    TEXT(ol_secrets_ref, OL_REQUIRED, account_id),
};
static const ol_json_table SECRETS_REF = {"SecretsReference", SECRETS_REF_FIELDS,
                                          OL_COUNT(SECRETS_REF_FIELDS)};

static const ol_json_field CONTEXT_FIELDS[] = {
    TEXT(ol_task_context, OL_OPTIONAL, sender_id),
    OPT(ol_task_context, OL_BIND_U64, block_height),
    OPT(ol_task_context, OL_BIND_U64, block_timestamp),
    TEXT(ol_task_context, OL_OPTIONAL, contract_id),
    TEXT(ol_task_context, OL_OPTIONAL, transaction_hash),
    TEXT(ol_task_context, OL_OPTIONAL, receipt_id),
    TEXT(ol_task_context, OL_OPTIONAL, predecessor_id),
    TEXT(ol_task_context, OL_OPTIONAL, signer_public_key),
    OPT(ol_task_context, OL_BIND_U64, gas_burnt),
};
static const ol_json_table CONTEXT = {"ExecutionContext", CONTEXT_FIELDS, OL_COUNT(CONTEXT_FIELDS)};

/* What needs more than the table: the tagged source. */
typedef struct task_draft {
    ol_task task;
    ol_json source;
    bool has_source;
} task_draft;

#define TASK(member) offsetof(task_draft, task.member)
#define TASK_TEXT(need, member) {#member, OL_BIND_TEXT, need, TASK(member)}
#define TASK_FLAG(member) {#member, OL_BIND_BOOL, OL_OPTIONAL, TASK(member)}
#define TASK_OPT(type, member)                                                                     \
    {#member, type, OL_OPTIONAL, TASK(member.value), .has = TASK(member.has)}

static const ol_json_field TASK_FIELDS[] = {
    {"request_id", OL_BIND_U64, OL_REQUIRED, TASK(request_id)},
    TASK_TEXT(OL_REQUIRED, data_id),
    {"code_source", OL_BIND_VALUE, OL_OPTIONAL, offsetof(task_draft, source),
     .has = offsetof(task_draft, has_source)},
    {"resource_limits", OL_BIND_OBJECT, OL_OPTIONAL, TASK(limits), .sub = &LIMITS},
    TASK_TEXT(OL_REQUIRED, input_data),
    {"secrets_ref", OL_BIND_OBJECT, OL_OPTIONAL, TASK(secrets_ref), .sub = &SECRETS_REF},
    {"response_format", OL_BIND_ENUM, OL_OPTIONAL, TASK(response_format), .variants = FORMAT_NAMES},
    {"context", OL_BIND_OBJECT, OL_OPTIONAL, TASK(context), .sub = &CONTEXT},
    TASK_TEXT(OL_OPTIONAL, user_account_id),
    TASK_OPT(OL_BIND_DEC, near_payment_yocto),
    TASK_OPT(OL_BIND_DEC, attached_usd),
    TASK_TEXT(OL_OPTIONAL, transaction_hash),
    TASK_FLAG(compile_only),
    TASK_FLAG(force_rebuild),
    TASK_FLAG(store_on_fastfs),
    TASK_FLAG(use_bound_identity),
    TASK_TEXT(OL_OPTIONAL, compile_result),
    TASK_TEXT(OL_OPTIONAL, project_uuid),
    TASK_TEXT(OL_OPTIONAL, project_id),
    TASK_TEXT(OL_OPTIONAL, version_key),
    TASK_FLAG(is_https_call),
    TASK_TEXT(OL_OPTIONAL, call_id),
    TASK_TEXT(OL_OPTIONAL, payment_key_owner),
    TASK_OPT(OL_BIND_U64, payment_key_nonce),
    TASK_OPT(OL_BIND_DEC, usd_payment),
    TASK_OPT(OL_BIND_DEC, compute_limit_usd),
    TASK_OPT(OL_BIND_DEC, attached_deposit_usd),
    TASK_TEXT(OL_OPTIONAL, wallet_id),
    TASK_TEXT(OL_OPTIONAL, binding_kind),
};
static const ol_json_table TASK_TABLE = {"Task", TASK_FIELDS, OL_COUNT(TASK_FIELDS)};
_Static_assert(OL_COUNT(TASK_FIELDS) <= OL_JSON_FIELDS_MAX, "the binder's limit");

ol_rc ol_task_decode_value(const ol_json *value, ol_arena *arena, ol_task *ret, ol_err *err)
{
    task_draft draft = {
        .task.limits = {.instructions_max = 1000000000, /* Worker 3.3 */
                        .memory_mb_max = OL_MEMORY_MB_STANDARD,
                        .seconds_max = OL_SECONDS_STANDARD},
    };
    OL_TRY(ol_json_bind_value(value, &TASK_TABLE, &draft, arena, err));
    if (draft.has_source)
        OL_TRY(ol_code_source_decode(&draft.source, arena, &draft.task.source, err));
    *ret = draft.task;
    return OL_OK;
}

ol_rc ol_task_decode(ol_str json, ol_arena *arena, ol_task *ret, ol_err *err)
{
    ol_json root;
    OL_TRY(ol_json_parse_within(json, (ol_json_limits){OL_TASK_BYTES_MAX, OL_JSON_DEPTH_MAX}, &root,
                                err));
    return ol_task_decode_value(&root, arena, ret, err);
}

ol_rc ol_resource_limits_decode(const ol_json *value, ol_resource_limits *ret, ol_err *err)
{
    ol_arena none = ol_arena_new(OL_KIB(4)); /* numbers alone need no memory; keys might */
    ol_resource_limits limits = *ret;
    ol_rc rc = ol_json_bind_value(value, &LIMITS, &limits, &none, err);
    ol_arena_deinit(&none);
    if (rc == OL_OK)
        *ret = limits;
    return rc;
}

void ol_resource_limits_encode(const ol_resource_limits *limits, ol_json_writer *into)
{
    ol_json_object_begin(into);
    ol_json_put_u64(into, "max_instructions", limits->instructions_max);
    ol_json_put_u64(into, "max_memory_mb", limits->memory_mb_max);
    ol_json_put_u64(into, "max_execution_seconds", limits->seconds_max);
    ol_json_object_end(into);
}

static void put_flag(ol_json_writer *into, const char *key, bool flag)
{
    if (flag)
        ol_json_put_bool(into, key, true);
}

static void encode_context(const ol_task_context *context, ol_json_writer *into)
{
    ol_json_key(into, "context");
    ol_json_object_begin(into);
    ol__put_text(into, "sender_id", context->sender_id);
    ol__put_u64(into, "block_height", context->block_height);
    ol__put_u64(into, "block_timestamp", context->block_timestamp);
    ol__put_text(into, "contract_id", context->contract_id);
    ol__put_text(into, "transaction_hash", context->transaction_hash);
    ol__put_text(into, "receipt_id", context->receipt_id);
    ol__put_text(into, "predecessor_id", context->predecessor_id);
    ol__put_text(into, "signer_public_key", context->signer_public_key);
    ol__put_u64(into, "gas_burnt", context->gas_burnt);
    ol_json_object_end(into);
}

static void encode_request(const ol_task *task, ol_json_writer *into)
{
    ol_json_put_u64(into, "request_id", task->request_id);
    ol_json_put_str(into, "data_id", task->data_id);
    if (task->source.kind != OL_SOURCE_NONE) {
        ol_json_key(into, "code_source");
        ol_code_source_encode(&task->source, into);
    }
    ol_json_key(into, "resource_limits");
    ol_resource_limits_encode(&task->limits, into);
    ol_json_put_str(into, "input_data", task->input_data);
    if (task->secrets_ref.profile.data != NULL) {
        ol_json_key(into, "secrets_ref");
        ol_json_object_begin(into);
        ol_json_put_str(into, "profile", task->secrets_ref.profile);
        ol_json_put_str(into, "account_id", task->secrets_ref.account_id);
        ol_json_object_end(into);
    }
    ol_json_put_str(into, "response_format", ol_format_name(task->response_format));
    encode_context(&task->context, into);
}

void ol_task_encode(const ol_task *task, ol_json_writer *into)
{
    ol_json_object_begin(into);
    encode_request(task, into);
    ol__put_text(into, "user_account_id", task->user_account_id);
    ol__put_dec(into, "near_payment_yocto", task->near_payment_yocto);
    ol__put_dec(into, "attached_usd", task->attached_usd);
    ol__put_text(into, "transaction_hash", task->transaction_hash);
    /* The older workers want these three written out. */
    ol_json_put_bool(into, "compile_only", task->compile_only);
    ol_json_put_bool(into, "force_rebuild", task->force_rebuild);
    ol_json_put_bool(into, "store_on_fastfs", task->store_on_fastfs);
    put_flag(into, "use_bound_identity", task->use_bound_identity);
    ol__put_text(into, "compile_result", task->compile_result);
    ol__put_text(into, "project_uuid", task->project_uuid);
    ol__put_text(into, "project_id", task->project_id);
    ol__put_text(into, "version_key", task->version_key);
    ol_json_put_bool(into, "is_https_call", task->is_https_call);
    ol__put_text(into, "call_id", task->call_id);
    ol__put_text(into, "payment_key_owner", task->payment_key_owner);
    ol__put_u64(into, "payment_key_nonce", task->payment_key_nonce);
    ol__put_dec(into, "usd_payment", task->usd_payment);
    ol__put_dec(into, "compute_limit_usd", task->compute_limit_usd);
    ol__put_dec(into, "attached_deposit_usd", task->attached_deposit_usd);
    ol__put_text(into, "wallet_id", task->wallet_id);
    ol__put_text(into, "binding_kind", task->binding_kind);
    ol_json_object_end(into);
}
