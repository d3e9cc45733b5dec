/* Texts, buffers, arenas and numbers. */
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/money.h"
#include "lib/base/str.h"
#include "tests/harness/test.h"

TEST("texts compare by bytes and length")
{
    CHECK(ol_str_eq(OL_STR("a\0b"), OL_STR("a\0b")));
    CHECK(!ol_str_eq(OL_STR("a\0b"), OL_STR("a\0c")));
    CHECK(!ol_str_eq(OL_STR("a"), OL_STR("ab")));
    CHECK(ol_str_eq(ol_str_of(NULL), OL_STR("")));
    CHECK(ol_str_eq_nocase(OL_STR("X-Payment-Key"), OL_STR("x-pAYMENT-kEY")));
    CHECK(!ol_str_eq_nocase(OL_STR("[a"), OL_STR("{a")));
    CHECK(ol_str_compare(OL_STR("a"), OL_STR("b")) < 0);
    CHECK(ol_str_compare(OL_STR("b"), OL_STR("a")) > 0);
    CHECK(ol_str_compare(OL_STR("a"), OL_STR("aa")) < 0);
    CHECK_EQ(ol_str_compare(OL_STR(""), OL_STR("")), 0);
    CHECK(ol_str_compare(OL_STR("\x7F"), OL_STR("\x80")) < 0);
}

TEST("starts, ends and places are found")
{
    size_t at = 99;
    CHECK(ol_str_starts(OL_STR("abc"), OL_STR("ab")) && !ol_str_starts(OL_STR("a"), OL_STR("ab")));
    CHECK(ol_str_ends(OL_STR("abc"), OL_STR("bc")) && !ol_str_ends(OL_STR("c"), OL_STR("bc")));
    CHECK(ol_str_starts(OL_STR("x"), OL_STR("")) && ol_str_ends(OL_STR(""), OL_STR("")));
    CHECK(!ol_str_find(OL_STR("abc"), OL_STR("bd"), &at) && at == 99);
    CHECK(ol_str_find(OL_STR("aabab"), OL_STR("ab"), &at) && at == 1);
    CHECK(ol_str_find(OL_STR("abc"), OL_STR(""), &at) && at == 0);
    CHECK(!ol_str_find(OL_STR("ab"), OL_STR("abc"), &at));
}

TEST("a cut splits at the first or the last occurrence, or changes nothing")
{
    ol_str head = OL_STR("h");
    ol_str tail = OL_STR("t");
    CHECK(!ol_str_cut(OL_STR("abc"), ':', &head, &tail));
    CHECK_STR(head, OL_STR("h"));
    CHECK(ol_str_cut(OL_STR("a:b:c"), ':', &head, &tail));
    CHECK_STR(head, OL_STR("a"));
    CHECK_STR(tail, OL_STR("b:c"));
    CHECK(ol_str_cut_last(OL_STR("a:b:c"), ':', &head, &tail));
    CHECK_STR(head, OL_STR("a:b"));
    CHECK_STR(tail, OL_STR("c"));
    CHECK(ol_str_cut(OL_STR(":"), ':', &head, &tail));
    CHECK_EQ(head.len + tail.len, 0);
}

static size_t count_parts(ol_str list)
{
    ol_str part;
    size_t count = 0;
    while (ol_str_next(&list, ',', &part))
        count++;
    return count;
}

TEST("a list falls into its parts")
{
    CHECK_EQ(count_parts(OL_STR("")), 0);
    CHECK_EQ(count_parts(OL_STR("a")), 1);
    CHECK_EQ(count_parts(OL_STR("a,")), 1);
    CHECK_EQ(count_parts(OL_STR("a,,b")), 3);
    CHECK_EQ(count_parts(OL_STR(",")), 1);
}

