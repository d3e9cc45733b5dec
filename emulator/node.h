/* NEAR on one machine, as a library: a chain with one shard and one validator, in memory.
 *
 *   ol_node *node;
 *   OL_TRY(ol_node_new(&(ol_node_options){.accounts = ACCOUNTS, .account_count = 3}, &node, err));
 *   OL_TRY(ol_node_submit(node, signed_bytes, &hash, &failure, err));   // checked, pending
 *   OL_TRY(ol_node_run(node, 10, err));                                // blocks while there is
 * work ol_node_trace(node, &hash, &arena, &trace);                        // outcomes of it all
 *
 * No threads, no clock and no files of its own unless options name them: the same calls give the
 * same chain, bytes and hashes included. A program that serves it from several threads locks
 * around every call and every use of what a call lent out. */
#ifndef OL_EMULATOR_NODE_H
#define OL_EMULATOR_NODE_H

#include "emulator/block.h"
#include "lib/base/clock.h"

enum {
    OL_NODE_PROTOCOL_VERSION = 86, /* NEAR 0 */
    OL_NODE_FORK_DEPTH_MAX = 3,
    OL_NODE_POOL_MAX = 10000,         /* pending transactions */
    OL_NODE_BLOCK_TRANSACTIONS = 100, /* taken from the pool into one block */
    OL_NODE_SNAPSHOTS_MAX = 64,
};

/* An account of genesis, or of a patch. */
typedef struct ol_account_seed {
    ol_str id;
    ol_yocto balance;
    const ol_public_key *keys; /* full access */
    size_t key_count;
    ol_bytes code; /* empty: no contract */
} ol_account_seed;

/* Zeroes mean the default said beside. */
typedef struct ol_node_options {
    ol_str chain_id;           /* "localnet" */
    uint32_t protocol_version; /* 86; 84 */
    ol_str seed;               /* of random values and of the genesis hash; "" */
    uint64_t genesis_height;   /* 1 */
    uint64_t genesis_time_ns;  /* 2026-01-01T00:00:00Z */
    uint64_t block_time_ns;    /* 600,000,000: a block's distance when there is no clock */
    const ol_clock *clock;     /* NULL: time passes by block_time_ns alone */
    ol_yocto gas_price;        /* 10^8 yocto per gas, constant */
    unsigned finality_lag;     /* blocks from head to final; 0 */
    size_t blocks_kept;        /* 0: all */
    size_t states_kept;        /* 0: of all blocks kept */
    const ol_account_seed *accounts;
    size_t account_count;
    const char *cache_path; /* folder of compiled contracts; NULL: in memory */
} ol_node_options;

typedef struct ol_node ol_node;

ol_rc ol_node_new(const ol_node_options *options, ol_node **ret, ol_err *err);
void ol_node_free(ol_node *node);                             /* NULL is fine */
const ol_node_options *ol_node_settings(const ol_node *node); /* defaults filled in */
/* Public key of the one validator, whose account is `test.near`'s neighbour `node0`. */
const ol_public_key *ol_node_validator_key(const ol_node *node);

/* ── Transactions ── */

/* Decodes, checks against the head (NEAR 4.2) and puts into the pool. Submitting a known
 * transaction again succeeds. OL_ERR_INVALID: bytes that are no transaction, or, with *ret_failure
 * set, one that the network refuses (its texts live until the next submit). OL_ERR_LIMIT: full. */
ol_rc ol_node_submit(ol_node *node, ol_bytes signed_transaction, ol_sha256 *ret_hash,
                     ol_failure *ret_failure, ol_err *err);

/* ── Blocks ── */

/* A pending transaction, a receipt due, a yield whose time is over at the next height. */
bool ol_node_has_work(const ol_node *node);
/* One block, empty or not; it becomes the head. */
ol_rc ol_node_produce(ol_node *node, ol_err *err);
/* Blocks while there is work, at most that many. */
ol_rc ol_node_run(ol_node *node, unsigned blocks_max, ol_err *err);
/* The heights that follow get no block (`skip` of them); time passes for them. */
void ol_node_skip(ol_node *node, uint64_t heights);
/* Time passes before the next block. */
void ol_node_pass(ol_node *node, uint64_t ns);
/* The newest `depth` blocks (1-3, not final, not genesis) are replaced by as many others, of equal
 * heights and other hashes; their transactions are applied again. OL_ERR_INVALID when that many
 * cannot be. */
ol_rc ol_node_fork(ol_node *node, unsigned depth, ol_err *err);
void ol_node_set_finality_lag(ol_node *node, unsigned blocks);

