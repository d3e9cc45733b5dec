/* Whatever holds an IPv4 address is never more public than that address. */
#include <string.h>

#include "lib/base/assert.h"
#include "lib/net/addr_filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ol_addr address;
    if (ol_addr_parse((ol_str){(const char *)data, size}, &address)) {
        char text[OL_ADDR_TEXT_BYTES];
        ol_addr again;
        ol_addr_format(&address, text);
        OL_ASSERT(ol_addr_parse(ol_str_of(text), &again));
        OL_ASSERT(ol_addr_is_public(&address) == ol_addr_is_public(&again));
    }
    if (size >= 4) {
        uint8_t mapped[16] = {[10] = 0xFF, [11] = 0xFF};
        uint8_t sixtofour[16] = {0x20, 0x02};
        memcpy(mapped + 12, data, 4);
        memcpy(sixtofour + 2, data, 4);
        OL_ASSERT(ol_ipv6_public(mapped) == ol_ipv4_public(data));
        OL_ASSERT(!ol_ipv6_public(sixtofour) || ol_ipv4_public(data));
    }
    return 0;
}
