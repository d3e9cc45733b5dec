/* A coordinator to test: the real program on free ports, with a database and a cache in a folder
 * of its own, spoken to over real HTTP. A fault of the lab itself fails the running test. */
#ifndef TESTS_COORDINATOR_LAB_H
#define TESTS_COORDINATOR_LAB_H

#include <sys/types.h>

#include "lib/codec/json_read.h"
#include "tests/harness/test.h"
#include "tests/harness/wire_client.h"

#define LAB_ADMIN_TOKEN "lab-admin-token"
/* The secret of every key the lab makes, and the proof stored of it. */
#define LAB_SECRET "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define LAB_PROOF "2a8abfa8cb9906290437854193ca6bca41d4d4e26d1d454bd66a35158095e737"

enum { LAB_WAIT_MS = 20000 };

typedef struct lab {
    pid_t pid;
    ol_fd log; /* standard error of the program */
    ol_buf seen;
    uint16_t port;
    uint16_t private_port;
    char folder[64];
    char worker[256]; /* "Authorization: Bearer …\r\n" of the worker "lab" */
    wire_client client;
    wire_client inner; /* to the private listener */
    ol_arena arena;
    unsigned made; /* for unique names */
    bool clocked;
    int64_t advanced_ms;
} lab;

/* `settings`: NAME=value …, NULL behind the last; NULL for none. The projects file serves
 * bob.near/x, bob.near/y and a.near/p. */
void lab_start(lab *it, const char *const *settings);
/* The same under a clock that lab_advance puts forward. */
void lab_start_clocked(lab *it, const char *const *settings);
void lab_advance(lab *it, int64_t ms);
/* The same with a projects file of one's own. */
void lab_start_with(lab *it, const char *projects, const char *const *settings);
void lab_stop(lab *it);                                 /* SIGTERM; the program must exit 0 */
void lab_restart(lab *it, const char *const *settings); /* the same folder */
void lab_kill(lab *it);                                 /* SIGKILL; lab_restart may follow */

/* A worker token of its own, as a header line in the arena. */
const char *lab_token(lab *it, const char *name);

/* One exchange. `headers`: lines ended by \r\n. The answer dies with the next one; lab_keep copies
 * a text into the arena. */
wire_answer lab_send(lab *it, const char *method, const char *path, const char *headers,
                     const char *body);
/* With content-type: application/json. */
wire_answer lab_post(lab *it, const char *path, const char *headers, const char *body);
/* As the worker "lab". */
wire_answer lab_work(lab *it, const char *path, const char *body);
wire_answer lab_work_get(lab *it, const char *path);
wire_answer lab_inner(lab *it, const char *method, const char *path, const char *headers,
                      const char *body);
ol_str lab_keep(lab *it, ol_str text);
const char *lab_text(lab *it, const char *format, ...) OL_PRINTF(2, 3);

/* An exchange that others run beside: sent now, read later. */
typedef struct lab_pending {
    wire_client client;
    int fd;
    ol_buf in;
} lab_pending;
/* The request as it is, to the last byte. */
lab_pending lab_begin_raw(lab *it, ol_str request);
lab_pending lab_begin(lab *it, const char *method, const char *path, const char *headers,
                      const char *body);
wire_answer lab_finish(lab_pending *pending); /* frees nothing before lab_drop */
bool lab_answered(const lab_pending *pending, int timeout_ms);
void lab_drop(lab_pending *pending); /* closes, answered or not */

/* A funded payment key owner:nonce, scope as JSON list ("" none), cap NULL or decimal; returns its
 * header line. */
const char *lab_key(lab *it, const char *owner, unsigned nonce, const char *balance,
                    const char *scope, const char *cap);
const char *lab_key_header(lab *it, const char *owner, unsigned nonce);
/* The key of code built from GitHub: hex SHA-256 of its coordinates, target wasm32-wasip1
 * (Coordinator 4.1). In the arena. */
const char *lab_checksum(lab *it, const char *repo, const char *commit);
/* Puts an empty module into the cache under that key, as a compiler does. */
void lab_code(lab *it, const char *repo, const char *commit);
/* Members of /payment-keys/balance. */
typedef struct lab_balance {
    uint64_t initial;
    uint64_t spent;
    uint64_t reserved;
    uint64_t available;
} lab_balance;
lab_balance lab_balance_of(lab *it, const char *key_header);

/* Members of a JSON answer; a missing one fails the test. */
ol_str lab_member(lab *it, ol_str json, const char *path); /* "jobs.0.job_id"; raw, quotes off */
bool lab_has(ol_str json, const char *path);
uint64_t lab_number(lab *it, ol_str json, const char *path);

/* An async call of bob.near/y; returns its id. `headers` beside the key's. */
const char *lab_call(lab *it, const char *key_header, const char *headers);
/* Polls and claims the next execute task; returns the job id. */
uint64_t lab_take(lab *it, const char *worker_id);

#endif
