#include "sdk/src/host.h"

int32_t ol_input_json(ol_buf *storage, ol_json *ret)
{
    ol_err err = {0};
    int32_t problem = ol_input(storage);
    if (problem == OL_ELIMIT)
        return host_fail(problem, OL_STR("the input is longer than this program takes"));
    if (problem != 0)
        return host_fail(problem, OL_STR("the input cannot be read"));
    if (ol_json_parse(ol_buf_str(storage), ret, &err) != OL_OK)
        return host_fail(OL_EINVAL, ol_err_text(&err));
    return 0;
}
