#include "services/worker/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/codec/json_read.h"
#include "lib/codec/utf8.h"
#include "tests/harness/test.h"

#define NONE ((ol_str){NULL, 0})

typedef struct written {
    ol_buf args;
    ol_arena arena;
    const char *method;
    bool too_large;
    ol_json root;
    ol_json response; /* of resolve_execution */
} written;

static void written_deinit(written *it)
{
    ol_buf_deinit(&it->args);
    ol_arena_deinit(&it->arena);
}

static void write(written *it, const answer *of, size_t max)
{
    ol_err err;
    *it = (written){.args = ol_buf_new(OL_MIB(8)), .arena = ol_arena_new(OL_MIB(8))};
    CHECK_OK(answer_write(of, 7, max, &it->args, &it->method, &it->too_large, &err));
    CHECK_OK(ol_json_parse(ol_buf_str(&it->args), &it->root, &err));
    (void)ol_json_find(&it->root, OL_STR("response"), &it->response);
}

static ol_str member(written *it, const char *name)
{
    ol_json value;
    ol_str text = NONE;
    if (ol_json_find(&it->response, ol_str_of(name), &value))
        (void)ol_json_text(&value, &it->arena, &text, NULL);
    return text;
}

TEST("W34: output hi travels in one resolve_execution, every member in its place")
{
    OL_AUTO(written) it;
    const answer hi = {.success = true,
                       .output_json = OL_STR("{\"Text\":\"hi\"}"),
                       .error = NONE,
                       .instructions = 10000000,
                       .time_ms = 5000,
                       .note = NONE};
    write(&it, &hi, 1 << 20);
    CHECK_STR(ol_str_of(it.method), OL_STR("resolve_execution"));
    CHECK_STR(
        ol_buf_str(&it.args),
        OL_STR("{\"request_id\":7,\"response\":{\"success\":true,\"output\":{\"Text\":\"hi\"},"
               "\"error\":null,\"resources_used\":{\"instructions\":10000000,\"time_ms\":5000,"
               "\"compile_time_ms\":null},\"compilation_note\":null,\"refund_usd\":null}}"));
}

TEST("W35: an output of 5,000 bytes goes in one submit_execution_output_and_resolve, refund 7 too")
{
    OL_AUTO(written) it;
    char output[5100];
    int n = snprintf(output, sizeof output, "{\"Text\":\"%05000d\"}", 0);
    const answer large = {.success = true,
                          .output_json = {output, (size_t)n},
                          .error = NONE,
                          .instructions = 5,
                          .time_ms = 6,
                          .compile_time_ms = {true, 7},
                          .note = OL_STR("Freshly compiled"),
                          .refund_usd = {true, 7}};
    ol_json value;
    write(&it, &large, 1 << 20);
    CHECK_STR(ol_str_of(it.method), OL_STR("submit_execution_output_and_resolve"));
    CHECK_STARTS(ol_buf_str(&it.args), OL_STR("{\"request_id\":7,\"output\":{\"Text\":\"0000"),
                 "args");
    CHECK_ENDS(ol_buf_str(&it.args),
               OL_STR("0\"},\"success\":true,\"error\":null,\"resources_used\":{\"instructions\":5,"
                      "\"time_ms\":6,\"compile_time_ms\":7},\"compilation_note\":"
                      "\"Freshly compiled\",\"refund_usd\":7}"),
               "args");
    CHECK(ol_json_find(&it.root, OL_STR("refund_usd"), &value));
}

/* A response of exactly that many bytes as the contract gets it. */
static ol_str text_for(size_t rendered, char *output, size_t size)
{
    OL_AUTO(written) it;
    const answer empty = {
        .success = true, .output_json = OL_STR("{\"Text\":\"\"}"), .error = NONE, .note = NONE};
    write(&it, &empty, 1 << 20);
    size_t fixed = it.response.raw.len;
    int n = snprintf(output, size, "{\"Text\":\"%0*d\"}", (int)(rendered - fixed), 0);
    return (ol_str){output, (size_t)n};
}

TEST("1,023 bytes of response are resolved at once, 1,024 go through the contract's state")
{
    static const struct {
        size_t bytes;
        const char *method;
    } cases[] = {{1022, "resolve_execution"},
                 {1023, "resolve_execution"},
                 {1024, "submit_execution_output_and_resolve"},
                 {1025, "submit_execution_output_and_resolve"}};
    OL_EACH (row, cases) {
        OL_AUTO(written) it;
        char output[2048];
        const answer one = {.success = true,
                            .output_json = text_for(row->bytes, output, sizeof output),
                            .error = NONE,
                            .note = NONE};
        write(&it, &one, 1 << 20);
        CHECK_STR_ROW(ol_str_of(it.method), ol_str_of(row->method), row->method);
        if (ol_str_eq(ol_str_of(it.method), OL_STR("resolve_execution")))
            CHECK_EQ_ROW(it.response.raw.len, row->bytes, row->method);
    }
}

