/* Values as files bring them, and conditions as people write them. */
#include "cli/access.h"
#include "cli/chain_key.h"
#include "cli/secret_values.h"
#include "tests/harness/test.h"

typedef struct fixture {
    ol_arena arena;
    cli it;
    secret_items items;
} fixture;

static void fixture_open(fixture *f)
{
    *f = (fixture){.arena = ol_arena_new(OL_MIB(4)), .items = secret_items_new()};
    f->it.arena = &f->arena;
}

static void fixture_deinit(fixture *f)
{
    secret_items_deinit(&f->items);
    ol_arena_deinit(&f->arena);
}

TEST("lines and objects give the same names and values")
{
    static const char *const TEXTS[] = {
        "A=one\n# remark\n\nexport B = \"two \\\"words\\\"\\n\"\r\nC='$x \\n'\nD=\n",
        "{\"A\":\"one\",\"B\":\"two \\\"words\\\"\\n\",\"C\":\"$x \\\\n\",\"D\":\"\"}",
    };
    OL_EACH (text, TEXTS) {
        OL_AUTO(fixture) f;
        ol_err err = {0};
        OL_AUTO(ol_buf) out = ol_buf_new(OL_KIB(4));
        ol_json_writer w = ol_json_writer_over(&out);
        fixture_open(&f);
        CHECK_OK(secret_items_parse(ol_str_of(*text), &f.items, &err));
        secret_items_put(&f.items, true, &w);
        CHECK_STR(ol_buf_str(&out), ol_str_of(TEXTS[1]));
        ol_buf_clear(&out);
        w = ol_json_writer_over(&out);
        secret_items_put(&f.items, false, &w);
        CHECK_STR(ol_buf_str(&out), OL_STR("{\"A\":\"\",\"B\":\"\",\"C\":\"\",\"D\":\"\"}"));
    }
}

TEST("a remark ends a line, behind a value as well")
{
    static const struct {
        const char *text, *value;
    } ROWS[] = {
        {"A=one # remark", "one"},
        {"A=one#two", "one#two"},
        {"A=#one", "#one"},
        {"A= # remark", ""},
        {"A=\"one # two\" # remark", "one # two"},
        {"A='one # two'#remark", "one # two"},
    };
    OL_EACH (row, ROWS) {
        OL_AUTO(fixture) f;
        ol_err err = {0};
        fixture_open(&f);
        CHECK_OK(secret_items_parse(ol_str_of(row->text), &f.items, &err));
        CHECK_STR_ROW(f.items.item[0].value, ol_str_of(row->value), row->text);
    }
}

TEST("a line that is none, a name that is reserved, protected or doubled is refused, unrepeated")
{
    static const struct {
        const char *text, *words;
    } ROWS[] = {
        {"hunter2", "line 1: a line without `=`: NAME=value is wanted"},
        {"A=\"hunter2", "line 1: a quote that opens and does not close"},
        {"A=\"hunter2\\\"", "line 1: a quote that opens and does not close"},
        {"A=\"hunter2\" x", "line 1: a quote that opens and does not close"},
        {"{\"A\":\"hunter2\\u0000\"}", "the value of A holds a zero byte, which no variable can"},
        {"NEAR_SENDER_ID=x", "line 1: NEAR_SENDER_ID is set by the system in every run"},
        {"PROTECTED_A=x",
         "line 1: PROTECTED_A: names with PROTECTED_ are generated (--generate), not set"},
        {"A=1\nA=2", "line 2: A comes twice"},
        {"1A=x", "line 1: NAME=value is wanted; a name has letters, digits and _"},
        {"A=1\n\nhunt+er2=hunter2",
         "line 3: NAME=value is wanted; a name has letters, digits and _"},
        {"{\"A\":1}", "the value of A must be a text"},
        {"A=\xff", "values must be UTF-8"},
    };
    OL_EACH (row, ROWS) {
        OL_AUTO(fixture) f;
        ol_err err = {0};
        size_t at;
        fixture_open(&f);
        CHECK(secret_items_parse(ol_str_of(row->text), &f.items, &err) != OL_OK);
        CHECK_STR(ol_err_text(&err), ol_str_of(row->words));
        CHECK(!ol_str_find(ol_err_text(&err), OL_STR("hunter2"), &at));
    }
}

