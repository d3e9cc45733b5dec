/* What the command line of outlayer-localnet sets. Read once, then const. */
#ifndef LOCALNET_OPTIONS_H
#define LOCALNET_OPTIONS_H

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/money.h"

enum {
    OPTIONS_ACCOUNTS_MAX = 256,
    OPTIONS_FINALITY_LAG_MAX = 20,
    OPTIONS_WAIT_MS = 10000, /* NEAR 3: the node's polling timeout */
};

/* When the chain makes a block by itself. */
typedef enum produce_mode {
    PRODUCE_DEMAND,   /* as soon as there is work; an empty one after --block-ms of rest */
    PRODUCE_INTERVAL, /* every --block-ms, and then only */
    PRODUCE_MANUAL,   /* never: /dev/mine alone */
} produce_mode;

typedef struct genesis_account {
    ol_str account_id;
    ol_yocto balance;
    ol_str public_key; /* empty: the key that follows from the seed */
} genesis_account;

typedef struct localnet_options {
    ol_str host;
    uint16_t port; /* 0: a free one */
    ol_str seed;
    ol_str chain_id;
    ol_str state_file; /* empty: memory only */
    ol_str cache_dir;  /* of compiled contracts; empty: the program's standard */
    produce_mode produce;
    uint64_t block_ms; /* 0: no empty blocks by the clock */
    uint64_t finality_lag;
    uint64_t wait_ms;
    uint64_t protocol_version;
    uint64_t genesis_ms; /* wall clock of the genesis block; 0: now, or the node's standard */
    bool steps;          /* time passes by blocks alone: the same calls give the same chain */
    ol_level log_level;
    genesis_account account[OPTIONS_ACCOUNTS_MAX];
    size_t accounts;
    bool help;
    bool version;
} localnet_options;

/* Texts are slices of argv. OL_ERR_USAGE names the first fault. */
ol_rc options_parse(int argc, char *const *argv, localnet_options *ret, ol_err *err);
void options_print(void); /* --help */

#endif
