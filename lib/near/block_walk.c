#include "lib/near/block_walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HASH_BYTES = 64 };

typedef struct given {
    uint64_t height;
    char hash[HASH_BYTES];
} given;

typedef struct seen {
    uint64_t height; /* of the block that held it */
    char id[HASH_BYTES];
} seen;

struct ol_block_walk {
    ol_block_source *source;
    uint64_t next;
    given block[OL_WALK_DEPTH]; /* the newest `blocks`, a ring */
    size_t blocks;
    size_t newest;
    seen receipt[OL_WALK_RECEIPTS];
    size_t receipts;
    size_t next_receipt;
};

ol_block_walk *ol_block_walk_new(ol_block_source *source, uint64_t height)
{
    ol_block_walk *walk = calloc(1, sizeof *walk);
    if (walk == NULL)
        return NULL;
    walk->source = source;
    walk->next = height;
    return walk;
}

void ol_block_walk_free(ol_block_walk *walk)
{
    free(walk);
}

uint64_t ol_block_walk_height(const ol_block_walk *walk)
{
    return walk->next;
}

ol_str ol_block_walk_last_hash(const ol_block_walk *walk)
{
    return walk->blocks == 0 ? OL_STR("") : ol_str_of(walk->block[walk->newest].hash);
}

/* ---- what was given out ---- */

static given *last(ol_block_walk *walk)
{
    return walk->blocks == 0 ? NULL : &walk->block[walk->newest];
}

static void remember(ol_block_walk *walk, const ol_chain_block *block)
{
    walk->newest = (walk->newest + 1) % OL_WALK_DEPTH;
    given *at = &walk->block[walk->newest];
    at->height = block->height;
    (void)snprintf(at->hash, sizeof at->hash, "%.*s", OL_FMT(block->hash));
    if (walk->blocks < OL_WALK_DEPTH)
        walk->blocks++;
}

static uint64_t forget(ol_block_walk *walk)
{
    uint64_t height = last(walk)->height;
    walk->newest = (walk->newest + OL_WALK_DEPTH - 1) % OL_WALK_DEPTH;
    walk->blocks--;
    for (size_t i = 0; i < OL_WALK_RECEIPTS; i++) {
        if (walk->receipt[i].height == height)
            walk->receipt[i].id[0] = '\0';
    }
    return height;
}

bool ol_block_walk_first(ol_block_walk *walk, ol_str receipt_id)
{
    const given *block = last(walk);
    for (size_t i = 0; i < walk->receipts; i++) {
        if (ol_str_eq(ol_str_of(walk->receipt[i].id), receipt_id))
            return false;
    }
    seen *at = &walk->receipt[walk->next_receipt];
    walk->next_receipt = (walk->next_receipt + 1) % OL_WALK_RECEIPTS;
    at->height = block == NULL ? 0 : block->height;
    (void)snprintf(at->id, sizeof at->id, "%.*s", OL_FMT(receipt_id));
    if (walk->receipts < OL_WALK_RECEIPTS)
        walk->receipts++;
    return true;
}

/* ---- stepping ---- */

/* The block does not follow the last one: it belongs to another branch, unless its own prev_height
 * tells that a block between them was not shown. */
static ol_rc step_back(ol_block_walk *walk, const ol_chain_block *block, ol_walk_step *ret,
                       ol_err *err)
{
    uint64_t before = last(walk)->height;
    if (block->has_prev_height && block->prev_height > before) {
        walk->next = before + 1;
        return ol_fail(err, OL_ERR_UNAVAILABLE,
                       "block %llu was not shown, and is the one before %llu",
                       (unsigned long long)block->prev_height, (unsigned long long)block->height);
    }
    ret->what = OL_WALKED_UNDONE;
    ret->height = forget(walk);
    walk->next = walk->blocks > 0 ? last(walk)->height + 1 : ret->height;
    return OL_OK;
}

ol_rc ol_block_walk_step(ol_block_walk *walk, ol_walk_step *ret, ol_err *err)
{
    ol_walk_step step = {.height = walk->next};
    ol_fetched what;
    OL_TRY(ol_block_source_get(walk->source, walk->next, &what, &step.block, err));
    switch (what) {
    case OL_FETCHED_NOT_YET:
        step.what = OL_WALKED_WAIT;
        break;
    case OL_FETCHED_SKIPPED:
        step.what = OL_WALKED_SKIPPED;
        walk->next++;
        break;
    case OL_FETCHED_BLOCK:
        if (walk->blocks > 0 && !ol_str_eq(step.block.prev_hash, ol_str_of(last(walk)->hash))) {
            OL_TRY(step_back(walk, &step.block, &step, err));
            break;
        }
        step.what = OL_WALKED_BLOCK;
        remember(walk, &step.block);
        walk->next++;
        break;
    }
    *ret = step;
    return OL_OK;
}
