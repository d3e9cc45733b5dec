#include "tests/conformance/localnet/net_lab.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/fd.h"
#include "lib/codec/base58.h"
#include "lib/codec/base64.h"
#include "lib/near/dev_key.h"

#define LAB_ARENA_BYTES OL_MIB(256)

void net_open(net_lab *it, const char *const *flags)
{
    static char fixed[][20] = {"outlayer-localnet", "--port", "0", "--produce", "manual",
                               "--clock",           "steps"};
    char *argv[OL_COUNT(fixed) + NET_LAB_FLAGS_MAX];
    int argc = 0;
    ol_err err = {0};
    memset(it, 0, sizeof *it);
    it->arena = ol_arena_new(LAB_ARENA_BYTES);
    OL_EACH (word, fixed)
        argv[argc++] = *word;
    for (size_t i = 0; flags != NULL && flags[i] != NULL; i++) {
        ol_str copy = ol_str_of(flags[i]);
        CHECK(i < NET_LAB_FLAGS_MAX);
        argv[argc] = ol_arena_alloc(&it->arena, copy.len + 1);
        memcpy(argv[argc++], copy.data, copy.len);
    }
    CHECK_OK(options_parse(argc, argv, &it->set, &err));
    CHECK_OK(localnet_start(&it->program, &it->set, ol_clock_real(), &err));
    it->client = wire_client_new(it->program.net.port);
}

void net_close(net_lab *it)
{
    ol_err err = {0};
    wire_client_deinit(&it->client);
    CHECK_OK(localnet_stop(&it->program, true, &err));
    ol_arena_deinit(&it->arena);
}

const char *net_text(net_lab *it, const char *format, ...)
{
    va_list arguments;
    ol_buf text = ol_buf_new(OL_MIB(8));
    ol_str kept;
    va_start(arguments, format);
    ol_buf_vaddf(&text, format, arguments);
    va_end(arguments);
    CHECK(ol_buf_ok(&text) && ol_arena_copy(&it->arena, ol_buf_str(&text), &kept));
    ol_buf_deinit(&text);
    return kept.data;
}

/* ---- HTTP */

static wire_answer exchange(net_lab *it, const char *method, const char *path, const char *body)
{
    wire_answer answer;
    ol_buf request = ol_buf_new(OL_MIB(16));
    wire_request(&request, method, path, "Content-Type: application/json\r\n", ol_str_of(body));
    CHECK(ol_buf_ok(&request));
    bool answered = wire_exchange(&it->client, ol_buf_str(&request), NET_LAB_WAIT_MS, &answer);
    ol_buf_deinit(&request);
    CHECK_ROW(answered, path);
    return answer;
}

wire_answer net_get(net_lab *it, const char *path)
{
    return exchange(it, "GET", path, "");
}

wire_answer net_post(net_lab *it, const char *path, const char *body)
{
    return exchange(it, "POST", path, body);
}

static ol_json parse(net_lab *it, ol_str body)
{
    ol_str kept;
    ol_json root;
    ol_err err = {0};
    CHECK(ol_arena_copy(&it->arena, body, &kept));
    CHECK_OK(ol_json_parse(kept, &root, &err));
    return root;
}

ol_json net_dev(net_lab *it, const char *action, const char *body)
{
    wire_answer answer = net_post(it, net_text(it, "/dev/%s", action), body);
    ol_json root = parse(it, answer.body);
    CHECK_EQ_ROW(answer.status, 200, net_text(it, "%s: %.*s", action, OL_FMT(answer.body)));
    return root;
}

/* ---- JSON-RPC */

static const char *envelope(net_lab *it, const char *method, const char *params)
{
    return net_text(it, "{\"jsonrpc\":\"2.0\",\"id\":\"lab\",\"method\":\"%s\",\"params\":%s}",
                    method, params);
}

ol_json net_rpc(net_lab *it, const char *method, const char *params, int status)
{
    wire_answer answer = net_post(it, "/", envelope(it, method, params));
    CHECK_EQ_ROW(answer.status, status,
                 net_text(it, "%s %s: %.*s", method, params, OL_FMT(answer.body)));
    return parse(it, answer.body);
}

