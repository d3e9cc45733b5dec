#include "emulator/node.h"

#include <stdlib.h>

#include "emulator/node_parts.h"
#include "emulator/supply.h"
#include "emulator/verify.h"
#include "lib/near/dev_key.h"

/* 2026-01-01T00:00:00Z */
static const uint64_t GENESIS_TIME_NS = 1767225600000000000U;
enum { BLOCK_TIME_NS = 600000000, GAS_PRICE = 100000000, OPTION_BYTES_MAX = 1 << 20 };
enum { REFUSAL_BYTES_MAX = 4 << 20 };

static ol_node_options with_defaults(const ol_node_options *given, ol_arena *arena)
{
    ol_node_options o = *given;
    o.chain_id = ol_keep(arena, given->chain_id.len > 0 ? given->chain_id : OL_STR("localnet"));
    o.seed = ol_keep(arena, given->seed);
    o.cache_path = given->cache_path == NULL
                       ? NULL
                       : ol_keep(arena, ol_str_of(given->cache_path)).data; /* with its NUL */
    if (o.protocol_version == 0)
        o.protocol_version = OL_NODE_PROTOCOL_VERSION;
    if (o.genesis_height == 0)
        o.genesis_height = 1;
    if (o.genesis_time_ns == 0)
        o.genesis_time_ns = GENESIS_TIME_NS;
    if (o.block_time_ns == 0)
        o.block_time_ns = BLOCK_TIME_NS;
    if (ol_yocto_is_zero(o.gas_price))
        o.gas_price = OL_YOCTO(GAS_PRICE);
    o.accounts = NULL; /* used once, for genesis */
    o.account_count = 0;
    return o;
}

ol_rc ol__node_empty(const ol_node_options *options, ol_node **ret, ol_err *err)
{
    ol_node *node = calloc(1, sizeof *node);
    OL_ASSERT(node != NULL);
    node->arena = ol_arena_new(OPTION_BYTES_MAX);
    node->refusal = ol_arena_new(REFUSAL_BYTES_MAX);
    node->options = with_defaults(options, &node->arena);
    ol_str cache = ol_str_of(node->options.cache_path);
    ol_rc rc = ol_vm_new(node->options.protocol_version, cache, &node->vm, err);
    if (rc != OL_OK) {
        ol_node_free(node);
        return rc;
    }
    ol_params_load(node->vm, node->options.protocol_version, &node->params);
    ol_ed25519_key key;
    ol_dev_key(node->options.seed, OL_STR("node0"), &key);
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    ol_ed25519_key_deinit(&key);
    node->validator = ol_public_key_of_ed25519(&public);
    *ret = node;
    return OL_OK;
}

static ol_rc make_genesis(ol_node *node, const ol_node_options *given, ol_err *err)
{
    const ol_patch patch = {.kind = OL_PATCH_ACCOUNTS,
                            .accounts = given->accounts,
                            .account_count = given->account_count};
    ol_made_block *made;
    ol_plan plan;
    ol__node_plan(node, &plan);
    plan.height = node->options.genesis_height;
    plan.timestamp_ns = node->options.genesis_time_ns;
    plan.patch = &patch;
    OL_TRY(ol_block_make(&plan, NULL, &made, err));
    ol__node_begin(node, made, &made->block);
    return OL_OK;
}

ol_rc ol_node_new(const ol_node_options *options, ol_node **ret, ol_err *err)
{
    ol_node *node;
    OL_TRY(ol__node_empty(options, &node, err));
    ol_rc rc = make_genesis(node, options, err);
    if (rc != OL_OK) {
        ol_node_free(node);
        return rc;
    }
    *ret = node;
    return OL_OK;
}

void ol_node_free(ol_node *node)
{
    if (node == NULL)
        return;
    for (size_t i = 0; i < node->snapshot_count; i++)
        ol_state_deinit(&node->snapshots[i].state);
    ol_chain_deinit(&node->chain);
    ol_pool_deinit(&node->pool);
    ol_arena_deinit(&node->refusal);
    ol_arena_deinit(&node->arena);
    ol_vm_free(node->vm);
    free(node);
}

const ol_node_options *ol_node_settings(const ol_node *node)
{
    return &node->options;
}

const ol_public_key *ol_node_validator_key(const ol_node *node)
{
    return &node->validator;
}

ol_str ol_node_runtime_config(const ol_node *node)
{
    return ol_vm_config(node->vm);
}

void ol_node_set_finality_lag(ol_node *node, unsigned blocks)
{
    node->options.finality_lag = blocks;
}

/* ── Transactions ── */

/* What the network would say of it now, given the head. */
static ol_failure verify(ol_node *node, const ol_signed_transaction *signed_one)
{
    const ol_block *head = ol_node_head(node);
    ol_verdict verdict;
    if (!ol__node_knows(node, signed_one->transaction.block_hash))
        return (ol_failure){.kind = OL_FAILURE_EXPIRED};
    ol_transaction_verify(&node->params, &head->state, signed_one, head->next_gas_price,
                          head->height + 1, &node->refusal, &verdict);
    return verdict.failure;
}

ol_rc ol_node_submit(ol_node *node, ol_bytes bytes, ol_sha256 *ret_hash, ol_failure *ret_failure,
                     ol_err *err)
{
    ol_pooled *pooled;
    ol_found found;
    ol_failure failure = {.kind = OL_FAILURE_NONE};
    ol_arena_deinit(&node->refusal);
    *ret_failure = failure;
    OL_TRY(ol_pooled_new(bytes, &pooled, err));
    *ret_hash = pooled->it.hash;
    bool known =
        ol_pool_find(&node->pool, ret_hash) != NULL || ol_node_find_outcome(node, ret_hash, &found);
    bool full = node->pool.count >= OL_NODE_POOL_MAX;
    if (!known)
        failure = verify(node, &pooled->it);
    if (!known && !full && failure.kind == OL_FAILURE_NONE) {
        ol_pool_add(&node->pool, pooled);
        return OL_OK;
    }
    bool kept = ol_failure_keep(&failure, &node->refusal);
    OL_ASSERT(kept);
    ol_pooled_free(pooled);
    if (known)
        return OL_OK;
    if (failure.kind == OL_FAILURE_NONE)
        return ol_fail(err, OL_ERR_LIMIT, "%d transactions are waiting already", OL_NODE_POOL_MAX);
    *ret_failure = failure;
    return ol_fail(err, OL_ERR_INVALID, "the network refuses this transaction");
}

/* ── Checks ── */

ol_rc ol_node_audit(const ol_node *node, ol_err *err)
{
    const ol_block *head = ol_node_head(node);
    ol_yocto state = ol_supply_of_state(&node->params, &head->state);
    ol_yocto way = ol_supply_of_receipts(&node->params, head->outgoing, head->outgoing_count);
    ol_yocto sum = OL_YOCTO(0);
    if (!ol_yocto_add(state, way, &sum) || !ol_yocto_eq(sum, head->money.after))
        return ol_fail(
            err, OL_ERR_INTERNAL, "block %llu says %s yocto, %s are in its state and %s under way",
            (unsigned long long)head->height, YOCTO(head->money.after), YOCTO(state), YOCTO(way));
    return OL_OK;
}
