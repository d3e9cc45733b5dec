/* Receipts as they wait in a state, and in a saved chain: what decodes encodes to the same bytes.
 */
#include "emulator/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ol_arena arena = ol_arena_new(OL_MIB(16));
    ol_buf again = ol_buf_new(OL_MIB(16));
    ol_receipt it;
    if (ol_receipt_decode((ol_bytes){data, size}, &arena, &it, NULL) == OL_OK) {
        ol_receipt_encode(&it, &again);
        OL_ASSERT(ol_buf_ok(&again));
        OL_ASSERT(ol_bytes_eq(ol_buf_bytes(&again), (ol_bytes){data, size}));
    }
    ol_buf_deinit(&again);
    ol_arena_deinit(&arena);
    return 0;
}
