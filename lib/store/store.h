/* The store: one writer thread that commits operations in groups, and a few reading connections.
 *
 * An operation is a struct whose first member is an ol_op. It is one transaction: `run` checks and
 * writes on the writer thread inside a savepoint of its own; failing undoes it alone. The thread
 * takes what is queued, runs it all in one transaction, commits once, and syncs once if a member
 * promised durability. `done` comes after that, still on the writer thread, so it must be quick. */
#ifndef OL_STORE_STORE_H
#define OL_STORE_STORE_H

#include "lib/store/db.h"

typedef struct ol_store ol_store;
typedef struct ol_op ol_op;

struct ol_op {
    /* Set by the function that offers the operation. */
    ol_rc (*run)(ol_op *op, ol_db *db); /* fills op->err when it fails */
    void *owner;                        /* whatever `run` needs beside the operation */
    /* The answer promises that the effect survives any crash (Coordinator 14, class D). Operations
     * without it are still committed in order: a later synced group makes them durable too. */
    bool durable;

    /* Set by the caller. NULL waits: the offering function returns after the commit. */
    void (*done)(ol_op *op);
    void *context; /* the caller's own */

    /* Result. */
    ol_rc rc;
    ol_err err;

    /* The store's own. */
    ol_op *next;
    size_t events_from;
    size_t events_to;
};

enum {
    OL_STORE_QUEUE_MAX = 65536, /* operations waiting; more are refused with OL_ERR_UNAVAILABLE */
    OL_STORE_GROUP_MAX = 256,   /* operations in one transaction */
    OL_STORE_READERS_MAX = 8,
};

/* What an operation tells the world once it is committed. The owner of the store keeps a list of
 * events; the writer thread asks for its length, cuts it when an operation is undone, and delivers
 * the part of each operation right before its `done`. */
typedef struct ol_store_events {
    size_t (*count)(void *context);
    void (*cut)(void *context, size_t count);
    void (*deliver)(void *context, size_t from, size_t to);
    void *context;
} ol_store_events;

typedef struct ol_store_settings {
    const char *path;       /* of the SQLite file; its folder must exist */
    unsigned readers;       /* 1..OL_STORE_READERS_MAX */
    const char *vfs;        /* NULL: the standard one; tests pass one that fails */
    ol_store_events events; /* all NULL: none */
} ol_store_settings;

/* Opens or creates, brings the schema up to date, prepares every statement. A file of a newer
 * schema is refused (OL_ERR_STORAGE). */
ol_rc ol_store_open(const ol_store_settings *settings, ol_store **ret, ol_err *err);
/* Runs what is queued, then closes. */
void ol_store_close(ol_store *store);

/* Queues an operation; it stays the caller's and must not be touched until `done` (or, with NULL
 * `done`, until this returns). When the store refuses, `done` runs at once on this thread. */
void ol_store_submit(ol_store *store, ol_op *op);

/* A reading connection: sees what is committed. Wait is short; give it back soon. Any thread. */
ol_db *ol_store_read_begin(ol_store *store);
void ol_store_read_end(ol_store *store, ol_db *db);

typedef struct ol_store_figures {
    uint64_t operations;
    uint64_t groups;
    uint64_t syncs;
} ol_store_figures;

ol_store_figures ol_store_figures_of(ol_store *store);

#endif
