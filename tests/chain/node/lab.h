/* A chain in the test's own process, with accounts whose keys follow from their ids. Whatever it
 * does is audited: the sum of all money after every transaction that ran its course. */
#ifndef OL_TESTS_CHAIN_LAB_H
#define OL_TESTS_CHAIN_LAB_H

#include "emulator/node.h"
#include "tests/harness/test.h"

#define LAB_NEAR(n) OL_YOCTO((ol_u128)(n) * 1000000000000000000 * 1000000)
#define LAB_TGAS(n) ((uint64_t)(n) * UINT64_C(1000000000000))

enum { LAB_BLOCKS_MAX = 64 }; /* until a transaction has run its course */

typedef struct lab {
    ol_node *node;
    ol_arena arena; /* of what helpers return */
    uint64_t nonce;
} lab;

/* test.near, alice.test.near, bob.test.near, carol.test.near: 1,000 NEAR and a full key each. */
void lab_open(lab *l);
void lab_open_with(lab *l, ol_node_options options); /* accounts are filled in */
void lab_close(lab *l);

ol_public_key lab_key(ol_str account_id);
ol_ed25519_key lab_secret(ol_str account_id);

/* Borsh of a transaction signed with the key of `key_of`, with a fresh nonce. */
ol_bytes lab_sign_as(lab *l, ol_str key_of, ol_str signer, ol_str receiver,
                     const ol_action *actions, size_t count);
ol_bytes lab_sign(lab *l, ol_str signer, ol_str receiver, const ol_action *actions, size_t count);
/* Submits; the test fails when it is refused. */
ol_sha256 lab_submit(lab *l, ol_bytes transaction);
/* The JSON of the refusal; the test fails when there is none. */
ol_str lab_refusal(lab *l, ol_bytes transaction);
/* Blocks until nothing is left to do. */
void lab_run(lab *l);
void lab_mine(lab *l, unsigned blocks);

/* Signs, submits, runs, traces. */
ol_trace lab_do(lab *l, ol_str signer, ol_str receiver, const ol_action *actions, size_t count);
ol_trace lab_trace(lab *l, const ol_sha256 *hash);
ol_trace lab_call(lab *l, ol_str signer, ol_str contract, const char *method, ol_str args,
                  uint64_t gas, ol_yocto deposit);
/* Deploys a module of OL_WASM/FOLDER/NAME.wasm; the account must exist. */
void lab_deploy(lab *l, ol_str account_id, const char *path);

ol_yocto lab_balance(const lab *l, ol_str account_id);
ol_account lab_account(const lab *l, ol_str account_id); /* the test fails without one */
bool lab_exists(const lab *l, ol_str account_id);
/* The JSON of an outcome's failure. */
ol_str lab_failure(lab *l, const ol_outcome *outcome);
ol_str lab_hash(lab *l, const ol_sha256 *hash); /* base58 */

#endif
