/* Every write, sync and allocation of the database fails in turn under a whole life of calls:
 * afterwards the ledger holds, and every success that was answered is there. */
#include <stdio.h>

#include "services/coordinator/storage.h"
#include "tests/unit/coordinator/lab.h"
#include "tests/unit/store/fault_vfs.h"

enum { CALLS = 3 };

typedef struct life {
    call_answer call[CALLS];
    bool admitted[CALLS];
    bool settled[CALLS];
} life;

static ol_job_info try_claim(lab *l)
{
    queue_poll poll = {.queues = OL_CAP_EXECUTION,
                       .capabilities = OL_CAP_EXECUTION,
                       .claim = true,
                       .worker_id = OL_STR("w1"),
                       .arena = &l->arena};
    queue_take(l->d, &poll);
    return poll.op.rc == OL_OK && poll.has_job ? poll.job : (ol_job_info){0};
}

/* Goes on whatever fails. */
static life live(lab *l)
{
    life it = {0};
    ol_err err;
    for (int i = 0; i < CALLS; i++) {
        call_admission admit = lab_call(l);
        admit.is_async = true;
        admit.price.deposit = OL_USD(100);
        it.admitted[i] = lab_admit(l, &admit) == OL_OK;
        it.call[i] = admit.answer;
        ol_job_info job = try_claim(l);
        if (job.job_id == 0 || !it.admitted[i])
            continue;
        job_completion done = {.report = {.job_id = job.job_id,
                                          .success = true,
                                          .has_call = true,
                                          .call = {.call_id = ol_uuid_str(&it.call[i].call_id),
                                                   .success = true,
                                                   .output_json = OL_STR("1")}}};
        job_complete(l->d, &done);
        it.settled[i] = done.op.rc == OL_OK && done.finalized;
    }
    (void)domain_sweep(l->d, &err);
    return it;
}

static void check_kept(lab *l, const life *it, unsigned at)
{
    char row[32];
    ol_err err;
    (void)snprintf(row, sizeof row, "fault %u", at);
    ol_rc rc = ledger_check(l->d, &err);
    CHECK_ROW(rc == OL_OK, row);
    for (int i = 0; i < CALLS; i++) {
        if (it->settled[i])
            CHECK_EQ_ROW(lab_look(l, &it->call[i]).status, CALL_COMPLETED, row);
        else if (it->admitted[i])
            (void)lab_look(l, &it->call[i]);
    }
}

/* One life with fault number `at`; false when it never came. */
static bool trial(void (*arm)(unsigned at), unsigned at)
{
    lab *l = lab_open_with(FAULT_VFS);
    lab_fund(l, "alice.near", 1, 1000000);
    arm(at);
    life it = live(l);
    bool happened = fault_happened();
    fault_reset();
    lab_reopen(l);
    check_kept(l, &it, at);
    lab_pass(l, 1300);
    CHECK_EQ(lab_balance(l, "alice.near", 1).reserved.micro, 0);
    lab_close(l);
    return happened;
}

static void arm_io(unsigned at)
{
    fault_io_fail(at, false);
}

static void arm_io_for_good(unsigned at)
{
    fault_io_fail(at, true);
}

TEST("whichever write or sync fails, once or for good, money and promises hold")
{
    unsigned happened = 0;
    fault_vfs_install();
    fault_reset();
    for (unsigned at = 1; at <= 60; at++)
        happened += trial(arm_io, at);
    for (unsigned at = 1; at <= 60; at += 7)
        happened += trial(arm_io_for_good, at);
    CHECK(happened > 30);
}

TEST("whichever allocation of the database fails, money and promises hold")
{
    unsigned happened = 0;
    fault_vfs_install();
    fault_reset();
    for (unsigned at = 1; at <= 400 && (at < 10 || happened + 20 > at); at += 1 + at / 40)
        happened += trial(fault_memory_fail, at);
    CHECK(happened > 5);
}

/* A value too long for one page, so that reading it has to allocate. */
static const storage_name KEPT = {OL_STR_INIT("p1"), OL_STR_INIT("a.near"), OL_STR_INIT("h1")};

static void keep_row(lab *l)
{
    static uint8_t value[16384];
    storage_write it = {.name = KEPT,
                        .row = {.key = {value, 1},
                                .value = {value, sizeof value},
                                .wasm_hash = OL_STR("w"),
                                .is_encrypted = true},
                        .arena = &l->arena};
    storage_put(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
}

TEST("C73: a row that cannot be read is an error, never absent")
{
    unsigned failed = 0;
    fault_vfs_install();
    fault_reset();
    lab *l = lab_open_with(FAULT_VFS);
    keep_row(l);
    for (unsigned at = 1; at <= 20; at++) {
        storage_row row = {0};
        ol_err err;
        lab_reopen(l); /* nothing of it is in memory */
        fault_memory_fail(at);
        ol_rc rc = storage_get(l->d, &KEPT, &l->arena, &row, &err);
        fault_reset();
        CHECK(rc == OL_OK || rc == OL_ERR_STORAGE);
        CHECK(rc != OL_OK || row.exists);
        failed += rc != OL_OK;
    }
    CHECK(failed > 0);
    lab_close(l);
}
