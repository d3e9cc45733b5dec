/* Attestation records: stored verbatim, never overwritten, not verified here (Coordinator 9). */
#include "services/coordinator/proofs.h"

#include "lib/codec/base64.h"
#include "lib/codec/hex.h"
#include "lib/codec/json_bind.h"
#include "services/coordinator/domain_state.h"
#include "services/coordinator/records.h"

/* ---- From and to JSON. */

static const char *const KIND_NAMES[] = {"compile", "execute", "topup", NULL};

typedef struct attestation_draft {
    attestation record;
    int kind;
    bool has_timestamp;
    bool has_secrets_ref;
    ol_json secrets_ref; /* a text, or an object that is kept as its JSON */
} attestation_draft;

#define RECORD(member) offsetof(attestation_draft, record.member)
#define OPTIONAL_TEXT(member) {#member, OL_BIND_TEXT, OL_OPTIONAL, RECORD(member)}
#define OPTIONAL_U64(member)                                                                       \
    {#member, OL_BIND_U64, OL_OPTIONAL, RECORD(member.value), .has = RECORD(member.has)}

static const ol_json_field FIELDS[] = {
    {"task_id", OL_BIND_I64, OL_REQUIRED, RECORD(task_id)},
    {"task_type", OL_BIND_ENUM, OL_REQUIRED, offsetof(attestation_draft, kind),
     .variants = KIND_NAMES},
    {"tdx_quote", OL_BIND_TEXT, OL_REQUIRED, RECORD(quote_base64)},
    OPTIONAL_U64(request_id),
    OPTIONAL_TEXT(caller_account_id),
    OPTIONAL_TEXT(transaction_hash),
    OPTIONAL_U64(block_height),
    OPTIONAL_TEXT(call_id),
    OPTIONAL_TEXT(payment_key_owner),
    OPTIONAL_U64(payment_key_nonce),
    OPTIONAL_TEXT(repo_url),
    OPTIONAL_TEXT(commit_hash),
    OPTIONAL_TEXT(build_target),
    OPTIONAL_TEXT(wasm_hash),
    OPTIONAL_TEXT(executed_wasm_sha256),
    OPTIONAL_TEXT(input_hash),
    {"output_hash", OL_BIND_TEXT, OL_REQUIRED, RECORD(output_hash)},
    OPTIONAL_TEXT(project_id),
    {"secrets_ref", OL_BIND_VALUE, OL_OPTIONAL, offsetof(attestation_draft, secrets_ref),
     .has = offsetof(attestation_draft, has_secrets_ref)},
    OPTIONAL_TEXT(attached_usd),
    {"timestamp", OL_BIND_I64, OL_OPTIONAL, RECORD(timestamp_s),
     .has = offsetof(attestation_draft, has_timestamp)},
};
static const ol_json_table TABLE = {"StoreAttestationRequest", FIELDS, OL_COUNT(FIELDS)};

static ol_rc hash_check(ol_str hash, const char *name, bool required, ol_err *err)
{
    if (hash.data == NULL && !required)
        return OL_OK;
    if (hash.len != OL_SHA256_HEX_DIGITS)
        return ol_fail(err, OL_ERR_INVALID, "%s must be 64 characters", name);
    return OL_OK;
}

static ol_rc judge(attestation *it, ol_arena *arena, ol_err *err)
{
    ol_bytes quote;
    if (it->quote_base64.len > 4 * (QUOTE_BYTES_MAX / 3 + 1) ||
        !ol_base64_decode(it->quote_base64, arena, &quote))
        return ol_fail(err, OL_ERR_INVALID, "Invalid tdx_quote: not Base64");
    if (quote.len < QUOTE_BYTES_MIN)
        return ol_fail(err, OL_ERR_INVALID, "Invalid tdx_quote: %zu bytes (min %d)", quote.len,
                       (int)QUOTE_BYTES_MIN);
    it->worker_measurement =
        ol_hex_of(arena, (ol_bytes){quote.data + QUOTE_MEASUREMENT_AT, QUOTE_MEASUREMENT_BYTES});
    if (it->worker_measurement.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    if (it->task_id < 0)
        return OL_OK; /* a start-up record: hashes are free */
    OL_TRY(hash_check(it->output_hash, "output_hash", true, err));
    OL_TRY(hash_check(it->wasm_hash, "wasm_hash", false, err));
    return hash_check(it->input_hash, "input_hash", it->kind == ATTEST_EXECUTE, err);
}

ol_rc attestation_decode(domain *d, ol_str json, ol_arena *arena, attestation *ret, ol_err *err)
{
    attestation_draft draft = {0};
    OL_TRY(ol_json_bind(json, &TABLE, &draft, arena, err));
    draft.record.kind = (attestation_kind)draft.kind;
    if (!draft.has_timestamp)
        draft.record.timestamp_s = now_ms(d) / SECOND_MS;
    if (draft.has_secrets_ref) {
        if (ol_json_kind_of(&draft.secrets_ref) == OL_JSON_STRING)
            OL_TRY(ol_json_text(&draft.secrets_ref, arena, &draft.record.secrets_ref, err));
        else
            draft.record.secrets_ref = draft.secrets_ref.raw;
    }
    OL_TRY(judge(&draft.record, arena, err));
    *ret = draft.record;
    return OL_OK;
}

static void put_text(ol_json_writer *into, const char *key, ol_str text)
{
    if (text.data != NULL)
        ol_json_put_str(into, key, text);
}

static void put_number(ol_json_writer *into, const char *key, ol_opt_u64 number)
{
    if (number.has)
        ol_json_put_u64(into, key, number.value);
}

void attestation_encode(const attestation *record, ol_json_writer *into)
{
    ol_json_object_begin(into);
    ol_json_put_i64(into, "id", record->id);
    ol_json_put_i64(into, "task_id", record->task_id);
    ol_json_put_cstr(into, "task_type", KIND_NAMES[record->kind]);
    ol_json_put_str(into, "tdx_quote", record->quote_base64);
    ol_json_put_str(into, "worker_measurement", record->worker_measurement);
    put_number(into, "request_id", record->request_id);
    put_text(into, "caller_account_id", record->caller_account_id);
    put_text(into, "transaction_hash", record->transaction_hash);
    put_number(into, "block_height", record->block_height);
    put_text(into, "call_id", record->call_id);
    put_text(into, "payment_key_owner", record->payment_key_owner);
    put_number(into, "payment_key_nonce", record->payment_key_nonce);
    put_text(into, "repo_url", record->repo_url);
    put_text(into, "commit_hash", record->commit_hash);
    put_text(into, "build_target", record->build_target);
    put_text(into, "wasm_hash", record->wasm_hash);
    put_text(into, "executed_wasm_sha256", record->executed_wasm_sha256);
    put_text(into, "input_hash", record->input_hash);
    put_text(into, "output_hash", record->output_hash);
    put_text(into, "project_id", record->project_id);
    put_text(into, "secrets_ref", record->secrets_ref);
    put_text(into, "attached_usd", record->attached_usd);
    ol_json_put_i64(into, "timestamp", record->timestamp_s);
    ol_json_object_end(into);
}

/* ---- Rows. */

ol_rc attestation_insert(ol_db *db, const attestation *it, int64_t *ret_id, ol_err *err)
{
    OL_TRY(ol_db_run(
        db, OL_SQL_ATTESTATION_INSERT, err, OL_ARG("task_id", it->task_id),
        OL_ARG("kind", (int)it->kind), OL_ARG("quote", it->quote_base64),
        OL_ARG("measurement", it->worker_measurement), OL_ARG("request_id", it->request_id),
        OL_ARG("caller_account_id", it->caller_account_id),
        OL_ARG("transaction_hash", it->transaction_hash), OL_ARG("block_height", it->block_height),
        OL_ARG("call_id", it->call_id), OL_ARG("payment_key_owner", it->payment_key_owner),
        OL_ARG("payment_key_nonce", it->payment_key_nonce), OL_ARG("repo_url", it->repo_url),
        OL_ARG("commit_hash", it->commit_hash), OL_ARG("build_target", it->build_target),
        OL_ARG("wasm_hash", it->wasm_hash),
        OL_ARG("executed_wasm_sha256", it->executed_wasm_sha256),
        OL_ARG("input_hash", it->input_hash), OL_ARG("output_hash", it->output_hash),
        OL_ARG("project_id", it->project_id), OL_ARG("secrets_ref", it->secrets_ref),
        OL_ARG("attached_usd", it->attached_usd), OL_ARG("timestamp", it->timestamp_s)));
    *ret_id = ol_db_last_id(db);
    return OL_OK;
}

static ol_rc add_run(ol_op *op, ol_db *db)
{
    attestation_adding *it = (attestation_adding *)op;
    return attestation_insert(db, &it->record, &it->record.id, &op->err);
}

void attestation_add(domain *d, attestation_adding *it)
{
    domain_submit(d, &it->op, add_run, true);
}

static ol_rc record_take(ol_rows *rows, ol_arena *arena, attestation *ret, ol_err *err)
{
    attestation it = {0};
    bool found = ol_rows_next(rows);
    if (found) {
        it.id = ol_col_i64(rows);
        it.task_id = ol_col_i64(rows);
        it.kind = (attestation_kind)ol_col_i64(rows);
        it.quote_base64 = ol_col_text_copy(rows, arena);
        it.worker_measurement = ol_col_text_copy(rows, arena);
        it.request_id = ol_col_opt_u64(rows);
        it.caller_account_id = ol_col_text_copy(rows, arena);
        it.transaction_hash = ol_col_text_copy(rows, arena);
        it.block_height = ol_col_opt_u64(rows);
        it.call_id = ol_col_text_copy(rows, arena);
        it.payment_key_owner = ol_col_text_copy(rows, arena);
        it.payment_key_nonce = ol_col_opt_u64(rows);
        it.repo_url = ol_col_text_copy(rows, arena);
        it.commit_hash = ol_col_text_copy(rows, arena);
        it.build_target = ol_col_text_copy(rows, arena);
        it.wasm_hash = ol_col_text_copy(rows, arena);
        it.executed_wasm_sha256 = ol_col_text_copy(rows, arena);
        it.input_hash = ol_col_text_copy(rows, arena);
        it.output_hash = ol_col_text_copy(rows, arena);
        it.project_id = ol_col_text_copy(rows, arena);
        it.secrets_ref = ol_col_text_copy(rows, arena);
        it.attached_usd = ol_col_text_copy(rows, arena);
        it.timestamp_s = ol_col_i64(rows);
    }
    OL_TRY(ol_rows_end(rows, err));
    if (!found)
        return ol_fail(err, OL_ERR_NOT_FOUND, "Attestation not found");
    *ret = it;
    return OL_OK;
}

static ol_rc record_find(ol_db *db, ol_sql sql, ol_arg key, ol_arena *arena, attestation *ret,
                         ol_err *err)
{
    ol_rows rows;
    OL_TRY(ol_db_query(db, sql, &rows, err, key));
    return record_take(&rows, arena, ret, err);
}

ol_rc attestation_by_task(domain *d, int64_t task_id, ol_arena *arena, attestation *ret,
                          ol_err *err)
{
    ol_rc rc;
    READING(
        d, db, rc,
        record_find(db, OL_SQL_ATTESTATION_BY_TASK, OL_ARG("task_id", task_id), arena, ret, err));
    return rc;
}

ol_rc attestation_by_transaction(domain *d, ol_str hash, ol_arena *arena, attestation *ret,
                                 ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc,
            record_find(db, OL_SQL_ATTESTATION_BY_TRANSACTION, OL_ARG("transaction_hash", hash),
                        arena, ret, err));
    return rc;
}

ol_rc attestation_by_call(domain *d, ol_uuid call_id, ol_arena *arena, attestation *ret,
                          ol_err *err)
{
    ol_rc rc;
    ol_uuid_text text = ol_uuid_format(call_id);
    READING(d, db, rc,
            record_find(db, OL_SQL_ATTESTATION_BY_CALL, OL_ARG("call_id", ol_uuid_str(&text)),
                        arena, ret, err));
    return rc;
}
