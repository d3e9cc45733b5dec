/* Money by hand: NEAR 4.3 and the figures of NEAR 8. */
#include "tests/chain/node/lab.h"

static const ol_str ALICE = OL_STR_INIT("alice.test.near");
static const ol_str BOB = OL_STR_INIT("bob.test.near");

static ol_u128 yocto_of(const char *digits)
{
    ol_u128 value = 0;
    CHECK(ol_u128_parse(ol_str_of(digits), &value));
    return value;
}

TEST("a transfer of 1 NEAR burns, buys, refunds and costs what NEAR 8 works out")
{
    lab l;
    lab_open(&l);
    const ol_action transfer = ol_action_transfer(LAB_NEAR(1));
    ol_yocto before = lab_balance(&l, ALICE);
    ol_trace t = lab_do(&l, ALICE, BOB, &transfer, 1);
    const ol_outcome *start = t.transaction_outcome.outcome;
    CHECK_EQ(start->gas_burnt, 223182562500);
    CHECK(start->tokens_burnt.yocto == yocto_of("22318256250000000000"));
    CHECK_EQ(start->status, OL_STATUS_RECEIPT);
    CHECK_EQ(t.receipt_count, 2);
    const ol_outcome *receipt = t.receipts[0].outcome;
    CHECK_EQ(receipt->gas_burnt, 223182562500);
    CHECK(receipt->tokens_burnt.yocto == yocto_of("22318256250000000000"));
    CHECK_EQ(receipt->receipt_count, 1);
    const ol_outcome *refund = t.receipts[1].outcome;
    CHECK_STR(refund->receipt->predecessor_id, OL_STR("system"));
    CHECK(refund->receipt->actions[0].transfer.yocto == yocto_of("200864306250000000000"));
    CHECK_EQ(refund->gas_burnt, 223182562500);
    CHECK(ol_yocto_is_zero(refund->tokens_burnt));
    CHECK(lab_balance(&l, BOB).yocto == LAB_NEAR(1001).yocto);
    ol_u128 fee = before.yocto - lab_balance(&l, ALICE).yocto - LAB_NEAR(1).yocto;
    CHECK(fee == yocto_of("44636512500000000000"));
    lab_close(&l);
}

TEST("a transfer takes a block, its receipt the next, its refund the third")
{
    lab l;
    lab_open(&l);
    const ol_action transfer = ol_action_transfer(LAB_NEAR(1));
    uint64_t head = ol_node_head(l.node)->height;
    ol_trace t = lab_do(&l, ALICE, BOB, &transfer, 1);
    CHECK_EQ(t.transaction_outcome.block->height, head + 1);
    CHECK_EQ(t.receipts[0].block->height, head + 2);
    CHECK_EQ(t.receipts[1].block->height, head + 3);
    CHECK_EQ(ol_node_head(l.node)->height, head + 3);
    CHECK(t.complete_final);
    lab_close(&l);
}

TEST("to oneself a receipt runs in the block of its transaction")
{
    lab l;
    lab_open(&l);
    const ol_action transfer = ol_action_transfer(LAB_NEAR(1));
    ol_trace t = lab_do(&l, ALICE, ALICE, &transfer, 1);
    CHECK(t.receipts[0].block == t.transaction_outcome.block);
    CHECK_EQ(t.transaction_outcome.block->local_count, 1);
    lab_close(&l);
}

TEST("create, transfer and a full key burn and prepay what NEAR 8 says, and the rest of 0.007 NEAR")
{
    lab l;
    lab_open(&l);
    const ol_str made = OL_STR("new.alice.test.near");
    ol_public_key key = lab_key(made);
    const ol_action actions[] = {ol_action_create_account(), ol_action_transfer(LAB_NEAR(1)),
                                 ol_action_add_full_key(&key)};
    ol_trace t = lab_do(&l, ALICE, made, actions, OL_COUNT(actions));
    CHECK_EQ(t.transaction_outcome.outcome->gas_burnt, 824947687500);
    CHECK_EQ(t.receipts[0].outcome->gas_burnt, 7524947687500);
    /* 7.2 Tgas at 10^8 are 0.00072 NEAR; what is missing to 0.007 is burnt as well. */
    ol_u128 gas = (ol_u128)7524947687500 * 100000000;
    ol_u128 charge = yocto_of("7000000000000000000000") - (ol_u128)7200000000000 * 100000000;
    CHECK(t.receipts[0].outcome->tokens_burnt.yocto == gas + charge);
    CHECK_EQ(lab_account(&l, made).storage_usage, 182);
    lab_close(&l);
}

