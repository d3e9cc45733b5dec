/* What is JSON and what is not. The cases cover what the public JSON test suite covers, written
 * anew; where that suite leaves the choice to the reader, the sentence says ours. */
#include "lib/codec/json_read.h"

#include <stdlib.h>
#include <string.h>

#include "lib/codec/json_print.h"
#include "tests/harness/test.h"

static const ol_str ACCEPTED[] = {
    /* structure */
    OL_STR_INIT("[]"),
    OL_STR_INIT("{}"),
    OL_STR_INIT("\"\""),
    OL_STR_INIT(" [ ] "),
    OL_STR_INIT("[[ ]\t]"),
    OL_STR_INIT("\r\n{ \"k\"\n:\n[ ] }\n"),
    OL_STR_INIT("true"),
    OL_STR_INIT("false"),
    OL_STR_INIT("null"),
    OL_STR_INIT("7"),
    OL_STR_INIT("-0.5"),
    OL_STR_INIT("\"text\""),
    OL_STR_INIT("[null,0,\"0\",{},[],true,false]"),
    OL_STR_INIT("{\"\":0}"),
    OL_STR_INIT("{\"k\":1,\"k\":2}"),
    OL_STR_INIT("{\"a\":[{\"b\":{}}]}"),
    OL_STR_INIT("{\"nul\\u0000within\":1}"),
    OL_STR_INIT("[1,null,null,2]"),
    /* numbers */
    OL_STR_INIT("[0]"),
    OL_STR_INIT("[-0]"),
    OL_STR_INIT("[-0.0]"),
    OL_STR_INIT("[10]"),
    OL_STR_INIT("[-10]"),
    OL_STR_INIT("[0e0]"),
    OL_STR_INIT("[0E+7]"),
    OL_STR_INIT("[0e-7]"),
    OL_STR_INIT("[5e2]"),
    OL_STR_INIT("[5E-2]"),
    OL_STR_INIT("[5.25e+2]"),
    OL_STR_INIT("[1.0625]"),
    OL_STR_INIT("[98765432109876543210987654321098765432109876543210]"),
    OL_STR_INIT("[-0.00000000000000000000000000000000000000000000000000000000000000000000001]"),
    OL_STR_INIT("[1e308]"),
    OL_STR_INIT("[1e-999999999999999999999]"),
    OL_STR_INIT("[0e999999]"),
    /* strings */
    OL_STR_INIT("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"),
    OL_STR_INIT("[\"\\u0000\"]"),
    OL_STR_INIT("[\"\\u00fF\\u0123\\uABCD\"]"),
    OL_STR_INIT("[\"\\ud83d\\ude00\"]"),
    OL_STR_INIT("[\"\\uD800\\uDC00\"]"),
    OL_STR_INIT("[\"\\uDBFF\\uDFFF\"]"),
    OL_STR_INIT("[\"\\uffff\\ufffe\\ufdd0\"]"),
    OL_STR_INIT("[\"\\\\u0041\"]"),
    OL_STR_INIT("[\"/* no comment // */\"]"),
    OL_STR_INIT("[\"\x7F\"]"),
    OL_STR_INIT("[\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\"]"),
    OL_STR_INIT("[\"\xC2\x80\"]"),
    OL_STR_INIT("[\"\xEF\xBF\xBF\"]"),
    OL_STR_INIT("[\"\xF4\x8F\xBF\xBF\"]"),
    OL_STR_INIT("[\"\xED\x9F\xBF\xEE\x80\x80\"]"),
    OL_STR_INIT("[\"\xE2\x80\xA8\xE2\x80\xA9\"]"),
    OL_STR_INIT("[\"sixteen bytes or more of plain text, then \\u0031 and \xC3\xA4 more\"]"),
};

