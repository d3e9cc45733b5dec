/* The queue: delivery, claims, leases, retries (Coordinator 4, 15). */
#include <stdio.h>
#include <string.h>

#include "tests/unit/coordinator/lab.h"

TEST("the state machine allows what the table lists and nothing else")
{
    static const struct {
        request_state from;
        request_event on;
        bool allowed;
        request_state to;
    } cases[] = {
        {QUEUED_COMPILE, EV_CLAIMED, true, COMPILING},
        {COMPILING, EV_SUCCEEDED, true, QUEUED_EXECUTE},
        {COMPILING, EV_LEASE_LOST, true, QUEUED_COMPILE},
        {QUEUED_EXECUTE, EV_WASM_MISSING, true, QUEUED_COMPILE},
        {QUEUED_EXECUTE, EV_CLAIMED, true, EXECUTING},
        {EXECUTING, EV_RETRIED, true, QUEUED_EXECUTE},
        {EXECUTING, EV_REPORTED, true, DONE},
        {EXECUTING, EV_CLAIMED, false, DONE},
        {COMPILING, EV_CLAIMED, false, DONE},
        {DONE, EV_CLAIMED, false, DONE},
        {DONE, EV_REPORTED, false, DONE},
        {DEAD, EV_CLAIMED, false, DONE},
    };
    OL_EACH (c, cases) {
        request_state to = QUEUED_COMPILE;
        CHECK_EQ(request_next(c->from, c->on, &to), c->allowed);
        if (c->allowed)
            CHECK_EQ(to, c->to);
    }
    request_state to;
    for (int on = EV_CLAIMED; on <= EV_CLOSED; on++)
        CHECK(!request_next(DONE, (request_event)on, &to)); /* done is done */
}

/* ---- Creating and polling. */

TEST("C46: creating a request twice makes one, and one entry")
{
    lab *l = lab_open();
    CHECK(lab_create(l, 7).created);
    CHECK(!lab_create(l, 7).created);
    CHECK(lab_take(l, OL_CAP_COMPILATION).found);
    CHECK(!lab_take(l, OL_CAP_COMPILATION).found);
    lab_close(l);
}

TEST("C49: code that nobody has is for compilers, code in the cache for executors")
{
    lab *l = lab_open();
    request_creation it = lab_create(l, 1);
    CHECK(!lab_take(l, OL_CAP_EXECUTION).found);
    queue_poll poll = lab_take(l, OL_CAP_COMPILATION);
    CHECK_EQ(lab_task_of(l, &poll).request_id, 1);
    lab_upload(l, &it.task.source);
    (void)lab_create(l, 2);
    CHECK(lab_take(l, OL_CAP_EXECUTION).found);
    lab_close(l);
}

TEST("a task comes out as it went in")
{
    lab *l = lab_open();
    request_creation in = lab_request(9);
    in.task.version_key = OL_STR("v1");
    in.task.secrets_ref = (ol_secrets_ref){OL_STR("default"), OL_STR("carol.near")};
    in.task.context.transaction_hash = OL_STR("tx");
    in.task.context.block_height = (ol_opt_u64){true, 12};
    in.task.attached_usd = (ol_opt_u128){true, OL_U128_MAX};
    request_create(l->d, &in);
    queue_poll poll = lab_take(l, LAB_BOTH);
    ol_task out = lab_task_of(l, &poll);
    CHECK_EQ(out.request_id, 9);
    CHECK_STR(out.data_id, OL_STR("d1"));
    CHECK_STR(out.input_data, OL_STR("{\"b\":1,\"a\":2}"));
    CHECK_STR(out.version_key, OL_STR("v1"));
    CHECK_STR(out.secrets_ref.profile, OL_STR("default"));
    CHECK_STR(out.context.transaction_hash, OL_STR("tx"));
    CHECK_EQ(out.context.block_height.value, 12);
    CHECK(out.attached_usd.value == OL_U128_MAX);
    CHECK_STR(out.source.repo, OL_STR("https://github.com/o/r"));
    CHECK_EQ(out.response_format, OL_FORMAT_JSON);
    lab_close(l);
}

