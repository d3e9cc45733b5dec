/* The local chain, over real HTTP: its thread and server run inside this program, one client.
 *
 *   rpc_view_p50_us        query call_function of a small contract; floor: GET /health of the same
 *                          server over the same connection
 *   rpc_calls_per_s        function calls from many signed transactions to their outcomes, blocks
 *                          made by demand, compiled contract cached
 *
 * usage: localnet_bench (contracts below OL_WASM) */
#include <string.h>

#include "bench/figure.h"
#include "emulator/server/program.h"
#include "lib/base/fd.h"
#include "lib/codec/base58.h"
#include "lib/codec/base64.h"
#include "lib/codec/json_read.h"
#include "lib/near/dev_key.h"
#include "lib/near/transaction.h"
#include "tests/harness/wire_client.h"

enum {
    WARM = 200,
    SAMPLES = 3000,
    CALLS = 3000,
    ANSWER_MS = 60000,
    GAS_TERA = 10,
};

static const char ACCOUNT[] = "alice.test.near";

typedef struct bench {
    localnet_options set;
    localnet_program program;
    wire_client client;
    ol_ed25519_key key;
    uint64_t nonce;
    uint8_t block_hash[32];
} bench;

static double now_us(void)
{
    return (double)ol_mono_ns(ol_clock_real()) / 1e3;
}

_Noreturn static void give_up(const char *what)
{
    (void)fprintf(stderr, "localnet_bench: %s\n", what);
    exit(1);
}

static ol_str exchange(bench *b, ol_str request)
{
    wire_answer answer;
    if (!wire_exchange(&b->client, request, ANSWER_MS, &answer) || answer.status != 200)
        give_up("a request was not answered");
    return answer.body;
}

static void rpc_request(ol_buf *into, const char *method, ol_str params)
{
    ol_buf body = ol_buf_new(OL_MIB(2));
    ol_buf_addf(&body, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%.*s}", method,
                OL_FMT(params));
    ol_buf_clear(into);
    wire_request(into, "POST", "/", "Content-Type: application/json\r\n", ol_buf_str(&body));
    ol_buf_deinit(&body);
}

static ol_str rpc(bench *b, const char *method, ol_str params)
{
    ol_buf request = ol_buf_new(OL_MIB(2));
    rpc_request(&request, method, params);
    ol_str answer = exchange(b, ol_buf_str(&request));
    size_t at;
    ol_buf_deinit(&request);
    if (ol_str_find(answer, OL_STR("\"error\":"), &at) ||
        ol_str_find(answer, OL_STR("\"Failure\""), &at))
        give_up("an answer is an error");
    return answer;
}

static void block_hash_read(bench *b)
{
    ol_json root;
    ol_json found;
    ol_str text;
    ol_err err;
    ol_arena arena = ol_arena_new(OL_KIB(4));
    ol_str answer = rpc(b, "block", OL_STR("{\"finality\":\"final\"}"));
    if (ol_json_parse(answer, &root, &err) != OL_OK ||
        !ol_json_find(&root, OL_STR("result"), &found) ||
        !ol_json_find(&found, OL_STR("header"), &found) ||
        !ol_json_find(&found, OL_STR("hash"), &found) ||
        ol_json_text(&found, &arena, &text, &err) != OL_OK ||
        !ol_base58_decode_fixed(text, b->block_hash, sizeof b->block_hash))
        give_up("no block");
    ol_arena_deinit(&arena);
}

/* Params of send_tx. */
static void signed_params(bench *b, const ol_action *action, const char *level, ol_buf *into)
{
    ol_sha256 hash;
    ol_buf bytes = ol_buf_new(OL_MIB(1));
    ol_transaction transaction = {.signer_id = ol_str_of(ACCOUNT),
                                  .receiver_id = ol_str_of(ACCOUNT),
                                  .nonce = ++b->nonce,
                                  .actions = action,
                                  .action_count = 1};
    memcpy(transaction.block_hash, b->block_hash, sizeof transaction.block_hash);
    ol_transaction_sign(&transaction, &b->key, &bytes, &hash);
    ol_buf_clear(into);
    ol_buf_add_str(into, OL_STR("{\"signed_tx_base64\":\""));
    ol_base64_add(into, ol_buf_bytes(&bytes));
    ol_buf_addf(into, "\",\"wait_until\":\"%s\"}", level);
    ol_buf_deinit(&bytes);
}

