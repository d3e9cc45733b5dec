/* Group commit: one transaction and at most one sync for what was queued together, durability only
 * for those who asked, and order for everybody (architecture, Durability). */
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/store/store.h"
#include "tests/harness/test.h"
#include "tests/unit/store/fault_vfs.h"

/* ---- A store of projects, which is as good a table as any. */

typedef struct bench {
    char folder[64];
    char path[96];
    ol_store *store;
} bench;

static void bench_start(bench *b)
{
    const ol_store_settings settings = {.path = b->path, .readers = 1, .vfs = FAULT_VFS};
    ol_err err;
    CHECK_OK(ol_store_open(&settings, &b->store, &err));
}

static bench bench_open(void)
{
    bench b = {.folder = "/tmp/ol-store-XXXXXX"};
    fault_vfs_install();
    fault_reset();
    CHECK(mkdtemp(b.folder) != NULL);
    (void)snprintf(b.path, sizeof b.path, "%s/db", b.folder);
    bench_start(&b);
    return b;
}

static void bench_close(bench *b)
{
    static const char *const left[] = {"db", "db-wal", "db-shm", "db.synced", "db-wal.synced"};
    char path[128];
    ol_store_close(b->store);
    fault_reset();
    OL_EACH (name, left) {
        (void)snprintf(path, sizeof path, "%s/%s", b->folder, *name);
        (void)unlink(path);
    }
    CHECK_EQ(rmdir(b->folder), 0);
}

typedef struct put {
    ol_op op;
    const char *name;
    bool fail_after; /* writes, and then fails */
    int order;       /* out: when it was done */
} put;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static ol_rc put_run(ol_op *op, ol_db *db)
{
    const put *it = (const put *)op;
    OL_TRY(ol_db_run(db, OL_SQL_PROJECT_PUT, &op->err, OL_ARG("project_id", ol_str_of(it->name)),
                     OL_ARG("uuid", OL_STR("u"))));
    return it->fail_after ? ol_fail(&op->err, OL_ERR_CONFLICT, "changed its mind") : OL_OK;
}

static put put_of(const char *name, bool durable)
{
    return (put){.op = {.run = put_run, .durable = durable}, .name = name};
}

static ol_rc put_now(bench *b, const char *name, bool durable)
{
    put it = put_of(name, durable);
    ol_store_submit(b->store, &it.op);
    return it.op.rc;
}

static bool has(bench *b, const char *name)
{
    ol_rows rows;
    ol_err err;
    ol_db *db = ol_store_read_begin(b->store);
    CHECK_OK(
        ol_db_query(db, OL_SQL_PROJECT_FIND, &rows, &err, OL_ARG("project_id", ol_str_of(name))));
    bool found = ol_rows_next(&rows);
    CHECK_OK(ol_rows_end(&rows, &err));
    ol_store_read_end(b->store, db);
    return found;
}

/* ---- Holding the writer, so that what comes meanwhile forms one group. */

typedef struct gate {
    ol_op op;
    bool entered;
    bool open;
    bool left;
} gate;

static ol_rc gate_run(ol_op *op, ol_db *db)
{
    gate *it = (gate *)op;
    (void)db;
    (void)pthread_mutex_lock(&lock);
    it->entered = true;
    (void)pthread_cond_broadcast(&changed);
    while (!it->open)
        (void)pthread_cond_wait(&changed, &lock);
    (void)pthread_mutex_unlock(&lock);
    return OL_OK;
}

static void gate_done(ol_op *op)
{
    (void)pthread_mutex_lock(&lock);
    ((gate *)op)->left = true;
    (void)pthread_cond_broadcast(&changed);
    (void)pthread_mutex_unlock(&lock);
}

static void gate_close(bench *b, gate *it)
{
    *it = (gate){.op = {.run = gate_run, .done = gate_done}};
    ol_store_submit(b->store, &it->op);
    (void)pthread_mutex_lock(&lock);
    while (!it->entered)
        (void)pthread_cond_wait(&changed, &lock);
    (void)pthread_mutex_unlock(&lock);
}

