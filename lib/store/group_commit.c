/* The writer thread and the reading connections of a store. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/store/sqlite/backend.h"
#include "lib/store/store.h"

struct ol_store {
    ol_store_events events;
    ol_db *writer;
    pthread_t thread;
    bool thread_started;
    bool broken;   /* a sync failed: what is on disk is unknown until the next start */
    bool unsynced; /* committed changes that no sync has covered yet; writer thread only */

    pthread_mutex_t lock; /* the queue and the figures */
    pthread_cond_t arrived;
    ol_op *first;
    ol_op *last;
    size_t waiting;
    bool closing;
    ol_store_figures figures;

    pthread_mutex_t readers_lock;
    pthread_cond_t reader_free;
    ol_db *reader[OL_STORE_READERS_MAX]; /* idle ones first */
    unsigned readers;
    unsigned readers_idle;
};

/* ---- One group, on the writer thread. */

static size_t events_count(ol_store *store)
{
    return store->events.count != NULL ? store->events.count(store->events.context) : 0;
}

static void events_cut(ol_store *store, size_t count)
{
    if (store->events.cut != NULL)
        store->events.cut(store->events.context, count);
}

static void group_fail(ol_op *first, const ol_err *why)
{
    for (ol_op *op = first; op != NULL; op = op->next) {
        if (op->rc == OL_OK) {
            op->rc = why->rc;
            op->err = *why;
        }
    }
}

/* Runs one operation in its savepoint. false: the whole transaction is gone. */
static bool op_run(ol_store *store, ol_op *op)
{
    ol_err err;
    op->events_from = events_count(store);
    op->rc = ol__db_savepoint(store->writer, &op->err);
    if (op->rc == OL_OK)
        op->rc = op->run(op, store->writer);
    if (!ol__db_in_transaction(store->writer))
        return false;
    if (op->rc == OL_OK)
        op->rc = ol__db_savepoint_release(store->writer, &op->err);
    if (op->rc != OL_OK) {
        events_cut(store, op->events_from);
        if (ol__db_savepoint_undo(store->writer, &err) != OL_OK)
            return false;
    }
    op->events_to = events_count(store);
    return true;
}

static bool group_promises(const ol_op *first)
{
    for (const ol_op *op = first; op != NULL; op = op->next)
        if (op->durable && op->rc == OL_OK)
            return true;
    return false;
}

static ol_rc group_sync(ol_store *store, ol_err *err)
{
    if (!store->unsynced)
        return OL_OK;
    OL_TRY(ol__db_sync(store->writer, err));
    store->unsynced = false;
    (void)pthread_mutex_lock(&store->lock);
    store->figures.syncs++;
    (void)pthread_mutex_unlock(&store->lock);
    return OL_OK;
}

static ol_rc group_run(ol_store *store, ol_op *first, ol_err *err)
{
    uint64_t before = ol__db_changes(store->writer);
    if (store->broken)
        return ol_fail(err, OL_ERR_STORAGE, "Storage unavailable");
    OL_TRY(ol__db_begin(store->writer, err));
    for (ol_op *op = first; op != NULL; op = op->next)
        if (!op_run(store, op))
            return ol_fail(err, OL_ERR_STORAGE, "Storage unavailable");
    OL_TRY(ol__db_commit(store->writer, err));
    store->unsynced |= ol__db_changes(store->writer) != before;
    if (!group_promises(first))
        return OL_OK;
    ol_rc rc = group_sync(store, err);
    store->broken = rc != OL_OK; /* pages the kernel failed to write may be marked clean */
    return rc;
}

/* Delivers each operation's events right before its answer, so that whoever starts to wait in a
 * `done` misses nothing that came later in the group. */
static void group_deliver(ol_store *store, ol_op *first)
{
    ol_op *next;
    for (ol_op *op = first; op != NULL; op = next) {
        next = op->next;
        if (op->rc == OL_OK && store->events.deliver != NULL)
            store->events.deliver(store->events.context, op->events_from, op->events_to);
        op->done(op);
    }
    events_cut(store, 0);
}

static void group_commit(ol_store *store, ol_op *first)
{
    ol_err err = {0};
    if (group_run(store, first, &err) != OL_OK) {
        ol__db_rollback(store->writer);
        events_cut(store, 0);
        group_fail(first, &err);
    }
    group_deliver(store, first);
}

/* Takes the queue's head, at most OL_STORE_GROUP_MAX; NULL when closing and empty. */
static ol_op *group_take(ol_store *store)
{
    (void)pthread_mutex_lock(&store->lock);
    while (store->first == NULL && !store->closing)
        (void)pthread_cond_wait(&store->arrived, &store->lock);
    ol_op *first = store->first;
    ol_op *last = NULL;
    size_t count = 0;
    for (ol_op *op = first; op != NULL && count < OL_STORE_GROUP_MAX; op = op->next) {
        last = op;
        count++;
    }
    if (last != NULL) {
        store->first = last->next;
        last->next = NULL;
        if (store->first == NULL)
            store->last = NULL;
        store->figures.operations += count;
        store->figures.groups++;
    }
    store->waiting -= count;
    (void)pthread_mutex_unlock(&store->lock);
    return first;
}

