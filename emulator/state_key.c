#include "emulator/state_key.h"

#include <string.h>

static void add(ol_state_key *key, ol_bytes bytes)
{
    OL_ASSERT(bytes.len <= sizeof key->bytes - key->len);
    if (bytes.len > 0)
        memcpy(key->bytes + key->len, bytes.data, bytes.len);
    key->len += bytes.len;
}

ol_state_key ol_state_key_of_account(ol_column column, ol_str account_id)
{
    ol_state_key key;
    key.len = 1;
    key.bytes[0] = (uint8_t)column;
    add(&key, ol_str_bytes(account_id));
    return key;
}

ol_state_key ol_state_key_of(ol_column column, ol_str account_id, ol_bytes rest)
{
    ol_state_key key = ol_state_key_of_account(column, account_id);
    add(&key, ol_str_bytes(OL_STR(",")));
    add(&key, rest);
    return key;
}

ol_state_key ol_state_key_of_hash(ol_column column, ol_str account_id, const ol_sha256 *hash)
{
    return ol_state_key_of(column, account_id, ol_sha256_bytes(hash));
}

ol_state_key ol_state_key_of_public(ol_column column, ol_str account_id, const ol_public_key *key)
{
    uint8_t storage[1 + OL_PUBLIC_KEY_BYTES_MAX];
    ol_buf bytes = ol_buf_over(storage, sizeof storage);
    ol_public_key_encode(key, &bytes);
    return ol_state_key_of(column, account_id, ol_buf_bytes(&bytes));
}

ol_state_key ol_state_key_of_global(const ol_global_id *id)
{
    uint8_t storage[1 + 4 + 64];
    ol_buf bytes = ol_buf_over(storage, sizeof storage);
    ol_global_id_encode(id, &bytes);
    ol_state_key key = ol_state_key_of_account(OL_COLUMN_GLOBAL_CODE, (ol_str){0});
    OL_ASSERT(ol_buf_ok(&bytes));
    add(&key, ol_buf_bytes(&bytes));
    return key;
}
