/* Rows as text and as JSON: says how many of its steps came out. */
#include <outlayer.h>

static bool is(ol_buf *value, ol_str want)
{
    bool same = ol_str_eq(ol_buf_str(value), want);
    ol_buf_deinit(value);
    return same;
}

static bool number_is(const ol_json *of, ol_str name, int64_t want)
{
    ol_json member;
    int64_t value;
    return ol_json_find(of, name, &member) && ol_json_i64(&member, &value, NULL) == OL_OK &&
           value == want;
}

static bool bad(ol_str key)
{
    const uint8_t bytes[] = {'{', 0xff};
    return ol_storage_set(key, (ol_bytes){bytes, sizeof bytes}) == 0;
}

int main(void)
{
    ol_buf value;
    ol_json json;
    unsigned right = 0, steps = 0;
#define STEP(condition) (steps++, right += (condition) ? 1 : 0)
    STEP(ol_storage_clear_all() == 0);
    STEP(ol_storage_get_str(OL_STR("greeting"), &value) == OL_ENOENT);
    STEP(ol_storage_set_str(OL_STR("greeting"), OL_STR("gr\xc3\xbc\xc3\x9f dich")) == 0);
    STEP(ol_storage_get_str(OL_STR("greeting"), &value) == 0 &&
         is(&value, OL_STR("gr\xc3\xbc\xc3\x9f dich")));
    STEP(ol_storage_set_str(OL_STR("greeting"), OL_STR("\xc3")) == OL_EINVAL);
    STEP(ol_storage_get_json(OL_STR("state"), &value, &json) == OL_ENOENT);
    STEP(ol_storage_set_json(OL_STR("state"), OL_STR("{\"round\":3}")) == 0);
    STEP(ol_storage_get_json(OL_STR("state"), &value, &json) == 0 &&
         number_is(&json, OL_STR("round"), 3) && is(&value, OL_STR("{\"round\":3}")));
    STEP(ol_storage_set_json(OL_STR("state"), OL_STR("{\"round\":")) == OL_EINVAL);
    STEP(ol_storage_get_json(OL_STR("greeting"), &value, &json) == OL_EINVAL);
    STEP(bad(OL_STR("bad")) && ol_storage_get_str(OL_STR("bad"), &value) == OL_EINVAL);
    STEP(ol_storage_get_json(OL_STR("bad"), &value, &json) == OL_EINVAL);
    ol_buf text = ol_buf_new(64);
    ol_buf_addf(&text, "\"%u of %u\"", right, steps);
    return ol_output(ol_buf_str(&text)) != 0;
}