TEST("C59: a task that is polled and not claimed comes again after 60 s")
{
    lab *l = lab_open();
    (void)lab_admit_ok(l, 10000, 0);
    (void)lab_admit_ok(l, 10000, 0);
    CHECK(lab_take(l, LAB_BOTH).found);
    CHECK(lab_take(l, LAB_BOTH).found);
    CHECK(!lab_take(l, LAB_BOTH).found);
    l->events = 0;
    lab_pass(l, 59);
    CHECK(!lab_take(l, LAB_BOTH).found);
    CHECK_EQ(lab_events_of(l, EVENT_QUEUED_EXECUTE), 0);
    lab_pass(l, 1);
    CHECK_EQ(lab_events_of(l, EVENT_QUEUED_EXECUTE), 2); /* one of those who wait, for each */
    CHECK(lab_take(l, LAB_BOTH).found);
    CHECK(lab_take(l, LAB_BOTH).found);
    lab_close(l);
}

TEST("after five deliveries without a claim a chain request is dead and a call has failed free")
{
    lab *l = lab_open();
    l->settings.call_seconds = 3600;
    lab_reopen(l);
    request_creation it = lab_create(l, 1);
    call_answer call = lab_admit_ok(l, 10000, 0);
    for (int i = 0; i < DELIVERIES_MAX; i++) {
        CHECK(lab_take(l, LAB_BOTH).found);
        CHECK(lab_take(l, LAB_BOTH).found);
        lab_pass(l, 60);
    }
    CHECK(!lab_take(l, LAB_BOTH).found);
    CHECK_EQ(lab_look(l, &call).status, CALL_FAILED);
    CHECK_EQ(lab_balance(l, "alice.near", 1).spent.micro, 0);
    dead_request *dead;
    size_t count;
    ol_err err;
    CHECK_OK(dead_requests_list(l->d, 10, &l->arena, &dead, &count, &err));
    CHECK_EQ(count, 2);
    CHECK_EQ(dead[1].request_id, it.task.request_id);
    lab_close(l);
}

TEST("who pays more comes first, FIFO inside a class, and waiting 15 s is worth a class")
{
    lab *l = lab_open();
    ol_pricing pricing = pricing_now(l->d);
    static const struct {
        uint64_t id;
        unsigned times_base;
        uint64_t after_ms;
    } cases[] = {{1, 1, 0}, {2, 4, 10}, {3, 1, 10}, {4, 4, 10}, {5, 8, 10}};
    OL_EACH (c, cases) {
        request_creation it = lab_request(c->id);
        l->clock.now_ms += (int64_t)c->after_ms;
        it.task.near_payment_yocto = (ol_opt_u128){true, pricing.base_fee.yocto * c->times_base};
        request_create(l->d, &it);
        CHECK_EQ(it.op.rc, OL_OK);
    }
    static const uint64_t ORDER[] = {5, 2, 4, 1, 3};
    OL_EACH (want, ORDER) {
        queue_poll poll = lab_take(l, LAB_BOTH);
        CHECK_EQ(lab_task_of(l, &poll).request_id, *want);
    }
    /* An old cheap one against a new one a class above it. */
    request_creation cheap = lab_request(10);
    cheap.task.near_payment_yocto = (ol_opt_u128){true, pricing.base_fee.yocto};
    request_create(l->d, &cheap);
    l->clock.now_ms += 15001;
    request_creation dear = lab_request(11);
    dear.task.near_payment_yocto = (ol_opt_u128){true, pricing.base_fee.yocto * 2};
    request_create(l->d, &dear);
    queue_poll first = lab_take(l, LAB_BOTH);
    CHECK_EQ(lab_task_of(l, &first).request_id, 10);
    lab_close(l);
}

