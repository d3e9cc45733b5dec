/* The world of money_model_test.c: chain, contract, token, keystore, coordinator and worker, and
 * the model of what they should hold. */
#ifndef OL_TESTS_E2E_MONEY_LIFE_H
#define OL_TESTS_E2E_MONEY_LIFE_H

#include "tests/e2e/chain_lab.h"
#include "tests/harness/keystore.h"

enum {
    USERS = 3,
    NONCES = 2,
    AWAIT_MS = 60000,
    KEY_DIGITS = 64,
};

#define TOKEN "usdc.test.near"
#define MINTED UINT64_C(1000000000000)

extern const char *const USER[USERS];

typedef struct key {
    bool live;
    char digits[KEY_DIGITS + 1]; /* in lower case; may have been stored in upper case */
    uint64_t initial;
    uint64_t spent;
} key;

typedef struct life {
    chain_lab lab;
    const char *const *chain; /* arguments of outlayer-localnet; NULL: none */
    keystore_process keystore;
    char url[64];
    uint64_t random;
    uint64_t step;
    wire_client wire;
    ol_buf request;
    key key[USERS][NONCES];
    uint64_t tokens[USERS];
    uint64_t deposits[USERS];   /* stablecoin balances at the contract */
    uint64_t revenue;           /* what top-ups brought the contract */
    uint64_t held;              /* all of the contract's tokens */
    uint64_t earned_https;      /* alice's at the coordinator */
    uint64_t earned_chain;      /* alice's at the contract, not withdrawn */
    unsigned done[16];          /* how often each kind of step was taken */
    const char *coordinator[2]; /* its settings */
    bool one_dies;   /* worker or keystore, while the next call on the chain is under way */
    unsigned deaths; /* of that kind */
} life;

void life_open(life *l);
void life_deinit(life *l);

/* A number below `below`; follows from the seed. */
uint64_t life_draw(life *l, uint64_t below);

/* A call that must succeed, waited for; somebody dies meanwhile where that was decided. */
chain_result life_send(life *l, const char *signer, const char *receiver, const char *method,
                       ol_str args, ol_u128 deposit);
void life_restart_keystore(life *l);
/* Decides it for the next call: one in twelve. */
void life_tempt_fate(life *l);
/* ft_transfer_call with a message; what the contract kept. */
uint64_t life_transfer(life *l, int user, uint64_t amount, const char *msg);

/* A new key on the chain, waited for until the coordinator knows it. */
void life_make_key(life *l, int user, int nonce);

/* Headers of a call with a key. */
void life_key_header(const life *l, int user, int nonce, char *into, size_t size);
/* One exchange with the coordinator; its status. The body lives until the next. */
int life_ask(life *l, const char *method, const char *path, const char *headers, const char *body,
             ol_str *ret);
/* A member that is a number in a string. */
uint64_t life_number(ol_str json, const char *name);
/* Waits until the key opens its balance, or (live false) nothing. */
void life_await_key(life *l, int user, int nonce, bool live, uint64_t initial);

#endif
