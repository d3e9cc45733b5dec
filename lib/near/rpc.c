#include "lib/near/rpc.h"

#include "lib/codec/json_read.h"
#include "lib/codec/json_write.h"

enum { ANSWER_BYTES_MAX = 16 * 1024 * 1024 };

void ol_rpc_envelope(ol_buf *into, ol_str id, ol_str method, ol_str params_json)
{
    ol_json_writer w = ol_json_writer_over(into);
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "jsonrpc", "2.0");
    ol_json_put_str(&w, "id", id);
    ol_json_put_str(&w, "method", method);
    ol_json_put_raw(&w, "params", params_json);
    ol_json_object_end(&w);
}

void ol_rpc_add_block(ol_buf *into, ol_str finality_or_block)
{
    uint64_t height;
    if (finality_or_block.len == 0 || ol_str_eq(finality_or_block, OL_STR("final"))) {
        ol_buf_add_str(into, OL_STR("\"finality\":\"final\""));
    } else if (ol_str_eq(finality_or_block, OL_STR("optimistic"))) {
        ol_buf_add_str(into, OL_STR("\"finality\":\"optimistic\""));
    } else if (ol_u64_parse(finality_or_block, &height)) {
        ol_buf_addf(into, "\"block_id\":%llu", (unsigned long long)height);
    } else {
        ol_buf_add_str(into, OL_STR("\"block_id\":\""));
        ol_json_escape(into, finality_or_block);
        ol_buf_add_char(into, '"');
    }
}

void ol_rpc_add_call_function(ol_buf *into, ol_str account, ol_str method, ol_bytes args,
                              ol_str finality_or_block)
{
    ol_buf_add_str(into, OL_STR("{\"request_type\":\"call_function\","));
    ol_rpc_add_block(into, finality_or_block);
    ol_buf_add_str(into, OL_STR(",\"account_id\":\""));
    ol_json_escape(into, account);
    ol_buf_add_str(into, OL_STR("\",\"method_name\":\""));
    ol_json_escape(into, method);
    ol_buf_add_str(into, OL_STR("\",\"args_base64\":"));
    ol_json_writer w = ol_json_writer_over(into);
    ol_json_add_base64(&w, args);
    ol_buf_add_char(into, '}');
}

bool ol_rpc_view_result(ol_str answer, ol_arena *arena, ol_bytes *ret)
{
    ol_json root;
    ol_json result;
    ol_json bytes;
    return ol_json_parse_within(answer, (ol_json_limits){ANSWER_BYTES_MAX, OL_JSON_DEPTH_MAX},
                                &root, NULL) == OL_OK &&
           ol_json_find(&root, OL_STR("result"), &result) &&
           ol_json_find(&result, OL_STR("result"), &bytes) &&
           ol_json_byte_array(&bytes, arena, ret, NULL) == OL_OK;
}

/* Nodes report a failed view in two places: the envelope's error, or result.error. */
static ol_rc refuse(ol_str answer, ol_arena *arena, ol_err *err)
{
    ol_json root;
    ol_json error;
    ol_json inner;
    ol_str text;
    if (ol_json_parse(answer, &root, NULL) != OL_OK)
        return ol_fail(err, OL_ERR_NETWORK, "RPC answer is not JSON");
    if (ol_json_find(&root, OL_STR("result"), &inner) &&
        ol_json_find(&inner, OL_STR("error"), &error) &&
        ol_json_text(&error, arena, &text, NULL) == OL_OK)
        return ol_fail(err, OL_ERR_NETWORK, "%.*s", OL_FMT(text));
    if (ol_json_find(&root, OL_STR("error"), &error)) {
        if (ol_json_find(&error, OL_STR("data"), &inner) &&
            ol_json_text(&inner, arena, &text, NULL) == OL_OK)
            return ol_fail(err, OL_ERR_NETWORK, "%.*s", OL_FMT(text));
        if (ol_json_find(&error, OL_STR("message"), &inner) &&
            ol_json_text(&inner, arena, &text, NULL) == OL_OK)
            return ol_fail(err, OL_ERR_NETWORK, "%.*s", OL_FMT(text));
    }
    return ol_fail(err, OL_ERR_NETWORK, "RPC answer without a result");
}

ol_rc ol_rpc_view(const ol_rpc *rpc, ol_str account, ol_str method, ol_str args_json,
                  ol_arena *arena, ol_str *ret, ol_err *err)
{
    ol_buf params = ol_buf_new(OL_MIB(1));
    ol_buf body = ol_buf_new(OL_MIB(2));
    ol_buf answer = ol_buf_new(ANSWER_BYTES_MAX);
    ol_bytes bytes;
    ol_rpc_add_call_function(&params, account, method, ol_str_bytes(args_json), OL_STR("final"));
    ol_rpc_envelope(&body, OL_STR("outlayer"), OL_STR("query"), ol_buf_str(&params));
    ol_rc rc = ol_buf_ok(&params) && ol_buf_ok(&body)
                   ? rpc->post(rpc->context, ol_buf_str(&body), &answer, err)
                   : ol_fail(err, OL_ERR_LIMIT, "view arguments too large");
    if (rc == OL_OK) {
        if (ol_rpc_view_result(ol_buf_str(&answer), arena, &bytes))
            *ret = ol_bytes_str(bytes);
        else
            rc = refuse(ol_buf_str(&answer), arena, err);
    }
    ol_buf_deinit(&params);
    ol_buf_deinit(&body);
    ol_buf_deinit(&answer);
    return rc;
}
