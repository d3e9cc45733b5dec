/* Every path the program answers: one const table (http.c). Handlers there only hand requests over
 * to the thread of the node; the functions below run on that thread. */
#ifndef LOCALNET_HTTP_H
#define LOCALNET_HTTP_H

#include "emulator/server/localnet.h"

extern const ol_web_route LOCALNET_ROUTES[];
extern const size_t LOCALNET_ROUTE_COUNT;

/* rpc_http.c */
arrival_fn serve_rpc, serve_status;
/* neardata.c */
arrival_fn serve_block_final, serve_block_optimistic, serve_last_final, serve_last_optimistic,
    serve_first_block;
/* control.c */
arrival_fn serve_dev_account, serve_dev_fund, serve_dev_mine, serve_dev_forward, serve_dev_snapshot,
    serve_dev_restore, serve_dev_fault, serve_dev_status, serve_dev_key;

#endif
