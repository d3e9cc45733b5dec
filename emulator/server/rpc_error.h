/* Errors of JSON-RPC, shaped as NEAR 5.3 lists them. Every function returns RPC_FAILED, so that
 * methods write `return rpc_fail(...)`. */
#ifndef LOCALNET_RPC_ERROR_H
#define LOCALNET_RPC_ERROR_H

#include "emulator/error.h"
#include "emulator/server/rpc.h"

/* A HANDLER_ERROR with empty info; `data` becomes a string. */
rpc_end rpc_fail(rpc_call *call, const char *cause, const char *data, ...) OL_PRINTF(3, 4);

/* The same with info: members are put between begin and end.
 *
 *   ol_json_writer info = rpc_fail_begin(call);
 *   ol_json_put_str(&info, "requested_account_id", account);
 *   return rpc_fail_end(call, &info, "UNKNOWN_ACCOUNT", "account %.*s does not …",
 * OL_FMT(account));
 */
ol_json_writer rpc_fail_begin(rpc_call *call);
rpc_end rpc_fail_end(rpc_call *call, ol_json_writer *info, const char *cause, const char *data, ...)
    OL_PRINTF(4, 5);

/* PARSE_ERROR: 400, -32700. */
rpc_end rpc_fail_parse(rpc_call *call, const char *text, ...) OL_PRINTF(2, 3);
rpc_end rpc_fail_parse_err(rpc_call *call, const ol_err *err); /* Failed parsing args: TEXT */
/* METHOD_NOT_FOUND: 400, -32601. */
rpc_end rpc_fail_method(rpc_call *call, ol_str method);
/* INTERNAL_ERROR: 500. */
rpc_end rpc_fail_internal(rpc_call *call, const char *text, ...) OL_PRINTF(2, 3);
/* UNKNOWN_BLOCK: 422. `what` is looked for: `BLOCK HEIGHT: 5`. */
rpc_end rpc_fail_block(rpc_call *call, ol_str what);
/* TIMEOUT_ERROR: 408. */
rpc_end rpc_fail_timeout(rpc_call *call);
/* INVALID_TRANSACTION: the data is `{"TxExecutionError":{"InvalidTxError":…}}`. */
rpc_end rpc_fail_transaction(rpc_call *call, const ol_failure *failure);

/* `"error":{…}` of an envelope. */
void rpc_error_write(ol_json_writer *w, const rpc_error *error);

#endif
