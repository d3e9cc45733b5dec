/* A block that parses has texts that lie in the document or in the arena, only of our contract. */
#include "lib/base/buf.h"
#include "lib/near/chain_block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ol_arena arena = ol_arena_new(OL_MIB(16));
    ol_chain_block block;
    ol_err err = {0};
    if (ol_chain_block_parse((ol_str){(const char *)data, size}, OL_STR("outlayer.near"), &arena,
                             &block, &err) == OL_OK) {
        ol_buf all = ol_buf_new(OL_MIB(64));
        ol_buf_add_str(&all, block.hash);
        ol_buf_add_str(&all, block.prev_hash);
        for (size_t i = 0; i < block.outcomes; i++) {
            const ol_chain_outcome *one = &block.outcome[i];
            OL_ASSERT(ol_str_eq(one->receiver_id, OL_STR("outlayer.near")) && one->logs > 0);
            ol_buf_add_str(&all, one->receipt_id);
            ol_buf_add_str(&all, one->transaction_hash);
            ol_buf_add_str(&all, one->signer_public_key);
            for (size_t k = 0; k < one->logs; k++)
                ol_buf_add_str(&all, one->log[k]);
        }
        ol_buf_deinit(&all);
    } else {
        OL_ASSERT(err.text[0] != '\0');
    }
    ol_arena_deinit(&arena);
    return 0;
}
