/* Blocks: time, skipped heights, finality, forks, snapshots, files. */
#include "tests/chain/node/lab.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const ol_str ALICE = OL_STR_INIT("alice.test.near");
static const ol_str BOB = OL_STR_INIT("bob.test.near");
static const ol_str ONE = OL_STR_INIT("one.test.near");

static ol_trace pay(lab *l, ol_yocto amount)
{
    const ol_action transfer = ol_action_transfer(amount);
    return lab_do(l, ALICE, BOB, &transfer, 1);
}

TEST("the same seed and the same transactions make the same chain")
{
    ol_sha256 hashes[3];
    for (unsigned i = 0; i < 3; i++) {
        lab l;
        lab_open_with(&l, (ol_node_options){.seed = i < 2 ? OL_STR("a") : OL_STR("b")});
        (void)pay(&l, LAB_NEAR(1));
        hashes[i] = ol_node_head(l.node)->hash;
        lab_close(&l);
    }
    CHECK(ol_sha256_eq(&hashes[0], &hashes[1]));
    CHECK(!ol_sha256_eq(&hashes[0], &hashes[2]));
}

TEST("without a clock a block takes 0.6 s, and time can be made to pass")
{
    lab l;
    lab_open(&l);
    uint64_t start = ol_node_head(l.node)->timestamp_ns;
    lab_mine(&l, 2);
    CHECK_EQ(ol_node_head(l.node)->timestamp_ns, start + 2 * UINT64_C(600000000));
    ol_node_pass(l.node, UINT64_C(3600000000000));
    lab_mine(&l, 1);
    CHECK_EQ(ol_node_head(l.node)->timestamp_ns,
             start + 3 * UINT64_C(600000000) + UINT64_C(3600000000000));
    lab_close(&l);
}

TEST("with a clock blocks tell its time, never going back")
{
    ol_fake_clock fake = ol_fake_clock_at(1800000000000);
    lab l;
    lab_open_with(&l, (ol_node_options){.clock = &fake.clock});
    lab_mine(&l, 1);
    CHECK_EQ(ol_node_head(l.node)->timestamp_ns, UINT64_C(1800000000000000000));
    lab_mine(&l, 1);
    CHECK_EQ(ol_node_head(l.node)->timestamp_ns, UINT64_C(1800000000000000001));
    fake.now_ms += 5000;
    ol_node_pass(l.node, 7);
    lab_mine(&l, 1);
    CHECK_EQ(ol_node_head(l.node)->timestamp_ns, UINT64_C(1800000005000000007));
    lab_close(&l);
}

TEST("a skipped height has no block, and its successor says so")
{
    lab l;
    lab_open(&l);
    uint64_t height = ol_node_head(l.node)->height;
    ol_node_skip(l.node, 2);
    lab_mine(&l, 1);
    const ol_block *head = ol_node_head(l.node);
    CHECK_EQ(head->height, height + 3);
    CHECK_EQ(head->prev_height, height);
    CHECK(ol_node_block_at(l.node, height + 1) == NULL);
    CHECK(ol_node_block_at(l.node, height + 3) == head);
    CHECK(ol_node_parent(l.node, head) == ol_node_block_at(l.node, height));
    lab_close(&l);
}

TEST("final lies behind the head by the lag, and never before genesis")
{
    lab l;
    lab_open_with(&l, (ol_node_options){.genesis_height = 10, .finality_lag = 2});
    CHECK_EQ(ol_node_final(l.node)->height, 10);
    lab_mine(&l, 5);
    CHECK_EQ(ol_node_head(l.node)->height, 15);
    CHECK_EQ(ol_node_near_final(l.node)->height, 14);
    CHECK_EQ(ol_node_final(l.node)->height, 13);
    lab_close(&l);
}

TEST("a transaction becomes final two blocks after its refund")
{
    lab l;
    lab_open_with(&l, (ol_node_options){.genesis_height = 10, .finality_lag = 2});
    ol_trace t = pay(&l, LAB_NEAR(1));
    ol_sha256 hash = t.transaction->hash;
    CHECK(t.included_final && t.complete && !t.complete_final);
    lab_mine(&l, 1);
    CHECK(!lab_trace(&l, &hash).complete_final);
    lab_mine(&l, 1);
    CHECK(lab_trace(&l, &hash).complete_final);
    lab_close(&l);
}