static void gate_open(gate *it)
{
    (void)pthread_mutex_lock(&lock);
    it->open = true;
    (void)pthread_cond_broadcast(&changed);
    while (!it->left)
        (void)pthread_cond_wait(&changed, &lock);
    (void)pthread_mutex_unlock(&lock);
}

static int done_count;

static void put_done(ol_op *op)
{
    (void)pthread_mutex_lock(&lock);
    ((put *)op)->order = ++done_count;
    (void)pthread_cond_broadcast(&changed);
    (void)pthread_mutex_unlock(&lock);
}

static void wait_done(int count)
{
    (void)pthread_mutex_lock(&lock);
    while (done_count < count)
        (void)pthread_cond_wait(&changed, &lock);
    (void)pthread_mutex_unlock(&lock);
}

/* Queues them behind a closed gate, opens it, waits. */
static void run_group(bench *b, put *puts, int count)
{
    gate g;
    gate_close(b, &g);
    done_count = 0;
    for (int i = 0; i < count; i++) {
        puts[i].op.done = put_done;
        ol_store_submit(b->store, &puts[i].op);
    }
    gate_open(&g);
    wait_done(count);
}

/* ---- */

TEST("what nobody was promised is committed without a sync")
{
    bench b = bench_open();
    fault_reset();
    CHECK_EQ(put_now(&b, "a", false), OL_OK);
    CHECK(has(&b, "a"));
    CHECK_EQ(fault_log_syncs(), 0);
    bench_close(&b);
}

TEST("a promise costs one sync, and nothing when there is nothing new to sync")
{
    bench b = bench_open();
    fault_reset();
    CHECK_EQ(put_now(&b, "a", true), OL_OK);
    unsigned first = fault_log_syncs();
    CHECK(first >= 1 && first <= 2); /* a fresh log syncs its header once more */
    CHECK_EQ(put_now(&b, "b", true), OL_OK);
    CHECK_EQ(fault_log_syncs(), first + 1);
    gate g; /* changes nothing */
    gate_close(&b, &g);
    gate_open(&g);
    CHECK_EQ(fault_log_syncs(), first + 1);
    bench_close(&b);
}

TEST("a group of eight with one promise is one transaction and one sync, answered in order")
{
    bench b = bench_open();
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    put puts[8];
    CHECK_EQ(put_now(&b, "first", true), OL_OK); /* the log has its header */
    ol_store_figures before = ol_store_figures_of(b.store);
    fault_reset();
    for (int i = 0; i < 8; i++)
        puts[i] = put_of(names[i], i == 3);
    run_group(&b, puts, 8);
    ol_store_figures after = ol_store_figures_of(b.store);
    CHECK_EQ(after.operations - before.operations, 9);
    CHECK_EQ(after.groups - before.groups, 2); /* the gate's and theirs */
    CHECK_EQ(fault_log_syncs(), 1);
    for (int i = 0; i < 8; i++) {
        CHECK_EQ(puts[i].op.rc, OL_OK);
        CHECK_EQ(puts[i].order, i + 1);
        CHECK(has(&b, names[i]));
    }
    bench_close(&b);
}

TEST("an operation that fails is undone alone")
{
    bench b = bench_open();
    put puts[3] = {put_of("a", false), put_of("b", false), put_of("c", false)};
    puts[1].fail_after = true;
    run_group(&b, puts, 3);
    CHECK_EQ(puts[0].op.rc, OL_OK);
    CHECK_EQ(puts[1].op.rc, OL_ERR_CONFLICT);
    CHECK_STR(ol_err_text(&puts[1].op.err), OL_STR("changed its mind"));
    CHECK_EQ(puts[2].op.rc, OL_OK);
    CHECK(has(&b, "a") && !has(&b, "b") && has(&b, "c"));
    bench_close(&b);
}

