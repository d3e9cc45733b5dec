/* Settlement: what the callback pays, answers and tells (Contract 15, Cost and Settlement; 5, 6,
 * 14, 16). */
#include <string.h>

#include "tests/chain/contract_cases.h"

typedef struct cost_case {
    const char *id;
    const char *metrics; /* instructions, time, compile time */
    const char *cost;
} cost_case;

static void check_cost(const cost_case *it)
{
    bench *b = open_pending();
    CALL_OK(b, "op.near", 0, "resolve_execution",
            J(b, "{\"request_id\":0,\"response\":{\"success\":true,\"resources_used\":%s}}",
              it->metrics));
    CHECK_STR(bench_last(b)->logs[0], ol_str_of(J(b, "[[yNEAR charged: \"%s\"]]", it->cost)));
    CHECK_STR(run(b), OL_STR("null"));
    CHECK_STR(VIEW(b, "get_stats", "{}"), ol_str_of(J(b, "[1,\"%s\"]", it->cost)));
    bench_close(b);
}

#define COST_TEST(id, sentence, instructions, ms, compile, cost)                                   \
    TEST(id ": " sentence)                                                                         \
    {                                                                                              \
        check_cost(&(cost_case){id,                                                                \
                                "{\"instructions\":" instructions ",\"time_ms\":" ms               \
                                ",\"compile_time_ms\":" compile "}",                               \
                                cost});                                                            \
    }

COST_TEST("K10", "a started million of instructions is free", "999999", "0", "null",
          "1000000000000000000000")
COST_TEST("K11", "a million of instructions and a millisecond", "1000000", "1", "null",
          "1000100100000000000000")
COST_TEST("K12", "ten million of instructions and five seconds", "10000000", "5000", "null", COST)
COST_TEST("K13", "compilation costs beside the run", "10000000", "5000", "3000",
          "1800001000000000000000")
COST_TEST("K14", "compilation alone", "0", "0", "10000", "2000000000000000000000")

TEST("K36: only the operator resolves")
{
    bench *b = open_pending();
    CALL_FAILS(b, "alice.near", 0, "resolve_execution",
               "{\"request_id\":0,\"response\":{\"success\":true,\"resources_used\":" METRICS "}}",
               "Only operator can call this");
    CALL_FAILS(b, "alice.near", 0, "submit_execution_output",
               "{\"request_id\":0,\"output\":{\"Text\":\"x\"}}", "Only operator can call this");
    bench_close(b);
}

TEST("K37: what is not pending cannot be resolved")
{
    bench *b = open_pending();
    CALL_FAILS(b, "op.near", 0, "resolve_execution",
               "{\"request_id\":999,\"response\":{\"success\":true,\"resources_used\":" METRICS
               "}}",
               "Execution request not found");
    CALL_FAILS(b, "op.near", 0, "submit_execution_output",
               "{\"request_id\":999,\"output\":{\"Text\":\"x\"}}", "Execution request not found");
    bench_close(b);
}

TEST("K38: a run that succeeded: text to the caller, the rest to the payer")
{
    bench *b = open_pending();
    resolve(b, 0, true, "{\"Text\":\"hi\"}", "null", "");
    CHECK_STR(run(b), OL_STR("\"hi\""));
    CHECK(alice_spent(b) == AMT(COST));
    CHECK_STR(VIEW(b, "get_stats", "{}"), OL_STR("[1,\"" COST "\"]"));
    CHECK_STR(VIEW(b, "get_request", "{\"request_id\":0}"), OL_STR("null"));
    CHECK_STR(VIEW(b, "get_pending_request_ids", "{}"), OL_STR("[]"));
    bench_close(b);
}

