#include "lib/secrets/accessor.h"

#include "lib/secrets/names.h"
#include "tests/harness/test.h"

enum { ARENA_BYTES = 65536 };

static ol_accessor parse(const char *text, ol_arena *arena)
{
    ol_err err;
    ol_json value;
    ol_accessor accessor;
    CHECK_OK(ol_json_parse(ol_str_of(text), &value, &err));
    CHECK_OK(ol_accessor_parse(&value, arena, &accessor, &err));
    return accessor;
}

TEST("S4: a repository has one form however it is written")
{
    static const char *const FORMS[] = {"https://github.com/a/b.git",
                                        "http://github.com/a/b",
                                        "ssh://git@github.com/a/b",
                                        "git@github.com:a/b",
                                        " git@github.com:a/b.git ",
                                        "a/b",
                                        "github.com/a/b"};
    OL_AUTO(ol_arena) arena = ol_arena_new(ARENA_BYTES);
    OL_EACH (form, FORMS) {
        ol_err err;
        ol_str repo;
        CHECK_OK(ol_secret_repo_normalise(ol_str_of(*form), &arena, &repo, &err));
        CHECK_STR_ROW(repo, OL_STR("github.com/a/b"), *form);
    }
}

TEST("case of a repository is kept, and a text without a slash is none")
{
    OL_AUTO(ol_arena) arena = ol_arena_new(ARENA_BYTES);
    ol_err err;
    ol_str repo;
    CHECK_OK(ol_secret_repo_normalise(OL_STR("https://GitHub.com/A/b"), &arena, &repo, &err));
    CHECK_STR(repo, OL_STR("GitHub.com/A/b"));
    CHECK_EQ(ol_secret_repo_normalise(OL_STR("nothing"), &arena, &repo, &err), OL_ERR_INVALID);
    CHECK_EQ(ol_secret_repo_normalise(OL_STR("  "), &arena, &repo, &err), OL_ERR_INVALID);
}

TEST("both JSON forms of an accessor give the seeds of Keystore 2")
{
    static const struct {
        const char *json;
        const char *seed;
    } ROWS[] = {
        {"{\"type\":\"Repo\",\"repo\":\"git@github.com:a/b\"}", "github.com/a/b:o.near"},
        {"{\"Repo\":{\"repo\":\"github.com/a/b\",\"branch\":null}}", "github.com/a/b:o.near"},
        {"{\"type\":\"Repo\",\"repo\":\"a/b\",\"branch\":\"main\"}", "github.com/a/b:o.near:main"},
        {"{\"WasmHash\":{\"hash\":"
         "\"ABCDEFabcdef0123456789012345678901234567890123456789012345678901\"}}",
         "wasm_hash:abcdefabcdef0123456789012345678901234567890123456789012345678901:o.near"},
        {"{\"Project\":{\"project_id\":\"o.near/app\"}}", "project:o.near/app:o.near"},
        {"{\"System\":\"PaymentKey\"}", "system:payment_key:o.near:7"},
        {"{\"type\":\"System\",\"secret_type\":\"payment_key\"}", "system:payment_key:o.near:7"},
        {"{\"type\":\"System\",\"PaymentKey\":{}}", "system:payment_key:o.near:7"},
    };
    OL_AUTO(ol_arena) arena = ol_arena_new(ARENA_BYTES);
    OL_EACH (row, ROWS) {
        ol_err err;
        ol_str seed;
        ol_accessor accessor = parse(row->json, &arena);
        CHECK_OK(ol_accessor_seed(&accessor, OL_STR("o.near"), OL_STR("7"), &arena, &seed, &err));
        CHECK_STR_ROW(seed, ol_str_of(row->seed), row->json);
    }
}

