#include "services/worker/relay.h"

#include "lib/codec/hex.h"
#include "lib/codec/json_bind.h"
#include "lib/codec/json_write.h"
#include "lib/crypto/hash.h"
#include "lib/near/request_view.h"

/* ---- execution_requested (Worker 3.3) ---- */

typedef struct request_event {
    ol_str request_data;
    ol_bytes data_id;
} request_event;

static const ol_json_field EVENT_FIELDS[] = {
    {"request_data", OL_BIND_TEXT, OL_REQUIRED, offsetof(request_event, request_data)},
    {"data_id", OL_BIND_BYTE_ARRAY, OL_REQUIRED, offsetof(request_event, data_id)},
};
static const ol_json_table EVENT_TABLE = {"execution_requested", EVENT_FIELDS,
                                          OL_COUNT(EVENT_FIELDS)};

typedef struct request_data {
    uint64_t request_id;
    ol_str sender_id;
    ol_str predecessor_id;
    ol_json code_source;
    ol_json limits;
    bool has_limits;
    ol_str input_data;
    bool input_data_in_state;
    ol_secrets_ref secrets_ref;
    int response_format;
    ol_opt_u128 payment;
    ol_opt_u128 attached_usd;
    bool compile_only;
    bool force_rebuild;
    bool store_on_fastfs;
    bool use_bound_identity;
    ol_str project_uuid;
    ol_str project_id;
} request_data;

