/* Yields and their time (NEAR 3). Beside the waiting receipt the state holds a status, there from
 * the call that yields until the callback runs: 0 waiting, 1 a resume is under way; optionally the
 * contract's own id for it; and an entry in the queue of timeouts. */
#include "emulator/apply.h"
#include "emulator/state_key.h"

enum { WAITING = 0, RESUMED = 1 };

static void put_status(ol_apply *apply, ol_str account_id, const ol_sha256 *data_id, uint8_t status)
{
    ol_state_key key = ol_state_key_of_hash(OL_COLUMN_YIELD_STATUS, account_id, data_id);
    ol_state_put(&apply->state, ol_state_key_bytes(&key), (ol_bytes){&status, sizeof status});
}

/* ── The queue: keys sort by expiry, then by order of creation. ── */

static ol_state_key timeout_key(uint64_t expiry, uint64_t number)
{
    uint8_t bytes[17];
    bytes[0] = OL_COLUMN_YIELD_TIMEOUT;
    for (unsigned i = 0; i < 8; i++) {
        bytes[1 + i] = (uint8_t)(expiry >> (56 - 8 * i));
        bytes[9 + i] = (uint8_t)(number >> (56 - 8 * i));
    }
    ol_state_key key = {.len = sizeof bytes};
    memcpy(key.bytes, bytes, sizeof bytes);
    return key;
}

static uint64_t next_number(ol_apply *apply)
{
    ol_state_key key = ol_state_key_of_account(OL_COLUMN_YIELD_COUNT, (ol_str){0});
    ol_bytes stored;
    uint64_t number = 0;
    if (ol_state_get(&apply->state, ol_state_key_bytes(&key), &stored))
        memcpy(&number, stored.data, sizeof number);
    uint64_t next = number + 1;
    ol_state_put(&apply->state, ol_state_key_bytes(&key),
                 (ol_bytes){(const uint8_t *)&next, sizeof next});
    return number;
}

/* The first entry, when its time has come. */
static const ol_entry *first_due(const ol_state *state, uint64_t height)
{
    static const uint8_t column = OL_COLUMN_YIELD_TIMEOUT;
    const ol_entry *entry = ol_state_next(state, (ol_bytes){&column, 1}, (ol_bytes){0});
    uint64_t expiry = 0;
    if (entry == NULL)
        return NULL;
    for (unsigned i = 0; i < 8; i++)
        expiry = expiry << 8 | ol_entry_key(entry).data[1 + i];
    return expiry <= height ? entry : NULL;
}

bool ol_yield_is_due(const ol_state *state, uint64_t height)
{
    return first_due(state, height) != NULL;
}

static void put_timeout(ol_apply *apply, ol_str account_id, const ol_sha256 *data_id)
{
    uint8_t storage[4 + 64 + OL_SHA256_BYTES];
    ol_buf value = ol_buf_over(storage, sizeof storage);
    ol_state_key key = timeout_key(apply->height + apply->params->yield_blocks, next_number(apply));
    ol_borsh_add_str(&value, account_id);
    ol_borsh_add_fixed(&value, ol_sha256_bytes(data_id));
    OL_ASSERT(ol_buf_ok(&value));
    ol_state_put(&apply->state, ol_state_key_bytes(&key), ol_buf_bytes(&value));
}

/* ── A yield's life ── */

void ol_yield_begin(ol_apply *apply, ol_str account_id, const ol_sha256 *data_id,
                    const ol_sha256 *yield_id)
{
    put_status(apply, account_id, data_id, WAITING);
    put_timeout(apply, account_id, data_id);
    if (yield_id == NULL)
        return;
    ol_state_key by_id = ol_state_key_of_hash(OL_COLUMN_YIELD_ID, account_id, yield_id);
    ol_state_key by_data = ol_state_key_of_hash(OL_COLUMN_YIELD_ID_OF, account_id, data_id);
    ol_state_put(&apply->state, ol_state_key_bytes(&by_id), ol_sha256_bytes(data_id));
    ol_state_put(&apply->state, ol_state_key_bytes(&by_data), ol_sha256_bytes(yield_id));
}

