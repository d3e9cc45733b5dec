#include "lib/proto/code_source.h"

#include "lib/proto/limits.h"
#include "tests/harness/test.h"

TEST("a repository has one normal form")
{
    static const struct {
        const char *given;
        const char *want;
    } cases[] = {
        {"https://github.com/a/b", "https://github.com/a/b"},
        {"http://github.com/a/b", "http://github.com/a/b"},
        {"git@github.com:o/r.git", "https://github.com/o/r"},
        {"ssh://git@github.com/o/r", "https://github.com/o/r"},
        {"github.com/o/r", "https://github.com/o/r"},
        {"o/r", "https://github.com/o/r"},
        {"plain", "plain"},
        {"", ""},
    };
    OL_EACH (c, cases) {
        ol_arena arena = ol_arena_new(4096);
        ol_str got;
        CHECK(ol_repo_normalise(ol_str_of(c->given), &arena, &got));
        CHECK_STR_ROW(got, ol_str_of(c->want), c->given);
        ol_arena_deinit(&arena);
    }
}

TEST("W20: the cache key of a commit is the hash of its coordinates")
{
    /* sha256sum of `https://github.com/a/b:c:wasm32-wasip1`. */
    static const char want[] = "37068857b74a5d41eda24012681c24ee80ac7784e10667d0e804bd4bd37f4823";
    ol_code_source source = {.kind = OL_SOURCE_GITHUB,
                             .repo = OL_STR("git@github.com:a/b.git"),
                             .commit = OL_STR("c"),
                             .build_target = OL_STR("wasm32-wasip1")};
    ol_arena arena = ol_arena_new(4096);
    ol_sha256_hex key;
    ol_err err = {0};
    CHECK_OK(ol_code_source_checksum(&source, &arena, &key, &err));
    CHECK_STR(ol_sha256_hex_str(&key), ol_str_of(want));
    source.commit = OL_STR("");
    ol_sha256_hex empty;
    ol_sha256_hex main_branch;
    CHECK_OK(ol_code_source_checksum(&source, &arena, &empty, &err));
    source.commit = OL_STR("main");
    CHECK_OK(ol_code_source_checksum(&source, &arena, &main_branch, &err));
    CHECK_STR(ol_sha256_hex_str(&empty), ol_sha256_hex_str(&main_branch));
    ol_arena_deinit(&arena);
}

TEST("the cache key of a URL is its hash in lower case, and must be one")
{
    ol_arena arena = ol_arena_new(4096);
    ol_sha256_hex key;
    ol_err err = {0};
    ol_code_source source = {
        .kind = OL_SOURCE_WASM_URL,
        .hash = OL_STR("ABCDEF0000000000000000000000000000000000000000000000000000000000")};
    CHECK_OK(ol_code_source_checksum(&source, &arena, &key, &err));
    CHECK_STR(ol_sha256_hex_str(&key),
              OL_STR("abcdef0000000000000000000000000000000000000000000000000000000000"));
    source.hash = OL_STR("abc");
    CHECK_EQ(ol_code_source_checksum(&source, &arena, &key, &err), OL_ERR_INVALID);
    source.kind = OL_SOURCE_NONE;
    CHECK_EQ(ol_code_source_checksum(&source, &arena, &key, &err), OL_ERR_INVALID);
    ol_arena_deinit(&arena);
}

TEST("a source is read in the coordinator's form and in the contract's")
{
    static const char *const forms[] = {
        "{\"type\":\"WasmUrl\",\"url\":\"u\",\"hash\":\"h\"}",
        "{\"WasmUrl\":{\"url\":\"u\",\"hash\":\"h\",\"build_target\":null}}",
    };
    OL_EACH (form, forms) {
        ol_arena arena = ol_arena_new(4096);
        ol_json root;
        ol_code_source source;
        ol_err err = {0};
        CHECK_OK(ol_json_parse(ol_str_of(*form), &root, &err));
        CHECK_OK(ol_code_source_decode(&root, &arena, &source, &err));
        CHECK_EQ(source.kind, OL_SOURCE_WASM_URL);
        CHECK_STR(source.url, OL_STR("u"));
        CHECK_STR(source.build_target, OL_STR("wasm32-wasip1"));
        ol_arena_deinit(&arena);
    }
}
