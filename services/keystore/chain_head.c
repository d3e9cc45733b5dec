#include "services/keystore/chain_head.h"

#include <stdio.h>
#include <string.h>

typedef struct heard {
    const ol_rpc *rpc;
    ol_block_head head;
} heard;

static bool head_same(const ol_block_head *a, const ol_block_head *b)
{
    return a->height == b->height && a->timestamp_ns == b->timestamp_ns &&
           strcmp(a->hash_text, b->hash_text) == 0;
}

/* By height: what a node has there is on its own chain, which a block known by its hash need not
 * be. */
static bool confirmed(const heard *witness, const ol_block_head *head)
{
    char height[24];
    ol_block_head seen;
    ol_err err; /* who does not answer does not agree */
    (void)snprintf(height, sizeof height, "%llu", (unsigned long long)head->height);
    return ol_rpc_block_head(witness->rpc, ol_str_of(height), &seen, NULL, &err) == OL_OK &&
           head_same(&seen, head);
}

/* Two that stand for one block: the lower, which the other one calls final as well. */
static bool pair_agrees(const heard *a, const heard *b, ol_block_head *ret)
{
    const heard *low = a->head.height <= b->head.height ? a : b;
    const heard *high = low == a ? b : a;
    if (high->head.height - low->head.height > CHAIN_HEAD_LAG_MAX)
        return false;
    if (!head_same(&low->head, &high->head) && !confirmed(high, &low->head))
        return false;
    *ret = low->head;
    return true;
}

ol_rc chain_head_agree(const ol_rpc *rpc, size_t count, ol_block_head *ret, ol_err *err)
{
    heard all[CHAIN_HEADS_MAX];
    size_t heads = 0;
    if (count == 1)
        return ol_rpc_block_head(&rpc[0], OL_STR("final"), ret, NULL, err);
    OL_ASSERT(count <= CHAIN_HEADS_MAX);
    for (size_t i = 0; i < count; i++) {
        all[heads].rpc = &rpc[i];
        if (ol_rpc_block_head(&rpc[i], OL_STR("final"), &all[heads].head, NULL, err) != OL_OK)
            continue;
        for (size_t j = 0; j < heads; j++) {
            if (pair_agrees(&all[j], &all[heads], ret))
                return OL_OK;
        }
        heads++;
    }
    return ol_fail(err, OL_ERR_PROTOCOL, "the configured endpoints do not agree on a final block");
}