ol_json net_result(net_lab *it, const char *method, const char *params)
{
    ol_json answer = net_rpc(it, method, params, 200);
    CHECK_ROW(!net_has(&answer, "error"),
              net_text(it, "%s %s: %.*s", method, params, OL_FMT(answer.raw)));
    return net_at(&answer, "result");
}

ol_json net_error(net_lab *it, const char *method, const char *params, int status)
{
    ol_json answer = net_rpc(it, method, params, status);
    CHECK_ROW(!net_has(&answer, "result"), net_text(it, "%s %s", method, params));
    return net_at(&answer, "error");
}

static void *pending_run(void *context)
{
    net_pending *it = context;
    it->arrived =
        wire_exchange(&it->client, ol_buf_str(&it->request), NET_LAB_WAIT_MS, &it->answer);
    return NULL;
}

static void pending_start(net_lab *it, net_pending *pending)
{
    pending->client = wire_client_new(it->program.net.port);
    pending->arrived = false;
    CHECK_EQ(pthread_create(&pending->thread, NULL, pending_run, pending), 0);
}

void net_begin(net_lab *it, net_pending *pending, const char *method, const char *params)
{
    pending->request = ol_buf_new(OL_MIB(4));
    wire_request(&pending->request, "POST", "/", "Content-Type: application/json\r\n",
                 ol_str_of(envelope(it, method, params)));
    pending_start(it, pending);
}

void net_begin_get(net_lab *it, net_pending *pending, const char *path)
{
    pending->request = ol_buf_new(OL_KIB(4));
    wire_request(&pending->request, "GET", path, "", OL_STR(""));
    pending_start(it, pending);
}

/* The chain tells when a request has begun to wait; asking again is all that is left to do. */
void net_await_waiting(net_lab *it, size_t count)
{
    int64_t deadline = ol_mono_ns(ol_clock_real()) + (int64_t)NET_LAB_WAIT_MS * 1000000;
    for (;;) {
        wire_answer answer = net_get(it, "/dev/status");
        ol_json status = parse(it, answer.body);
        if (net_u64(&status, "waiting") >= count)
            return;
        CHECK(ol_mono_ns(ol_clock_real()) < deadline);
    }
}

wire_answer *net_finish(net_pending *pending)
{
    (void)pthread_join(pending->thread, NULL);
    CHECK(pending->arrived);
    return &pending->answer;
}

void net_drop(net_pending *pending)
{
    wire_client_deinit(&pending->client);
    ol_buf_deinit(&pending->request);
}

/* ---- Values */

static bool find(const ol_json *value, ol_str path, ol_json *ret)
{
    ol_str part;
    *ret = *value;
    while (ol_str_next(&path, '.', &part)) {
        ol_json next;
        uint64_t index;
        if (ol_json_kind_of(ret) == OL_JSON_OBJECT) {
            if (!ol_json_find(ret, part, &next))
                return false;
        } else if (ol_json_kind_of(ret) == OL_JSON_ARRAY && ol_u64_parse(part, &index)) {
            ol_json_iter it = ol_json_iterate(ret);
            for (uint64_t i = 0; i <= index; i++) {
                if (!ol_json_next_item(&it, &next))
                    return false;
            }
        } else {
            return false;
        }
        *ret = next;
    }
    return true;
}

bool net_has(const ol_json *value, const char *path)
{
    ol_json found;
    return find(value, ol_str_of(path), &found);
}

ol_json net_at(const ol_json *value, const char *path)
{
    ol_json found;
    if (!find(value, ol_str_of(path), &found))
        ol_test_fail(__FILE__, __LINE__, "no %s in %.*s", path,
                     (int)(value->raw.len < 2000 ? value->raw.len : 2000), value->raw.data);
    return found;
}

ol_str net_str(net_lab *it, const ol_json *value, const char *path)
{
    ol_err err = {0};
    ol_str text;
    ol_json found = net_at(value, path);
    CHECK_OK(ol_json_text(&found, &it->arena, &text, &err));
    return text;
}

uint64_t net_u64(const ol_json *value, const char *path)
{
    ol_err err = {0};
    uint64_t number;
    ol_json found = net_at(value, path);
    CHECK_OK(ol_json_u64(&found, &number, &err));
    return number;
}

ol_u128 net_dec(const ol_json *value, const char *path)
{
    ol_err err = {0};
    ol_u128 number;
    ol_json found = net_at(value, path);
    CHECK_OK(ol_json_u128_text(&found, &number, &err));
    return number;
}

