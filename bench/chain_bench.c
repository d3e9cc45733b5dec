/* The local chain alone, in this process: signed calls of a small contract, submitted a hundred at
 * a time, applied in blocks of a hundred, with receipts, refunds and the sum of all money. Signing
 * is the client's work and not counted. The floor of a call is the same method run as a view. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/figure.h"
#include "emulator/node.h"
#include "lib/base/fd.h"
#include "lib/near/dev_key.h"

enum { BATCH = 100, BATCHES = 60, WARM_BATCHES = 3, VIEWS = 2000 };

static double now_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(ol_rc rc, const ol_err *err)
{
    if (rc == OL_OK)
        return;
    (void)fprintf(stderr, "chain_bench: %s\n", err->text);
    exit(1);
}

static const ol_str USER = OL_STR_INIT("alice.test.near");
static const ol_str CONTRACT = OL_STR_INIT("counter.test.near");

static ol_node *open_chain(const ol_ed25519_key *key)
{
    const char *folder = getenv("OL_WASM");
    char path[4096];
    ol_err err = {0};
    ol_buf code = ol_buf_new(OL_MIB(4));
    ol_node *node;
    (void)snprintf(path, sizeof path, "%s/contracts/example_counter.wasm",
                   folder != NULL ? folder : ".");
    must(ol_file_load(path, &code, &err), &err);
    ol_ed25519_public public = ol_ed25519_public_of(key);
    const ol_public_key user_key = ol_public_key_of_ed25519(&public);
    const ol_yocto rich = OL_YOCTO((ol_u128)1000000000000000000 * 1000000 * 1000000);
    const ol_account_seed accounts[] = {
        {.id = USER, .balance = rich, .keys = &user_key, .key_count = 1},
        {.id = CONTRACT, .balance = rich, .code = ol_buf_bytes(&code)}};
    const ol_node_options options = {
        .accounts = accounts, .account_count = OL_COUNT(accounts), .genesis_height = 1000};
    must(ol_node_new(&options, &node, &err), &err);
    ol_buf_deinit(&code);
    return node;
}

static ol_bytes sign(ol_node *node, const ol_ed25519_key *key, const ol_action *action,
                     uint64_t nonce, ol_arena *arena)
{
    ol_buf bytes = ol_buf_new(OL_MIB(1));
    ol_bytes kept = {0};
    ol_sha256 hash;
    ol_transaction t = {.signer_id = USER,
                        .receiver_id = CONTRACT,
                        .nonce = nonce,
                        .actions = action,
                        .action_count = 1};
    memcpy(t.block_hash, ol_node_head(node)->hash.bytes, sizeof t.block_hash);
    ol_transaction_sign(&t, key, &bytes, &hash);
    OL_ASSERT(ol_arena_copy_bytes(arena, ol_buf_bytes(&bytes), &kept));
    ol_buf_deinit(&bytes);
    return kept;
}

/* Seconds for one batch from its first byte to its last refund. */
static double batch(ol_node *node, const ol_ed25519_key *key, const ol_action *action,
                    uint64_t *nonce)
{
    ol_arena arena = ol_arena_new(OL_MIB(8));
    ol_bytes transactions[BATCH];
    ol_err err = {0};
    for (size_t i = 0; i < BATCH; i++)
        transactions[i] = sign(node, key, action, ++*nonce, &arena);
    double start = now_s();
    for (size_t i = 0; i < BATCH; i++) {
        ol_sha256 hash;
        ol_failure failure;
        must(ol_node_submit(node, transactions[i], &hash, &failure, &err), &err);
    }
    must(ol_node_run(node, 10, &err), &err);
    double took = now_s() - start;
    ol_arena_deinit(&arena);
    return took;
}

static double calls_per_s(ol_node *node, const ol_ed25519_key *key, const ol_action *action,
                          uint64_t *nonce)
{
    static double sample[BATCHES];
    for (size_t i = 0; i < WARM_BATCHES; i++)
        (void)batch(node, key, action, nonce);
    for (size_t i = 0; i < BATCHES; i++)
        sample[i] = (double)BATCH / batch(node, key, action, nonce);
    return figure_quantile(sample, BATCHES, 0.5);
}

static double views_per_s(ol_node *node)
{
    ol_err err = {0};
    double start = now_s();
    for (size_t i = 0; i < VIEWS; i++) {
        ol_arena arena = ol_arena_new(OL_MIB(8));
        ol_view_result result;
        must(ol_node_view(node, ol_node_head(node), CONTRACT, OL_STR("value"),
                          ol_str_bytes(OL_STR("{\"account_id\":\"alice.test.near\"}")), &arena,
                          &result, &err),
             &err);
        OL_ASSERT(!result.failed);
        ol_arena_deinit(&arena);
    }
    return (double)VIEWS / (now_s() - start);
}

int main(void)
{
    ol_ed25519_key key;
    ol_err err = {0};
    uint64_t nonce = 999 * UINT64_C(1000000);
    ol_dev_key(OL_STR("bench"), USER, &key);
    ol_node *node = open_chain(&key);
    const ol_action call =
        ol_action_call(OL_STR("raise"), ol_str_bytes(OL_STR("{\"by\":1}")),
                       UINT64_C(30000000000000), OL_YOCTO((ol_u128)1000000000000000000 * 1000));
    const ol_action transfer = ol_action_transfer(OL_YOCTO(1));
    double calls = calls_per_s(node, &key, &call, &nonce);
    double views = views_per_s(node);
    figure_print("localnet_calls_per_s", calls, "1/s", views, FIGURE_AT_LEAST, 1000);
    figure_print("localnet_transfers_per_s", calls_per_s(node, &key, &transfer, &nonce), "1/s", NAN,
                 FIGURE_AT_LEAST, NAN);
    must(ol_node_audit(node, &err), &err);
    ol_node_free(node);
    ol_ed25519_key_deinit(&key);
    return 0;
}