TEST("a fork replaces blocks that are not final by others, and their transactions run again")
{
    lab l;
    lab_open_with(&l, (ol_node_options){.genesis_height = 10, .finality_lag = 3});
    lab_mine(&l, 5);
    const ol_action transfer = ol_action_transfer(LAB_NEAR(1));
    ol_bytes bytes = lab_sign(&l, ALICE, BOB, &transfer, 1);
    /* Its block hash must survive: it names the block three below. */
    ol_sha256 hash = lab_submit(&l, bytes);
    lab_mine(&l, 3);
    ol_sha256 old[3];
    uint64_t head = ol_node_head(l.node)->height;
    for (unsigned i = 0; i < 3; i++)
        old[i] = ol_node_block_at(l.node, head - i)->hash;
    ol_err err = {0};
    CHECK_OK(ol_node_fork(l.node, 3, &err));
    CHECK_EQ(ol_node_head(l.node)->height, head);
    for (unsigned i = 0; i < 3; i++) {
        const ol_block *block = ol_node_block_at(l.node, head - i);
        CHECK(!ol_sha256_eq(&block->hash, &old[i]));
        CHECK(ol_node_block_of(l.node, &old[i]) == NULL);
    }
    ol_trace t = lab_trace(&l, &hash);
    CHECK(t.complete);
    CHECK(lab_balance(&l, BOB).yocto == LAB_NEAR(1001).yocto);
    CHECK_OK(ol_node_audit(l.node, &err));
    lab_close(&l);
}

TEST("what is final, or was never there, cannot be forked away")
{
    lab l;
    ol_err err = {0};
    lab_open_with(&l, (ol_node_options){.finality_lag = 2});
    lab_mine(&l, 1);
    CHECK_EQ(ol_node_fork(l.node, 0, &err), OL_ERR_INVALID);
    CHECK_EQ(ol_node_fork(l.node, 2, &err), OL_ERR_INVALID);
    lab_mine(&l, 5);
    CHECK_EQ(ol_node_fork(l.node, 3, &err), OL_ERR_INVALID);
    CHECK_EQ(ol_node_fork(l.node, 4, &err), OL_ERR_INVALID);
    CHECK_OK(ol_node_fork(l.node, 2, &err));
    lab_close(&l);
}

TEST("a snapshot brings back balances, keys, contracts and receipts under way")
{
    lab l;
    ol_err err = {0};
    lab_open(&l);
    lab_deploy(&l, ONE, "contracts/node_guest.wasm");
    (void)lab_call(&l, ALICE, ONE, "sleep", OL_STR("job"), LAB_TGAS(100), OL_YOCTO(0));
    const ol_action transfer = ol_action_transfer(LAB_NEAR(1));
    (void)lab_submit(&l, lab_sign(&l, ALICE, BOB, &transfer, 1));
    lab_mine(&l, 1); /* the transfer's receipt is under way */
    ol_sha256 head = ol_node_head(l.node)->hash;
    CHECK_OK(ol_node_snapshot(l.node, OL_STR("before"), &err));
    ol_trace t = lab_call(&l, ALICE, ONE, "resume", OL_STR("x"), LAB_TGAS(50), OL_YOCTO(0));
    ol_sha256 gone = t.transaction->hash;
    CHECK_OK(ol_node_restore(l.node, OL_STR("before"), &err));
    ol_sha256 now = ol_node_head(l.node)->hash;
    CHECK(ol_sha256_eq(&now, &head));
    ol_trace none;
    CHECK(!ol_node_trace(l.node, &gone, &l.arena, &none));
    lab_run(&l);
    CHECK(lab_balance(&l, BOB).yocto == LAB_NEAR(1001).yocto);
    t = lab_call(&l, ALICE, ONE, "resume", OL_STR("y"), LAB_TGAS(50), OL_YOCTO(0));
    CHECK_STR(ol_bytes_str(t.status_outcome->value), OL_STR("1"));
    CHECK_OK(ol_node_restore(l.node, OL_STR("before"), &err));
    CHECK_EQ(ol_node_restore(l.node, OL_STR("never"), &err), OL_ERR_NOT_FOUND);
    lab_close(&l);
}

TEST("restoring forgets snapshots of what came later")
{
    lab l;
    ol_err err = {0};
    lab_open(&l);
    CHECK_OK(ol_node_snapshot(l.node, OL_STR("early"), &err));
    lab_mine(&l, 3);
    CHECK_OK(ol_node_snapshot(l.node, OL_STR("late"), &err));
    CHECK_OK(ol_node_restore(l.node, OL_STR("early"), &err));
    CHECK_EQ(ol_node_restore(l.node, OL_STR("late"), &err), OL_ERR_NOT_FOUND);
    lab_mine(&l, 3);
    CHECK_EQ(ol_node_restore(l.node, OL_STR("late"), &err), OL_ERR_NOT_FOUND);
    CHECK_EQ(ol_node_snapshot(l.node, OL_STR(""), &err), OL_ERR_INVALID);
    lab_close(&l);
}

