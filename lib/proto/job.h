/* Jobs: claim, its answer, and the report (Coordinator 4.2). */
#ifndef OL_PROTO_JOB_H
#define OL_PROTO_JOB_H

#include "lib/proto/call.h"
#include "lib/proto/task.h"

enum { OL_CAP_COMPILATION = 1, OL_CAP_EXECUTION = 2 };

/* `compilation,execution` of a query; 0 for none or an unknown word. */
unsigned ol_capabilities_parse(ol_str list);
ol_str ol_capabilities_text(unsigned capabilities); /* "" for 0 */

/* POST /jobs/claim. */
typedef struct ol_claim {
    uint64_t request_id;
    ol_str data_id;
    ol_str worker_id;
    ol_code_source source; /* HTTPS claims carry none */
    ol_resource_limits limits;
    ol_str user_account_id;
    ol_opt_u128 near_payment_yocto;
    ol_str transaction_hash;
    unsigned capabilities; /* OL_CAP_… */
    bool compile_only;
    bool force_rebuild;
    bool has_compile_result;
    ol_str project_uuid;
    ol_str project_id;
} ol_claim;

ol_rc ol_claim_decode(ol_str json, ol_arena *arena, ol_claim *ret, ol_err *err);
void ol_claim_encode(const ol_claim *claim, ol_json_writer *into);

typedef enum ol_job_kind { OL_JOB_COMPILE, OL_JOB_EXECUTE } ol_job_kind;

typedef struct ol_job_info {
    int64_t job_id;
    ol_job_kind kind;
    ol_str wasm_checksum;
    bool allowed;
    ol_opt_u128 compile_cost_yocto;
    ol_str compile_error;
    ol_opt_u64 compile_time_ms;
    ol_str project_uuid;
    ol_str project_id;
    int64_t created_at_s; /* unix; enters the attested hash, so it never changes */
} ol_job_info;

/* Coordinator 8. */
typedef struct ol_pricing {
    ol_yocto base_fee;
    ol_yocto per_million_instructions_fee; /* wire: per_instruction_fee */
    ol_yocto per_ms_fee;
    ol_yocto per_compile_ms_fee;
    ol_usd base_fee_usd;
    ol_usd per_million_instructions_fee_usd; /* wire: per_instruction_fee_usd */
    ol_usd per_sec_fee_usd;
    ol_usd per_compile_ms_fee_usd;
    uint64_t compilation_seconds_max;
    uint64_t instructions_max;
    uint64_t execution_seconds_max;
} ol_pricing;

ol_pricing ol_pricing_fallback(void); /* the figures of Coordinator 8 */
ol_rc ol_pricing_decode(const ol_json *value, ol_pricing *ret, ol_err *err);
void ol_pricing_encode(const ol_pricing *pricing, ol_json_writer *into);

/* `{jobs:[0..1 JobInfo], pricing}`; with a task it is the answer of our claiming poll,
 * `{task, jobs, pricing}` of GET /executions/poll?…&claim=1&worker_id=W. */
typedef struct ol_claim_answer {
    bool has_task;
    ol_task task;
    bool has_job;
    ol_job_info job;
    ol_pricing pricing;
} ol_claim_answer;

ol_rc ol_claim_answer_decode(ol_str json, ol_arena *arena, ol_claim_answer *ret, ol_err *err);
void ol_claim_answer_encode(const ol_claim_answer *answer, ol_json_writer *into);

/* Worker 9. */
typedef enum ol_error_class {
    OL_CLASS_NONE, /* not on the wire */
    OL_CLASS_COMPILATION_FAILED,
    OL_CLASS_EXECUTION_FAILED,
    OL_CLASS_ACCESS_DENIED,
    OL_CLASS_INSUFFICIENT_PAYMENT,
    OL_CLASS_CUSTOM,
    OL_CLASS_FAILED, /* infrastructure */
} ol_error_class;

ol_str ol_error_class_name(ol_error_class class);            /* "" for none */
bool ol_error_class_parse(ol_str name, ol_error_class *ret); /* unknown names: false */

/* POST /jobs/complete. `call` and `attestation` are ours: delivery, report and record in one
 * request. With `call`, the output travels there alone and the job's stays absent. */
typedef struct ol_job_report {
    int64_t job_id;
    bool success;
    ol_str output_json; /* {"Bytes":[…]} | {"Text":…} | {"Json":…}, one JSON value; may be absent */
    ol_str error;
    uint64_t time_ms;
    uint64_t instructions;
    ol_str wasm_checksum;
    ol_opt_u128 actual_cost_yocto;
    ol_opt_u128 compile_cost_yocto;
    ol_error_class error_class;
    ol_str compile_result;
    ol_opt_u128 refund_usd; /* text on this wire */
    bool has_call;
    ol_call_report call;
    ol_str attestation_json; /* the body of POST /attestations, one JSON value; may be absent */
    /* Ours: refused or failed before any program started (a project that cannot be resolved, code
     * that cannot be had). With a claiming poll the claim comes first, but this costs what a
     * failure before the claim costs: nothing (Coordinator 3.3). */
    bool nothing_ran;
    ol_str engine;           /* ours: what ran the guest and how it counted; may be absent */
    ol_str metering_profile; /* "ol-fuel-1" */
    /* Ours: hash of the transaction that answered a request on chain; may be absent. */
    ol_str resolve_tx_id;
} ol_job_report;

/* output_json and attestation_json are slices of `json`, byte for byte. */
ol_rc ol_job_report_decode(ol_str json, ol_arena *arena, ol_job_report *ret, ol_err *err);
void ol_job_report_encode(const ol_job_report *report, ol_json_writer *into);

#endif