TEST("the event of a settled run is the one readers of the reference know, byte for byte")
{
    bench *b = open_pending();
    resolve(b, 0, true, "{\"Json\":{\"key\":\"value\",\"number\":42}}", "null", "");
    bench_set_time(b, UINT64_C(1785000005000000000));
    CHECK_STR(run(b), OL_STR("{\"key\":\"value\",\"number\":42}"));
    CHECK_EQ(bench_last(b)->log_count, 2);
    CHECK_STR(bench_last(b)->logs[0], OL_STR("[[yNEAR charged: \"" COST "\"]]"));
    CHECK_STR(bench_last(b)->logs[1],
              OL_STR("EVENT_JSON:{\"standard\":\"near-outlayer\",\"version\":\"1.0.0\",\"event\":"
                     "\"execution_completed\",\"data\":[{\"sender_id\":\"alice.near\","
                     "\"code_source\":" WASM_URL
                     ",\"resources_used\":{\"instructions\":10000000,\"time_ms\":5000,"
                     "\"compile_time_ms\":null},\"success\":true,\"error_message\":null,"
                     "\"payment_charged\":\"" COST "\",\"payment_refunded\":"
                     "\"8499999000000000000000\",\"compilation_note\":null,"
                     "\"timestamp\":1785000005000000000}]}"));
    bench_close(b);
}

typedef struct output_case {
    const char *given;
    const char *returned;
} output_case;

static void check_outputs(const output_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bench *b = open_pending();
        resolve(b, 0, true, cases[i].given, "null", "");
        CHECK_STR(run(b), ol_str_of(cases[i].returned));
        bench_close(b);
    }
}

TEST("K39: bytes reach the caller as base64")
{
    static const output_case cases[] = {{"{\"Bytes\":[1,2,3,4,5]}", "\"AQIDBAU=\""},
                                        {"{\"Bytes\":[]}", "\"\""}};
    check_outputs(cases, OL_COUNT(cases));
}

TEST("K40: JSON reaches the caller as it is")
{
    static const output_case cases[] = {
        {"{\"Json\":{\"key\":\"value\",\"number\":42}}", "{\"key\":\"value\",\"number\":42}"},
        {"{\"Json\":[1e400, 123456789012345678901234567890]}",
         "[1e400, 123456789012345678901234567890]"},
        {"{\"Json\":null}", "null"},
        {"{\"Text\":\"a\\\"\\u00e9\"}", "\"a\\\"\\u00e9\""},
    };
    check_outputs(cases, OL_COUNT(cases));
}

TEST("K41: no output is null")
{
    static const output_case cases[] = {{"null", "null"}};
    check_outputs(cases, OL_COUNT(cases));
}

TEST("KF25: bytes may travel as base64")
{
    static const output_case cases[] = {{"{\"BytesBase64\":\"AQIDBAU=\"}", "\"AQIDBAU=\""}};
    check_outputs(cases, OL_COUNT(cases));
    bench *b = open_pending();
    CALL_FAILS(b, "op.near", 0, "submit_execution_output",
               "{\"request_id\":0,\"output\":{\"BytesBase64\":\"A\"}}", "Failed to deserialize");
    submit(b, 0, "{\"BytesBase64\":\"AQIDBAU=\"}");
    CHECK_STR(VIEW(b, "get_pending_output", "{\"request_id\":0}"),
              OL_STR("{\"Bytes\":[1,2,3,4,5]}"));
    bench_close(b);
}

TEST("an output of another shape is refused")
{
    static const char *const bad[] = {
        "\"Text\"",         "{\"Text\":1}", "{\"Bytes\":[256]}",          "{\"Bytes\":\"x\"}",
        "{\"Other\":\"\"}", "{}",           "{\"Text\":\"a\",\"Json\":1}"};
    bench *b = open_pending();
    OL_EACH (output, bad)
        CALL_FAILS(b, "op.near", 0, "submit_execution_output",
                   J(b, "{\"request_id\":0,\"output\":%s}", *output), "Failed to deserialize");
    bench_close(b);
}

TEST("K42: a run that failed pays the base fee, and says why")
{
    bench *b = open_pending();
    resolve(b, 0, false, "null", "\"boom\"", "");
    CHECK_STR(run(b), OL_STR("null"));
    CHECK(alice_spent(b) == milli_near(1));
    CHECK_STR(DONE(b, "success"), OL_STR("false"));
    CHECK_STR(DONE(b, "error_message"), OL_STR("\"boom\""));
    CHECK_STR(DONE(b, "payment_charged"), OL_STR("\"1000000000000000000000\""));
    CHECK_STR(DONE(b, "payment_refunded"), OL_STR("\"9000000000000000000000\""));
    bench_close(b);
}

