#include "emulator/account.h"

#include <string.h>

#include "emulator/state_key.h"
#include "lib/codec/borsh.h"

/* Two amounts, usage, kind, and an account id at most; an access key with 2,000 bytes of methods,
 * each with four of length. */
enum { ACCOUNT_RECORD_BYTES_MAX = 16 + 16 + 8 + 1 + 4 + 64, ACCESS_KEY_BYTES_MAX = 64 << 10 };

/* ── Records ── */

bool ol_account_decode(ol_bytes value, ol_account *ret)
{
    ol_borsh from = ol_borsh_over(value);
    ol_account it = {.amount = {ol_borsh_u128(&from)},
                     .locked = {ol_borsh_u128(&from)},
                     .storage_usage = ol_borsh_u64(&from),
                     .code = (ol_code_kind)ol_borsh_u8(&from)};
    if (it.code == OL_CODE_LOCAL || it.code == OL_CODE_GLOBAL_HASH)
        ol_borsh_fixed(&from, it.code_hash.bytes, sizeof it.code_hash.bytes);
    if (it.code == OL_CODE_GLOBAL_ACCOUNT)
        it.code_account = ol_borsh_str(&from);
    if (!ol_borsh_done(&from))
        return false;
    *ret = it;
    return true;
}

static void account_encode(const ol_account *account, ol_buf *into)
{
    ol_borsh_add_u128(into, account->amount.yocto);
    ol_borsh_add_u128(into, account->locked.yocto);
    ol_borsh_add_u64(into, account->storage_usage);
    ol_borsh_add_u8(into, (uint8_t)account->code);
    if (account->code == OL_CODE_LOCAL || account->code == OL_CODE_GLOBAL_HASH)
        ol_borsh_add_fixed(into, ol_sha256_bytes(&account->code_hash));
    if (account->code == OL_CODE_GLOBAL_ACCOUNT)
        ol_borsh_add_str(into, account->code_account);
}

bool ol_access_key_of(ol_bytes value, ol_arena *arena, ol_access_key *ret)
{
    ol_borsh from = ol_borsh_over(value);
    ol_access_key it;
    ol_access_key_decode(&from, arena, &it);
    if (!ol_borsh_done(&from))
        return false;
    *ret = it;
    return true;
}

ol_record ol_record_of(const ol_entry *entry)
{
    static const struct {
        ol_column column;
        ol_record_kind kind;
    } KINDS[] = {{OL_COLUMN_ACCOUNT, OL_RECORD_ACCOUNT},
                 {OL_COLUMN_ACCESS_KEY, OL_RECORD_ACCESS_KEY},
                 {OL_COLUMN_DATA, OL_RECORD_DATA},
                 {OL_COLUMN_CODE, OL_RECORD_CODE},
                 {OL_COLUMN_GLOBAL_CODE, OL_RECORD_GLOBAL_CODE}};
    ol_bytes key = ol_entry_key(entry);
    ol_record record = {.value = ol_entry_value(entry)};
    OL_EACH (row, KINDS) {
        if (key.len > 0 && key.data[0] == (uint8_t)row->column)
            record.kind = row->kind;
    }
    if (record.kind == OL_RECORD_OTHER || record.kind == OL_RECORD_GLOBAL_CODE)
        return record;
    ol_str rest = {(const char *)key.data + 1, key.len - 1};
    ol_str behind = {0};
    if (!ol_str_cut(rest, ',', &record.account_id, &behind))
        record.account_id = rest;
    record.data_key = ol_str_bytes(behind);
    if (record.kind == OL_RECORD_ACCESS_KEY) {
        ol_borsh from = ol_borsh_over(record.data_key);
        ol_public_key_decode(&from, &record.key);
    }
    return record;
}

/* ── Reading ── */

/* Ids and keys longer than any can be name nothing. */
static bool can_be(ol_str id, ol_bytes rest)
{
    return id.len <= OL_STATE_ID_BYTES_MAX && rest.len <= OL_STATE_REST_BYTES_MAX;
}

bool ol_account_find(const ol_state *state, ol_str id, ol_account *ret)
{
    ol_bytes value;
    if (!can_be(id, (ol_bytes){0}))
        return false;
    ol_state_key key = ol_state_key_of_account(OL_COLUMN_ACCOUNT, id);
    return ol_state_get(state, ol_state_key_bytes(&key), &value) && ol_account_decode(value, ret);
}

bool ol_access_key_find(const ol_state *state, ol_str id, const ol_public_key *key, ol_arena *arena,
                        ol_access_key *ret)
{
    ol_bytes value;
    if (!can_be(id, (ol_bytes){0}))
        return false;
    ol_state_key name = ol_state_key_of_public(OL_COLUMN_ACCESS_KEY, id, key);
    return ol_state_get(state, ol_state_key_bytes(&name), &value) &&
           ol_access_key_of(value, arena, ret);
}

