/* A bench for one contract: every call runs in the real NEAR VM against its state; what it leaves
 * behind (transfers, calls of others, yields) is recorded and played on by the test. No blocks, no
 * transactions: those are the emulator's business and tests.
 *
 *   bench *b = bench_open("outlayer", "outlayer.near");
 *   CALL_OK(b, "owner.near", 0, "new", "{\"owner_id\":\"owner.near\"}");
 *   CHECK_STR(VIEW(b, "get_config", "{}"), OL_STR("[\"owner.near\",\"owner.near\"]"));
 *   CALL_FAILS(b, "alice.near", 0, "set_operator", "{…}", "Only owner can call this method");
 *   bench_close(b);
 *
 * Accounts exist by being named; each starts with 1,000 NEAR. Deposits are charged, kept by the
 * contract when the call succeeds, given back when it fails. Gas costs nothing here; it is counted.
 * Everything returned lives until the next call on the bench, unless said otherwise. */
#ifndef OL_TESTS_CHAIN_CONTRACT_BENCH_H
#define OL_TESTS_CHAIN_CONTRACT_BENCH_H

#include "lib/base/num.h"
#include "lib/base/str.h"
#include "tests/harness/test.h"

/* yoctoNEAR of a decimal text: AMT("7000100000000000000000"). Aborts the test on other text. */
ol_u128 bench_amount(const char *decimal);
#define AMT(decimal) bench_amount(decimal)

typedef struct bench bench;

/* `wasm`: name below OL_WASM/contracts. Aborts the test when the file or the VM is missing. */
bench *bench_open(const char *wasm, const char *account);
/* The same from a file anywhere, for tests of other contracts. */
bench *bench_open_file(const char *path, const char *account);
void bench_close(bench *b);

/* --- Calls
 * ---------------------------------------------------------------------------------------- */

typedef struct bench_outcome {
    bool ok;
    ol_str error; /* as the chain shows it: "Smart contract panicked: …" */
    ol_str value; /* what the method returned; empty when nothing */
    bool returned_promise;
    uint64_t promise; /* index among bench_promise, or BENCH_YIELD_BIT | index of a yield */
    const ol_str *logs;
    size_t log_count;
    uint64_t gas_burnt;
    int64_t storage_delta; /* bytes */
} bench_outcome;

#define BENCH_YIELD_BIT ((uint64_t)1 << 32)

/* `signer` NULL: the predecessor signed. 300 Tgas. */
const bench_outcome *bench_call(bench *b, const char *predecessor, const char *signer,
                                ol_u128 deposit, const char *method, ol_str arguments);
const bench_outcome *bench_view(bench *b, const char *method, ol_str arguments);

/* Ends the test with the error when the call failed. */
const bench_outcome *bench_call_ok(bench *b, const char *who, ol_u128 deposit, const char *method,
                                   ol_str arguments, const char *file, int line);
/* The call must fail with a text that holds `text`. */
void bench_call_fails(bench *b, const char *who, ol_u128 deposit, const char *method,
                      ol_str arguments, const char *text, const char *file, int line);
ol_str bench_view_ok(bench *b, const char *method, ol_str arguments, const char *file, int line);
void bench_view_fails(bench *b, const char *method, ol_str arguments, const char *text,
                      const char *file, int line);

#define CALL_OK(b, who, deposit, method, json)                                                     \
    bench_call_ok((b), (who), (deposit), (method), ol_str_of(json), __FILE__, __LINE__)
#define CALL_FAILS(b, who, deposit, method, json, text)                                            \
    bench_call_fails((b), (who), (deposit), (method), ol_str_of(json), (text), __FILE__, __LINE__)
#define VIEW(b, method, json) bench_view_ok((b), (method), ol_str_of(json), __FILE__, __LINE__)
#define VIEW_FAILS(b, method, json, text)                                                          \
    bench_view_fails((b), (method), ol_str_of(json), (text), __FILE__, __LINE__)

/* The outcome of the newest call. */
const bench_outcome *bench_last(const bench *b);
/* The data object of the newest call's event of that name, as compact JSON; the test fails when
 * there is none. A member of it: bench_member(b, json, "sender_id"), as JSON text. */
ol_str bench_event(bench *b, const char *event);
bool bench_has_event(bench *b, const char *event);
ol_str bench_member(bench *b, ol_str json,
                    const char *path); /* "a.b" descends; test fails if absent */

/* JSON text by printf, kept until the bench is closed: J(b, "{\"request_id\":%d}", id) */
const char *bench_text(bench *b, const char *format, ...) OL_PRINTF(2, 3);
#define J(b, ...) bench_text((b), __VA_ARGS__)

/* --- What calls leave behind
 * ------------------------------------------------------------------------ */

/* Receipts of the newest call of any kind that made some, in order of creation. Transfers are
 * carried out at once: the receiver has the money. */
typedef struct bench_promise {
    ol_str receiver;
    bool is_call;  /* else a transfer (or other actions) */
    ol_str method; /* of the first function call */
    ol_str arguments;
    ol_u128 deposit; /* of the call, or the amount transferred */
    uint64_t gas;
    int64_t after; /* the promise it waits for; -1: none */
} bench_promise;

size_t bench_promises(const bench *b);
const bench_promise *bench_promise_at(const bench *b, size_t index);
/* Runs a recorded call of this contract itself with the result its parent is said to have had. */
const bench_outcome *bench_run_callback(bench *b, size_t index, bool parent_ok,
                                        ol_str parent_value);

/* The same of any method, when other calls came between. */
const bench_outcome *bench_callback(bench *b, const char *method, const char *arguments,
                                    bool parent_ok, ol_str parent_value);

/* Yields, counted from the opening of the bench. */
typedef struct bench_yield {
    uint8_t data_id[32];
    ol_str method;
    ol_str arguments;
    bool resumed;
    bool done;
    ol_str payload;
    ol_str signer;
} bench_yield;

size_t bench_yields(const bench *b);
const bench_yield *bench_yield_at(const bench *b, size_t index);
/* Runs the callback: with the payload when it was resumed, else as after the timeout. */
const bench_outcome *bench_run_yield(bench *b, size_t index);
const bench_outcome *bench_expire_yield(bench *b, size_t index); /* even when it was resumed */

/* --- The world
 * ---------------------------------------------------------------------------------------- */

ol_u128 bench_balance(const bench *b, const char *account);
void bench_set_balance(bench *b, const char *account, ol_u128 yocto);
/* Blocks have a second each; time moves by itself with every call, and by this. */
void bench_advance(bench *b, uint64_t ns);
uint64_t bench_now(const bench *b); /* of the newest call, ns */
/* The time of the next call exactly. */
void bench_set_time(bench *b, uint64_t ns);
int64_t bench_storage_usage(const bench *b); /* bytes of state, without code and account */
size_t bench_records(const bench *b);        /* stored keys */

#endif
