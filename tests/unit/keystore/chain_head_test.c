/* Keystore 15, X2: at which block a decision reads, where several endpoints are configured. */
#include <stdio.h>
#include <string.h>

#include "lib/codec/base58.h"
#include "lib/codec/json_read.h"
#include "services/keystore/chain_head.h"
#include "tests/harness/test.h"

/* A node: its last final block, and which chain its blocks are of. */
typedef struct node {
    uint64_t height; /* 0: it does not answer */
    uint8_t chain;
    uint64_t dated; /* 0: as blocks are; else the date it gives its own head */
    unsigned asked;
} node;

/* As an honest node says, whatever the block is. */
static void block_put(const node *n, uint64_t height, ol_buf *into)
{
    uint8_t hash[32] = {n->chain};
    OL_AUTO(ol_arena) arena = ol_arena_new(1024);
    memcpy(hash + 1, &height, sizeof height);
    ol_str text = ol_base58_of(&arena, (ol_bytes){hash, sizeof hash});
    uint64_t time = n->dated > 0 ? n->dated : height * 1000;
    ol_buf_addf(
        into,
        "{\"jsonrpc\":\"2.0\",\"id\":\"outlayer\",\"result\":{\"author\":\"a\",\"header\":{"
        "\"height\":%llu,\"hash\":\"%.*s\",\"timestamp\":%llu,\"timestamp_nanosec\":\"%llu\","
        "\"prev_hash\":\"11111111111111111111111111111111\"},\"chunks\":[]}}",
        (unsigned long long)height, OL_FMT(text), (unsigned long long)time,
        (unsigned long long)time);
}

static ol_rc post(void *context, ol_str body, ol_buf *into, ol_err *err)
{
    node *n = context;
    ol_json root;
    ol_json params;
    ol_json id;
    uint64_t height = n->height;
    n->asked++;
    CHECK_EQ(ol_json_parse(body, &root, err), OL_OK);
    CHECK(ol_json_find(&root, OL_STR("params"), &params));
    if (ol_json_find(&params, OL_STR("block_id"), &id))
        CHECK_EQ(ol_json_u64(&id, &height, err), OL_OK);
    if (n->height == 0)
        return ol_fail(err, OL_ERR_NETWORK, "nobody there");
    if (height > n->height)
        return ol_fail(err, OL_ERR_NETWORK, "not yet");
    block_put(n, height, into);
    return OL_OK;
}

/* The height agreed on; 0: none. */
static uint64_t agreed(node *nodes, size_t count)
{
    ol_rpc rpc[CHAIN_HEADS_MAX];
    ol_block_head head = {0};
    ol_err err;
    for (size_t i = 0; i < count; i++)
        rpc[i] = (ol_rpc){post, &nodes[i]};
    return chain_head_agree(rpc, count, &head, &err) == OL_OK ? head.height : 0;
}

TEST("X2: one endpoint alone is believed, of several two must have the block")
{
    static const struct {
        const char *is;
        node nodes[CHAIN_HEADS_MAX];
        size_t count;
        uint64_t height;
    } ROWS[] = {
        {"one endpoint", {{.height = 500}}, 1, 500},
        {"one that is silent", {{.height = 0}}, 1, 0},
        {"two say the same", {{.height = 500}, {.height = 500}, {.height = 400}}, 3, 500},
        {"one a few blocks behind", {{.height = 503}, {.height = 500}, {.height = 0}}, 3, 500},
        {"the first is silent", {{.height = 0}, {.height = 501}, {.height = 500}}, 3, 500},
        {"the first is of a fork", {{500, .chain = 7}, {.height = 501}, {.height = 502}}, 3, 501},
        {"the first names an old block",
         {{.height = 400}, {.height = 500}, {.height = 501}},
         3,
         500},
        {"the first dates a block anew",
         {{490, .dated = 999000}, {.height = 500}, {.height = 501}},
         3,
         500},
        {"the first is ahead of all", {{.height = 900}, {.height = 500}, {.height = 501}}, 3, 500},
        {"all differ", {{500, .chain = 1}, {500, .chain = 2}, {500, .chain = 3}}, 3, 0},
        {"one answers", {{.height = 500}, {.height = 0}, {.height = 0}}, 3, 0},
        {"one of two is silent", {{.height = 500}, {.height = 0}}, 2, 0},
    };
    OL_EACH (row, ROWS) {
        node nodes[CHAIN_HEADS_MAX];
        memcpy(nodes, row->nodes, sizeof nodes);
        CHECK_EQ_ROW(agreed(nodes, row->count), row->height, row->is);
    }
}

TEST("X2: no more endpoints are asked than are needed")
{
    node nodes[] = {{.height = 500}, {.height = 500}, {.height = 500}};
    CHECK_EQ(agreed(nodes, 3), 500);
    CHECK_EQ(nodes[0].asked + nodes[1].asked, 2);
    CHECK_EQ(nodes[2].asked, 0);
}
