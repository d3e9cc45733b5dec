/* What is known of a network before anybody configures anything. */
#ifndef CLI_NETWORK_H
#define CLI_NETWORK_H

#include "lib/base/str.h"

typedef struct cli_network {
    const char *name;
    const char *api; /* NULL: none known */
    const char *rpc;
    const char *contract;
    const char *chain_id; /* what the node must say it is; NULL: anything */
} cli_network;

/* NULL when there is no network of that name. */
const cli_network *cli_network_find(ol_str name);

#endif
