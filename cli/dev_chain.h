/* The chain of `outlayer dev`: outlayer-localnet, the contracts on it, its accounts, and the
 * programs of the folder as projects. */
#ifndef CLI_DEV_CHAIN_H
#define CLI_DEV_CHAIN_H

#include "cli/chain.h"
#include "cli/dev_child.h"
#include "cli/dev_projects.h"

#define DEV_CONTRACT "outlayer.test.near"
#define DEV_TOKEN "usdc.test.near"
#define DEV_OPERATOR "operator.test.near"

enum { DEV_PEOPLE = 4 };

typedef struct dev_chain {
    const dev_state *state;
    const char *program; /* path; NULL with --no-chain */
    uint16_t port;
    uint64_t block_ms;
    uint64_t finality_lag;
    ol_str clock;   /* real, or steps: the same times at every start */
    ol_str sdk;     /* folder of the contracts */
    bool was_reset; /* it began anew */
} dev_chain;

/* Somebody on the local chain, as the screen shows it. */
typedef struct dev_person {
    const char *account_id;
    ol_str near;        /* whole NEAR */
    ol_str usdc;        /* whole USDC */
    ol_str private_key; /* follows from the seed: public */
} dev_person;

extern const char *const DEV_PEOPLE_IDS[DEV_PEOPLE];

ol_rc dev_chain_start(const cli *it, const dev_chain *chain, dev_child *ret, ol_err *err);

/* Contracts deployed and initialised, token balances, the operator's key; nothing where a kept
 * state has them. A contract that was built anew is put in place of the one before. */
ol_rc dev_chain_set_up(const cli *it, dev_chain *chain, ol_err *err);

/* The projects of the list as projects of dev.test.near, their bytes in the coordinator, and their
 * uuids in the list. */
ol_rc dev_chain_publish(const cli *it, const dev_chain *chain, dev_projects *projects, ol_err *err);
/* One that the folder no longer has. */
ol_rc dev_chain_withdraw(const cli *it, const dev_chain *chain, const char *name, ol_err *err);

/* Keys of everybody on the chain, for the files of `home`. */
ol_rc dev_chain_keys_save(const cli *it, const dev_chain *chain, const char *home, ol_err *err);

/* Somebody's balances now. */
void dev_chain_person(const cli *it, const dev_chain *chain, const char *account_id,
                      dev_person *ret);

/* POST /dev/PATH of the chain's control; *ret_height is where the chain stands then. */
ol_rc dev_chain_control(const cli *it, const char *path, const ol_buf *body, uint64_t *ret_height,
                        ol_err *err);

/* The worker's key: it may deliver, and nothing else. */
ol_str dev_chain_operator_key(const cli *it, const dev_chain *chain);

#endif
