/* A node's blocks: making, skipping, forking, finding. */
#include "emulator/node_parts.h"

/* NEAR 4.2 */
enum { TRANSACTION_LIFE_BLOCKS = 86400 };

bool ol__node_knows(const ol_node *node, const uint8_t block_hash[32])
{
    ol_sha256 hash;
    memcpy(hash.bytes, block_hash, sizeof hash.bytes);
    const ol_block *named = ol_node_block_of(node, &hash);
    return named != NULL && ol_node_head(node)->height - named->height <= TRANSACTION_LIFE_BLOCKS;
}

/* ── Making ── */

void ol__node_begin(ol_node *node, ol_made_block *made, const ol_block *genesis)
{
    node->genesis = (ol_block){.height = genesis->height,
                               .ordinal = 1,
                               .hash = genesis->hash,
                               .timestamp_ns = genesis->timestamp_ns,
                               .random_value = genesis->random_value,
                               .gas_price = genesis->gas_price,
                               .next_gas_price = genesis->gas_price,
                               .epoch_height = genesis->epoch_height,
                               .next_epoch_id = genesis->next_epoch_id,
                               .state_root = genesis->state_root,
                               .chunk_hash = genesis->chunk_hash,
                               .money = genesis->money};
    ol_chain_add(&node->chain, made);
}

void ol__node_plan(const ol_node *node, ol_plan *ret)
{
    *ret = (ol_plan){.vm = node->vm,
                     .params = &node->params,
                     .chain_id = node->options.chain_id,
                     .seed = node->options.seed,
                     .salt = node->salt,
                     .gas_price = node->options.gas_price};
}

/* Without a clock a block lasts as long as the options say; with one it is as late as it is, and
 * whatever was made to pass comes on top. Times of blocks grow in any case. */
static uint64_t time_of_next(ol_node *node)
{
    const ol_block *head = ol_node_head(node);
    uint64_t jumped = node->skip * node->options.block_time_ns + node->pass_ns;
    if (node->options.clock == NULL)
        return head->timestamp_ns + node->options.block_time_ns + jumped;
    node->offset_ns += jumped;
    uint64_t now = (uint64_t)ol_wall_ms(node->options.clock) * 1000000 + node->offset_ns;
    return now > head->timestamp_ns ? now : head->timestamp_ns + 1;
}

static void plan_transactions(const ol_node *node, ol_pending *ret, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const ol_pooled *pooled = node->pool.items[i];
        ret[i] = (ol_pending){.bytes = {pooled->bytes, pooled->it.size},
                              .expired = !ol__node_knows(node, pooled->it.transaction.block_hash)};
    }
}

static ol_rc make_at(ol_node *node, uint64_t height, uint64_t timestamp_ns, const ol_patch *patch,
                     ol_err *err)
{
    ol_pending pending[OL_NODE_BLOCK_TRANSACTIONS];
    ol_made_block *made;
    ol_plan plan;
    size_t count = node->pool.count < OL_NODE_BLOCK_TRANSACTIONS ? node->pool.count
                                                                 : OL_NODE_BLOCK_TRANSACTIONS;
    plan_transactions(node, pending, count);
    ol__node_plan(node, &plan);
    plan.height = height;
    plan.timestamp_ns = timestamp_ns;
    plan.transactions = pending;
    plan.transaction_count = count;
    plan.patch = patch;
    OL_TRY(ol_block_make(&plan, ol_node_head(node), &made, err));
    ol_pool_drop(&node->pool, count);
    ol_chain_add(&node->chain, made);
    ol_chain_forget(&node->chain, node->options.blocks_kept, node->options.states_kept);
    return OL_OK;
}

ol_rc ol__node_make(ol_node *node, const ol_patch *patch, ol_err *err)
{
    uint64_t height = ol_node_head(node)->height + 1 + node->skip;
    OL_TRY(make_at(node, height, time_of_next(node), patch, err));
    node->skip = 0;
    node->pass_ns = 0;
    return OL_OK;
}

ol_rc ol_node_produce(ol_node *node, ol_err *err)
{
    return ol__node_make(node, NULL, err);
}

bool ol_node_has_work(const ol_node *node)
{
    const ol_block *head = ol_node_head(node);
    return node->pool.count > 0 || head->outgoing_count > 0 ||
           ol_yield_is_due(&head->state, head->height + 1 + node->skip);
}

ol_rc ol_node_run(ol_node *node, unsigned blocks_max, ol_err *err)
{
    for (unsigned i = 0; i < blocks_max && ol_node_has_work(node); i++)
        OL_TRY(ol_node_produce(node, err));
    return OL_OK;
}

void ol_node_skip(ol_node *node, uint64_t heights)
{
    node->skip += heights;
}

void ol_node_pass(ol_node *node, uint64_t ns)
{
    node->pass_ns += ns;
}

/* ── Forks ── */

