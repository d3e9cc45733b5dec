/* Money that tasks bring, whatever comes late, early or twice (Coordinator 3.4), and what is kept
 * of tasks that are over. */
#include "tests/unit/coordinator/lab.h"

#define DORA "dora.near"

enum { NONCE = 3, DAY = 86400 };

static bool task_create(lab *l, system_task_kind kind, const char *data_id, uint64_t amount)
{
    system_task_adding it = {.task = {.kind = kind,
                                      .data_id = ol_str_of(data_id),
                                      .owner = OL_STR(DORA),
                                      .nonce = NONCE,
                                      .amount = OL_USD(amount),
                                      .encrypted_data = OL_STR("eA==")}};
    system_task_create(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    return it.created;
}

static bool make(lab *l, const char *data_id)
{
    payment_key key = lab_key(DORA, NONCE);
    payment_key_init it = {
        .owner = key.owner, .nonce = NONCE, .proof = key.proof, .data_id = ol_str_of(data_id)};
    payment_key_create(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    return it.created;
}

/* A worker tells a transfer; `total` is what the key says on the chain. */
static bool credit(lab *l, const char *data_id, uint64_t amount, uint64_t total)
{
    payment_key key = lab_key(DORA, NONCE);
    topup_completion it = {.owner = key.owner,
                           .nonce = NONCE,
                           .data_id = ol_str_of(data_id),
                           .new_initial_balance = OL_USD(total),
                           .has_amount = true,
                           .amount = OL_USD(amount),
                           .proof = key.proof};
    topup_complete(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    return it.credited;
}

static bool delete_key(lab *l, const char *data_id)
{
    payment_key_deletion it = {
        .owner = OL_STR(DORA), .nonce = NONCE, .data_id = ol_str_of(data_id)};
    payment_key_delete(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    return it.deleted;
}

static void close_deletion(lab *l, const char *data_id, bool kept)
{
    system_task_ending it = {.kind = TASK_KEY_DELETE, .data_id = ol_str_of(data_id), .kept = kept};
    system_task_finish(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    CHECK(it.finished);
}

/* What the key opens: may it pay for a call? */
static ol_rc try_call(lab *l)
{
    call_admission it = lab_call(l);
    it.key = lab_key(DORA, NONCE);
    return lab_admit(l, &it);
}

/* A key of 70,000 of which 1,000 are spent. */
static void spend_some(lab *l)
{
    call_admission it = lab_call(l);
    CHECK(task_create(l, TASK_TOPUP, "made", 0));
    CHECK(make(l, "made"));
    CHECK(task_create(l, TASK_TOPUP, "first", 70000));
    CHECK(credit(l, "first", 70000, 70000));
    it.key = lab_key(DORA, NONCE);
    CHECK_EQ(lab_admit(l, &it), OL_OK);
    CHECK(lab_finish(l, lab_claim(l).job_id, &it.answer, true, 0, 0, 0));
    CHECK_MONEY(lab_balance(l, DORA, NONCE), 1000, 0);
}

static uint64_t initial(lab *l)
{
    return (uint64_t)lab_balance(l, DORA, NONCE).initial_balance.micro;
}

TEST("an event that is read again after days credits nothing twice")
{
    lab *l = lab_open();
    spend_some(l);
    lab_pass(l, SYSTEM_TASK_DEDUPE_SECONDS + 1);
    CHECK(!task_create(l, TASK_TOPUP, "first", 70000));
    lab_pass(l, 40 * DAY);
    CHECK(!task_create(l, TASK_TOPUP, "first", 70000));
    CHECK(!credit(l, "first", 70000, 70000));
    CHECK_EQ(initial(l), 70000);
    lab_close(l);
}

TEST("a task that is not finished stays the only one of its kind, however old it is")
{
    lab *l = lab_open();
    CHECK(task_create(l, TASK_TOPUP, "made", 0));
    CHECK(task_create(l, TASK_KEY_DELETE, "deleted", 0));
    lab_pass(l, SYSTEM_TASK_DEDUPE_SECONDS + 1);
    CHECK(!task_create(l, TASK_TOPUP, "made", 0));
    CHECK(!task_create(l, TASK_KEY_DELETE, "deleted", 0));
    lab_close(l);
}

TEST("a balance that a key's maker wrote into it is no money")
{
    lab *l = lab_open();
    CHECK(task_create(l, TASK_TOPUP, "made", 0));
    CHECK(task_create(l, TASK_TOPUP, "first", 20000)); /* done before the key is made here */
    CHECK(credit(l, "first", 20000, 5000000020000));
    CHECK_EQ(initial(l), 20000);
    CHECK(!make(l, "made"));
    CHECK_EQ(initial(l), 20000);
    lab_close(l);
}

TEST("a transfer that comes while a deletion is under way does not make the key anew")
{
    lab *l = lab_open();
    spend_some(l);
    CHECK(task_create(l, TASK_KEY_DELETE, "deleted", 0));
    CHECK(delete_key(l, "deleted"));
    CHECK(task_create(l, TASK_TOPUP, "second", 20000));
    CHECK(credit(l, "second", 20000, 90000));
    CHECK_EQ(try_call(l), OL_ERR_PAYMENT_KEY);
    close_deletion(l, "deleted", true); /* the contract has given it up */
    CHECK_EQ(initial(l), 90000);
    CHECK_MONEY(lab_balance(l, DORA, NONCE), 1000, 0);
    lab_close(l);
}

TEST("a transfer that is told after the key was deleted brings nothing back")
{
    lab *l = lab_open();
    spend_some(l);
    CHECK(task_create(l, TASK_TOPUP, "second", 20000));
    CHECK(task_create(l, TASK_KEY_DELETE, "deleted", 0));
    CHECK(delete_key(l, "deleted"));
    close_deletion(l, "deleted", false);
    CHECK(credit(l, "second", 20000, 90000));
    CHECK_EQ(try_call(l), OL_ERR_PAYMENT_KEY);
    /* One that is made after it starts with nothing but what is sent to it. */
    CHECK(task_create(l, TASK_TOPUP, "made again", 0));
    CHECK(task_create(l, TASK_TOPUP, "third", 30000));
    CHECK(credit(l, "third", 30000, 30000)); /* done before the key is made here */
    CHECK_MONEY(lab_balance(l, DORA, NONCE), 0, 0);
    CHECK_EQ(initial(l), 30000);
    CHECK(!make(l, "made again"));
    CHECK_EQ(try_call(l), OL_OK);
    lab_close(l);
}

TEST("a key of before is not kept where another is yet to be made in its place")
{
    lab *l = lab_open();
    spend_some(l);
    CHECK(task_create(l, TASK_KEY_DELETE, "deleted", 0));
    CHECK(delete_key(l, "deleted")); /* the worker dies once the contract has forgotten the key */
    CHECK(task_create(l, TASK_TOPUP, "made again", 0));
    close_deletion(l, "deleted", true); /* another worker sees a key on the chain */
    CHECK_EQ(try_call(l), OL_ERR_PAYMENT_KEY);
    CHECK(make(l, "made again"));
    CHECK_EQ(initial(l), 0);
    lab_close(l);
}

static ol_str take(lab *l)
{
    system_task_poll it = {.arena = &l->arena};
    system_task_take(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    return it.found ? it.task.data_id : OL_STR("");
}

TEST("a transfer that a worker left untold is not pushed out of the key by those after it")
{
    static const char *const AFTER[] = {"1", "2", "3", "4", "5", "6", "7"};
    lab *l = lab_open();
    CHECK(task_create(l, TASK_TOPUP, "left", 20000));
    CHECK_STR(take(l), OL_STR("left")); /* the contract takes it, and the worker dies */
    OL_EACH (name, AFTER) {
        CHECK(task_create(l, TASK_TOPUP, *name, 20000));
        CHECK_STR(take(l), ol_str_of(*name));
        CHECK(credit(l, *name, 20000, 0));
    }
    CHECK(task_create(l, TASK_TOPUP, "8", 20000)); /* the key remembers eight */
    CHECK(task_create(l, TASK_KEY_DELETE, "another task", 0));
    CHECK_STR(take(l), OL_STR("another task"));
    CHECK_STR(take(l), OL_STR(""));
    lab_pass(l, SYSTEM_TASK_POSTPONED_SECONDS);
    CHECK_STR(take(l), OL_STR("")); /* waits on */
    CHECK(credit(l, "left", 20000, 0));
    lab_pass(l, SYSTEM_TASK_POSTPONED_SECONDS);
    CHECK_STR(take(l), OL_STR("8"));
    CHECK_EQ(initial(l), 160000);
    lab_close(l);
}

/* The rows there are. */
static unsigned tasks_kept(lab *l)
{
    unsigned count = 0;
    int64_t after = 0;
    ol_err err;
    for (bool more = true; more; count += more) {
        ol_rows rows;
        ol_db *db = ol_store_read_begin(domain_store(l->d));
        CHECK_OK(ol_db_query(db, OL_SQL_SYSTEM_TASK_AFTER, &rows, &err, OL_ARG("after", after)));
        more = ol_rows_next(&rows);
        if (more)
            after = ol_col_i64(&rows);
        CHECK_OK(ol_rows_end(&rows, &err));
        ol_store_read_end(domain_store(l->d), db);
    }
    return count;
}

TEST("finished tasks are forgotten after 30 days, those that brought money are not; late ones do "
     "nothing")
{
    lab *l = lab_open();
    unsigned before = tasks_kept(l); /* alice's transfer */
    spend_some(l);
    CHECK(task_create(l, TASK_KEY_DELETE, "deleted", 0));
    CHECK(delete_key(l, "deleted"));
    close_deletion(l, "deleted", false);
    CHECK(task_create(l, TASK_TOPUP, "open", 0));
    CHECK_EQ(tasks_kept(l), before + 4);
    lab_pass(l, 29 * DAY);
    CHECK_EQ(tasks_kept(l), before + 4);
    lab_pass(l, 2 * DAY);
    CHECK_EQ(tasks_kept(l), before + 2); /* the transfer and what is open */
    /* A worker that slept all the time. */
    CHECK(!make(l, "made"));
    CHECK_EQ(try_call(l), OL_ERR_PAYMENT_KEY);
    CHECK(make(l, "open"));
    CHECK(!delete_key(l, "deleted"));
    CHECK_EQ(initial(l), 0);
    lab_close(l);
}

TEST("tasks that are left are counted: open, and given up; these are delivered anew when told")
{
    lab *l = lab_open();
    system_task_figures figures;
    ol_err err;
    CHECK(task_create(l, TASK_TOPUP, "made", 0));
    CHECK(task_create(l, TASK_TOPUP, "first", 20000));
    CHECK_OK(system_task_figures_read(l->d, &figures, &err));
    CHECK_EQ(figures.open, 2);
    CHECK_EQ(figures.dead, 0);
    CHECK(make(l, "made"));
    for (int i = 0; i < 2 + SYSTEM_TASK_DELIVERIES_MAX; i++) {
        system_task_poll it = {.arena = &l->arena};
        system_task_take(l->d, &it);
        CHECK_EQ(it.op.rc, OL_OK);
        CHECK_EQ(it.found, i <= SYSTEM_TASK_DELIVERIES_MAX);
        lab_pass(l, SYSTEM_TASK_LEASE_SECONDS + 1);
    }
    CHECK_OK(system_task_figures_read(l->d, &figures, &err));
    CHECK_EQ(figures.open, 0);
    CHECK_EQ(figures.dead, 1);
    system_task_revival again = {0};
    system_tasks_revive(l->d, &again);
    CHECK_EQ(again.op.rc, OL_OK);
    CHECK_EQ(again.revived, 1);
    system_task_poll it = {.arena = &l->arena};
    system_task_take(l->d, &it);
    CHECK(it.found);
    CHECK_EQ(it.task.deliveries, 2); /* a worker looks what was done of it */
    CHECK(credit(l, "first", 20000, 20000));
    CHECK_OK(system_task_figures_read(l->d, &figures, &err));
    CHECK_EQ(figures.open + figures.dead, 0);
    lab_close(l);
}
