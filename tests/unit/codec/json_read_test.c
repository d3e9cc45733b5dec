#include "lib/codec/json_read.h"

#include <string.h>

#include "tests/harness/test.h"

static ol_json parsed(const char *text)
{
    ol_json value;
    ol_err err;
    CHECK_OK(ol_json_parse(ol_str_of(text), &value, &err));
    return value;
}

TEST("values are slices of the document, without the space around")
{
    ol_json root = parsed(" { \"a\" : [ 1 , \"x\" ] , \"b\" : { } } ");
    ol_json item;
    CHECK_STR(root.raw, OL_STR("{ \"a\" : [ 1 , \"x\" ] , \"b\" : { } }"));
    CHECK(ol_json_find(&root, OL_STR("a"), &item));
    CHECK_STR(item.raw, OL_STR("[ 1 , \"x\" ]"));
    CHECK_EQ(ol_json_count(&item), 2);
    CHECK(ol_json_find(&root, OL_STR("b"), &item));
    CHECK_STR(item.raw, OL_STR("{ }"));
    CHECK_EQ(ol_json_count(&item), 0);
    CHECK(!ol_json_find(&root, OL_STR("c"), &item));
    CHECK(!ol_json_find(&item, OL_STR("a"), &item));
}

TEST("of a repeated name the last member is found, whatever its escapes")
{
    ol_json root = parsed("{\"a\":1,\"\\u0061\":2,\"b\":3}");
    ol_json value;
    CHECK(ol_json_find(&root, OL_STR("a"), &value));
    CHECK_STR(value.raw, OL_STR("2"));
    CHECK_EQ(ol_json_count(&root), 3);
    ol_json number = parsed("5");
    CHECK(!ol_json_find(&number, OL_STR("a"), &value));
}

TEST("brackets and quotes inside of strings do not end a value")
{
    ol_json root =
        parsed("[\"]}\\\"[{\",{\"a]\\\\\":\"}\\\\\"},\"long text, with ] and } and { in it\"]");
    ol_json_iter it = ol_json_iterate(&root);
    ol_json item;
    CHECK(ol_json_next_item(&it, &item));
    CHECK_STR(item.raw, OL_STR("\"]}\\\"[{\""));
    CHECK(ol_json_next_item(&it, &item));
    CHECK_STR(item.raw, OL_STR("{\"a]\\\\\":\"}\\\\\"}"));
    CHECK(ol_json_next_item(&it, &item));
    CHECK_EQ(ol_json_kind_of(&item), OL_JSON_STRING);
    CHECK(!ol_json_next_item(&it, &item));
}

TEST("what lies behind the text closes no string in it")
{
    char bytes[160];
    memset(bytes, 'a', sizeof bytes);
    bytes[0] = '"';
    for (size_t len = 1; len < sizeof bytes; len++) {
        ol_json root;
        ol_err err = {0};
        bytes[len] = '"';
        CHECK_EQ(ol_json_parse((ol_str){bytes, len}, &root, &err), OL_ERR_SYNTAX);
        CHECK_OK(ol_json_parse((ol_str){bytes, len + 1}, &root, &err));
        CHECK_EQ(root.raw.len, len + 1);
        bytes[len] = 'a';
    }
}

TEST("kinds are told by value")
{
    static const struct {
        const char *text;
        ol_json_kind kind;
    } KINDS[] = {{"null", OL_JSON_NULL}, {"true", OL_JSON_BOOL},  {"false", OL_JSON_BOOL},
                 {"-1", OL_JSON_NUMBER}, {"0.5", OL_JSON_NUMBER}, {"\"\"", OL_JSON_STRING},
                 {"[]", OL_JSON_ARRAY},  {"{}", OL_JSON_OBJECT}};
    OL_EACH (row, KINDS) {
        ol_json value = parsed(row->text);
        CHECK_EQ_ROW(ol_json_kind_of(&value), row->kind, row->text);
        CHECK_EQ_ROW(ol_json_is_null(&value), row->kind == OL_JSON_NULL, row->text);
    }
}

static const struct {
    const char *json;
    ol_str text;
} TEXTS[] = {
    {"\"\"", OL_STR_INIT("")},
    {"\"plain\"", OL_STR_INIT("plain")},
    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", OL_STR_INIT("\"\\/\b\f\n\r\t")},
    {"\"a\\u0000b\"", OL_STR_INIT("a\0b")},
    {"\"\\u00e9\\u20AC\\ud83d\\uDE00.\"", OL_STR_INIT("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80.")},
    {"\"\\ud800\\udc00\\udbff\\udfff\"", OL_STR_INIT("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF")},
    {"\"\xC3\xA9\\\\u0041\"", OL_STR_INIT("\xC3\xA9\\u0041")},
};

