#include "lib/codec/json_print.h"

#include <stdio.h>

#include "lib/base/fd.h"
#include "tests/harness/test.h"

static void check_print(ol_json_order order, const char *text, const char *want)
{
    ol_buf out = ol_buf_new(OL_KIB(64));
    ol_json value;
    ol_err err;
    CHECK_OK(ol_json_parse(ol_str_of(text), &value, &err));
    CHECK_OK(ol_json_print(&value, order, &out, &err));
    CHECK_STR_ROW(ol_buf_str(&out), ol_str_of(want), text);
    ol_buf_deinit(&out);
}

/* What the reference stored for an input (Coordinator 19), except for two of its numbers, which it
 * read inexactly: 9007199254740993.0 and 12345678901234567.0. */
static const struct {
    const char *sent;
    const char *stored;
} INPUTS[] = {
    {"{\"b\":1,\"a\":2}", "{\"b\":1,\"a\":2}"},
    {"{\"a\":1,\"a\":2}", "{\"a\":2}"},
    {"1.0", "1.0"},
    {"1e21", "1e+21"},
    {"0.1", "0.1"},
    {"1E5", "100000.0"},
    {"-0", "-0.0"},
    {"-0.0", "-0.0"},
    {"18446744073709551615", "18446744073709551615"},
    {"18446744073709551616", "1.8446744073709552e+19"},
    {"-9223372036854775808", "-9223372036854775808"},
    {"-9223372036854775809", "-9.223372036854776e+18"},
    {"123456789012345678901234567890", "1.2345678901234568e+29"},
    {"1e-7", "1e-7"},
    {"0.00001", "0.00001"},
    {"1e16", "1e+16"},
    {"123456789012345680.0", "1.2345678901234568e+17"},
    {"\"\\u00e9\\u0001\\/\\ud83d\\ude00\\u007f\"", "\"\xC3\xA9\\u0001/\xF0\x9F\x98\x80\x7F\""},
    {"\" \\t\\n\\b\\f\\r\\\"\\\\\"", "\" \\t\\n\\b\\f\\r\\\"\\\\\""},
    {" [ 1 , { \"x\" : null } ] ", "[1,{\"x\":null}]"},
    {"\"\"", "\"\""},
    {"null", "null"},
    {"\"\\u2028<>&\"", "\"\xE2\x80\xA8<>&\""},
    {"5e-324", "5e-324"},
    {"1.7976931348623157e308", "1.7976931348623157e+308"},
    {"0.30000000000000004", "0.30000000000000004"},
    {"100", "100"},
    {"1e2", "100.0"},
    {"1e15", "1000000000000000.0"},
    {"1234567890123456.0", "1234567890123456.0"},
    {"12345678901234567.0", "1.2345678901234568e+16"},
    {"9007199254740993.0", "9007199254740992.0"},
    {"0.000001", "1e-6"},
    {"1.5e-5", "0.000015"},
    {"123e-7", "0.0000123"},
    {"1.25e-6", "1.25e-6"},
    {"2.5", "2.5"},
    {"1e0", "1.0"},
    {"-1.5E+3", "-1500.0"},
    {"1e-400", "0.0"},
    {"{\"\":0,\"\xC3\xA9\":1,\"Z\":2,\"a\":3,\"10\":4,\"9\":5}",
     "{\"\":0,\"\xC3\xA9\":1,\"Z\":2,\"a\":3,\"10\":4,\"9\":5}"},
};

TEST("an input is stored as the reference stored it")
{
    OL_EACH (row, INPUTS)
        check_print(OL_JSON_KEYS_AS_GIVEN, row->sent, row->stored);
}

TEST("a repeated key keeps its first place and its last value")
{
    check_print(OL_JSON_KEYS_AS_GIVEN, "{\"a\":1,\"b\":2,\"\\u0061\":{\"x\":0,\"x\":[3]},\"c\":4}",
                "{\"a\":{\"x\":[3]},\"b\":2,\"c\":4}");
    check_print(OL_JSON_KEYS_AS_GIVEN, "{\"a\":1,\"a\":2,\"a\":3,\"a\":4}", "{\"a\":4}");
    check_print(OL_JSON_KEYS_AS_GIVEN, "[{\"k\":{\"k\":1}},{\"k\":2}]",
                "[{\"k\":{\"k\":1}},{\"k\":2}]");
}

TEST("keys sort by their UTF-8 bytes, duplicates merged")
{
    check_print(OL_JSON_KEYS_SORTED, "{\"b\":1,\"a\":{\"z\":1,\"\xC3\xA9\":2,\"Z\":3},\"b\":2}",
                "{\"a\":{\"Z\":3,\"z\":1,\"\xC3\xA9\":2},\"b\":2}");
    check_print(OL_JSON_KEYS_SORTED, "{\"10\":1,\"9\":2,\"\":3,\"1\":4}",
                "{\"\":3,\"1\":4,\"10\":1,\"9\":2}");
    check_print(OL_JSON_KEYS_SORTED, "{\"\\n\":1,\"\\t\":2}", "{\"\\t\":2,\"\\n\":1}");
}

