#include "emulator/chain.h"

#include <stdlib.h>
#include <string.h>

static void enter(ol_chain *chain, const ol_made_block *made)
{
    const ol_block *b = &made->block;
    ol_index_put(&chain->hashes, &b->hash, (ol_index_value){b, b});
    ol_index_put(&chain->hashes, &b->chunk_hash, (ol_index_value){b, b});
    for (size_t i = 0; i < b->outcome_count; i++)
        ol_index_put(&chain->outcomes, &b->outcomes[i].id, (ol_index_value){b, &b->outcomes[i]});
    for (size_t i = 0; i < made->made_count; i++)
        ol_index_put(&chain->receipts, &made->made[i]->id, (ol_index_value){b, made->made[i]});
}

static void leave(ol_chain *chain, const ol_made_block *made)
{
    const ol_block *b = &made->block;
    ol_index_remove(&chain->hashes, &b->hash, b);
    ol_index_remove(&chain->hashes, &b->chunk_hash, b);
    for (size_t i = 0; i < b->outcome_count; i++)
        ol_index_remove(&chain->outcomes, &b->outcomes[i].id, b);
    for (size_t i = 0; i < made->made_count; i++)
        ol_index_remove(&chain->receipts, &made->made[i]->id, b);
}

void ol_chain_deinit(ol_chain *chain)
{
    for (size_t i = 0; i < chain->count; i++)
        ol_made_block_free(chain->blocks[i]);
    free(chain->blocks);
    ol_index_deinit(&chain->hashes);
    ol_index_deinit(&chain->outcomes);
    ol_index_deinit(&chain->receipts);
    *chain = (ol_chain){0};
}

void ol_chain_add(ol_chain *chain, ol_made_block *made)
{
    if (chain->count == chain->size) {
        size_t size = chain->size == 0 ? 64 : chain->size * 2;
        ol_made_block **blocks = realloc(chain->blocks, size * sizeof(ol_made_block *));
        OL_ASSERT(blocks != NULL);
        chain->blocks = blocks;
        chain->size = size;
    }
    chain->blocks[chain->count++] = made;
    enter(chain, made);
}

void ol_chain_cut(ol_chain *chain, size_t count)
{
    OL_ASSERT(count > chain->hidden);
    while (chain->count > count) {
        ol_made_block *made = chain->blocks[--chain->count];
        leave(chain, made);
        ol_made_block_free(made);
    }
}

static void forget_first(ol_chain *chain)
{
    ol_made_block *made = chain->blocks[0];
    ol_made_block_free(made);
    chain->count--;
    memmove(chain->blocks, chain->blocks + 1, chain->count * sizeof(ol_made_block *));
}

/* The oldest visible block loses its entries, and whoever was hidden goes for good. */
static void hide_first(ol_chain *chain)
{
    if (chain->hidden > 0)
        forget_first(chain);
    leave(chain, chain->blocks[0]);
    chain->hidden = 1;
}

static void forget_state(ol_block *b)
{
    if (b->has_state)
        ol_state_deinit(&b->state);
    b->has_state = false;
}

void ol_chain_forget(ol_chain *chain, size_t blocks_kept, size_t states_kept)
{
    while (blocks_kept > 0 && chain->count - chain->hidden > blocks_kept)
        hide_first(chain);
    if (states_kept == 0)
        return;
    for (size_t i = chain->count - 1; i-- > 0;) {
        ol_block *b = &chain->blocks[i]->block;
        if (chain->count - i <= states_kept)
            continue;
        if (!b->has_state)
            break; /* and so are those before it */
        forget_state(b);
    }
}

ol_made_block *ol_chain_head(const ol_chain *chain)
{
    return chain->blocks[chain->count - 1];
}

const ol_block *ol_chain_first(const ol_chain *chain)
{
    return &chain->blocks[chain->hidden]->block;
}

const ol_block *ol_chain_at(const ol_chain *chain, uint64_t height)
{
    size_t low = chain->hidden;
    size_t high = chain->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const ol_block *b = &chain->blocks[middle]->block;
        if (b->height == height)
            return b;
        if (b->height < height)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const ol_block *ol_chain_back(const ol_chain *chain, size_t back)
{
    size_t visible = chain->count - chain->hidden;
    size_t steps = back < visible ? back : visible - 1;
    return &chain->blocks[chain->count - 1 - steps]->block;
}