TEST("strings decode, and compare without decoding")
{
    OL_EACH (row, TEXTS) {
        ol_arena arena = ol_arena_new(OL_KIB(4));
        ol_json value = parsed(row->json);
        char storage[64];
        ol_str text;
        ol_err err;
        CHECK_OK(ol_json_text(&value, &arena, &text, &err));
        CHECK_STR_ROW(text, row->text, row->json);
        size_t len = ol_json_text_decode(&value, storage);
        CHECK(len <= value.raw.len - 2);
        CHECK_STR_ROW(((ol_str){storage, len}), row->text, row->json);
        CHECK_ROW(ol_json_text_is(&value, row->text), row->json);
        CHECK_ROW(!ol_json_text_is(&value, OL_STR("other")), row->json);
        if (row->text.len > 0)
            CHECK_ROW(!ol_json_text_is(&value, ol_str_slice(row->text, 0, row->text.len - 1)),
                      row->json);
        ol_arena_deinit(&arena);
    }
}

TEST("a text without escapes is not copied, one with escapes needs room in the arena")
{
    ol_arena none = ol_arena_new(0);
    ol_json value = parsed("\"plain\"");
    ol_str text;
    ol_err err;
    CHECK_OK(ol_json_text(&value, &none, &text, &err));
    CHECK(text.data == value.raw.data + 1);
    value = parsed("\"\\n\"");
    CHECK_EQ(ol_json_text(&value, &none, &text, &err), OL_ERR_NO_MEMORY);
    value = parsed("5");
    CHECK_EQ(ol_json_text(&value, &none, &text, &err), OL_ERR_SHAPE);
    ol_arena_deinit(&none);
}

TEST("byte arrays hold integers from 0 to 255 and nothing else")
{
    static const uint8_t WANT[] = {0, 127, 255};
    ol_arena arena = ol_arena_new(OL_KIB(4));
    ol_json value = parsed(" [ 0 ,127, 255 ] ");
    ol_bytes bytes;
    ol_err err;
    CHECK_OK(ol_json_byte_array(&value, &arena, &bytes, &err));
    CHECK(ol_bytes_eq(bytes, (ol_bytes){WANT, sizeof WANT}));
    value = parsed("[]");
    CHECK_OK(ol_json_byte_array(&value, &arena, &bytes, &err));
    CHECK_EQ(bytes.len, 0);
    static const char *const BAD[] = {"[256]", "[-1]", "[1.0]", "[\"1\"]", "[null]", "{}", "\"\""};
    OL_EACH (text, BAD) {
        value = parsed(*text);
        CHECK_EQ_ROW(ol_json_byte_array(&value, &arena, &bytes, &err), OL_ERR_SHAPE, *text);
    }
    ol_arena_deinit(&arena);
}

TEST("decimal strings are money: digits only, 128 bits")
{
    ol_u128 amount = 7;
    ol_err err;
    ol_json value = parsed("\"340282366920938463463374607431768211455\"");
    CHECK_OK(ol_json_u128_text(&value, &amount, &err));
    CHECK(amount == OL_U128_MAX);
    static const char *const BAD[] = {
        "\"\"",   "\"-1\"",      "\"1.0\"",
        "\" 1\"", "5",           "\"1e3\"",
        "null",   "\"\\u0031\"", "\"340282366920938463463374607431768211456\""};
    OL_EACH (text, BAD) {
        value = parsed(*text);
        CHECK_EQ_ROW(ol_json_u128_text(&value, &amount, &err), OL_ERR_SHAPE, *text);
        CHECK(amount == OL_U128_MAX);
    }
}

TEST("booleans and doubles are read")
{
    bool truth = false;
    double number = 0;
    ol_err err;
    ol_json value = parsed("true");
    CHECK_OK(ol_json_bool(&value, &truth, &err));
    CHECK(truth);
    CHECK_EQ(ol_json_double(&value, &number, &err), OL_ERR_SHAPE);
    value = parsed("-2.5e-1");
    CHECK_OK(ol_json_double(&value, &number, &err));
    CHECK(number == -0.25);
    CHECK_EQ(ol_json_bool(&value, &truth, &err), OL_ERR_SHAPE);
}