static const ol_str REFUSED[] = {
    /* nothing, or not only one value */
    OL_STR_INIT(""),
    OL_STR_INIT(" "),
    OL_STR_INIT("\n"),
    OL_STR_INIT("1 2"),
    OL_STR_INIT("[][]"),
    OL_STR_INIT("{} {}"),
    OL_STR_INIT("[1]x"),
    OL_STR_INIT("{\"a\":1}#"),
    OL_STR_INIT("]"),
    OL_STR_INIT("}"),
    OL_STR_INIT("1]"),
    OL_STR_INIT("[1]]"),
    OL_STR_INIT("{}}"),
    OL_STR_INIT("\"a\"b"),
    OL_STR_INIT("2@"),
    OL_STR_INIT("{\"a\":1}//"),
    OL_STR_INIT("[1]/**/"),
    OL_STR_INIT("[1]\0"),
    OL_STR_INIT("123\0"),
    /* a byte order mark, other spaces, other encodings */
    OL_STR_INIT("\xEF\xBB\xBF[]"),
    OL_STR_INIT("\xEF\xBB\xBF"),
    OL_STR_INIT("\xEF\xBB{}"),
    OL_STR_INIT("[\v1]"),
    OL_STR_INIT("[1\f]"),
    OL_STR_INIT("[\xC2\xA0]"),
    OL_STR_INIT("[\xE2\x81\xA0]"),
    OL_STR_INIT("[\0]"),
    OL_STR_INIT("\0[\0]"),
    OL_STR_INIT("[\0\"\0a\0\"\0]\0"),
    OL_STR_INIT("\xFF\xFE[\0]\0"),
    OL_STR_INIT("\xE5"),
    /* arrays */
    OL_STR_INIT("["),
    OL_STR_INIT("[1"),
    OL_STR_INIT("[1,"),
    OL_STR_INIT("[1,]"),
    OL_STR_INIT("[,]"),
    OL_STR_INIT("[,1]"),
    OL_STR_INIT("[1,,2]"),
    OL_STR_INIT("[1,,]"),
    OL_STR_INIT("[1 2]"),
    OL_STR_INIT("[1:2]"),
    OL_STR_INIT("[1;2]"),
    OL_STR_INIT("[\"a\":1]"),
    OL_STR_INIT("[1[2]]"),
    OL_STR_INIT("[{}"),
    OL_STR_INIT("[*]"),
    OL_STR_INIT("[1}"),
    OL_STR_INIT("[x"),
    OL_STR_INIT("[\"a\",\n2\n,3,"),
    /* objects */
    OL_STR_INIT("{"),
    OL_STR_INIT("{\"a\""),
    OL_STR_INIT("{\"a\":"),
    OL_STR_INIT("{\"a\":1"),
    OL_STR_INIT("{\"a\":1,"),
    OL_STR_INIT("{\"a\":1,}"),
    OL_STR_INIT("{,}"),
    OL_STR_INIT("{\"a\"}"),
    OL_STR_INIT("{\"a\" 1}"),
    OL_STR_INIT("{\"a\",1}"),
    OL_STR_INIT("{\"a\"::1}"),
    OL_STR_INIT("{:1}"),
    OL_STR_INIT("{1:1}"),
    OL_STR_INIT("{a:1}"),
    OL_STR_INIT("{'a':1}"),
    OL_STR_INIT("{null:1}"),
    OL_STR_INIT("{[]:1}"),
    OL_STR_INIT("{\"a\":1 \"b\":2}"),
    OL_STR_INIT("{\"a\":1,,\"b\":2}"),
    OL_STR_INIT("{\"a\":1,\"b\"}"),
    OL_STR_INIT("{\"a\":1]"),
    OL_STR_INIT("{\"a\":/**/1}"),
    OL_STR_INIT("{]"),
    OL_STR_INIT("{["),
    OL_STR_INIT("{\"a"),
    OL_STR_INIT("{9e9999:1}"),
    OL_STR_INIT("{\xF0\x9F\x87\xA8}"),
    /* words */
    OL_STR_INIT("nul"),
    OL_STR_INIT("[tru]"),
    OL_STR_INIT("[fals]"),
    OL_STR_INIT("[True]"),
    OL_STR_INIT("[NULL]"),
    OL_STR_INIT("truth"),
    OL_STR_INIT("nulll"),
    OL_STR_INIT("[undefined]"),
    OL_STR_INIT("<a>"),
    OL_STR_INIT("abc"),
    OL_STR_INIT("*"),
    OL_STR_INIT("[\xC3\xA9]"),
    /* numbers */
    OL_STR_INIT("-"),
    OL_STR_INIT("[-]"),
    OL_STR_INIT("[+1]"),
    OL_STR_INIT("[++1]"),
    OL_STR_INIT("[- 1]"),
    OL_STR_INIT("[--1]"),
    OL_STR_INIT("[01]"),
    OL_STR_INIT("[-01]"),
    OL_STR_INIT("[00]"),
    OL_STR_INIT("[1.]"),
    OL_STR_INIT("1."),
    OL_STR_INIT("[.5]"),
    OL_STR_INIT("[-.5]"),
    OL_STR_INIT("[1.2.3]"),
    OL_STR_INIT("[1.e1]"),
    OL_STR_INIT("[1e]"),
    OL_STR_INIT("1e"),
    OL_STR_INIT("[1e+]"),
    OL_STR_INIT("[1E-]"),
    OL_STR_INIT("[1eE2]"),
    OL_STR_INIT("[1e+-2]"),
    OL_STR_INIT("[1e1.5]"),
    OL_STR_INIT("[0x1F]"),
    OL_STR_INIT("[1_000]"),
    OL_STR_INIT("[1 000]"),
    OL_STR_INIT("[1+2]"),
    OL_STR_INIT("[1a]"),
    OL_STR_INIT("[-a]"),
    OL_STR_INIT("[NaN]"),
    OL_STR_INIT("[-NaN]"),
    OL_STR_INIT("[Infinity]"),
    OL_STR_INIT("[-Inf]"),
    OL_STR_INIT("[1f]"),
    OL_STR_INIT("[\xEF\xBC\x91]"),
    OL_STR_INIT("[1\xE5]"),
    OL_STR_INIT("[1e1\xE5]"),
    /* strings */
    OL_STR_INIT("\""),
    OL_STR_INIT("[\"a"),
    OL_STR_INIT("[\"a]"),
    OL_STR_INIT("['a']"),
    OL_STR_INIT("[\"\\\"]"),
    OL_STR_INIT("[\"\\"),
    OL_STR_INIT("[\"\\a\"]"),
    OL_STR_INIT("[\"\\x41\"]"),
    OL_STR_INIT("[\"\\U0041\"]"),
    OL_STR_INIT("[\"\\u\"]"),
    OL_STR_INIT("[\"\\u004\"]"),
    OL_STR_INIT("[\"\\u00g0\"]"),
    OL_STR_INIT("[\"\\u+123\"]"),
    OL_STR_INIT("[\"\\\t\"]"),
    OL_STR_INIT("[\"\\\0\"]"),
    OL_STR_INIT("[\"\\\xC3\xA9\"]"),
    OL_STR_INIT("[\"\t\"]"),
    OL_STR_INIT("[\"\n\"]"),
    OL_STR_INIT("[\"\0\"]"),
    OL_STR_INIT("[\"\x1F\"]"),
    OL_STR_INIT("[\\u0020]"),
    OL_STR_INIT("[\\n]"),
    OL_STR_INIT("[\"behind sixteen plain bytes \x01\"]"),
};