static const ol_json_field SECRETS_FIELDS[] = {
    {"profile", OL_BIND_TEXT, OL_REQUIRED, offsetof(ol_secrets_ref, profile)},
    {"account_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(ol_secrets_ref, account_id)},
};
static const ol_json_table SECRETS_TABLE = {"SecretsReference", SECRETS_FIELDS,
                                            OL_COUNT(SECRETS_FIELDS)};
static const char *const FORMATS[] = {"Text", "Json", "Bytes", NULL};
_Static_assert(OL_FORMAT_TEXT == 0 && OL_FORMAT_JSON == 1 && OL_FORMAT_BYTES == 2, "table order");

#define AT(member) offsetof(request_data, member)
#define FLAG(member) {#member, OL_BIND_BOOL, OL_OPTIONAL, AT(member)}
static const ol_json_field DATA_FIELDS[] = {
    {"request_id", OL_BIND_U64, OL_REQUIRED, AT(request_id)},
    {"sender_id", OL_BIND_TEXT, OL_REQUIRED, AT(sender_id)},
    {"predecessor_id", OL_BIND_TEXT, OL_OPTIONAL, AT(predecessor_id)},
    {"code_source", OL_BIND_VALUE, OL_REQUIRED, AT(code_source)},
    {"resource_limits", OL_BIND_VALUE, OL_OPTIONAL, AT(limits), .has = AT(has_limits)},
    {"input_data", OL_BIND_TEXT, OL_OPTIONAL, AT(input_data)},
    FLAG(input_data_in_state),
    {"secrets_ref", OL_BIND_OBJECT, OL_OPTIONAL, AT(secrets_ref), .sub = &SECRETS_TABLE},
    {"response_format", OL_BIND_ENUM, OL_OPTIONAL, AT(response_format), .variants = FORMATS},
    {"payment", OL_BIND_DEC, OL_OPTIONAL, AT(payment.value), .has = AT(payment.has)},
    {"attached_usd", OL_BIND_DEC, OL_OPTIONAL, AT(attached_usd.value), .has = AT(attached_usd.has)},
    FLAG(compile_only),
    FLAG(force_rebuild),
    FLAG(store_on_fastfs),
    FLAG(use_bound_identity),
    {"project_uuid", OL_BIND_TEXT, OL_OPTIONAL, AT(project_uuid)},
    {"project_id", OL_BIND_TEXT, OL_OPTIONAL, AT(project_id)},
};
static const ol_json_table DATA_TABLE = {"request_data", DATA_FIELDS, OL_COUNT(DATA_FIELDS)};

/* The contract keeps large input in its state (Worker 3.3). */
static ol_rc fetch_input(const relay_place *place, request_data *data, ol_arena *arena, ol_err *err)
{
    ol_request_view view = {0};
    uint64_t height = 0;
    bool found = false;
    OL_TRY(ol_view_request(place->rpc, place->settings->contract_id, data->request_id,
                           place->finality, arena, &found, &view, &height, err));
    if (!found && height != 0 && height < place->block->height)
        return ol_fail(err, OL_ERR_UNAVAILABLE, "the node is behind block %llu",
                       (unsigned long long)place->block->height);
    if (!found)
        return ol_fail(err, OL_ERR_NOT_FOUND,
                       "Request %llu not found in contract state (may have completed or timed out)",
                       (unsigned long long)data->request_id);
    data->input_data = view.input_data;
    return OL_OK;
}

static ol_task_context context_of(const relay_place *place, const request_data *data)
{
    const ol_chain_outcome *outcome = place->outcome;
    return (ol_task_context){
        .sender_id = data->sender_id,
        .block_height = {true, place->block->height},
        .block_timestamp = {true, place->block->timestamp_ns},
        .contract_id = place->settings->contract_id,
        .transaction_hash = outcome->transaction_hash,
        .receipt_id = outcome->receipt_id,
        .predecessor_id =
            data->predecessor_id.data != NULL ? data->predecessor_id : outcome->predecessor_id,
        .signer_public_key = outcome->signer_public_key,
        .gas_burnt = {true, outcome->gas_burnt},
    };
}

static ol_rc build_request(const relay_place *place, const ol_json *item, ol_arena *arena,
                           relay *ret, ol_err *err)
{
    request_event event = {0};
    request_data data = {0};
    ol_task task = {
        .limits = {.instructions_max = 1000000000, /* Worker 3.3: for null members */
                   .memory_mb_max = OL_MEMORY_MB_STANDARD,
                   .seconds_max = OL_SECONDS_STANDARD},
    };
    OL_TRY(ol_json_bind_value(item, &EVENT_TABLE, &event, arena, err));
    if (event.data_id.len != OL_DATA_ID_BYTES)
        return ol_fail(err, OL_ERR_SHAPE, "data id of %zu bytes", event.data_id.len);
    OL_TRY(ol_json_bind(event.request_data, &DATA_TABLE, &data, arena, err));
    OL_TRY(ol_code_source_decode(&data.code_source, arena, &task.source, err));
    if (data.has_limits)
        OL_TRY(ol_resource_limits_decode(&data.limits, &task.limits, err));
    if (data.input_data_in_state)
        OL_TRY(fetch_input(place, &data, arena, err));
    task.request_id = data.request_id;
    task.data_id = ol_hex_of(arena, event.data_id);
    task.input_data = data.input_data.data != NULL ? data.input_data : OL_STR("");
    task.secrets_ref = data.secrets_ref;
    task.response_format = (ol_format)data.response_format;
    task.context = context_of(place, &data);
    task.user_account_id = data.sender_id;
    task.near_payment_yocto = data.payment;
    task.attached_usd = data.attached_usd;
    task.transaction_hash = place->outcome->transaction_hash;
    task.compile_only = data.compile_only;
    task.force_rebuild = data.force_rebuild;
    task.store_on_fastfs = data.store_on_fastfs;
    task.use_bound_identity = data.use_bound_identity;
    task.project_uuid = data.project_uuid;
    task.project_id = data.project_id;
    ol_json_writer w = ol_json_writer_over(&ret->body);
    ol_task_encode(&task, &w);
    ret->path = "/executions/create";
    ret->request_id = (ol_opt_u64){true, task.request_id};
    return OL_OK;
}

/* ---- system_event (Worker 3.2) ---- */

typedef struct system_data {
    ol_bytes data_id;
    ol_str owner;
    uint32_t nonce;
    ol_u128 amount;
    ol_str encrypted_data;
    ol_str project_id;
    ol_str project_uuid;
    uint8_t plan;
    ol_u128 paid_usd;
    ol_str payer;
    ol_str wallet_pubkey;
    bool frozen;
} system_data;

#define IN(member) offsetof(system_data, member)
#define TEXT(member) {#member, OL_BIND_TEXT, OL_REQUIRED, IN(member)}
#define DATA_ID {"data_id", OL_BIND_BYTE_ARRAY, OL_REQUIRED, IN(data_id)}
#define NONCE {"nonce", OL_BIND_U32, OL_REQUIRED, IN(nonce)}
#define FROZEN {"frozen", OL_BIND_BOOL, OL_REQUIRED, IN(frozen)}

static const ol_json_field TOPUP_FIELDS[] = {DATA_ID,
                                             TEXT(owner),
                                             NONCE,
                                             {"amount", OL_BIND_DEC, OL_REQUIRED, IN(amount)},
                                             TEXT(encrypted_data)};
static const ol_json_field DELETE_FIELDS[] = {DATA_ID, TEXT(owner), NONCE};
static const ol_json_field CLEANUP_FIELDS[] = {TEXT(project_id), TEXT(project_uuid)};
static const ol_json_field SUBSCRIPTION_FIELDS[] = {
    TEXT(owner),
    NONCE,
    {"plan", OL_BIND_U8, OL_REQUIRED, IN(plan)},
    {"paid_usd", OL_BIND_DEC, OL_REQUIRED, IN(paid_usd)},
    TEXT(payer)};
static const ol_json_field POLICY_FIELDS[] = {TEXT(wallet_pubkey), TEXT(owner),
                                              TEXT(encrypted_data), FROZEN};
static const ol_json_field POLICY_END_FIELDS[] = {TEXT(wallet_pubkey), TEXT(owner)};
static const ol_json_field FREEZE_FIELDS[] = {TEXT(wallet_pubkey), TEXT(owner), FROZEN};

typedef void write_fn(const relay_place *place, const system_data *data, ol_json_writer *w);

static void put_key(const system_data *data, ol_json_writer *w)
{
    ol_json_put_str(w, "owner", data->owner);
    ol_json_put_u64(w, "nonce", data->nonce);
}

/* A new key yields nothing, so its data id is all zeros: tasks are told apart by this instead. With
 * the receipt, since a key that was deleted may be made again. */
static void write_topup(const relay_place *place, const system_data *data, ol_json_writer *w)
{
    char storage[256];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    if (data->amount == 0) {
        ol_buf_addf(&text, "init:%.*s:%.*s:%u", OL_FMT(place->outcome->receipt_id),
                    OL_FMT(data->owner), data->nonce);
        ol_sha256_hex hex = ol_sha256_hex_of(ol_buf_bytes(&text));
        ol_json_put_str(w, "data_id", ol_sha256_hex_str(&hex));
    } else {
        ol_json_put_hex(w, "data_id", data->data_id);
    }
    put_key(data, w);
    ol_json_put_dec(w, "amount", data->amount);
    ol_json_put_str(w, "encrypted_data", data->encrypted_data);
}

static void write_delete(const relay_place *place, const system_data *data, ol_json_writer *w)
{
    (void)place;
    ol_json_put_hex(w, "data_id", data->data_id);
    put_key(data, w);
}

static void write_cleanup(const relay_place *place, const system_data *data, ol_json_writer *w)
{
    (void)place;
    ol_json_put_str(w, "project_id", data->project_id);
    ol_json_put_str(w, "project_uuid", data->project_uuid);
}

static void write_subscription(const relay_place *place, const system_data *data, ol_json_writer *w)
{
    ol_json_put_str(w, "receipt_id", place->outcome->receipt_id);
    put_key(data, w);
    ol_json_put_u64(w, "plan", data->plan);
    ol_json_put_dec(w, "paid_usd", data->paid_usd);
    ol_json_put_str(w, "payer", data->payer);
}

static void write_policy(const relay_place *place, const system_data *data, ol_json_writer *w)
{
    (void)place;
    ol_json_put_str(w, "wallet_pubkey", data->wallet_pubkey);
    ol_json_put_str(w, "owner", data->owner);
    ol_json_put_str(w, "encrypted_data", data->encrypted_data);
    ol_json_put_bool(w, "frozen", data->frozen);
}

static void write_policy_end(const relay_place *place, const system_data *data, ol_json_writer *w)
{
    (void)place;
    ol_json_put_str(w, "wallet_pubkey", data->wallet_pubkey);
    ol_json_put_str(w, "owner", data->owner);
}

static void write_freeze(const relay_place *place, const system_data *data, ol_json_writer *w)
{
    write_policy_end(place, data, w);
    ol_json_put_bool(w, "frozen", data->frozen);
}

typedef struct system_row {
    ol_json_table table; /* its name is the variant's */
    const char *path;
    bool internal;
    write_fn *write;
} system_row;

#define ROW(name, fields, path, internal, write)                                                   \
    {{name, fields, OL_COUNT(fields)}, path, internal, write}
static const system_row SYSTEM[] = {
    ROW("TopUpPaymentKey", TOPUP_FIELDS, "/topup/create", false, write_topup),
    ROW("DeletePaymentKey", DELETE_FIELDS, "/payment-keys/delete-task/create", false, write_delete),
    ROW("ProjectStorageCleanup", CLEANUP_FIELDS, "/projects/cleanup-task/create", false,
        write_cleanup),
    ROW("SubscriptionPurchased", SUBSCRIPTION_FIELDS, "/internal/subscription-purchased", false,
        write_subscription),
    ROW("WalletPolicyUpdated", POLICY_FIELDS, "/internal/wallet-policy-sync", true, write_policy),
    ROW("WalletPolicyDeleted", POLICY_END_FIELDS, "/internal/wallet-policy-delete", true,
        write_policy_end),
    ROW("WalletFrozenChanged", FREEZE_FIELDS, "/internal/wallet-frozen-change", true, write_freeze),
};

static const system_row *find_row(const ol_json *variant)
{
    OL_EACH (row, SYSTEM) {
        if (ol_json_text_is(variant, ol_str_of(row->table.name)))
            return row;
    }
    return NULL;
}

static ol_rc build_system(const relay_place *place, const ol_json *item, ol_arena *arena,
                          relay *ret, bool *ret_some, ol_err *err)
{
    ol_json variant;
    ol_json value;
    system_data data = {0};
    if (ol_json_kind_of(item) != OL_JSON_OBJECT || ol_json_count(item) != 1)
        return ol_fail(err, OL_ERR_SHAPE, "system event without exactly one variant");
    ol_json_iter each = ol_json_iterate(item);
    (void)ol_json_next_member(&each, &variant, &value);
    const system_row *row = find_row(&variant);
    if (row == NULL)
        return OL_OK;
    OL_TRY_NOTE(err, ol_json_bind_value(&value, &row->table, &data, arena, err), "%s",
                row->table.name);
    ol_json_writer w = ol_json_writer_over(&ret->body);
    ol_json_object_begin(&w);
    row->write(place, &data, &w);
    ol_json_object_end(&w);
    ret->path = row->path;
    ret->internal = row->internal;
    ret->event = row->table.name;
    *ret_some = true;
    return OL_OK;
}

ol_rc relay_build(const relay_place *place, const ol_event *event, const ol_json *item,
                  ol_arena *arena, relay *ret, bool *ret_some, ol_err *err)
{
    *ret_some = false;
    ol_buf_clear(&ret->body);
    ret->internal = false;
    ret->request_id = (ol_opt_u64){0};
    if (ol_str_eq(event->event, place->settings->event_name)) {
        ret->event = "execution_requested";
        OL_TRY(build_request(place, item, arena, ret, err));
        *ret_some = true;
    } else if (ol_str_eq(event->event, OL_STR("system_event"))) {
        OL_TRY(build_system(place, item, arena, ret, ret_some, err));
    }
    if (!ol_buf_ok(&ret->body))
        return ol_fail(err, OL_ERR_LIMIT, "event too large to relay");
    return OL_OK;
}
