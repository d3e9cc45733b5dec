/* Admission of an HTTPS call: idempotency, reservation, call, request and queue entry in one
 * transaction (Coordinator 2.1). */
#include <string.h>

#include "services/coordinator/domain_state.h"
#include "services/coordinator/payment_keys.h"
#include "services/coordinator/projects.h"
#include "services/coordinator/requests.h"

enum { ADMISSION_ARENA_BYTES = 2 * PAYMENT_KEY_SCOPE_BYTES_MAX };

/* Version 7 (RFC 9562): time first, so that the index grows at its end. */
static ol_uuid call_id_new(const domain *d)
{
    ol_uuid id;
    uint64_t ms = (uint64_t)now_ms(d);
    ol_random_fill(d->settings.random, id.bytes, sizeof id.bytes);
    for (int i = 0; i < 6; i++)
        id.bytes[i] = (uint8_t)(ms >> (8 * (5 - i)));
    id.bytes[6] = (uint8_t)(0x70 | (id.bytes[6] & 0x0F));
    id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3F));
    return id;
}

/* ---- Idempotency. */

static ol_rc idempotency_find(domain *d, ol_db *db, call_admission *it, int64_t key_id, ol_err *err)
{
    ol_rows rows;
    ol_sha256 digest;
    int64_t call = 0;
    OL_TRY(ol_db_query(db, OL_SQL_IDEMPOTENCY_FIND, &rows, err, OL_ARG("key_id", key_id),
                       OL_ARG("idempotency_key", it->idempotency_key), OL_ARG("now", now_ms(d))));
    if (ol_rows_next(&rows)) {
        (void)ol_col_blob_fixed(&rows, digest.bytes, sizeof digest.bytes);
        call = ol_col_i64(&rows);
    }
    OL_TRY(ol_rows_end(&rows, err));
    if (call == 0)
        return OL_OK;
    if (!ol_sha256_eq(&digest, &it->request_digest))
        return ol_fail(err, OL_ERR_CONFLICT, "Idempotency key reused with a different request");
    call_terms terms;
    OL_TRY(call_terms_by_id(db, call, &terms, err));
    it->existing = true;
    it->deadline_ms = terms.deadline_ms;
    return call_answer_by_id(db, call, it->arena, &it->answer, &key_id, err);
}

static ol_rc idempotency_put(domain *d, ol_db *db, const call_admission *it, int64_t key_id,
                             int64_t call, ol_err *err)
{
    int64_t expires = now_ms(d) + (int64_t)IDEMPOTENCY_HOURS * 3600 * SECOND_MS;
    return ol_db_run(db, OL_SQL_IDEMPOTENCY_PUT, err, OL_ARG("key_id", key_id),
                     OL_ARG("idempotency_key", it->idempotency_key),
                     OL_ARG("digest", ol_sha256_bytes(&it->request_digest)), OL_ARG("call", call),
                     OL_ARG("expires", expires));
}

/* ---- Steps 12 and 13. */

static ol_rc in_flight_check(const domain *d, ol_db *db, int64_t key_id, ol_err *err)
{
    ol_rows rows;
    uint64_t count = 0;
    OL_TRY(ol_db_query(db, OL_SQL_RESERVATIONS_COUNT, &rows, err, OL_ARG("key_id", key_id)));
    if (ol_rows_next(&rows))
        count = ol_col_u64(&rows);
    OL_TRY(ol_rows_end(&rows, err));
    if (count >= d->settings.calls_in_flight_max)
        return ol_fail(err, OL_ERR_RATE_LIMIT, "Too many concurrent calls");
    return OL_OK;
}

static ol_rc reserve(domain *d, ol_db *db, const payment_key_row *key, ol_usd required, ol_err *err)
{
    ol_usd available = payment_key_available(key);
    ol_usd reserved;
    uint64_t changed;
    if (ol_usd_less(available, required))
        return ol_fail(err, OL_ERR_BALANCE, "Insufficient balance: available=%s, required=%s",
                       USD(available), USD(required));
    bool fits = ol_usd_add(key->reserved, required, &reserved);
    OL_ASSERT(fits); /* the sum is below the balance */
    OL_TRY(ol_db_change(db, OL_SQL_KEY_RESERVE, &changed, err, OL_ARG("reserved", reserved),
                        OL_ARG("now", now_ms(d)), OL_ARG("id", key->id),
                        OL_ARG("reserved_before", key->reserved)));
    return changed == 1 ? OL_OK : guard_failed("key_reserve", err);
}

/* ---- Rows. */

