/* What calls cost, and that nothing is charged twice (Coordinator 2.1, 3, 15). */
#include <string.h>

#include "tests/unit/coordinator/lab.h"

static void check_refused(lab *l, call_admission *it, ol_rc rc, const char *text)
{
    CHECK_EQ_ROW(lab_admit(l, it), rc, text);
    CHECK_STR(ol_err_text(&it->op.err), ol_str_of(text));
    CHECK_MONEY(lab_alice(l), 0, 0);
}

/* ---- Admission. */

TEST("C16: a wrong secret, an unknown owner and an unknown nonce are one refusal")
{
    lab *l = lab_open();
    call_admission it = lab_call(l);
    it.key.proof.bytes[31] ^= 1;
    check_refused(l, &it, OL_ERR_PAYMENT_KEY, "Invalid payment key");
    it = lab_call(l);
    it.key.owner = OL_STR("mallory.near");
    check_refused(l, &it, OL_ERR_PAYMENT_KEY, "Invalid payment key");
    it = lab_call(l);
    it.key.nonce = 2;
    check_refused(l, &it, OL_ERR_PAYMENT_KEY, "Invalid payment key");
    lab_close(l);
}

TEST("C19 C20: a scope names a project or all projects of an owner, and nothing in between")
{
    static const struct {
        const char *scopes;
        const char *project;
        bool allowed;
    } cases[] = {
        {"[]", "bob.near/y", true},
        {"[\"bob.near/x\"]", "bob.near/x", true},
        {"[\"bob.near/x\"]", "bob.near/y", false},
        {"[\"bob.near/x\",\"bob.near/y\"]", "bob.near/y", true},
        {"[\"bob.near/*\"]", "bob.near/y", true},
        {"[\"bob.near/*\"]", "bob.near2/y", false},
        {"[\"bob.near/y*\"]", "bob.near/yy", false},
        {"[\"*\"]", "bob.near/y", false},
        {"[\"/*\"]", "bob.near/y", false},
        {"[1]", "bob.near/y", false},
        {"nonsense", "bob.near/y", false},
    };
    OL_EACH (c, cases) {
        const payment_key_row key = {.scopes_json = ol_str_of(c->scopes)};
        const call_price price = {OL_USD(1000), OL_USD(0)};
        ol_usd required;
        ol_err err;
        ol_rc rc = call_price_check(&key, ol_str_of(c->project), &price, &required, &err);
        CHECK_EQ_ROW(rc, c->allowed ? OL_OK : OL_ERR_FORBIDDEN, c->scopes);
        if (!c->allowed)
            CHECK_STR_ROW(ol_err_text(&err), OL_STR("Project not allowed for this payment key"),
                          c->scopes);
    }
}

TEST("C21: a grant key cannot attach a deposit")
{
    lab *l = lab_open();
    payment_key key = lab_key("dora.near", 3);
    payment_key_init init = {.owner = key.owner, .nonce = 3, .proof = key.proof};
    payment_key_create(l->d, &init);
    CHECK(init.created);
    payment_key_granting grant = {.owner = key.owner, .nonce = 3, .amount = OL_USD(50000)};
    payment_key_grant(l->d, &grant);
    CHECK_EQ(grant.op.rc, OL_OK);
    call_admission it = lab_call(l);
    it.key = key;
    it.price.deposit = OL_USD(1);
    check_refused(l, &it, OL_ERR_FORBIDDEN, "Grant keys cannot use X-Attached-Deposit");
    it.price.deposit = OL_USD(0);
    CHECK_EQ(lab_admit(l, &it), OL_OK);
    lab_close(l);
}

static void set_max_per_call(lab *l, uint64_t max)
{
    payment_key key = lab_key("eve.near", 1);
    payment_key_init init = {
        .owner = key.owner, .nonce = 1, .proof = key.proof, .max_per_call = OL_USD(max)};
    payment_key_create(l->d, &init);
    CHECK_EQ(init.op.rc, OL_OK);
}

