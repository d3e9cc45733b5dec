/* A task: what a poll hands to a worker (Coordinator 4.1).
 *
 * Optional texts are absent when data is NULL; an empty text has data. Money is text on the wire
 * (decimal); an integer is read too. */
#ifndef OL_PROTO_TASK_H
#define OL_PROTO_TASK_H

#include "lib/base/money.h"
#include "lib/proto/code_source.h"
#include "lib/proto/limits.h"

typedef enum ol_format { OL_FORMAT_TEXT, OL_FORMAT_JSON, OL_FORMAT_BYTES } ol_format;

/* "Text", "Json", "Bytes". */
ol_str ol_format_name(ol_format format);
bool ol_format_parse(ol_str name, ol_format *ret);

typedef struct ol_resource_limits {
    uint64_t instructions_max;
    uint64_t memory_mb_max;
    uint64_t seconds_max;
} ol_resource_limits;

typedef struct ol_secrets_ref {
    ol_str profile; /* NULL data: no secrets asked for */
    ol_str account_id;
} ol_secrets_ref;

typedef struct ol_opt_u64 {
    bool has;
    uint64_t value;
} ol_opt_u64;

typedef struct ol_opt_u128 {
    bool has;
    ol_u128 value;
} ol_opt_u128;

/* What the chain knew about the request; all optional. */
typedef struct ol_task_context {
    ol_str sender_id;
    ol_opt_u64 block_height;
    ol_opt_u64 block_timestamp; /* nanoseconds */
    ol_str contract_id;
    ol_str transaction_hash;
    ol_str receipt_id;
    ol_str predecessor_id;
    ol_str signer_public_key;
    ol_opt_u64 gas_burnt;
} ol_task_context;

typedef struct ol_task {
    uint64_t request_id;
    ol_str data_id; /* HTTPS: the call id */
    ol_code_source source;
    ol_resource_limits limits;
    ol_str input_data;
    ol_secrets_ref secrets_ref;
    ol_format response_format;
    ol_task_context context;
    ol_str user_account_id;
    ol_opt_u128 near_payment_yocto;
    ol_opt_u128 attached_usd; /* micro-USD, chain */
    ol_str transaction_hash;
    bool compile_only;
    bool force_rebuild;
    bool store_on_fastfs;
    bool use_bound_identity;
    ol_str compile_result;
    ol_str project_uuid;
    ol_str project_id;
    ol_str version_key; /* absent or empty: the active version */
    bool is_https_call;
    ol_str call_id;
    ol_str payment_key_owner;
    ol_opt_u64 payment_key_nonce;
    ol_opt_u128 usd_payment;          /* micro-USD: the deposit */
    ol_opt_u128 compute_limit_usd;    /* micro-USD */
    ol_opt_u128 attached_deposit_usd; /* micro-USD */
    ol_str wallet_id;
    ol_str binding_kind;
} ol_task;

/* Texts live in the arena (or, unescaped ones, in `json`: keep both). Unknown members are passed
 * over; OL_ERR_SYNTAX, OL_ERR_SHAPE otherwise. Null limits take the standards of Worker 3.3. */
ol_rc ol_task_decode(ol_str json, ol_arena *arena, ol_task *ret, ol_err *err);
ol_rc ol_task_decode_value(const ol_json *value, ol_arena *arena, ol_task *ret, ol_err *err);

/* Appends one object; the buffer's sticky failure tells when it did not fit. */
void ol_task_encode(const ol_task *task, ol_json_writer *into);

/* `{"max_instructions":…,"max_memory_mb":…,"max_execution_seconds":…}`; null members keep what
 * *ret holds. */
ol_rc ol_resource_limits_decode(const ol_json *value, ol_resource_limits *ret, ol_err *err);
void ol_resource_limits_encode(const ol_resource_limits *limits, ol_json_writer *into);

#endif
