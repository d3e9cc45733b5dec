#include "emulator/server/json_views.h"
#include "emulator/server/rpc_error.h"
#include "emulator/server/rpc_methods.h"
#include "emulator/server/rpc_params.h"

rpc_end rpc_receipt(rpc_call *call)
{
    ol_sha256 id;
    const ol_block *block;
    if (!rpc_need_hash(call, "receipt_id", 0, &id))
        return RPC_FAILED;
    const ol_receipt *receipt = ol_node_find_receipt(call->net->node, &id, &block);
    if (receipt != NULL) {
        json_receipt(&call->w, receipt);
        return RPC_DONE;
    }
    char text[64];
    ol_buf base58 = ol_buf_over(text, sizeof text);
    ol_json_writer info = rpc_fail_begin(call);
    json_put_hash(&info, "receipt_id", &id);
    json_hash_text(&base58, &id);
    return rpc_fail_end(call, &info, "UNKNOWN_RECEIPT",
                        "Receipt with id %.*s has never been observed on this node",
                        OL_FMT(ol_buf_str(&base58)));
}