bool ol_data_find(const ol_state *state, ol_str id, ol_bytes key, ol_bytes *ret_value)
{
    if (!can_be(id, key))
        return false;
    ol_state_key name = ol_state_key_of(OL_COLUMN_DATA, id, key);
    return ol_state_get(state, ol_state_key_bytes(&name), ret_value);
}

/* A global contract's record: the hash of the code, then the code. */
bool ol_global_code(const ol_state *state, const ol_global_id *id, ol_bytes *ret_code,
                    ol_sha256 *ret_hash)
{
    ol_bytes value;
    if (!can_be(id->account_id, (ol_bytes){0}))
        return false;
    ol_state_key key = ol_state_key_of_global(id);
    if (!ol_state_get(state, ol_state_key_bytes(&key), &value))
        return false;
    ol_borsh from = ol_borsh_over(value);
    ol_borsh_fixed(&from, ret_hash->bytes, sizeof ret_hash->bytes);
    *ret_code = from.rest;
    return !from.failed;
}

bool ol_account_code(const ol_state *state, const ol_account *account, ol_str id,
                     ol_bytes *ret_code, ol_sha256 *ret_hash)
{
    switch (account->code) {
    case OL_CODE_NONE:
        return false;
    case OL_CODE_LOCAL: {
        ol_state_key key = ol_state_key_of_account(OL_COLUMN_CODE, id);
        *ret_hash = account->code_hash;
        return ol_state_get(state, ol_state_key_bytes(&key), ret_code);
    }
    case OL_CODE_GLOBAL_HASH:
        return ol_global_code(state, &(ol_global_id){.hash = account->code_hash}, ret_code,
                              ret_hash);
    case OL_CODE_GLOBAL_ACCOUNT:
        return ol_global_code(
            state, &(ol_global_id){.by_account = true, .account_id = account->code_account},
            ret_code, ret_hash);
    }
    OL_UNREACHABLE();
}

/* ── Walking ── */

/* The next pair below a prefix; *at remembers the key of the last one. */
static const ol_entry *next(const ol_state *state, const ol_state_key *prefix, ol_bytes *at)
{
    const ol_entry *entry = ol_state_next(state, ol_state_key_bytes(prefix), *at);
    if (entry != NULL)
        *at = ol_entry_key(entry);
    return entry;
}

bool ol_data_next(const ol_state *state, ol_str id, ol_bytes prefix, ol_bytes *at,
                  ol_bytes *ret_key, ol_bytes *ret_value)
{
    if (!can_be(id, prefix))
        return false;
    ol_state_key below = ol_state_key_of(OL_COLUMN_DATA, id, prefix);
    const ol_entry *entry = next(state, &below, at);
    if (entry == NULL)
        return false;
    ol_record record = ol_record_of(entry);
    *ret_key = record.data_key;
    *ret_value = record.value;
    return true;
}

bool ol_access_key_next(const ol_state *state, ol_str id, ol_bytes *at, ol_arena *arena,
                        ol_public_key *ret_key, ol_access_key *ret)
{
    if (!can_be(id, (ol_bytes){0}))
        return false;
    ol_state_key below = ol_state_key_of(OL_COLUMN_ACCESS_KEY, id, (ol_bytes){0});
    const ol_entry *entry = next(state, &below, at);
    if (entry == NULL)
        return false;
    ol_record record = ol_record_of(entry);
    *ret_key = record.key;
    return ol_access_key_of(record.value, arena, ret);
}

bool ol_account_next(const ol_state *state, ol_bytes *at, ol_str *ret_id, ol_account *ret)
{
    ol_state_key below = ol_state_key_of_account(OL_COLUMN_ACCOUNT, (ol_str){0});
    const ol_entry *entry = next(state, &below, at);
    if (entry == NULL)
        return false;
    ol_record record = ol_record_of(entry);
    *ret_id = record.account_id;
    return ol_account_decode(record.value, ret);
}

/* ── Writing ── */

void ol_account_put(ol_state *state, ol_str id, const ol_account *account)
{
    uint8_t storage[ACCOUNT_RECORD_BYTES_MAX];
    ol_buf value = ol_buf_over(storage, sizeof storage);
    ol_state_key key = ol_state_key_of_account(OL_COLUMN_ACCOUNT, id);
    account_encode(account, &value);
    OL_ASSERT(ol_buf_ok(&value));
    ol_state_put(state, ol_state_key_bytes(&key), ol_buf_bytes(&value));
}

void ol_access_key_put(ol_state *state, ol_str id, const ol_public_key *key,
                       const ol_access_key *access)
{
    ol_buf value = ol_buf_new(ACCESS_KEY_BYTES_MAX);
    ol_state_key name = ol_state_key_of_public(OL_COLUMN_ACCESS_KEY, id, key);
    ol_access_key_encode(access, &value);
    OL_ASSERT(ol_buf_ok(&value));
    ol_state_put(state, ol_state_key_bytes(&name), ol_buf_bytes(&value));
    ol_buf_deinit(&value);
}
