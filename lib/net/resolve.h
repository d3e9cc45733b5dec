/* Names to addresses, as a parameter: programs pass the system's resolver, tests one of their own.
 */
#ifndef OL_NET_RESOLVE_H
#define OL_NET_RESOLVE_H

#include "lib/base/err.h"
#include "lib/net/addr_filter.h"

enum { OL_ADDRESSES_MAX = 16 };

typedef struct ol_addresses {
    size_t count;
    ol_addr addr[OL_ADDRESSES_MAX];
} ol_addresses;

/* OL_ERR_NETWORK with the resolver's reason as text. `host` is a name or a literal address. More
 * addresses than OL_ADDRESSES_MAX are refused rather than cut, so that none goes unjudged. */
typedef ol_rc ol_resolve_fn(void *context, ol_str host, ol_addresses *ret, ol_err *err);

ol_rc ol_resolve_system(void *context, ol_str host, ol_addresses *ret, ol_err *err);

/* May this address be reached? */
typedef bool ol_addr_allow_fn(const ol_addr *address);

/* Every one of them allowed, and at least one there. */
bool ol_addresses_allowed(const ol_addresses *addresses, ol_addr_allow_fn *allow);

#endif
