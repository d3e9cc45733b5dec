#include "lib/crypto/keccak.h"

#include "lib/codec/hex.h"
#include "tests/harness/test.h"

static void check(ol_str message, const char *want)
{
    ol_arena arena = ol_arena_new(OL_KIB(4));
    ol_keccak256 hash = ol_keccak256_of(ol_str_bytes(message));
    CHECK_STR(ol_hex_of(&arena, (ol_bytes){hash.bytes, sizeof hash.bytes}), ol_str_of(want));
    ol_arena_deinit(&arena);
}

TEST("Keccak-256 of nothing, of a word and of more than a block")
{
    static const char block[136] = {0};
    check(OL_STR(""), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    check(OL_STR("abc"), "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
    check((ol_str){block, sizeof block},
          "3a5912a7c5faa06ee4fe906253e339467a9ce87d533c65be3c15cb231cdb25f9");
}
