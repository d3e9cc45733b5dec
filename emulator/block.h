/* A block, its one chunk and everything that happened in it. Belongs to the node, never changes
 * once made, and goes when the node forgets it (options.blocks_kept) or a fork replaces it. */
#ifndef OL_EMULATOR_BLOCK_H
#define OL_EMULATOR_BLOCK_H

#include "emulator/account.h"
#include "emulator/outcome.h"

/* Why the state changed (NEAR 5.1, `cause.type`). */
typedef enum ol_cause {
    OL_CAUSE_INITIAL,         /* initial_state: genesis and patches */
    OL_CAUSE_TRANSACTION,     /* transaction_processing {tx_hash} */
    OL_CAUSE_RECEIPT_STARTED, /* action_receipt_processing_started {receipt_hash} */
    OL_CAUSE_RECEIPT,         /* receipt_processing {receipt_hash} */
    OL_CAUSE_GAS_REWARD,      /* action_receipt_gas_reward {receipt_hash} */
} ol_cause;

typedef struct ol_change {
    ol_cause cause;
    ol_sha256 hash; /* of the transaction or receipt */
    bool removed;
    const ol_entry *entry; /* key and new value (for a removal the last one): ol_record_of */
} ol_change;

/* Money of a block: minted + before = after + burnt (checked for every block). `before` and `after`
 * count accounts, receipts under way with their gas, and receipts waiting in the state. */
typedef struct ol_block_money {
    ol_yocto before;
    ol_yocto minted; /* genesis, patches, funding */
    ol_yocto burnt;  /* gas and the like, less what contracts were rewarded */
    ol_yocto after;  /* the total supply */
} ol_block_money;

typedef struct ol_block {
    uint64_t height;
    uint64_t ordinal; /* blocks since genesis, whose ordinal is 1 */
    ol_sha256 hash;
    ol_sha256 prev_hash; /* zeroes for genesis */
    uint64_t prev_height;
    uint64_t timestamp_ns;
    ol_sha256 random_value;
    ol_yocto gas_price; /* of this block; its receipts burn at their block's price */
    ol_yocto next_gas_price;
    uint64_t gas_used;
    ol_sha256 epoch_id;
    ol_sha256 next_epoch_id;
    uint64_t epoch_height;

    /* Roots. The state's is of the time before this block (prev_state_root) and after it. */
    ol_sha256 prev_state_root;
    ol_sha256 state_root;
    ol_sha256 transactions_root;
    ol_sha256 receipts_root; /* of the receipts this block sends out */
    ol_sha256 outcome_root;
    ol_sha256 chunk_hash;

    ol_block_money money;

    /* Accepted transactions, in order; refused ones have an outcome and nothing else. */
    const ol_signed_transaction *transactions;
    size_t transaction_count;
    /* What the block before sent (the chunk's receipts), and what this one sends. */
    const ol_receipt *const *incoming;
    size_t incoming_count;
    const ol_receipt *const *outgoing;
    size_t outgoing_count;
    /* Receipts made and run within this block (signer = receiver): NEAR 4.4, latency. */
    const ol_receipt *const *local;
    size_t local_count;
    /* In order of execution: transactions first, transaction_outcomes of them, then receipts. A
     * receipt that only delivered data, or began to wait, has none. */
    const ol_outcome *outcomes;
    size_t outcome_count;
    size_t transaction_outcomes;
    const ol_change *changes;
    size_t change_count;

    /* The world after this block; empty root once forgotten (options.states_kept). */
    bool has_state;
    ol_state state;
} ol_block;

#endif