TEST("of requests on chain the one whose block is older comes first, up to ten minutes")
{
    lab *l = lab_open();
    static const struct {
        uint64_t id;
        int64_t block_seconds_ago;
    } cases[] = {{1, 10}, {2, 60}, {3, -50}, {4, 100000}, {5, 599}};
    OL_EACH (c, cases) {
        request_creation it = lab_request(c->id);
        int64_t block_ms = l->clock.now_ms - c->block_seconds_ago * 1000;
        it.task.context.block_timestamp = (ol_opt_u64){true, (uint64_t)block_ms * 1000000};
        request_create(l->d, &it);
        CHECK_EQ(it.op.rc, OL_OK);
    }
    request_creation none = lab_request(6);
    l->clock.now_ms += 1;
    request_create(l->d, &none);
    static const uint64_t ORDER[] = {4, 5, 2, 1, 3, 6};
    OL_EACH (want, ORDER) {
        queue_poll poll = lab_take(l, LAB_BOTH);
        CHECK_EQ(lab_task_of(l, &poll).request_id, *want);
    }
    lab_close(l);
}

TEST("compile work precedes execute work for those who do both")
{
    lab *l = lab_open();
    (void)lab_admit_ok(l, 10000, 0);
    (void)lab_create(l, 1);
    CHECK_EQ(lab_claim(l).kind, OL_JOB_COMPILE);
    CHECK_EQ(lab_claim(l).kind, OL_JOB_EXECUTE);
    lab_close(l);
}

/* ---- Claims. */

TEST("C50: a claim without capabilities is refused")
{
    lab *l = lab_open();
    request_creation it = lab_create(l, 1);
    job_claim claim = {.claim = {.request_id = it.task.request_id, .data_id = it.task.data_id},
                       .arena = &l->arena};
    job_claim_take(l->d, &claim);
    CHECK_EQ(claim.op.rc, OL_ERR_INVALID);
    lab_close(l);
}

TEST("C51: of two claims one gets the job")
{
    lab *l = lab_open();
    (void)lab_admit_ok(l, 10000, 0);
    queue_poll poll = lab_take(l, LAB_BOTH);
    ol_task task = lab_task_of(l, &poll);
    job_claim one = lab_claim_of(l, &task, LAB_BOTH);
    job_claim two = lab_claim_of(l, &task, LAB_BOTH);
    CHECK(one.has_job);
    CHECK(!two.has_job);
    CHECK_EQ(one.job.created_at_s, l->clock.now_ms / 1000);
    lab_close(l);
}

TEST("C52: uncached code and both capabilities give one compile job")
{
    lab *l = lab_open();
    request_creation it = lab_create(l, 1);
    job_claim one = lab_claim_of(l, &it.task, LAB_BOTH);
    CHECK(one.has_job);
    CHECK_EQ(one.job.kind, OL_JOB_COMPILE);
    CHECK(!lab_claim_of(l, &it.task, LAB_BOTH).has_job);
    CHECK(!lab_claim_of(l, &it.task, OL_CAP_EXECUTION).has_job);
    lab_close(l);
}

TEST("C53 C54: after the compile the run gets the same task, and the compile's figures")
{
    lab *l = lab_open();
    request_creation it = lab_request(1);
    it.task.version_key = OL_STR("v1");
    it.task.secrets_ref = (ol_secrets_ref){OL_STR("default"), OL_STR("carol.near")};
    request_create(l->d, &it);
    ol_job_info compile = lab_claim(l);
    lab_upload(l, &it.task.source);
    (void)lab_report(l, (ol_job_report){.job_id = compile.job_id,
                                        .success = true,
                                        .time_ms = 1234,
                                        .wasm_checksum = lab_checksum(l, &it.task.source),
                                        .compile_cost_yocto = {true, 99}});
    queue_poll poll = lab_take(l, OL_CAP_EXECUTION);
    ol_task out = lab_task_of(l, &poll);
    CHECK_STR(out.input_data, it.task.input_data);
    CHECK_STR(out.version_key, OL_STR("v1"));
    CHECK_STR(out.secrets_ref.account_id, OL_STR("carol.near"));
    CHECK_EQ(out.response_format, OL_FORMAT_JSON);
    CHECK_EQ(out.limits.instructions_max, it.task.limits.instructions_max);
    job_claim run = lab_claim_of(l, &it.task, OL_CAP_EXECUTION);
    CHECK(run.has_job);
    CHECK_EQ(run.job.kind, OL_JOB_EXECUTE);
    CHECK_EQ(run.job.compile_cost_yocto.value, 99);
    CHECK_EQ(run.job.compile_time_ms.value, 1234);
    CHECK_STR(run.job.wasm_checksum, lab_checksum(l, &it.task.source));
    CHECK(run.job.compile_error.data == NULL);
    lab_close(l);
}

