/* A local chain to test: node, thread and HTTP inside the test program, spoken to over real HTTP,
 * with transactions signed here. A fault of the lab itself fails the running test. */
#ifndef TESTS_LOCALNET_NET_LAB_H
#define TESTS_LOCALNET_NET_LAB_H

#include <pthread.h>

#include "emulator/server/program.h"
#include "lib/codec/json_read.h"
#include "lib/near/transaction.h"
#include "tests/harness/test.h"
#include "tests/harness/wire_client.h"

enum { NET_LAB_WAIT_MS = 30000, NET_LAB_FLAGS_MAX = 16 };

#define NEAR_YOCTO ((ol_u128)1000000000000000000u * 1000000u)
#define TGAS(n) ((uint64_t)(n) * 1000000000000u)

typedef struct net_lab {
    localnet_options set;
    localnet_program program;
    wire_client client;
    ol_arena arena;
    uint64_t nonce; /* the last one used, of any key: nonces only have to grow */
} net_lab;

/* Flags as on the command line, NULL behind the last; NULL for none. The chain stands still unless
 * they say otherwise: `--produce manual`, time by steps. */
void net_open(net_lab *it, const char *const *flags);
void net_close(net_lab *it);

/* ---- HTTP */

wire_answer net_get(net_lab *it, const char *path);
wire_answer net_post(net_lab *it, const char *path, const char *body);
/* POST /dev/ACTION; the answer, which must be 200. */
ol_json net_dev(net_lab *it, const char *action, const char *body);

/* ---- JSON-RPC. `params` is JSON; formats are allowed by net_text. Answers live in the arena. */

const char *net_text(net_lab *it, const char *format, ...) OL_PRINTF(2, 3);
/* The envelope; the HTTP status must be that one. */
ol_json net_rpc(net_lab *it, const char *method, const char *params, int status);
ol_json net_result(net_lab *it, const char *method, const char *params);
ol_json net_error(net_lab *it, const char *method, const char *params, int status);

/* A request that waits, on a connection and a thread of its own. */
typedef struct net_pending {
    pthread_t thread;
    wire_client client;
    ol_buf request;
    wire_answer answer;
    bool arrived;
} net_pending;

void net_begin(net_lab *it, net_pending *pending, const char *method, const char *params);
void net_begin_get(net_lab *it, net_pending *pending, const char *path);
/* Waits until so many requests are waiting in the chain. */
void net_await_waiting(net_lab *it, size_t count);
wire_answer *net_finish(net_pending *pending); /* the answer dies with net_drop */
void net_drop(net_pending *pending);

/* ---- Values: a path as "header.hash" or "chunks.0.gas_used". */

ol_json net_at(const ol_json *value, const char *path); /* must be there */
bool net_has(const ol_json *value, const char *path);
ol_str net_str(net_lab *it, const ol_json *value, const char *path); /* of a string */
uint64_t net_u64(const ol_json *value, const char *path);
ol_u128 net_dec(const ol_json *value, const char *path); /* a number in a string */

/* ---- Transactions, in base64, with the key that follows from the seed. */

const char *net_sign(net_lab *it, const char *signer, const char *receiver,
                     const ol_action *actions, size_t count);
const char *net_transfer(net_lab *it, const char *from, const char *to, ol_u128 yocto);
const char *net_call(net_lab *it, const char *signer, const char *contract, const char *method,
                     const char *args, uint64_t gas, ol_u128 deposit);
/* Deploys the probe contract (tests/clients/probe.c) and makes the blocks it takes. */
void net_deploy_probe(net_lab *it, const char *account);
/* Sends, and makes blocks until all of it has run; the final outcome. */
ol_json net_send(net_lab *it, const char *signed_base64);
/* Hash of a signed transaction, base58. */
const char *net_hash(net_lab *it, const char *signed_base64);
uint64_t net_height(net_lab *it); /* of the head */

#endif
