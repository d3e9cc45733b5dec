/* Payment keys: funding, granting, deleting, and what they list (Coordinator 3.4, 11, 15). */
#include "tests/unit/coordinator/lab.h"

TEST("C79: a top-up that is completed again credits once")
{
    lab *l = lab_open();
    payment_key key = lab_key("alice.near", 1);
    topup_completion again = {.owner = key.owner,
                              .nonce = 1,
                              .new_initial_balance = OL_USD(2000000),
                              .has_amount = true,
                              .amount = OL_USD(1000000),
                              .proof = key.proof};
    topup_complete(l->d, &again);
    CHECK_EQ(again.op.rc, OL_OK);
    CHECK(!again.credited);
    CHECK_EQ(lab_alice(l).initial_balance.micro, 1000000);
    lab_fund(l, "alice.near", 1, 5);
    CHECK_EQ(lab_alice(l).initial_balance.micro, 1000005);
    lab_close(l);
}

static bool complete_named(lab *l, const char *data_id, uint64_t micro_usd)
{
    payment_key key = lab_key("alice.near", 1);
    topup_completion it = {.owner = key.owner,
                           .nonce = 1,
                           .data_id = ol_str_of(data_id),
                           .new_initial_balance = OL_USD(micro_usd),
                           .has_amount = true,
                           .amount = OL_USD(micro_usd),
                           .proof = key.proof};
    topup_complete(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    return it.credited;
}

TEST("a transfer that went back is not credited by the next one of its size")
{
    static const char *const IDS[] = {"went-back", "taken"};
    lab *l = lab_open();
    OL_EACH (id, IDS) {
        system_task_adding task = {.task = {.kind = TASK_TOPUP,
                                            .data_id = ol_str_of(*id),
                                            .owner = OL_STR("alice.near"),
                                            .nonce = 1,
                                            .amount = OL_USD(20000),
                                            .encrypted_data = OL_STR("eA==")}};
        system_task_create(l->d, &task);
        CHECK_EQ(task.op.rc, OL_OK);
    }
    CHECK(complete_named(l, "taken", 20000));
    CHECK(!complete_named(l, "taken", 20000)); /* its task has come again */
    CHECK(!complete_named(l, "unheard-of", 20000));
    CHECK_EQ(lab_alice(l).initial_balance.micro, 1020000);
    lab_close(l);
}

/* A key of dora's: her tasks as the chain's events make them. */

static void task_of(lab *l, system_task_kind kind, const char *data_id)
{
    system_task_adding it = {.task = {.kind = kind,
                                      .data_id = ol_str_of(data_id),
                                      .owner = OL_STR("dora.near"),
                                      .nonce = 3,
                                      .encrypted_data = OL_STR("eA==")}};
    system_task_create(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    CHECK(it.created);
}

static bool make_named(lab *l, const char *data_id)
{
    payment_key key = lab_key("dora.near", 3);
    payment_key_init it = {.owner = key.owner, .nonce = 3, .proof = key.proof};
    if (data_id != NULL)
        it.data_id = ol_str_of(data_id);
    payment_key_create(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    return it.created;
}

static bool delete_named(lab *l, const char *data_id)
{
    payment_key_deletion it = {.owner = OL_STR("dora.near"), .nonce = 3};
    if (data_id != NULL)
        it.data_id = ol_str_of(data_id);
    payment_key_delete(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    return it.deleted;
}

static bool finish_named(lab *l, system_task_kind kind, const char *data_id)
{
    system_task_ending it = {.kind = kind, .data_id = ol_str_of(data_id)};
    system_task_finish(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    return it.finished;
}

/* What is given out when every lease has run out. */
static ol_str task_left(lab *l)
{
    system_task_poll it = {.arena = &l->arena};
    lab_pass(l, SYSTEM_TASK_LEASE_SECONDS + 1);
    system_task_take(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    return it.found ? it.task.data_id : OL_STR("");
}

TEST("making a key ends the task that asked for it, whether the worker names it or not")
{
    lab *l = lab_open();
    task_of(l, TASK_TOPUP, "made-1");
    CHECK_STR(task_left(l), OL_STR("made-1"));
    CHECK(make_named(l, "made-1"));
    CHECK(!make_named(l, "made-1")); /* an answer that was lost */
    CHECK_STR(task_left(l), OL_STR(""));
    CHECK(delete_named(l, NULL));
    task_of(l, TASK_TOPUP, "made-2");
    CHECK(make_named(l, NULL));
    CHECK_STR(task_left(l), OL_STR(""));
    lab_close(l);
}

TEST("a task that comes late does not bring back a key that was deleted meanwhile")
{
    lab *l = lab_open();
    task_of(l, TASK_TOPUP, "made");
    task_of(l, TASK_KEY_DELETE, "deleted");
    task_of(l, TASK_TOPUP, "made-again");
    CHECK(!delete_named(l, "deleted")); /* nobody had made it yet */
    CHECK(!make_named(l, "made"));
    CHECK_STR(task_left(l), OL_STR("deleted")); /* the contract has still to forget it */
    CHECK(finish_named(l, TASK_KEY_DELETE, "deleted"));
    CHECK(!finish_named(l, TASK_KEY_DELETE, "deleted"));
    CHECK_STR(task_left(l), OL_STR("made-again"));
    CHECK(make_named(l, "made-again"));
    CHECK(!delete_named(l, "deleted")); /* late as well: it is another key now */
    CHECK_EQ(lab_balance(l, "dora.near", 3).initial_balance.micro, 0);
    CHECK_STR(task_left(l), OL_STR(""));
    lab_close(l);
}

TEST("a deletion that the contract gave up leaves the key as it was")
{
    lab *l = lab_open();
    lab_fund(l, "dora.near", 3, 70000);
    task_of(l, TASK_KEY_DELETE, "given-up");
    CHECK(delete_named(l, "given-up"));
    system_task_ending kept = {
        .kind = TASK_KEY_DELETE, .data_id = OL_STR("given-up"), .kept = true};
    system_task_finish(l->d, &kept);
    CHECK_EQ(kept.op.rc, OL_OK);
    CHECK(kept.finished);
    CHECK_EQ(lab_balance(l, "dora.near", 3).initial_balance.micro, 70000);
    CHECK_STR(task_left(l), OL_STR(""));
    /* Repeated it brings nothing back, nor does it for a deletion of before. */
    task_of(l, TASK_KEY_DELETE, "done");
    CHECK(delete_named(l, "done"));
    system_task_finish(l->d, &kept);
    CHECK(!kept.finished);
    CHECK(!delete_named(l, "done"));
    CHECK(finish_named(l, TASK_KEY_DELETE, "done"));
    CHECK(make_named(l, NULL)); /* it was gone */
    lab_close(l);
}

TEST("a deleted key refuses new calls, and what is in flight still settles")
{
    lab *l = lab_open();
    call_answer call = lab_admit_ok(l, 10000, 0);
    ol_job_info job = lab_claim(l);
    payment_key_deletion gone = {.owner = OL_STR("alice.near"), .nonce = 1};
    payment_key_delete(l->d, &gone);
    CHECK(gone.deleted);
    call_admission it = lab_call(l);
    CHECK_EQ(lab_admit(l, &it), OL_ERR_PAYMENT_KEY);
    CHECK(lab_finish(l, job.job_id, &call, true, 0, 0, 0));
    payment_key_delete(l->d, &gone);
    CHECK_EQ(gone.op.rc, OL_OK);
    CHECK(!gone.deleted);
    lab_close(l);
}

TEST("a key that is made again starts anew, with nothing spent")
{
    lab *l = lab_open();
    call_answer call = lab_admit_ok(l, 10000, 0);
    CHECK(lab_finish(l, lab_claim(l).job_id, &call, true, 0, 0, 0));
    CHECK_MONEY(lab_alice(l), 1000, 0);
    payment_key_deletion gone = {.owner = OL_STR("alice.near"), .nonce = 1};
    payment_key_delete(l->d, &gone);
    lab_fund(l, "alice.near", 1, 70000);
    CHECK_MONEY(lab_alice(l), 0, 0);
    CHECK_EQ(lab_alice(l).initial_balance.micro, 70000);
    lab_close(l);
}

TEST("C80: a key funded by its user cannot be turned into a grant; grants add up")
{
    lab *l = lab_open();
    payment_key_granting grant = {.owner = OL_STR("alice.near"), .nonce = 1, .amount = OL_USD(5)};
    payment_key_grant(l->d, &grant);
    CHECK_EQ(grant.op.rc, OL_ERR_CONFLICT);
    CHECK_STARTS(ol_err_text(&grant.op.err),
                 OL_STR("Cannot grant to user-funded key. Current balance: 1000000"), "");
    payment_key key = lab_key("dora.near", 3);
    payment_key_init init = {.owner = key.owner, .nonce = 3, .proof = key.proof};
    payment_key_create(l->d, &init);
    grant.owner = key.owner;
    grant.nonce = 3;
    payment_key_grant(l->d, &grant);
    payment_key_grant(l->d, &grant);
    CHECK_EQ(grant.op.rc, OL_OK);
    CHECK_EQ(grant.initial_balance.micro, 10);
    CHECK(lab_balance(l, "dora.near", 3).is_grant);
    lab_close(l);
}

TEST("an allowance-funded call pays the author nothing")
{
    lab *l = lab_open();
    /* A deposit admitted from user money, on a key that an operator granted to meanwhile, cannot
     * happen; so the rule shows on a key without deposit: no earning, no row. */
    payment_key key = lab_key("dora.near", 3);
    payment_key_init init = {.owner = key.owner, .nonce = 3, .proof = key.proof};
    payment_key_create(l->d, &init);
    payment_key_granting grant = {.owner = key.owner, .nonce = 3, .amount = OL_USD(50000)};
    payment_key_grant(l->d, &grant);
    call_admission it = lab_call(l);
    it.key = key;
    CHECK_EQ(lab_admit(l, &it), OL_OK);
    CHECK(lab_finish(l, lab_claim(l).job_id, &it.answer, true, 0, 0, 0));
    author_balance author;
    ol_err err;
    CHECK_OK(author_balance_find(l->d, OL_STR("bob.near"), &author, &err));
    CHECK_EQ(author.total_earned.micro, 0);
    CHECK_MONEY(lab_balance(l, "dora.near", 3), 1000, 0);
    lab_close(l);
}

TEST("usage lists what was settled, newest first")
{
    lab *l = lab_open();
    for (int i = 0; i < 3; i++) {
        call_answer call = lab_admit_ok(l, 10000, 0);
        CHECK(lab_finish(l, lab_claim(l).job_id, &call, i != 1, 0, 0, 0));
    }
    usage_row *row;
    size_t count;
    uint64_t total;
    ol_err err;
    CHECK_OK(
        usage_list(l->d, OL_STR("alice.near"), 1, 0, 2, &l->arena, &row, &count, &total, &err));
    CHECK_EQ(count, 2);
    CHECK_EQ(total, 3);
    CHECK_EQ(row[0].status, CALL_COMPLETED);
    CHECK_EQ(row[1].status, CALL_FAILED);
    CHECK_STR(row[0].project_id, OL_STR("bob.near/p"));
    lab_close(l);
}
