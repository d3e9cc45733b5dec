/* Yield and resume (NEAR 3). */
#include "tests/chain/node/lab.h"

static const ol_str ALICE = OL_STR_INIT("alice.test.near");
static const ol_str ONE = OL_STR_INIT("one.test.near");

static void open_one(lab *l)
{
    lab_open(l);
    lab_deploy(l, ONE, "contracts/node_guest.wasm");
}

static ol_trace call(lab *l, const char *method, ol_str args)
{
    return lab_call(l, ALICE, ONE, method, args, LAB_TGAS(100), OL_YOCTO(0));
}

static ol_str value(const ol_trace *t)
{
    CHECK_EQ(t->status, OL_STATUS_VALUE);
    return ol_bytes_str(t->status_outcome->value);
}

TEST("a yielded call waits, and its resume gives the caller an answer")
{
    lab l;
    open_one(&l);
    ol_trace asked = call(&l, "sleep", OL_STR("job"));
    CHECK_EQ(asked.status, OL_STATUS_UNKNOWN);
    CHECK(!asked.executed);
    ol_sha256 hash = asked.transaction->hash;
    uint64_t height = ol_node_head(l.node)->height;
    ol_trace resumed = call(&l, "resume", OL_STR("done"));
    CHECK_STR(value(&resumed), OL_STR("1"));
    asked = lab_trace(&l, &hash);
    CHECK(asked.complete);
    CHECK_STR(value(&asked), OL_STR("1:done:job"));
    ol_found woken;
    CHECK(ol_node_find_outcome(l.node, &asked.status_outcome->id, &woken));
    CHECK_EQ(woken.block->height, height + 3); /* transaction, its receipt, the callback */
    CHECK_EQ(woken.outcome->receipt->kind, OL_RECEIPT_YIELD);
    lab_close(&l);
}

TEST("resuming again before the callback runs is accepted, afterwards it is not")
{
    lab l;
    open_one(&l);
    (void)call(&l, "sleep", OL_STR("job"));
    const ol_action resumes[] = {
        ol_action_call(OL_STR("resume"), ol_str_bytes(OL_STR("first")), LAB_TGAS(20), OL_YOCTO(0)),
        ol_action_call(OL_STR("resume"), ol_str_bytes(OL_STR("second")), LAB_TGAS(20),
                       OL_YOCTO(0))};
    ol_trace t = lab_do(&l, ALICE, ONE, resumes, 2);
    CHECK_STR(value(&t), OL_STR("1"));
    t = call(&l, "resume", OL_STR("late"));
    CHECK_STR(value(&t), OL_STR("0"));
    lab_close(&l);
}

TEST("of two payloads the first is used")
{
    lab l;
    open_one(&l);
    ol_trace asked = call(&l, "sleep", OL_STR("job"));
    ol_sha256 hash = asked.transaction->hash;
    const ol_action resumes[] = {
        ol_action_call(OL_STR("resume"), ol_str_bytes(OL_STR("first")), LAB_TGAS(20), OL_YOCTO(0)),
        ol_action_call(OL_STR("resume"), ol_str_bytes(OL_STR("second")), LAB_TGAS(20),
                       OL_YOCTO(0))};
    (void)lab_do(&l, ALICE, ONE, resumes, 2);
    asked = lab_trace(&l, &hash);
    CHECK_STR(value(&asked), OL_STR("1:first:job"));
    lab_close(&l);
}

TEST("a yield nobody resumes ends after 200 blocks, its callback a block later")
{
    lab l;
    open_one(&l);
    ol_trace asked = call(&l, "sleep", OL_STR("job"));
    ol_sha256 hash = asked.transaction->hash;
    uint64_t created = asked.receipts[0].block->height;
    lab_mine(&l, (unsigned)(created + 199 - ol_node_head(l.node)->height));
    CHECK(ol_node_has_work(l.node)); /* the next height is its last */
    lab_mine(&l, 1);
    asked = lab_trace(&l, &hash);
    CHECK_EQ(asked.status, OL_STATUS_UNKNOWN);
    lab_mine(&l, 1);
    asked = lab_trace(&l, &hash);
    CHECK_STR(value(&asked), OL_STR("2::job"));
    ol_found woken;
    CHECK(ol_node_find_outcome(l.node, &asked.status_outcome->id, &woken));
    CHECK_EQ(woken.block->height, created + 201);
    lab_run(&l);
    lab_close(&l);
}