TEST("C55: an executor that finds a call's code uncached sends it to the compilers, sourceless")
{
    lab *l = lab_open();
    (void)lab_admit_ok(l, 10000, 0);
    queue_poll poll = lab_take(l, OL_CAP_EXECUTION);
    ol_task task = lab_task_of(l, &poll);
    task.source = lab_request(1).task.source; /* what the worker resolved */
    CHECK(!lab_claim_of(l, &task, OL_CAP_EXECUTION).has_job);
    CHECK(!lab_take(l, OL_CAP_EXECUTION).found);
    queue_poll again = lab_take(l, OL_CAP_COMPILATION);
    CHECK_EQ(lab_task_of(l, &again).source.kind, OL_SOURCE_NONE);
    job_claim compile = lab_claim_of(l, &task, OL_CAP_COMPILATION);
    CHECK(compile.has_job);
    CHECK_STR(compile.job.wasm_checksum, lab_checksum(l, &task.source));
    lab_close(l);
}

TEST("C56: a failed compile of a chain request is told by an executor, with zero limits")
{
    lab *l = lab_open();
    request_creation it = lab_create(l, 1);
    ol_job_info compile = lab_claim(l);
    (void)lab_report(l, (ol_job_report){.job_id = compile.job_id,
                                        .error = OL_STR("no such crate"),
                                        .error_class = OL_CLASS_COMPILATION_FAILED});
    queue_poll poll = lab_take(l, OL_CAP_EXECUTION);
    CHECK_EQ(lab_task_of(l, &poll).limits.instructions_max, 0);
    CHECK_EQ(lab_task_of(l, &poll).limits.seconds_max, 0);
    job_claim run = lab_claim_of(l, &it.task, OL_CAP_EXECUTION);
    CHECK(run.has_job);
    CHECK_STR(run.job.compile_error, OL_STR("no such crate"));
    lab_close(l);
}

TEST("C32: a failed compile of a call fails it, free of charge")
{
    lab *l = lab_open();
    call_answer call = lab_admit_ok(l, 10000, 500);
    queue_poll poll = lab_take(l, OL_CAP_EXECUTION);
    ol_task task = lab_task_of(l, &poll);
    task.source = lab_request(1).task.source;
    job_claim compile = lab_claim_of(l, &task, LAB_BOTH);
    CHECK_EQ(compile.job.kind, OL_JOB_COMPILE);
    (void)lab_report(l, (ol_job_report){.job_id = compile.job.job_id,
                                        .error = OL_STR("no such crate"),
                                        .instructions = 5000000,
                                        .error_class = OL_CLASS_COMPILATION_FAILED});
    call_answer now = lab_look(l, &call);
    CHECK_EQ(now.status, CALL_FAILED);
    CHECK_STR(now.error, OL_STR("no such crate"));
    CHECK_EQ(lab_balance(l, "alice.near", 1).spent.micro, 0);
    CHECK_EQ(lab_balance(l, "alice.near", 1).reserved.micro, 0);
    CHECK(!lab_take(l, LAB_BOTH).found);
    lab_close(l);
}

TEST("C57: a request that only wants its code compiled has its result when the cache has it")
{
    lab *l = lab_open();
    request_creation it = lab_request(1);
    lab_upload(l, &it.task.source);
    it.task.compile_only = true;
    request_create(l->d, &it);
    queue_poll poll = lab_take(l, OL_CAP_EXECUTION);
    CHECK_STR(lab_task_of(l, &poll).compile_result, lab_checksum(l, &it.task.source));
    job_claim run = lab_claim_of(l, &it.task, OL_CAP_EXECUTION);
    CHECK(run.has_job);
    lab_close(l);
}

