/* Any bytes as a JSON-RPC request to the local chain, and what follows from it: blocks are made, a
 * request that waits is asked again and ended. Every answer is JSON with a known status. */
#include <stdlib.h>

#include "emulator/server/node_start.h"
#include "emulator/server/rpc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The chain goes on from input to input; beyond this height it begins anew. */
enum { HEIGHT_MAX = 1000 };
#define ARENA_BYTES OL_MIB(32)

static localnet_options set;
static localnet net;

static void chain_restart(void)
{
    char *argv[] = {(char[]){"localnet"}, (char[]){"--clock"}, (char[]){"steps"},
                    (char[]){"--produce"}, (char[]){"manual"}};
    ol_err err;
    ol_node_free(net.node);
    net = (localnet){.set = &set, .clock = ol_clock_real()};
    ol_rc rc = options_parse(OL_COUNT(argv), argv, &set, &err);
    OL_ASSERT(rc == OL_OK);
    rc = node_start(&set, net.clock, &net.node, &err);
    OL_ASSERT(rc == OL_OK);
}

static void check_answer(rpc_answer *answer)
{
    OL_ASSERT(answer->http == 200 || answer->http == 400 || answer->http == 408 ||
              answer->http == 422 || answer->http == 500);
    OL_ASSERT(ol_json_valid(ol_buf_str(&answer->body)));
    ol_buf_deinit(&answer->body);
}

static void ask(ol_str body, ol_arena *arena)
{
    ol_err err;
    rpc_answer answer;
    rpc_answer later;
    rpc_serve(&net, body, arena, &answer);
    if (!answer.waits) {
        check_answer(&answer);
        return;
    }
    ol_rc rc = localnet_block(&net, &err);
    OL_ASSERT(rc == OL_OK);
    bool done = rpc_serve_waiting(&net, answer.id_json, &answer.wish, false, arena, &later);
    if (!done)
        done = rpc_serve_waiting(&net, answer.id_json, &answer.wish, true, arena, &later);
    OL_ASSERT(done);
    check_answer(&later);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (net.node == NULL || ol_node_head(net.node)->height > HEIGHT_MAX)
        chain_restart();
    ol_arena arena = ol_arena_new(ARENA_BYTES);
    ask((ol_str){(const char *)data, size}, &arena);
    ol_arena_deinit(&arena);
    return 0;
}