/* The transactions of a block that is about to go return to the pool. */
static void return_transactions(ol_node *node, const ol_block *block)
{
    for (size_t i = 0; i < block->transaction_count; i++) {
        ol_buf bytes = ol_buf_new(OL_TRANSACTION_BYTES_MAX);
        ol_pooled *pooled;
        ol_signed_transaction_encode(&block->transactions[i], &bytes);
        if (ol_pooled_new(ol_buf_bytes(&bytes), &pooled, NULL) == OL_OK)
            ol_pool_add(&node->pool, pooled);
        ol_buf_deinit(&bytes);
    }
}

/* As many blocks as before, at the same heights and times, or nothing: the branch grows beside the
 * old one, which is dropped when it is complete. */
ol_rc ol_node_fork(ol_node *node, unsigned depth, ol_err *err)
{
    ol_chain *chain = &node->chain;
    size_t visible = chain->count - chain->hidden;
    uint64_t heights[OL_NODE_FORK_DEPTH_MAX];
    uint64_t times[OL_NODE_FORK_DEPTH_MAX];
    if (depth == 0 || depth > OL_NODE_FORK_DEPTH_MAX || depth >= visible)
        return ol_fail(err, OL_ERR_INVALID, "no %u blocks to replace", depth);
    if (depth > node->options.finality_lag)
        return ol_fail(err, OL_ERR_INVALID, "only %u blocks are not final yet",
                       node->options.finality_lag);
    size_t kept = chain->count - depth;
    for (size_t i = 0; i < depth; i++) {
        const ol_block *block = &chain->blocks[kept + i]->block;
        heights[i] = block->height;
        times[i] = block->timestamp_ns;
        return_transactions(node, block);
    }
    if (!chain->blocks[kept - 1]->block.has_state)
        return ol_fail(err, OL_ERR_INVALID, "the state before these blocks is forgotten");
    ol_chain_cut(chain, kept);
    node->salt++;
    for (size_t i = 0; i < depth; i++)
        OL_TRY(make_at(node, heights[i], times[i], NULL, err));
    return OL_OK;
}

/* ── Finding ── */

const ol_block *ol_node_head(const ol_node *node)
{
    return &ol_chain_head(&node->chain)->block;
}

const ol_block *ol_node_final(const ol_node *node)
{
    return ol_chain_back(&node->chain, node->options.finality_lag);
}

/* Halfway: one block behind the head, where final is further. */
const ol_block *ol_node_near_final(const ol_node *node)
{
    return ol_chain_back(&node->chain, node->options.finality_lag / 2);
}

const ol_block *ol_node_earliest(const ol_node *node)
{
    return ol_chain_first(&node->chain);
}

const ol_block *ol_node_genesis(const ol_node *node)
{
    const ol_block *first = ol_chain_first(&node->chain);
    return ol_sha256_eq(&first->hash, &node->genesis.hash) ? first : &node->genesis;
}

const ol_block *ol_node_block_at(const ol_node *node, uint64_t height)
{
    return ol_chain_at(&node->chain, height);
}

const ol_block *ol_node_block_of(const ol_node *node, const ol_sha256 *hash)
{
    ol_index_value value;
    return ol_index_find(&node->chain.hashes, hash, &value) ? value.block : NULL;
}

const ol_block *ol_node_parent(const ol_node *node, const ol_block *block)
{
    return ol_node_block_of(node, &block->prev_hash);
}

bool ol_node_find_outcome(const ol_node *node, const ol_sha256 *id, ol_found *ret)
{
    ol_index_value value;
    if (!ol_index_find(&node->chain.outcomes, id, &value))
        return false;
    *ret = (ol_found){.block = value.block, .outcome = value.item};
    return true;
}

const ol_receipt *ol_node_find_receipt(const ol_node *node, const ol_sha256 *id,
                                       const ol_block **ret_block)
{
    ol_index_value value;
    if (!ol_index_find(&node->chain.receipts, id, &value))
        return NULL;
    *ret_block = value.block;
    return value.item;
}

/* ── Patches ── */

ol_rc ol_node_put_account(ol_node *node, const ol_account_seed *seed, ol_err *err)
{
    const ol_patch patch = {.kind = OL_PATCH_ACCOUNTS, .accounts = seed, .account_count = 1};
    return ol__node_make(node, &patch, err);
}

ol_rc ol_node_fund(ol_node *node, ol_str account_id, ol_yocto amount, ol_err *err)
{
    const ol_patch patch = {.kind = OL_PATCH_FUND, .account_id = account_id, .amount = amount};
    return ol__node_make(node, &patch, err);
}

ol_rc ol_node_put_data(ol_node *node, ol_str account_id, ol_bytes key, ol_bytes value, ol_err *err)
{
    const ol_patch patch = {
        .kind = OL_PATCH_DATA, .account_id = account_id, .key = key, .value = value};
    return ol__node_make(node, &patch, err);
}

ol_rc ol_node_put_access_key(ol_node *node, ol_str account_id, const ol_public_key *key,
                             const ol_access_key *access, ol_err *err)
{
    const ol_patch patch = {
        .kind = OL_PATCH_KEY, .account_id = account_id, .public_key = key, .access = access};
    return ol__node_make(node, &patch, err);
}
