/* What `outlayer dev` keeps in its state folder, and what other commands find there.
 *
 *   lock                     held while dev runs
 *   running.json             {"api","pid"} of the dev that runs
 *   tokens.json              credentials between the programs, and the seed; mode 0600
 *   keys.json                development payment keys with their secrets, mode 0600
 *   home/local/credentials.json   the first key, as the other commands read it
 *   home/local/accounts.json      keys of the chain's accounts
 *   chain.state              the chain, as it was when it ended
 *   chain.open               there while the chain runs: found at a start, it did not end well
 *   control.sock             where orders go (cli/dev_control.h)
 *   snapshots/NAME/          what the services knew then
 *   coordinator.db, wasm-cache/, worker-cache/, wasm/, projects.json */
#ifndef CLI_DEV_STATE_H
#define CLI_DEV_STATE_H

#include "cli/cli.h"
#include "lib/base/fd.h"
#include "lib/crypto/secret.h"

#define DEV_OWNER "dev.test.near"
#define DEV_STATE_STANDARD ".outlayer/dev"
#define DEV_SEED_STANDARD "dev"

enum {
    DEV_KEYS_MAX = 256,
    DEV_TOKEN_HEX_DIGITS = 64,
    DEV_KEY_MICRO_USD_STANDARD = 10000000, /* 10 USD */
};

typedef struct dev_key {
    uint32_t nonce;
    bool funded;   /* the coordinator knows it */
    ol_str secret; /* 64 hex digits */
    ol_str amount; /* decimal, 10^-6 USD */
} dev_key;

typedef struct dev_state {
    const cli *cli;
    ol_str folder; /* absolute */
    ol_fd lock;
    ol_str seed;         /* keys of accounts and payment keys follow from it: they are public */
    ol_str worker_token; /* the coordinator makes it; empty before that */
    ol_str admin_token;  /* 64 hex digits */
    dev_key key[DEV_KEYS_MAX];
    size_t keys;
} dev_state;

/* Where the dev that runs keeps its state: --state, OUTLAYER_STATE (of a command that dev started),
 * the standard one in the working folder, or the one the credentials name. */
ol_str dev_state_folder(const cli *it, const cli_args *args);

/* Makes the folder where it is missing, empties it with `reset`, takes the lock: OL_ERR_CONFLICT
 * when another dev holds it, or when the state was made with another seed than the one wished for
 * (empty: whatever it was made with). Creates admin token and first key where there are none. */
ol_rc dev_state_open(const cli *it, ol_str folder, bool reset, ol_str seed, dev_state *ret,
                     ol_err *err);
/* The chain ended otherwise than by being asked to: what the services know does not fit what it
 * begins with. Everything but keys and programs goes. */
ol_rc dev_state_forget_ledger(dev_state *state, ol_err *err);
/* For commands beside a running dev: no lock, nothing created. OL_ERR_NOT_FOUND with a hint when
 * none was ever started there. */
ol_rc dev_state_read(const cli *it, ol_str folder, dev_state *ret, ol_err *err);
void dev_state_deinit(dev_state *state);

/* Keeps the worker token the coordinator made. */
ol_rc dev_tokens_save(const dev_state *state, ol_err *err);

/* FOLDER/NAME, NUL-terminated, in the arena. */
ol_str dev_path(const dev_state *state, const char *name);

/* A new key whose secret follows from the seed, in memory; save it after the coordinator took it.
 * Its nonce is the next one that dev has not given out, and not below `nonce_min`. */
ol_rc dev_key_new(dev_state *state, ol_str amount, uint32_t nonce_min, dev_key **ret, ol_err *err);
ol_rc dev_keys_save(const dev_state *state, ol_err *err);
/* owner:nonce:secret. */
OL_MUST_USE bool dev_key_full(const dev_key *key, ol_secret *ret);

/* Tells others where API and chain are, and takes that back. */
ol_rc dev_running_put(const dev_state *state, ol_str api_url, ol_str rpc_url, ol_err *err);

/* The marker of a running chain. */
ol_rc dev_chain_mark(const dev_state *state, ol_err *err);
void dev_chain_unmark(const dev_state *state);
bool dev_chain_marked(const dev_state *state);
void dev_running_remove(const dev_state *state);
/* OL_ERR_UNAVAILABLE when no dev runs on this state. */
ol_rc dev_running_read(const dev_state *state, ol_str *ret_api, ol_err *err);

/* Credits the key at the coordinator, with our worker token; saves keys.json. */
ol_rc dev_key_fund(dev_state *state, dev_key *key, const cli_args *scopes, ol_str max_per_call,
                   cli_failure *failure);

#endif