/* What a loss of power right now would leave, opened as a database. */
static bool survives(bench *b, const char *name)
{
    char command_from[160];
    char to[160];
    bench after = {.folder = "/tmp/ol-store-XXXXXX"};
    static const char *const files[] = {"db", "db-wal"};
    CHECK(mkdtemp(after.folder) != NULL);
    (void)snprintf(after.path, sizeof after.path, "%s/db", after.folder);
    OL_EACH (file, files) {
        uint8_t *bytes = malloc(1 << 22);
        CHECK(bytes != NULL);
        (void)snprintf(command_from, sizeof command_from, "%s/%s.synced", b->folder, *file);
        (void)snprintf(to, sizeof to, "%s/%s", after.folder, *file);
        FILE *in = fopen(command_from, "rb");
        FILE *out = fopen(to, "wb");
        CHECK(in != NULL && out != NULL);
        size_t n = fread(bytes, 1, 1 << 22, in);
        CHECK_EQ(fwrite(bytes, 1, n, out), n);
        (void)fclose(in);
        (void)fclose(out);
        free(bytes);
    }
    bench_start(&after);
    bool found = has(&after, name);
    ol_store_close(after.store);
    (void)unlink(after.path);
    (void)rmdir(after.folder);
    return found;
}

TEST("after a loss of power there is all up to the last promise, in order, and nothing half")
{
    bench b = bench_open();
    ol_store_close(b.store); /* folds the log, so that the database file is whole */
    fault_keep_synced();
    bench_start(&b);
    CHECK_EQ(put_now(&b, "zero", true), OL_OK);
    /* The database file was synced when the schema was made; keep it as it is. */
    char path[128];
    (void)snprintf(path, sizeof path, "%s/db.synced", b.folder);
    if (access(path, F_OK) != 0) {
        char from[128];
        (void)snprintf(from, sizeof from, "%s/db", b.folder);
        FILE *in = fopen(from, "rb");
        FILE *out = fopen(path, "wb");
        CHECK(in != NULL && out != NULL);
        for (int c = fgetc(in); c != EOF; c = fgetc(in))
            (void)fputc(c, out);
        (void)fclose(in);
        (void)fclose(out);
    }
    CHECK_EQ(put_now(&b, "one", false), OL_OK);
    CHECK(has(&b, "one"));
    CHECK(!survives(&b, "one")); /* committed, promised to nobody */
    CHECK_EQ(put_now(&b, "two", true), OL_OK);
    CHECK(survives(&b, "two"));
    CHECK(survives(&b, "one")); /* the log keeps the order */
    CHECK_EQ(put_now(&b, "three", false), OL_OK);
    CHECK(!survives(&b, "three"));
    CHECK(survives(&b, "zero"));
    bench_close(&b);
}

TEST("a sync that fails answers the promise as broken, and so everything after it")
{
    bench b = bench_open();
    CHECK_EQ(put_now(&b, "a", true), OL_OK);
    CHECK_EQ(put_now(&b, "b", false), OL_OK);
    gate g;
    gate_close(&b, &g);
    put it = put_of("c", true);
    done_count = 0;
    it.op.done = put_done;
    ol_store_submit(b.store, &it.op);
    /* Writes of the commit pass; its sync does not. Count them on a like commit first. */
    fault_reset();
    gate_open(&g);
    wait_done(1);
    unsigned calls = fault_writes() + fault_log_syncs();
    CHECK_EQ(it.op.rc, OL_OK);
    fault_io_fail(calls, false);
    CHECK_EQ(put_now(&b, "d", true), OL_ERR_STORAGE);
    CHECK(fault_happened());
    CHECK_EQ(put_now(&b, "e", false), OL_ERR_STORAGE);
    CHECK(!has(&b, "e"));
    ol_store_close(b.store); /* a new start knows again what is on disk */
    fault_reset();
    bench_start(&b);
    CHECK_EQ(put_now(&b, "f", true), OL_OK);
    bench_close(&b);
}

