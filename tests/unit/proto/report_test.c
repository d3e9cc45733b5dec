#include "lib/proto/job.h"

#include <string.h>

#include "tests/harness/test.h"

TEST("a report with its call survives encoding and decoding, output byte for byte")
{
    static const char json[] =
        "{\"job_id\":9,\"success\":true,\"time_ms\":12,\"instructions\":345,\"wasm_checksum\":"
        "\"ab\",\"refund_usd\":\"7\",\"call\":{\"call_id\":\"c\",\"success\":true,\"output\":"
        "{\"b\":1.50,\"a\":[ 1 ,2]},\"instructions\":345,\"time_ms\":12,\"refund_usd\":7,"
        "\"job_id\":9},\"attestation\":{\"task_id\":9},\"engine\":"
        "\"wasmtime-48.0.8\",\"metering_profile\":\"ol-fuel-1\",\"resolve_tx_id\":"
        "\"Axj\"}";
    ol_arena arena = ol_arena_new(OL_MIB(1));
    ol_buf out = ol_buf_new(OL_MIB(1));
    ol_err err = {0};
    ol_job_report report;
    CHECK_OK(ol_job_report_decode(ol_str_of(json), &arena, &report, &err));
    CHECK_STR(report.call.output_json, OL_STR("{\"b\":1.50,\"a\":[ 1 ,2]}"));
    CHECK(report.refund_usd.has && report.refund_usd.value == 7);
    ol_json_writer w = ol_json_writer_over(&out);
    ol_job_report_encode(&report, &w);
    CHECK_STR(ol_buf_str(&out), ol_str_of(json));
    ol_buf_deinit(&out);
    ol_arena_deinit(&arena);
}

TEST("a failure carries its class, and an unknown class is still a failure")
{
    static const struct {
        const char *json;
        ol_error_class want;
    } cases[] = {
        {"{\"job_id\":1,\"success\":false,\"time_ms\":0}", OL_CLASS_NONE},
        {"{\"job_id\":1,\"success\":false,\"time_ms\":0,\"error_category\":null}", OL_CLASS_NONE},
        {"{\"job_id\":1,\"success\":false,\"time_ms\":0,\"error_category\":\"execution_failed\"}",
         OL_CLASS_EXECUTION_FAILED},
        {"{\"job_id\":1,\"success\":false,\"time_ms\":0,\"error_category\":\"meteor\"}",
         OL_CLASS_FAILED},
    };
    OL_EACH (c, cases) {
        ol_arena arena = ol_arena_new(OL_MIB(1));
        ol_err err = {0};
        ol_job_report report;
        CHECK_OK(ol_job_report_decode(ol_str_of(c->json), &arena, &report, &err));
        CHECK_EQ_ROW(report.error_class, c->want, c->json);
        CHECK(report.output_json.data == NULL && !report.has_call);
        ol_arena_deinit(&arena);
    }
}

static void check_output(ol_format format, ol_bytes given, ol_rc rc, const char *want)
{
    ol_buf out = ol_buf_new(OL_MIB(1));
    ol_err err = {0};
    CHECK_EQ_ROW(ol_output_encode(format, given, &out, &err), rc, want);
    if (rc == OL_OK)
        CHECK_STR(ol_buf_str(&out), ol_str_of(want));
    else
        CHECK_STARTS(ol_err_text(&err), ol_str_of(want), want);
    ol_buf_deinit(&out);
}

TEST("W38: bytes travel as Base64 text")
{
    static const uint8_t bytes[] = {0x00, 0xFF};
    check_output(OL_FORMAT_BYTES, (ol_bytes){bytes, 2}, OL_OK, "\"AP8=\"");
    check_output(OL_FORMAT_BYTES, (ol_bytes){NULL, 0}, OL_OK, "\"\"");
}

TEST("text output is UTF-8 or a failure that says where")
{
    check_output(OL_FORMAT_TEXT, ol_str_bytes(OL_STR("h\xC3\xA9\"\n")), OL_OK,
                 "\"h\xC3\xA9\\\"\\n\"");
    check_output(OL_FORMAT_TEXT, (ol_bytes){NULL, 0}, OL_OK, "\"\"");
    check_output(OL_FORMAT_TEXT, ol_str_bytes(OL_STR("ab\xFF")), OL_ERR_INVALID,
                 "Invalid UTF-8 output: invalid utf-8 sequence starting at index 2");
}

TEST("JSON output is written again, compact and with its keys sorted")
{
    check_output(OL_FORMAT_JSON, ol_str_bytes(OL_STR(" {\"b\": 1.50, \"a\" : [ true ] }\n")), OL_OK,
                 "{\"a\":[true],\"b\":1.5}");
}

TEST("H50: output that is not JSON fails and quotes what was printed")
{
    check_output(OL_FORMAT_JSON, ol_str_bytes(OL_STR("hello")), OL_ERR_INVALID,
                 "Failed to parse output as JSON: ");
    check_output(OL_FORMAT_JSON, (ol_bytes){NULL, 0}, OL_ERR_INVALID,
                 "Failed to parse output as JSON: ");
    char long_text[2000];
    memset(long_text, 'x', sizeof long_text);
    memcpy(long_text + 511, "\xC3\xA9", 2); /* a character across the cut */
    ol_buf out = ol_buf_new(OL_MIB(1));
    ol_err err = {0};
    CHECK_EQ(
        ol_output_encode(OL_FORMAT_JSON, (ol_bytes){(const uint8_t *)long_text, 2000}, &out, &err),
        OL_ERR_INVALID);
    char want[600];
    memcpy(want, ". Output was: ", 14);
    memset(want + 14, 'x', 511);
    CHECK_ENDS(ol_err_text(&err), ((ol_str){want, 14 + 511}), "cut at a character");
    ol_buf_deinit(&out);
}

TEST("an output beyond what a delivery carries is refused")
{
    ol_buf out = ol_buf_new(8);
    ol_err err = {0};
    CHECK_EQ(ol_output_encode(OL_FORMAT_TEXT, ol_str_bytes(OL_STR("0123456789")), &out, &err),
             OL_ERR_LIMIT);
    CHECK_STARTS(ol_err_text(&err), OL_STR("Output too large"), "text");
    ol_buf_deinit(&out);
}
