/* Requests: what is admitted and what the event tells (Contract 15, Requests; 4, 12, 14, 16). */
#include <string.h>

#include "tests/chain/contract_cases.h"

#define EVENT(b, path) bench_member(b, bench_event(b, "execution_requested"), path)
#define CHECK_EVENT(b, path, json) CHECK_STR(EVENT(b, "request_data." path), OL_STR(json))

static void fails(bench *b, ol_u128 payment, const char *json, const char *text)
{
    CALL_FAILS(b, "alice.near", payment, "request_execution", json, text);
}

static void passes(bench *b, ol_u128 payment, const char *json)
{
    CALL_OK(b, "alice.near", payment, "request_execution", json);
}

/* n times c, as text. */
static const char *many(bench *b, char c, size_t n)
{
    const char *text = bench_text(b, "%*s", (int)n, "");
    memset((char *)(uintptr_t)text, c, n);
    return text;
}

TEST("K17: a source alone asks for a compilation with the default limits")
{
    bench *b = open_ready();
    passes(b, milli_near(1), "{\"source\":" GITHUB "}");
    CHECK(bench_last(b)->returned_promise);
    CHECK_EQ(bench_last(b)->promise, BENCH_YIELD_BIT);
    CHECK_EVENT(b, "request_id", "0");
    CHECK_EVENT(b, "response_format", "\"Text\"");
    CHECK_EVENT(b, "resource_limits",
                "{\"max_instructions\":1000000000,\"max_memory_mb\":128,"
                "\"max_execution_seconds\":60}");
    CHECK_EVENT(b, "compile_only", "true");
    CHECK_EVENT(b, "code_source", GITHUB);
    CHECK_EVENT(b, "input_data", "\"\"");
    CHECK_EVENT(b, "project_uuid", "null");
    bench_close(b);
}

TEST("the event of a request is the one workers of the reference read, byte for byte")
{
    bench *b = open_ready();
    bench_set_time(b, UINT64_C(1785000003000000000));
    passes(b, PAYMENT,
           "{\"source\":{\"WasmUrl\":{\"url\":\"https://main.fastfs.io/fastfs.near/demo/app.wasm\","
           "\"hash\":\"" WASM_HASH "\",\"build_target\":\"wasm32-wasip2\"}},\"resource_limits\":{"
           "\"max_instructions\":1000000000,\"max_memory_mb\":128,\"max_execution_seconds\":60},"
           "\"input_data\":\"{\\\"prompt\\\":\\\"hello\\\"}\",\"response_format\":\"Json\"}");
    ol_str log = bench_last(b)->logs[0];
    CHECK_STARTS(
        log,
        OL_STR(
            "EVENT_JSON:{\"standard\":\"near-outlayer\",\"version\":\"1.0.0\",\"event\":"
            "\"execution_requested\",\"data\":[{\"request_data\":\"{\\\"request_id\\\":0,"
            "\\\"sender_id\\\":\\\"alice.near\\\",\\\"predecessor_id\\\":\\\"alice.near\\\","
            "\\\"code_source\\\":{\\\"WasmUrl\\\":{\\\"url\\\":"
            "\\\"https://main.fastfs.io/fastfs.near/demo/app.wasm\\\",\\\"hash\\\":"
            "\\\"" WASM_HASH "\\\",\\\"build_target\\\":\\\"wasm32-wasip2\\\"}},"
            "\\\"resource_limits\\\":{\\\"max_instructions\\\":1000000000,"
            "\\\"max_memory_mb\\\":128,\\\"max_execution_seconds\\\":60},\\\"input_data\\\":"
            "\\\"{\\\\\\\"prompt\\\\\\\":\\\\\\\"hello\\\\\\\"}\\\",\\\"input_data_in_state\\\":"
            "false,\\\"secrets_ref\\\":null,\\\"response_format\\\":\\\"Json\\\",\\\"payment\\\":"
            "\\\"10000000000000000000000\\\",\\\"attached_usd\\\":\\\"0\\\",\\\"timestamp\\\":"
            "1785000003000000000,\\\"compile_only\\\":false,\\\"force_rebuild\\\":false,"
            "\\\"store_on_fastfs\\\":false,\\\"use_bound_identity\\\":false,"
            "\\\"project_uuid\\\":null,\\\"project_id\\\":null}\",\"data_id\":["),
        "event");
    CHECK_ENDS(log, OL_STR("],\"timestamp\":1785000003000000000}]}"), "event");
    bench_close(b);
}

