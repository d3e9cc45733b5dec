/* Blocks in the order of the chain: each one's prev_hash is the hash of the one before. Where a
 * source shows another branch, the walk steps back to the common ancestor, says what it takes back,
 * and goes on from there (NEAR 6). Receipts that were given out once are not given out again. */
#ifndef OL_NEAR_BLOCK_WALK_H
#define OL_NEAR_BLOCK_WALK_H

#include "lib/near/block_source.h"

enum {
    OL_WALK_DEPTH = 128,     /* blocks remembered: no fork goes deeper */
    OL_WALK_RECEIPTS = 4096, /* receipts remembered */
};

typedef enum ol_walked {
    OL_WALKED_BLOCK,   /* the next block of the chain */
    OL_WALKED_SKIPPED, /* a height without a block */
    OL_WALKED_UNDONE,  /* `height` is a block given out before which is no longer of the chain */
    OL_WALKED_WAIT,    /* nothing new yet */
} ol_walked;

typedef struct ol_walk_step {
    ol_walked what;
    uint64_t height;
    ol_chain_block block; /* OL_WALKED_BLOCK; lives until the next step */
} ol_walk_step;

typedef struct ol_block_walk ol_block_walk;

/* Begins at `height`. The source outlives the walk. NULL when memory is short. */
ol_block_walk *ol_block_walk_new(ol_block_source *source, uint64_t height);
void ol_block_walk_free(ol_block_walk *walk); /* NULL is fine */

/* The height asked for next: all below it are done. */
uint64_t ol_block_walk_height(const ol_block_walk *walk);
/* The hash of the newest block given out; empty before the first. Lives until the next step. */
ol_str ol_block_walk_last_hash(const ol_block_walk *walk);
ol_rc ol_block_walk_step(ol_block_walk *walk, ol_walk_step *ret, ol_err *err);

/* true the first time; false for a receipt given out before, unless its block was undone since. */
bool ol_block_walk_first(ol_block_walk *walk, ol_str receipt_id);

#endif