TEST("an accessor is written as the contract takes it, and as the keystore does")
{
    char storage[512];
    OL_AUTO(ol_arena) arena = ol_arena_new(ARENA_BYTES);
    ol_accessor accessor = parse("{\"type\":\"Repo\",\"repo\":\"a/b\"}", &arena);
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_array_begin(&w);
    ol_accessor_add_contract(&w, &accessor);
    ol_accessor_add_tagged(&w, &accessor);
    accessor = parse("{\"System\":\"PaymentKey\"}", &arena);
    ol_accessor_add_contract(&w, &accessor);
    ol_accessor_add_tagged(&w, &accessor);
    ol_json_array_end(&w);
    CHECK_STR(ol_buf_str(&text), OL_STR("[{\"Repo\":{\"repo\":\"a/b\",\"branch\":null}},"
                                        "{\"type\":\"Repo\",\"repo\":\"a/b\",\"branch\":null},"
                                        "{\"System\":\"PaymentKey\"},"
                                        "{\"type\":\"System\",\"secret_type\":\"payment_key\"}]"));
}

TEST("what is no accessor is refused")
{
    static const char *const ROWS[] = {
        "1",
        "{}",
        "\"Repo\"",
        "{\"type\":\"Nothing\"}",
        "{\"type\":\"Repo\"}",
        "{\"type\":\"Repo\",\"repo\":\"\"}",
        "{\"type\":\"Repo\",\"repo\":5}",
        "{\"WasmHash\":{\"hash\":\"tooshort\"}}",
        "{\"Repo\":{\"repo\":\"a/b\"},\"Project\":{\"project_id\":\"x/y\"}}",
        "{\"System\":\"Other\"}",
        "{\"type\":\"System\",\"secret_type\":\"other\"}",
    };
    OL_AUTO(ol_arena) arena = ol_arena_new(ARENA_BYTES);
    OL_EACH (row, ROWS) {
        ol_err err;
        ol_json value;
        ol_accessor accessor;
        CHECK_OK(ol_json_parse(ol_str_of(*row), &value, &err));
        CHECK_ROW(ol_accessor_parse(&value, &arena, &accessor, &err) != OL_OK, *row);
    }
}

TEST("S82: seeds of secrets are told from all others")
{
    CHECK(ol_seed_is_of_secrets(OL_STR("github.com/a/b:o.near")));
    CHECK(ol_seed_is_of_secrets(OL_STR("project:a.near/p:a.near")));
    CHECK(ol_seed_is_of_secrets(OL_STR("wasm_hash:ab:a.near")));
    CHECK(ol_seed_is_of_secrets(OL_STR("system:payment_key:a.near:1")));
    CHECK(!ol_seed_is_of_secrets(OL_STR("storage:p1:a.near")));
    CHECK(!ol_seed_is_of_secrets(OL_STR("vrf-key")));
    CHECK(!ol_seed_is_of_secrets(OL_STR("wallet:w1:near")));
    CHECK(!ol_seed_is_of_secrets(OL_STR("wallet-policy:w1")));
    CHECK(!ol_seed_is_of_secrets(OL_STR("pubkey-attest")));
    CHECK(!ol_seed_is_of_secrets(OL_STR("vault-master:v.near")));
    CHECK(!ol_seed_is_of_secrets(OL_STR("outlayer.near:v.near")));
    CHECK(!ol_seed_is_of_payment_key(OL_STR("project:a.near/p:a.near")));
    CHECK(ol_seed_is_of_payment_key(OL_STR("system:payment_key:a.near:1")));
}

TEST("S20, S21, S22: reserved and protected names, by case")
{
    CHECK(ol_secret_name_reserved(OL_STR("NEAR_SENDER_ID")));
    CHECK(ol_secret_name_reserved(OL_STR("WALLET_ID")));
    CHECK(!ol_secret_name_reserved(OL_STR("wallet_id")));
    CHECK(!ol_secret_name_reserved(OL_STR("A")));
    CHECK(ol_secret_name_protected(OL_STR("PROTECTED_X")));
    CHECK(!ol_secret_name_protected(OL_STR("protected_X")));
    CHECK(ol_secret_name_mac(OL_STR("PROTECTED_MAC_X")));
}

TEST("a repository with a colon has no seed: it could be somebody else's branch")
{
    OL_AUTO(ol_arena) arena = ol_arena_new(OL_KIB(4));
    ol_err err;
    ol_str seed;
    const ol_accessor forged = {.kind = OL_ACCESSOR_REPO,
                                .name = OL_STR("github.com/a/b:victim.near")};
    CHECK_EQ(ol_accessor_seed(&forged, OL_STR("main.near"), OL_STR("default"), &arena, &seed, &err),
             OL_ERR_INVALID);
}
