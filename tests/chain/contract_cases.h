/* What the cases of Contract 15 start from: owner.near, op.near, alice.near, usdc.near. */
#ifndef OL_TESTS_CHAIN_CONTRACT_CASES_H
#define OL_TESTS_CHAIN_CONTRACT_CASES_H

#include "tests/chain/contract_bench.h"

#define GITHUB                                                                                     \
    "{\"GitHub\":{\"repo\":\"https://github.com/near-examples/demo\",\"commit\":\"abc123\","       \
    "\"build_target\":\"wasm32-wasip2\"}}"
#define WASM_HASH "abababababababababababababababababababababababababababababababab"
#define WASM_URL                                                                                   \
    "{\"WasmUrl\":{\"url\":\"https://x/y\",\"hash\":\"" WASM_HASH                                  \
    "\",\"build_target\":\"wasm32-wasip2\"}}"
#define PROJECT "{\"Project\":{\"project_id\":\"alice.near/my-app\"}}"

/* Metrics of case 12; they cost 1500001000000000000000. */
#define METRICS "{\"instructions\":10000000,\"time_ms\":5000,\"compile_time_ms\":null}"
#define COST "1500001000000000000000"

static inline ol_u128 milli_near(unsigned n)
{
    return (ol_u128)n * 1000000000000000000u * 1000;
}
#define PAYMENT milli_near(10) /* 10^22 yocto */

/* new, and the token set. */
static inline bench *open_ready(void)
{
    bench *b = bench_open("outlayer", "outlayer.near");
    CALL_OK(b, "owner.near", 0, "new", "{\"owner_id\":\"owner.near\",\"operator_id\":\"op.near\"}");
    CALL_OK(b, "owner.near", 0, "set_payment_token_contract", "{\"token_contract\":\"usdc.near\"}");
    return b;
}

/* alice.near/my-app, WasmUrl. */
static inline void create_project(bench *b)
{
    CALL_OK(b, "alice.near", AMT("5840000000000000000000"), "create_project",
            "{\"name\":\"my-app\",\"source\":" WASM_URL "}");
}

static inline void deposit_usd(bench *b, const char *account, const char *amount)
{
    CALL_OK(b, "usdc.near", 0, "ft_on_transfer",
            J(b,
              "{\"sender_id\":\"%s\",\"amount\":\"%s\",\"msg\":\"{\\\"action\\\":"
              "\\\"deposit_balance\\\"}\"}",
              account, amount));
}

/* An execution request of alice's; `more` begins with a comma or is empty. Its id is the number of
 * requests before. */
static inline void request_of(bench *b, const char *source, ol_u128 payment, const char *more)
{
    CALL_OK(b, "alice.near", payment, "request_execution",
            J(b, "{\"source\":%s,\"resource_limits\":{}%s}", source, more));
}

/* `output` is JSON, "null" for none. */
static inline void resolve(bench *b, unsigned id, bool success, const char *output,
                           const char *error, const char *more)
{
    CALL_OK(b, "op.near", 0, "resolve_execution",
            J(b,
              "{\"request_id\":%u,\"response\":{\"success\":%s,\"output\":%s,\"error\":%s,"
              "\"resources_used\":" METRICS ",\"compilation_note\":null%s}}",
              id, success ? "true" : "false", output, error, more));
}

static inline ol_str usd_balance(bench *b, const char *account)
{
    return VIEW(b, "get_user_stablecoin_balance", J(b, "{\"account_id\":\"%s\"}", account));
}

static inline ol_str earnings(bench *b, const char *account)
{
    return VIEW(b, "get_developer_earnings", J(b, "{\"account_id\":\"%s\"}", account));
}

/* --- Settlement
 * ------------------------------------------------------------------------------------ */

#define DONE(b, path) bench_member(b, bench_event(b, "execution_completed"), path)

static inline ol_u128 alice_spent(bench *b)
{
    return bench_balance(b, "nobody.near") - bench_balance(b, "alice.near");
}

/* A bench with one pending request of 10^22 yocto. */
static inline bench *open_pending(void)
{
    bench *b = open_ready();
    request_of(b, WASM_URL, PAYMENT, "");
    return b;
}

/* A bench with one pending request for alice's project, with attached dollars. */
static inline bench *open_pending_usd(const char *attached)
{
    bench *b = open_ready();
    create_project(b);
    bench_set_balance(b, "alice.near", bench_balance(b, "nobody.near"));
    deposit_usd(b, "alice.near", "1000000");
    request_of(b, PROJECT, PAYMENT, J(b, ",\"params\":{\"attached_usd\":\"%s\"}", attached));
    return b;
}

static inline void submit(bench *b, unsigned id, const char *output)
{
    CALL_OK(b, "op.near", 0, "submit_execution_output",
            J(b, "{\"request_id\":%u,\"output\":%s}", id, output));
}

static inline ol_str run(bench *b)
{
    const bench_outcome *done = bench_run_yield(b, bench_yields(b) - 1);
    if (!done->ok)
        ol_test_fail(__FILE__, __LINE__, "the callback failed: %.*s", OL_FMT(done->error));
    return done->value;
}

#endif
