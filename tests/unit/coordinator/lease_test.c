/* Leases that end without a report: what is tried again and what is not (Coordinator 4.3, 15). */
#include "tests/unit/coordinator/lab.h"

static void beat(lab *l)
{
    worker_beat it = {.worker_id = OL_STR("w1"), .worker_name = OL_STR("one")};
    worker_beat_put(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
}

TEST("C60: a compiler silent for 120 s loses its job to the next, twice at most")
{
    lab *l = lab_open();
    (void)lab_create(l, 1);
    int64_t jobs[COMPILE_ATTEMPTS_MAX];
    for (int i = 0; i < COMPILE_ATTEMPTS_MAX; i++) {
        ol_job_info job = lab_claim(l);
        CHECK_EQ(job.kind, OL_JOB_COMPILE);
        jobs[i] = job.job_id;
        lab_pass(l, 119);
        CHECK_EQ(lab_claim(l).job_id, 0);
        lab_pass(l, 1);
    }
    CHECK(jobs[0] != jobs[1] && jobs[1] != jobs[2]);
    CHECK_EQ(lab_claim(l).kind, OL_JOB_EXECUTE); /* the failure is reported on chain */
    lab_close(l);
}

/* A worker that tells its life: ours do. */
static ol_job_info claim_of_life(lab *l, const char *life)
{
    queue_poll poll = {.queues = LAB_BOTH,
                       .capabilities = LAB_BOTH,
                       .claim = true,
                       .worker_id = OL_STR("w1"),
                       .life = ol_str_of(life),
                       .arena = &l->arena};
    queue_take(l->d, &poll);
    CHECK_EQ(poll.op.rc, OL_OK);
    return poll.has_job ? poll.job : (ol_job_info){0};
}

static void beat_of_life(lab *l, const char *life)
{
    worker_beat it = {
        .worker_id = OL_STR("w1"), .worker_name = OL_STR("one"), .life = ol_str_of(life)};
    worker_beat_put(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
}

static ol_job_info chain_run(lab *l, const char *life)
{
    request_creation it = lab_request(1);
    lab_upload(l, &it.task.source);
    request_create(l->d, &it);
    return claim_of_life(l, life);
}

TEST("a worker that tells its life loses its run after 20 s of silence, not after 120")
{
    lab *l = lab_open();
    ol_job_info one = chain_run(l, "a");
    lab_pass(l, 19);
    CHECK_EQ(lab_claim(l).job_id, 0);
    lab_pass(l, 1);
    ol_job_info two = lab_claim(l); /* by one that tells none */
    CHECK(two.kind == OL_JOB_EXECUTE && two.job_id != one.job_id);
    lab_pass(l, 119);
    CHECK_EQ(lab_history(l, two.job_id), 0);
    CHECK(lab_report(l, (ol_job_report){.job_id = two.job_id, .success = true}).first);
    lab_close(l);
}

TEST("a worker that tells its life and beats keeps its run until the lease ends")
{
    lab *l = lab_open();
    ol_job_info job = chain_run(l, "a");
    for (int t = 0; t < 60 + 115; t += 5) {
        lab_pass(l, 5);
        beat_of_life(l, "a");
        CHECK_EQ(lab_claim(l).job_id, 0);
    }
    CHECK(lab_report(l, (ol_job_report){.job_id = job.job_id, .success = true}).first);
    lab_close(l);
}

TEST("what a worker ran in an earlier life is lost as soon as the new one beats")
{
    lab *l = lab_open();
    ol_job_info one = chain_run(l, "a");
    lab_pass(l, 2);
    beat_of_life(l, "b");
    lab_pass(l, 1);
    ol_job_info two = claim_of_life(l, "b");
    CHECK(two.kind == OL_JOB_EXECUTE && two.job_id != one.job_id);
    lab_close(l);
}

TEST("a run claimed before the first beat of a new life is its own")
{
    lab *l = lab_open();
    beat_of_life(l, "a");
    lab_pass(l, 2);
    ol_job_info job = chain_run(l, "b");
    lab_pass(l, 2); /* the last beat known is the earlier life's */
    CHECK_EQ(lab_claim(l).job_id, 0);
    beat_of_life(l, "b");
    lab_pass(l, 2);
    CHECK_EQ(lab_claim(l).job_id, 0);
    CHECK(lab_report(l, (ol_job_report){.job_id = job.job_id, .success = true}).first);
    lab_close(l);
}

TEST("a coordinator that was away gives its workers time to be heard again")
{
    lab *l = lab_open();
    ol_job_info job = chain_run(l, "a");
    l->clock.now_ms += 60 * 1000; /* nobody could beat meanwhile */
    lab_reopen(l);
    lab_pass(l, 10);
    CHECK_EQ(lab_claim(l).job_id, 0);
    beat_of_life(l, "a");
    lab_pass(l, 15);
    CHECK_EQ(lab_claim(l).job_id, 0);
    CHECK(lab_report(l, (ol_job_report){.job_id = job.job_id, .success = true}).first);
    lab_close(l);
}

TEST("a compiler that beats keeps its job until the lease ends")
{
    lab *l = lab_open();
    (void)lab_create(l, 1);
    CHECK_EQ(lab_claim(l).kind, OL_JOB_COMPILE);
    for (int t = 0; t < 400; t += 100) {
        lab_pass(l, 100);
        beat(l);
        CHECK_EQ(lab_claim(l).job_id, 0);
    }
    lab_pass(l, 20); /* 300 + 120 */
    CHECK_EQ(lab_claim(l).kind, OL_JOB_COMPILE);
    lab_close(l);
}

TEST("a run lost with its worker fails its call, charges nothing and is not run again")
{
    lab *l = lab_open();
    call_answer call = lab_admit_ok(l, 10000, 500);
    ol_job_info job = lab_claim(l);
    lab_pass(l, 120);
    CHECK_EQ(lab_look(l, &call).status, CALL_FAILED);
    CHECK_EQ(lab_balance(l, "alice.near", 1).spent.micro, 0);
    CHECK_EQ(lab_claim(l).job_id, 0);
    /* What comes late is recorded and changes nothing. */
    CHECK(!lab_finish(l, job.job_id, &call, true, 0, 0, 0));
    CHECK_EQ(lab_history(l, job.job_id), 1);
    CHECK_EQ(lab_look(l, &call).status, CALL_FAILED);
    lab_close(l);
}

TEST("a chain run lost with its worker is run once more while it is young")
{
    lab *l = lab_open();
    request_creation it = lab_request(1);
    lab_upload(l, &it.task.source);
    request_create(l->d, &it);
    ol_job_info one = lab_claim(l);
    lab_pass(l, 120);
    ol_job_info two = lab_claim(l);
    CHECK_EQ(two.kind, OL_JOB_EXECUTE);
    CHECK(two.job_id != one.job_id);
    lab_pass(l, 120);
    CHECK_EQ(lab_claim(l).job_id, 0);
    lab_close(l);
}

TEST("a chain run that was given up closes the request when it succeeds after all")
{
    lab *l = lab_open();
    request_creation it = lab_request(1);
    lab_upload(l, &it.task.source);
    request_create(l->d, &it);
    ol_job_info one = lab_claim(l);
    lab_pass(l, 120);
    CHECK(!lab_report(l, (ol_job_report){.job_id = one.job_id, .success = true}).first);
    CHECK_EQ(lab_claim(l).job_id, 0);
    lab_close(l);
}

TEST("a chain request that is old when its run is lost is not run again")
{
    lab *l = lab_open();
    request_creation it = lab_request(1);
    lab_upload(l, &it.task.source);
    request_create(l->d, &it);
    l->clock.now_ms += 550 * 1000;
    CHECK_EQ(lab_claim(l).kind, OL_JOB_EXECUTE);
    lab_pass(l, 120);
    CHECK_EQ(lab_claim(l).job_id, 0);
    lab_close(l);
}

TEST("a lost compile lets those that waited for it compile")
{
    lab *l = lab_open();
    (void)lab_create(l, 1);
    (void)lab_create(l, 2);
    CHECK_EQ(lab_claim(l).kind, OL_JOB_COMPILE);
    CHECK_EQ(lab_claim(l).job_id, 0);
    lab_pass(l, 120);
    CHECK_EQ(lab_claim(l).kind, OL_JOB_COMPILE);
    lab_close(l);
}

TEST("a call that ends while its code compiles is not run afterwards")
{
    lab *l = lab_open();
    call_answer call = lab_admit_ok(l, 10000, 0);
    queue_poll poll = lab_take(l, OL_CAP_EXECUTION);
    ol_task task = lab_task_of(l, &poll);
    task.source = lab_request(1).task.source;
    job_claim compile = lab_claim_of(l, &task, LAB_BOTH);
    for (int t = 0; t < 300; t += 100) {
        lab_pass(l, 100);
        beat(l);
    }
    CHECK_EQ(lab_look(l, &call).status, CALL_FAILED);
    lab_upload(l, &task.source);
    (void)lab_report(l, (ol_job_report){.job_id = compile.job.job_id, .success = true});
    CHECK(!lab_take(l, LAB_BOTH).found);
    lab_close(l);
}
