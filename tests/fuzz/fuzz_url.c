/* A URL that parses holds a host we can judge, and following any Location keeps it so. */
#include "lib/net/addr_filter.h"
#include "lib/net/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ol_str text = {(const char *)data, size};
    ol_str head;
    ol_str location;
    ol_url url;
    if (!ol_str_cut(text, '\n', &head, &location)) {
        head = text;
        location = OL_STR("/");
    }
    if (ol_url_parse(head, &url, NULL) != OL_OK)
        return 0;
    OL_ASSERT(url.host.len > 0 && url.host.len <= OL_HOST_BYTES_MAX && url.port > 0);
    OL_ASSERT(url.target.len == 0 || url.target.data[0] == '/' || url.target.data[0] == '?');
    ol_addr address;
    if (ol_addr_parse(url.host, &address))
        (void)ol_addr_is_public(&address);
    ol_arena arena = ol_arena_new(OL_KIB(64));
    ol_url next;
    if (ol_url_follow(&url, location, &arena, &next, NULL) == OL_OK)
        OL_ASSERT(next.host.len > 0);
    ol_buf decoded = ol_buf_new(OL_KIB(16));
    ol_buf encoded = ol_buf_new(OL_KIB(64));
    if (ol_percent_decode(head, &decoded)) {
        ol_percent_encode(ol_buf_str(&decoded), &encoded);
        ol_buf_clear(&decoded);
        OL_ASSERT(!ol_buf_ok(&encoded) || ol_percent_decode(ol_buf_str(&encoded), &decoded));
    }
    ol_buf_deinit(&decoded);
    ol_buf_deinit(&encoded);
    ol_arena_deinit(&arena);
    return 0;
}