TEST("a chain in a file goes on where it was, receipts under way and waiting yields included")
{
    char path[] = "/tmp/chain_test_XXXXXX";
    int fd = mkstemp(path);
    CHECK(fd >= 0 && close(fd) == 0);
    lab l;
    ol_err err = {0};
    lab_open(&l);
    lab_deploy(&l, ONE, "contracts/node_guest.wasm");
    (void)lab_call(&l, ALICE, ONE, "sleep", OL_STR("job"), LAB_TGAS(100), OL_YOCTO(0));
    const ol_action transfer = ol_action_transfer(LAB_NEAR(1));
    (void)lab_submit(&l, lab_sign(&l, ALICE, BOB, &transfer, 1));
    lab_mine(&l, 1);
    CHECK_OK(ol_node_save(l.node, path, &err));
    ol_sha256 head = ol_node_head(l.node)->hash;
    ol_sha256 root = ol_node_head(l.node)->state_root;
    ol_sha256 genesis = ol_node_genesis(l.node)->hash;
    ol_node_free(l.node);
    const ol_node_options options = {.chain_id = OL_STR("localnet")};
    CHECK_OK(ol_node_load(&options, path, &l.node, &err));
    ol_sha256 now = ol_node_head(l.node)->hash;
    CHECK(ol_sha256_eq(&now, &head));
    now = ol_node_head(l.node)->state_root;
    CHECK(ol_sha256_eq(&now, &root));
    now = ol_node_genesis(l.node)->hash;
    CHECK(ol_sha256_eq(&now, &genesis));
    lab_run(&l);
    CHECK(lab_balance(&l, BOB).yocto == LAB_NEAR(1001).yocto);
    ol_trace t = lab_call(&l, ALICE, ONE, "resume", OL_STR("y"), LAB_TGAS(50), OL_YOCTO(0));
    CHECK_STR(ol_bytes_str(t.status_outcome->value), OL_STR("1"));
    lab_close(&l);
    (void)unlink(path);
}

TEST("a damaged file is refused")
{
    char path[] = "/tmp/chain_test_XXXXXX";
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    lab l;
    ol_err err = {0};
    lab_open(&l);
    CHECK_OK(ol_node_save(l.node, path, &err));
    fd = open(path, O_WRONLY);
    CHECK(fd >= 0 && pwrite(fd, "?", 1, 100) == 1 && close(fd) == 0);
    ol_node *node = NULL;
    CHECK_EQ(ol_node_load(&(ol_node_options){0}, path, &node, &err), OL_ERR_INVALID);
    CHECK(node == NULL);
    lab_close(&l);
    (void)unlink(path);
}

TEST("old blocks and states are forgotten as told, and the chain goes on")
{
    lab l;
    lab_open_with(&l, (ol_node_options){.blocks_kept = 5, .states_kept = 2});
    ol_sha256 first = pay(&l, LAB_NEAR(1)).transaction->hash;
    for (unsigned i = 0; i < 5; i++)
        (void)pay(&l, LAB_NEAR(1));
    uint64_t head = ol_node_head(l.node)->height;
    CHECK_EQ(ol_node_earliest(l.node)->height, head - 4);
    CHECK_EQ(ol_node_genesis(l.node)->height, 1);
    CHECK(ol_node_block_at(l.node, head - 5) == NULL);
    CHECK(ol_node_block_at(l.node, head - 1)->has_state);
    CHECK(!ol_node_block_at(l.node, head - 2)->has_state);
    ol_trace none;
    CHECK(!ol_node_trace(l.node, &first, &l.arena, &none));
    CHECK(lab_balance(&l, BOB).yocto == LAB_NEAR(1006).yocto);
    lab_close(&l);
}

