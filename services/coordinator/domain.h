/* The domain of the coordinator: money, queue, leases, caches, records. HTTP knows none of it, and
 * it knows nothing of HTTP. Every operation is one transaction with its guard in the statement.
 *
 *   ledger.h   payment keys, balances, top-ups      calls.h    HTTPS calls: admit, read, settle
 *   queue.h    requests, poll, claim, complete      workers.h  tokens, sessions, beats, locks
 *   wasm_cache.h  compiled-once code                projects.h UUIDs, pricing
 *   proofs.h   attestation records                  tasks.h    system tasks for the chain worker
 *
 * How to call one that writes: fill the struct, set `op.done` and `op.context`, call the function.
 * `done` runs on the writer thread after the commit and finds the result in the struct (`op.rc`,
 * `op.err` with the text and status of the specification). Without `done` the function waits.
 * Inputs are borrowed until `done`; outputs live in the arena the struct was given, which nobody
 * else may use meanwhile. Functions that return ol_rc only read, at once, on any thread. */
#ifndef COORDINATOR_DOMAIN_H
#define COORDINATOR_DOMAIN_H

#include "lib/base/clock.h"
#include "lib/crypto/random.h"
#include "lib/proto/job.h"
#include "lib/store/store.h"

typedef struct domain domain;

typedef enum call_status { CALL_PENDING, CALL_COMPLETED, CALL_FAILED } call_status;

/* Who holds the money and the word of a call; the answer of Coordinator 2.1 and 2.2. */
typedef struct call_answer {
    ol_uuid_text call_id;
    call_status status;
    bool expired;       /* its window passed: a waiting client gets 504 */
    ol_str output_json; /* one JSON value, byte for byte as delivered; may be absent */
    ol_str error;       /* may be absent */
    bool has_cost;      /* false while pending */
    ol_usd compute_cost;
    uint64_t instructions;
    uint64_t time_ms;
    int64_t job_id; /* 0: none; names the attestation record */
} call_answer;

typedef enum domain_event_kind {
    EVENT_QUEUED_COMPILE, /* work a poll with that capability can take */
    EVENT_QUEUED_EXECUTE,
    EVENT_CALL_FINISHED, /* `call` is set, borrowed until the callback returns */
    EVENT_SYSTEM_TASK,
} domain_event_kind;

typedef struct domain_event {
    domain_event_kind kind;
    const call_answer *call;
} domain_event;

typedef struct domain_settings {
    const char *database_path;
    const char *wasm_folder;
    uint64_t wasm_bytes_max;        /* WASM_CACHE_MAX_SIZE_GB in bytes */
    unsigned wasm_disk_percent_max; /* of the disk in use, by whomever (Coordinator 5); 0: 80 */
    unsigned readers;               /* reading connections; 0: 4 */
    const char *vfs;                /* tests only */

    ol_usd compute_limit_standard; /* DEFAULT_COMPUTE_LIMIT */
    ol_usd compute_limit_min;      /* MIN_COMPUTE_LIMIT */
    uint64_t call_seconds;         /* HTTPS_CALL_TIMEOUT_SECONDS */
    uint64_t async_extra_seconds;  /* queue allowance of asynchronous calls; 900 */
    uint64_t calls_in_flight_max;  /* MAX_CONCURRENT_CALLS_PER_KEY */

    /* Delivery (Coordinator 4.3); 0 takes the specification's figure. */
    uint64_t visibility_seconds;   /* a polled task is invisible for; 60 */
    uint64_t lease_margin_seconds; /* of a lease beyond the job's own limit; 120 */
    uint64_t system_lease_seconds; /* a system task is invisible for; 300 */
    uint64_t silent_seconds;       /* a worker silent for longer loses its leases; 120 */
    uint64_t pulse_seconds;        /* likewise one that told its life; 20 */
    uint64_t sweep_ms;             /* between two rounds of background work at most; 5,000 */
    uint64_t eviction_seconds;     /* between two looks at the cache; 3,600 */

    const ol_clock *clock;
    const ol_random *random;
    /* After the commit, on the writer thread, right before the `done` of the operation that caused
     * it. Must not wait, and may submit operations. NULL: nobody listens. */
    void (*on_event)(void *context, const domain_event *event);
    void *event_context;
    /* false: the caller turns the crank with domain_sweep (tests). */
    bool background;
} domain_settings;

ol_rc domain_open(const domain_settings *settings, domain **ret, ol_err *err);
void domain_close(domain *d); /* finishes what is queued */
ol_store *domain_store(domain *d);
const ol_clock *domain_clock(const domain *d);

/* One round of background work at the clock's present: expired calls settled one by one, leases
 * lost, undelivered work shown again, challenges and old rows purged (Coordinator 12). In the
 * background it runs by one timer: at the next deadline, at the latest after 5 s. */
ol_rc domain_sweep(domain *d, ol_err *err);

/* The invariants of Coordinator 3.1 over the whole ledger; OL_ERR_INTERNAL naming the first row
 * that breaks one. For tests and `doctor`. */
ol_rc ledger_check(domain *d, ol_err *err);

/* SELECT 1 on a reading connection, for /health/detailed. */
ol_rc domain_ping(domain *d, ol_err *err);

#endif
