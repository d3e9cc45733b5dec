/* A signed transaction that decodes encodes to the very bytes it came from: NEAR's Borsh has one
 * form for each value, and a transaction's hash depends on it. */
#include "lib/near/transaction.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ol_arena arena = ol_arena_new(OL_MIB(16));
    ol_buf again = ol_buf_new(OL_MIB(16));
    ol_signed_transaction it;
    if (ol_signed_transaction_decode((ol_bytes){data, size}, &arena, &it, NULL) == OL_OK) {
        ol_signed_transaction_encode(&it, &again);
        OL_ASSERT(ol_buf_ok(&again));
        OL_ASSERT(ol_bytes_eq(ol_buf_bytes(&again), (ol_bytes){data, size}));
        (void)ol_signed_transaction_verify(&it);
    }
    ol_buf_deinit(&again);
    ol_arena_deinit(&arena);
    return 0;
}
