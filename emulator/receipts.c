/* How receipts travel (NEAR 4.4). An action receipt waits in the state until all its inputs have
 * come; a data receipt brings one, and the last one makes the waiting receipt run. A yield waits
 * for a resume. */
#include "emulator/apply.h"
#include "emulator/state_key.h"

/* ── Sending ── */

/* Since PV 83 a yield, and a receipt that only deletes an account, take no block of their own. */
static bool runs_at_once(const ol_receipt *receipt)
{
    return receipt->kind == OL_RECEIPT_YIELD ||
           (receipt->kind == OL_RECEIPT_ACTION && receipt->action_count == 1 &&
            receipt->actions[0].kind == OL_ACTION_DELETE_ACCOUNT && receipt->input_count == 0);
}

void ol_apply_send(ol_apply *apply, const ol_receipt *receipt)
{
    ol_list *way = runs_at_once(receipt) ? &apply->instant : &apply->outgoing;
    OL_LIST_ADD(way, apply->arena, const ol_receipt *) = receipt;
    OL_LIST_ADD(&apply->made, apply->arena, const ol_receipt *) = receipt;
}

/* ── Waiting ── */

static void put_receipt(ol_apply *apply, ol_column column, const ol_receipt *receipt,
                        const ol_sha256 *name)
{
    ol_buf bytes = ol_buf_new(apply->params->receipt_bytes_max * 2);
    ol_state_key key = ol_state_key_of_hash(column, receipt->receiver_id, name);
    ol_receipt_encode(receipt, &bytes);
    OL_ASSERT(ol_buf_ok(&bytes));
    ol_state_put(&apply->state, ol_state_key_bytes(&key), ol_buf_bytes(&bytes));
    ol_buf_deinit(&bytes);
}

/* Takes a waiting receipt out of the state. */
static bool take_receipt(ol_apply *apply, ol_column column, ol_str account_id,
                         const ol_sha256 *name, ol_receipt *ret)
{
    ol_bytes stored;
    ol_state_key key = ol_state_key_of_hash(column, account_id, name);
    if (!ol_state_get(&apply->state, ol_state_key_bytes(&key), &stored))
        return false;
    ol_bytes kept = ol_keep_bytes(apply->arena, stored);
    ol_rc rc = ol_receipt_decode(kept, apply->arena, ret, NULL);
    OL_ASSERT(rc == OL_OK); /* we wrote it */
    (void)ol_state_remove(&apply->state, ol_state_key_bytes(&key));
    return true;
}

static void put_data(ol_apply *apply, const ol_receipt *receipt)
{
    ol_buf value = ol_buf_new(receipt->data.len + 8);
    ol_state_key key =
        ol_state_key_of_hash(OL_COLUMN_RECEIVED_DATA, receipt->receiver_id, &receipt->data_id);
    ol_borsh_add_bool(&value, receipt->has_data);
    if (receipt->has_data)
        ol_borsh_add_fixed(&value, receipt->data);
    OL_ASSERT(ol_buf_ok(&value));
    ol_state_put(&apply->state, ol_state_key_bytes(&key), ol_buf_bytes(&value));
    ol_buf_deinit(&value);
}

static bool has_data(const ol_apply *apply, ol_str account_id, const ol_sha256 *data_id)
{
    ol_state_key key = ol_state_key_of_hash(OL_COLUMN_RECEIVED_DATA, account_id, data_id);
    return ol_state_entry(&apply->state, ol_state_key_bytes(&key)) != NULL;
}

static void put_count(ol_apply *apply, ol_str account_id, const ol_sha256 *receipt_id,
                      uint32_t count)
{
    ol_state_key key = ol_state_key_of_hash(OL_COLUMN_AWAITED_COUNT, account_id, receipt_id);
    if (count > 0)
        ol_state_put(&apply->state, ol_state_key_bytes(&key),
                     (ol_bytes){(const uint8_t *)&count, sizeof count});
    else
        (void)ol_state_remove(&apply->state, ol_state_key_bytes(&key));
}

static uint32_t get_count(const ol_apply *apply, ol_str account_id, const ol_sha256 *receipt_id)
{
    ol_bytes stored;
    uint32_t count;
    ol_state_key key = ol_state_key_of_hash(OL_COLUMN_AWAITED_COUNT, account_id, receipt_id);
    bool found = ol_state_get(&apply->state, ol_state_key_bytes(&key), &stored);
    OL_ASSERT(found && stored.len == sizeof count);
    memcpy(&count, stored.data, sizeof count);
    return count;
}

/* ── Delivering ── */

