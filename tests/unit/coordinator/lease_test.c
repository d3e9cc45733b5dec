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