TEST("K43: a failure without a word is an unknown error")
{
    bench *b = open_pending();
    resolve(b, 0, false, "null", "null", "");
    CHECK_STR(run(b), OL_STR("null"));
    CHECK_STR(DONE(b, "error_message"), OL_STR("\"Unknown error\""));
    bench_close(b);
}

TEST("K44: an expired request pays the base fee and counts, without an event")
{
    bench *b = open_pending();
    const bench_outcome *done = bench_expire_yield(b, 0);
    CHECK(done->ok);
    CHECK_STR(done->value, OL_STR("null"));
    CHECK(!bench_has_event(b, "execution_completed"));
    CHECK(alice_spent(b) == milli_near(1));
    CHECK_STR(VIEW(b, "get_stats", "{}"), OL_STR("[1,\"1000000000000000000000\"]"));
    bench_close(b);
}

TEST("K45: a cost above the payment takes all of it")
{
    bench *b = open_pending();
    CALL_OK(b, "op.near", 0, "resolve_execution",
            "{\"request_id\":0,\"response\":{\"success\":true,\"resources_used\":{"
            "\"instructions\":0,\"time_ms\":18446744073709551615}}}");
    CHECK_STR(run(b), OL_STR("null"));
    CHECK_EQ(bench_promises(b), 0);
    CHECK(alice_spent(b) == PAYMENT);
    bench_close(b);
}

TEST("KF11: no more is booked than was paid")
{
    bench *b = open_pending();
    CALL_OK(b, "op.near", 0, "resolve_execution",
            "{\"request_id\":0,\"response\":{\"success\":true,\"resources_used\":{"
            "\"instructions\":0,\"time_ms\":1000000}}}");
    CHECK_STR(run(b), OL_STR("null"));
    CHECK_STR(DONE(b, "payment_charged"), OL_STR("\"10000000000000000000000\""));
    CHECK_STR(VIEW(b, "get_stats", "{}"), OL_STR("[1,\"10000000000000000000000\"]"));
    bench_close(b);
}

TEST("K46: an output too large for a resume waits in the state")
{
    bench *b = open_pending();
    const char *text = bench_text(b, "%2000s", "");
    memset((char *)(uintptr_t)text, 'x', 2000);
    CHECK_STR(VIEW(b, "has_pending_output", "{\"request_id\":0}"), OL_STR("false"));
    submit(b, 0, J(b, "{\"Text\":\"%s\"}", text));
    CHECK_STR(VIEW(b, "has_pending_output", "{\"request_id\":0}"), OL_STR("true"));
    CHECK_STR(VIEW(b, "get_pending_output", "{\"request_id\":0}"),
              ol_str_of(J(b, "{\"Text\":\"%s\"}", text)));
    resolve(b, 0, true, "null", "null", "");
    CHECK_STR(run(b), ol_str_of(J(b, "\"%s\"", text)));
    CHECK_STR(VIEW(b, "has_pending_output", "{\"request_id\":0}"), OL_STR("false"));
    bench_close(b);
}

TEST("K47: what was submitted wins over what is resolved")
{
    bench *b = open_pending();
    submit(b, 0, "{\"Text\":\"stored\"}");
    resolve(b, 0, true, "{\"Text\":\"x\"}", "null", "");
    CHECK_STR(run(b), OL_STR("\"stored\""));
    bench_close(b);
}

TEST("K48: a failure drops what was submitted")
{
    bench *b = open_pending();
    submit(b, 0, "{\"Text\":\"stored\"}");
    resolve(b, 0, false, "null", "\"boom\"", "");
    CHECK_STR(run(b), OL_STR("null"));
    CHECK_STR(VIEW(b, "get_pending_output", "{\"request_id\":0}"), OL_STR("null"));
    bench_close(b);
}

TEST("K49: an output is submitted once")
{
    bench *b = open_pending();
    submit(b, 0, "{\"Text\":\"stored\"}");
    CALL_FAILS(b, "op.near", 0, "submit_execution_output",
               "{\"request_id\":0,\"output\":{\"Text\":\"x\"}}",
               "Output already submitted for this request");
    bench_close(b);
}

TEST("K50: nothing is left to resolve after the yield expired")
{
    bench *b = open_pending();
    CHECK(bench_expire_yield(b, 0)->ok);
    CALL_FAILS(b, "op.near", 0, "resolve_execution",
               "{\"request_id\":0,\"response\":{\"success\":true,\"resources_used\":" METRICS "}}",
               "Execution request not found");
    bench_close(b);
}

