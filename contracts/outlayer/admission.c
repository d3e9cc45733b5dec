/* request_execution: the checks of Contract 4, in their order, then yield, store, tell. */
#include <stddef.h>

#include "contracts/outlayer/book.h"
#include "contracts/outlayer/methods.h"
#include "contracts/outlayer/priced_project.h"
#include "contracts/outlayer/project.h"
#include "contracts/outlayer/request.h"
#include "contracts/outlayer/request_event.h"

const char *const RESPONSE_FORMATS[] = {"Bytes", "Text", "Json", NULL};

typedef struct params {
    ol_str project_uuid; /* read, never believed (Contract 16, 1) */
    ol_u128 attached_usd;
    ol_u128 max_payment;
    bool has_max_payment;
    bool force_rebuild;
    bool store_on_fastfs;
    bool compile_only;
    bool use_bound_identity;
    bool detailed_result;
} params;

typedef struct arguments {
    ol_json source;
    ol_str input;
    ol_str payer;
    limits limits;
    params params;
    ol_json secrets;
    int format;
    bool has_limits;
    bool has_secrets;
} arguments;

static const ol_json_field PARAMS_FIELDS[] = {
    {"force_rebuild", OL_BIND_BOOL, OL_DEFAULT, offsetof(params, force_rebuild)},
    {"store_on_fastfs", OL_BIND_BOOL, OL_DEFAULT, offsetof(params, store_on_fastfs)},
    {"compile_only", OL_BIND_BOOL, OL_DEFAULT, offsetof(params, compile_only)},
    {"project_uuid", OL_BIND_TEXT, OL_OPTIONAL, offsetof(params, project_uuid)},
    {"attached_usd", OL_BIND_DEC, OL_OPTIONAL, offsetof(params, attached_usd)},
    {"use_bound_identity", OL_BIND_BOOL, OL_DEFAULT, offsetof(params, use_bound_identity)},
    {"max_payment", OL_BIND_DEC, OL_OPTIONAL, offsetof(params, max_payment),
     .has = offsetof(params, has_max_payment)},
    {"detailed_result", OL_BIND_BOOL, OL_DEFAULT, offsetof(params, detailed_result)},
};
static const ol_json_table PARAMS = {"arguments", PARAMS_FIELDS, OL_COUNT(PARAMS_FIELDS)};

static const ol_json_field FIELDS[] = {
    {"source", OL_BIND_VALUE, OL_REQUIRED, offsetof(arguments, source)},
    {"resource_limits", OL_BIND_OBJECT, OL_OPTIONAL, offsetof(arguments, limits),
     .has = offsetof(arguments, has_limits), .sub = &LIMITS_TABLE},
    {"input_data", OL_BIND_TEXT, OL_OPTIONAL, offsetof(arguments, input)},
    {"secrets_ref", OL_BIND_VALUE, OL_OPTIONAL, offsetof(arguments, secrets),
     .has = offsetof(arguments, has_secrets)},
    {"response_format", OL_BIND_ENUM, OL_OPTIONAL, offsetof(arguments, format),
     .variants = RESPONSE_FORMATS},
    {"payer_account_id", OL_BIND_TEXT, OL_OPTIONAL, offsetof(arguments, payer),
     .check = ol_account_id_valid},
    {"params", OL_BIND_OBJECT, OL_OPTIONAL, offsetof(arguments, params), .sub = &PARAMS},
};
static const ol_json_table REQUEST_EXECUTION = {"arguments", FIELDS, OL_COUNT(FIELDS)};

static const ol_json_field SECRETS_FIELDS[] = {
    {"profile", OL_BIND_TEXT, OL_REQUIRED, offsetof(request, secrets_profile)},
    {"account_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(request, secrets_account),
     .check = ol_account_id_valid},
};
static const ol_json_table SECRETS = {"arguments", SECRETS_FIELDS, OL_COUNT(SECRETS_FIELDS)};

/* Checked so that the callback's gas always suffices to remove what was stored. */
enum { INPUT_BYTES_MAX = 1500000 };

