#include "lib/proto/job.h"

#include "lib/codec/json_bind.h"
#include "lib/proto/put.h"

unsigned ol_capabilities_parse(ol_str list)
{
    unsigned capabilities = 0;
    ol_str word;
    while (ol_str_next(&list, ',', &word)) {
        word = ol_str_trim(word);
        if (ol_str_eq(word, OL_STR("compilation")))
            capabilities |= OL_CAP_COMPILATION;
        else if (ol_str_eq(word, OL_STR("execution")))
            capabilities |= OL_CAP_EXECUTION;
        else
            return 0;
    }
    return capabilities;
}

ol_str ol_capabilities_text(unsigned capabilities)
{
    static const ol_str texts[] = {OL_STR_INIT(""), OL_STR_INIT("compilation"),
                                   OL_STR_INIT("execution"), OL_STR_INIT("compilation,execution")};
    OL_ASSERT(capabilities < OL_COUNT(texts));
    return texts[capabilities];
}

/* ---- claim ---- */

typedef struct claim_draft {
    ol_claim claim;
    ol_json source;
    bool has_source;
    ol_json limits;
    bool has_limits;
    ol_json_texts capabilities;
} claim_draft;

#define CLAIM(member) offsetof(claim_draft, claim.member)

static const ol_json_field CLAIM_FIELDS[] = {
    {"request_id", OL_BIND_U64, OL_REQUIRED, CLAIM(request_id)},
    {"data_id", OL_BIND_TEXT, OL_REQUIRED, CLAIM(data_id)},
    {"worker_id", OL_BIND_TEXT, OL_REQUIRED, CLAIM(worker_id)},
    {"code_source", OL_BIND_VALUE, OL_OPTIONAL, offsetof(claim_draft, source),
     .has = offsetof(claim_draft, has_source)},
    {"resource_limits", OL_BIND_VALUE, OL_OPTIONAL, offsetof(claim_draft, limits),
     .has = offsetof(claim_draft, has_limits)},
    {"user_account_id", OL_BIND_TEXT, OL_OPTIONAL, CLAIM(user_account_id)},
    {"near_payment_yocto", OL_BIND_DEC, OL_OPTIONAL, CLAIM(near_payment_yocto.value),
     .has = CLAIM(near_payment_yocto.has)},
    {"transaction_hash", OL_BIND_TEXT, OL_OPTIONAL, CLAIM(transaction_hash)},
    {"capabilities", OL_BIND_TEXT_LIST, OL_OPTIONAL, offsetof(claim_draft, capabilities)},
    {"compile_only", OL_BIND_BOOL, OL_OPTIONAL, CLAIM(compile_only)},
    {"force_rebuild", OL_BIND_BOOL, OL_OPTIONAL, CLAIM(force_rebuild)},
    {"has_compile_result", OL_BIND_BOOL, OL_OPTIONAL, CLAIM(has_compile_result)},
    {"project_uuid", OL_BIND_TEXT, OL_OPTIONAL, CLAIM(project_uuid)},
    {"project_id", OL_BIND_TEXT, OL_OPTIONAL, CLAIM(project_id)},
};
static const ol_json_table CLAIM_TABLE = {"ClaimJobRequest", CLAIM_FIELDS, OL_COUNT(CLAIM_FIELDS)};

ol_rc ol_claim_decode(ol_str json, ol_arena *arena, ol_claim *ret, ol_err *err)
{
    claim_draft draft = {0};
    OL_TRY(ol_json_bind(json, &CLAIM_TABLE, &draft, arena, err));
    if (draft.has_source && !ol_json_is_null(&draft.source))
        OL_TRY(ol_code_source_decode(&draft.source, arena, &draft.claim.source, err));
    if (draft.has_limits && !ol_json_is_null(&draft.limits))
        OL_TRY(ol_resource_limits_decode(&draft.limits, &draft.claim.limits, err));
    for (size_t i = 0; i < draft.capabilities.count; i++)
        draft.claim.capabilities |= ol_capabilities_parse(draft.capabilities.items[i]);
    *ret = draft.claim;
    return OL_OK;
}

void ol_claim_encode(const ol_claim *claim, ol_json_writer *into)
{
    ol_json_object_begin(into);
    ol_json_put_u64(into, "request_id", claim->request_id);
    ol_json_put_str(into, "data_id", claim->data_id);
    ol_json_put_str(into, "worker_id", claim->worker_id);
    if (claim->source.kind != OL_SOURCE_NONE) {
        ol_json_key(into, "code_source");
        ol_code_source_encode(&claim->source, into);
    }
    ol_json_key(into, "resource_limits");
    ol_resource_limits_encode(&claim->limits, into);
    ol__put_text(into, "user_account_id", claim->user_account_id);
    ol__put_dec(into, "near_payment_yocto", claim->near_payment_yocto);
    ol__put_text(into, "transaction_hash", claim->transaction_hash);
    ol_json_key(into, "capabilities");
    ol_json_array_begin(into);
    if (claim->capabilities & OL_CAP_COMPILATION)
        ol_json_add_cstr(into, "compilation");
    if (claim->capabilities & OL_CAP_EXECUTION)
        ol_json_add_cstr(into, "execution");
    ol_json_array_end(into);
    ol_json_put_bool(into, "compile_only", claim->compile_only);
    ol_json_put_bool(into, "force_rebuild", claim->force_rebuild);
    ol_json_put_bool(into, "has_compile_result", claim->has_compile_result);
    ol__put_text(into, "project_uuid", claim->project_uuid);
    ol__put_text(into, "project_id", claim->project_id);
    ol_json_object_end(into);
}

