/* Where errors are, and in which words: clients of the reference know these texts
 * (Coordinator 1, 19). */
#include "lib/codec/json_read.h"

#include "lib/base/buf.h"
#include "lib/codec/utf8.h"
#include "tests/harness/test.h"

typedef struct fault_case {
    const char *text;
    const char *says;
} fault_case;

static const fault_case FAULTS[] = {
    {"", "EOF while parsing a value at line 1 column 0"},
    {"{", "EOF while parsing an object at line 1 column 1"},
    {"{\"input\":1,}", "trailing comma at line 1 column 12"},
    {"{\"input\":1} x", "trailing characters at line 1 column 13"},
    {"{\"input\":\"\xFF\"}", "input: invalid unicode code point at line 1 column 11"},
    {"{\"input\":\"\\ud800\"}", "input: unexpected end of hex escape at line 1 column 17"},
    {"{\"input\":\"a\nb\"}", "input: control character (\\u0000-\\u001F) found while parsing a "
                             "string at line 2 column 0"},
    {"{\"input\":NaN}", "input: expected value at line 1 column 10"},
    {"{\"input\":1e999}", "input: number out of range at line 1 column 14"},
    {"{\"input\":01}", "input: invalid number at line 1 column 11"},
    {"\xEF\xBB\xBF{}", "expected value at line 1 column 1"},
    {"{\n  \"a\": [1,\n    {\"b\": x}]}", "a[1].b: expected value at line 3 column 11"},
    {"{\"a\":{\"b\":[[],[0,1,{\"c\":tru}]]}}", "a.b[1][2].c: expected ident at line 1 column 28"},
    {"{\"a\":[{\"x\":[]},{}],\"b\":-}", "b: invalid number at line 1 column 25"},
    {"{\"a\":1 \"b\"}", "a: expected `,` or `}` at line 1 column 8"},
    {"[1 2]", "[0]: expected `,` or `]` at line 1 column 4"},
    {"{\"a\" 1}", "expected `:` at line 1 column 6"},
    {"{1:2}", "key must be a string at line 1 column 2"},
};

TEST("a syntax error names path, fault, line and column")
{
    OL_EACH (row, FAULTS) {
        ol_json value;
        ol_err err;
        CHECK_EQ_ROW(ol_json_parse(ol_str_of(row->text), &value, &err), OL_ERR_SYNTAX, row->text);
        CHECK_STR_ROW(ol_err_text(&err), ol_str_of(row->says), row->text);
    }
}

TEST("a path of all levels is given whole, a longer one left out")
{
    char text[1100];
    ol_buf body = ol_buf_over(text, sizeof text);
    ol_json value;
    ol_err err;
    ol_buf_add_str(&body, OL_STR("{\"input\":"));
    for (int i = 0; i < 127; i++)
        ol_buf_add_char(&body, '[');
    CHECK_EQ(ol_json_parse(ol_buf_str(&body), &value, &err), OL_ERR_SYNTAX);
    CHECK_STARTS(ol_err_text(&err), OL_STR("input[0][0][0]"), NULL);
    CHECK_ENDS(ol_err_text(&err), OL_STR("[0][0]: recursion limit exceeded at line 1 column 136"),
               NULL);

    ol_buf_clear(&body);
    ol_buf_add_str(&body, OL_STR("{\""));
    for (int i = 0; i < 1000; i++)
        ol_buf_add_char(&body, 'k');
    ol_buf_add_str(&body, OL_STR("\":x"));
    CHECK_EQ(ol_json_parse(ol_buf_str(&body), &value, &err), OL_ERR_SYNTAX);
    CHECK_STR(ol_err_text(&err), OL_STR("expected value at line 1 column 1005"));
}

TEST("an error may be asked for without its text")
{
    ol_json value;
    CHECK_EQ(ol_json_parse(OL_STR("[1,"), &value, NULL), OL_ERR_SYNTAX);
    CHECK(ol_json_valid(OL_STR("[1]")));
    CHECK(!ol_json_valid(OL_STR("[1")));
}

typedef ol_rc number_reader(const ol_json *value, ol_err *err);

static ol_rc read_u8(const ol_json *value, ol_err *err)
{
    uint8_t n;
    return ol_json_u8(value, &n, err);
}

