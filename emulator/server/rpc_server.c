/* The envelope of JSON-RPC 2.0: one request a body (NEAR 5). */
#include "emulator/server/rpc.h"
#include "emulator/server/rpc_error.h"
#include "emulator/server/rpc_params.h"

#include <string.h>

enum { RPC_ID_BYTES_MAX = 256, RPC_METHOD_BYTES_MAX = 128 };

typedef struct envelope {
    ol_str id_json; /* null when the request has none */
    ol_str method;
    ol_json params;
} envelope;

static void answer_begin(rpc_answer *answer, ol_json_writer *w)
{
    answer->body = ol_buf_new(RPC_ANSWER_BYTES_MAX);
    *w = ol_json_writer_over(&answer->body);
    ol_json_object_begin(w);
    ol_json_put_cstr(w, "jsonrpc", "2.0");
}

static void answer_end(rpc_answer *answer, ol_json_writer *w)
{
    ol_json_put_raw(w, "id", answer->id_json);
    ol_json_object_end(w);
}

static void answer_error(rpc_answer *answer, const rpc_call *call)
{
    ol_json_writer w;
    ol_buf_deinit(&answer->body);
    answer_begin(answer, &w);
    rpc_error_write(&w, &call->error);
    answer_end(answer, &w);
    answer->http = call->error.http;
}

/* JSON-RPC 2.0 and NEAR 5: number or string, echoed; a request without one is answered with null.
 */
static bool id_is_fine(const ol_json *id)
{
    ol_json_kind kind = ol_json_kind_of(id);
    return (kind == OL_JSON_NUMBER || kind == OL_JSON_STRING || kind == OL_JSON_NULL) &&
           id->raw.len <= RPC_ID_BYTES_MAX;
}

static bool envelope_read(rpc_call *call, ol_str body, envelope *ret)
{
    ol_json root;
    ol_json member;
    ol_err err;
    if (ol_json_parse_within(body, (ol_json_limits){RPC_BODY_BYTES_MAX, OL_JSON_DEPTH_MAX}, &root,
                             &err) != OL_OK) {
        (void)rpc_fail_parse(call, "%s", err.text);
        return false;
    }
    if (ol_json_find(&root, OL_STR("id"), &member) && id_is_fine(&member))
        ret->id_json = member.raw;
    /* A list of requests is not taken, as by the network's own nodes. */
    if (ol_json_kind_of(&root) != OL_JSON_OBJECT ||
        !ol_json_find(&root, OL_STR("jsonrpc"), &member) || !rpc_is(&member, "2.0") ||
        !ol_json_find(&root, OL_STR("method"), &member) ||
        ol_json_kind_of(&member) != OL_JSON_STRING || member.raw.len > RPC_METHOD_BYTES_MAX) {
        (void)rpc_fail_parse(call, "JSON RPC Request format was expected");
        return false;
    }
    if (ol_json_text(&member, call->arena, &ret->method, &err) != OL_OK) {
        (void)rpc_fail_parse(call, "%s", err.text);
        return false;
    }
    if (ol_json_find(&root, OL_STR("params"), &member) && !ol_json_is_null(&member))
        ret->params = member;
    return true;
}

static const rpc_method *method_find(ol_str name)
{
    for (size_t i = 0; i < RPC_METHOD_COUNT; i++) {
        if (ol_str_eq(name, ol_str_of(RPC_METHODS[i].name)))
            return &RPC_METHODS[i];
    }
    return NULL;
}

static rpc_end carry_out(rpc_call *call)
{
    faults *it = &call->net->faults;
    const rpc_method *method = method_find(call->method);
    if (method == NULL)
        return rpc_fail_method(call, call->method);
    if (faults_hit(it, FAULT_HTTP_500, call->method))
        return rpc_fail_internal(call, "a fault was asked for");
    bool lost = faults_hit(it, FAULT_RPC_TIMEOUT, call->method);
    rpc_end end = method->run(call);
    return lost ? rpc_fail_timeout(call) : end;
}

static void finish(rpc_answer *answer, rpc_call *call, rpc_end end)
{
    if (end == RPC_WAITS) {
        answer->waits = true;
        answer->wish = call->wish;
        ol_buf_deinit(&answer->body);
        return;
    }
    if (end == RPC_DONE) {
        answer_end(answer, &call->w);
        if (ol_buf_ok(&answer->body))
            return;
        (void)rpc_fail_internal(call, "the answer is larger than %zu bytes", RPC_ANSWER_BYTES_MAX);
    }
    answer_error(answer, call);
}

void rpc_serve(localnet *net, ol_str body, ol_arena *arena, rpc_answer *ret)
{
    envelope request = {.id_json = OL_STR("null")};
    rpc_call call = {.net = net, .arena = arena};
    rpc_end end = RPC_FAILED;
    *ret = (rpc_answer){.http = 200};
    bool fine = envelope_read(&call, body, &request);
    ret->id_json = request.id_json;
    if (fine) {
        answer_begin(ret, &call.w);
        ol_json_key(&call.w, "result");
        call.method = request.method;
        call.params = request.params;
        end = carry_out(&call);
    }
    finish(ret, &call, end);
    ol_buf_deinit(&call.info);
}

bool rpc_serve_waiting(localnet *net, ol_str id_json, const tx_wish *wish, bool late,
                       ol_arena *arena, rpc_answer *ret)
{
    rpc_call call = {.net = net, .arena = arena};
    rpc_end end;
    *ret = (rpc_answer){.http = 200, .id_json = id_json};
    answer_begin(ret, &call.w);
    ol_json_key(&call.w, "result");
    if (!rpc_wish_met(&call, wish, late, &end)) {
        ol_buf_deinit(&ret->body);
        return false;
    }
    finish(ret, &call, end);
    ol_buf_deinit(&call.info);
    return true;
}