/* ---- job, pricing, claim answer ---- */

static const char *const KIND_NAMES[] = {"compile", "execute", NULL};
_Static_assert(OL_JOB_COMPILE == 0 && OL_JOB_EXECUTE == 1, "table order");

#define JOB(member) offsetof(ol_job_info, member)

static const ol_json_field JOB_FIELDS[] = {
    {"job_id", OL_BIND_I64, OL_REQUIRED, JOB(job_id)},
    {"job_type", OL_BIND_ENUM, OL_REQUIRED, JOB(kind), .variants = KIND_NAMES},
    {"wasm_checksum", OL_BIND_TEXT, OL_OPTIONAL, JOB(wasm_checksum)},
    {"allowed", OL_BIND_BOOL, OL_OPTIONAL, JOB(allowed)},
    {"compile_cost_yocto", OL_BIND_DEC, OL_OPTIONAL, JOB(compile_cost_yocto.value),
     .has = JOB(compile_cost_yocto.has)},
    {"compile_error", OL_BIND_TEXT, OL_OPTIONAL, JOB(compile_error)},
    {"compile_time_ms", OL_BIND_U64, OL_OPTIONAL, JOB(compile_time_ms.value),
     .has = JOB(compile_time_ms.has)},
    {"project_uuid", OL_BIND_TEXT, OL_OPTIONAL, JOB(project_uuid)},
    {"project_id", OL_BIND_TEXT, OL_OPTIONAL, JOB(project_id)},
    {"created_at", OL_BIND_I64, OL_OPTIONAL, JOB(created_at_s)},
};
static const ol_json_table JOB_TABLE = {"JobInfo", JOB_FIELDS, OL_COUNT(JOB_FIELDS)};

static void encode_job(const ol_job_info *job, ol_json_writer *into)
{
    ol_json_object_begin(into);
    ol_json_put_i64(into, "job_id", job->job_id);
    ol_json_put_cstr(into, "job_type", KIND_NAMES[job->kind]);
    ol__put_text(into, "wasm_checksum", job->wasm_checksum);
    ol_json_put_bool(into, "allowed", job->allowed);
    ol__put_dec(into, "compile_cost_yocto", job->compile_cost_yocto);
    ol__put_text(into, "compile_error", job->compile_error);
    if (job->compile_time_ms.has)
        ol_json_put_u64(into, "compile_time_ms", job->compile_time_ms.value);
    ol__put_text(into, "project_uuid", job->project_uuid);
    ol__put_text(into, "project_id", job->project_id);
    ol_json_put_i64(into, "created_at", job->created_at_s);
    ol_json_object_end(into);
}

ol_pricing ol_pricing_fallback(void)
{
    const ol_u128 tera = 1000000000000;
    return (ol_pricing){
        .base_fee = OL_YOCTO(tera * 10000000000), /* 10^22 */
        .per_million_instructions_fee = OL_YOCTO(tera * 1000),
        .per_ms_fee = OL_YOCTO(tera * 1000000),
        .per_compile_ms_fee = OL_YOCTO(tera * 2000000),
        .base_fee_usd = OL_USD(1000),
        .per_million_instructions_fee_usd = OL_USD(1),
        .per_sec_fee_usd = OL_USD(1),
        .per_compile_ms_fee_usd = OL_USD(10),
        .compilation_seconds_max = 300,
        .instructions_max = 100000000000,
        .execution_seconds_max = 60,
    };
}

#define PRICE(member) offsetof(ol_pricing, member)

static const ol_json_field PRICING_FIELDS[] = {
    {"base_fee", OL_BIND_DEC, OL_REQUIRED, PRICE(base_fee)},
    {"per_instruction_fee", OL_BIND_DEC, OL_REQUIRED, PRICE(per_million_instructions_fee)},
    {"per_ms_fee", OL_BIND_DEC, OL_REQUIRED, PRICE(per_ms_fee)},
    {"per_compile_ms_fee", OL_BIND_DEC, OL_REQUIRED, PRICE(per_compile_ms_fee)},
    {"base_fee_usd", OL_BIND_DEC, OL_OPTIONAL, PRICE(base_fee_usd)},
    {"per_instruction_fee_usd", OL_BIND_DEC, OL_OPTIONAL, PRICE(per_million_instructions_fee_usd)},
    {"per_sec_fee_usd", OL_BIND_DEC, OL_OPTIONAL, PRICE(per_sec_fee_usd)},
    {"per_compile_ms_fee_usd", OL_BIND_DEC, OL_OPTIONAL, PRICE(per_compile_ms_fee_usd)},
    {"max_compilation_seconds", OL_BIND_U64, OL_REQUIRED, PRICE(compilation_seconds_max)},
    {"max_instructions", OL_BIND_U64, OL_REQUIRED, PRICE(instructions_max)},
    {"max_execution_seconds", OL_BIND_U64, OL_REQUIRED, PRICE(execution_seconds_max)},
};
static const ol_json_table PRICING_TABLE = {"Pricing", PRICING_FIELDS, OL_COUNT(PRICING_FIELDS)};

