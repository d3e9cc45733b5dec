/* Hex, Base58, Base64, UTF-8, UUID and Borsh. */
#include <string.h>

#include "lib/codec/base58.h"
#include "lib/codec/base64.h"
#include "lib/codec/borsh.h"
#include "lib/codec/hex.h"
#include "lib/codec/utf8.h"
#include "lib/codec/uuid.h"
#include "tests/harness/test.h"

static void fill(uint8_t *bytes, size_t size, uint64_t seed)
{
    for (size_t i = 0; i < size; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        bytes[i] = (uint8_t)(seed >> 56);
    }
}

TEST("hex reads both cases, writes the lower one, refuses the rest")
{
    ol_arena arena = ol_arena_new(OL_KIB(4));
    uint8_t fixed[3] = {9, 9, 9};
    ol_bytes bytes;
    CHECK(ol_hex_decode(OL_STR("00fFA1"), &arena, &bytes));
    CHECK_STR(ol_hex_of(&arena, bytes), OL_STR("00ffa1"));
    CHECK(ol_hex_decode(OL_STR(""), &arena, &bytes));
    CHECK_EQ(bytes.len, 0);
    CHECK(ol_hex_decode_fixed(OL_STR("0102fe"), fixed, 3));
    CHECK_EQ(fixed[2], 0xFE);
    static const char *const BAD[] = {"0", "0g", "0x", " 00", "0\xC3", "-1", "00 "};
    OL_EACH (text, BAD)
        CHECK_ROW(!ol_hex_decode(ol_str_of(*text), &arena, &bytes), *text);
    CHECK(!ol_hex_decode_fixed(OL_STR("0102"), fixed, 3));
    CHECK(!ol_hex_decode_fixed(OL_STR("01020304"), fixed, 3));
    CHECK(!ol_hex_decode_fixed(OL_STR("01020"), fixed, 2));
    CHECK(!ol_hex_decode_fixed(OL_STR("ffffzz"), fixed, 3));
    CHECK_EQ(fixed[2], 0xFE);
    ol_arena_deinit(&arena);
}

static const struct {
    const char *hex;
    const char *text;
} BASE58[] = {
    {"", ""},
    {"00", "1"},
    {"0000", "11"},
    {"61", "2g"},
    {"39", "z"},
    {"3a", "21"},
    {"00010966776006953d5567439e5e39f86a0d273beed61967f6", "16UwLL9Risc3QfPqBUvKofHmBQ7wMtjvM"},
    {"0000000000000000000000000000000000000000000000000000000000000000",
     "11111111111111111111111111111111"},
    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     "JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFG"},
};

TEST("Base58 agrees with known texts in both directions")
{
    OL_EACH (row, BASE58) {
        ol_arena arena = ol_arena_new(OL_KIB(4));
        ol_bytes bytes;
        uint8_t back[64];
        size_t len;
        CHECK(ol_hex_decode(ol_str_of(row->hex), &arena, &bytes));
        CHECK_STR_ROW(ol_base58_of(&arena, bytes), ol_str_of(row->text), row->hex);
        CHECK_ROW(ol_base58_decode(ol_str_of(row->text), back, sizeof back, &len), row->text);
        CHECK_ROW(ol_bytes_eq((ol_bytes){back, len}, bytes), row->text);
        ol_arena_deinit(&arena);
    }
}

TEST("Base58 refuses other characters, other lengths and what is too long")
{
    ol_arena arena = ol_arena_new(OL_KIB(4));
    uint8_t bytes[OL_BASE58_BYTES_MAX + 1] = {0};
    size_t len;
    static const char *const BAD[] = {"0", "O", "I", "l", "2g ", "a-b", "\xC3\xA9"};
    OL_EACH (text, BAD)
        CHECK_ROW(!ol_base58_decode(ol_str_of(*text), bytes, sizeof bytes, &len), *text);
    CHECK(!ol_base58_decode(OL_STR("a\0b"), bytes, sizeof bytes, &len));
    CHECK(!ol_base58_decode_fixed(OL_STR("2g"), bytes, 2));
    CHECK(!ol_base58_decode(OL_STR("1111"), bytes, 3, &len));
    CHECK(ol_base58_decode(OL_STR("1111"), bytes, 4, &len));
    CHECK(ol_base58_of(&arena, (ol_bytes){bytes, sizeof bytes}).data == NULL);
    char longest[OL_BASE58_TEXT_MAX + 1];
    memset(longest, 'z', sizeof longest);
    CHECK(!ol_base58_decode((ol_str){longest, sizeof longest}, bytes, sizeof bytes, &len));
    CHECK(!ol_base58_decode((ol_str){longest, sizeof longest - 1}, bytes, sizeof bytes, &len));
    ol_arena_deinit(&arena);
}

