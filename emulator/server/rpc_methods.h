/* Every method: one line here, one row in rpc_table.c. */
#ifndef LOCALNET_RPC_METHODS_H
#define LOCALNET_RPC_METHODS_H

#include "emulator/server/rpc.h"

/* rpc_tx.c */
rpc_method_fn rpc_send_tx, rpc_broadcast_async, rpc_broadcast_commit, rpc_tx, rpc_tx_status;
/* rpc_receipt.c */
rpc_method_fn rpc_receipt;
/* rpc_query.c */
rpc_method_fn rpc_query, rpc_view_account, rpc_view_access_key, rpc_view_access_key_list,
    rpc_view_code, rpc_view_state, rpc_call_function;
/* rpc_block.c */
rpc_method_fn rpc_block, rpc_chunk, rpc_gas_price;
/* rpc_changes.c */
rpc_method_fn rpc_changes, rpc_changes_in_block;
/* rpc_network.c */
rpc_method_fn rpc_health, rpc_status, rpc_network_info, rpc_validators;
/* rpc_config.c */
rpc_method_fn rpc_protocol_config, rpc_genesis_config;
/* rpc_sandbox.c */
rpc_method_fn rpc_patch_state, rpc_fast_forward;

#endif