TEST("a resume in the very block of the timeout wins")
{
    lab l;
    open_one(&l);
    ol_trace asked = call(&l, "sleep", OL_STR("job"));
    ol_sha256 hash = asked.transaction->hash;
    uint64_t created = asked.receipts[0].block->height;
    lab_mine(&l, (unsigned)(created + 198 - ol_node_head(l.node)->height));
    ol_trace resumed = call(&l, "resume", OL_STR("just"));
    CHECK_EQ(resumed.receipts[0].block->height, created + 200);
    CHECK_STR(value(&resumed), OL_STR("1"));
    asked = lab_trace(&l, &hash);
    CHECK_STR(value(&asked), OL_STR("1:just:job"));
    lab_close(&l);
}

TEST("skipped heights count towards a yield's end")
{
    lab l;
    open_one(&l);
    ol_trace asked = call(&l, "sleep", OL_STR("job"));
    ol_sha256 hash = asked.transaction->hash;
    ol_node_skip(l.node, 300);
    lab_run(&l);
    asked = lab_trace(&l, &hash);
    CHECK_STR(value(&asked), OL_STR("2::job"));
    lab_close(&l);
}

TEST("yielding and resuming work in one call")
{
    lab l;
    open_one(&l);
    ol_trace t = call(&l, "nap", OL_STR("job"));
    CHECK_STR(value(&t), OL_STR("1"));
    bool woken = false;
    for (size_t i = 0; i < t.receipt_count; i++) {
        const ol_outcome *o = t.receipts[i].outcome;
        woken = woken || (o->log_count == 1 && ol_str_eq(o->logs[0], OL_STR("1:at once:job")));
    }
    CHECK(woken);
    CHECK(t.complete);
    lab_close(&l);
}

TEST("gas that a callback leaves goes back to who signed the call that yielded")
{
    lab l;
    open_one(&l);
    ol_trace asked = call(&l, "sleep", OL_STR("job"));
    ol_sha256 hash = asked.transaction->hash;
    const ol_action resume =
        ol_action_call(OL_STR("resume"), ol_str_bytes(OL_STR("x")), LAB_TGAS(20), OL_YOCTO(0));
    (void)lab_do(&l, OL_STR("bob.test.near"), ONE, &resume, 1);
    asked = lab_trace(&l, &hash);
    const ol_outcome *last = asked.receipts[asked.receipt_count - 1].outcome;
    CHECK_STR(last->receipt->predecessor_id, OL_STR("system"));
    CHECK_STR(last->executor_id, ALICE);
    lab_close(&l);
}

TEST("a yield's own name is taken until its callback has run")
{
    lab l;
    open_one(&l);
    ol_trace asked = call(&l, "sleep_named", OL_STR("bed"));
    ol_sha256 hash = asked.transaction->hash;
    CHECK_EQ(asked.status, OL_STATUS_UNKNOWN);
    ol_trace again = call(&l, "sleep_named", OL_STR("bed"));
    CHECK_STR(value(&again), OL_STR("0"));
    ol_trace wrong = call(&l, "resume_named", OL_STR("sofa=x"));
    CHECK_STR(value(&wrong), OL_STR("0"));
    ol_trace resumed = call(&l, "resume_named", OL_STR("bed=up"));
    CHECK_STR(value(&resumed), OL_STR("1"));
    asked = lab_trace(&l, &hash);
    CHECK_STR(value(&asked), OL_STR("1:up:bed"));
    again = call(&l, "sleep_named", OL_STR("bed"));
    CHECK_EQ(again.status, OL_STATUS_UNKNOWN);
    lab_mine(&l, 205); /* and after its time is over */
    resumed = call(&l, "resume_named", OL_STR("bed=up"));
    CHECK_STR(value(&resumed), OL_STR("0"));
    again = call(&l, "sleep_named", OL_STR("bed"));
    CHECK_EQ(again.status, OL_STATUS_UNKNOWN);
    lab_close(&l);
}
