/* Sizes at the edges, and what is ours about settlement: policies, bounds, the detailed answer
 * (Contract 14, 16). */
#include <string.h>

#include "tests/chain/contract_cases.h"

TEST("KF22: a response too long for a resume waits in a record")
{
    static const size_t sizes[] = {900, 1023, 1024, 3000, 100000};
    OL_EACH (size, sizes) {
        bench *b = open_pending();
        char *text = (char *)(uintptr_t)bench_text(b, "%*s", (int)*size, "");
        memset(text, 'y', *size);
        resolve(b, 0, true, J(b, "{\"Text\":\"%s\"}", text), "null", "");
        CHECK(bench_yield_at(b, 0)->payload.len <= 1024);
        size_t records = bench_records(b);
        CHECK_STR(run(b), ol_str_of(J(b, "\"%s\"", text)));
        CHECK(bench_records(b) < records);
        bench_close(b);
    }
}

TEST(
    "KF22: long errors in letters of several bytes are cut at a letter, and never strand a request")
{
    static const size_t letters[] = {300, 1500, 40000};
    OL_EACH (count, letters) {
        bench *b = open_pending();
        char *text = (char *)(uintptr_t)bench_text(b, "%*s", (int)(*count * 3), "");
        for (size_t i = 0; i < *count; i++)
            memcpy(text + 3 * i, "\xE2\x82\xAC", 3);
        resolve(b, 0, false, "null", J(b, "\"%s\"", text), "");
        CHECK_STR(run(b), OL_STR("null"));
        CHECK_STR(DONE(b, "success"), OL_STR("false"));
        CHECK_ENDS(DONE(b, "error_message"), OL_STR("\xE2\x82\xAC\""), "euro");
        bench_close(b);
    }
}

TEST("an output larger than the callback can hand on is refused")
{
    bench *b = open_pending();
    char *text = (char *)(uintptr_t)bench_text(b, "%400000s", "");
    memset(text, 'y', 400000);
    CALL_FAILS(b, "op.near", 0, "submit_execution_output",
               J(b, "{\"request_id\":0,\"output\":{\"Text\":\"%s\"}}", text),
               "The output is longer than 400000 bytes");
    bench_close(b);
}

TEST("KF10: where the owner decided so, a failed run pays what it used, at most its payment")
{
    bench *b = open_pending();
    CALL_OK(b, "owner.near", 0, "set_policy", "{\"charge_failures\":true}");
    resolve(b, 0, false, "null", "\"boom\"", "");
    (void)run(b);
    CHECK(alice_spent(b) == AMT(COST));
    request_of(b, WASM_URL, PAYMENT, "");
    CHECK(bench_expire_yield(b, 1)->ok);
    CHECK(alice_spent(b) == AMT(COST) + milli_near(1));
    bench_close(b);
}

TEST("KF14: charged fees can leave, deposits of others cannot")
{
    bench *b = open_pending();
    CALL_FAILS(b, "owner.near", 0, "withdraw_fees", "{\"amount\":\"1\"}", "Only 0 yoctoNEAR");
    resolve(b, 0, true, "null", "null", "");
    (void)run(b);
    CALL_FAILS(b, "alice.near", 0, "withdraw_fees", "{\"amount\":\"1\"}", "Only owner can call");
    CALL_OK(b, "owner.near", 0, "withdraw_fees",
            "{\"amount\":\"1500000000000000000000\",\"receiver_id\":\"treasury.near\"}");
    CHECK(bench_balance(b, "treasury.near") ==
          bench_balance(b, "nobody.near") + AMT("1500000000000000000000"));
    CALL_FAILS(b, "owner.near", 0, "withdraw_fees", "{\"amount\":\"1000000000000001\"}",
               "Only 1000000000000000 yoctoNEAR");
    CHECK_STR(VIEW(b, "get_stats", "{}"), OL_STR("[1,\"" COST "\"]"));
    bench_close(b);
}

