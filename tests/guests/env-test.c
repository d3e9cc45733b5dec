/* Host interfaces 13, `env-test`: {"env_vars":["PATH"]} → {"values":{"PATH":null}} (H4–H6). */
#include <outlayer.h>

int main(void)
{
    ol_buf storage = ol_buf_new(OL_KIB(64));
    ol_buf answer = ol_buf_new(OL_KIB(256));
    ol_arena arena = ol_arena_new(OL_KIB(64));
    ol_json input, names, item;
    if (ol_input_json(&storage, &input) != 0 || !ol_json_find(&input, OL_STR("env_vars"), &names) ||
        ol_json_kind_of(&names) != OL_JSON_ARRAY)
        return ol_fail_with(OL_STR("env_vars must be a list of names"));

    ol_json_writer w = ol_json_writer_over(&answer);
    ol_json_object_begin(&w);
    ol_json_key(&w, "values");
    ol_json_object_begin(&w);
    ol_json_iter it = ol_json_iterate(&names);
    while (ol_json_next_item(&it, &item)) {
        ol_str name, value;
        if (ol_json_text(&item, &arena, &name, NULL) != OL_OK)
            return ol_fail_with(OL_STR("env_vars must be a list of names"));
        ol_json_key_str(&w, name);
        if (ol_var(name, &value) == 0)
            ol_json_add_str(&w, value);
        else
            ol_json_add_null(&w);
    }
    ol_json_object_end(&w);
    ol_json_object_end(&w);
    return !ol_buf_ok(&answer) || ol_output(ol_buf_str(&answer)) != 0;
}
