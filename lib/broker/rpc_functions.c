/* The functions of near:rpc/api as requests (Host interfaces 7). */
#include "lib/broker/internal.h"
#include "lib/codec/json_write.h"
#include "lib/near/rpc.h"

typedef struct args {
    const ol_host_value *value;
} args;

static ol_str text(const args *a, size_t i)
{
    return ol_bytes_str(a->value[i].bytes);
}

static void add_text(ol_buf *out, const char *before, ol_str value)
{
    ol_buf_add_str(out, ol_str_of(before));
    ol_buf_add_char(out, '"');
    ol_json_escape(out, value);
    ol_buf_add_char(out, '"');
}

/* {"request_type":T,block,"account_id":A …: the caller adds more members and the brace. */
static void query_begin(ol_buf *out, const char *type, ol_str block, ol_str account)
{
    ol_buf_addf(out, "{\"request_type\":\"%s\",", type);
    ol_rpc_add_block(out, block);
    add_text(out, ",\"account_id\":", account);
}

static void add_list_of_one(ol_buf *out, ol_str item)
{
    uint64_t height;
    if (item.len == 0) {
        ol_buf_add_str(out, OL_STR("[null]"));
    } else if (ol_u64_parse(item, &height)) {
        ol_buf_addf(out, "[%llu]", (unsigned long long)height);
    } else {
        add_text(out, "[", item);
        ol_buf_add_char(out, ']');
    }
}

/* false: the guest has been answered. */
static bool add_chunk(ol_broker *broker, ol_str what, ol_buf *out)
{
    ol_str block;
    ol_str shard;
    ol_str more;
    uint64_t block_id = 0;
    uint64_t shard_id = 0;
    if (!ol_str_cut(what, ',', &block, &shard)) {
        add_text(out, "{\"chunk_id\":", what);
        ol_buf_add_char(out, '}');
        return true;
    }
    if (ol_str_cut(shard, ',', &shard, &more)) {
        ol__rpc_refuse(broker, "Invalid format. Use 'block_id,shard_id' or 'chunk_id'");
        return false;
    }
    (void)ol_u64_parse(ol_str_trim(block), &block_id); /* a bad number is 0 */
    (void)ol_u64_parse(ol_str_trim(shard), &shard_id);
    ol_buf_addf(out, "{\"block_id\":%llu,\"shard_id\":%llu}", (unsigned long long)block_id,
                (unsigned long long)shard_id);
    return true;
}

static void ask_query(ol_broker *broker, ol_host_fn function, const args *a, ol_buf *out)
{
    ol__rpc_step step = OL__RPC_ASK;
    if (function == OL_FN_RPC_VIEW) {
        ol_rpc_add_call_function(out, text(a, 0), text(a, 1), ol_str_bytes(text(a, 2)), text(a, 3));
        step = OL__RPC_VIEW;
    } else if (function == OL_FN_RPC_VIEW_ACCOUNT) {
        query_begin(out, "view_account", text(a, 1), text(a, 0));
    } else if (function == OL_FN_RPC_VIEW_ACCESS_KEY) {
        query_begin(out, "view_access_key", text(a, 2), text(a, 0));
        add_text(out, ",\"public_key\":", text(a, 1));
    } else if (function == OL_FN_RPC_VIEW_ACCESS_KEY_LIST) {
        query_begin(out, "view_access_key_list", text(a, 1), text(a, 0));
    } else if (function == OL_FN_RPC_VIEW_CODE) {
        query_begin(out, "view_code", text(a, 1), text(a, 0));
    } else {
        query_begin(out, "view_state", text(a, 2), text(a, 0));
        add_text(out, ",\"prefix_base64\":", text(a, 1));
    }
    if (step == OL__RPC_ASK)
        ol_buf_add_char(out, '}');
    ol__rpc_ask(broker, step, "query", ol_buf_str(out));
}

static void ask_block(ol_broker *broker, const char *method, const args *a, ol_buf *out)
{
    ol_buf_add_char(out, '{');
    ol_rpc_add_block(out, text(a, 0));
    ol_buf_add_char(out, '}');
    ol__rpc_ask(broker, OL__RPC_ASK, method, ol_buf_str(out));
}

static void ask_send(ol_broker *broker, const args *a, ol_buf *out)
{
    add_text(out, "{\"signed_tx_base64\":", text(a, 0));
    add_text(out,
             ",\"wait_until\":", text(a, 1).len > 0 ? text(a, 1) : OL_STR("EXECUTED_OPTIMISTIC"));
    ol_buf_add_char(out, '}');
    ol__rpc_ask(broker, OL__RPC_ASK, "send_tx", ol_buf_str(out));
}

