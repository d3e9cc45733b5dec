#include "emulator/server/http.h"

#include "emulator/server/rpc.h"

/* NEAR 5: open to every page. */
static const ol_web_cors OPEN = {true, "GET,POST,OPTIONS", "content-type,authorization"};

static void hand_over(ol_web_request *request, void *context, arrival_fn *serve)
{
    localnet *net = context;
    arrival *one = OL_ARENA_NEW(ol_web_arena(request), arrival);
    if (one != NULL) {
        *one = (arrival){request, serve};
        ol_web_hold(request);
        if (ol_queue_push(&net->arrivals, one))
            return;
    }
    ol_web_answer_static(request, 503, OL_WEB_TYPE_JSON,
                         OL_STR("{\"error\":\"too many requests are waiting\"}"));
}

#define HANDLER(name, serve)                                                                       \
    static void name(ol_web_request *request, void *context)                                       \
    {                                                                                              \
        hand_over(request, context, serve);                                                        \
    }

HANDLER(rpc_post, serve_rpc)
HANDLER(status_get, serve_status)
HANDLER(block_get, serve_block_final)
HANDLER(block_opt_get, serve_block_optimistic)
HANDLER(last_final_get, serve_last_final)
HANDLER(last_optimistic_get, serve_last_optimistic)
HANDLER(first_block_get, serve_first_block)
HANDLER(dev_account, serve_dev_account)
HANDLER(dev_fund, serve_dev_fund)
HANDLER(dev_mine, serve_dev_mine)
HANDLER(dev_forward, serve_dev_forward)
HANDLER(dev_snapshot, serve_dev_snapshot)
HANDLER(dev_restore, serve_dev_restore)
HANDLER(dev_fault, serve_dev_fault)
HANDLER(dev_status, serve_dev_status)
HANDLER(dev_key, serve_dev_key)

/* That the program listens; the thread of the node may be busy. */
static void health_get(ol_web_request *request, void *context)
{
    (void)context;
    ol_web_answer_static(request, 200, OL_WEB_TYPE_JSON, OL_STR("{}"));
}

#define GET OL_WEB_GET
#define POST OL_WEB_POST
/* Some clients send JSON under another name: the body decides. */
#define BODY OL_WEB_BODY_ANY, RPC_BODY_BYTES_MAX, 0
#define NONE OL_WEB_BODY_NONE, 1024, 0

const ol_web_route LOCALNET_ROUTES[] = {
    {POST, "/", NULL, &OPEN, BODY, rpc_post},
    {GET, "/status", NULL, &OPEN, NONE, status_get},
    {GET, "/health", NULL, &OPEN, NONE, health_get},

    {GET, "/v0/block/{height}", NULL, &OPEN, NONE, block_get},
    {GET, "/v0/block_opt/{height}", NULL, &OPEN, NONE, block_opt_get},
    {GET, "/v0/last_block/final", NULL, &OPEN, NONE, last_final_get},
    {GET, "/v0/last_block/optimistic", NULL, &OPEN, NONE, last_optimistic_get},
    {GET, "/v0/first_block", NULL, &OPEN, NONE, first_block_get},

    {POST, "/dev/account", NULL, &OPEN, BODY, dev_account},
    {POST, "/dev/fund", NULL, &OPEN, BODY, dev_fund},
    {POST, "/dev/mine", NULL, &OPEN, BODY, dev_mine},
    {POST, "/dev/fast-forward", NULL, &OPEN, BODY, dev_forward},
    {POST, "/dev/snapshot", NULL, &OPEN, BODY, dev_snapshot},
    {POST, "/dev/restore", NULL, &OPEN, BODY, dev_restore},
    {POST, "/dev/fault", NULL, &OPEN, BODY, dev_fault},
    {GET, "/dev/status", NULL, &OPEN, NONE, dev_status},
    {GET, "/dev/key/{account_id}", NULL, &OPEN, NONE, dev_key},
};
const size_t LOCALNET_ROUTE_COUNT = OL_COUNT(LOCALNET_ROUTES);
