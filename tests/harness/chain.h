/* A local NEAR network as a real process (outlayer-localnet), for end-to-end tests and benchmarks:
 * accounts whose keys follow from a seed, transactions, outcomes, views, control of time and
 * faults. One thread. A step that must work ends the program with its words when it does not. */
#ifndef OL_TESTS_HARNESS_CHAIN_H
#define OL_TESTS_HARNESS_CHAIN_H

#include <sys/types.h>

#include "lib/near/rpc_chain.h"
#include "lib/near/transaction.h"
#include "tests/harness/wire_client.h"

enum { CHAIN_SIGNERS_MAX = 64, CHAIN_WAIT_MS = 60000, CHAIN_ARGUMENTS_MAX = 16 };

#define CHAIN_SEED "tests"
#define CHAIN_OUTLAYER "outlayer.test.near"
#define CHAIN_OPERATOR "operator.test.near"

typedef struct chain_signer {
    char account[65];
    uint64_t next_nonce;
} chain_signer;

typedef struct chain {
    uint16_t port;
    pid_t pid;   /* 0: not running */
    bool manual; /* blocks are made by chain_end and chain_control alone */
    char log[512];
    wire_client wire;
    ol_rpc rpc;
    chain_signer signer[CHAIN_SIGNERS_MAX];
    size_t signers;
    ol_buf answer;  /* of the last call */
    ol_arena arena; /* texts of results; lives as long as the chain */
} chain;

/* Starts the program (OL_BIN) on a free port; its log goes to FOLDER/outlayer-localnet.log.
 * `arguments` are more of its options, NULL-terminated or NULL. */
void chain_open(chain *c, const char *folder, const char *const *arguments);
void chain_deinit(chain *c);

/* An account with the key that follows from the seed; `wasm` is a file below OL_WASM, or NULL. */
void chain_account(chain *c, const char *account, const char *near, const char *wasm);
/* A key for an account: `ed25519:…` of what the seed gives for `name`. */
void chain_secret_text(const char *name, char *into, size_t size);

/* A transaction's outcome; texts live as long as the chain. */
typedef struct chain_result {
    ol_tx_state state;
    ol_str value;   /* what was returned, decoded; empty for none */
    ol_str failure; /* JSON; empty for none */
    const ol_str *log;
    size_t logs;
    char hash[OL_HASH_TEXT_BYTES];
} chain_result;

typedef struct chain_call {
    const char *signer;
    const char *receiver;
    const char *method;
    ol_str args;
    unsigned tgas;   /* 0: 100 */
    ol_u128 deposit; /* yocto */
} chain_call;

/* Signs with the account's own key and sends without waiting; the hash is the transaction's. */
void chain_begin(chain *c, const chain_call *call, char hash[OL_HASH_TEXT_BYTES]);
/* Until it is over: yields answered, callbacks run. */
chain_result chain_end(chain *c, const char *signer, const char *hash);
/* Both; for calls that must succeed. */
chain_result chain_run(chain *c, const chain_call *call);
/* After a restore: nonces are read from the chain again. */
void chain_forget_nonces(chain *c);
/* Any actions. */
void chain_send(chain *c, const char *signer, const char *receiver, const ol_action *actions,
                size_t count, char hash[OL_HASH_TEXT_BYTES]);

/* What a view returns, at the newest block; it must succeed. */
ol_str chain_view(chain *c, const char *contract, const char *method, const char *args);
/* Waits until a view returns that text. */
bool chain_view_becomes(chain *c, const char *contract, const char *method, const char *args,
                        const char *want);
ol_u128 chain_balance(chain *c, const char *account);
uint64_t chain_height(chain *c);

/* POST /dev/PATH with a JSON body; must work. */
void chain_control(chain *c, const char *path, const char *body);

/* The outlayer contract on CHAIN_OUTLAYER, initialised, and CHAIN_OPERATOR with a key that may call
 * what workers call and nothing else: its text goes to `key`. */
void chain_deploy_outlayer(chain *c, char *key, size_t size);
/* The nonce of that key: it counts the transactions workers got into blocks. */
uint64_t chain_worker_nonce(chain *c);

#endif