static ol_rc read_u32(const ol_json *value, ol_err *err)
{
    uint32_t n;
    return ol_json_u32(value, &n, err);
}

static ol_rc read_u64(const ol_json *value, ol_err *err)
{
    uint64_t n;
    return ol_json_u64(value, &n, err);
}

static ol_rc read_i64(const ol_json *value, ol_err *err)
{
    int64_t n;
    return ol_json_i64(value, &n, err);
}

static ol_rc read_u128(const ol_json *value, ol_err *err)
{
    ol_u128 n;
    return ol_json_u128(value, &n, err);
}

static ol_rc read_i128(const ol_json *value, ol_err *err)
{
    ol_i128 n;
    return ol_json_i128(value, &n, err);
}

static const struct {
    number_reader *read;
    const char *most;
    const char *beyond;
} RANGES[] = {
    {read_u8, "255", "256"},
    {read_u8, "0", "-1"},
    {read_u32, "4294967295", "4294967296"},
    {read_u64, "18446744073709551615", "18446744073709551616"},
    {read_u64, "0", "-1"},
    {read_i64, "9223372036854775807", "9223372036854775808"},
    {read_i64, "-9223372036854775808", "-9223372036854775809"},
    {read_u128, "340282366920938463463374607431768211455",
     "340282366920938463463374607431768211456"},
    {read_i128, "170141183460469231731687303715884105727",
     "170141183460469231731687303715884105728"},
    {read_i128, "-170141183460469231731687303715884105728",
     "-170141183460469231731687303715884105729"},
};

static ol_json value_of(const char *text)
{
    ol_json value;
    ol_err err;
    CHECK_OK(ol_json_parse(ol_str_of(text), &value, &err));
    return value;
}

TEST("integers are exact to the ends of their type and refused beyond")
{
    OL_EACH (row, RANGES) {
        ol_json most = value_of(row->most);
        ol_json beyond = value_of(row->beyond);
        ol_err err;
        CHECK_EQ_ROW(row->read(&most, &err), OL_OK, row->most);
        CHECK_EQ_ROW(row->read(&beyond, &err), OL_ERR_SHAPE, row->beyond);
        CHECK_STARTS(ol_err_text(&err), OL_STR("invalid value: integer `"), row->beyond);
    }
}

static const fault_case NO_U64[] = {
    {"1.5", "invalid type: floating point `1.5`, expected u64 at line 1 column 3"},
    {"1e2", "invalid type: floating point `1e2`, expected u64 at line 1 column 3"},
    {"-0", "invalid type: floating point `-0`, expected u64 at line 1 column 2"},
    {"\"5\"", "invalid type: string \"5\", expected u64 at line 1 column 3"},
    {"true", "invalid type: boolean `true`, expected u64 at line 1 column 4"},
    {"null", "invalid type: null, expected u64 at line 1 column 4"},
    {"[1]", "invalid type: sequence, expected u64 at line 1 column 1"},
    {" {}", "invalid type: map, expected u64 at line 1 column 2"},
};

TEST("a value of another type is a shape error that shows it")
{
    OL_EACH (row, NO_U64) {
        ol_json value = value_of(row->text);
        ol_err err;
        CHECK_EQ_ROW(read_u64(&value, &err), OL_ERR_SHAPE, row->text);
        CHECK_STR_ROW(ol_err_text(&err), ol_str_of(row->says), row->text);
    }
}

TEST("a shown value is cut at a character")
{
    char text[400];
    ol_buf body = ol_buf_over(text, sizeof text);
    ol_json value;
    ol_err err;
    ol_buf_add_char(&body, '"');
    for (int i = 0; i < 150; i++)
        ol_buf_add_str(&body, OL_STR("\xC3\xA9"));
    ol_buf_add_char(&body, '"');
    CHECK_OK(ol_json_parse(ol_buf_str(&body), &value, &err));
    CHECK_EQ(read_u64(&value, &err), OL_ERR_SHAPE);
    CHECK_HAS(ol_err_text(&err), OL_STR("\xC3\xA9\xE2\x80\xA6, expected u64"), NULL);
    CHECK(ol_utf8_valid(ol_err_text(&err)));
}
