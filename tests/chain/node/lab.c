#include "tests/chain/node/lab.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/fd.h"
#include "lib/codec/base58.h"
#include "lib/near/dev_key.h"

static const ol_str ACCOUNTS[] = {OL_STR_INIT("test.near"), OL_STR_INIT("alice.test.near"),
                                  OL_STR_INIT("bob.test.near"), OL_STR_INIT("carol.test.near")};

ol_ed25519_key lab_secret(ol_str account_id)
{
    ol_ed25519_key key;
    ol_dev_key(OL_STR("lab"), account_id, &key);
    return key;
}

ol_public_key lab_key(ol_str account_id)
{
    ol_ed25519_key secret = lab_secret(account_id);
    ol_ed25519_public public = ol_ed25519_public_of(&secret);
    return ol_public_key_of_ed25519(&public);
}

void lab_open_with(lab *l, ol_node_options options)
{
    ol_account_seed seeds[OL_COUNT(ACCOUNTS)];
    ol_public_key keys[OL_COUNT(ACCOUNTS)];
    ol_err err = {0};
    for (size_t i = 0; i < OL_COUNT(ACCOUNTS); i++) {
        keys[i] = lab_key(ACCOUNTS[i]);
        seeds[i] = (ol_account_seed){
            .id = ACCOUNTS[i], .balance = LAB_NEAR(1000), .keys = &keys[i], .key_count = 1};
    }
    options.accounts = seeds;
    options.account_count = OL_COUNT(seeds);
    *l = (lab){.arena = ol_arena_new(OL_MIB(64))};
    CHECK_OK(ol_node_new(&options, &l->node, &err));
    CHECK_OK(ol_node_audit(l->node, &err));
}

void lab_open(lab *l)
{
    lab_open_with(l, (ol_node_options){.genesis_height = 100});
}

void lab_close(lab *l)
{
    ol_node_free(l->node);
    ol_arena_deinit(&l->arena);
}

ol_bytes lab_sign_as(lab *l, ol_str key_of, ol_str signer, ol_str receiver,
                     const ol_action *actions, size_t count)
{
    const ol_block *head = ol_node_head(l->node);
    ol_ed25519_key key = lab_secret(key_of);
    ol_buf bytes = ol_buf_new(OL_MIB(8));
    ol_bytes kept;
    ol_sha256 hash;
    /* Below a million per block (NEAR 4.2), above what any key has used. */
    ol_transaction t = {.signer_id = signer,
                        .receiver_id = receiver,
                        .nonce = head->height * 1000000 - 1000000 + ++l->nonce,
                        .actions = actions,
                        .action_count = count};
    memcpy(t.block_hash, head->hash.bytes, sizeof t.block_hash);
    ol_transaction_sign(&t, &key, &bytes, &hash);
    CHECK(ol_buf_ok(&bytes) && ol_arena_copy_bytes(&l->arena, ol_buf_bytes(&bytes), &kept));
    ol_buf_deinit(&bytes);
    return kept;
}

ol_bytes lab_sign(lab *l, ol_str signer, ol_str receiver, const ol_action *actions, size_t count)
{
    return lab_sign_as(l, signer, signer, receiver, actions, count);
}

ol_sha256 lab_submit(lab *l, ol_bytes transaction)
{
    ol_sha256 hash;
    ol_failure failure;
    ol_err err = {0};
    ol_rc rc = ol_node_submit(l->node, transaction, &hash, &failure, &err);
    if (rc != OL_OK && failure.kind != OL_FAILURE_NONE) {
        ol_buf text = ol_buf_new(OL_KIB(64));
        ol_json_writer w = ol_json_writer_over(&text);
        ol_failure_write(&failure, &w);
        ol_test_fail(__FILE__, __LINE__, "refused: %.*s", OL_FMT(ol_buf_str(&text)));
    }
    CHECK_OK(rc);
    return hash;
}

static ol_str failure_text(lab *l, const ol_failure *failure)
{
    ol_buf text = ol_buf_new(OL_KIB(64));
    ol_json_writer w = ol_json_writer_over(&text);
    ol_str kept;
    ol_failure_write(failure, &w);
    CHECK(ol_buf_ok(&text) && ol_arena_copy(&l->arena, ol_buf_str(&text), &kept));
    ol_buf_deinit(&text);
    return kept;
}

ol_str lab_refusal(lab *l, ol_bytes transaction)
{
    ol_sha256 hash;
    ol_failure failure;
    ol_err err = {0};
    CHECK_EQ(ol_node_submit(l->node, transaction, &hash, &failure, &err), OL_ERR_INVALID);
    CHECK(failure.kind != OL_FAILURE_NONE);
    return failure_text(l, &failure);
}

void lab_run(lab *l)
{
    ol_err err = {0};
    CHECK_OK(ol_node_run(l->node, LAB_BLOCKS_MAX, &err));
    CHECK(!ol_node_has_work(l->node));
    CHECK_OK(ol_node_audit(l->node, &err));
}

void lab_mine(lab *l, unsigned blocks)
{
    ol_err err = {0};
    for (unsigned i = 0; i < blocks; i++)
        CHECK_OK(ol_node_produce(l->node, &err));
    CHECK_OK(ol_node_audit(l->node, &err));
}

ol_trace lab_trace(lab *l, const ol_sha256 *hash)
{
    ol_trace trace;
    CHECK(ol_node_trace(l->node, hash, &l->arena, &trace));
    return trace;
}

ol_trace lab_do(lab *l, ol_str signer, ol_str receiver, const ol_action *actions, size_t count)
{
    ol_sha256 hash = lab_submit(l, lab_sign(l, signer, receiver, actions, count));
    lab_run(l);
    return lab_trace(l, &hash);
}

ol_trace lab_call(lab *l, ol_str signer, ol_str contract, const char *method, ol_str args,
                  uint64_t gas, ol_yocto deposit)
{
    const ol_action call = ol_action_call(ol_str_of(method), ol_str_bytes(args), gas, deposit);
    return lab_do(l, signer, contract, &call, 1);
}

void lab_deploy(lab *l, ol_str account_id, const char *path)
{
    const char *folder = getenv("OL_WASM");
    ol_buf code = ol_buf_new(OL_MIB(4));
    ol_err err = {0};
    ol_str file = ol_arena_printf(&l->arena, "%s/%s", folder != NULL ? folder : ".", path);
    CHECK_OK(ol_file_load(file.data, &code, &err));
    const ol_account_seed seed = {
        .id = account_id, .balance = LAB_NEAR(100), .code = ol_buf_bytes(&code)};
    CHECK_OK(ol_node_put_account(l->node, &seed, &err));
    ol_buf_deinit(&code);
}

bool lab_exists(const lab *l, ol_str account_id)
{
    ol_account account;
    return ol_account_find(&ol_node_head(l->node)->state, account_id, &account);
}

ol_account lab_account(const lab *l, ol_str account_id)
{
    ol_account account = {0};
    CHECK(ol_account_find(&ol_node_head(l->node)->state, account_id, &account));
    return account;
}

ol_yocto lab_balance(const lab *l, ol_str account_id)
{
    return lab_account(l, account_id).amount;
}

ol_str lab_failure(lab *l, const ol_outcome *outcome)
{
    CHECK_EQ(outcome->status, OL_STATUS_FAILURE);
    return failure_text(l, &outcome->failure);
}

ol_str lab_hash(lab *l, const ol_sha256 *hash)
{
    return ol_base58_of(&l->arena, ol_sha256_bytes(hash));
}
