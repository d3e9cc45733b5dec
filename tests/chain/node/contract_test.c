/* Contract code: deployed, shared, and told by an id (NEAR 4.3, 7). */
#include "tests/chain/node/lab.h"

#include <stdlib.h>

#include "emulator/account_name.h"
#include "lib/base/fd.h"

static const ol_str ALICE = OL_STR_INIT("alice.test.near");
static const ol_str BOB = OL_STR_INIT("bob.test.near");
static const ol_str CAROL = OL_STR_INIT("carol.test.near");

static ol_bytes guest_code(lab *l)
{
    ol_buf code = ol_buf_new(OL_MIB(1));
    ol_err err = {0};
    ol_bytes kept;
    ol_str path = ol_arena_printf(&l->arena, "%s/contracts/node_guest.wasm", getenv("OL_WASM"));
    CHECK_OK(ol_file_load(path.data, &code, &err));
    CHECK(ol_arena_copy_bytes(&l->arena, ol_buf_bytes(&code), &kept));
    ol_buf_deinit(&code);
    return kept;
}

static ol_str echo(lab *l, ol_str contract)
{
    ol_trace t = lab_call(l, CAROL, contract, "echo", OL_STR("hi"), LAB_TGAS(30), OL_YOCTO(0));
    CHECK_EQ(t.status, OL_STATUS_VALUE);
    return ol_bytes_str(t.status_outcome->value);
}

TEST("deployed code counts for storage, and deploying again counts it anew")
{
    lab l;
    lab_open(&l);
    ol_bytes code = guest_code(&l);
    const ol_action deploy = ol_action_deploy(code);
    const ol_action deploy_little = ol_action_deploy(ol_str_bytes(OL_STR("not wasm")));
    CHECK_EQ(lab_do(&l, ALICE, ALICE, &deploy, 1).status, OL_STATUS_VALUE);
    CHECK_EQ(lab_account(&l, ALICE).storage_usage, 182 + code.len);
    CHECK_STR(echo(&l, ALICE), OL_STR("hi"));
    CHECK_EQ(lab_do(&l, ALICE, ALICE, &deploy_little, 1).status, OL_STATUS_VALUE);
    CHECK_EQ(lab_account(&l, ALICE).storage_usage, 182 + 8);
    ol_trace t = lab_call(&l, CAROL, ALICE, "echo", OL_STR(""), LAB_TGAS(30), OL_YOCTO(0));
    CHECK_HAS(lab_failure(&l, t.status_outcome),
              OL_STR("{\"CompilationError\":{\"PrepareError\":\"Deserialization\"}}"), "");
    lab_close(&l);
}

static ol_trace deploy_global(lab *l, ol_bytes code, bool by_account)
{
    const ol_action deploy = {.kind = OL_ACTION_DEPLOY_GLOBAL,
                              .deploy_global = {.code = code, .by_account = by_account}};
    return lab_do(l, ALICE, ALICE, &deploy, 1);
}

static ol_trace use_global(lab *l, ol_str user, const ol_global_id *id)
{
    const ol_action use = {.kind = OL_ACTION_USE_GLOBAL, .use_global = *id};
    return lab_do(l, user, user, &use, 1);
}

TEST("a global contract is paid for by burning, and used for the length of its name")
{
    lab l;
    lab_open(&l);
    ol_bytes code = guest_code(&l);
    ol_trace t = deploy_global(&l, code, false);
    CHECK_EQ(t.status, OL_STATUS_VALUE);
    ol_u128 price = (ol_u128)code.len * 100000000000000000u * 1000;
    CHECK(t.receipts[0].outcome->tokens_burnt.yocto > price);
    const ol_global_id by_hash = {.hash = ol_sha256_of(code)};
    CHECK_EQ(use_global(&l, BOB, &by_hash).status, OL_STATUS_VALUE);
    CHECK_EQ(lab_account(&l, BOB).storage_usage, 182 + 32);
    CHECK_STR(echo(&l, BOB), OL_STR("hi"));
    const ol_global_id by_account = {.by_account = true, .account_id = ALICE};
    t = use_global(&l, BOB, &by_account);
    CHECK_HAS(lab_failure(&l, t.status_outcome),
              OL_STR("{\"GlobalContractDoesNotExist\":{\"identifier\":{\"AccountId\":"
                     "\"alice.test.near\"}}}"),
              "");
    CHECK_EQ(deploy_global(&l, code, true).status, OL_STATUS_VALUE);
    CHECK_EQ(use_global(&l, BOB, &by_account).status, OL_STATUS_VALUE);
    CHECK_EQ(lab_account(&l, BOB).storage_usage, 182 + ALICE.len);
    CHECK_STR(echo(&l, BOB), OL_STR("hi"));
    lab_close(&l);
}

