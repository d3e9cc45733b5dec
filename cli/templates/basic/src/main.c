/* {"name":"world"} → {"greeting":"hello","to":"world"} */
#include <outlayer.h>

int main(void)
{
    ol_buf storage = ol_buf_new(OL_KIB(64));
    ol_json input, name;
    if (ol_input_json(&storage, &input) != 0)
        return ol_fail_with(ol_last_error());
    if (!ol_json_find(&input, OL_STR("name"), &name) || ol_json_kind_of(&name) != OL_JSON_STRING)
        return ol_fail_with(OL_STR("name must be a text"));

    ol_buf answer = ol_buf_new(OL_KIB(128));
    ol_json_writer w = ol_json_writer_over(&answer);
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "greeting", "hello");
    ol_json_put_raw(&w, "to", name.raw);
    ol_json_object_end(&w);
    return ol_output(ol_buf_str(&answer)) != 0;
}
