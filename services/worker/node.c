#include "services/worker/node.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/net/http_client.h"

enum {
    RPC_MS = 30000,   /* Worker 8.2 */
    BLOCK_MS = 10000, /* Worker 3.1 */
    REDIRECTS_MAX = 3,
};

struct node {
    const worker_settings *settings;
    ol_http_client *http;
    ol_rpc rpc;
    ol_fetch fetch;
};

static ol_rc post(void *context, ol_str body, ol_buf *into, ol_err *err)
{
    node *n = context;
    static const ol_http_header type = {OL_STR_INIT("Content-Type"),
                                        OL_STR_INIT("application/json")};
    const ol_http_request request = {.method = OL_STR("POST"),
                                     .url = n->settings->near_rpc_url,
                                     .header = &type,
                                     .headers = 1,
                                     .body = ol_str_bytes(body),
                                     .total_ms = RPC_MS};
    ol_http_answer answer;
    OL_TRY(ol_http_exchange(n->http, &request, into, &answer, err));
    bool json = into->len > 0 && into->data[0] == '{';
    if (answer.status == 200 || json)
        return OL_OK;
    return ol_fail(err, OL_ERR_NETWORK, "RPC answered %d", answer.status);
}

static ol_rc get(void *context, ol_str url, ol_buf *into, int *ret_status, ol_err *err)
{
    node *n = context;
    const ol_http_request request = {
        .method = OL_STR("GET"), .url = url, .total_ms = BLOCK_MS, .redirects_max = REDIRECTS_MAX};
    ol_http_answer answer;
    OL_TRY(ol_http_exchange(n->http, &request, into, &answer, err));
    *ret_status = answer.status;
    return OL_OK;
}

node *node_open(const worker_settings *settings)
{
    char ca[4096] = "";
    node *n = calloc(1, sizeof *n);
    if (n == NULL)
        return NULL;
    (void)snprintf(ca, sizeof ca, "%.*s", OL_FMT(settings->ca_file));
    n->settings = settings;
    n->http = ol_http_client_new(&(ol_http_options){.ca_file = ca[0] != '\0' ? ca : NULL,
                                                    .user_agent = "outlayer-worker/" OL_VERSION});
    n->rpc = (ol_rpc){post, n};
    n->fetch = (ol_fetch){get, n};
    if (n->http == NULL) {
        free(n);
        return NULL;
    }
    return n;
}

void node_close(node *n)
{
    if (n == NULL)
        return;
    ol_http_client_free(n->http);
    free(n);
}

void node_interrupt(node *n)
{
    ol_http_client_cancel(n->http);
}

const ol_rpc *node_rpc(node *n)
{
    return &n->rpc;
}

const ol_fetch *node_fetch(node *n)
{
    return &n->fetch;
}
