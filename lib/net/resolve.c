#include "lib/net/resolve.h"

#include <netdb.h>
#include <string.h>

#include "lib/net/url.h"

static ol_rc take_addresses(const struct addrinfo *list, ol_addresses *ret, ol_err *err)
{
    ol_addresses found = {0};
    for (const struct addrinfo *one = list; one != NULL; one = one->ai_next) {
        ol_addr address;
        if (!ol_addr_of_socket(one->ai_addr, &address))
            continue;
        if (found.count == OL_ADDRESSES_MAX)
            return ol_fail(err, OL_ERR_NETWORK, "more than %d addresses", OL_ADDRESSES_MAX);
        found.addr[found.count++] = address;
    }
    if (found.count == 0)
        return ol_fail(err, OL_ERR_NETWORK, "no addresses");
    *ret = found;
    return OL_OK;
}

ol_rc ol_resolve_system(void *context, ol_str host, ol_addresses *ret, ol_err *err)
{
    (void)context;
    char name[OL_HOST_BYTES_MAX + 2];
    ol_addr literal;
    if (ol_addr_parse(host, &literal)) {
        *ret = (ol_addresses){.count = 1, .addr = {literal}};
        return OL_OK;
    }
    if (host.len == 0 || host.len >= sizeof name)
        return ol_fail(err, OL_ERR_NETWORK, "name too long");
    memcpy(name, host.data, host.len);
    name[host.len] = '\0';
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *list = NULL;
    int rc = getaddrinfo(name, NULL, &hints, &list);
    if (rc != 0)
        return ol_fail(err, OL_ERR_NETWORK, "%s", gai_strerror(rc));
    ol_rc taken = take_addresses(list, ret, err);
    freeaddrinfo(list);
    return taken;
}

bool ol_addresses_allowed(const ol_addresses *addresses, ol_addr_allow_fn *allow)
{
    for (size_t i = 0; i < addresses->count; i++) {
        if (!allow(&addresses->addr[i]))
            return false;
    }
    return addresses->count > 0;
}