TEST("W36: a failure text of 3,000 bytes is cut between characters and says its size")
{
    /* 511 letters, then characters of four bytes: 512 lies inside the first of these. */
    char text[3000];
    memset(text, 'x', 511);
    size_t at = 511;
    while (at + 4 <= 2999) {
        memcpy(text + at, "\xf0\x9f\x98\x80", 4);
        at += 4;
    }
    memset(text + at, 'y', sizeof text - at);
    OL_AUTO(written) it;
    const answer failed = {.output_json = NONE, .error = {text, sizeof text}, .note = NONE};
    write(&it, &failed, 1 << 20);
    CHECK_STR(ol_str_of(it.method), OL_STR("resolve_execution"));
    CHECK(it.response.raw.len < 1024);
    ol_str error = member(&it, "error");
    CHECK(ol_utf8_valid(error));
    CHECK_ENDS(error, OL_STR("... (truncated, original size: 3000 bytes)"), "error");
    CHECK_EQ(error.len, 511 + strlen("... (truncated, original size: 3000 bytes)"));
}

TEST("a failure that is long because of its note, or of escapes, fits in the end")
{
    char note[900];
    char quotes[3000];
    memset(note, 'n', sizeof note);
    memset(quotes, '\x01', sizeof quotes); /* six bytes each in JSON */
    OL_AUTO(written) it;
    const answer failed = {.output_json = NONE,
                           .error = OL_STR("boom"),
                           .note = {note, sizeof note},
                           .instructions = UINT64_MAX,
                           .time_ms = UINT64_MAX};
    write(&it, &failed, 1 << 20);
    CHECK(it.response.raw.len < 1024);
    CHECK_STARTS(member(&it, "error"), OL_STR("boom"), "error");
    OL_AUTO(written) other;
    const answer escaped = {.output_json = NONE, .error = {quotes, sizeof quotes}, .note = NONE};
    write(&other, &escaped, 1 << 20);
    CHECK(other.response.raw.len < 1024);
    CHECK_ENDS(member(&other, "error"), OL_STR("(truncated, original size: 3000 bytes)"), "error");
}

TEST("an output larger than a transaction is a failure that says both sizes")
{
    OL_AUTO(written) it;
    char *output = malloc(OL_KIB(200));
    CHECK(output != NULL);
    int n = snprintf(output, OL_KIB(200), "{\"Text\":\"%0150000d\"}", 0);
    const answer large = {
        .success = true, .output_json = {output, (size_t)n}, .error = NONE, .note = NONE};
    write(&it, &large, 100000);
    CHECK(it.too_large);
    CHECK_STR(ol_str_of(it.method), OL_STR("resolve_execution"));
    CHECK_STARTS(member(&it, "error"), OL_STR("Output too large for on-chain delivery: 150"), "e");
    CHECK_ENDS(member(&it, "error"), OL_STR(" bytes (max 100000)"), "error");
    free(output);
}

TEST("outputs travel as the variant of their format, bytes as numbers")
{
    static const uint8_t bytes[] = {0, 255, 7};
    ol_buf into = ol_buf_new(1024);
    answer_output_write(OL_FORMAT_BYTES, (ol_bytes){bytes, 3}, OL_STR("\"AP8H\""), &into);
    CHECK_STR(ol_buf_str(&into), OL_STR("{\"Bytes\":[0,255,7]}"));
    ol_buf_clear(&into);
    answer_output_write(OL_FORMAT_JSON, (ol_bytes){bytes, 3}, OL_STR("{\"a\":1}"), &into);
    CHECK_STR(ol_buf_str(&into), OL_STR("{\"Json\":{\"a\":1}}"));
    ol_buf_clear(&into);
    answer_output_write(OL_FORMAT_TEXT, (ol_bytes){bytes, 3}, OL_STR("\"hi\""), &into);
    CHECK_STR(ol_buf_str(&into), OL_STR("{\"Text\":\"hi\"}"));
    ol_buf_deinit(&into);
}

TEST("what it cost is the contract's line, else its event, else unknown")
{
#define EVENT(name)                                                                                \
    "EVENT_JSON:{\"standard\":\"near-outlayer\",\"version\":\"1.0.0\",\"event\":\"" name           \
    "\",\"data\":"                                                                                 \
    "[{\"payment_charged\":\"77\"}]}"
    static const struct {
        const char *logs[3];
        bool found;
        unsigned amount;
    } cases[] = {
        {{"[[yNEAR charged: \"1500\"]]"}, true, 1500},
        {{"note", "cost [[yNEAR charged: \"5\"]] indeed", "[[yNEAR charged: \"6\"]]"}, true, 5},
        {{EVENT("execution_completed"), "[[yNEAR charged: \"8\"]]"}, true, 8},
        {{EVENT("execution_completed")}, true, 77},
        {{EVENT("execution_requested")}, false, 0},
        {{"[[yNEAR charged: \"\"]]"}, false, 0},
        {{"[[yNEAR charged: \"-5\"]]"}, false, 0},
        {{"[[yNEAR charged: \"5"}, false, 0},
        {{NULL}, false, 0},
    };
    OL_EACH (row, cases) {
        ol_str logs[3];
        size_t count = 0;
        ol_u128 amount = 0;
        for (; count < 3 && row->logs[count] != NULL; count++)
            logs[count] = ol_str_of(row->logs[count]);
        CHECK_EQ_ROW(answer_charged(logs, count, &amount), row->found, row->logs[0]);
        CHECK_EQ_ROW(amount, row->amount, row->logs[0]);
    }
}
