/* near:rpc/api (Host interfaces 7): one request after another to the operator's node. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/broker/internal.h"
#include "lib/codec/json_print.h"
#include "lib/codec/utf8.h"
#include "lib/crypto/secret.h"
#include "lib/near/rpc.h"
#include "lib/net/status_text.h"

enum { ARENA_BYTES = 64 * 1024 * 1024, BODY_QUOTED_BYTES_MAX = 4096 };

void ol__rpc_answer(ol_broker *broker, ol_str value, ol_str error)
{
    const ol_host_value values[] = {{.bytes = ol_str_bytes(value)}, {.bytes = ol_str_bytes(error)}};
    ol_run_answer(broker->run, broker->rpc.id, broker->rpc.function, values, OL_COUNT(values));
    ol__rpc_drop(broker);
}

void ol__rpc_refuse(ol_broker *broker, const char *format, ...)
{
    char text[BODY_QUOTED_BYTES_MAX + 256];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    ol__rpc_answer(broker, OL_STR(""), ol_utf8_cut((ol_str){text, len}, len));
}

/* ---- answers of the node ---- */

static void answer_envelope(ol_broker *broker, const ol_json *envelope)
{
    ol_buf text = ol_buf_new(OL_RPC_ANSWER_BYTES_MAX + OL_MIB(1));
    if (ol_json_print(envelope, OL_JSON_KEYS_AS_GIVEN, &text, NULL) == OL_OK)
        ol__rpc_answer(broker, ol_buf_str(&text), OL_STR(""));
    else
        ol__rpc_refuse(broker, "Failed to parse RPC response");
    ol_buf_deinit(&text);
}

static void answer_view(ol_broker *broker, const ol_json *envelope)
{
    ol_bytes bytes;
    if (!ol_rpc_view_result(ol_buf_str(&broker->rpc.answer), &broker->rpc.arena, &bytes)) {
        answer_envelope(broker, envelope); /* a panic, for instance: the guest reads it itself */
        return;
    }
    ol_buf text = ol_buf_new(OL_RPC_ANSWER_BYTES_MAX);
    ol_utf8_add_lossy(&text, bytes);
    ol__rpc_answer(broker, ol_buf_str(&text), OL_STR(""));
    ol_buf_deinit(&text);
}

static void answer_price(ol_broker *broker, const ol_json *envelope)
{
    ol_json result;
    ol_json price;
    if (ol_json_find(envelope, OL_STR("result"), &result) &&
        ol_json_find(&result, OL_STR("gas_price"), &price))
        ol__rpc_answer(broker, price.raw, OL_STR("")); /* as JSON text, quotes included */
    else
        answer_envelope(broker, envelope);
}

static void take_answer(ol_broker *broker, CURLcode code)
{
    ol__rpc *rpc = &broker->rpc;
    ol_json envelope;
    long status = 0;
    if (code != CURLE_OK) {
        ol__rpc_refuse(broker, "Failed to send RPC request");
        return;
    }
    (void)curl_easy_getinfo(rpc->handle, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200 || status > 299) {
        ol_str body = ol_utf8_cut(ol_buf_str(&rpc->answer), BODY_QUOTED_BYTES_MAX);
        ol__rpc_refuse(broker, "RPC returned status %ld %s: %.*s", status,
                       ol_http_status_text((int)status), OL_FMT(body));
        return;
    }
    if (ol_json_parse_within(ol_buf_str(&rpc->answer),
                             (ol_json_limits){OL_RPC_ANSWER_BYTES_MAX, OL_JSON_DEPTH_MAX},
                             &envelope, NULL) != OL_OK) {
        ol__rpc_refuse(broker, "Failed to parse RPC response");
        return;
    }
    switch (rpc->step) {
    case OL__RPC_ASK:
        answer_envelope(broker, &envelope);
        break;
    case OL__RPC_VIEW:
        answer_view(broker, &envelope);
        break;
    case OL__RPC_PRICE:
        answer_price(broker, &envelope);
        break;
    case OL__RPC_NONCE:
        ol__rpc_take_nonce(broker, &envelope);
        break;
    case OL__RPC_SEND:
        ol__rpc_take_sent(broker, &envelope);
        break;
    case OL__RPC_IDLE:
        OL_UNREACHABLE();
    }
}

/* ---- the exchange ---- */

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    ol__rpc *rpc = context;
    ol_buf_add(&rpc->answer, (ol_bytes){(const uint8_t *)data, size * count});
    return ol_buf_ok(&rpc->answer) ? size * count : 0;
}

static void on_done(void *context, CURL *handle, CURLcode code)
{
    ol_broker *broker = context;
    (void)handle;
    broker->rpc.in_loop = false;
    take_answer(broker, code);
}

