/* JSON-RPC over HTTP: a request that waits is a held connection (NEAR 5.2). */
#include "emulator/server/http.h"
#include "emulator/server/json_block.h"
#include "emulator/server/rpc.h"

enum { WAIT_ARENA_BYTES = 4 * 1024 * 1024 };

typedef struct rpc_waiter {
    waiter base; /* first */
    ol_str id_json;
    tx_wish wish;
} rpc_waiter;

static void answer(ol_web_request *request, rpc_answer *it)
{
    ol_web_answer_json(request, it->http, &it->body);
}

static bool try_again(localnet *net, waiter *base, bool late)
{
    rpc_waiter *one = (rpc_waiter *)base;
    ol_arena scratch = ol_arena_new(WAIT_ARENA_BYTES); /* not the request's: this happens often */
    rpc_answer result;
    bool done = rpc_serve_waiting(net, one->id_json, &one->wish, late, &scratch, &result);
    if (done)
        answer(base->request, &result);
    ol_arena_deinit(&scratch);
    return done;
}

static void wait(localnet *net, ol_web_request *request, const rpc_answer *asked)
{
    rpc_answer result;
    rpc_waiter *one = OL_ARENA_NEW(ol_web_arena(request), rpc_waiter);
    ol_str id_json;
    if (one != NULL && ol_arena_copy(ol_web_arena(request), asked->id_json, &id_json)) {
        *one = (rpc_waiter){
            .base = {.request = request,
                     .deadline_ns = ol_mono_ns(net->clock) + (int64_t)net->set->wait_ms * 1000000,
                     .try_now = try_again},
            .id_json = id_json,
            .wish = asked->wish};
        if (waits_add(&net->waits, &one->base))
            return;
    }
    /* Too many wait: as if its time were over. */
    bool done =
        rpc_serve_waiting(net, asked->id_json, &asked->wish, true, ol_web_arena(request), &result);
    OL_ASSERT(done);
    answer(request, &result);
}

void serve_rpc(localnet *net, ol_web_request *request)
{
    rpc_answer result;
    rpc_serve(net, ol_bytes_str(ol_web_body_of(request)), ol_web_arena(request), &result);
    if (result.waits)
        wait(net, request, &result);
    else
        answer(request, &result);
}

void serve_status(localnet *net, ol_web_request *request)
{
    ol_buf body = ol_buf_new(OL_KIB(64));
    ol_json_writer w = ol_json_writer_over(&body);
    json_node_status(&w, net);
    ol_web_answer_json(request, 200, &body);
}