TEST("trimming and slicing stay within the text")
{
    CHECK_STR(ol_str_trim(OL_STR(" \t\r\n a b \v\f")), OL_STR("a b"));
    CHECK_EQ(ol_str_trim(OL_STR(" \n ")).len, 0);
    CHECK_STR(ol_str_slice(OL_STR("abc"), 1, 2), OL_STR("b"));
    CHECK_STR(ol_str_slice(OL_STR("abc"), 1, 99), OL_STR("bc"));
    CHECK_EQ(ol_str_slice(OL_STR("abc"), 7, 9).len, 0);
    CHECK_EQ(ol_str_slice(OL_STR("abc"), 2, 1).len, 0);
}

TEST("a buffer grows to its maximum, then fails and stays as it was")
{
    ol_buf buf = ol_buf_new(1000);
    for (int i = 0; i < 1000; i++)
        ol_buf_add_char(&buf, 'x');
    CHECK(ol_buf_ok(&buf) && buf.len == 1000);
    ol_buf_add_char(&buf, 'y');
    CHECK(!ol_buf_ok(&buf) && buf.len == 1000);
    ol_buf_add_str(&buf, OL_STR(""));
    CHECK_EQ(buf.data[999], 'x');
    ol_buf_clear(&buf);
    ol_buf_addf(&buf, "%d-%s", 7, "seven");
    CHECK_STR(ol_buf_str(&buf), OL_STR("7-seven"));
    ol_buf_add(&buf, (ol_bytes){(const uint8_t *)"x", SIZE_MAX});
    CHECK(!ol_buf_ok(&buf));
    ol_buf_deinit(&buf);
    ol_buf_deinit(&buf);
}

TEST("a buffer over storage never leaves it")
{
    char storage[8];
    ol_buf buf = ol_buf_over(storage, sizeof storage);
    ol_buf_add_str(&buf, OL_STR("12345678"));
    CHECK(ol_buf_ok(&buf));
    ol_buf_add_char(&buf, '9');
    CHECK(!ol_buf_ok(&buf));
    CHECK(buf.data == (uint8_t *)storage);
}

TEST("an arena gives zeroed, aligned memory up to its ceiling")
{
    ol_arena arena = ol_arena_new(OL_KIB(64));
    for (size_t bytes = 1; bytes < 6000; bytes += 97) {
        uint8_t *at = ol_arena_alloc(&arena, bytes);
        if (at == NULL)
            break;
        CHECK_EQ((uintptr_t)at % 16, 0);
        for (size_t i = 0; i < bytes; i++)
            CHECK_EQ(at[i], 0);
        memset(at, 0xFF, bytes);
    }
    CHECK(ol_arena_alloc(&arena, OL_KIB(64)) == NULL);
    CHECK(ol_arena_alloc(&arena, SIZE_MAX) == NULL);
    CHECK(ol_arena_array(&arena, SIZE_MAX / 2, 3) == NULL);
    ol_arena_deinit(&arena);
    CHECK(ol_arena_alloc(&arena, OL_KIB(64)) != NULL);
    ol_arena_deinit(&arena);
}

TEST("copies in an arena end with a NUL that does not count")
{
    ol_arena arena = ol_arena_new(64);
    ol_str copy;
    CHECK(ol_arena_copy(&arena, OL_STR("abc"), &copy));
    CHECK_STR(copy, OL_STR("abc"));
    CHECK_EQ(copy.data[3], '\0');
    CHECK_STR(ol_arena_printf(&arena, "%03d", 7), OL_STR("007"));
    CHECK(ol_arena_printf(&arena, "%200d", 7).data == NULL);
    CHECK(!ol_arena_copy(&arena, (ol_str){"", SIZE_MAX}, &copy));
    ol_arena_deinit(&arena);
}

