/* Which addresses a guest, or a URL somebody else chose, may reach (Host interfaces 5): public ones
 * alone. An IPv6 address that holds an IPv4 one is judged by what it holds as well. */
#ifndef OL_NET_ADDR_FILTER_H
#define OL_NET_ADDR_FILTER_H

#include <sys/socket.h>

#include "lib/base/str.h"

bool ol_ipv4_public(const uint8_t address[static 4]);
bool ol_ipv6_public(const uint8_t address[static 16]);

/* false for any family but IPv4 and IPv6 too. */
bool ol_addr_public(const struct sockaddr *address);

enum { OL_ADDR_TEXT_BYTES = 46 };

/* A literal address, as hosts of URLs write it: dotted decimal, or IPv6 without brackets. */
typedef struct ol_addr {
    bool ipv6;
    uint8_t bytes[16]; /* 4 of them for IPv4 */
} ol_addr;

bool ol_addr_parse(ol_str text, ol_addr *ret);
bool ol_addr_is_public(const ol_addr *address);
/* From and to a socket address. */
bool ol_addr_of_socket(const struct sockaddr *from, ol_addr *ret);
socklen_t ol_addr_to_socket(const ol_addr *address, uint16_t port, struct sockaddr_storage *ret);

void ol_addr_format(const ol_addr *address, char text[OL_ADDR_TEXT_BYTES]);

#endif
