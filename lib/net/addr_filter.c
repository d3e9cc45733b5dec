#include "lib/net/addr_filter.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "lib/base/assert.h"

typedef struct range {
    uint8_t address[16];
    unsigned bits;
} range;

/* Host interfaces 5. */
static const range BLOCKED_IPV4[] = {
    {{0}, 8},
    {{10}, 8},
    {{100, 64}, 10},
    {{127}, 8},
    {{169, 254}, 16},
    {{172, 16}, 12},
    {{192, 0, 0}, 24},
    {{192, 0, 2}, 24},
    {{192, 88, 99}, 24},
    {{192, 168}, 16},
    {{198, 18}, 15},
    {{198, 51, 100}, 24},
    {{203, 0, 113}, 24},
    {{224}, 4},
    {{240}, 4},
};

static const range BLOCKED_IPV6[] = {
    {{0}, 128},                                              /* :: */
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128}, /* ::1 */
    {{0xFC}, 7},                                             /* unique local */
    {{0xFE, 0x80}, 10},                                      /* link local */
    {{0xFE, 0xC0}, 10},                                      /* site local, deprecated */
    {{0xFF}, 8},                                             /* multicast */
    {{0x00, 0x64, 0xFF, 0x9B}, 96},                          /* NAT64 */
    {{0x00, 0x64, 0xFF, 0x9B, 0x00, 0x01}, 48},              /* NAT64, local use */
    {{0x20, 0x01, 0x0D, 0xB8}, 32},                          /* documentation */
};

/* Where an IPv6 address of this prefix holds an IPv4 address. */
typedef struct embedding {
    range in;
    size_t at;
    bool inverted; /* Teredo writes the client's address with every bit turned */
} embedding;

static const embedding EMBEDDINGS[] = {
    {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, 96}, 12, false}, /* mapped */
    {{{0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0}, 96}, 12, false}, /* translated */
    {{{0}, 96}, 12, false},                                        /* compatible */
    {{{0x20, 0x02}, 16}, 2, false},                                /* 6to4 */
    {{{0x20, 0x01, 0x00, 0x00}, 32}, 4, false},                    /* Teredo: server */
    {{{0x20, 0x01, 0x00, 0x00}, 32}, 12, true},                    /* Teredo: client */
};

static bool within(const uint8_t *address, const range *r)
{
    size_t whole = r->bits / 8;
    unsigned rest = r->bits % 8;
    if (memcmp(address, r->address, whole) != 0)
        return false;
    if (rest == 0)
        return true;
    uint8_t mask = (uint8_t)(0xFF << (8 - rest));
    return (address[whole] & mask) == (r->address[whole] & mask);
}

bool ol_ipv4_public(const uint8_t address[static 4])
{
    OL_EACH (row, BLOCKED_IPV4) {
        if (within(address, row))
            return false;
    }
    return true;
}

bool ol_ipv6_public(const uint8_t address[static 16])
{
    OL_EACH (row, BLOCKED_IPV6) {
        if (within(address, row))
            return false;
    }
    OL_EACH (row, EMBEDDINGS) {
        if (!within(address, &row->in))
            continue;
        uint8_t inner[4];
        for (size_t i = 0; i < 4; i++)
            inner[i] = row->inverted ? (uint8_t)~address[row->at + i] : address[row->at + i];
        if (!ol_ipv4_public(inner))
            return false;
    }
    return true;
}

bool ol_addr_of_socket(const struct sockaddr *from, ol_addr *ret)
{
    ol_addr address = {0};
    if (from->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, from, sizeof in);
        memcpy(address.bytes, &in.sin_addr, 4);
    } else if (from->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, from, sizeof in);
        memcpy(address.bytes, &in.sin6_addr, 16);
        address.ipv6 = true;
    } else {
        return false;
    }
    *ret = address;
    return true;
}

socklen_t ol_addr_to_socket(const ol_addr *address, uint16_t port, struct sockaddr_storage *ret)
{
    memset(ret, 0, sizeof *ret);
    if (address->ipv6) {
        struct sockaddr_in6 in = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
        memcpy(&in.sin6_addr, address->bytes, 16);
        memcpy(ret, &in, sizeof in);
        return sizeof in;
    }
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
    memcpy(&in.sin_addr, address->bytes, 4);
    memcpy(ret, &in, sizeof in);
    return sizeof in;
}

bool ol_addr_public(const struct sockaddr *address)
{
    ol_addr plain;
    return ol_addr_of_socket(address, &plain) && ol_addr_is_public(&plain);
}

bool ol_addr_is_public(const ol_addr *address)
{
    return address->ipv6 ? ol_ipv6_public(address->bytes) : ol_ipv4_public(address->bytes);
}

bool ol_addr_parse(ol_str text, ol_addr *ret)
{
    char plain[OL_ADDR_TEXT_BYTES];
    ol_addr address = {0};
    if (text.len == 0 || text.len >= sizeof plain || memchr(text.data, '\0', text.len) != NULL)
        return false;
    memcpy(plain, text.data, text.len);
    plain[text.len] = '\0';
    address.ipv6 = memchr(plain, ':', text.len) != NULL;
    if (inet_pton(address.ipv6 ? AF_INET6 : AF_INET, plain, address.bytes) != 1)
        return false;
    *ret = address;
    return true;
}

void ol_addr_format(const ol_addr *address, char text[OL_ADDR_TEXT_BYTES])
{
    const char *done =
        inet_ntop(address->ipv6 ? AF_INET6 : AF_INET, address->bytes, text, OL_ADDR_TEXT_BYTES);
    OL_ASSERT(done == text);
}
