/* {} or {"by":5} → {"count":6}: a number kept between runs, one for each account. Two runs at once
 * lose nothing: increment compares and swaps. */
#include <outlayer.h>

/* 1 where the input names no step; false for one that is no integer. */
static bool step_read(const ol_json *input, int64_t *ret)
{
    ol_json by;
    *ret = 1;
    return !ol_json_find(input, OL_STR("by"), &by) || ol_json_i64(&by, ret, NULL) == OL_OK;
}

int main(void)
{
    ol_buf storage = ol_buf_new(OL_KIB(64));
    ol_buf answer = ol_buf_new(OL_KIB(1));
    ol_json input;
    int64_t by;
    int64_t count;
    if (ol_input_json(&storage, &input) != 0)
        return ol_fail_with(ol_last_error());
    if (!step_read(&input, &by))
        return ol_fail_with(OL_STR("by must be an integer"));
    if (ol_storage_increment(OL_STR("count"), by, &count) != 0)
        return ol_fail_with(ol_last_error());
    ol_json_writer w = ol_json_writer_over(&answer);
    ol_json_object_begin(&w);
    ol_json_put_i64(&w, "count", count);
    ol_json_object_end(&w);
    return ol_output(ol_buf_str(&answer)) != 0;
}