/* Check 1. */
static void resolve_source(const code_source *source, request *r, project_code *ret)
{
    ol_buf text = ol_buf_new(NEAR_VALUE_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    code_source_write(&w, source);
    r->source = r->resolved = ol_buf_str(&text);
    if (source->kind != SOURCE_PROJECT)
        return;
    *ret = project_resolve(source->where, source->which);
    r->resolved = ret->source_json;
    r->project_id = source->where;
}

/* Checks 2 to 5. */
static void check_mode(const arguments *a, const code_source *source, bool compile_only)
{
    const params *p = &a->params;
    REQUIRE(source->kind != SOURCE_WASM_URL || !p->force_rebuild,
            "force_rebuild is not applicable for WasmUrl code source");
    REQUIRE(!p->store_on_fastfs || p->force_rebuild,
            "store_on_fastfs requires force_rebuild to ensure fresh compilation and upload");
    REQUIRE(!compile_only || a->input.len == 0,
            "input_data must be empty for compile_only mode - compilation does not use input_data");
    REQUIRE(a->input.len <= INPUT_BYTES_MAX, "input_data is longer than %u bytes",
            (unsigned)INPUT_BYTES_MAX);
}

/* Check 6. */
static void check_limits(const call *c, const limits *l)
{
    uint32_t seconds_max = c->config.policy.execution_seconds_max;
    REQUIRE(l->instructions <= INSTRUCTIONS_MAX,
            "Requested max_instructions %llu exceeds hard limit of %llu", l->instructions,
            (unsigned long long)INSTRUCTIONS_MAX);
    REQUIRE(l->seconds <= seconds_max,
            "Requested max_execution_seconds %llu exceeds hard limit of %u seconds", l->seconds,
            (unsigned)seconds_max);
}

/* Check 8. The account that calls pays, in the token of today. */
static void take_usd(const call *c, request *r, ol_u128 attached)
{
    ol_u128 available = 0;
    if (attached == 0)
        return;
    REQUIRE(r->project_id.data != NULL, "attached_usd is only valid for Project execution source");
    r->token = c->config.token_number;
    r->attached_usd = attached;
    REQUIRE(ledger_debit(LEDGER_BALANCE, r->token, r->sender, attached, &available),
            "Insufficient stablecoin balance. Required: %s, available: %s", AMOUNT(attached),
            AMOUNT(available));
}

/* Check 9, and the caller's own bound (Contract 14). */
static void check_payment(const call *c, const request *r)
{
    ol_u128 required =
        r->compile_only ? price_compile_only(&c->config) : price_estimate(&c->config, &r->limits);
    REQUIRE(c->deposit >= required,
            "Insufficient payment: required %s yoctoNEAR for compute, got %s yoctoNEAR",
            AMOUNT(required), AMOUNT(c->deposit));
    REQUIRE(!r->has_max_payment || required <= r->max_payment,
            "Estimated cost %s exceeds max_payment %s", AMOUNT(required), AMOUNT(r->max_payment));
}

/* 50 Tgas (Contract 2); a long input costs the callback 16 Mgas a byte to remove, on top. */
static uint64_t callback_gas(const request *r)
{
    enum { INPUT_BYTES_FREE = 100000, GAS_PER_BYTE = 20000000 };
    size_t more = r->input.len > INPUT_BYTES_FREE ? r->input.len - INPUT_BYTES_FREE : 0;
    return NEAR_TGAS(50) + (uint64_t)more * GAS_PER_BYTE;
}

static near_promise yield_for(request *r)
{
    const ol_bytes id = {(const uint8_t *)&r->id, sizeof r->id}; /* wasm is little endian */
    return near_yield(OL_STR("on_execution_response"), id, callback_gas(r), 1, r->data_id);
}

void method_request_execution(call *c)
{
    arguments a = {.format = FORMAT_TEXT};
    call_arguments(c, &REQUEST_EXECUTION, &a);
    code_source source = code_source_read(c, &a.source, true);
    request r = {.sender = c->predecessor,
                 .signer = near_signer(),
                 .payer = a.payer.data != NULL ? a.payer : c->predecessor,
                 .payment = c->deposit,
                 .timestamp = near_block_timestamp(),
                 .input = a.input,
                 .format = (response_format)a.format,
                 .detailed_result = a.params.detailed_result,
                 .has_max_payment = a.params.has_max_payment,
                 .max_payment = a.params.max_payment};
    if (a.has_secrets)
        call_bind(c, &a.secrets, &SECRETS, &r);
    project_code project = {.priced = false};
    resolve_source(&source, &r, &project);

    r.compile_only = a.params.compile_only || !a.has_limits;
    r.limits = a.has_limits ? a.limits : LIMITS_DEFAULT;
    check_mode(&a, &source, r.compile_only);
    if (!r.compile_only)
        check_limits(c, &r.limits);
    if (!r.compile_only && project.priced)
        r.operation =
            priced_project_gate(r.project_id, project.number, r.input, a.params.attached_usd);
    take_usd(c, &r, a.params.attached_usd);
    check_payment(c, &r);

    r.id = book_take_id(&c->config.book);
    config_save_book(&c->config);
    near_promise answer = yield_for(&r);
    request_create(&r);
    request_event_log(c, &(request_event){.request = &r,
                                          .project_uuid = project.uuid,
                                          .force_rebuild = a.params.force_rebuild,
                                          .store_on_fastfs = a.params.store_on_fastfs,
                                          .use_bound_identity = a.params.use_bound_identity});
    near_promise_return(answer);
}