TEST("whoever deployed a global contract by account replaces it for all its users")
{
    lab l;
    lab_open(&l);
    const ol_global_id by_account = {.by_account = true, .account_id = ALICE};
    (void)deploy_global(&l, ol_str_bytes(OL_STR("not wasm")), true);
    (void)use_global(&l, BOB, &by_account);
    ol_trace t = lab_call(&l, CAROL, BOB, "echo", OL_STR(""), LAB_TGAS(30), OL_YOCTO(0));
    CHECK_EQ(t.status, OL_STATUS_FAILURE);
    (void)deploy_global(&l, guest_code(&l), true);
    CHECK_STR(echo(&l, BOB), OL_STR("hi"));
    lab_close(&l);
}

TEST("a deterministic account gets its code and state from anybody, once")
{
    static const uint8_t key[] = "k";
    lab l;
    lab_open(&l);
    ol_bytes code = guest_code(&l);
    const ol_init_entry entries[] = {
        {.key = {key, 1}, .value = ol_str_bytes(OL_STR("born with it"))}};
    const ol_action init = {
        .kind = OL_ACTION_STATE_INIT,
        .state_init = {
            .init = {.code = {.hash = ol_sha256_of(code)}, .entries = entries, .entry_count = 1},
            .deposit = LAB_NEAR(1)}};
    char name[OL_ACCOUNT_ETH_BYTES];
    ol_account_id_of_state(&init.state_init.init, name);
    const ol_str id = {name, sizeof name};
    ol_trace t = lab_do(&l, BOB, id, &init, 1);
    CHECK_HAS(lab_failure(&l, t.status_outcome), OL_STR("GlobalContractDoesNotExist"), "too early");
    (void)deploy_global(&l, code, false);
    ol_yocto before = lab_balance(&l, BOB);
    for (unsigned i = 0; i < 2; i++) {
        CHECK_EQ(lab_do(&l, BOB, id, &init, 1).status, OL_STATUS_VALUE);
        CHECK_EQ(lab_account(&l, id).storage_usage, 100 + 32 + 40 + 1 + 12);
    }
    /* So little storage needs no balance: the deposits come back. */
    CHECK(before.yocto - lab_balance(&l, BOB).yocto < LAB_NEAR(1).yocto / 10);
    t = lab_call(&l, CAROL, id, "get", OL_STR("k"), LAB_TGAS(30), OL_YOCTO(0));
    CHECK_STR(ol_bytes_str(t.status_outcome->value), OL_STR("born with it"));
    CHECK_HAS(lab_refusal(&l, lab_sign(&l, BOB, CAROL, &init, 1)),
              OL_STR("{\"InvalidDeterministicStateInitReceiver\":{\"receiver_id\":"
                     "\"carol.test.near\",\"derived_id\":\"0s"),
              "");
    lab_close(&l);
}

TEST("an account with much state cannot be deleted, one with much code can")
{
    lab l;
    lab_open(&l);
    const ol_action deploy = ol_action_deploy(guest_code(&l));
    (void)lab_do(&l, ALICE, ALICE, &deploy, 1);
    const ol_action drop = {.kind = OL_ACTION_DELETE_ACCOUNT, .beneficiary = BOB};
    uint8_t big[9900] = {0};
    ol_err err = {0};
    CHECK_OK(ol_node_put_data(l.node, ALICE, ol_str_bytes(OL_STR("big")),
                              (ol_bytes){big, sizeof big}, &err));
    ol_trace t = lab_do(&l, ALICE, ALICE, &drop, 1);
    CHECK_HAS(lab_failure(&l, t.status_outcome), OL_STR("DeleteAccountWithLargeState"), "");
    CHECK_OK(
        ol_node_put_data(l.node, ALICE, ol_str_bytes(OL_STR("big")), (ol_bytes){big, 10}, &err));
    CHECK_EQ(lab_do(&l, ALICE, ALICE, &drop, 1).status, OL_STATUS_VALUE);
    CHECK(!lab_exists(&l, ALICE));
    ol_bytes at = {0};
    ol_bytes key;
    ol_bytes value;
    CHECK(!ol_data_next(&ol_node_head(l.node)->state, ALICE, (ol_bytes){0}, &at, &key, &value));
    lab_close(&l);
}