TEST("K51: the guest gives a part of the dollars back, the owner earns the rest")
{
    bench *b = open_pending_usd("3000");
    resolve(b, 0, true, "null", "null", ",\"refund_usd\":1000");
    (void)run(b);
    CHECK_STR(usd_balance(b, "alice.near"), OL_STR("\"998000\""));
    CHECK_STR(earnings(b, "alice.near"), OL_STR("\"2000\""));
    bench_close(b);
}

TEST("K52: no more dollars come back than were attached")
{
    bench *b = open_pending_usd("3000");
    resolve(b, 0, true, "null", "null", ",\"refund_usd\":99999");
    (void)run(b);
    CHECK_STR(usd_balance(b, "alice.near"), OL_STR("\"1000000\""));
    CHECK_STR(earnings(b, "alice.near"), OL_STR("\"0\""));
    bench_close(b);
}

TEST("K53: a failed or expired run gives all dollars back")
{
    bench *b = open_pending_usd("3000");
    CHECK_STR(usd_balance(b, "alice.near"), OL_STR("\"997000\""));
    resolve(b, 0, false, "null", "null", ",\"refund_usd\":1");
    (void)run(b);
    CHECK_STR(usd_balance(b, "alice.near"), OL_STR("\"1000000\""));
    bench_close(b);
    b = open_pending_usd("3000");
    CHECK(bench_expire_yield(b, 0)->ok);
    CHECK_STR(usd_balance(b, "alice.near"), OL_STR("\"1000000\""));
    CHECK_STR(earnings(b, "alice.near"), OL_STR("\"0\""));
    bench_close(b);
}

TEST("K54: a request is stale when more than ten minutes have passed")
{
    bench *b = open_pending();
    uint64_t asked = bench_now(b);
    bench_set_time(b, asked + UINT64_C(600000000000));
    CALL_FAILS(b, "alice.near", 0, "cancel_stale_execution", "{\"request_id\":0}",
               "Execution is not yet stale, please wait");
    bench_set_time(b, asked + UINT64_C(600000000001));
    CALL_OK(b, "alice.near", 0, "cancel_stale_execution", "{\"request_id\":0}");
    bench_close(b);
}

TEST("K55: only who asked can cancel")
{
    bench *b = open_pending();
    bench_advance(b, UINT64_C(700000000000));
    CALL_FAILS(b, "bob.near", 0, "cancel_stale_execution", "{\"request_id\":0}",
               "Only the sender can cancel this execution");
    CALL_FAILS(b, "alice.near", 0, "cancel_stale_execution", "{\"request_id\":1}",
               "Execution request not found");
    bench_close(b);
}

TEST("K56: cancelling returns everything and counts nothing")
{
    bench *b = open_pending_usd("12000");
    CHECK_STR(usd_balance(b, "alice.near"), OL_STR("\"988000\""));
    bench_advance(b, UINT64_C(700000000000));
    CALL_OK(b, "alice.near", 0, "cancel_stale_execution", "{\"request_id\":0}");
    CHECK(alice_spent(b) == 0);
    CHECK_STR(usd_balance(b, "alice.near"), OL_STR("\"1000000\""));
    CHECK_STR(VIEW(b, "get_stats", "{}"), OL_STR("[0,\"0\"]"));
    CHECK_STR(VIEW(b, "get_pending_request_ids", "{}"), OL_STR("[]"));
    bench_close(b);
}

TEST("K57: the owner's emergency cancel returns the same, at any time")
{
    bench *b = open_pending_usd("12000");
    CALL_FAILS(b, "alice.near", 0, "emergency_cancel_execution", "{\"request_id\":0}",
               "Only owner can call this method");
    CALL_FAILS(b, "owner.near", 0, "emergency_cancel_execution", "{\"request_id\":7}",
               "Execution request not found");
    CALL_OK(b, "owner.near", 0, "emergency_cancel_execution", "{\"request_id\":0}");
    CHECK(alice_spent(b) == 0);
    CHECK_STR(usd_balance(b, "alice.near"), OL_STR("\"1000000\""));
    bench_close(b);
}

