/* Ids of receipts, actions and data (NEAR 4.4). */
#include "emulator/receipt.h"

ol_sha256 ol_id_of(const ol_sha256 *base, uint64_t height, uint64_t salt)
{
    uint8_t storage[OL_SHA256_BYTES + 8 + 8];
    ol_buf bytes = ol_buf_over(storage, sizeof storage);

    ol_borsh_add_fixed(&bytes, ol_sha256_bytes(base));
    ol_borsh_add_u64(&bytes, height);
    ol_borsh_add_u64(&bytes, salt);
    return ol_sha256_of(ol_buf_bytes(&bytes));
}

ol_sha256 ol_action_hash(const ol_sha256 *receipt_id, uint64_t height, uint64_t action_index)
{
    return ol_id_of(receipt_id, height, UINT64_MAX - action_index);
}