static ol_rc call_insert(domain *d, ol_db *db, const call_admission *it, int64_t key_id,
                         ol_uuid call_id, const call_fees *fees, int64_t *ret_id, ol_err *err)
{
    OL_TRY(ol_db_run(db, OL_SQL_CALL_INSERT, err,
                     OL_ARG("call_id", ((ol_bytes){call_id.bytes, sizeof call_id.bytes})),
                     OL_ARG("key_id", key_id), OL_ARG("project_id", it->project_id),
                     OL_ARG("compute_limit", it->price.compute_limit),
                     OL_ARG("deposit", it->price.deposit), OL_ARG("fee_base", fees->base),
                     OL_ARG("fee_instructions", fees->per_million_instructions),
                     OL_ARG("fee_second", fees->per_second), OL_ARG("now", now_ms(d)),
                     OL_ARG("deadline", it->deadline_ms)));
    *ret_id = ol_db_last_id(db);
    return OL_OK;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Contract caps and ours; never more instructions than the compute limit pays for. */
static ol_resource_limits limits_clamp(const call_admission *it, const ol_pricing *pricing,
                                       const call_fees *fees)
{
    ol_resource_limits limits = it->limits;
    limits.instructions_max = least(limits.instructions_max, pricing->instructions_max);
    limits.instructions_max =
        least(limits.instructions_max, instructions_affordable(fees, it->price.compute_limit));
    limits.memory_mb_max = least(limits.memory_mb_max, OL_MEMORY_MB_CAP);
    limits.seconds_max = least(limits.seconds_max, pricing->execution_seconds_max);
    limits.seconds_max = least(limits.seconds_max, OL_SECONDS_CAP);
    return limits;
}

static ol_opt_u128 some(ol_usd amount)
{
    return (ol_opt_u128){true, amount.micro};
}

/* HTTPS tasks never name code: the worker resolves it (Coordinator 4.1). */
static ol_task task_of(const call_admission *it, uint64_t request_id, ol_str call_id)
{
    return (ol_task){
        .request_id = request_id,
        .data_id = call_id,
        .input_data = it->input_data,
        .secrets_ref = it->secrets_ref,
        .response_format = OL_FORMAT_JSON,
        .context.sender_id = it->key.owner,
        .user_account_id = it->key.owner,
        .project_uuid = it->project_uuid,
        .project_id = it->project_id,
        .version_key = it->version_key,
        .is_https_call = true,
        .call_id = call_id,
        .payment_key_owner = it->key.owner,
        .payment_key_nonce = {true, it->key.nonce},
        .usd_payment = some(it->price.deposit),
        .compute_limit_usd = some(it->price.compute_limit),
        .attached_deposit_usd = some(it->price.deposit),
        .wallet_id = it->wallet_id,
        .binding_kind = it->binding_kind,
    };
}

static ol_rc request_for_call(domain *d, ol_db *db, const call_admission *it, int64_t call,
                              const ol_pricing *pricing, const call_fees *fees, ol_usd required,
                              ol_err *err)
{
    bool created;
    ol_task task = task_of(it, (uint64_t)call, ol_uuid_str(&it->answer.call_id));
    task.limits = limits_clamp(it, pricing, fees);
    const request_seed seed = {
        .task = &task,
        .state = QUEUED_EXECUTE,
        .priority = priority_class(required.micro, pricing->base_fee_usd.micro),
    };
    OL_TRY(request_insert(d, db, &seed, &created, err));
    return created ? OL_OK : guard_failed("request_insert", err);
}

static ol_rc admit_new(domain *d, ol_db *db, call_admission *it, const payment_key_row *key,
                       ol_usd required, ol_err *err)
{
    int64_t call;
    ol_uuid call_id = call_id_new(d);
    ol_pricing pricing = pricing_now(d);
    const call_fees fees = {pricing.base_fee_usd, pricing.per_million_instructions_fee_usd,
                            pricing.per_sec_fee_usd};
    uint64_t seconds =
        d->settings.call_seconds + (it->is_async ? d->settings.async_extra_seconds : 0);
    OL_TRY(in_flight_check(d, db, key->id, err));
    OL_TRY(reserve(d, db, key, required, err));
    it->deadline_ms = now_ms(d) + (int64_t)seconds * SECOND_MS;
    it->answer = (call_answer){.call_id = ol_uuid_format(call_id), .status = CALL_PENDING};
    OL_TRY(call_insert(d, db, it, key->id, call_id, &fees, &call, err));
    OL_TRY(ol_db_run(db, OL_SQL_RESERVATION_INSERT, err, OL_ARG("call", call),
                     OL_ARG("key_id", key->id), OL_ARG("amount", required),
                     OL_ARG("deadline", it->deadline_ms)));
    OL_TRY(request_for_call(d, db, it, call, &pricing, &fees, required, err));
    if (it->idempotency_key.data != NULL)
        OL_TRY(idempotency_put(d, db, it, key->id, call, err));
    deadline_add(d, it->deadline_ms);
    return OL_OK;
}

static ol_rc admit(domain *d, ol_db *db, call_admission *it, ol_arena *arena, ol_err *err)
{
    stored_key key;
    ol_usd required;
    it->existing = false;
    if (it->project_id.len > OL_PROJECT_ID_BYTES_MAX)
        return ol_fail(err, OL_ERR_PROJECT_NOT_FOUND, "Project not found");
    OL_TRY(stored_key_authorise(db, &it->key, arena, &key, err));
    OL_TRY(call_price_check(&key.row, it->project_id, &it->price, &required, err));
    if (it->idempotency_key.data != NULL)
        OL_TRY(idempotency_find(d, db, it, key.row.id, err));
    return it->existing ? OL_OK : admit_new(d, db, it, &key.row, required, err);
}

static ol_rc admit_run(ol_op *op, ol_db *db)
{
    ol_arena arena = ol_arena_new(ADMISSION_ARENA_BYTES);
    ol_rc rc = admit(op->owner, db, (call_admission *)op, &arena, &op->err);
    ol_arena_deinit(&arena);
    return rc;
}

void call_admit(domain *d, call_admission *it)
{
    domain_submit(d, &it->op, admit_run, it->is_async);
}
