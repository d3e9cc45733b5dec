/* Whatever a node answers is a result or a refusal of some kind; an outcome's logs are whole. */
#include "lib/base/buf.h"
#include "lib/near/rpc_chain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void outcome(const ol_json *value)
{
    ol_arena arena = ol_arena_new(OL_MIB(16));
    ol_buf all = ol_buf_new(OL_MIB(64));
    ol_tx_outcome it;
    if (ol_tx_outcome_decode(value, &arena, &it, NULL) == OL_OK) {
        OL_ASSERT(it.state != OL_TX_FAILED || it.failure_json.len > 0);
        ol_buf_add_str(&all, it.value_base64);
        for (size_t i = 0; i < it.logs; i++)
            ol_buf_add_str(&all, it.log[i]);
    }
    ol_buf_deinit(&all);
    ol_arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ol_rpc_answer answer;
    ol_err err = {0};
    ol_rc rc = ol_rpc_answer_read((ol_str){(const char *)data, size}, &answer, &err);
    OL_ASSERT((rc == OL_OK) == (answer.fault == OL_RPC_FINE));
    OL_ASSERT(rc == OL_OK || err.text[0] != '\0');
    OL_ASSERT(ol_rpc_fault_name(answer.fault) != NULL);
    if (rc == OL_OK)
        outcome(&answer.result);
    return 0;
}