TEST("a compile-only request gets the checksum as its result when the compiler names none")
{
    lab *l = lab_open();
    request_creation it = lab_request(1);
    it.task.compile_only = true;
    request_create(l->d, &it);
    ol_job_info compile = lab_claim(l);
    lab_upload(l, &it.task.source);
    (void)lab_report(l, (ol_job_report){.job_id = compile.job_id, .success = true});
    queue_poll poll = lab_take(l, OL_CAP_EXECUTION);
    CHECK_STR(lab_task_of(l, &poll).compile_result, lab_checksum(l, &it.task.source));
    lab_close(l);
}

TEST("a failed compile-only request reaches an executor too")
{
    lab *l = lab_open();
    request_creation it = lab_request(1);
    it.task.compile_only = true;
    request_create(l->d, &it);
    (void)lab_report(l, (ol_job_report){.job_id = lab_claim(l).job_id, .error = OL_STR("bad")});
    CHECK(lab_claim_of(l, &it.task, OL_CAP_EXECUTION).has_job);
    lab_close(l);
}

TEST("force_rebuild compiles what is cached, once, and then runs")
{
    lab *l = lab_open();
    request_creation it = lab_request(1);
    lab_upload(l, &it.task.source);
    it.task.force_rebuild = true;
    request_create(l->d, &it);
    CHECK(!lab_take(l, OL_CAP_EXECUTION).found);
    ol_job_info compile = lab_claim(l);
    CHECK_EQ(compile.kind, OL_JOB_COMPILE);
    (void)lab_report(l, (ol_job_report){.job_id = compile.job_id, .success = true});
    CHECK_EQ(lab_claim(l).kind, OL_JOB_EXECUTE);
    lab_close(l);
}

TEST("one compile per checksum: the others wait for it and share its success")
{
    lab *l = lab_open();
    request_creation one = lab_create(l, 1);
    (void)lab_create(l, 2);
    (void)lab_create(l, 3);
    ol_job_info compile = lab_claim(l);
    CHECK_EQ(compile.kind, OL_JOB_COMPILE);
    CHECK_EQ(lab_claim(l).job_id, 0);
    lab_upload(l, &one.task.source);
    (void)lab_report(l, (ol_job_report){.job_id = compile.job_id, .success = true});
    for (int i = 0; i < 3; i++)
        CHECK_EQ(lab_claim(l).kind, OL_JOB_EXECUTE);
    CHECK_EQ(lab_claim(l).job_id, 0);
    lab_close(l);
}

TEST("one compile per checksum: the others share its failure")
{
    lab *l = lab_open();
    (void)lab_create(l, 1);
    request_creation two = lab_create(l, 2);
    ol_job_info compile = lab_claim(l);
    CHECK_EQ(lab_claim(l).job_id, 0);
    (void)lab_report(l, (ol_job_report){.job_id = compile.job_id, .error = OL_STR("bad")});
    CHECK_EQ(lab_claim(l).kind, OL_JOB_EXECUTE);
    job_claim run = lab_claim_of(l, &two.task, OL_CAP_EXECUTION);
    CHECK_STR(run.job.compile_error, OL_STR("bad"));
    lab_close(l);
}

TEST("a compiler that never uploads ends the request as failed, not in a circle")
{
    lab *l = lab_open();
    request_creation it = lab_create(l, 1);
    for (int i = 0; i < COMPILE_ATTEMPTS_MAX; i++) {
        ol_job_info compile = lab_claim(l);
        CHECK_EQ(compile.kind, OL_JOB_COMPILE);
        (void)lab_report(l, (ol_job_report){.job_id = compile.job_id, .success = true});
        CHECK(!lab_claim_of(l, &it.task, OL_CAP_EXECUTION).has_job);
    }
    job_claim run = lab_claim_of(l, &it.task, OL_CAP_EXECUTION);
    CHECK(run.has_job);
    CHECK_STR(run.job.compile_error, OL_STR("Compiled code did not reach the cache"));
    lab_close(l);
}