TEST("C22: what a call may cost at most counts the deposit")
{
    lab *l = lab_open();
    set_max_per_call(l, 10999);
    call_admission it = lab_call(l);
    it.key = lab_key("eve.near", 1);
    it.price = (call_price){OL_USD(10000), OL_USD(1000)};
    check_refused(l, &it, OL_ERR_INVALID, "Max per call exceeded: max=10999, requested=11000");
    lab_close(l);
}

TEST("C23: a maximum of zero is none")
{
    const payment_key_row key = {.scopes_json = OL_STR("[]"), .max_per_call = OL_USD(0)};
    const call_price price = {{OL_U128_MAX - 1}, OL_USD(1)};
    ol_usd required;
    ol_err err;
    CHECK_OK(call_price_check(&key, OL_STR("a/b"), &price, &required, &err));
    CHECK(required.micro == OL_U128_MAX);
}

TEST("C24: a price beyond 128 bits is refused and reserves nothing")
{
    lab *l = lab_open();
    call_admission it = lab_call(l);
    it.price = (call_price){{OL_U128_MAX}, OL_USD(1)};
    check_refused(l, &it, OL_ERR_AMOUNT_RANGE, "Amount out of range");
    lab_close(l);
}

TEST("C25: a balance below the price is refused, and both are named")
{
    lab *l = lab_open();
    lab_fund(l, "poor.near", 1, 9999);
    call_admission it = lab_call(l);
    it.key = lab_key("poor.near", 1);
    check_refused(l, &it, OL_ERR_BALANCE, "Insufficient balance: available=9999, required=10000");
    CHECK_MONEY(lab_balance(l, "poor.near", 1), 0, 0);
    lab_close(l);
}

TEST("C27: an admitted call reserves its price and waits")
{
    lab *l = lab_open();
    call_admission it = lab_call(l);
    it.is_async = true;
    CHECK_EQ(lab_admit(l, &it), OL_OK);
    CHECK_EQ(it.answer.status, CALL_PENDING);
    CHECK_EQ(it.deadline_ms, l->clock.now_ms + 1200 * 1000);
    CHECK_MONEY(lab_alice(l), 0, 10000);
    CHECK_EQ(lab_events_of(l, EVENT_QUEUED_EXECUTE), 1);
    lab_close(l);
}

TEST("C38: of two calls with money for one, one is admitted")
{
    lab *l = lab_open();
    lab_fund(l, "poor.near", 1, 15000);
    call_admission one = lab_call(l);
    call_admission two = lab_call(l);
    one.key = two.key = lab_key("poor.near", 1);
    CHECK_EQ(lab_admit(l, &one), OL_OK);
    CHECK_EQ(lab_admit(l, &two), OL_ERR_BALANCE);
    CHECK_STR(ol_err_text(&two.op.err),
              OL_STR("Insufficient balance: available=5000, required=10000"));
    lab_close(l);
}

TEST("C39: the 11th call in flight is refused, and room is made by settling")
{
    lab *l = lab_open();
    call_answer first = lab_admit_ok(l, 1000, 0);
    for (int i = 1; i < 10; i++)
        (void)lab_admit_ok(l, 1000, 0);
    call_admission it = lab_call(l);
    CHECK_EQ(lab_admit(l, &it), OL_ERR_RATE_LIMIT);
    CHECK_STR(ol_err_text(&it.op.err), OL_STR("Too many concurrent calls"));
    CHECK_MONEY(lab_alice(l), 0, 10000);
    CHECK(lab_finish(l, lab_claim(l).job_id, &first, true, 0, 0, 0));
    CHECK_EQ(lab_admit(l, &it), OL_OK);
    lab_close(l);
}

