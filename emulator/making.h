/* Making a block from its parent: the whole of what a chunk's application is. Private to this
 * library. */
#ifndef OL_EMULATOR_MAKING_H
#define OL_EMULATOR_MAKING_H

#include "emulator/apply.h"
#include "emulator/node.h"

/* A change from outside the protocol. One of the parts is used. */
typedef struct ol_patch {
    enum { OL_PATCH_ACCOUNTS, OL_PATCH_FUND, OL_PATCH_DATA, OL_PATCH_KEY } kind;
    const ol_account_seed *accounts;
    size_t account_count;
    ol_str account_id; /* all but ACCOUNTS */
    ol_yocto amount;
    ol_bytes key;
    ol_bytes value;
    const ol_public_key *public_key;
    const ol_access_key *access;
} ol_patch;

/* OL_ERR_INVALID, OL_ERR_NOT_FOUND. */
ol_rc ol_patch_apply(ol_apply *apply, const ol_patch *patch, ol_err *err);

typedef struct ol_pending {
    ol_bytes bytes; /* Borsh */
    bool expired;   /* names a block that is unknown or too old */
} ol_pending;

typedef struct ol_plan {
    const ol_vm *vm;
    const ol_params *params;
    ol_str chain_id;
    ol_str seed;
    uint64_t salt; /* tells blocks of one height apart: forks */
    uint64_t height;
    uint64_t timestamp_ns;
    ol_yocto gas_price;
    const ol_pending *transactions;
    size_t transaction_count;
    const ol_patch *patch; /* NULL: none */
} ol_plan;

/* A block with the memory it lives in. What it got from its parent (the receipts it ran) lies with
 * the parent, which therefore outlives it by one (chain.c). */
typedef struct ol_made_block {
    ol_block block; /* first: blocks given out lead back here */
    ol_arena arena;
    const ol_receipt *const *made; /* every receipt sent here, for finding */
    size_t made_count;
} ol_made_block;

/* `parent` is NULL for genesis. OL_ERR_INTERNAL when the money does not agree: a bug. */
ol_rc ol_block_make(const ol_plan *plan, const ol_block *parent, ol_made_block **ret, ol_err *err);
ol_made_block *ol_made_block_new(void);       /* empty */
void ol_made_block_free(ol_made_block *made); /* NULL is fine */

#endif
