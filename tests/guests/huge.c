/* Calls of each shape with more bytes than a call takes, then one that is served. Prints what each
 * gave: code and words. */
#include <outlayer.h>

#include <stdlib.h>

enum { HUGE_BYTES = 21 * 1024 * 1024 };

static ol_buf out;

static void say(int32_t rc)
{
    ol_buf_addf(&out, "%d %.*s\n", (int)rc, OL_FMT(rc == 0 ? OL_STR("") : ol_last_error()));
}

int main(void)
{
    ol_http_response response;
    ol_vrf_result vrf;
    ol_buf value;
    bool swapped;
    uint8_t *block = calloc(1, HUGE_BYTES);
    if (block == NULL)
        return 1;
    const ol_bytes bytes = {block, HUGE_BYTES};
    const ol_str text = ol_bytes_str(bytes);
    out = ol_buf_new(OL_KIB(4));
    say(ol_storage_set(OL_STR("k"), bytes));
    say(ol_storage_set_if_equals(OL_STR("k"), bytes, bytes, &swapped, NULL));
    say(ol_storage_get(text, &value));
    ol_buf_addf(&out, "%d\n", ol_storage_has(text));
    say(ol_rpc_raw(OL_STR("m"), text, &value));
    say(ol_vrf_generate(text, &vrf));
    say(ol_http_send(&(ol_http_request){.method = OL_STR("PUT"), .body = bytes}, &response));
    ol_buf_addf(&out, "%d\n", ol_storage_has(OL_STR("k")));
    return ol_output(ol_buf_str(&out)) != 0;
}