TEST("C42: one idempotency key and one body are one call and one charge")
{
    lab *l = lab_open();
    call_admission first = lab_call(l);
    first.idempotency_key = OL_STR("k1");
    first.request_digest = ol_sha256_of(ol_str_bytes(OL_STR("body")));
    CHECK_EQ(lab_admit(l, &first), OL_OK);
    CHECK(!first.existing);
    call_admission again = first;
    CHECK_EQ(lab_admit(l, &again), OL_OK);
    CHECK(again.existing);
    CHECK_STR(ol_uuid_str(&again.answer.call_id), ol_uuid_str(&first.answer.call_id));
    CHECK_EQ(again.deadline_ms, first.deadline_ms);
    CHECK_MONEY(lab_alice(l), 0, 10000);

    again.request_digest.bytes[0] ^= 1;
    CHECK_EQ(lab_admit(l, &again), OL_ERR_CONFLICT);
    CHECK_STR(ol_err_text(&again.op.err),
              OL_STR("Idempotency key reused with a different request"));

    CHECK(lab_finish(l, lab_claim(l).job_id, &first.answer, true, 0, 0, 0));
    again.request_digest.bytes[0] ^= 1;
    CHECK_EQ(lab_admit(l, &again), OL_OK);
    CHECK_EQ(again.answer.status, CALL_COMPLETED);
    CHECK_STR(again.answer.output_json, OL_STR("{\"ok\":true}"));
    CHECK_MONEY(lab_alice(l), 1000, 0);

    lab_pass(l, 24 * 3600);
    again.idempotency_key = OL_STR("k1");
    CHECK_EQ(lab_admit(l, &again), OL_OK);
    CHECK(!again.existing); /* a day later it is another call */
    lab_close(l);
}

TEST("the same idempotency key of another payment key is another call")
{
    lab *l = lab_open();
    lab_fund(l, "zoe.near", 1, 1000000);
    call_admission one = lab_call(l);
    one.idempotency_key = OL_STR("k1");
    call_admission two = one;
    two.key = lab_key("zoe.near", 1);
    CHECK_EQ(lab_admit(l, &one), OL_OK);
    CHECK_EQ(lab_admit(l, &two), OL_OK);
    CHECK(!two.existing);
    lab_close(l);
}

/* ---- Metering. */

TEST("C28 C33: compute costs base, millions of instructions and seconds, at most the limit")
{
    static const struct {
        const char *name;
        uint64_t instructions;
        uint64_t time_ms;
        uint64_t limit;
        uint64_t cost;
    } cases[] = {
        {"nothing used", 0, 0, 10000, 1000},
        {"case 28", 5000000, 2500, 10000, 1007},
        {"begun units are free", 999999, 999, 10000, 1000},
        {"case 33", UINT64_C(49000000000), 0, 10000, 10000},
        {"more than 64 bits hold", UINT64_MAX, UINT64_MAX, 10000, 10000},
        {"a limit below the base", 0, 0, 500, 500},
    };
    const call_fees fees = {OL_USD(1000), OL_USD(1), OL_USD(1)};
    OL_EACH (c, cases) {
        ol_usd cost = compute_cost(&fees, c->instructions, c->time_ms, OL_USD(c->limit));
        CHECK_EQ_ROW(cost.micro, c->cost, c->name);
    }
    const call_fees dear = {{OL_U128_MAX}, {OL_U128_MAX}, {OL_U128_MAX}};
    CHECK_EQ(compute_cost(&dear, UINT64_MAX, UINT64_MAX, OL_USD(7)).micro, 7);
}

TEST("the instructions a limit pays for cost no more than it, and one more would")
{
    static const struct {
        uint64_t base, fee, limit, instructions;
    } cases[] = {
        {1000, 1, 10000, UINT64_C(9000999999)},
        {1000, 1, 1000, 999999},
        {1000, 7, 1013, 1999999},
        {2000, 1, 1000, 999999},
        {1000, 0, 1000, UINT64_MAX},
    };
    OL_EACH (c, cases) {
        const call_fees fees = {OL_USD(c->base), OL_USD(c->fee), OL_USD(1)};
        CHECK_EQ(instructions_affordable(&fees, OL_USD(c->limit)), c->instructions);
    }
}

