/* What a node is made of. Private to this library. */
#ifndef OL_EMULATOR_NODE_PARTS_H
#define OL_EMULATOR_NODE_PARTS_H

#include "emulator/chain.h"
#include "emulator/pool.h"

enum { OL_NODE_SNAPSHOT_NAME_BYTES_MAX = 64 };

typedef struct ol_node_snapshot_row {
    char name[OL_NODE_SNAPSHOT_NAME_BYTES_MAX + 1];
    ol_sha256 head; /* by its hash: a fork may have replaced it */
    ol_state state; /* its own share: the block may forget its */
} ol_node_snapshot_row;

struct ol_node {
    ol_node_options options; /* defaults filled in; texts lie in `arena` */
    ol_arena arena;
    ol_vm *vm;
    ol_params params;
    ol_public_key validator;
    ol_chain chain;
    ol_block genesis; /* its header: it may be forgotten, and a saved chain begins later */
    ol_pool pool;
    ol_arena refusal; /* texts of the last failure given out by submit */

    uint64_t skip;      /* heights that the next block leaves out */
    uint64_t pass_ns;   /* time that passes before it, besides */
    uint64_t offset_ns; /* between the clock and ours */
    uint64_t salt;      /* counts forks */

    ol_node_snapshot_row snapshots[OL_NODE_SNAPSHOTS_MAX];
    size_t snapshot_count;
};

/* node.c: everything but the first block. */
ol_rc ol__node_empty(const ol_node_options *options, ol_node **ret, ol_err *err);
/* node_blocks.c: the next block, with a patch or without. */
ol_rc ol__node_make(ol_node *node, const ol_patch *patch, ol_err *err);
void ol__node_plan(const ol_node *node, ol_plan *ret); /* what every block shares */
/* Takes the first block and remembers its header. */
void ol__node_begin(ol_node *node, ol_made_block *made, const ol_block *genesis);
/* A transaction may name any block of this chain that is no older than NEAR 4.2 says. */
bool ol__node_knows(const ol_node *node, const uint8_t block_hash[32]);

#endif