TEST("whichever write fails, an answer of success stays true and the store opens again")
{
    for (unsigned at = 1; at <= 12; at++) {
        bench b = bench_open();
        CHECK_EQ(put_now(&b, "before", true), OL_OK);
        fault_io_fail(at, false);
        bool ok[3];
        static const char *const names[] = {"a", "b", "c"};
        for (int i = 0; i < 3; i++)
            ok[i] = put_now(&b, names[i], true) == OL_OK;
        ol_store_close(b.store);
        fault_reset();
        bench_start(&b);
        CHECK(has(&b, "before"));
        for (int i = 0; i < 3; i++)
            CHECK(!ok[i] || has(&b, names[i]));
        bench_close(&b);
    }
}

TEST("whichever allocation of the database fails, an answer of success stays true")
{
    bool more = true;
    unsigned failed = 0;
    for (unsigned at = 1; more; at++) {
        bench b = bench_open();
        CHECK_EQ(put_now(&b, "before", true), OL_OK);
        fault_memory_fail(at);
        bool one = put_now(&b, "one", false) == OL_OK;
        bool two = put_now(&b, "two", true) == OL_OK;
        more = fault_happened();
        failed += more;
        fault_reset();
        CHECK(has(&b, "before"));
        CHECK_EQ(has(&b, "one"), one);
        CHECK(!two || has(&b, "two"));
        CHECK_EQ(put_now(&b, "after", true), OL_OK);
        bench_close(&b);
    }
    CHECK(failed > 0);
}

/* ---- Killed processes. */

/* Writes numbers in order, durable ones now and then, and says each answer on the pipe. */
_Noreturn static void child_writes(const char *path, int to)
{
    const ol_store_settings settings = {.path = path, .readers = 1};
    ol_store *store;
    ol_err err;
    if (ol_store_open(&settings, &store, &err) != OL_OK)
        _exit(1);
    for (uint32_t i = 0;; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "n%u", i);
        put it = put_of(name, i % 4 == 0);
        ol_store_submit(store, &it.op);
        if (it.op.rc != OL_OK || write(to, &i, sizeof i) != sizeof i)
            _exit(1);
    }
}

TEST("a process killed while it writes leaves what it answered, in order, without a gap")
{
    for (int round = 0; round < 5; round++) {
        bench b = bench_open();
        ol_store_close(b.store);
        int ends[2];
        uint32_t answered = 0;
        CHECK_EQ(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0)
            child_writes(b.path, ends[1]);
        (void)close(ends[1]);
        uint32_t until = 20 + 37 * (uint32_t)round;
        while (answered < until && read(ends[0], &answered, sizeof answered) == sizeof answered)
            ;
        CHECK(answered >= until);
        (void)kill(child, SIGKILL);
        while (read(ends[0], &answered, sizeof answered) == sizeof answered)
            ; /* what it had said already */
        (void)close(ends[0]);
        (void)waitpid(child, NULL, 0);
        bench_start(&b);
        bool gap = false;
        for (uint32_t i = 0; i <= answered + 2; i++) {
            char name[16];
            (void)snprintf(name, sizeof name, "n%u", i);
            bool found = has(&b, name);
            CHECK(found || i > answered);
            CHECK(!(found && gap));
            gap |= !found;
        }
        bench_close(&b);
    }
}

TEST("a file of a newer schema is refused")
{
    bench b = bench_open();
    ol_store_close(b.store);
    sqlite3 *file;
    CHECK_EQ(sqlite3_open(b.path, &file), SQLITE_OK);
    CHECK_EQ(sqlite3_exec(file, "PRAGMA user_version=999", NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(file);
    const ol_store_settings settings = {.path = b.path, .readers = 1};
    ol_err err;
    ol_store *store = NULL;
    CHECK_EQ(ol_store_open(&settings, &store, &err), OL_ERR_STORAGE);
    CHECK_HAS(ol_err_text(&err), OL_STR("schema version 999"), "");
    b.store = NULL;
    bench_close(&b);
}
