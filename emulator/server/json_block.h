/* Blocks and chunks (NEAR 5.1): strict clients need every field. The chain has one shard, so a
 * block has one chunk, and one validator. */
#ifndef LOCALNET_JSON_BLOCK_H
#define LOCALNET_JSON_BLOCK_H

#include "emulator/server/json_views.h"
#include "emulator/server/localnet.h"

#define LOCALNET_VALIDATOR "node0" /* producer of every block */
/* NEAR 0: gas a chunk may burn on the network; here only shown. */
#define LOCALNET_CHUNK_GAS_LIMIT UINT64_C(1000000000000000)

void json_block(ol_json_writer *w, const localnet *net, const ol_block *block);
void json_chunk_header(ol_json_writer *w, const ol_block *block);
/* {author,header,transactions,receipts} */
void json_chunk(ol_json_writer *w, const ol_block *block);

/* rpc_network.c: what `status` says, by JSON-RPC and by GET /status. */
void json_node_status(ol_json_writer *w, const localnet *net);

/* neardata.c: the document of a height. */
void json_neardata_block(ol_json_writer *w, const localnet *net, const ol_block *block);

#endif
