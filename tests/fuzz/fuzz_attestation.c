/* The body of POST /attestations: what is accepted keeps its rules and prints as JSON again. */
#include "services/coordinator/domain_state.h"
#include "services/coordinator/proofs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    domain d = {.settings.clock = ol_clock_real()};
    ol_arena arena = ol_arena_new(OL_MIB(4));
    ol_buf json = ol_buf_new(OL_MIB(4));
    ol_json_writer writer = ol_json_writer_over(&json);
    attestation it;
    if (attestation_decode(&d, (ol_str){(const char *)data, size}, &arena, &it, NULL) == OL_OK) {
        OL_ASSERT(it.worker_measurement.len == 2 * (size_t)QUOTE_MEASUREMENT_BYTES);
        OL_ASSERT(it.task_id < 0 || it.output_hash.len == OL_SHA256_HEX_DIGITS);
        OL_ASSERT(it.task_id < 0 || it.kind != ATTEST_EXECUTE ||
                  it.input_hash.len == OL_SHA256_HEX_DIGITS);
        attestation_encode(&it, &writer);
        OL_ASSERT(!ol_buf_ok(&json) || ol_json_valid(ol_buf_str(&json)));
    }
    ol_buf_deinit(&json);
    ol_arena_deinit(&arena);
    return 0;
}