TEST("C28 C29: a completed call is charged once, and a second completion changes nothing")
{
    lab *l = lab_open();
    call_answer call = lab_admit_ok(l, 10000, 0);
    ol_job_info job = lab_claim(l);
    CHECK(job.job_id != 0);
    CHECK(lab_finish(l, job.job_id, &call, true, 5000000, 2500, 0));
    CHECK_MONEY(lab_alice(l), 1007, 0);
    call_answer now = lab_look(l, &call);
    CHECK_EQ(now.status, CALL_COMPLETED);
    CHECK_EQ(now.compute_cost.micro, 1007);
    CHECK_EQ(now.instructions, 5000000);
    CHECK_EQ(now.time_ms, 2500);
    CHECK_EQ(now.job_id, job.job_id);
    CHECK_STR(now.output_json, OL_STR("{\"ok\":true}"));

    bool finalized = true;
    CHECK_EQ(lab_complete_call(l, &call, false, 0, &finalized), OL_OK);
    CHECK(!finalized);
    CHECK_MONEY(lab_alice(l), 1007, 0);
    CHECK_EQ(lab_look(l, &call).status, CALL_COMPLETED);
    lab_close(l);
}

TEST("C30: the author gets the deposit less the refund, with a row that says so")
{
    lab *l = lab_open();
    call_answer call = lab_admit_ok(l, 10000, 500);
    CHECK(lab_finish(l, lab_claim(l).job_id, &call, true, 0, 0, 200));
    CHECK_MONEY(lab_alice(l), 1300, 0);
    author_balance author;
    ol_err err;
    CHECK_OK(author_balance_find(l->d, OL_STR("bob.near"), &author, &err));
    CHECK_EQ(author.balance.micro, 300);
    CHECK_EQ(author.total_earned.micro, 300);
    earnings_row *row;
    size_t count;
    uint64_t total;
    CHECK_OK(earnings_list(l->d, OL_STR("bob.near"), EARNED_ANY, 0, 50, &l->arena, &row, &count,
                           &total, &err));
    CHECK_EQ(count, 1);
    CHECK_EQ(total, 1);
    CHECK_EQ(row->attached_usd.micro, 500);
    CHECK_EQ(row->refund_usd.micro, 200);
    CHECK_EQ(row->amount.micro, 300);
    CHECK_STR(row->payment_key_owner, OL_STR("alice.near"));
    CHECK_STR(row->call_id, ol_uuid_str(&call.call_id));
    lab_close(l);
}

TEST("a refund larger than the deposit is the deposit")
{
    lab *l = lab_open();
    call_answer call = lab_admit_ok(l, 10000, 500);
    CHECK(lab_finish(l, lab_claim(l).job_id, &call, true, 0, 0, 100000));
    CHECK_MONEY(lab_alice(l), 1000, 0);
    lab_close(l);
}

TEST("C31: a run that fails after its claim pays for compute alone")
{
    lab *l = lab_open();
    call_answer call = lab_admit_ok(l, 10000, 500);
    CHECK(lab_finish(l, lab_claim(l).job_id, &call, false, 3000000, 0, 0));
    CHECK_MONEY(lab_alice(l), 1003, 0);
    author_balance author;
    ol_err err;
    CHECK_OK(author_balance_find(l->d, OL_STR("bob.near"), &author, &err));
    CHECK_EQ(author.total_earned.micro, 0);
    call_answer now = lab_look(l, &call);
    CHECK_EQ(now.status, CALL_FAILED);
    CHECK_STR(now.error, OL_STR("it failed"));
    CHECK(now.output_json.data == NULL);
    lab_close(l);
}

TEST("a call that fails before any claim is free, and leaves the queue")
{
    lab *l = lab_open();
    call_answer call = lab_admit_ok(l, 10000, 500);
    bool finalized;
    CHECK_EQ(lab_complete_call(l, &call, false, 5000000, &finalized), OL_OK);
    CHECK(finalized);
    CHECK_MONEY(lab_alice(l), 0, 0);
    CHECK_EQ(lab_claim(l).job_id, 0);
    lab_close(l);
}