TEST("Base64 agrees with RFC 4648's own examples")
{
    static const struct {
        const char *bytes;
        const char *text;
    } ROWS[] = {{"", ""},
                {"f", "Zg=="},
                {"fo", "Zm8="},
                {"foo", "Zm9v"},
                {"foob", "Zm9vYg=="},
                {"fooba", "Zm9vYmE="},
                {"foobar", "Zm9vYmFy"},
                {"\xFB\xEF\xFF", "++//"}};
    OL_EACH (row, ROWS) {
        ol_arena arena = ol_arena_new(OL_KIB(1));
        ol_bytes back;
        CHECK_STR_ROW(ol_base64_of(&arena, ol_str_bytes(ol_str_of(row->bytes))),
                      ol_str_of(row->text), row->text);
        CHECK_ROW(ol_base64_decode(ol_str_of(row->text), &arena, &back), row->text);
        CHECK_STR_ROW(ol_bytes_str(back), ol_str_of(row->bytes), row->text);
        ol_arena_deinit(&arena);
    }
}

TEST("Base64 refuses missing padding, stray bits, other alphabets and space")
{
    ol_arena arena = ol_arena_new(OL_KIB(1));
    ol_bytes back;
    static const char *const BAD[] = {"Zg",     "Zg=",   "Zm8",      "Z===", "====",
                                      "Zh==",   "Zm9=",  "Zg==Zg==", "Zm=v", "-_-_",
                                      "Zm9v\n", " Zm9v", "Zm 9",     "=g=="};
    OL_EACH (text, BAD)
        CHECK_ROW(!ol_base64_decode(ol_str_of(*text), &arena, &back), *text);
    ol_arena_deinit(&arena);
}

TEST("random bytes survive hex, Base58 and Base64")
{
    for (size_t size = 0; size <= 100; size++) {
        ol_arena arena = ol_arena_new(OL_KIB(8));
        uint8_t bytes[100];
        uint8_t back[100];
        size_t len;
        fill(bytes, size, size + 1);
        memset(bytes, 0, size % 5); /* leading zeros */
        ol_bytes all = {bytes, size};
        ol_bytes decoded;
        CHECK(ol_hex_decode(ol_hex_of(&arena, all), &arena, &decoded) && ol_bytes_eq(decoded, all));
        CHECK(ol_base64_decode(ol_base64_of(&arena, all), &arena, &decoded));
        CHECK(ol_bytes_eq(decoded, all));
        CHECK(ol_base58_decode(ol_base58_of(&arena, all), back, sizeof back, &len));
        CHECK(ol_bytes_eq((ol_bytes){back, len}, all));
        ol_arena_deinit(&arena);
    }
}

