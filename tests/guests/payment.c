/* {"refunds":[101,40,1],"fail":false} → {"errors":["…","","…"]}; with fail it exits 1 afterwards
 * (H42, H43). */
#include <outlayer.h>

int main(void)
{
    ol_buf storage = ol_buf_new(OL_KIB(64));
    ol_buf answer = ol_buf_new(OL_KIB(64));
    ol_json input, refunds, fail, item;
    bool failing = false;
    if (ol_input_json(&storage, &input) != 0 ||
        !ol_json_find(&input, OL_STR("refunds"), &refunds) ||
        ol_json_kind_of(&refunds) != OL_JSON_ARRAY)
        return ol_fail_with(OL_STR("refunds must be a list of amounts"));
    if (ol_json_find(&input, OL_STR("fail"), &fail))
        (void)ol_json_bool(&fail, &failing, NULL);

    ol_json_writer w = ol_json_writer_over(&answer);
    ol_json_object_begin(&w);
    ol_json_key(&w, "errors");
    ol_json_array_begin(&w);
    for (ol_json_iter it = ol_json_iterate(&refunds); ol_json_next_item(&it, &item);) {
        uint64_t amount = 0;
        (void)ol_json_u64(&item, &amount, NULL);
        ol_json_add_str(&w, ol_refund_usd(amount) == 0 ? OL_STR("") : ol_last_error());
    }
    ol_json_array_end(&w);
    ol_json_object_end(&w);
    if (ol_output(ol_buf_str(&answer)) != 0)
        return 2;
    return failing ? ol_fail_with(OL_STR("as asked")) : 0;
}