TEST("a view of an older block sees its state, height and time")
{
    lab l;
    ol_err err = {0};
    lab_open(&l);
    lab_deploy(&l, ONE, "contracts/node_guest.wasm");
    (void)lab_call(&l, ALICE, ONE, "set", OL_STR("k=old"), LAB_TGAS(50), OL_YOCTO(0));
    uint64_t then = ol_node_head(l.node)->height;
    (void)lab_call(&l, ALICE, ONE, "set", OL_STR("k=new"), LAB_TGAS(50), OL_YOCTO(0));
    ol_view_result result;
    CHECK_OK(ol_node_view(l.node, ol_node_block_at(l.node, then), ONE, OL_STR("get"),
                          ol_str_bytes(OL_STR("k")), &l.arena, &result, &err));
    CHECK_STR(ol_bytes_str(result.value), OL_STR("old"));
    CHECK_OK(ol_node_view(l.node, ol_node_head(l.node), ONE, OL_STR("set"),
                          ol_str_bytes(OL_STR("k=v")), &l.arena, &result, &err));
    CHECK(result.failed);
    CHECK_HAS(result.error_debug, OL_STR("ProhibitedInView"), "view");
    CHECK_EQ(ol_node_view(l.node, ol_node_head(l.node), OL_STR("nobody.near"), OL_STR("m"),
                          (ol_bytes){0}, &l.arena, &result, &err),
             OL_ERR_NOT_FOUND);
    lab_close(&l);
}

TEST("changes of a block name what changed and why")
{
    lab l;
    lab_open(&l);
    lab_deploy(&l, ONE, "contracts/node_guest.wasm");
    const ol_action call =
        ol_action_call(OL_STR("set"), ol_str_bytes(OL_STR("k=v")), LAB_TGAS(30), OL_YOCTO(0));
    ol_sha256 hash = lab_submit(&l, lab_sign(&l, ALICE, ONE, &call, 1));
    lab_mine(&l, 1);
    const ol_block *head = ol_node_head(l.node);
    CHECK_EQ(head->change_count, 2); /* alice's account and key */
    CHECK_EQ(head->changes[0].cause, OL_CAUSE_TRANSACTION);
    CHECK(ol_sha256_eq(&head->changes[0].hash, &hash));
    CHECK_STR(ol_record_of(head->changes[0].entry).account_id, ALICE);
    lab_mine(&l, 1);
    head = ol_node_head(l.node);
    bool data = false;
    bool reward = false;
    for (size_t i = 0; i < head->change_count; i++) {
        ol_record record = ol_record_of(head->changes[i].entry);
        data = data || (record.kind == OL_RECORD_DATA &&
                        ol_bytes_eq(record.value, ol_str_bytes(OL_STR("v"))));
        reward = reward || (record.kind == OL_RECORD_ACCOUNT &&
                            head->changes[i].cause == OL_CAUSE_GAS_REWARD);
    }
    CHECK(data && reward);
    lab_close(&l);
}

/* A V1 transaction of alice's, signed as it is. */
static ol_bytes sign_v1(lab *l, uint64_t nonce, bool strict)
{
    ol_ed25519_key key = lab_secret(ALICE);
    const ol_action transfer = ol_action_transfer(OL_YOCTO(1));
    ol_transaction t = {.signer_id = ALICE,
                        .receiver_id = BOB,
                        .nonce = nonce,
                        .actions = &transfer,
                        .action_count = 1,
                        .v1 = true,
                        .strict_nonce = strict};
    ol_buf bytes = ol_buf_new(OL_KIB(4));
    ol_bytes kept;
    ol_sha256 hash;
    memcpy(t.block_hash, ol_node_head(l->node)->hash.bytes, sizeof t.block_hash);
    ol_transaction_sign(&t, &key, &bytes, &hash);
    CHECK(ol_arena_copy_bytes(&l->arena, ol_buf_bytes(&bytes), &kept));
    ol_buf_deinit(&bytes);
    return kept;
}

TEST("a V1 transaction may ask for exactly the next nonce")
{
    lab l;
    lab_open(&l);
    (void)lab_submit(&l, sign_v1(&l, 7, false));
    lab_run(&l);
    CHECK_HAS(lab_refusal(&l, sign_v1(&l, 9, true)),
              OL_STR("{\"InvalidNonce\":{\"tx_nonce\":9,\"ak_nonce\":7}}"), "strict");
    (void)lab_submit(&l, sign_v1(&l, 8, true));
    lab_run(&l);
    CHECK(lab_balance(&l, BOB).yocto == LAB_NEAR(1000).yocto + 2);
    lab_close(&l);
}

TEST("protocol version 84 buys gas at its price, refunds nothing, and knows no V1")
{
    lab l;
    lab_open_with(&l, (ol_node_options){.protocol_version = 84, .genesis_height = 100});
    ol_trace t = pay(&l, LAB_NEAR(1));
    CHECK_EQ(t.status, OL_STATUS_VALUE);
    CHECK_EQ(t.receipt_count, 1);
    CHECK_STR(lab_refusal(&l, sign_v1(&l, UINT64_C(99000000) + 7, false)),
              OL_STR("{\"InvalidTxError\":\"InvalidTransactionVersion\"}"));
    lab_close(&l);
}