/* Open points of the standard and how we close them. */
static const ol_str REFUSED_BY_CHOICE[] = {
    /* a number beyond the largest double has no value to give */
    OL_STR_INIT("[1e309]"),
    OL_STR_INIT("[-1.8e308]"),
    OL_STR_INIT("[1e99999999999999999999]"),
    OL_STR_INIT("[0.1e310]"),
    /* half of a surrogate pair is no character */
    OL_STR_INIT("[\"\\ud800\"]"),
    OL_STR_INIT("[\"\\udc00\"]"),
    OL_STR_INIT("[\"\\ud800x\"]"),
    OL_STR_INIT("[\"\\ud800\\n\"]"),
    OL_STR_INIT("[\"\\ud800\\u0041\"]"),
    OL_STR_INIT("[\"\\ud800\\ud800\"]"),
    OL_STR_INIT("[\"\\udc00\\ud800\"]"),
    OL_STR_INIT("[\"\\ud800\\udc0\"]"),
    OL_STR_INIT("{\"\\udfff\":0}"),
    /* bytes that are not UTF-8: continuation alone, cut short, long forms, surrogates, too high */
    OL_STR_INIT("[\"\x80\"]"),
    OL_STR_INIT("[\"\xBF\"]"),
    OL_STR_INIT("[\"\xC3\"]"),
    OL_STR_INIT("[\"\xE2\x82\"]"),
    OL_STR_INIT("[\"\xF0\x9F\x98\"]"),
    OL_STR_INIT("[\"\xC0\xAF\"]"),
    OL_STR_INIT("[\"\xC1\xBF\"]"),
    OL_STR_INIT("[\"\xE0\x80\xAF\"]"),
    OL_STR_INIT("[\"\xF0\x80\x80\xAF\"]"),
    OL_STR_INIT("[\"\xED\xA0\x80\"]"),
    OL_STR_INIT("[\"\xF4\x90\x80\x80\"]"),
    OL_STR_INIT("[\"\xF5\x80\x80\x80\"]"),
    OL_STR_INIT("[\"\xFC\x83\xBF\xBF\xBF\xBF\"]"),
    OL_STR_INIT("[\"\xFE\"]"),
    OL_STR_INIT("[\"\xFF\"]"),
    OL_STR_INIT("[\"\xE9t\xE9\"]"),
    OL_STR_INIT("{\"\xB9\":\"0\",}"),
};

