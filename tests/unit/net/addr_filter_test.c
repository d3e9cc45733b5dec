#include "lib/net/addr_filter.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "lib/net/resolve.h"
#include "tests/harness/test.h"

typedef struct addr_case {
    const char *text;
    bool public;
} addr_case;

TEST("H18, H19: every range that is not public is blocked, in every form it can be written")
{
    /* First and last of each range of Host interfaces 5, and their public neighbours. */
    static const addr_case cases[] = {
        {"0.0.0.0", false},
        {"0.255.255.255", false},
        {"1.0.0.0", true},
        {"9.255.255.255", true},
        {"10.0.0.0", false},
        {"10.255.255.255", false},
        {"11.0.0.0", true},
        {"100.63.255.255", true},
        {"100.64.0.0", false},
        {"100.127.255.255", false},
        {"100.128.0.0", true},
        {"126.255.255.255", true},
        {"127.0.0.1", false},
        {"127.255.255.255", false},
        {"128.0.0.0", true},
        {"169.253.255.255", true},
        {"169.254.0.0", false},
        {"169.254.169.254", false},
        {"169.255.0.0", true},
        {"172.15.255.255", true},
        {"172.16.0.0", false},
        {"172.31.255.255", false},
        {"172.32.0.0", true},
        {"191.255.255.255", true},
        {"192.0.0.0", false},
        {"192.0.0.255", false},
        {"192.0.1.0", true},
        {"192.0.2.1", false},
        {"192.0.3.0", true},
        {"192.88.98.255", true},
        {"192.88.99.1", false},
        {"192.88.100.0", true},
        {"192.167.255.255", true},
        {"192.168.0.0", false},
        {"192.168.255.255", false},
        {"192.169.0.0", true},
        {"198.17.255.255", true},
        {"198.18.0.0", false},
        {"198.19.255.255", false},
        {"198.20.0.0", true},
        {"198.51.99.255", true},
        {"198.51.100.0", false},
        {"198.51.101.0", true},
        {"203.0.112.255", true},
        {"203.0.113.7", false},
        {"203.0.114.0", true},
        {"223.255.255.255", true},
        {"224.0.0.1", false},
        {"239.255.255.255", false},
        {"240.0.0.0", false},
        {"255.255.255.255", false},
        {"8.8.8.8", true},
        {"::", false},
        {"::1", false},
        {"fc00::", false},
        {"fdff::1", false},
        {"fbff::1", true},
        {"fe80::1", false},
        {"febf::1", false},
        {"ff02::1", false},
        {"64:ff9b::808:808", false},
        {"2001:db8::1", false},
        {"2001:db7::1", true},
        {"2606:4700::1111", true},
        {"::ffff:10.0.0.1", false},
        {"::ffff:8.8.8.8", true},
        {"::10.0.0.1", false},
        {"::8.8.8.8", true},
        {"::ffff:0:127.0.0.1", false},
        {"2002:a00:1::1", false},
        {"2002:808:808::1", true},
        {"2002:7f00:1::", false},
        {"2001:0:808:808::f7f7:f7f7", true},  /* Teredo: client 8.8.8.8, inverted */
        {"2001:0:a00:1::f7f7:f7f7", false},   /* server 10.0.0.1 */
        {"2001:0:808:808::80ff:fffe", false}, /* client 127.0.0.1 */
    };
    OL_EACH (c, cases) {
        ol_addr address;
        CHECK_ROW(ol_addr_parse(ol_str_of(c->text), &address), c->text);
        CHECK_EQ_ROW(ol_addr_is_public(&address), c->public, c->text);
        struct sockaddr_storage socket_form;
        (void)ol_addr_to_socket(&address, 80, &socket_form);
        CHECK_EQ_ROW(ol_addr_public((const struct sockaddr *)&socket_form), c->public, c->text);
    }
}

TEST("an address is written one way: octal, hex, short and decimal forms are names")
{
    static const char *const names[] = {"0x7f.0.0.1", "127.1", "2130706433", "0177.0.0.1", "1.2.3",
                                        "1.2.3.4.5",  "",      "::1%lo",     "[::1]",      "a.com"};
    OL_EACH (name, names) {
        ol_addr address;
        CHECK_ROW(!ol_addr_parse(ol_str_of(*name), &address), *name);
    }
}

TEST("H20: a name with one address inside is blocked whole")
{
    ol_addresses found = {.count = 2};
    CHECK(ol_addr_parse(OL_STR("1.1.1.1"), &found.addr[0]));
    CHECK(ol_addr_parse(OL_STR("127.0.0.1"), &found.addr[1]));
    CHECK(!ol_addresses_allowed(&found, ol_addr_is_public));
    found.count = 1;
    CHECK(ol_addresses_allowed(&found, ol_addr_is_public));
    found.count = 0;
    CHECK(!ol_addresses_allowed(&found, ol_addr_is_public));
}

TEST("the resolver's reading of odd literals is judged too")
{
    static const char *const odd[] = {"127.1", "2130706433", "0x7f.0.0.1", "localhost"};
    OL_EACH (name, odd) {
        ol_addresses found;
        ol_err err = {0};
        if (ol_resolve_system(NULL, ol_str_of(*name), &found, &err) == OL_OK)
            CHECK_ROW(!ol_addresses_allowed(&found, ol_addr_is_public), *name);
    }
}
