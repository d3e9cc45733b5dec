/* A whole network for one test: local chain, contract, coordinator, worker, and requests of
 * alice's. */
#ifndef OL_TESTS_E2E_CHAIN_LAB_H
#define OL_TESTS_E2E_CHAIN_LAB_H

#include "tests/harness/chain.h"
#include "tests/harness/stack.h"

#define ALICE "alice.test.near"
#define NEAR ((ol_u128)1000000000000000000u * 1000000u) /* in yocto */
/* 0.1 NEAR: more than any request here costs. */
#define DEPOSIT ((ol_u128)100000000000000000u * 1000000u)

typedef struct chain_lab {
    char folder[64];
    char key[256]; /* of the operator */
    chain chain;
    stack stack;
    stack_chain about;
    stack_options options;
    const char *worker[16]; /* its settings */
    ol_sha256_hex echo;     /* hash of examples/echo.wasm */
} chain_lab;

typedef struct chain_lab_options {
    const char *const *chain;       /* arguments of outlayer-localnet */
    const char *const *worker;      /* settings */
    const char *const *coordinator; /* settings; live as long as the lab */
    unsigned slots;                 /* 0: 2 */
    uint64_t balance;               /* of the payment key test.near:1, micro-USD; 0: no key */
} chain_lab_options;

void chain_lab_open(chain_lab *l, const chain_lab_options *options);
void chain_lab_deinit(chain_lab *l);

/* Arguments of request_execution for code in the coordinator's cache; `more` continues the object
 * (with a comma before), or is empty. The text lives as long as the chain. */
ol_str chain_lab_args(chain_lab *l, const ol_sha256_hex *code, const char *format, ol_str input,
                      const char *more);
/* Sends a request of alice's without waiting. */
void chain_lab_begin(chain_lab *l, ol_str args, char hash[OL_HASH_TEXT_BYTES]);
/* A method of the contract, called by an account; waits for its end. */
chain_result chain_lab_call(chain_lab *l, const char *signer, const char *method, const char *args,
                            ol_u128 deposit);
/* Sends it and waits for its callback. */
chain_result chain_lab_run(chain_lab *l, ol_str args);
/* Echo of a text. */
chain_result chain_lab_echo(chain_lab *l, ol_str input);

/* Waits until a worker has claimed a request. */
bool chain_lab_claimed(chain_lab *l);

/* Waits until nothing is pending on the contract, and until the coordinator has counted `done`
 * finished executions, of which `failed` failed. */
void chain_lab_settle(chain_lab *l, unsigned done, unsigned failed);

#endif