/* In memory of its own size, so that AddressSanitizer sees a byte read too far. */
static ol_rc parse_exact(ol_str text, ol_err *err)
{
    ol_json value;
    char *copy = malloc(text.len > 0 ? text.len : 1);
    OL_ASSERT(copy != NULL);
    memcpy(copy, text.data, text.len);
    ol_rc rc = ol_json_parse((ol_str){copy, text.len}, &value, err);
    free(copy);
    return rc;
}

TEST("every form of the grammar is read")
{
    OL_EACH (text, ACCEPTED) {
        ol_err err;
        ol_rc rc = parse_exact(*text, &err);
        if (rc != OL_OK)
            ol_test_fail(__FILE__, __LINE__, "%.*s: %s", OL_FMT(*text), err.text);
    }
}

TEST("everything outside of the grammar is refused as syntax")
{
    OL_EACH (text, REFUSED) {
        ol_err err;
        CHECK_EQ_ROW(parse_exact(*text, &err), OL_ERR_SYNTAX, text->data);
    }
}

TEST("numbers beyond a double, half surrogate pairs and bytes that are not UTF-8 are refused")
{
    OL_EACH (text, REFUSED_BY_CHOICE) {
        ol_err err;
        CHECK_EQ_ROW(parse_exact(*text, &err), OL_ERR_SYNTAX, text->data);
    }
}

TEST("a document cut anywhere is refused")
{
    ol_str whole = OL_STR("{\"a\":[1,-2.5e+7,\"x\\u00e9\\ud83d\\ude00\xE2\x82\xAC\",true,null],"
                          "\"long enough for a block of sixteen\":{\"b\":{}}}");
    ol_err err;
    CHECK_EQ(parse_exact(whole, &err), OL_OK);
    for (size_t len = 0; len < whole.len; len++)
        CHECK_EQ(parse_exact(ol_str_slice(whole, 0, len), &err), OL_ERR_SYNTAX);
}

