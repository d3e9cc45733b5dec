#include "sdk/src/host.h"

/* tuple<string, string>: value and error text. */
typedef struct rpc_result {
    host_list value;
    host_list error;
} rpc_result;

static int32_t result_take(rpc_result result, ol_buf *ret)
{
    if (result.error.len != 0)
        return host_failed(result.error);
    *ret = host_buf(result.value);
    return 0;
}

/* One host function and its wrapper. DECLARE and PASS spell the arguments out, flat and as texts.
 */
#define T(n) const char *t##n, size_t l##n
#define S(n) ol_str a##n
#define P(n) a##n.data, a##n.len
#define RPC(name, import, declare, parameters, pass)                                               \
    HOST_IMPORT("near:rpc/api@0.1.0", import)                                                      \
    void host_rpc_##name(declare rpc_result *ret);                                                 \
    int32_t ol_rpc_##name(parameters ol_buf *ret)                                                  \
    {                                                                                              \
        rpc_result result;                                                                         \
        host_rpc_##name(pass &result);                                                             \
        return result_take(result, ret);                                                           \
    }
#define COMMA ,
#define D1 T(1) COMMA
#define D2 D1 T(2) COMMA
#define D3 D2 T(3) COMMA
#define D4 D3 T(4) COMMA
#define D5 D4 T(5) COMMA
#define D8 D5 T(6) COMMA T(7) COMMA T(8) COMMA
#define S1 S(1) COMMA
#define S2 S1 S(2) COMMA
#define S3 S2 S(3) COMMA
#define S4 S3 S(4) COMMA
#define S5 S4 S(5) COMMA
#define S8 S5 S(6) COMMA S(7) COMMA S(8) COMMA
#define P1 P(1) COMMA
#define P2 P1 P(2) COMMA
#define P3 P2 P(3) COMMA
#define P4 P3 P(4) COMMA
#define P5 P4 P(5) COMMA
#define P8 P5 P(6) COMMA P(7) COMMA P(8) COMMA

/* clang-format off */
RPC(view,                 "view",                 D4, S4, P4)
RPC(view_account,         "view-account",         D2, S2, P2)
RPC(view_access_key,      "view-access-key",      D3, S3, P3)
RPC(view_access_key_list, "view-access-key-list", D2, S2, P2)
RPC(view_code,            "view-code",            D2, S2, P2)
RPC(view_state,           "view-state",           D3, S3, P3)
RPC(block,                "block",                D1, S1, P1)
RPC(chunk,                "chunk",                D1, S1, P1)
RPC(changes,              "changes",              D1, S1, P1)
RPC(send_tx,              "send-tx",              D2, S2, P2)
RPC(tx_status,            "tx-status",            D3, S3, P3)
RPC(receipt,              "receipt",              D1, S1, P1)
RPC(call,                 "call",                 D8, S8, P8)
RPC(transfer,             "transfer",             D5, S5, P5)
RPC(gas_price,            "gas-price",            D1, S1, P1)
RPC(status,               "status",               ,   ,   )
RPC(network_info,         "network-info",         ,   ,   )
RPC(validators,           "validators",           D1, S1, P1)
RPC(raw,                  "raw",                  D2, S2, P2)
/* clang-format on */
