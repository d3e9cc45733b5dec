/* What is taken has one canonical form: printing it again changes nothing. */
#include "contracts/outlayer/access_condition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ol_json value;
    access_fault fault;
    ol_buf first = ol_buf_new(OL_MIB(1));
    ol_buf second = ol_buf_new(OL_MIB(1));
    ol_json_writer w = ol_json_writer_over(&first);
    if (ol_json_parse((ol_str){(const char *)data, size}, &value, NULL) == OL_OK &&
        access_condition_write(&value, &w, &fault) && ol_buf_ok(&first)) {
        ol_rc again = ol_json_parse(ol_buf_str(&first), &value, NULL);
        OL_ASSERT(again == OL_OK);
        w = ol_json_writer_over(&second);
        bool taken = access_condition_write(&value, &w, &fault);
        OL_ASSERT(taken && ol_str_eq(ol_buf_str(&first), ol_buf_str(&second)));
    }
    ol_buf_deinit(&first);
    ol_buf_deinit(&second);
    return 0;
}