TEST("a string is checked the same at every place in a block")
{
    /* Each special byte at each offset of a string of each length around the block size. */
    static const struct {
        const char *text;
        bool good;
    } SPECIAL[] = {
        {"\\n", true},   {"\\u00e9", true}, {"\xC3\xA9", true}, {"\xF0\x9F\x98\x80", true},
        {"\x01", false}, {"\xFF", false},   {"\\q", false},     {"\\ud800", false}};
    for (size_t pad = 0; pad < 40; pad++) {
        OL_EACH (row, SPECIAL) {
            for (size_t tail = 0; tail < 20; tail++) {
                char text[128];
                size_t len = 0;
                text[len++] = '"';
                for (size_t i = 0; i < pad; i++)
                    text[len++] = 'a';
                memcpy(text + len, row->text, strlen(row->text));
                len += strlen(row->text);
                for (size_t i = 0; i < tail; i++)
                    text[len++] = 'b';
                text[len++] = '"';
                ol_err err;
                CHECK_EQ_ROW(parse_exact((ol_str){text, len}, &err) == OL_OK, row->good, row->text);
            }
        }
    }
}

static ol_str nested(char *text, char open, char close, size_t depth)
{
    memset(text, open, depth);
    memset(text + depth, close, depth);
    return (ol_str){text, 2 * depth};
}

TEST("127 levels are read, 128 are too deep")
{
    char text[2 * 128];
    ol_err err;
    CHECK_EQ(parse_exact(nested(text, '[', ']', 127), &err), OL_OK);
    CHECK_EQ(parse_exact(nested(text, '[', ']', 128), &err), OL_ERR_SYNTAX);
    CHECK_ENDS(ol_err_text(&err), OL_STR("recursion limit exceeded at line 1 column 128"), NULL);
}

TEST("a hundred thousand open brackets cost no stack")
{
    static char text[100000];
    memset(text, '[', sizeof text);
    ol_err err;
    CHECK_EQ(parse_exact((ol_str){text, sizeof text}, &err), OL_ERR_SYNTAX);
    for (size_t i = 0; i + 5 <= sizeof text; i += 5)
        memcpy(text + i, "{\"\":[", 5);
    CHECK_EQ(parse_exact((ol_str){text, sizeof text}, &err), OL_ERR_SYNTAX);
}

TEST("the caller sets depth and size")
{
    ol_json value;
    ol_err err;
    char text[2 * 1024];
    ol_json_limits limits = {.bytes_max = 4, .depth_max = 2};
    CHECK_OK(ol_json_parse_within(OL_STR("[[]]"), limits, &value, &err));
    CHECK_EQ(ol_json_parse_within(OL_STR("[[] ]"), limits, &value, &err), OL_ERR_LIMIT);
    limits.bytes_max = 6;
    CHECK_EQ(ol_json_parse_within(OL_STR("[[[]]]"), limits, &value, &err), OL_ERR_SYNTAX);
    limits = (ol_json_limits){.bytes_max = sizeof text, .depth_max = OL_JSON_DEPTH_CEILING};
    CHECK_OK(ol_json_parse_within(nested(text, '[', ']', 1024), limits, &value, &err));
}

TEST("what was read prints to text that reads and prints the same")
{
    OL_EACH (text, ACCEPTED) {
        ol_err err;
        ol_json value;
        ol_buf once = ol_buf_new(OL_KIB(4));
        ol_buf twice = ol_buf_new(OL_KIB(4));
        CHECK_OK(ol_json_parse(*text, &value, &err));
        CHECK_OK(ol_json_print(&value, OL_JSON_KEYS_AS_GIVEN, &once, &err));
        CHECK_OK(ol_json_parse(ol_buf_str(&once), &value, &err));
        CHECK_OK(ol_json_print(&value, OL_JSON_KEYS_AS_GIVEN, &twice, &err));
        CHECK_STR_ROW(ol_buf_str(&twice), ol_buf_str(&once), text->data);
        ol_buf_deinit(&once);
        ol_buf_deinit(&twice);
    }
}
