/* Going back to a moment by its name. The blocks since then are forgotten, and with them snapshots
 * of newer blocks. */
#include <stdio.h>

#include "emulator/node_parts.h"

static ol_node_snapshot_row *row_of(ol_node *node, ol_str name)
{
    for (size_t i = 0; i < node->snapshot_count; i++) {
        if (ol_str_eq(ol_str_of(node->snapshots[i].name), name))
            return &node->snapshots[i];
    }
    return NULL;
}

/* Where its head stands in the chain; false when that block is gone. */
static bool find_head(const ol_node *node, const ol_node_snapshot_row *row, size_t *ret)
{
    const ol_chain *chain = &node->chain;
    for (size_t i = chain->hidden; i < chain->count; i++) {
        if (ol_sha256_eq(&chain->blocks[i]->block.hash, &row->head)) {
            *ret = i;
            return true;
        }
    }
    return false;
}

static void drop_row(ol_node *node, ol_node_snapshot_row *row)
{
    ol_state_deinit(&row->state);
    *row = node->snapshots[--node->snapshot_count];
}

/* Rows whose blocks went with a restore or a fork are of no use any more. */
static void drop_lost_rows(ol_node *node)
{
    size_t at;
    for (size_t i = node->snapshot_count; i-- > 0;) {
        if (!find_head(node, &node->snapshots[i], &at))
            drop_row(node, &node->snapshots[i]);
    }
}

ol_rc ol_node_snapshot(ol_node *node, ol_str name, ol_err *err)
{
    if (name.len == 0 || name.len > OL_NODE_SNAPSHOT_NAME_BYTES_MAX)
        return ol_fail(err, OL_ERR_INVALID, "a snapshot's name has 1 to %d bytes",
                       OL_NODE_SNAPSHOT_NAME_BYTES_MAX);
    ol_node_snapshot_row *row = row_of(node, name);
    if (row != NULL)
        drop_row(node, row);
    drop_lost_rows(node);
    if (node->snapshot_count == OL_NODE_SNAPSHOTS_MAX)
        return ol_fail(err, OL_ERR_LIMIT, "there are %d snapshots already", OL_NODE_SNAPSHOTS_MAX);
    const ol_block *head = ol_node_head(node);
    row = &node->snapshots[node->snapshot_count++];
    *row = (ol_node_snapshot_row){.head = head->hash, .state = ol_state_share(&head->state)};
    (void)snprintf(row->name, sizeof row->name, "%.*s", OL_FMT(name));
    return OL_OK;
}

ol_rc ol_node_restore(ol_node *node, ol_str name, ol_err *err)
{
    ol_node_snapshot_row *row = row_of(node, name);
    size_t at;
    if (row == NULL || !find_head(node, row, &at))
        return ol_fail(err, OL_ERR_NOT_FOUND, "no snapshot is named %.*s", OL_FMT(name));
    ol_block *head = &node->chain.blocks[at]->block;
    ol_state state = ol_state_share(&row->state);
    ol_chain_cut(&node->chain, at + 1);
    ol_pool_clear(&node->pool);
    ol_state_set(&head->state, &state);
    ol_state_deinit(&state);
    head->has_state = true;
    node->skip = 0;
    node->pass_ns = 0;
    node->salt++; /* another future, with other hashes */
    drop_lost_rows(node);
    return OL_OK;
}
