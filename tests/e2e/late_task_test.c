/* What workers do about payment keys after the contract has given up waiting for it (Worker 11,
 * Contract 9): the chain's word counts. */
#include <stdio.h>

#include "tests/e2e/money_life.h"
#include "tests/harness/test.h"

enum { FIRST = 20000, LATE = 30000 };

static const chain_call DELETE_KEY = {.signer = ALICE,
                                      .receiver = CHAIN_OUTLAYER,
                                      .method = "delete_payment_key",
                                      .args = OL_STR_INIT("{\"nonce\":1}"),
                                      .tgas = 280,
                                      .deposit = 1};

static chain_call top_up(life *l, uint64_t amount)
{
    return (chain_call){.signer = ALICE,
                        .receiver = TOKEN,
                        .method = "ft_transfer_call",
                        .args = ol_arena_printf(
                            &l->lab.chain.arena,
                            "{\"receiver_id\":\"" CHAIN_OUTLAYER "\",\"amount\":\"%llu\",\"msg\":"
                            "\"{\\\"action\\\":\\\"top_up_payment_key\\\",\\\"nonce\\\":1,"
                            "\\\"owner\\\":\\\"" ALICE "\\\"}\"}",
                            (unsigned long long)amount),
                        .tgas = 280,
                        .deposit = 1};
}

/* Alice's first key, with FIRST on it. */
static void fund_key(life *l)
{
    life_open(l);
    life_make_key(l, 0, 0);
    const chain_call call = top_up(l, FIRST);
    (void)chain_run(&l->lab.chain, &call);
    life_await_key(l, 0, 0, true, FIRST);
}

/* No worker lives until the yield of this call has run out of its 200 blocks, which begin some
 * blocks after the call. */
static chain_result outlive(life *l, const chain_call *call)
{
    char hash[OL_HASH_TEXT_BYTES];
    ol_err err = {0};
    stack_kill(&l->lab.stack, STACK_WORKER);
    chain_begin(&l->lab.chain, call, hash);
    chain_control(&l->lab.chain, "mine", "{\"blocks\":220}");
    chain_result result = chain_end(&l->lab.chain, call->signer, hash);
    CHECK_OK(stack_start(&l->lab.stack, STACK_WORKER, &err));
    return result;
}

TEST("a transfer that went back before its answer came is not credited, and its task ends")
{
    static life l;
    l = (life){.random = 1};
    fund_key(&l);
    chain_call call = top_up(&l, LATE);
    CHECK_STR(outlive(&l, &call).value, OL_STR("\"0\"")); /* of it the contract kept nothing */
    CHECK(stack_log_has(&l.lab.stack, STACK_WORKER, " system_task_done task=top_up", 60000));
    life_await_key(&l, 0, 0, true, FIRST);
    call = top_up(&l, LATE); /* of the same size: credited for itself */
    (void)chain_run(&l.lab.chain, &call);
    life_await_key(&l, 0, 0, true, FIRST + LATE);
    life_deinit(&l);
}

/* The contract gives the transfer back a block after it has accepted the answer, and final blocks
 * show the key for some blocks more. */
TEST("a deletion and a transfer at once leave the key gone, and nothing is credited anew")
{
    static const char *const SLOW[] = {"--produce", "interval", "--finality-lag", "5", "--block-ms",
                                       "100",       NULL};
    static life l;
    char deleted[OL_HASH_TEXT_BYTES];
    char sent[OL_HASH_TEXT_BYTES];
    l = (life){.random = 3, .chain = SLOW};
    fund_key(&l);
    const chain_call call = top_up(&l, LATE);
    chain_begin(&l.lab.chain, &DELETE_KEY, deleted);
    chain_begin(&l.lab.chain, &call, sent);
    (void)chain_end(&l.lab.chain, ALICE, deleted);
    (void)chain_end(&l.lab.chain, ALICE, sent);
    life_make_key(&l, 0, 1); /* the worker has been through what came before */
    life_await_key(&l, 0, 0, false, 0);
    life_deinit(&l);
}

TEST("a key that the contract kept, because the deletion was not answered in time, goes on working")
{
    static life l;
    l = (life){.random = 2};
    fund_key(&l);
    chain_result result = outlive(&l, &DELETE_KEY);
    CHECK_STR(result.log[result.logs - 1], OL_STR("Payment key kept"));
    CHECK(stack_log_has(&l.lab.stack, STACK_WORKER, " system_task_done task=delete_payment_key",
                        60000));
    life_await_key(&l, 0, 0, true, FIRST);
    (void)chain_run(&l.lab.chain, &DELETE_KEY);
    life_await_key(&l, 0, 0, false, 0);
    life_deinit(&l);
}