TEST("simple conditions become the contract's, and read back as words")
{
    static const struct {
        const char *text, *json, *words;
    } ROWS[] = {
        {"everyone", "\"AllowAll\"", "everyone"},
        {"me", "{\"Whitelist\":{\"accounts\":[\"o.near\"]}}", "account o.near"},
        {"accounts a.near, b.near", "{\"Whitelist\":{\"accounts\":[\"a.near\",\"b.near\"]}}",
         "accounts a.near, b.near"},
        {"pattern .*\\.near", "{\"AccountPattern\":{\"pattern\":\".*\\\\.near\"}}",
         "pattern .*\\.near"},
        {"near>=1.5near",
         "{\"NearBalance\":{\"operator\":\"Gte\",\"value\":\"1500000000000000000000000\"}}",
         "near >= 1.5 NEAR"},
        {"ft usdc.near < 7",
         "{\"FtBalance\":{\"contract\":\"usdc.near\",\"operator\":\"Lt\",\"value\":\"7\"}}",
         "ft usdc.near < 7"},
        {"nft art.near", "{\"NftOwned\":{\"contract\":\"art.near\",\"token_id\":null}}",
         "nft art.near"},
        {"not dao d.near council",
         "{\"Not\":{\"condition\":{\"DaoMember\":{\"dao_contract\":\"d.near\",\"role\":"
         "\"council\"}}}}",
         "not (dao d.near council)"},
        {"{\"Logic\":{\"operator\":\"And\",\"conditions\":[]}}",
         "{\"Logic\":{\"operator\":\"And\",\"conditions\":[]}}", "everyone"},
    };
    OL_EACH (row, ROWS) {
        OL_AUTO(fixture) f;
        ol_err err = {0};
        ol_str json;
        ol_condition *tree;
        OL_AUTO(ol_buf) words = ol_buf_new(OL_KIB(4));
        fixture_open(&f);
        CHECK_OK(access_read(&f.it, ol_str_of(row->text), OL_STR("o.near"), &json, &err));
        CHECK_STR(json, ol_str_of(row->json));
        CHECK_OK(access_parse(&f.it, json, &tree, &err));
        access_words(&f.it, tree, &words);
        CHECK_STR(ol_buf_str(&words), ol_str_of(row->words));
    }
}

TEST("what is no condition opens nothing: it is refused")
{
    static const char *const TEXTS[] = {"",           "all",
                                        "accounts",   "accounts A!",
                                        "near>=",     "near",
                                        "near>=1.5",  "ft usdc.near",
                                        "ft >=1",     "pattern",
                                        "dao d.near", "everyone x",
                                        "{\"X\":1}",  "{\"Whitelist\":[\"a.near\"]}",
                                        "\"Nobody\""};
    OL_EACH (text, TEXTS) {
        OL_AUTO(fixture) f;
        ol_err err = {0};
        ol_str json;
        fixture_open(&f);
        CHECK_ROW(access_read(&f.it, ol_str_of(*text), OL_STR("o.near"), &json, &err) ==
                      OL_ERR_USAGE,
                  *text);
    }
}

TEST("amounts of keys are exact to the micro-dollar")
{
    static const struct {
        const char *text;
        uint64_t micro; /* 0: refused */
    } ROWS[] = {{"0.25usd", 250000}, {"12 USD", 12000000}, {"10000", 10000}, {"0.000001usd", 1},
                {"0.0000001usd", 0}, {"1.usd", 0},         {"1.5", 0},       {"usd", 0},
                {"-1usd", 0},        {"1e3usd", 0}};
    OL_EACH (row, ROWS) {
        ol_usd amount = {0};
        ol_err err = {0};
        ol_rc rc = chain_key_amount(ol_str_of(row->text), &amount, &err);
        CHECK_ROW((rc == OL_OK) == (row->micro != 0), row->text);
        CHECK_ROW(amount.micro == row->micro, row->text);
    }
}
