/* A keystore to test: the real program, a chain that is a script, real HTTP. A fault of the lab
 * itself fails the running test. */
#ifndef TESTS_KEYSTORE_LAB_H
#define TESTS_KEYSTORE_LAB_H

#include <stdatomic.h>
#include <sys/types.h>

#include "lib/codec/json_read.h"
#include "lib/crypto/ed25519.h"
#include "lib/secrets/master.h"
#include "tests/harness/http_stub.h"
#include "tests/harness/test.h"
#include "tests/harness/wire_client.h"

/* The tokens, and the operator whose key opens sessions. */
#define LAB_WORKER "Authorization: Bearer worker-token\r\n"
#define LAB_COORDINATOR "Authorization: Bearer coordinator-token\r\n"
#define LAB_CONTRACT "outlayer.near"
#define LAB_OPERATOR "operator.near"

enum { LAB_NODES_MAX = 3, LAB_ROWS_MAX = 32, LAB_WAIT_MS = 20000 };

/* One thing the chain says: to a view of `method`, or to a query of that request type. */
typedef struct lab_row {
    const char *method; /* NULL ends the script */
    const char *answer; /* a view's JSON, or a query's result; NULL: it does not exist */
    unsigned from_node; /* 0: every node says so; N: only the Nth */
    const char *args;   /* text the arguments must hold; NULL: any */
} lab_row;

typedef struct lab_node {
    struct lab *lab;
    unsigned number; /* from 1 */
    http_stub *stub;
} lab_node;

typedef struct lab {
    pid_t pid;
    ol_fd log;
    ol_buf seen;
    uint16_t port;
    lab_node node[LAB_NODES_MAX];
    unsigned nodes;
    lab_row script[LAB_ROWS_MAX]; /* set between exchanges only */
    atomic_uint views;            /* queries that were asked */
    atomic_uint heads;            /* blocks so far */
    atomic_bool silent;           /* nodes answer 503 */
    unsigned broken;              /* this one does; 0: none. Set between exchanges only */
    unsigned forked;              /* this one has blocks of its own */
    atomic_int pause_ms;          /* before a node answers */
    wire_client client;
    ol_arena arena;
    char session[128]; /* `X-TEE-Session: …\r\n`, or empty */
} lab;

/* `settings`: NAME=value …, NULL behind the last; NULL for none. The master is 00 01 … 1f; facts
 * are asked for anew each time. `nodes` endpoints, 1 to 3. */
void lab_start(lab *it, unsigned nodes, const char *const *settings);
void lab_stop(lab *it); /* SIGTERM; the program must exit 0 */
/* Ends the program and reads its log, into `seen`; lab_stop still has to follow. */
void lab_log_rest(lab *it);
/* The program must refuse to start, and say so. */
void lab_check_refused(const char *const *settings, ol_str says);

/* Rows until one without a method. */
void lab_script(lab *it, const lab_row *rows);

wire_answer lab_get(lab *it, const char *path, const char *headers);
wire_answer lab_post(lab *it, const char *path, const char *headers, const char *body);
/* As the worker, with the session where there is one. */
wire_answer lab_work(lab *it, const char *path, const char *body);
const char *lab_text(lab *it, const char *format, ...) OL_PRINTF(2, 3);
/* A text member of an answer, in the arena; a missing one fails the test. */
ol_str lab_member(lab *it, wire_answer answer, const char *name);
void lab_check_error(wire_answer answer, int status, const char *has);

/* The master's own view of things. */
ol_master lab_master(void);
/* A secret as the contract holds it: `{"profile":{…},"vault_id":…}`; `json` is encrypted for the
 * seed. `vault` NULL: none. */
const char *lab_stored(lab *it, const char *seed, const char *json, const char *access,
                       const char *accessor, const char *vault);

/* The operator's key, and a session opened with it in the form of X3. */
ol_ed25519_key lab_operator_key(void);
#define LAB_KEY_VIEW                                                                               \
    "{\"nonce\":1,\"permission\":{\"FunctionCall\":{\"allowance\":null,\"receiver_id\":"           \
    "\"outlayer.near\",\"method_names\":[\"resolve_execution\","                                   \
    "\"submit_execution_output_and_resolve\",\"resume_topup\",\"resume_delete_payment_key\"]}}}"
wire_answer lab_register(lab *it, const char *scheme, const char *challenge_hex);
ol_str lab_challenge(lab *it);

#endif
