#include "emulator/storage_usage.h"

#include "emulator/fees.h"
#include "emulator/state_key.h"

uint64_t ol_usage_of_data(const ol_params *params, size_t key_bytes, size_t value_bytes)
{
    return params->record_bytes + key_bytes + value_bytes;
}

uint64_t ol_usage_of_key(const ol_params *params, const ol_public_key *key,
                         const ol_access_key *access)
{
    ol_buf bytes = ol_buf_new(OL_KIB(64));
    ol_public_key_encode(key, &bytes);
    ol_access_key_encode(access, &bytes);
    OL_ASSERT(ol_buf_ok(&bytes)); /* method names are limited */
    uint64_t usage = ol_usage_of_data(params, 0, bytes.len);
    ol_buf_deinit(&bytes);
    return usage;
}

uint64_t ol_usage_of_code(const ol_state *state, const ol_account *account, ol_str id)
{
    ol_bytes code;
    switch (account->code) {
    case OL_CODE_NONE:
        return 0;
    case OL_CODE_LOCAL: {
        ol_state_key key = ol_state_key_of_account(OL_COLUMN_CODE, id);
        return ol_state_get(state, ol_state_key_bytes(&key), &code) ? code.len : 0;
    }
    case OL_CODE_GLOBAL_HASH:
        return sizeof account->code_hash.bytes;
    case OL_CODE_GLOBAL_ACCOUNT:
        return account->code_account.len;
    }
    OL_UNREACHABLE();
}