TEST("K18: a compilation costs the base fee")
{
    bench *b = open_ready();
    fails(b, 1000, "{\"source\":" GITHUB "}",
          "Insufficient payment: required 1000000000000000000000 yoctoNEAR for compute, got 1000 "
          "yoctoNEAR");
    CHECK(bench_balance(b, "alice.near") == bench_balance(b, "nobody.near"));
    bench_close(b);
}

TEST("K19: empty limits ask for an execution, and stay empty in the event")
{
    bench *b = open_ready();
    fails(b, AMT("7000099999999999999999"), "{\"source\":" GITHUB ",\"resource_limits\":{}}",
          "Insufficient payment: required 7000100000000000000000 ");
    passes(b, AMT("7000100000000000000000"), "{\"source\":" GITHUB ",\"resource_limits\":{}}");
    CHECK_EVENT(b, "resource_limits",
                "{\"max_instructions\":null,\"max_memory_mb\":null,"
                "\"max_execution_seconds\":null}");
    CHECK_EVENT(b, "compile_only", "false");
    bench_close(b);
}

TEST("K20: too many instructions")
{
    bench *b = open_ready();
    fails(b, PAYMENT,
          "{\"source\":" GITHUB ",\"resource_limits\":{\"max_instructions\":500000000001}}",
          "Requested max_instructions 500000000001 exceeds hard limit of 500000000000");
    bench_close(b);
}

TEST("K21: too many seconds")
{
    bench *b = open_ready();
    fails(b, PAYMENT, "{\"source\":" GITHUB ",\"resource_limits\":{\"max_execution_seconds\":181}}",
          "Requested max_execution_seconds 181 exceeds hard limit of 180 seconds");
    bench_close(b);
}

TEST("K22: a compilation has no limits to check")
{
    bench *b = open_ready();
    passes(b, milli_near(1),
           "{\"source\":" GITHUB ",\"resource_limits\":{\"max_execution_seconds\":181},"
           "\"params\":{\"compile_only\":true}}");
    CHECK_EVENT(b, "resource_limits",
                "{\"max_instructions\":null,\"max_memory_mb\":null,"
                "\"max_execution_seconds\":181}");
    bench_close(b);
}

TEST("K23: a compilation takes no input")
{
    bench *b = open_ready();
    fails(b, PAYMENT, "{\"source\":" GITHUB ",\"input_data\":\"{}\"}",
          "input_data must be empty for compile_only mode - compilation does not use input_data");
    bench_close(b);
}

TEST("K24: an empty input is none")
{
    bench *b = open_ready();
    passes(b, PAYMENT, "{\"source\":" GITHUB ",\"input_data\":\"\"}");
    bench_close(b);
}

TEST("K25: what has no source cannot be rebuilt")
{
    bench *b = open_ready();
    fails(b, PAYMENT, "{\"source\":" WASM_URL ",\"params\":{\"force_rebuild\":true}}",
          "force_rebuild is not applicable for WasmUrl code source");
    bench_close(b);
}

TEST("K26: publishing needs a fresh build")
{
    bench *b = open_ready();
    fails(b, PAYMENT, "{\"source\":" GITHUB ",\"params\":{\"store_on_fastfs\":true}}",
          "store_on_fastfs requires force_rebuild to ensure fresh compilation and upload");
    passes(b, PAYMENT,
           "{\"source\":" GITHUB ",\"params\":{\"store_on_fastfs\":true,\"force_rebuild\":true}}");
    CHECK_EVENT(b, "store_on_fastfs", "true");
    CHECK_EVENT(b, "force_rebuild", "true");
    bench_close(b);
}

static void request_with_input(bench *b, const char *input)
{
    passes(b, PAYMENT,
           J(b, "{\"source\":" WASM_URL ",\"resource_limits\":{},\"input_data\":\"%s\"}", input));
}

TEST("K27: an input of 9,999 bytes travels in the event")
{
    bench *b = open_ready();
    const char *input = many(b, 'x', 9999);
    request_with_input(b, input);
    CHECK_STR(EVENT(b, "request_data.input_data"), ol_str_of(J(b, "\"%s\"", input)));
    CHECK_EVENT(b, "input_data_in_state", "false");
    bench_close(b);
}

TEST("K28: an input of 10,000 bytes stays in the state, all of it")
{
    static const size_t sizes[] = {10000, 200000};
    OL_EACH (size, sizes) {
        bench *b = open_ready();
        const char *input = many(b, 'x', *size);
        request_with_input(b, input);
        CHECK_EVENT(b, "input_data", "\"\"");
        CHECK_EVENT(b, "input_data_in_state", "true");
        ol_str request = VIEW(b, "get_request", "{\"request_id\":0}");
        CHECK_STR(bench_member(b, request, "input_data"), ol_str_of(J(b, "\"%s\"", input)));
        bench_close(b);
    }
}