ol_rc ol_pricing_decode(const ol_json *value, ol_pricing *ret, ol_err *err)
{
    ol_arena scratch = ol_arena_new(OL_KIB(16));
    ol_pricing pricing = ol_pricing_fallback();
    ol_rc rc = ol_json_bind_value(value, &PRICING_TABLE, &pricing, &scratch, err);
    ol_arena_deinit(&scratch);
    if (rc == OL_OK)
        *ret = pricing;
    return rc;
}

void ol_pricing_encode(const ol_pricing *pricing, ol_json_writer *into)
{
    ol_json_object_begin(into);
    ol_json_put_dec(into, "base_fee", pricing->base_fee.yocto);
    ol_json_put_dec(into, "per_instruction_fee", pricing->per_million_instructions_fee.yocto);
    ol_json_put_dec(into, "per_ms_fee", pricing->per_ms_fee.yocto);
    ol_json_put_dec(into, "per_compile_ms_fee", pricing->per_compile_ms_fee.yocto);
    ol_json_put_dec(into, "base_fee_usd", pricing->base_fee_usd.micro);
    ol_json_put_dec(into, "per_instruction_fee_usd",
                    pricing->per_million_instructions_fee_usd.micro);
    ol_json_put_dec(into, "per_sec_fee_usd", pricing->per_sec_fee_usd.micro);
    ol_json_put_dec(into, "per_compile_ms_fee_usd", pricing->per_compile_ms_fee_usd.micro);
    ol_json_put_u64(into, "max_compilation_seconds", pricing->compilation_seconds_max);
    ol_json_put_u64(into, "max_instructions", pricing->instructions_max);
    ol_json_put_u64(into, "max_execution_seconds", pricing->execution_seconds_max);
    ol_json_object_end(into);
}

typedef struct answer_draft {
    ol_json task;
    bool has_task;
    ol_json_structs jobs;
    ol_pricing pricing;
} answer_draft;

static const ol_json_field ANSWER_FIELDS[] = {
    {"task", OL_BIND_VALUE, OL_OPTIONAL, offsetof(answer_draft, task),
     .has = offsetof(answer_draft, has_task)},
    {"jobs", OL_BIND_OBJECT_LIST, OL_REQUIRED, offsetof(answer_draft, jobs),
     .size = sizeof(ol_job_info), .sub = &JOB_TABLE},
    {"pricing", OL_BIND_OBJECT, OL_OPTIONAL, offsetof(answer_draft, pricing),
     .sub = &PRICING_TABLE},
};
static const ol_json_table ANSWER_TABLE = {"ClaimJobResponse", ANSWER_FIELDS,
                                           OL_COUNT(ANSWER_FIELDS)};

ol_rc ol_claim_answer_decode(ol_str json, ol_arena *arena, ol_claim_answer *ret, ol_err *err)
{
    answer_draft draft = {.pricing = ol_pricing_fallback()};
    ol_claim_answer answer = {0};
    ol_json root;
    OL_TRY(ol_json_parse_within(json, (ol_json_limits){OL_TASK_BYTES_MAX, OL_JSON_DEPTH_MAX}, &root,
                                err));
    OL_TRY(ol_json_bind_value(&root, &ANSWER_TABLE, &draft, arena, err));
    if (draft.has_task && !ol_json_is_null(&draft.task)) {
        OL_TRY(ol_task_decode_value(&draft.task, arena, &answer.task, err));
        answer.has_task = true;
    }
    if (draft.jobs.count > 1)
        return ol_fail(err, OL_ERR_SHAPE, "a claim yields one job at most");
    if (draft.jobs.count == 1) {
        answer.job = *(const ol_job_info *)draft.jobs.items;
        answer.has_job = true;
    }
    answer.pricing = draft.pricing;
    *ret = answer;
    return OL_OK;
}

void ol_claim_answer_encode(const ol_claim_answer *answer, ol_json_writer *into)
{
    ol_json_object_begin(into);
    if (answer->has_task) {
        ol_json_key(into, "task");
        ol_task_encode(&answer->task, into);
    }
    ol_json_key(into, "jobs");
    ol_json_array_begin(into);
    if (answer->has_job)
        encode_job(&answer->job, into);
    ol_json_array_end(into);
    ol_json_key(into, "pricing");
    ol_pricing_encode(&answer->pricing, into);
    ol_json_object_end(into);
}
