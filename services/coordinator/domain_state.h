/* What the domain's files share. HTTP never includes it. */
#ifndef COORDINATOR_DOMAIN_STATE_H
#define COORDINATOR_DOMAIN_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "lib/store/blob_dir.h"
#include "services/coordinator/domain.h"

typedef struct recorded_event {
    domain_event_kind kind;
    call_answer call; /* texts are borrowed from the operation */
} recorded_event;

struct domain {
    domain_settings settings;
    ol_store *store;
    ol_blob_dir blobs; /* files are removed on the writer thread alone */

    recorded_event *event; /* of the running group; the writer thread's own */
    size_t events;
    size_t events_size;

    pthread_mutex_t pricing_lock;
    ol_pricing pricing;
    int64_t pricing_read_ms;

    pthread_mutex_t timer_lock;
    pthread_cond_t timer_changed;
    pthread_t timer;
    bool timer_started;
    bool stopping;
    int64_t next_deadline_ms; /* of a pending call; INT64_MAX: none */
    int64_t listening_ms;     /* since then heartbeats could have come */
    int64_t next_eviction_ms;
    int64_t next_retention_ms;
    int64_t forgotten_calls; /* up to this row; the writer thread's own */
    int64_t forgotten_requests;
    int64_t forgotten_system_tasks;

    atomic_uint_fast64_t leases_lost;
    atomic_uint_fast64_t redeliveries;
    atomic_uint_fast64_t evicted;
};

enum {
    SECOND_MS = 1000,
    SWEEP_ROWS_MAX = 256,  /* of each kind in one transaction; the rest follows at once */
    LIST_ROWS_MAX = 10000, /* of a list that has no paging on the wire */
};

int64_t now_ms(const domain *d);

/* Queues `op`, or runs it and waits when it has no `done`. */
void domain_submit(domain *d, ol_op *op, ol_rc (*run)(ol_op *op, ol_db *db), bool durable);

/* On the writer thread, within an operation: told to the world once it is committed. */
void event_add(domain *d, domain_event_kind kind);
void event_add_call(domain *d, const call_answer *call);
/* A call that must not stay pending beyond this time was admitted. */
void deadline_add(domain *d, int64_t deadline_ms);

ol_rc timer_start(domain *d, ol_err *err);
void timer_stop(domain *d);
ol_rc pricing_load(domain *d, ol_err *err);

/* A query on a reading connection for the length of a block:
 *     ol_db *db = ol_store_read_begin(d->store); … ol_store_read_end(d->store, db); */
#define READING(d, db, rc, expression)                                                             \
    do {                                                                                           \
        ol_db *db = ol_store_read_begin((d)->store);                                               \
        (rc) = (expression);                                                                       \
        ol_store_read_end((d)->store, db);                                                         \
    } while (0)

/* Texts from outside that a row keeps. */
enum {
    STORED_ID_BYTES_MAX = 1024,      /* ids, hashes, names */
    COMPILE_SECONDS_CAP = 24 * 3600, /* of a lease, whatever a price list says */
};
/* OL_ERR_INVALID naming the text when it is longer; absent is fine. */
ol_rc text_check(ol_str text, size_t bytes_max, const char *name, ol_err *err);
/* An error's text, cut at a character to OL_ERROR_TEXT_BYTES_MAX. */
ol_str error_text_cut(ol_str text);

/* The writer's answer when a guard that cannot fail did: somebody else wrote, or our own bug. */
ol_rc guard_failed(const char *what, ol_err *err);

#endif