const ol_block *ol_node_head(const ol_node *node);
const ol_block *ol_node_final(const ol_node *node); /* head less the lag, at least genesis */
const ol_block *ol_node_near_final(const ol_node *node);
/* The first block; once that is forgotten its header alone, without a state. */
const ol_block *ol_node_genesis(const ol_node *node);
/* The first that is still kept. */
const ol_block *ol_node_earliest(const ol_node *node);
/* NULL: unknown. A skipped height has none. */
const ol_block *ol_node_block_at(const ol_node *node, uint64_t height);
const ol_block *ol_node_block_of(const ol_node *node, const ol_sha256 *hash); /* block or chunk */
const ol_block *ol_node_parent(const ol_node *node, const ol_block *block);

/* ── What happened ── */

/* Where an outcome stands. */
typedef struct ol_found {
    const ol_block *block;
    const ol_outcome *outcome;
} ol_found;

bool ol_node_find_outcome(const ol_node *node, const ol_sha256 *id, ol_found *ret);
/* A receipt sent or run, waiting ones included. The block is the one that sent it. */
const ol_receipt *ol_node_find_receipt(const ol_node *node, const ol_sha256 *id,
                                       const ol_block **ret_block);

/* How far a transaction is (NEAR 5.2), from the outcomes of its receipts. */
typedef struct ol_trace {
    const ol_signed_transaction *transaction;
    bool pending; /* in the pool alone; nothing below is set */
    ol_found transaction_outcome;
    const ol_found *receipts; /* in the order the network lists them: each before its children */
    size_t receipt_count;
    bool included_final; /* the transaction's block is final */
    bool executed;       /* every receipt but a last refund has run */
    bool complete;       /* refunds, too */
    bool complete_final; /* … in final blocks */
    /* The last of the chain SuccessReceiptId → …: OL_STATUS_UNKNOWN while it has not run. */
    ol_status status;
    const ol_outcome *status_outcome;
} ol_trace;

/* False for an unknown transaction. Lists lie in the arena. */
bool ol_node_trace(const ol_node *node, const ol_sha256 *transaction_hash, ol_arena *arena,
                   ol_trace *ret);

/* ── Views ── */

typedef struct ol_view_result {
    bool failed;
    ol_bytes value;
    const ol_str *logs;
    size_t log_count;
    ol_str error_json;  /* failed: the value of FunctionCallError (NEAR 1.8) */
    ol_str error_debug; /* failed: as nodes print it (NEAR 5.3):
                           `MethodResolveError(MethodNotFound)` */
    uint64_t gas_burnt;
} ol_view_result;

/* Runs a method on the state of `at`, whose state must be kept. OL_ERR_NOT_FOUND: no such account.
 * A method that fails is a result, not an error. Everything returned lies in the arena. */
ol_rc ol_node_view(ol_node *node, const ol_block *at, ol_str account_id, ol_str method,
                   ol_bytes args, ol_arena *arena, ol_view_result *ret, ol_err *err);

/* The runtime configuration of a protocol version as the crate prints it; borrowed. */
ol_str ol_node_runtime_config(const ol_node *node);

/* ── Patches: they make a block of their own that says `initial_state` ── */

/* Creates the account, or sets balance, adds keys, replaces code where given. Mints or burns the
 * difference. */
ol_rc ol_node_put_account(ol_node *node, const ol_account_seed *seed, ol_err *err);
ol_rc ol_node_fund(ol_node *node, ol_str account_id, ol_yocto amount, ol_err *err);
ol_rc ol_node_put_data(ol_node *node, ol_str account_id, ol_bytes key, ol_bytes value, ol_err *err);
ol_rc ol_node_put_access_key(ol_node *node, ol_str account_id, const ol_public_key *key,
                             const ol_access_key *access, ol_err *err);

/* ── Snapshots and files ── */

/* The world and the chain as they are now, under a name (an old one of that name is replaced).
 * Costs next to nothing. Restoring goes back to that head: newer blocks are forgotten, the pool is
 * emptied. OL_ERR_NOT_FOUND. */
ol_rc ol_node_snapshot(ol_node *node, ol_str name, ol_err *err);
ol_rc ol_node_restore(ol_node *node, ol_str name, ol_err *err);

/* The head's world and receipts under way, not the blocks before it. */
ol_rc ol_node_save(const ol_node *node, const char *path, ol_err *err);
/* As ol_node_new, from a file; accounts of the options are ignored. */
ol_rc ol_node_load(const ol_node_options *options, const char *path, ol_node **ret, ol_err *err);

/* ── Checks ── */

/* Sums the whole state and the receipts under way anew; OL_ERR_INTERNAL when it does not agree with
 * what the blocks say. Every block checks minted + before = after + burnt by itself. */
ol_rc ol_node_audit(const ol_node *node, ol_err *err);

#endif
