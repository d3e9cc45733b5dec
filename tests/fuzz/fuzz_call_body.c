/* The body of POST /call: what is accepted has an input that prints to itself, for clients hash
 * those bytes again. */
#include "lib/codec/json_print.h"
#include "services/coordinator/call_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ol_arena arena = ol_arena_new(OL_MIB(4));
    call_body body;
    ol_err err;
    if (call_body_decode((ol_str){(const char *)data, size}, &arena, &body, &err) == OL_OK) {
        ol_json again;
        ol_buf printed = ol_buf_new(OL_MIB(64));
        OL_ASSERT(ol_json_parse(ol_buf_str(&body.input), &again, &err) == OL_OK);
        OL_ASSERT(ol_json_print(&again, OL_JSON_KEYS_AS_GIVEN, &printed, &err) == OL_OK);
        OL_ASSERT(ol_str_eq(ol_buf_str(&printed), ol_buf_str(&body.input)));
        ol_buf_deinit(&printed);
        call_body_deinit(&body);
    }
    ol_arena_deinit(&arena);
    return 0;
}