/* An object of many members: each key twice, the second time with another value. */
static void add_members(ol_buf *into, int count, int value, int step)
{
    for (int i = 0; i < count; i++)
        ol_buf_addf(into, "%s\"key%d\":%d", into->len > 1 ? "," : "", i * step % count, value);
}

TEST("many members merge as few do")
{
    ol_buf text = ol_buf_new(OL_KIB(64));
    ol_buf want = ol_buf_new(OL_KIB(64));
    ol_buf got = ol_buf_new(OL_KIB(64));
    ol_json value;
    ol_err err;
    ol_buf_add_char(&text, '{');
    add_members(&text, 1000, 1, 1);
    add_members(&text, 1000, 2, 7);
    ol_buf_add_char(&text, '}');
    ol_buf_add_char(&want, '{');
    add_members(&want, 1000, 2, 1);
    ol_buf_add_char(&want, '}');
    CHECK_OK(ol_json_parse(ol_buf_str(&text), &value, &err));
    CHECK_OK(ol_json_print(&value, OL_JSON_KEYS_AS_GIVEN, &got, &err));
    CHECK_STR(ol_buf_str(&got), ol_buf_str(&want));
    CHECK_EQ(ol_json_check_unique(&value, &err), OL_ERR_SHAPE);
    CHECK_OK(ol_json_parse(ol_buf_str(&want), &value, &err));
    CHECK_OK(ol_json_check_unique(&value, &err));
    ol_buf_deinit(&text);
    ol_buf_deinit(&want);
    ol_buf_deinit(&got);
}

TEST("duplicates anywhere are refused where the caller asks for it")
{
    ol_json value;
    ol_err err;
    CHECK_OK(
        ol_json_parse(OL_STR("{\"a\":{\"b\":[{\"c\":1},{\"c\":1,\"\\u0063\":2}]}}"), &value, &err));
    CHECK_EQ(ol_json_check_unique(&value, &err), OL_ERR_SHAPE);
    CHECK_STR(ol_err_text(&err), OL_STR("a.b[1]: duplicate field `c` at line 1 column 34"));
    CHECK_OK(ol_json_parse(OL_STR("{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":1}]}"), &value, &err));
    CHECK_OK(ol_json_check_unique(&value, &err));
}

TEST("printing past the buffer's maximum is refused")
{
    ol_buf small = ol_buf_new(8);
    ol_json value;
    ol_err err;
    CHECK_OK(ol_json_parse(OL_STR("[1,2,3,4]"), &value, &err));
    CHECK_EQ(ol_json_print(&value, OL_JSON_KEYS_AS_GIVEN, &small, &err), OL_ERR_LIMIT);
    ol_buf_deinit(&small);
}

TEST("a part of a document prints alone")
{
    ol_buf out = ol_buf_new(OL_KIB(1));
    ol_json root;
    ol_json input;
    ol_err err;
    CHECK_OK(ol_json_parse(OL_STR("{\"input\": {\"x\" : 1e2} , \"y\":0}"), &root, &err));
    CHECK(ol_json_find(&root, OL_STR("input"), &input));
    CHECK_OK(ol_json_print(&input, OL_JSON_KEYS_AS_GIVEN, &out, &err));
    CHECK_STR(ol_buf_str(&out), OL_STR("{\"x\":100.0}"));
    ol_buf_deinit(&out);
}

TEST("the recorded battery of numbers prints as exact rounding prints it")
{
    /* One array of pairs [text sent, text expected]: 246 numbers of the reference's record, the 58
     * it read inexactly replaced by what correct rounding gives. */
    ol_buf file = ol_buf_new(OL_MIB(1));
    ol_json pairs;
    ol_json pair;
    ol_err err;
    size_t count = 0;
    CHECK_OK(ol_file_load("tests/data/json_numbers.json", &file, &err));
    CHECK_OK(ol_json_parse(ol_buf_str(&file), &pairs, &err));
    for (ol_json_iter it = ol_json_iterate(&pairs); ol_json_next_item(&it, &pair); count++) {
        ol_json_iter sides = ol_json_iterate(&pair);
        ol_json sent;
        ol_json want;
        char number[512];
        char expected[64];
        CHECK(ol_json_next_item(&sides, &sent) && ol_json_next_item(&sides, &want));
        CHECK(sent.raw.len < sizeof number && want.raw.len < sizeof expected);
        number[ol_json_text_decode(&sent, number)] = '\0';
        expected[ol_json_text_decode(&want, expected)] = '\0';
        check_print(OL_JSON_KEYS_AS_GIVEN, number, expected);
    }
    CHECK_EQ(count, 246);
    ol_buf_deinit(&file);
}