static void *writer_main(void *argument)
{
    ol_store *store = argument;
    ol_op *group;
    while ((group = group_take(store)) != NULL)
        group_commit(store, group);
    return NULL;
}

/* ---- Offering operations. */

static bool queue_push(ol_store *store, ol_op *op)
{
    (void)pthread_mutex_lock(&store->lock);
    bool room = !store->closing && store->waiting < OL_STORE_QUEUE_MAX;
    if (room) {
        op->next = NULL;
        if (store->last != NULL)
            store->last->next = op;
        else
            store->first = op;
        store->last = op;
        store->waiting++;
        (void)pthread_cond_signal(&store->arrived);
    }
    (void)pthread_mutex_unlock(&store->lock);
    return room;
}

typedef struct waited {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done;
} waited;

static void wake(ol_op *op)
{
    waited *w = op->context;
    (void)pthread_mutex_lock(&w->lock);
    w->done = true;
    (void)pthread_cond_signal(&w->changed);
    (void)pthread_mutex_unlock(&w->lock);
}

static void submit_and_wait(ol_store *store, ol_op *op)
{
    OL_ASSERT(!pthread_equal(pthread_self(), store->thread)); /* it would wait for itself */
    waited w = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    void *context = op->context;
    op->context = &w;
    op->done = wake;
    ol_store_submit(store, op);
    (void)pthread_mutex_lock(&w.lock);
    while (!w.done)
        (void)pthread_cond_wait(&w.changed, &w.lock);
    (void)pthread_mutex_unlock(&w.lock);
    (void)pthread_cond_destroy(&w.changed);
    (void)pthread_mutex_destroy(&w.lock);
    op->done = NULL;
    op->context = context;
}

void ol_store_submit(ol_store *store, ol_op *op)
{
    OL_ASSERT(op->run != NULL);
    if (op->done == NULL) {
        submit_and_wait(store, op);
        return;
    }
    if (!queue_push(store, op)) {
        op->rc = ol_fail(&op->err, OL_ERR_UNAVAILABLE, "Too many operations are waiting");
        op->done(op);
    }
}

/* ---- Readers. */

ol_db *ol_store_read_begin(ol_store *store)
{
    (void)pthread_mutex_lock(&store->readers_lock);
    while (store->readers_idle == 0)
        (void)pthread_cond_wait(&store->reader_free, &store->readers_lock);
    ol_db *db = store->reader[--store->readers_idle];
    (void)pthread_mutex_unlock(&store->readers_lock);
    return db;
}

void ol_store_read_end(ol_store *store, ol_db *db)
{
    (void)pthread_mutex_lock(&store->readers_lock);
    store->reader[store->readers_idle++] = db;
    (void)pthread_cond_signal(&store->reader_free);
    (void)pthread_mutex_unlock(&store->readers_lock);
}

/* ---- Opening and closing. */

static ol_rc open_all(ol_store *store, const ol_store_settings *settings, ol_err *err)
{
    OL_TRY(ol__db_open(settings->path, settings->vfs, OL__DB_WRITER, &store->writer, err));
    for (unsigned i = 0; i < settings->readers; i++) {
        OL_TRY(ol__db_open(settings->path, settings->vfs, OL__DB_READER, &store->reader[i], err));
        store->readers = store->readers_idle = i + 1;
    }
    if (pthread_create(&store->thread, NULL, writer_main, store) != 0)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Cannot start the writer thread");
    store->thread_started = true;
    return OL_OK;
}

ol_rc ol_store_open(const ol_store_settings *settings, ol_store **ret, ol_err *err)
{
    OL_ASSERT(settings->readers >= 1 && settings->readers <= OL_STORE_READERS_MAX);
    ol_store *store = calloc(1, sizeof *store);
    if (store == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    store->events = settings->events;
    (void)pthread_mutex_init(&store->lock, NULL);
    (void)pthread_cond_init(&store->arrived, NULL);
    (void)pthread_mutex_init(&store->readers_lock, NULL);
    (void)pthread_cond_init(&store->reader_free, NULL);
    ol_rc rc = open_all(store, settings, err);
    if (rc != OL_OK) {
        ol_store_close(store);
        return rc;
    }
    *ret = store;
    return OL_OK;
}

void ol_store_close(ol_store *store)
{
    if (store == NULL)
        return;
    (void)pthread_mutex_lock(&store->lock);
    store->closing = true;
    (void)pthread_cond_signal(&store->arrived);
    (void)pthread_mutex_unlock(&store->lock);
    if (store->thread_started)
        (void)pthread_join(store->thread, NULL);
    OL_ASSERT(store->readers_idle == store->readers); /* somebody still reads */
    for (unsigned i = 0; i < store->readers; i++)
        ol__db_close(store->reader[i]);
    ol__db_close(store->writer);
    (void)pthread_cond_destroy(&store->reader_free);
    (void)pthread_mutex_destroy(&store->readers_lock);
    (void)pthread_cond_destroy(&store->arrived);
    (void)pthread_mutex_destroy(&store->lock);
    free(store);
}

ol_store_figures ol_store_figures_of(ol_store *store)
{
    (void)pthread_mutex_lock(&store->lock);
    ol_store_figures figures = store->figures;
    (void)pthread_mutex_unlock(&store->lock);
    return figures;
}