static void ask_status_of(ol_broker *broker, const args *a, ol_buf *out)
{
    add_text(out, "{\"tx_hash\":", text(a, 0));
    add_text(out, ",\"sender_account_id\":", text(a, 1));
    if (text(a, 2).len > 0)
        add_text(out, ",\"wait_until\":", text(a, 2));
    ol_buf_add_char(out, '}');
    ol__rpc_ask(broker, OL__RPC_ASK, "EXPERIMENTAL_tx_status", ol_buf_str(out));
}

static void ask_raw(ol_broker *broker, const args *a)
{
    ol_json params;
    ol_str method;
    ol_str given = text(a, 1);
    bool valid =
        ol_json_parse_within(given, (ol_json_limits){OL_FRAME_CALL_BYTES_MAX, OL_JSON_DEPTH_MAX},
                             &params, NULL) == OL_OK;
    if (!ol_arena_copy(&broker->rpc.arena, text(a, 0), &method)) {
        ol__rpc_refuse(broker, "Failed to send RPC request");
        return;
    }
    ol__rpc_ask(broker, OL__RPC_ASK, method.data, valid ? params.raw : OL_STR("[]"));
}

static void ask_list(ol_broker *broker, ol__rpc_step step, const char *method, ol_str item,
                     ol_buf *out)
{
    add_list_of_one(out, item);
    ol__rpc_ask(broker, step, method, ol_buf_str(out));
}

static void dispatch(ol_broker *broker, ol_host_fn function, const args *a, ol_buf *out)
{
    switch ((int)function) { /* the rows of near:rpc/api */
    case OL_FN_RPC_BLOCK:
        ask_block(broker, "block", a, out);
        break;
    case OL_FN_RPC_CHANGES:
        ask_block(broker, "EXPERIMENTAL_changes", a, out);
        break;
    case OL_FN_RPC_CHUNK:
        if (add_chunk(broker, text(a, 0), out))
            ol__rpc_ask(broker, OL__RPC_ASK, "chunk", ol_buf_str(out));
        break;
    case OL_FN_RPC_SEND_TX:
        ask_send(broker, a, out);
        break;
    case OL_FN_RPC_TX_STATUS:
        ask_status_of(broker, a, out);
        break;
    case OL_FN_RPC_RECEIPT:
        add_text(out, "{\"receipt_id\":", text(a, 0));
        ol_buf_add_char(out, '}');
        ol__rpc_ask(broker, OL__RPC_ASK, "EXPERIMENTAL_receipt", ol_buf_str(out));
        break;
    case OL_FN_RPC_CALL:
    case OL_FN_RPC_TRANSFER:
        ol__rpc_transact(broker, a->value);
        break;
    case OL_FN_RPC_GAS_PRICE:
        ask_list(broker, OL__RPC_PRICE, "gas_price", text(a, 0), out);
        break;
    case OL_FN_RPC_STATUS:
        ol__rpc_ask(broker, OL__RPC_ASK, "status", OL_STR("[]"));
        break;
    case OL_FN_RPC_NETWORK_INFO:
        ol__rpc_ask(broker, OL__RPC_ASK, "network_info", OL_STR("[]"));
        break;
    case OL_FN_RPC_VALIDATORS:
        ask_list(broker, OL__RPC_ASK, "validators", text(a, 0), out);
        break;
    case OL_FN_RPC_RAW:
        ask_raw(broker, a);
        break;
    default:
        ask_query(broker, function, a, out);
    }
}

void ol__rpc_call(ol_broker *broker, uint32_t id, ol_host_fn function, const ol_host_value *values,
                  size_t count)
{
    (void)count; /* as many as the signature has: the frames saw to that */
    ol__rpc *rpc = &broker->rpc;
    if (rpc->step != OL__RPC_IDLE) { /* a guest waits for its call: this is no guest of ours */
        ol_run_end(broker->run, OL_RUN_ENGINE_CRASH, OL_STR("host call within a host call"));
        return;
    }
    rpc->id = id;
    rpc->function = function;
    const args a = {values};
    ol_buf params = ol_buf_new(OL_RPC_ANSWER_BYTES_MAX);
    dispatch(broker, function, &a, &params);
    ol_buf_deinit(&params);
}