/* ---- Transactions */

uint64_t net_height(net_lab *it)
{
    ol_json block = net_result(it, "block", "{\"finality\":\"optimistic\"}");
    return net_u64(&block, "header.height");
}

/* A nonce above all that a key can have now: NEAR 4.2 lets it be up to height · 10^6. */
static uint64_t nonce_next(net_lab *it, const ol_json *block)
{
    uint64_t least = (net_u64(block, "header.height") - 1) * 1000000 + 1;
    it->nonce = it->nonce + 1 > least ? it->nonce + 1 : least;
    return it->nonce;
}

const char *net_sign(net_lab *it, const char *signer, const char *receiver,
                     const ol_action *actions, size_t count)
{
    ol_ed25519_key key;
    ol_sha256 hash;
    ol_buf bytes = ol_buf_new(OL_MIB(2));
    ol_json block = net_result(it, "block", "{\"finality\":\"optimistic\"}");
    ol_transaction transaction = {.signer_id = ol_str_of(signer),
                                  .receiver_id = ol_str_of(receiver),
                                  .nonce = nonce_next(it, &block),
                                  .actions = actions,
                                  .action_count = count};
    CHECK(ol_base58_decode_fixed(net_str(it, &block, "header.hash"), transaction.block_hash,
                                 sizeof transaction.block_hash));
    ol_dev_key(it->set.seed, ol_str_of(signer), &key);
    ol_transaction_sign(&transaction, &key, &bytes, &hash);
    CHECK(ol_buf_ok(&bytes));
    ol_str text = ol_base64_of(&it->arena, ol_buf_bytes(&bytes));
    ol_buf_deinit(&bytes);
    CHECK(text.data != NULL);
    return net_text(it, "%.*s", OL_FMT(text));
}

const char *net_transfer(net_lab *it, const char *from, const char *to, ol_u128 yocto)
{
    ol_action action = ol_action_transfer(OL_YOCTO(yocto));
    return net_sign(it, from, to, &action, 1);
}

const char *net_call(net_lab *it, const char *signer, const char *contract, const char *method,
                     const char *args, uint64_t gas, ol_u128 deposit)
{
    ol_action action =
        ol_action_call(ol_str_of(method), ol_str_bytes(ol_str_of(args)), gas, OL_YOCTO(deposit));
    return net_sign(it, signer, contract, &action, 1);
}

const char *net_hash(net_lab *it, const char *signed_base64)
{
    ol_bytes bytes;
    ol_signed_transaction transaction;
    ol_err err = {0};
    CHECK(ol_base64_decode(ol_str_of(signed_base64), &it->arena, &bytes));
    CHECK_OK(ol_signed_transaction_decode(bytes, &it->arena, &transaction, &err));
    return net_text(it, "%.*s",
                    OL_FMT(ol_base58_of(&it->arena, ol_sha256_bytes(&transaction.hash))));
}

ol_json net_send(net_lab *it, const char *signed_base64)
{
    net_pending pending;
    net_begin(
        it, &pending, "send_tx",
        net_text(it, "{\"signed_tx_base64\":\"%s\",\"wait_until\":\"FINAL\"}", signed_base64));
    net_await_waiting(it, 1);
    for (int i = 0; i < 40; i++) {
        ol_json status = net_dev(it, "mine", "{}");
        if (net_u64(&status, "waiting") == 0)
            break;
    }
    wire_answer *answer = net_finish(&pending);
    CHECK_EQ_ROW(answer->status, 200, net_text(it, "%.*s", OL_FMT(answer->body)));
    ol_json root = parse(it, answer->body);
    net_drop(&pending);
    return net_at(&root, "result");
}

void net_deploy_probe(net_lab *it, const char *account)
{
    char path[512];
    ol_err err = {0};
    ol_buf code = ol_buf_new(OL_MIB(1));
    (void)snprintf(path, sizeof path, "%s/contracts/probe.wasm", getenv("OL_WASM"));
    CHECK_OK(ol_file_load(path, &code, &err));
    ol_action action = ol_action_deploy(ol_buf_bytes(&code));
    ol_json outcome = net_send(it, net_sign(it, account, account, &action, 1));
    ol_buf_deinit(&code);
    CHECK(net_has(&outcome, "status.SuccessValue"));
}
