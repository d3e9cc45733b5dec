#include "lib/codec/utf8.h"
#include "sdk/src/host.h"

int32_t ol_storage_set_str(ol_str key, ol_str value)
{
    if (!ol_utf8_valid(value))
        return host_fail(OL_EINVAL, OL_STR("the value is not UTF-8"));
    return ol_storage_set(key, ol_str_bytes(value));
}

int32_t ol_storage_get_str(ol_str key, ol_buf *ret)
{
    ol_buf value;
    int32_t problem = ol_storage_get(key, &value);
    if (problem != 0)
        return problem;
    if (!ol_utf8_valid(ol_buf_str(&value))) {
        ol_buf_deinit(&value);
        return host_fail(OL_EINVAL, OL_STR("the row is not UTF-8"));
    }
    *ret = value;
    return 0;
}

int32_t ol_storage_set_json(ol_str key, ol_str text)
{
    ol_json value;
    ol_err err = {0};
    if (ol_json_parse(text, &value, &err) != OL_OK)
        return host_fail(OL_EINVAL, ol_err_text(&err));
    return ol_storage_set(key, ol_str_bytes(text));
}

int32_t ol_storage_get_json(ol_str key, ol_buf *storage, ol_json *ret)
{
    ol_err err = {0};
    ol_buf value;
    int32_t problem = ol_storage_get(key, &value);
    if (problem != 0)
        return problem;
    if (ol_json_parse(ol_buf_str(&value), ret, &err) != OL_OK) {
        ol_buf_deinit(&value);
        return host_fail(OL_EINVAL, ol_err_text(&err));
    }
    *storage = value;
    return 0;
}