void ol_yield_resume(ol_apply *apply, ol_str account_id, const ol_sha256 *data_id)
{
    put_status(apply, account_id, data_id, RESUMED);
}

void ol_yield_end(ol_apply *apply, ol_str account_id, const ol_sha256 *data_id)
{
    ol_bytes stored;
    ol_state_key status = ol_state_key_of_hash(OL_COLUMN_YIELD_STATUS, account_id, data_id);
    ol_state_key by_data = ol_state_key_of_hash(OL_COLUMN_YIELD_ID_OF, account_id, data_id);
    (void)ol_state_remove(&apply->state, ol_state_key_bytes(&status));
    if (!ol_state_get(&apply->state, ol_state_key_bytes(&by_data), &stored))
        return;
    ol_state_key by_id = ol_state_key_of(OL_COLUMN_YIELD_ID, account_id, stored);
    (void)ol_state_remove(&apply->state, ol_state_key_bytes(&by_id));
    (void)ol_state_remove(&apply->state, ol_state_key_bytes(&by_data));
}

bool ol_yield_is_pending(const ol_state *state, ol_str account_id, const ol_sha256 *data_id)
{
    ol_state_key key = ol_state_key_of_hash(OL_COLUMN_YIELD_STATUS, account_id, data_id);
    return ol_state_entry(state, ol_state_key_bytes(&key)) != NULL;
}

bool ol_yield_is_resumed(const ol_state *state, ol_str account_id, const ol_sha256 *data_id)
{
    ol_bytes status;
    ol_state_key key = ol_state_key_of_hash(OL_COLUMN_YIELD_STATUS, account_id, data_id);
    return ol_state_get(state, ol_state_key_bytes(&key), &status) && status.data[0] == RESUMED;
}

bool ol_yield_by_id(const ol_state *state, ol_str account_id, const ol_sha256 *yield_id,
                    ol_sha256 *ret_data_id)
{
    ol_bytes stored;
    ol_state_key key = ol_state_key_of_hash(OL_COLUMN_YIELD_ID, account_id, yield_id);
    if (!ol_state_get(state, ol_state_key_bytes(&key), &stored))
        return false;
    memcpy(ret_data_id->bytes, stored.data, sizeof ret_data_id->bytes);
    return true;
}

/* ── Timeouts ── */

static void send_timeout(ol_apply *apply, ol_str account_id, const ol_sha256 *data_id)
{
    ol_receipt *resume = OL_TAKE(apply->arena, ol_receipt);
    *resume = (ol_receipt){.id = ol_id_of(data_id, apply->height, apply->timeouts++),
                           .kind = OL_RECEIPT_RESUME,
                           .predecessor_id = account_id,
                           .receiver_id = account_id,
                           .data_id = *data_id};
    ol_apply_send(apply, resume);
}

void ol_apply_timeouts(ol_apply *apply)
{
    const ol_entry *due;
    while ((due = first_due(&apply->state, apply->height)) != NULL) {
        ol_borsh from = ol_borsh_over(ol_keep_bytes(apply->arena, ol_entry_value(due)));
        ol_str account_id = ol_borsh_str(&from);
        ol_sha256 data_id;
        ol_borsh_fixed(&from, data_id.bytes, sizeof data_id.bytes);
        OL_ASSERT(ol_borsh_done(&from));
        ol_state_key waiting = ol_state_key_of_hash(OL_COLUMN_YIELDED, account_id, &data_id);
        if (ol_state_entry(&apply->state, ol_state_key_bytes(&waiting)) != NULL)
            send_timeout(apply, account_id, &data_id);
        ol_bytes key = ol_keep_bytes(apply->arena, ol_entry_key(due));
        (void)ol_state_remove(&apply->state, key);
    }
    ol_apply_commit(apply, OL_CAUSE_RECEIPT, &(ol_sha256){0});
}