TEST("KF21: an input full of quotes goes to the state when the event would grow too long")
{
    bench *b = open_ready();
    char input[2 * 9000 + 1] = "";
    for (size_t i = 0; i < 9000; i++)
        memcpy(input + 2 * i, "\\\"", 2);
    input[sizeof input - 1] = '\0';
    request_with_input(b, input);
    CHECK_EVENT(b, "input_data_in_state", "true");
    ol_str request = VIEW(b, "get_request", "{\"request_id\":0}");
    CHECK_STR(bench_member(b, request, "input_data"), ol_str_of(J(b, "\"%s\"", input)));
    bench_close(b);
}

TEST("K29: dollars go to the owner of a project only")
{
    bench *b = open_ready();
    fails(b, PAYMENT,
          "{\"source\":" GITHUB ",\"resource_limits\":{},\"params\":{\"attached_usd\":\"1\"}}",
          "attached_usd is only valid for Project execution source");
    bench_close(b);
}

TEST("K30: attached dollars must be there")
{
    bench *b = open_ready();
    create_project(b);
    deposit_usd(b, "alice.near", "4000");
    fails(b, PAYMENT,
          "{\"source\":" PROJECT ",\"resource_limits\":{},\"params\":{\"attached_usd\":\"5000\"}}",
          "Insufficient stablecoin balance. Required: 5000, available: 4000");
    passes(b, PAYMENT,
           "{\"source\":" PROJECT
           ",\"resource_limits\":{},\"params\":{\"attached_usd\":\"3000\"}}");
    CHECK_EVENT(b, "attached_usd", "\"3000\"");
    CHECK_EVENT(b, "project_uuid", "\"p0000000000000001\"");
    CHECK_EVENT(b, "project_id", "\"alice.near/my-app\"");
    CHECK_EVENT(b, "code_source", WASM_URL);
    CHECK_STR(usd_balance(b, "alice.near"), OL_STR("\"1000\""));
    bench_close(b);
}

TEST("K31: projects and versions that do not exist")
{
    bench *b = open_ready();
    create_project(b);
    fails(b, PAYMENT, "{\"source\":{\"Project\":{\"project_id\":\"alice.near/other\"}}}",
          "Project not found");
    fails(
        b, PAYMENT,
        "{\"source\":{\"Project\":{\"project_id\":\"alice.near/my-app\",\"version_key\":\"v9\"}}}",
        "Version not found");
    passes(b, PAYMENT, "{\"source\":" PROJECT "}");
    bench_close(b);
}

TEST("K32: nothing is requested while paused")
{
    bench *b = open_ready();
    CALL_OK(b, "owner.near", 0, "set_paused", "{\"paused\":true}");
    fails(b, PAYMENT, "{\"source\":" GITHUB "}", "Contract is paused");
    CALL_OK(b, "owner.near", 0, "set_paused", "{\"paused\":false}");
    passes(b, PAYMENT, "{\"source\":" GITHUB "}");
    bench_close(b);
}

TEST("K33: the source is called source")
{
    bench *b = open_ready();
    fails(b, PAYMENT, "{\"code_source\":" GITHUB "}",
          "Failed to deserialize input from JSON. Error: `missing field `source`");
    bench_close(b);
}

TEST("K34: a contract that calls for a user is the sender, the user signs")
{
    bench *b = open_ready();
    const bench_outcome *done = bench_call(b, "proxy.near", "alice.near", PAYMENT,
                                           "request_execution", OL_STR("{\"source\":" GITHUB "}"));
    CHECK(done->ok);
    CHECK_EVENT(b, "sender_id", "\"alice.near\"");
    CHECK_EVENT(b, "predecessor_id", "\"proxy.near\"");
    ol_str request = VIEW(b, "get_request", "{\"request_id\":0}");
    CHECK_STR(bench_member(b, request, "sender_id"), OL_STR("\"proxy.near\""));
    CHECK_STR(bench_member(b, request, "payer_account_id"), OL_STR("\"proxy.near\""));
    bench_close(b);
}