static bool start(ol_broker *broker)
{
    ol__rpc *rpc = &broker->rpc;
    if (rpc->handle != NULL)
        return true;
    char url[OL_URL_TEXT_BYTES_MAX];
    int n = snprintf(url, sizeof url, "%.*s", OL_FMT(broker->plan.rpc_url));
    rpc->loop = rpc->loop != NULL ? rpc->loop : ol_http_loop_new(on_done, broker);
    rpc->headers = curl_slist_append(NULL, "Content-Type: application/json");
    CURL *h = ol_http_handle_new(broker->plan.ca_file);
    if (n < 0 || (size_t)n >= sizeof url || rpc->loop == NULL || rpc->headers == NULL ||
        h == NULL) {
        curl_slist_free_all(rpc->headers);
        rpc->headers = NULL;
        curl_easy_cleanup(h);
        return false;
    }
    (void)curl_easy_setopt(h, CURLOPT_URL, url);
    (void)curl_easy_setopt(h, CURLOPT_HTTPHEADER, rpc->headers);
    (void)curl_easy_setopt(h, CURLOPT_POST, 1L);
    (void)curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(h, CURLOPT_WRITEDATA, rpc);
    (void)curl_easy_setopt(h, CURLOPT_TIMEOUT, (long)OL_RPC_SECONDS);
    (void)curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, (long)OL_RPC_CONNECT_SECONDS);
    rpc->handle = h;
    return true;
}

static bool is_transaction(const char *method)
{
    static const char *const methods[] = {"send_tx", "broadcast_tx_async", "broadcast_tx_commit"};
    OL_EACH (one, methods) {
        if (strcmp(method, *one) == 0)
            return true;
    }
    return false;
}

void ol__rpc_ask(ol_broker *broker, ol__rpc_step step, const char *method, ol_str params)
{
    ol__rpc *rpc = &broker->rpc;
    if (!broker->plan.rpc_transactions && is_transaction(method)) {
        ol__rpc_refuse(broker, "Transaction method '%s' is disabled", method);
        return;
    }
    if (++rpc->calls > broker->plan.rpc_calls_max) {
        ol__rpc_refuse(broker, "RPC rate limit exceeded: %llu calls (max: %llu)",
                       (unsigned long long)rpc->calls,
                       (unsigned long long)broker->plan.rpc_calls_max);
        return;
    }
    ol_buf_deinit(&rpc->body);
    ol_buf_deinit(&rpc->answer);
    rpc->body = ol_buf_new(OL_RPC_ANSWER_BYTES_MAX);
    rpc->answer = ol_buf_new(OL_RPC_ANSWER_BYTES_MAX);
    ol_rpc_envelope(&rpc->body, OL_STR("proxy"), ol_str_of(method), params);
    rpc->step = step;
    if (!ol_buf_ok(&rpc->body) || !start(broker)) {
        ol__rpc_refuse(broker, "Failed to send RPC request");
        return;
    }
    (void)curl_easy_setopt(rpc->handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)rpc->body.len);
    (void)curl_easy_setopt(rpc->handle, CURLOPT_POSTFIELDS, (const char *)rpc->body.data);
    rpc->in_loop = ol_http_loop_add(rpc->loop, rpc->handle);
    if (!rpc->in_loop)
        ol__rpc_refuse(broker, "Failed to send RPC request");
}

/* ---- lives ---- */

void ol__rpc_begin(ol_broker *broker)
{
    ol__rpc_drop(broker);
    broker->rpc.calls = 0;
}

void ol__rpc_drop(ol_broker *broker)
{
    ol__rpc *rpc = &broker->rpc;
    if (rpc->in_loop)
        ol_http_loop_remove(rpc->loop, rpc->handle);
    rpc->in_loop = false;
    rpc->step = OL__RPC_IDLE;
    ol_ed25519_key_deinit(&rpc->key);
    if (rpc->body.data != NULL)
        ol_wipe(rpc->body.data, rpc->body.size); /* a signed transaction is as good as money */
    ol_buf_deinit(&rpc->body);
    ol_buf_deinit(&rpc->answer);
    ol_arena_deinit(&rpc->arena);
    rpc->arena = ol_arena_new(ARENA_BYTES);
}

void ol__rpc_close(ol_broker *broker)
{
    ol__rpc *rpc = &broker->rpc;
    ol__rpc_drop(broker);
    curl_easy_cleanup(rpc->handle);
    curl_slist_free_all(rpc->headers);
    ol_http_loop_free(rpc->loop);
    ol_arena_deinit(&rpc->arena);
}
