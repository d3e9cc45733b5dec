/* A domain on a real SQLite file in a folder of its own, under a clock and randomness the test
 * turns. lab_close checks the ledger's invariants, so every test that closes its lab checks them.
 */
#ifndef OL_TESTS_COORDINATOR_LAB_H
#define OL_TESTS_COORDINATOR_LAB_H

#include "services/coordinator/calls.h"
#include "services/coordinator/projects.h"
#include "services/coordinator/queue.h"
#include "services/coordinator/tasks.h"
#include "services/coordinator/wasm_cache.h"
#include "services/coordinator/workers.h"
#include "tests/harness/test.h"

enum { LAB_EVENTS_MAX = 4096, LAB_TEXT_BYTES = 256 };

/* Spent and reserved micro-USD of a payment_key_row. */
#define CHECK_MONEY(row, want_spent, want_reserved)                                                \
    do {                                                                                           \
        payment_key_row money_row_ = (row);                                                        \
        CHECK_EQ(money_row_.spent.micro, (want_spent));                                            \
        CHECK_EQ(money_row_.reserved.micro, (want_reserved));                                      \
    } while (0)

/* Queues, or capabilities. */
#define LAB_BOTH (OL_CAP_COMPILATION | OL_CAP_EXECUTION)

typedef struct lab_event {
    domain_event_kind kind;
    call_answer call; /* without its texts */
} lab_event;

typedef struct lab {
    ol_fake_clock clock;
    ol_random random; /* seeded */
    uint64_t seed;
    char folder[64];
    char database[96];
    char wasm[96];
    domain *d;
    domain_settings settings;
    ol_arena arena; /* outputs of operations */
    lab_event event[LAB_EVENTS_MAX];
    size_t events;
} lab;

/* alice.near:1 with 1,000,000 micro-USD, default pricing, 10 calls in flight, window 300 s. */
lab *lab_open(void);
lab *lab_open_with(const char *vfs);
void lab_close(lab *l);                  /* checks the ledger, closes, removes the folder */
void lab_reopen(lab *l);                 /* closes and opens the same file */
void lab_pass(lab *l, uint64_t seconds); /* time goes by, then a sweep */

size_t lab_events_of(const lab *l, domain_event_kind kind);

payment_key lab_key(const char *owner, uint32_t nonce);
/* Through a top-up task, as a worker does. */
void lab_fund(lab *l, const char *owner, uint32_t nonce, uint64_t micro_usd);
payment_key_row lab_balance(lab *l, const char *owner, uint32_t nonce);
payment_key_row lab_alice(lab *l); /* of alice.near:1 */

/* An admission of alice.near:1 for bob.near/p, limit 10,000, no deposit, input {}. */
call_admission lab_call(lab *l);
ol_rc lab_admit(lab *l, call_admission *it);
/* Admits and checks that it worked. */
call_answer lab_admit_ok(lab *l, uint64_t limit, uint64_t deposit);
/* poll+claim with both capabilities; job_id 0: nothing there. */
ol_job_info lab_claim(lab *l);
/* Completes the claimed job with its call in one operation. */
bool lab_finish(lab *l, int64_t job_id, const call_answer *call, bool success,
                uint64_t instructions, uint64_t time_ms, uint64_t refund);
/* POST /https-calls/complete alone. */
ol_rc lab_complete_call(lab *l, const call_answer *call, bool success, uint64_t instructions,
                        bool *ret_finalized);
call_answer lab_look(lab *l, const call_answer *call);

/* A chain request for a GitHub source; request ids count up. */
request_creation lab_request(uint64_t request_id);
void lab_upload(lab *l, const ol_code_source *source); /* its code into the cache */
/* 64 lower-case hex digits of the source's cache key, in the lab's arena. */
ol_str lab_checksum(lab *l, const ol_code_source *source);
job_claim lab_claim_of(lab *l, const ol_task *task, unsigned capabilities);

/* Operations of the queue, checked to have worked. */
queue_poll lab_take(lab *l, unsigned queues);
ol_task lab_task_of(lab *l, const queue_poll *poll); /* fails the test when nothing was found */
request_creation lab_create(lab *l, uint64_t request_id);
job_completion lab_report(lab *l, ol_job_report report);

/* The one number a statement selects. */
int64_t lab_count(lab *l, ol_sql sql, ol_args args);
int64_t lab_history(lab *l, int64_t job); /* rows of execution_history */

#endif