TEST("a request that asks for secrets shows who signed, where that is not the sender")
{
    bench *b = open_ready();
    const char *args = "{\"source\":" GITHUB ",\"payer_account_id\":\"carol.near\","
                       "\"secrets_ref\":{\"profile\":\"p\",\"account_id\":\"bob.near\"}}";
    CHECK(bench_call(b, "proxy.near", "alice.near", PAYMENT, "request_execution", ol_str_of(args))
              ->ok);
    passes(b, PAYMENT, args);
    ol_str request = VIEW(b, "get_request", "{\"request_id\":0}");
    CHECK_ENDS(request, OL_STR("\"output_submitted\":false,\"signer_id\":\"alice.near\"}"), NULL);
    CHECK_STR(bench_member(b, request, "sender_id"), OL_STR("\"proxy.near\""));
    CHECK_ENDS(VIEW(b, "get_request", "{\"request_id\":1}"), OL_STR("\"output_submitted\":false}"),
               NULL);
    bench_close(b);
}

TEST("K35: response formats are Bytes, Text, Json")
{
    bench *b = open_ready();
    fails(b, PAYMENT, "{\"source\":" GITHUB ",\"response_format\":\"String\"}",
          "Failed to deserialize");
    passes(b, PAYMENT, "{\"source\":" GITHUB ",\"response_format\":\"Bytes\"}");
    bench_close(b);
}

TEST("a request is shown as the specification writes it")
{
    bench *b = open_ready();
    bench_set_time(b, UINT64_C(1785000003000000000));
    passes(b, PAYMENT,
           "{\"source\":" WASM_URL ",\"resource_limits\":{\"max_memory_mb\":64},"
           "\"input_data\":\"a\\nb\",\"secrets_ref\":{\"profile\":\"default\",\"account_id\":"
           "\"bob.near\"},\"payer_account_id\":\"carol.near\",\"params\":{}}");
    ol_str request = VIEW(b, "get_request", "{\"request_id\":0}");
    CHECK_STARTS(request, OL_STR("{\"request_id\":0,\"data_id\":["), "request");
    CHECK_ENDS(request,
               OL_STR("],\"sender_id\":\"alice.near\",\"execution_source\":" WASM_URL
                      ",\"resolved_source\":" WASM_URL
                      ",\"resource_limits\":{\"max_instructions\":null,\"max_memory_mb\":64,"
                      "\"max_execution_seconds\":null},\"payment\":10000000000000000000000,"
                      "\"timestamp\":1785000003000000000,\"secrets_ref\":{\"profile\":\"default\","
                      "\"account_id\":\"bob.near\"},\"response_format\":\"Text\",\"input_data\":"
                      "\"a\\nb\",\"payer_account_id\":\"carol.near\",\"attached_usd\":0,"
                      "\"pending_output\":null,\"output_submitted\":false}"),
               "request");
    CHECK_STR(VIEW(b, "get_request", "{\"request_id\":1}"), OL_STR("null"));
    bench_close(b);
}

TEST("params: null is no boolean, unknown ones pass")
{
    bench *b = open_ready();
    fails(b, PAYMENT, "{\"source\":" GITHUB ",\"params\":{\"compile_only\":null}}",
          "Failed to deserialize");
    passes(b, PAYMENT,
           "{\"source\":" GITHUB ",\"params\":{\"attached_usd\":null,\"other\":1},"
           "\"input_data\":null,\"secrets_ref\":null,\"response_format\":null,"
           "\"resource_limits\":null,\"payer_account_id\":null}");
    fails(b, PAYMENT, "{\"source\":{\"GitHub\":{\"repo\":\"r\",\"commit\":\"c\"},\"X\":1}}",
          "Failed to deserialize");
    fails(b, PAYMENT, "{\"source\":\"GitHub\"}", "Failed to deserialize");
    bench_close(b);
}

TEST("KF1: another project's uuid is not passed on")
{
    bench *b = open_ready();
    passes(b, PAYMENT,
           "{\"source\":" WASM_URL ",\"params\":{\"project_uuid\":\"p0000000000000007\"}}");
    CHECK_EVENT(b, "project_uuid", "null");
    bench_close(b);
}

TEST("KF13: who signs and who calls are told apart")
{
    bench *b = open_ready();
    CHECK(bench_call(b, "evil.near", "alice.near", PAYMENT, "request_execution",
                     OL_STR("{\"source\":" GITHUB "}"))
              ->ok);
    CHECK_EVENT(b, "sender_id", "\"alice.near\"");
    CHECK_EVENT(b, "predecessor_id", "\"evil.near\"");
    bench_close(b);
}

TEST("KF20: the owner can cap runs to what fits the window of a yield")
{
    bench *b = open_ready();
    CALL_OK(b, "owner.near", 0, "set_policy", "{\"max_execution_seconds\":100}");
    fails(b, PAYMENT, "{\"source\":" GITHUB ",\"resource_limits\":{\"max_execution_seconds\":101}}",
          "Requested max_execution_seconds 101 exceeds hard limit of 100 seconds");
    bench_close(b);
}

