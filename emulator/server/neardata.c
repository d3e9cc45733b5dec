/* Blocks as neardata serves them (NEAR 6), so that a follower of the network follows this chain
 * unchanged. */
#include "emulator/server/http.h"
#include "emulator/server/json_block.h"
#include "emulator/server/rpc.h"

/* A height so little above the newest block is waited for; beyond it is not there. */
enum { HEIGHTS_AHEAD_MAX = 20 };

/* ---- The document */

static void put_empty_list(ol_json_writer *w, const char *key)
{
    ol_json_key(w, key);
    ol_json_array_begin(w);
    ol_json_array_end(w);
}

static void transactions(ol_json_writer *w, const ol_block *block)
{
    size_t accepted = 0;
    ol_json_key(w, "transactions");
    ol_json_array_begin(w);
    for (size_t i = 0; i < block->transaction_outcomes; i++) {
        const ol_outcome *outcome = &block->outcomes[i];
        if (outcome->transaction == NULL || accepted == block->transaction_count)
            continue;
        accepted++;
        ol_json_object_begin(w);
        ol_json_key(w, "transaction");
        json_transaction(w, outcome->transaction);
        ol_json_key(w, "outcome");
        ol_json_object_begin(w);
        ol_json_key(w, "execution_outcome");
        json_outcome(w, outcome, &block->hash);
        ol_json_put_null(w, "receipt");
        ol_json_object_end(w);
        ol_json_object_end(w);
    }
    ol_json_array_end(w);
}

static void receipts(ol_json_writer *w, const char *key, const ol_receipt *const *list,
                     size_t count)
{
    ol_json_key(w, key);
    ol_json_array_begin(w);
    for (size_t i = 0; i < count; i++)
        json_receipt(w, list[i]);
    ol_json_array_end(w);
}

static void chunk(ol_json_writer *w, const ol_block *block)
{
    ol_json_key(w, "chunk");
    ol_json_object_begin(w);
    ol_json_put_cstr(w, "author", LOCALNET_VALIDATOR);
    ol_json_key(w, "header");
    json_chunk_header(w, block);
    transactions(w, block);
    receipts(w, "receipts", block->incoming, block->incoming_count);
    receipts(w, "local_receipts", block->local, block->local_count);
    ol_json_object_end(w);
}

static void receipt_outcomes(ol_json_writer *w, const ol_block *block)
{
    ol_json_key(w, "receipt_execution_outcomes");
    ol_json_array_begin(w);
    for (size_t i = block->transaction_outcomes; i < block->outcome_count; i++) {
        const ol_outcome *outcome = &block->outcomes[i];
        if (outcome->receipt == NULL)
            continue;
        ol_json_object_begin(w);
        ol_json_key(w, "execution_outcome");
        json_outcome(w, outcome, &block->hash);
        ol_json_key(w, "receipt");
        json_receipt(w, outcome->receipt);
        json_put_hash(w, "tx_hash", &outcome->transaction_hash);
        ol_json_object_end(w);
    }
    ol_json_array_end(w);
}

void json_neardata_block(ol_json_writer *w, const localnet *net, const ol_block *block)
{
    ol_json_object_begin(w);
    ol_json_key(w, "block");
    json_block(w, net, block);
    ol_json_key(w, "shards");
    ol_json_array_begin(w);
    ol_json_object_begin(w);
    ol_json_put_u64(w, "shard_id", 0);
    chunk(w, block);
    receipt_outcomes(w, block);
    put_empty_list(w, "state_changes");
    ol_json_object_end(w);
    ol_json_array_end(w);
    ol_json_object_end(w);
}

/* ---- Asking for a height */

typedef struct block_waiter {
    waiter base; /* first */
    uint64_t height;
    bool optimistic;
} block_waiter;

static const ol_block *newest(const localnet *net, bool optimistic)
{
    return optimistic ? ol_node_head(net->node) : ol_node_final(net->node);
}

static void answer_missing(ol_web_request *request)
{
    ol_web_answer_static(request, 404, OL_WEB_TYPE_JSON,
                         OL_STR("{\"error\":\"the block is not there (yet)\",\"type\":"
                                "\"BLOCK_DOES_NOT_EXIST\"}"));
}

static void answer_block(localnet *net, ol_web_request *request, const ol_block *block)
{
    ol_buf body = ol_buf_new(RPC_ANSWER_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&body);
    json_neardata_block(&w, net, block);
    ol_web_answer_json(request, 200, &body);
}

/* The height is not above the newest block: there is a block, or there never will be one. Blocks
 * that are forgotten count as skipped, so that a follower who is far behind comes on. */
static void answer_height(localnet *net, ol_web_request *request, uint64_t height)
{
    const ol_block *block = ol_node_block_at(net->node, height);
    if (block != NULL)
        answer_block(net, request, block);
    else
        ol_web_answer_static(request, 200, OL_WEB_TYPE_JSON, OL_STR("null"));
}

static bool try_again(localnet *net, waiter *base, bool late)
{
    const block_waiter *one = (const block_waiter *)base;
    if (one->height <= newest(net, one->optimistic)->height)
        answer_height(net, base->request, one->height);
    else if (late)
        answer_missing(base->request);
    else
        return false;
    return true;
}

static bool wait(localnet *net, ol_web_request *request, uint64_t height, bool optimistic)
{
    block_waiter *one = OL_ARENA_NEW(ol_web_arena(request), block_waiter);
    if (one == NULL)
        return false;
    *one = (block_waiter){
        .base = {.request = request,
                 .deadline_ns = ol_mono_ns(net->clock) + (int64_t)net->set->wait_ms * 1000000,
                 .try_now = try_again},
        .height = height,
        .optimistic = optimistic};
    return waits_add(&net->waits, &one->base);
}

static void serve_block(localnet *net, ol_web_request *request, bool optimistic)
{
    uint64_t height;
    if (!ol_u64_parse(ol_web_param(request, 0), &height)) {
        ol_web_answer_static(request, 400, OL_WEB_TYPE_JSON,
                             OL_STR("{\"error\":\"the height is not a number\"}"));
        return;
    }
    uint64_t top = newest(net, optimistic)->height;
    if (height <= top)
        answer_height(net, request, height);
    else if (height - top > HEIGHTS_AHEAD_MAX || !wait(net, request, height, optimistic))
        answer_missing(request);
}

void serve_block_final(localnet *net, ol_web_request *request)
{
    serve_block(net, request, false);
}

void serve_block_optimistic(localnet *net, ol_web_request *request)
{
    serve_block(net, request, true);
}

static void redirect(ol_web_request *request, const char *path, uint64_t height)
{
    char storage[64];
    ol_buf target = ol_buf_over(storage, sizeof storage);
    ol_buf_addf(&target, "%s/%llu", path, (unsigned long long)height);
    ol_web_add_header(request, "location", ol_buf_str(&target));
    ol_web_answer_empty(request, 302);
}

void serve_last_final(localnet *net, ol_web_request *request)
{
    redirect(request, "/v0/block", newest(net, false)->height);
}

void serve_last_optimistic(localnet *net, ol_web_request *request)
{
    redirect(request, "/v0/block_opt", newest(net, true)->height);
}

void serve_first_block(localnet *net, ol_web_request *request)
{
    redirect(request, "/v0/block", ol_node_earliest(net->node)->height);
}
