#include "lib/codec/json_write.h"

#include <math.h>

#include "lib/codec/json_read.h"
#include "tests/harness/test.h"

TEST("commas stand between members and items, nowhere else")
{
    ol_buf out = ol_buf_new(OL_KIB(1));
    ol_json_writer w = ol_json_writer_over(&out);
    ol_json_object_begin(&w);
    ol_json_put_u64(&w, "a", 1);
    ol_json_key(&w, "b");
    ol_json_array_begin(&w);
    ol_json_array_begin(&w);
    ol_json_array_end(&w);
    ol_json_object_begin(&w);
    ol_json_object_end(&w);
    ol_json_add_null(&w);
    ol_json_array_end(&w);
    ol_json_key_str(&w, OL_STR("c\n"));
    ol_json_object_begin(&w);
    ol_json_put_bool(&w, "d", true);
    ol_json_put_bool(&w, "e", false);
    ol_json_object_end(&w);
    ol_json_object_end(&w);
    CHECK_STR(ol_buf_str(&out),
              OL_STR("{\"a\":1,\"b\":[[],{},null],\"c\\n\":{\"d\":true,\"e\":false}}"));
    CHECK_EQ(w.depth, 0);
    ol_buf_deinit(&out);
}

TEST("every kind of value is written")
{
    static const uint8_t BYTES[] = {0, 9, 10, 99, 100, 255};
    ol_buf out = ol_buf_new(OL_KIB(4));
    ol_json_writer w = ol_json_writer_over(&out);
    ol_json_array_begin(&w);
    ol_json_add_i64(&w, INT64_MIN);
    ol_json_add_i64(&w, -1);
    ol_json_add_i64(&w, INT64_MAX);
    ol_json_add_u64(&w, UINT64_MAX);
    ol_json_add_u128(&w, OL_U128_MAX);
    ol_json_add_dec(&w, OL_U128_MAX);
    ol_json_add_double(&w, 0.5);
    ol_json_add_double(&w, 1e300);
    ol_json_add_double(&w, (double)NAN);
    ol_json_add_double(&w, (double)INFINITY);
    ol_json_add_hex(&w, (ol_bytes){BYTES, 6});
    ol_json_add_base64(&w, (ol_bytes){BYTES, 5});
    ol_json_add_byte_array(&w, (ol_bytes){BYTES, 6});
    ol_json_add_byte_array(&w, (ol_bytes){BYTES, 0});
    ol_json_add_raw(&w, OL_STR("{\"raw\":1}"));
    ol_json_add_cstr(&w, "text");
    ol_json_array_end(&w);
    CHECK_STR(ol_buf_str(&out),
              OL_STR("[-9223372036854775808,-1,9223372036854775807,18446744073709551615,"
                     "340282366920938463463374607431768211455,"
                     "\"340282366920938463463374607431768211455\",0.5,1e+300,null,null,"
                     "\"00090a6364ff\",\"AAkKY2Q=\",[0,9,10,99,100,255],[],{\"raw\":1},\"text\"]"));
    CHECK(ol_json_valid(ol_buf_str(&out)));
    ol_buf_deinit(&out);
}

static const struct {
    ol_str text;
    const char *json;
} STRINGS[] = {
    {OL_STR_INIT(""), "\"\""},
    {OL_STR_INIT("\"\\/\b\f\n\r\t"), "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
    {OL_STR_INIT("\0\x01\x1F\x7F"), "\"\\u0000\\u0001\\u001f\x7F\""},
    {OL_STR_INIT("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"),
     "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\""},
    {OL_STR_INIT("a\xFF"
                 "b"),
     "\"a\xEF\xBF\xBD"
     "b\""},
    {OL_STR_INIT("\xC3"), "\"\xEF\xBF\xBD\""},
    {OL_STR_INIT("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    {OL_STR_INIT("more than sixteen plain bytes, then \"quoted\" and \xE2\x82 cut"),
     "\"more than sixteen plain bytes, then \\\"quoted\\\" and \xEF\xBF\xBD cut\""},
};

TEST("strings are escaped where JSON asks for it, and bad bytes replaced")
{
    OL_EACH (row, STRINGS) {
        ol_buf out = ol_buf_new(OL_KIB(1));
        ol_json_writer w = ol_json_writer_over(&out);
        ol_json_add_str(&w, row->text);
        CHECK_STR_ROW(ol_buf_str(&out), ol_str_of(row->json), row->json);
        CHECK_ROW(ol_json_valid(ol_buf_str(&out)), row->json);
        ol_buf_deinit(&out);
    }
}

TEST("what does not fit marks the buffer")
{
    uint8_t storage[8];
    ol_buf out = ol_buf_over(storage, sizeof storage);
    ol_json_writer w = ol_json_writer_over(&out);
    ol_json_add_cstr(&w, "nine bytes and more");
    CHECK(!ol_buf_ok(&out));
}