TEST("KF11: admission asks for the compile time the owner estimates")
{
    bench *b = open_ready();
    CALL_OK(b, "owner.near", 0, "set_policy", "{\"compile_estimate_ms\":10000}");
    fails(b, milli_near(1), "{\"source\":" GITHUB "}",
          "Insufficient payment: required 2000000000000000000000 ");
    passes(b, milli_near(2), "{\"source\":" GITHUB "}");
    bench_close(b);
}

TEST("max_payment bounds admission and travels with the request")
{
    bench *b = open_ready();
    fails(b, PAYMENT,
          "{\"source\":" WASM_URL ",\"resource_limits\":{},\"params\":{\"max_payment\":\"7\"}}",
          "Estimated cost 7000100000000000000000 exceeds max_payment 7");
    passes(b, PAYMENT,
           "{\"source\":" WASM_URL ",\"resource_limits\":{},\"params\":{\"max_payment\":"
           "\"8000000000000000000000\"}}");
    CHECK_EVENT(b, "max_payment", "\"8000000000000000000000\"");
    bench_close(b);
}

TEST("memory has a price where the owner sets one")
{
    bench *b = open_ready();
    CALL_OK(b, "owner.near", 0, "set_pricing", "{\"per_mb_fee\":\"1000\"}");
    CHECK_STR(VIEW(b, "estimate_execution_cost", "{}"), OL_STR("\"7000100000000000128000\""));
    CHECK_STR(VIEW(b, "estimate_execution_cost", "{\"resource_limits\":{\"max_memory_mb\":2}}"),
              OL_STR("\"7000100000000000002000\""));
    CHECK_STR(bench_member(b, VIEW(b, "get_pricing_full", "{}"), "per_mb_fee"), OL_STR("\"1000\""));
    bench_close(b);
}

TEST("prices too high to add up ask for more than there is")
{
    bench *b = open_ready();
    CALL_OK(b, "owner.near", 0, "set_pricing",
            "{\"per_ms_fee\":\"340282366920938463463374607431768211455\"}");
    CHECK_STR(VIEW(b, "estimate_execution_cost", "{}"),
              OL_STR("\"340282366920938463463374607431768211455\""));
    bench_close(b);
}

/* 600 requests, some of them cancelled: what is left, in order and by pages. */
TEST("KF23: pending requests are listed in order, whatever became of older ones")
{
    enum { REQUESTS = 600 };
    bench *b = open_ready();
    for (int i = 0; i < REQUESTS; i++)
        passes(b, milli_near(1), "{\"source\":" GITHUB "}");
    CHECK_STR(VIEW(b, "get_pending_request_ids", "{\"limit\":3}"), OL_STR("[0,1,2]"));
    CHECK_STR(VIEW(b, "get_pending_request_ids", "{\"limit\":0}"), OL_STR("[]"));
    CHECK_STR(VIEW(b, "get_pending_request_ids", "{\"from_index\":598}"), OL_STR("[598,599]"));
    /* The middle record of 256 empties and leaves the chain. */
    for (int i = 256; i < 512; i++)
        CALL_OK(b, "owner.near", 0, "emergency_cancel_execution", J(b, "{\"request_id\":%d}", i));
    CHECK_STR(VIEW(b, "get_pending_request_ids", "{\"from_index\":254,\"limit\":4}"),
              OL_STR("[254,255,512,513]"));
    CALL_OK(b, "owner.near", 0, "clear_all_pending_requests", "{\"limit\":200}");
    CHECK_STR(bench_last(b)->value, OL_STR("200"));
    CHECK_STR(VIEW(b, "get_pending_request_ids", "{\"limit\":2}"), OL_STR("[200,201]"));
    CALL_OK(b, "owner.near", 0, "clear_all_pending_requests", "{}");
    CALL_OK(b, "owner.near", 0, "cancel_pending_requests", "{\"request_ids\":[599,598,7]}");
    CHECK_STR(bench_last(b)->value, OL_STR("2"));
    CHECK_STR(VIEW(b, "get_pending_request_ids", "{}"),
              OL_STR("[556,557,558,559,560,561,562,563,564,565,566,567,568,569,570,571,572,573,574,"
                     "575,576,577,578,579,580,581,582,583,584,585,586,587,588,589,590,591,592,593,"
                     "594,595,596,597]"));
    CALL_OK(b, "owner.near", 0, "clear_all_pending_requests", "{}");
    CHECK_STR(VIEW(b, "get_pending_request_ids", "{}"), OL_STR("[]"));
    CHECK(bench_balance(b, "alice.near") == bench_balance(b, "nobody.near"));
    bench_close(b);
}