/* Runs, or waits for what it lacks. */
static ol_rc deliver_actions(ol_apply *apply, const ol_receipt *receipt, ol_err *err)
{
    uint32_t missing = 0;
    for (size_t i = 0; i < receipt->input_count; i++) {
        if (has_data(apply, receipt->receiver_id, &receipt->inputs[i]))
            continue;
        ol_state_key key =
            ol_state_key_of_hash(OL_COLUMN_AWAITED_BY, receipt->receiver_id, &receipt->inputs[i]);
        ol_state_put(&apply->state, ol_state_key_bytes(&key), ol_sha256_bytes(&receipt->id));
        missing++;
    }
    if (missing == 0)
        return ol_run_receipt(apply, receipt, err);
    put_count(apply, receipt->receiver_id, &receipt->id, missing);
    put_receipt(apply, OL_COLUMN_POSTPONED, receipt, &receipt->id);
    return OL_OK;
}

/* Keeps the data; runs the receipt that waited for nothing else. */
static ol_rc deliver_data(ol_apply *apply, const ol_receipt *receipt, ol_err *err)
{
    ol_str account_id = receipt->receiver_id;
    ol_bytes stored;
    ol_sha256 waiting_id;
    ol_receipt waiting;
    ol_state_key key = ol_state_key_of_hash(OL_COLUMN_AWAITED_BY, account_id, &receipt->data_id);
    put_data(apply, receipt);
    if (!ol_state_get(&apply->state, ol_state_key_bytes(&key), &stored))
        return OL_OK; /* before the receipt that will want it */
    memcpy(waiting_id.bytes, stored.data, sizeof waiting_id.bytes);
    (void)ol_state_remove(&apply->state, ol_state_key_bytes(&key));
    uint32_t missing = get_count(apply, account_id, &waiting_id) - 1;
    put_count(apply, account_id, &waiting_id, missing);
    if (missing > 0)
        return OL_OK;
    bool found = take_receipt(apply, OL_COLUMN_POSTPONED, account_id, &waiting_id, &waiting);
    OL_ASSERT(found);
    ol_receipt *ready = OL_TAKE(apply->arena, ol_receipt);
    *ready = waiting;
    return ol_run_receipt(apply, ready, err);
}

/* The first resume to arrive makes the yield run; later ones find nothing (NEAR 3). A timeout gives
 * way to a resume that is under way. */
static ol_rc deliver_resume(ol_apply *apply, const ol_receipt *receipt, ol_err *err)
{
    ol_receipt *ready = OL_TAKE(apply->arena, ol_receipt);
    if (!receipt->has_data &&
        ol_yield_is_resumed(&apply->state, receipt->receiver_id, &receipt->data_id))
        return OL_OK;
    if (!take_receipt(apply, OL_COLUMN_YIELDED, receipt->receiver_id, &receipt->data_id, ready))
        return OL_OK;
    ol_yield_end(apply, receipt->receiver_id, &receipt->data_id);
    put_data(apply, receipt);
    return ol_run_receipt(apply, ready, err);
}

/* A global contract: its hash and code, under its name. */
static void deliver_code(ol_apply *apply, const ol_receipt *receipt)
{
    ol_buf value = ol_buf_new(receipt->code.len + OL_SHA256_BYTES);
    ol_sha256 hash = ol_sha256_of(receipt->code);
    ol_state_key key = ol_state_key_of_global(&receipt->global);
    ol_buf_add(&value, ol_sha256_bytes(&hash));
    ol_buf_add(&value, receipt->code);
    OL_ASSERT(ol_buf_ok(&value));
    ol_state_put(&apply->state, ol_state_key_bytes(&key), ol_buf_bytes(&value));
    ol_buf_deinit(&value);
}

static ol_rc deliver(ol_apply *apply, const ol_receipt *receipt, ol_err *err)
{
    switch (receipt->kind) {
    case OL_RECEIPT_ACTION:
        OL_TRY(deliver_actions(apply, receipt, err));
        break;
    case OL_RECEIPT_DATA:
        OL_TRY(deliver_data(apply, receipt, err));
        break;
    case OL_RECEIPT_YIELD:
        put_receipt(apply, OL_COLUMN_YIELDED, receipt, &receipt->inputs[0]);
        break;
    case OL_RECEIPT_RESUME:
        OL_TRY(deliver_resume(apply, receipt, err));
        break;
    case OL_RECEIPT_GLOBAL_CODE:
        deliver_code(apply, receipt);
        break;
    }
    ol_apply_commit(apply, OL_CAUSE_RECEIPT, &receipt->id); /* what running did not commit */
    return OL_OK;
}

ol_rc ol_apply_receipt(ol_apply *apply, const ol_receipt *receipt, ol_err *err)
{
    OL_TRY(deliver(apply, receipt, err));
    for (size_t i = 0; i < apply->instant.count; i++)
        OL_TRY(deliver(apply, OL_LIST_ITEMS(&apply->instant, const ol_receipt *)[i], err));
    apply->instant.count = 0;
    return OL_OK;
}