TEST("a claimed call is free as well when its worker says that nothing ran")
{
    lab *l = lab_open();
    call_answer call = lab_admit_ok(l, 10000, 500);
    job_completion it = {
        .report = {.job_id = lab_claim(l).job_id,
                   .error_class = OL_CLASS_FAILED,
                   .nothing_ran = true,
                   .has_call = true,
                   .call = {.call_id = ol_uuid_str(&call.call_id), .error = OL_STR("no project")}}};
    job_complete(l->d, &it);
    CHECK_ROW(it.op.rc == OL_OK, it.op.err.text);
    CHECK(it.finalized);
    call_answer now = lab_look(l, &call);
    CHECK_EQ(now.status, CALL_FAILED);
    CHECK_EQ(now.compute_cost.micro, 0);
    CHECK_MONEY(lab_alice(l), 0, 0);
    lab_close(l);
}

TEST("C34: a window that passes unclaimed costs nothing")
{
    lab *l = lab_open();
    call_answer call = lab_admit_ok(l, 10000, 500);
    lab_pass(l, 299);
    CHECK_EQ(lab_look(l, &call).status, CALL_PENDING);
    lab_pass(l, 1);
    call_answer now = lab_look(l, &call);
    CHECK_EQ(now.status, CALL_FAILED);
    CHECK(now.expired);
    CHECK_EQ(now.compute_cost.micro, 0);
    CHECK_MONEY(lab_alice(l), 0, 0);
    CHECK_EQ(lab_events_of(l, EVENT_CALL_FINISHED), 1);
    CHECK_EQ(lab_claim(l).job_id, 0);
    lab_close(l);
}