TEST("decimal texts become numbers within their type only")
{
    static const char *const BAD[] = {"",
                                      "-",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "0x1",
                                      "1e3",
                                      "1.0",
                                      "340282366920938463463374607431768211456",
                                      "3402823669209384634633746074317682114550"};
    ol_u128 wide = 5;
    uint64_t u64 = 5;
    uint32_t u32 = 5;
    int64_t i64 = 5;
    OL_EACH (text, BAD)
        CHECK_ROW(!ol_u128_parse(ol_str_of(*text), &wide) && wide == 5, *text);
    CHECK(ol_u128_parse(OL_STR("340282366920938463463374607431768211455"), &wide));
    CHECK(wide == OL_U128_MAX);
    CHECK(ol_u64_parse(OL_STR("18446744073709551615"), &u64) && u64 == UINT64_MAX);
    CHECK(!ol_u64_parse(OL_STR("18446744073709551616"), &u64) && u64 == UINT64_MAX);
    CHECK(ol_u32_parse(OL_STR("0004294967295"), &u32) && u32 == UINT32_MAX);
    CHECK(!ol_u32_parse(OL_STR("4294967296"), &u32));
    CHECK(ol_i64_parse(OL_STR("-9223372036854775808"), &i64) && i64 == INT64_MIN);
    CHECK(!ol_i64_parse(OL_STR("-9223372036854775809"), &i64));
    CHECK(ol_i64_parse(OL_STR("9223372036854775807"), &i64) && i64 == INT64_MAX);
    CHECK(!ol_i64_parse(OL_STR("9223372036854775808"), &i64));
    CHECK(!ol_i64_parse(OL_STR("--1"), &i64));
}

TEST("numbers survive their text")
{
    ol_u128 value = 1;
    for (int i = 0; i < 130; i++) {
        ol_u128 back = 0;
        ol_u128_text text = ol_u128_format(value);
        CHECK_EQ(text.len, strlen(text.data));
        CHECK(ol_u128_parse((ol_str){text.data, text.len}, &back) && back == value);
        value = (ol_u128)(value * 3u + (unsigned)i);
    }
    CHECK_STR(ol_str_of(ol_u128_format(0).data), OL_STR("0"));
}

TEST("sums and products that do not fit leave the result alone")
{
    size_t size = 1;
    uint64_t u64 = 1;
    ol_u128 wide = 1;
    uint32_t u32 = 1;
    CHECK(!ol_size_add(SIZE_MAX, 1, &size) && !ol_size_mul(SIZE_MAX, 2, &size) && size == 1);
    CHECK(!ol_u64_add(UINT64_MAX, 1, &u64) && !ol_u64_mul(UINT64_MAX, 2, &u64) && u64 == 1);
    CHECK(!ol_u128_add(OL_U128_MAX, 1, &wide) && !ol_u128_mul(OL_U128_MAX, 2, &wide) && wide == 1);
    CHECK(ol_u128_mul(OL_U128_MAX, 1, &wide) && wide == OL_U128_MAX);
    CHECK(ol_u128_mul(0, OL_U128_MAX, &wide) && wide == 0);
    CHECK(!ol_u32_of((uint64_t)UINT32_MAX + 1, &u32) && u32 == 1);
    CHECK(!ol_u64_of_u128((ol_u128)UINT64_MAX + 1, &u64) && u64 == 1);
}

TEST("money does not wrap")
{
    ol_usd amount = OL_USD(5);
    CHECK(!ol_usd_sub(OL_USD(1), OL_USD(2), &amount) && amount.micro == 5);
    CHECK(!ol_usd_add(OL_USD(OL_U128_MAX), OL_USD(1), &amount) && amount.micro == 5);
    CHECK(!ol_usd_mul(OL_USD(OL_U128_MAX), 2, &amount) && amount.micro == 5);
    CHECK(ol_usd_sub(OL_USD(7), OL_USD(2), &amount) && amount.micro == 5);
    CHECK(ol_usd_is_zero(ol_usd_sub_floor(OL_USD(1), OL_USD(2))));
    CHECK(ol_usd_eq(ol_usd_min(OL_USD(3), OL_USD(4)), OL_USD(3)));
    CHECK_STR(ol_str_of(YOCTO(OL_YOCTO(OL_U128_MAX))),
              OL_STR("340282366920938463463374607431768211455"));
    CHECK(ol_usd_parse(OL_STR("12"), &amount) && amount.micro == 12);
    CHECK(!ol_usd_parse(OL_STR("1.2"), &amount));
}