TEST("KF5: cancelling many returns NEAR and dollars alike")
{
    bench *b = open_pending_usd("12000");
    request_of(b, WASM_URL, PAYMENT, ",\"payer_account_id\":\"carol.near\"");
    CALL_OK(b, "owner.near", 0, "cancel_pending_requests", "{\"request_ids\":[0,1,5]}");
    CHECK_STR(bench_last(b)->value, OL_STR("2"));
    CHECK(alice_spent(b) == PAYMENT);
    CHECK(bench_balance(b, "carol.near") == bench_balance(b, "nobody.near") + PAYMENT);
    CHECK_STR(usd_balance(b, "alice.near"), OL_STR("\"1000000\""));
    bench_close(b);
}

TEST("K58: an answer that comes after the cancellation pays nothing")
{
    bench *b = open_pending();
    submit(b, 0, "{\"Text\":\"stored\"}");
    resolve(b, 0, true, "{\"Text\":\"hi\"}", "null", "");
    CALL_OK(b, "owner.near", 0, "emergency_cancel_execution", "{\"request_id\":0}");
    ol_u128 spent = alice_spent(b);
    CHECK_STR(run(b), OL_STR("null"));
    CHECK(alice_spent(b) == spent);
    CHECK(spent == 0);
    CHECK_STR(VIEW(b, "get_stats", "{}"), OL_STR("[0,\"0\"]"));
    bench_close(b);
}

TEST("NEAR goes back to the payer, dollars to the sender")
{
    bench *b = open_ready();
    create_project(b);
    deposit_usd(b, "proxy.near", "5000");
    CHECK(bench_call(b, "proxy.near", "alice.near", PAYMENT, "request_execution",
                     OL_STR("{\"source\":" PROJECT ",\"resource_limits\":{},\"payer_account_id\":"
                            "\"carol.near\",\"params\":{\"attached_usd\":\"4000\"}}"))
              ->ok);
    resolve(b, 0, false, "null", "null", "");
    (void)run(b);
    CHECK(bench_balance(b, "carol.near") == bench_balance(b, "nobody.near") + milli_near(9));
    CHECK_STR(usd_balance(b, "proxy.near"), OL_STR("\"5000\""));
    bench_close(b);
}

TEST("the prices of settlement are those of now")
{
    bench *b = open_pending();
    CALL_OK(b, "owner.near", 0, "set_pricing", "{\"base_fee\":\"2000000000000000000000\"}");
    resolve(b, 0, false, "null", "null", "");
    (void)run(b);
    CHECK(alice_spent(b) == milli_near(2));
    bench_close(b);
}

TEST("both steps in one call: the output waits, what else there is travels")
{
    bench *b = open_pending();
    CALL_OK(b, "op.near", 0, "submit_execution_output_and_resolve",
            "{\"request_id\":0,\"output\":{\"Json\":[1,2]},\"success\":true,\"error\":null,"
            "\"resources_used\":" METRICS ",\"compilation_note\":\"cached\"}");
    CHECK_STR(bench_last(b)->logs[0], OL_STR("[[yNEAR charged: \"" COST "\"]]"));
    CHECK(bench_yield_at(b, 0)->payload.len <= 1024);
    CHECK_STR(run(b), OL_STR("[1,2]"));
    CHECK_STR(DONE(b, "compilation_note"), OL_STR("\"cached\""));
    CALL_FAILS(b, "op.near", 0, "submit_execution_output_and_resolve",
               "{\"request_id\":0,\"output\":{\"Json\":[1,2]},\"success\":true,"
               "\"resources_used\":" METRICS "}",
               "Execution request not found");
    bench_close(b);
}

TEST("KF12: a large output does not lose the dollars the guest gives back")
{
    bench *b = open_pending_usd("3000");
    CALL_OK(b, "op.near", 0, "submit_execution_output_and_resolve",
            "{\"request_id\":0,\"output\":{\"Text\":\"x\"},\"success\":true,\"error\":null,"
            "\"resources_used\":" METRICS ",\"compilation_note\":null,\"refund_usd\":1000}");
    (void)run(b);
    CHECK_STR(usd_balance(b, "alice.near"), OL_STR("\"998000\""));
    CHECK_STR(earnings(b, "alice.near"), OL_STR("\"2000\""));
    bench_close(b);
}