TEST("a failed receipt gives the deposit back to its sender and the gas to its signer")
{
    lab l;
    lab_open(&l);
    const ol_action transfer = ol_action_transfer(LAB_NEAR(5));
    ol_yocto before = lab_balance(&l, ALICE);
    ol_trace t = lab_do(&l, ALICE, OL_STR("nobody.test.near"), &transfer, 1);
    CHECK_EQ(t.status, OL_STATUS_FAILURE);
    CHECK_STR(lab_failure(&l, t.status_outcome),
              OL_STR("{\"ActionError\":{\"index\":0,\"kind\":{\"AccountDoesNotExist\":"
                     "{\"account_id\":\"nobody.test.near\"}}}}"));
    CHECK_EQ(t.receipt_count, 3);
    CHECK(t.receipts[1].outcome->receipt->actions[0].transfer.yocto == LAB_NEAR(5).yocto);
    ol_u128 fee = before.yocto - lab_balance(&l, ALICE).yocto;
    CHECK(fee == yocto_of("44636512500000000000"));
    lab_close(&l);
}

TEST("a refund that finds nobody is burnt, and the sums still agree")
{
    lab l;
    lab_open(&l);
    const ol_str made = OL_STR("new.alice.test.near");
    ol_public_key key = lab_key(made);
    const ol_action create[] = {ol_action_create_account(), ol_action_transfer(LAB_NEAR(1)),
                                ol_action_add_full_key(&key)};
    (void)lab_do(&l, ALICE, made, create, OL_COUNT(create));
    const ol_action drop = {.kind = OL_ACTION_DELETE_ACCOUNT, .beneficiary = BOB};
    ol_yocto bob = lab_balance(&l, BOB);
    ol_trace t = lab_do(&l, made, made, &drop, 1);
    CHECK_EQ(t.status, OL_STATUS_VALUE);
    CHECK(!lab_exists(&l, made));
    CHECK(ol_yocto_less(bob, lab_balance(&l, BOB)));
    const ol_outcome *last = t.receipts[t.receipt_count - 1].outcome;
    CHECK_HAS(lab_failure(&l, last), OL_STR("AccountDoesNotExist"), "refund");
    lab_close(&l);
}

TEST("an implicit account is born with its key, and pays for that")
{
    lab l;
    lab_open(&l);
    const ol_str id = OL_STR("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
    const ol_action transfer = ol_action_transfer(LAB_NEAR(1));
    ol_trace t = lab_do(&l, ALICE, id, &transfer, 1);
    CHECK_EQ(t.status, OL_STATUS_VALUE);
    CHECK_EQ(t.transaction_outcome.outcome->gas_burnt, 223182562500 + 500000000000 + 101765125000);
    ol_account account = lab_account(&l, id);
    CHECK_EQ(account.storage_usage, 182);
    ol_public_key key;
    ol_access_key access;
    CHECK(ol_public_key_parse(OL_STR("FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF"), &key));
    CHECK(ol_access_key_find(&ol_node_head(l.node)->state, id, &key, &l.arena, &access));
    CHECK_EQ(access.permission, OL_PERMISSION_FULL);
    CHECK_EQ(access.nonce, (t.receipts[0].block->height - 1) * 1000000);
    lab_close(&l);
}

TEST("an Ethereum account is born with the wallet contract and no key")
{
    lab l;
    lab_open(&l);
    const ol_str id = OL_STR("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
    const ol_action transfer = ol_action_transfer(LAB_NEAR(1));
    ol_trace t = lab_do(&l, ALICE, id, &transfer, 1);
    CHECK_EQ(t.status, OL_STATUS_VALUE);
    CHECK_EQ(lab_account(&l, id).code, OL_CODE_GLOBAL_HASH);
    CHECK_EQ(lab_account(&l, id).storage_usage, 132);
    ol_bytes at = {0};
    ol_public_key key;
    ol_access_key access;
    CHECK(!ol_access_key_next(&ol_node_head(l.node)->state, id, &at, &l.arena, &key, &access));
    lab_close(&l);
}