/* ---- Completion. */

TEST("C58: a job completed twice is answered twice and written once")
{
    lab *l = lab_open();
    request_creation it = lab_request(1);
    lab_upload(l, &it.task.source);
    it.task.attached_usd = (ol_opt_u128){true, 700};
    it.task.project_id = OL_STR("bob.near/p");
    request_create(l->d, &it);
    ol_job_info job = lab_claim(l);
    const ol_job_report report = {.job_id = job.job_id, .success = true, .refund_usd = {true, 200}};
    CHECK(lab_report(l, report).first);
    CHECK(!lab_report(l, report).first);
    CHECK_EQ(lab_history(l, job.job_id), 1);
    earnings_row *row;
    size_t count;
    uint64_t total;
    ol_err err;
    CHECK_OK(earnings_list(l->d, OL_STR("bob.near"), EARNED_BLOCKCHAIN, 0, 10, &l->arena, &row,
                           &count, &total, &err));
    CHECK_EQ(total, 1);
    CHECK_EQ(row->amount.micro, 500);
    lab_close(l);
}

TEST("C61: an unknown job is not found")
{
    lab *l = lab_open();
    job_completion it = {.report = {.job_id = 999}};
    job_complete(l->d, &it);
    CHECK_EQ(it.op.rc, OL_ERR_NOT_FOUND);
    lab_close(l);
}

TEST("a delivery that names another call is refused whole")
{
    lab *l = lab_open();
    call_answer one = lab_admit_ok(l, 10000, 0);
    call_answer two = lab_admit_ok(l, 10000, 0);
    ol_job_info job = lab_claim(l);
    job_completion it = {
        .report = {.job_id = job.job_id,
                   .success = true,
                   .has_call = true,
                   .call = {.call_id = ol_uuid_str(&two.call_id), .success = true}}};
    job_complete(l->d, &it);
    CHECK_EQ(it.op.rc, OL_ERR_INVALID);
    CHECK_EQ(lab_look(l, &two).status, CALL_PENDING);
    CHECK_EQ(lab_history(l, job.job_id), 0);
    CHECK(lab_finish(l, job.job_id, &one, true, 0, 0, 0)); /* and the job is still open */
    lab_close(l);
}

/* ---- Over a restart. */

TEST("a restart forgets nothing: queue, lease and reservation are there")
{
    lab *l = lab_open();
    call_answer waiting = lab_admit_ok(l, 10000, 0);
    call_answer running = waiting;
    ol_job_info job = lab_claim(l);
    waiting = lab_admit_ok(l, 10000, 0);
    lab_reopen(l);
    CHECK_EQ(lab_balance(l, "alice.near", 1).reserved.micro, 20000);
    CHECK(lab_finish(l, job.job_id, &running, true, 0, 0, 0));
    ol_job_info next = lab_claim(l);
    CHECK(lab_finish(l, next.job_id, &waiting, true, 0, 0, 0));
    CHECK_EQ(lab_balance(l, "alice.near", 1).spent.micro, 2000);
    lab_close(l);
}

TEST("figures of the queue: depth, age, live jobs, lost leases")
{
    lab *l = lab_open();
    queue_figures f;
    ol_err err;
    (void)lab_create(l, 1);
    l->clock.now_ms += 5000;
    (void)lab_admit_ok(l, 10000, 0);
    CHECK_OK(queue_figures_read(l->d, &f, &err));
    CHECK_EQ(f.compile_waiting, 1);
    CHECK_EQ(f.execute_waiting, 1);
    CHECK_EQ(f.oldest_wait_ms, 5000);
    CHECK_EQ(lab_claim(l).kind, OL_JOB_COMPILE);
    CHECK_OK(queue_figures_read(l->d, &f, &err));
    CHECK_EQ(f.jobs_live, 1);
    lab_pass(l, 120);
    CHECK_OK(queue_figures_read(l->d, &f, &err));
    CHECK_EQ(f.leases_lost, 1);
    lab_close(l);
}