static const struct {
    const char *bytes;
    const char *repaired;
} LOSSY[] = {
    {"plain", "plain"},
    {"\xC3\xA9", "\xC3\xA9"},
    {"a\xFF"
     "b",
     "a\xEF\xBF\xBD"
     "b"},
    {"\xE2\x82", "\xEF\xBF\xBD"},
    {"\xE2\x82x", "\xEF\xBF\xBDx"},
    {"\xF0\x9F\x98", "\xEF\xBF\xBD"},
    {"\xF0\x9F\x98\x80\x80", "\xF0\x9F\x98\x80\xEF\xBF\xBD"},
    {"\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},
    {"\xE0\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    {"\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    {"\xF1\x80\xE1\x80\xC2", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
};

TEST("every maximal piece that is no character becomes one U+FFFD")
{
    OL_EACH (row, LOSSY) {
        ol_buf out = ol_buf_new(OL_KIB(1));
        ol_str bytes = ol_str_of(row->bytes);
        ol_utf8_add_lossy(&out, ol_str_bytes(bytes));
        CHECK_STR(ol_buf_str(&out), ol_str_of(row->repaired));
        CHECK_EQ(ol_utf8_valid(bytes), strcmp(row->bytes, row->repaired) == 0);
        CHECK(ol_utf8_valid(ol_buf_str(&out)));
        ol_buf_deinit(&out);
    }
}

TEST("text is cut where a character begins")
{
    ol_str text = OL_STR("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    static const size_t WANT[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
    for (size_t max = 0; max < OL_COUNT(WANT); max++)
        CHECK_EQ(ol_utf8_cut(text, max).len, WANT[max]);
}

TEST("every code point is written as it is read")
{
    for (uint32_t code = 0; code < 0x110000; code += code < 0x3000 ? 1 : 97) {
        char text[4];
        if (code >= 0xD800 && code <= 0xDFFF)
            continue;
        size_t len = ol_utf8_put(code, text);
        CHECK_EQ(ol_utf8_char_len((ol_str){text, len}), len);
        CHECK_EQ(ol_utf8_char_len((ol_str){text, len - 1}), len == 1 ? 0 : 0);
    }
}

TEST("a UUID of random bytes is of version 4 and survives its text")
{
    uint8_t random[OL_UUID_BYTES];
    ol_uuid back;
    memset(random, 0xFF, sizeof random);
    ol_uuid_text text = ol_uuid_format(ol_uuid_from_random(random));
    CHECK_STR(ol_uuid_str(&text), OL_STR("ffffffff-ffff-4fff-bfff-ffffffffffff"));
    CHECK(ol_uuid_parse(OL_STR("00112233-4455-6677-8899-AABBccddeeff"), &back));
    text = ol_uuid_format(back);
    CHECK_STR(ol_uuid_str(&text), OL_STR("00112233-4455-6677-8899-aabbccddeeff"));
    static const char *const BAD[] = {"",
                                      "x",
                                      "00112233-4455-6677-8899-aabbccddeef",
                                      "00112233445566778899aabbccddeeff",
                                      "00112233-4455-6677-8899-aabbccddeeffa",
                                      "0011223-34455-6677-8899-aabbccddeeff",
                                      "g0112233-4455-6677-8899-aabbccddeeff",
                                      "{0112233-4455-6677-8899-aabbccddeef}"};
    OL_EACH (row, BAD)
        CHECK_ROW(!ol_uuid_parse(ol_str_of(*row), &back), *row);
}

TEST("Borsh values come back in order, and nothing is left")
{
    ol_buf out = ol_buf_new(OL_KIB(1));
    uint8_t fixed[3] = {0};
    ol_borsh_add_u8(&out, 0xFE);
    ol_borsh_add_u16(&out, 0x1234);
    ol_borsh_add_u32(&out, 0xDEADBEEF);
    ol_borsh_add_u64(&out, UINT64_MAX - 1);
    ol_borsh_add_u128(&out, OL_U128_MAX - 1);
    ol_borsh_add_bool(&out, true);
    ol_borsh_add_str(&out, OL_STR("n\xC3\xA9"
                                  "ar"));
    ol_borsh_add_bytes(&out, (ol_bytes){(const uint8_t *)"\0\xFF", 2});
    ol_borsh_add_fixed(&out, (ol_bytes){(const uint8_t *)"abc", 3});
    CHECK_EQ(out.data[1], 0x34);
    ol_borsh cursor = ol_borsh_over(ol_buf_bytes(&out));
    CHECK_EQ(ol_borsh_u8(&cursor), 0xFE);
    CHECK_EQ(ol_borsh_u16(&cursor), 0x1234);
    CHECK_EQ(ol_borsh_u32(&cursor), 0xDEADBEEF);
    CHECK(ol_borsh_u64(&cursor) == UINT64_MAX - 1);
    CHECK(ol_borsh_u128(&cursor) == OL_U128_MAX - 1);
    CHECK(ol_borsh_bool(&cursor));
    CHECK_STR(ol_borsh_str(&cursor), OL_STR("n\xC3\xA9"
                                            "ar"));
    CHECK_EQ(ol_borsh_bytes(&cursor).len, 2);
    CHECK(!ol_borsh_done(&cursor));
    ol_borsh_fixed(&cursor, fixed, 3);
    CHECK_EQ(fixed[2], 'c');
    CHECK(ol_borsh_done(&cursor));
    ol_buf_deinit(&out);
}

TEST("Borsh input that ends early, lies about a length or holds no UTF-8 marks the cursor")
{
    static const ol_bytes BAD[] = {{(const uint8_t *)"\x05\0\0\0abcd", 8},
                                   {(const uint8_t *)"\xFF\xFF\xFF\xFF", 4},
                                   {(const uint8_t *)"\x01\0\0", 3},
                                   {(const uint8_t *)"\x01\0\0\0\xFF", 5}};
    OL_EACH (bytes, BAD) {
        ol_borsh cursor = ol_borsh_over(*bytes);
        CHECK_EQ(ol_borsh_str(&cursor).len, 0);
        CHECK(cursor.failed);
        CHECK_EQ(ol_borsh_u32(&cursor), 0);
    }
    ol_borsh cursor = ol_borsh_over((ol_bytes){(const uint8_t *)"\x02", 1});
    CHECK(!ol_borsh_bool(&cursor));
    CHECK(cursor.failed);
}
