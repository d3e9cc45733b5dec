/* From a contract call to its callback on a local chain: everything on this machine, blocks on
 * demand.
 *
 *   chain_echo_blocks   from the block that runs the request to the block that runs its callback;
 *                       floor: the same with an operator that answers at once, by hand (one of
 *                       them is made for the request's gas refund before any answer can be there)
 *   chain_echo_ms       from sending the transaction to the answer in the caller's hands, median;
 *                       floor: the same
 *
 * usage: chain_echo_bench */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "bench/figure.h"
#include "lib/base/clock.h"
#include "lib/codec/json_read.h"
#include "tests/harness/chain.h"
#include "tests/harness/stack.h"

enum { WARM = 5, SAMPLES = 60 };
#define ALICE "alice.test.near"
#define DEPOSIT ((ol_u128)100000000000000000u * 1000000u)

static chain net;
static stack field;
static ol_str echo;

static double now_ms(void)
{
    return (double)ol_mono_ns(ol_clock_real()) / 1e6;
}

_Noreturn static void die(const char *what, const ol_err *err)
{
    (void)fprintf(stderr, "chain_echo_bench: %s %s\n", what, err != NULL ? err->text : "");
    exit(1);
}

static ol_str text_of(const ol_json *object, const char *name)
{
    ol_json value;
    ol_str text = OL_STR("");
    if (ol_json_find(object, ol_str_of(name), &value))
        (void)ol_json_text(&value, &net.arena, &text, NULL);
    return text;
}

static uint64_t height_of(ol_str block_hash)
{
    ol_block_head head;
    ol_err err;
    if (ol_rpc_block_head(&net.rpc, block_hash, &head, NULL, &err) != OL_OK)
        die("block", &err);
    return head.height;
}

/* The block of the receipt that logged an event. */
static uint64_t height_of_event(const ol_json *receipts, const char *event)
{
    ol_json item;
    size_t at;
    ol_json_iter each = ol_json_iterate(receipts);
    while (ol_json_next_item(&each, &item)) {
        if (ol_str_find(item.raw, ol_str_of(event), &at))
            return height_of(text_of(&item, "block_hash"));
    }
    die(event, NULL);
}

static double blocks_of(const char *hash)
{
    char params[256];
    ol_rpc_answer answer;
    ol_json part;
    ol_err err;
    ol_buf body = ol_buf_new(OL_MIB(8));
    (void)snprintf(
        params, sizeof params,
        "{\"tx_hash\":\"%s\",\"sender_account_id\":\"" ALICE "\",\"wait_until\":\"NONE\"}", hash);
    if (ol_rpc_call(&net.rpc, "tx", ol_str_of(params), &body, &answer, &err) != OL_OK ||
        !ol_json_find(&answer.result, OL_STR("receipts_outcome"), &part))
        die("tx", &err);
    double blocks = (double)(height_of_event(&part, "execution_completed") -
                             height_of_event(&part, "execution_requested"));
    ol_buf_deinit(&body);
    return blocks;
}

static void begin(char hash[OL_HASH_TEXT_BYTES])
{
    chain_begin(&net,
                &(chain_call){.signer = ALICE,
                              .receiver = CHAIN_OUTLAYER,
                              .method = "request_execution",
                              .args = echo,
                              .tgas = 150,
                              .deposit = DEPOSIT},
                hash);
}

/* One request through everything. Returns milliseconds. */
static double once(double *ret_blocks)
{
    char hash[OL_HASH_TEXT_BYTES];
    double start = now_ms();
    begin(hash);
    chain_result result = chain_end(&net, ALICE, hash);
    double ms = now_ms() - start;
    if (!ol_str_eq(result.value, OL_STR("\"hello\"")))
        die("another answer", NULL);
    *ret_blocks = blocks_of(hash);
    return ms;
}

