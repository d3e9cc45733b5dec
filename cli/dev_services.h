/* How `outlayer dev` starts keystore, coordinator and worker: the programs of production, found
 * beside this one, told by their settings to keep to this machine and this folder. */
#ifndef CLI_DEV_SERVICES_H
#define CLI_DEV_SERVICES_H

#include "cli/dev_child.h"
#include "cli/dev_state.h"

typedef struct dev_services {
    dev_state *state;
    const char *coordinator; /* paths */
    const char *worker;
    const char *keystore;
    uint16_t port; /* of the API */
    uint16_t keystore_port;
    ol_str keystore_token; /* of worker and coordinator there, drawn anew on every start */
    ol_str keystore_coordinator_token;
    ol_str rpc;          /* the chain's node; empty: none */
    ol_str operator_key; /* private, of the operator's account; with a chain */
    uint64_t slots;
    bool loopback; /* guests may reach this machine */
} dev_services;

ol_rc dev_services_find(const cli *it, dev_state *state, dev_services *ret, ol_err *err);

/* A token of the worker, made by the coordinator's own command, where the state has none yet. */
ol_rc dev_token_ensure(const dev_services *services, ol_err *err);

/* The master follows from the seed: it is public, as every key of dev. */
ol_rc dev_keystore_start(dev_services *services, dev_child *ret, ol_err *err);
/* Who vouches for its keys, hex: what `secrets` and `keys` believe. */
ol_str dev_keystore_attestor(const dev_services *services);
ol_rc dev_coordinator_start(const dev_services *services, dev_child *ret, ol_err *err);
/* `private_port`: of the coordinator, for hidden logs. */
ol_rc dev_worker_start(const dev_services *services, ol_str private_port, dev_child *ret,
                       ol_err *err);

#endif
