/* The blocks of a node, oldest first, and everything in them by its hash. Private to this library.
 */
#ifndef OL_EMULATOR_CHAIN_H
#define OL_EMULATOR_CHAIN_H

#include "emulator/index.h"
#include "emulator/making.h"

typedef struct ol_chain {
    ol_made_block **blocks; /* by age; the first may be one that is kept for its child alone */
    size_t count;
    size_t size;
    size_t hidden;     /* 1 when the first one is not to be seen, else 0 */
    ol_index hashes;   /* of blocks and chunks */
    ol_index outcomes; /* item: ol_outcome */
    ol_index receipts; /* item: ol_receipt */
} ol_chain;

void ol_chain_deinit(ol_chain *chain);
void ol_chain_add(ol_chain *chain, ol_made_block *made); /* takes it */
/* Forgets the newest ones until `count` are left. */
void ol_chain_cut(ol_chain *chain, size_t count);
/* Forgets the oldest ones: at most so many stay visible (0: all), with so many states (0: all). */
void ol_chain_forget(ol_chain *chain, size_t blocks_kept, size_t states_kept);

ol_made_block *ol_chain_head(const ol_chain *chain);
const ol_block *ol_chain_first(const ol_chain *chain);
const ol_block *ol_chain_at(const ol_chain *chain, uint64_t height); /* NULL: none */
/* The block `back` blocks before the head, at least the first. */
const ol_block *ol_chain_back(const ol_chain *chain, size_t back);

#endif