/* A worker that beats keeps its lease. */
static void beat(lab *l)
{
    worker_beat it = {.worker_id = OL_STR("w1"), .worker_name = OL_STR("one")};
    worker_beat_put(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
}

TEST("C35 C36: a window that passes with a run under way costs the limit, and what comes late "
     "nothing")
{
    lab *l = lab_open();
    l->settings.call_seconds = 100;
    lab_reopen(l);
    call_answer call = lab_admit_ok(l, 10000, 500);
    ol_job_info job = lab_claim(l);
    CHECK(job.job_id != 0);
    lab_pass(l, 60);
    beat(l);
    lab_pass(l, 40);
    call_answer now = lab_look(l, &call);
    CHECK_EQ(now.status, CALL_FAILED);
    CHECK(now.expired);
    CHECK_MONEY(lab_alice(l), 10000, 0);

    bool finalized = true;
    CHECK_EQ(lab_complete_call(l, &call, true, 0, &finalized), OL_OK);
    CHECK(!finalized);
    CHECK(!lab_finish(l, job.job_id, &call, true, 0, 0, 0));
    CHECK_MONEY(lab_alice(l), 10000, 0);
    CHECK_EQ(lab_look(l, &call).status, CALL_FAILED);
    lab_close(l);
}

TEST("an asynchronous call has a deadline too: the window and the queue's allowance")
{
    lab *l = lab_open();
    call_admission it = lab_call(l);
    it.is_async = true;
    CHECK_EQ(lab_admit(l, &it), OL_OK);
    lab_pass(l, 1199);
    CHECK_EQ(lab_look(l, &it.answer).status, CALL_PENDING);
    lab_pass(l, 1);
    CHECK_EQ(lab_look(l, &it.answer).status, CALL_FAILED);
    lab_close(l);
}

TEST("a call that is expired by hand is settled when its deadline is over, not before")
{
    lab *l = lab_open();
    call_answer call = lab_admit_ok(l, 10000, 0);
    call_expiry it = {.arena = &l->arena};
    CHECK(ol_uuid_parse(ol_uuid_str(&call.call_id), &it.call_id));
    call_expire(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    CHECK_EQ(it.answer.status, CALL_PENDING);
    l->clock.now_ms += 300 * 1000;
    call_expire(l->d, &it);
    CHECK_EQ(it.answer.status, CALL_FAILED);
    CHECK(it.answer.expired);
    lab_close(l);
}

TEST("1,000 calls whose windows pass at once are settled one by one in one sweep")
{
    lab *l = lab_open();
    lab_fund(l, "rich.near", 1, 1000000000);
    l->settings.calls_in_flight_max = 2000;
    lab_reopen(l);
    for (int i = 0; i < 1000; i++) {
        call_admission it = lab_call(l);
        it.key = lab_key("rich.near", 1);
        CHECK_EQ(lab_admit(l, &it), OL_OK);
    }
    CHECK_MONEY(lab_balance(l, "rich.near", 1), 0, 10000000);
    lab_pass(l, 300);
    CHECK_MONEY(lab_balance(l, "rich.near", 1), 0, 0);
    CHECK_EQ(lab_events_of(l, EVENT_CALL_FINISHED), 1000);
    lab_close(l);
}

TEST("C76: a call is charged by the prices of its admission")
{
    lab *l = lab_open();
    call_answer call = lab_admit_ok(l, 10000, 0);
    pricing_refresh dearer = {.pricing = pricing_now(l->d)};
    dearer.pricing.base_fee_usd = OL_USD(5000);
    pricing_put(l->d, &dearer);
    CHECK_EQ(dearer.op.rc, OL_OK);
    ol_job_info job = lab_claim(l);
    CHECK(lab_finish(l, job.job_id, &call, true, 0, 0, 0));
    CHECK_MONEY(lab_alice(l), 1000, 0);
    lab_reopen(l);
    CHECK_EQ(pricing_now(l->d).base_fee_usd.micro, 5000); /* kept over a restart */
    call = lab_admit_ok(l, 10000, 0);
    CHECK(lab_finish(l, lab_claim(l).job_id, &call, true, 0, 0, 0));
    CHECK_MONEY(lab_alice(l), 6000, 0);
    lab_close(l);
}

/* ---- Reading. */

TEST("C43 C44: a call shows itself to its own key alone")
{
    lab *l = lab_open();
    lab_fund(l, "zoe.near", 1, 5);
    call_answer call = lab_admit_ok(l, 10000, 0);
    payment_key_row zoe = lab_balance(l, "zoe.near", 1);
    call_answer answer;
    ol_uuid id;
    ol_err err;
    CHECK(ol_uuid_parse(ol_uuid_str(&call.call_id), &id));
    CHECK_EQ(call_find(l->d, &zoe, id, &l->arena, &answer, &err), OL_ERR_PAYMENT_KEY);
    id.bytes[15] ^= 1;
    CHECK_EQ(call_find(l->d, &zoe, id, &l->arena, &answer, &err), OL_ERR_NOT_FOUND);
    CHECK_STR(ol_err_text(&err), OL_STR("Call not found"));
    lab_close(l);
}

TEST("C45: the task carries the input's bytes as they came, and no code")
{
    lab *l = lab_open();
    call_admission it = lab_call(l);
    it.input_data = OL_STR("{\"b\":1,\"a\":2}");
    CHECK_EQ(lab_admit(l, &it), OL_OK);
    queue_poll poll = {.queues = OL_CAP_EXECUTION, .arena = &l->arena};
    queue_take(l->d, &poll);
    CHECK(poll.found);
    ol_task task;
    ol_err err;
    CHECK_OK(ol_task_decode(poll.task_json, &l->arena, &task, &err));
    CHECK_STR(task.input_data, OL_STR("{\"b\":1,\"a\":2}"));
    CHECK_EQ(task.source.kind, OL_SOURCE_NONE);
    CHECK_EQ(task.request_id, UINT64_C(100000000000));
    CHECK_STR(task.data_id, ol_uuid_str(&it.answer.call_id));
    CHECK_STR(task.user_account_id, OL_STR("alice.near"));
    CHECK_STR(task.context.sender_id, OL_STR("alice.near"));
    CHECK_EQ(task.response_format, OL_FORMAT_JSON);
    CHECK(task.is_https_call);
    CHECK_EQ(task.limits.instructions_max, UINT64_C(9000999999)); /* what 10,000 pays for */
    lab_close(l);
}
