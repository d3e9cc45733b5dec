#include "cli/network.h"

#include "lib/base/assert.h"

static const cli_network NETWORKS[] = {
    {"local", "http://127.0.0.1:8080", "http://127.0.0.1:3030", "outlayer.test.near", NULL},
    {"testnet", NULL, "https://rpc.testnet.fastnear.com", "outlayer.testnet", "testnet"},
    {"mainnet", NULL, "https://rpc.mainnet.fastnear.com", "outlayer.near", "mainnet"},
};

const cli_network *cli_network_find(ol_str name)
{
    OL_EACH (network, NETWORKS) {
        if (ol_str_eq(ol_str_of(network->name), name))
            return network;
    }
    return NULL;
}
