/* Following a transaction through the outcomes of its receipts (NEAR 5.1, 5.2). */
#include "emulator/list.h"
#include "emulator/node_parts.h"

/* Outcomes of a transaction's receipts are listed with each before what it made. */
typedef struct walk {
    const ol_node *node;
    ol_arena *arena;
    ol_list found;  /* ol_found */
    bool missing;   /* a receipt has not run */
    bool refunding; /* a refund has not run */
} walk;

static bool is_pending_refund(const ol_node *node, const ol_sha256 *id)
{
    const ol_block *block;
    const ol_receipt *receipt = ol_node_find_receipt(node, id, &block);
    return receipt != NULL && ol_receipt_is_refund(receipt);
}

/* Depth first; the path is as long as the chain of calls, which gas bounds. */
static void visit(walk *w, const ol_outcome *outcome)
{
    for (size_t i = 0; i < outcome->receipt_count; i++) {
        ol_found next;
        if (ol_node_find_outcome(w->node, &outcome->receipt_ids[i], &next)) {
            OL_LIST_ADD(&w->found, w->arena, ol_found) = next;
            visit(w, next.outcome);
        } else if (is_pending_refund(w->node, &outcome->receipt_ids[i])) {
            w->refunding = true;
        } else {
            w->missing = true;
        }
    }
}

/* The end of the chain SuccessReceiptId → SuccessReceiptId → … */
static void follow_status(const ol_node *node, ol_trace *trace)
{
    const ol_outcome *at = trace->transaction_outcome.outcome;
    ol_found next;
    while (at->status == OL_STATUS_RECEIPT && ol_node_find_outcome(node, &at->receipt_id, &next))
        at = next.outcome;
    trace->status = at->status == OL_STATUS_RECEIPT ? OL_STATUS_UNKNOWN : at->status;
    trace->status_outcome = at;
}

static bool all_final(const ol_node *node, const ol_trace *trace)
{
    uint64_t final = ol_node_final(node)->height;
    for (size_t i = 0; i < trace->receipt_count; i++) {
        if (trace->receipts[i].block->height > final)
            return false;
    }
    return trace->included_final;
}

bool ol_node_trace(const ol_node *node, const ol_sha256 *transaction_hash, ol_arena *arena,
                   ol_trace *ret)
{
    walk w = {.node = node, .arena = arena};
    ol_found start;
    const ol_pooled *pooled = ol_pool_find(&node->pool, transaction_hash);
    *ret = (ol_trace){0};
    if (pooled != NULL) {
        ret->pending = true;
        ret->transaction = &pooled->it;
        return true;
    }
    if (!ol_node_find_outcome(node, transaction_hash, &start) || start.outcome->transaction == NULL)
        return false;
    visit(&w, start.outcome);
    ret->transaction = start.outcome->transaction;
    ret->transaction_outcome = start;
    ret->receipts = w.found.items;
    ret->receipt_count = w.found.count;
    ret->included_final = start.block->height <= ol_node_final(node)->height;
    ret->executed = !w.missing;
    ret->complete = !w.missing && !w.refunding;
    ret->complete_final = ret->complete && all_final(node, ret);
    follow_status(node, ret);
    return true;
}