TEST("detailed_result: success, failure and expiry tell everything")
{
    bench *b = open_ready();
    static const char more[] = ",\"params\":{\"detailed_result\":true}";
    for (int i = 0; i < 3; i++)
        request_of(b, WASM_URL, PAYMENT, more);
    resolve(b, 0, true, "{\"Json\":[1]}", "null", "");
    resolve(b, 1, false, "null", "\"boom\"", "");
    CHECK_STR(bench_run_yield(b, 0)->value,
              OL_STR("{\"success\":true,\"output\":[1],\"error\":null,\"resources_used\":" METRICS
                     ",\"compilation_note\":null,\"payment_charged\":\"" COST
                     "\",\"payment_refunded\":\"8499999000000000000000\"}"));
    CHECK_STR(
        bench_run_yield(b, 1)->value,
        OL_STR("{\"success\":false,\"output\":null,\"error\":\"boom\",\"resources_used\":" METRICS
               ",\"compilation_note\":null,\"payment_charged\":"
               "\"1000000000000000000000\",\"payment_refunded\":"
               "\"9000000000000000000000\"}"));
    CHECK_STR(bench_expire_yield(b, 2)->value,
              OL_STR("{\"success\":false,\"output\":null,\"error\":\"Execution expired\","
                     "\"resources_used\":null,\"compilation_note\":null,\"payment_charged\":"
                     "\"1000000000000000000000\",\"payment_refunded\":"
                     "\"9000000000000000000000\"}"));
    bench_close(b);
}

TEST("max_payment bounds what settlement charges")
{
    bench *b = open_ready();
    request_of(b, WASM_URL, PAYMENT, ",\"params\":{\"max_payment\":\"7000100000000000000000\"}");
    CALL_OK(b, "op.near", 0, "resolve_execution",
            "{\"request_id\":0,\"response\":{\"success\":true,\"resources_used\":{"
            "\"instructions\":0,\"time_ms\":1000000}}}");
    (void)run(b);
    CHECK(alice_spent(b) == AMT("7000100000000000000000"));
    bench_close(b);
}

TEST("memory is charged by the limit that was asked for")
{
    bench *b = open_ready();
    CALL_OK(b, "owner.near", 0, "set_pricing", "{\"per_mb_fee\":\"1000\"}");
    CALL_OK(b, "alice.near", PAYMENT, "request_execution",
            "{\"source\":" WASM_URL ",\"resource_limits\":{\"max_memory_mb\":256}}");
    resolve(b, 0, true, "null", "null", "");
    (void)run(b);
    CHECK(alice_spent(b) == AMT(COST) + 256000);
    bench_close(b);
}

TEST("a submitted output is shown as bytes in the request, and settles away with all records")
{
    bench *b = open_ready();
    request_of(b, WASM_URL, PAYMENT, "");
    resolve(b, 0, true, "null", "null", "");
    (void)run(b);
    size_t records = bench_records(b);
    char *input = (char *)(uintptr_t)bench_text(b, "%12000s", "");
    memset(input, 'z', 12000);
    request_of(b, WASM_URL, PAYMENT, J(b, ",\"input_data\":\"%s\"", input));
    submit(b, 1, "{\"Text\":\"h\\u00e9\"}");
    ol_str request = VIEW(b, "get_request", "{\"request_id\":1}");
    CHECK_STR(bench_member(b, request, "pending_output"), OL_STR("{\"Text\":[104,195,169]}"));
    CHECK_STR(bench_member(b, request, "output_submitted"), OL_STR("true"));
    CHECK(bench_expire_yield(b, 1)->ok);
    CHECK_EQ(bench_records(b), records);
    bench_close(b);
}

TEST("the gas a callback is promised carries the longest input and the longest output")
{
    /* 50 Tgas and 20 Mgas a byte of input above 100,000 (admission.c); who waits for the answer
     * costs 65 Mgas a byte of it (NEAR 1.4, data receipt), which the bench does not charge. */
    enum { INPUT_BYTES = 1400000, OUTPUT_BYTES = 399990 };
    const uint64_t promised =
        UINT64_C(50000000000000) + (INPUT_BYTES - 100000) * UINT64_C(20000000);
    const uint64_t receiver = OUTPUT_BYTES * UINT64_C(65000000);
    bench *b = open_ready();
    char *input = (char *)(uintptr_t)bench_text(b, "%*s", INPUT_BYTES, "");
    memset(input, 'x', INPUT_BYTES);
    request_of(b, WASM_URL, PAYMENT, J(b, ",\"input_data\":\"%s\"", input));
    memset(input + OUTPUT_BYTES, 0, 1);
    CALL_OK(b, "op.near", 0, "submit_execution_output_and_resolve",
            J(b,
              "{\"request_id\":0,\"output\":{\"Text\":\"%s\"},\"success\":true,"
              "\"resources_used\":" METRICS "}",
              input));
    const bench_outcome *done = bench_run_yield(b, 0);
    CHECK(done->ok);
    CHECK_EQ(done->value.len, OUTPUT_BYTES + 2);
    CHECK(done->gas_burnt + receiver < promised);
    bench_close(b);
}