static void deploy(bench *b)
{
    char path[512];
    ol_err err = {0};
    ol_buf code = ol_buf_new(OL_MIB(1));
    ol_buf params = ol_buf_new(OL_MIB(2));
    (void)snprintf(path, sizeof path, "%s/contracts/probe.wasm", getenv("OL_WASM"));
    if (ol_file_load(path, &code, &err) != OL_OK)
        give_up(err.text);
    ol_action action = ol_action_deploy(ol_buf_bytes(&code));
    signed_params(b, &action, "FINAL", &params);
    (void)rpc(b, "send_tx", ol_buf_str(&params));
    ol_buf_deinit(&code);
    ol_buf_deinit(&params);
}

static double p50_us(bench *b, ol_str request)
{
    static double sample[SAMPLES];
    for (int i = 0; i < WARM; i++)
        (void)exchange(b, request);
    for (int i = 0; i < SAMPLES; i++) {
        double start = now_us();
        (void)exchange(b, request);
        sample[i] = now_us() - start;
    }
    return figure_quantile(sample, SAMPLES, 0.5);
}

static void views(bench *b)
{
    ol_buf request = ol_buf_new(OL_KIB(4));
    wire_request(&request, "GET", "/health", "", OL_STR(""));
    double floor = p50_us(b, ol_buf_str(&request));
    rpc_request(&request, "query",
                OL_STR("{\"request_type\":\"call_function\",\"finality\":\"final\",\"account_id\":"
                       "\"alice.test.near\",\"method_name\":\"get\",\"args_base64\":\"\"}"));
    figure_print("rpc_view_p50_us", p50_us(b, ol_buf_str(&request)), "us", floor, FIGURE_AT_MOST,
                 1000);
    ol_buf_deinit(&request);
}

/* All are signed before; the last one's outcome ends it. */
static void calls(bench *b)
{
    static ol_buf params[CALLS];
    ol_action action = ol_action_call(OL_STR("set"), ol_str_bytes(OL_STR("{\"n\":1}")),
                                      GAS_TERA * UINT64_C(1000000000000), OL_YOCTO(0));
    for (int i = 0; i < CALLS; i++) {
        params[i] = ol_buf_new(OL_KIB(4));
        signed_params(b, &action, i + 1 < CALLS ? "NONE" : "EXECUTED", &params[i]);
    }
    double start = now_us();
    for (int i = 0; i < CALLS; i++)
        (void)rpc(b, "send_tx", ol_buf_str(&params[i]));
    double seconds = (now_us() - start) / 1e6;
    figure_print("rpc_calls_per_s", (double)CALLS / seconds, "1/s", (double)NAN, FIGURE_AT_LEAST,
                 1000);
    for (int i = 0; i < CALLS; i++)
        ol_buf_deinit(&params[i]);
}

int main(void)
{
    static bench b;
    char *argv[] = {(char[]){"localnet"}, (char[]){"--port"}, (char[]){"0"}};
    ol_err err = {0};
    if (getenv("OL_WASM") == NULL)
        give_up("OL_WASM is not set");
    if (options_parse(OL_COUNT(argv), argv, &b.set, &err) != OL_OK ||
        localnet_start(&b.program, &b.set, ol_clock_real(), &err) != OL_OK)
        give_up(err.text);
    b.client = wire_client_new(b.program.net.port);
    ol_dev_key(b.set.seed, ol_str_of(ACCOUNT), &b.key);
    block_hash_read(&b);
    deploy(&b);
    views(&b);
    calls(&b);
    wire_client_deinit(&b.client);
    ol_ed25519_key_deinit(&b.key);
    return localnet_stop(&b.program, false, &err) == OL_OK ? 0 : 1;
}
