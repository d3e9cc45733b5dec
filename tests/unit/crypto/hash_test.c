#include "lib/crypto/hash.h"

#include <string.h>

#include "lib/codec/hex.h"
#include "lib/crypto/hmac.h"
#include "tests/harness/test.h"

static const struct {
    const char *text;
    const char *sha256;
} HASHES[] = {
    /* FIPS 180-4 examples */
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

TEST("SHA-256 gives the standard's digests")
{
    OL_EACH (row, HASHES) {
        ol_sha256_hex hex = ol_sha256_hex_of(ol_str_bytes(ol_str_of(row->text)));
        CHECK_STR_ROW(ol_sha256_hex_str(&hex), ol_str_of(row->sha256), row->text);
    }
    CHECK_EQ(ol_sha256_of((ol_bytes){NULL, 0}).bytes[0], 0xE3);
}

TEST("SHA-512 gives the standard's digest")
{
    char hex[2 * OL_SHA512_BYTES];
    ol_sha512 hash = ol_sha512_of(ol_str_bytes(OL_STR("abc")));
    ol_hex_encode((ol_bytes){hash.bytes, sizeof hash.bytes}, hex);
    CHECK_STR(((ol_str){hex, sizeof hex}),
              OL_STR("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"));
}

TEST("pieces hash as the whole, wherever they are cut")
{
    uint8_t bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7);
    ol_sha256 whole = ol_sha256_of((ol_bytes){bytes, sizeof bytes});
    for (size_t cut = 0; cut <= sizeof bytes; cut++) {
        ol_sha256_stream stream;
        ol_sha256_stream_init(&stream);
        ol_sha256_stream_add(&stream, (ol_bytes){bytes, cut});
        ol_sha256_stream_add(&stream, (ol_bytes){bytes + cut, sizeof bytes - cut});
        ol_sha256 pieces = ol_sha256_stream_end(&stream);
        CHECK(ol_sha256_eq(&pieces, &whole));
    }
}

TEST("a digest survives its text; other texts are refused")
{
    ol_sha256 hash;
    CHECK(ol_sha256_parse(ol_str_of(HASHES[1].sha256), &hash));
    ol_sha256_hex hex = ol_sha256_format(&hash);
    CHECK_STR(ol_sha256_hex_str(&hex), ol_str_of(HASHES[1].sha256));
    CHECK(!ol_sha256_parse(OL_STR("ba78"), &hash));
    ol_sha256 other = hash;
    other.bytes[31] ^= 1;
    CHECK(!ol_sha256_eq(&hash, &other));
}

/* RFC 4231, cases 1, 2, 3 and 6. */
static const struct {
    const char *key;
    const char *message;
    const char *mac;
} MACS[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
     "dddd"
     "ddd",
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6"
     "579"
     "204669727374",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
};

TEST("HMAC-SHA-256 gives RFC 4231's codes")
{
    OL_EACH (row, MACS) {
        ol_arena arena = ol_arena_new(OL_KIB(4));
        ol_bytes key;
        ol_bytes message;
        CHECK(ol_hex_decode(ol_str_of(row->key), &arena, &key));
        CHECK(ol_hex_decode(ol_str_of(row->message), &arena, &message));
        ol_sha256 mac = ol_hmac_sha256(key, message);
        ol_sha256_hex hex = ol_sha256_format(&mac);
        CHECK_STR_ROW(ol_sha256_hex_str(&hex), ol_str_of(row->mac), row->key);
        ol_arena_deinit(&arena);
    }
}