/* The least that can be: the operator answers as soon as the request's receipt has run. */
static double by_hand(double *ret_blocks)
{
    char hash[OL_HASH_TEXT_BYTES];
    char answer[OL_HASH_TEXT_BYTES];
    static uint64_t next_id;
    char args[512];
    (void)snprintf(args, sizeof args,
                   "{\"request_id\":%llu,\"response\":{\"success\":true,\"output\":{\"Text\":"
                   "\"hello\"},\"error\":null,\"resources_used\":{\"instructions\":1,\"time_ms\":1,"
                   "\"compile_time_ms\":null},\"compilation_note\":null}}",
                   (unsigned long long)next_id++);
    double start = now_ms();
    begin(hash);
    ol_str request = chain_view(&net, CHAIN_OUTLAYER, "get_pending_request_ids", "{}");
    while (request.len <= 2)
        request = chain_view(&net, CHAIN_OUTLAYER, "get_pending_request_ids", "{}");
    chain_begin(&net,
                &(chain_call){.signer = CHAIN_OPERATOR,
                              .receiver = CHAIN_OUTLAYER,
                              .method = "resolve_execution",
                              .args = ol_str_of(args),
                              .tgas = 300},
                answer);
    chain_result result = chain_end(&net, ALICE, hash);
    double ms = now_ms() - start;
    if (!ol_str_eq(result.value, OL_STR("\"hello\"")))
        die("another answer by hand", NULL);
    *ret_blocks = blocks_of(hash);
    return ms;
}

typedef double measure_fn(double *ret_blocks);

static void sample(measure_fn *measure, double *ret_ms, double *ret_blocks)
{
    static double ms[SAMPLES];
    static double blocks[SAMPLES];
    for (int i = 0; i < WARM; i++)
        (void)measure(&blocks[0]);
    for (int i = 0; i < SAMPLES; i++)
        ms[i] = measure(&blocks[i]);
    *ret_ms = figure_quantile(ms, SAMPLES, 0.5);
    *ret_blocks = figure_quantile(blocks, SAMPLES, 0.5);
    (void)fprintf(stderr, "chain echo: p50 %.1f ms, p99 %.1f ms, %.0f to %.0f blocks\n", *ret_ms,
                  ms[SAMPLES - 1], blocks[0], blocks[SAMPLES - 1]);
}

int main(void)
{
    static char folder[] = "/tmp/outlayer-echo.XXXXXX";
    static char key[256];
    static stack_chain about;
    static stack_options options;
    ol_sha256_hex code;
    ol_err err;
    double floor_ms;
    double floor_blocks;
    double ms;
    double blocks;
    if (mkdtemp(folder) == NULL)
        die("no folder", NULL);
    chain_open(&net, folder, NULL);
    chain_deploy_outlayer(&net, key, sizeof key);
    chain_account(&net, ALICE, "1000", NULL);
    about = (stack_chain){net.port, CHAIN_OUTLAYER, CHAIN_OPERATOR, key};
    options = (stack_options){.slots = 2, .chain = &about};
    echo = OL_STR("{\"source\":{\"WasmUrl\":{\"url\":\"https://x/y\",\"hash\":\"h\"}},"
                  "\"resource_limits\":{},\"input_data\":\"hello\"}");
    sample(by_hand, &floor_ms, &floor_blocks);
    if (stack_open(&field, &options, 0, &err) != OL_OK ||
        stack_upload(&field, "examples/echo.wasm", &code, &err) != OL_OK)
        die("start", &err);
    if (!stack_log_has(&field, STACK_WORKER, " monitor_started", 20000))
        die("the monitor does not start", NULL);
    echo = ol_arena_printf(&net.arena,
                           "{\"source\":{\"WasmUrl\":{\"url\":\"https://x/y\",\"hash\":\"%s\","
                           "\"build_target\":\"wasm32-wasip1\"}},\"resource_limits\":{},"
                           "\"input_data\":\"hello\"}",
                           code.data);
    sample(once, &ms, &blocks);
    figure_print("chain_echo_blocks", blocks, "blocks", floor_blocks, FIGURE_AT_MOST, 4);
    figure_print("chain_echo_ms", ms, "ms", floor_ms, FIGURE_AT_MOST, 150);
    stack_deinit(&field);
    chain_deinit(&net);
    (void)unlink(net.log);
    (void)rmdir(folder);
    return 0;
}
