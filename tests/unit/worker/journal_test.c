#include "services/worker/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/harness/test.h"

typedef struct lab {
    char root[64];
    char folder[JOURNAL_PATH_BYTES];
    unsigned found;
    uint64_t request_id;
    char hash[64];
    char output[64];
    ol_u128 cost;
} lab;

static void lab_open(lab *l)
{
    ol_err err;
    *l = (lab){.root = "/tmp/outlayer-journal.XXXXXX"};
    CHECK(mkdtemp(l->root) != NULL);
    CHECK_OK(journal_open(ol_str_of(l->root), l->folder, &err));
}

static void lab_deinit(lab *l)
{
    (void)rmdir(l->folder);
    (void)rmdir(l->root);
}

static journal_entry entry(int64_t job_id, const char *hash)
{
    return (journal_entry){
        .request_id = 7,
        .data_id = OL_STR("ab"),
        .hash = ol_str_of(hash),
        .transaction = {(const uint8_t *)"\x00\xff tx", 5},
        .report = {.job_id = job_id,
                   .success = true,
                   .output_json = OL_STR("{\"Text\":\"hi\"}"),
                   .refund_usd = {true, 3}},
    };
}

static void found(void *context, const journal_entry *it, journal_hold hold)
{
    lab *l = context;
    l->found++;
    l->request_id = it->request_id;
    (void)snprintf(l->hash, sizeof l->hash, "%.*s", OL_FMT(it->hash));
    (void)snprintf(l->output, sizeof l->output, "%.*s", OL_FMT(it->report.output_json));
    l->cost = it->report.refund_usd.value;
    CHECK(ol_bytes_eq(it->transaction, (ol_bytes){(const uint8_t *)"\x00\xff tx", 5}));
    journal_drop(&hold);
}

/* A worker that writes and dies without a word. */
static void write_and_die(const lab *l, int64_t job_id, const char *hash)
{
    pid_t child = fork();
    if (child == 0) {
        journal_hold hold = JOURNAL_HOLD_NONE;
        ol_err err;
        const journal_entry one = entry(job_id, hash);
        _exit(journal_write(l->folder, &one, &hold, &err) == OL_OK ? 0 : 1);
    }
    int status = -1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

TEST("what a dead worker had in flight is found whole, once")
{
    OL_AUTO(lab) l;
    lab_open(&l);
    write_and_die(&l, 5, "hash1");
    journal_recover(l.folder, found, &l);
    CHECK_EQ(l.found, 1);
    CHECK_EQ(l.request_id, 7);
    CHECK_EQ(l.cost, 3);
    CHECK_STR(ol_str_of(l.hash), OL_STR("hash1"));
    CHECK_STR(ol_str_of(l.output), OL_STR("{\"Text\":\"hi\"}"));
    journal_recover(l.folder, found, &l);
    CHECK_EQ(l.found, 1);
}

TEST("an entry of a worker that lives is nobody else's, and the last transaction is the one it has")
{
    OL_AUTO(lab) l;
    journal_hold hold = JOURNAL_HOLD_NONE;
    ol_err err;
    lab_open(&l);
    const journal_entry first = entry(5, "a hash that is longer than the second");
    const journal_entry second = entry(5, "hash2");
    CHECK_OK(journal_write(l.folder, &first, &hold, &err));
    CHECK_OK(journal_write(l.folder, &second, &hold, &err));
    journal_recover(l.folder, found, &l);
    CHECK_EQ(l.found, 0);
    ol_fd_deinit(&hold.file); /* as its death would */
    journal_recover(l.folder, found, &l);
    CHECK_EQ(l.found, 1);
    CHECK_STR(ol_str_of(l.hash), OL_STR("hash2"));
}

TEST("a delivery that is over leaves nothing, and half an entry is thrown away")
{
    OL_AUTO(lab) l;
    journal_hold hold = JOURNAL_HOLD_NONE;
    char path[JOURNAL_PATH_BYTES + 32];
    ol_err err;
    lab_open(&l);
    const journal_entry one = entry(5, "hash1");
    CHECK_OK(journal_write(l.folder, &one, &hold, &err));
    journal_drop(&hold);
    (void)snprintf(path, sizeof path, "%s/9.json", l.folder);
    CHECK_OK(ol_file_save(path, ol_str_bytes(OL_STR("{\"request_id\":7,\"da")), 0600, &err));
    journal_recover(l.folder, found, &l);
    CHECK_EQ(l.found, 0);
    CHECK(access(path, F_OK) != 0);
}
