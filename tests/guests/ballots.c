/* {"vote":"yes"}: a row of the caller's own, and one of 16 bytes that everybody reads. For tests of
 * what storage shows to whom. */
#include <outlayer.h>

int main(void)
{
    ol_buf storage = ol_buf_new(OL_KIB(1));
    uint8_t shown[16] = {0};
    ol_json input;
    ol_json side;
    if (ol_input_json(&storage, &input) != 0 || !ol_json_find(&input, OL_STR("vote"), &side))
        return ol_fail_with(OL_STR("a vote is wanted"));
    shown[ol_json_says(&side, OL_STR("no")) ? 8 : 0] = 1;
    if (ol_storage_set(OL_STR("ballot"), (ol_bytes){shown, 1}) != 0 ||
        ol_storage_set_worker(OL_STR("tally"), (ol_bytes){shown, sizeof shown},
                              OL_STORAGE_PUBLIC) != 0)
        return ol_fail_with(ol_last_error());
    return ol_output(OL_STR("{}")) != 0;
}
