/* Parts of the command line that need no process: amounts, outlayer.toml, orders for dev, module
 * imports, the words of failed transactions. */
#include <string.h>

#include "cli/amount.h"
#include "cli/chain.h"
#include "cli/dev_control.h"
#include "cli/source.h"
#include "cli/toml.h"
#include "cli/wasm_file.h"
#include "tests/harness/test.h"

static ol_arena arena_new(void)
{
    return ol_arena_new(OL_MIB(4));
}

/* ---- amounts */

TEST("an amount of NEAR is read exactly, with its unit or in yocto")
{
    static const struct {
        const char *text;
        const char *yocto; /* NULL: refused */
    } CASES[] = {
        {"1near", "1000000000000000000000000"},
        {"0.25near", "250000000000000000000000"},
        {"0.000000000000000000000001 NEAR", "1"},
        {"12.000000000000000000000001near", "12000000000000000000000001"},
        {"1000", "1000"},
        {"0", "0"},
        {"0.5", NULL},
        {"1.near", NULL},
        {".5near", NULL},
        {"0.0000000000000000000000001near", NULL},
        {"near", NULL},
        {"-1near", NULL},
        {"1e3near", NULL},
        {"", NULL},
        {"340282366920939near", NULL},
        {"340282366920938463463374607431768211455", "340282366920938463463374607431768211455"},
        {"340282366920938463463374607431768211456", NULL},
    };
    OL_EACH (c, CASES) {
        ol_yocto got = OL_YOCTO(7);
        CHECK_EQ_ROW(amount_near_parse(ol_str_of(c->text), &got), c->yocto != NULL, c->text);
        ol_u128_text text = ol_yocto_format(got);
        CHECK_STR_ROW(ol_str_of(text.data), ol_str_of(c->yocto != NULL ? c->yocto : "7"), c->text);
    }
}

TEST("an amount of NEAR is written without losing a digit or keeping a zero")
{
    static const struct {
        const char *yocto;
        const char *text;
    } CASES[] = {
        {"0", "0 NEAR"},
        {"1", "0.000000000000000000000001 NEAR"},
        {"1000000000000000000000000", "1 NEAR"},
        {"7000100000000000000000", "0.0070001 NEAR"},
        {"340282366920938463463374607431768211455",
         "340282366920938.463463374607431768211455 NEAR"},
    };
    ol_arena arena = arena_new();
    OL_EACH (c, CASES) {
        ol_yocto amount, back;
        CHECK(ol_yocto_parse(ol_str_of(c->yocto), &amount));
        ol_str text = amount_near_format(&arena, amount);
        CHECK_STR_ROW(text, ol_str_of(c->text), c->yocto);
        CHECK_ROW(amount_near_parse(text, &back) && ol_yocto_eq(back, amount), c->yocto);
    }
    ol_arena_deinit(&arena);
}

/* ---- outlayer.toml */

TEST("a project file is read by section and key, comments and lists over lines included")
{
    ol_arena arena = arena_new();
    ol_err err = {0};
    toml file;
    ol_str text = OL_STR("top = 1 # before any section\n"
                         "[project]\r\n"
                         "name = \"a \\\"b\\\" \\\\ \\n\\t\" # a comment with = and \"\n"
                         "[build.more]\n"
                         "sources = [ # none yet\n  \"one.c\",\n\n  \"two.c\", # last\n]\n"
                         "empty=[]\nfast = true\nslow=false\nnumber = -7\n");
    CHECK_OK(toml_parse(text, &arena, &file, &err));
    CHECK_EQ(file.entries, 7);
    CHECK_EQ(toml_find(&file, "", "top")->number, 1);
    CHECK_STR(toml_find(&file, "project", "name")->text, OL_STR("a \"b\" \\ \n\t"));
    const toml_entry *sources = toml_find(&file, "build.more", "sources");
    CHECK_EQ(sources->kind, TOML_LIST);
    CHECK_EQ(sources->items, 2);
    CHECK_STR(sources->item[1], OL_STR("two.c"));
    CHECK_EQ(sources->line, 5);
    CHECK_EQ(toml_find(&file, "build.more", "empty")->items, 0);
    CHECK(toml_find(&file, "build.more", "fast")->flag);
    CHECK(!toml_find(&file, "build.more", "slow")->flag);
    CHECK_EQ(toml_find(&file, "build.more", "number")->number, -7);
    CHECK(toml_find(&file, "project", "top") == NULL);
    ol_str name;
    CHECK_EQ(toml_text(&file, "build.more", "number", OL_STR(""), &name, &err), OL_ERR_SHAPE);
    CHECK_STR(ol_err_text(&err), OL_STR("line 13: number must be a text"));
    ol_arena_deinit(&arena);
}

TEST("what a project file must not hold is named with its line")
{
    static const struct {
        const char *text;
        const char *says;
    } CASES[] = {
        {"a", "line 1: = is expected behind a"},
        {"\n\na = ", "line 3: a name is missing"},
        {"a = 1 2", "line 1: something stands behind the value"},
        {"a = nope", "line 1: nope is no text, number, boolean or list"},
        {"a = 1.5", "line 1: something stands behind the value"},
        {"a = \"open\n", "line 1: the text does not end"},
        {"a = \"\\q\"", "line 1: unknown escape in a text"},
        {"a = [\"x\" \"y\"]", "line 1: a comma or ] is expected"},
        {"a = [1]", "line 1: a text in double quotes is expected"},
        {"[open\n", "line 1: ] is expected"},
        {"[a] b = 1", "line 1: something stands behind the value"},
        {"a = 1\na = 2", "line 2: a is there already"},
        {"\xff = 1", "not UTF-8"},
        {"a = 99999999999999999999", "line 1: 99999999999999999999 is no text, number"},
    };
    OL_EACH (c, CASES) {
        ol_arena arena = arena_new();
        ol_err err = {0};
        toml file;
        CHECK_EQ_ROW(toml_parse(ol_str_of(c->text), &arena, &file, &err), OL_ERR_SYNTAX, c->text);
        CHECK_HAS(ol_err_text(&err), ol_str_of(c->says), c->text);
        ol_arena_deinit(&arena);
    }
}

/* ---- orders */

static ol_rc order_of(const char *line, dev_order *ret, ol_err *err)
{
    ol_str word[8], rest = ol_str_of(line);
    size_t words = 0;
    while (words < OL_COUNT(word) && ol_str_next(&rest, ' ', &word[words]))
        words++;
    return dev_order_read(word, words, ret, err);
}

TEST("an order for dev survives the way over its socket")
{
    static const char *const LINES[] = {
        "fast-forward 200",   "fast-forward 601s", "mine 1",
        "snapshot",           "snapshot one",      "restore one_2-B",
        "fund eve.test.near", "fund a.b 3near",    "fund a.b 0.5 near",
        "fail fork",
    };
    OL_EACH (line, LINES) {
        dev_order order = {0}, back = {0};
        ol_err err = {0};
        OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(4));
        ol_rc rc = order_of(*line, &order, &err);
        if (strcmp(*line, "fund a.b 0.5 near") == 0) {
            CHECK_EQ_ROW(rc, OL_ERR_USAGE, *line); /* four words */
            continue;
        }
        CHECK_EQ_ROW(rc, OL_OK, *line);
        dev_order_encode(&order, &text);
        CHECK_OK(dev_order_decode(ol_buf_str(&text), &back, &err));
        CHECK_EQ_ROW(back.kind, order.kind, *line);
        CHECK_EQ_ROW(back.blocks, order.blocks, *line);
        CHECK_EQ_ROW(back.seconds, order.seconds, *line);
        CHECK_STR_ROW(ol_str_of(back.word), ol_str_of(order.word), *line);
        CHECK_ROW(ol_yocto_eq(back.amount, order.amount), *line);
    }
}

TEST("an order that makes no sense is refused on either end")
{
    static const char *const LINES[] = {
        "",         "dance",        "mine",
        "mine 0",   "mine x",       "mine 3s",
        "mine 1 2", "mine 100001",  "fast-forward 0s",
        "restore",  "restore a/b",  "snapshot ..",
        "fund",     "fund X",       "fund a.b 1.5",
        "fail",     "snapshot a b",
    };
    static const char *const WIRE[] = {
        "",
        "{}",
        "[]",
        "{\"do\":\"dance\"}",
        "{\"do\":\"mine\"}",
        "{\"do\":\"restore\",\"word\":\"../x\"}",
        "{\"do\":\"fund\",\"word\":\"UPPER\"}",
        "{\"do\":\"mine\",\"blocks\":-1}",
        "{\"do\":\"fast-forward\",\"seconds\":99999999999}",
    };
    OL_EACH (line, LINES) {
        dev_order order = {.blocks = 77};
        ol_err err = {0};
        CHECK_EQ_ROW(order_of(*line, &order, &err), OL_ERR_USAGE, *line);
        CHECK_EQ_ROW(order.blocks, 77, *line);
    }
    OL_EACH (json, WIRE) {
        dev_order order;
        ol_err err = {0};
        CHECK_ROW(dev_order_decode(ol_str_of(*json), &order, &err) != OL_OK, *json);
    }
}

/* ---- modules */

TEST("the imports of a module are listed once each, and a section can be added at its end")
{
    static const uint8_t WASM[] = {
        0, 'a', 's', 'm', 1,   0,   0,   0, 1,    4, 1, 0x60, 0, 0, /* one type */
        2, 29,  3,   3,   'e', 'n', 'v', 1, 'f',  0, 0,             /* env.f: function */
        3, 'e', 'n', 'v', 1,   'm', 2,   1, 1,    2, /* env.m: memory with both limits */
        4, 'w', 'a', 's', 'i', 1,   'g', 3, 0x7F, 0, /* wasi.g: global */
    };
    ol_bytes wasm = {WASM, sizeof WASM};
    wasm_imports imports = {0};
    ol_err err = {0};
    OL_AUTO(ol_buf) more = ol_buf_new(OL_KIB(4));
    CHECK_OK(wasm_imports_read(wasm, &imports, &err));
    CHECK_EQ(imports.modules, 2);
    CHECK_STR(imports.module[0], OL_STR("env"));
    CHECK_STR(imports.module[1], OL_STR("wasi"));
    CHECK_EQ(imports.functions, 1);
    wasm_with_section(wasm, OL_STR("name"), ol_str_bytes(OL_STR("content")), &more);
    CHECK_OK(wasm_imports_read(ol_buf_bytes(&more), &imports, &err));
    CHECK_EQ(imports.modules, 2);
    CHECK_EQ(more.len, sizeof WASM + 2 + 5 + 7);
    for (size_t cut = 0; cut < sizeof WASM; cut++) { /* every start of it is whole or refused */
        ol_bytes part = {WASM, cut};
        ol_rc rc = wasm_imports_read(part, &imports, &err);
        CHECK_EQ(rc == OL_OK, cut == 8 || cut == 14);
    }
}

/* ---- failures */

TEST("a failed transaction is told in its contract's own words")
{
    static const struct {
        const char *json;
        ol_rc rc;
        const char *says;
    } CASES[] = {
        {"{\"ActionError\":{\"index\":0,\"kind\":{\"FunctionCallError\":{\"ExecutionError\":"
         "\"Smart "
         "contract panicked: Project not found\"}}}}",
         OL_ERR_CONTRACT, "Project not found"},
        {"{\"ActionError\":{\"index\":1,\"kind\":{\"FunctionCallError\":{\"MethodResolveError\":"
         "\"MethodNotFound\"}}}}",
         OL_ERR_CONTRACT, "the contract has no such method"},
        {"{\"ActionError\":{\"index\":0,\"kind\":{\"FunctionCallError\":{\"CompilationError\":{"
         "\"CodeDoesNotExist\":{\"account_id\":\"a.near\"}}}}}}",
         OL_ERR_CONTRACT, "there is no contract at a.near"},
        {"{\"ActionError\":{\"index\":0,\"kind\":{\"AccountDoesNotExist\":{\"account_id\":\"b\"}}}"
         "}",
         OL_ERR_NOT_FOUND, "account b does not exist"},
        {"{\"InvalidTxError\":{\"NotEnoughBalance\":{\"signer_id\":\"a.near\",\"balance\":\"1\","
         "\"cost\":\"1000000000000000000000000\"}}}",
         OL_ERR_NEAR_BALANCE,
         "a.near has 0.000000000000000000000001 NEAR, and the transaction needs 1 NEAR"},
        {"{\"InvalidTxError\":{\"InvalidAccessKeyError\":{\"ReceiverMismatch\":{\"tx_receiver\":"
         "\"a\","
         "\"ak_receiver\":\"b\"}}}}",
         OL_ERR_NO_ACCOUNT_KEY, "the key may not sign this: {\"ReceiverMismatch\""},
        {"{\"InvalidTxError\":\"Expired\"}", OL_ERR_CONTRACT, "Expired"},
        {"{\"Odd\":[1]}", OL_ERR_CONTRACT, "{\"Odd\":[1]}"},
        {"{}", OL_ERR_CONTRACT, "{}"},
        {"not json", OL_ERR_CONTRACT, "the transaction failed"},
        {"{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}",
         OL_ERR_CONTRACT, "{\"a\":"},
    };
    OL_EACH (c, CASES) {
        ol_arena arena = arena_new();
        ol_err err = {0};
        CHECK_EQ_ROW(chain_failure(ol_str_of(c->json), &arena, &err), c->rc, c->json);
        CHECK_STARTS(ol_err_text(&err), ol_str_of(c->says), c->json);
        ol_arena_deinit(&arena);
    }
}

/* ---- sources */

TEST("a version's name and storage are what the contract makes of its source")
{
    /* Contract 15, cases 59 and 63. */
    code_wish url = {.kind = CODE_URL,
                     .url = OL_STR("https://x/y"),
                     .hash =
                         OL_STR("abababababababababababababababababababababababababababababababab"),
                     .target = OL_STR("wasm32-wasip2")};
    code_wish repo = {
        .kind = CODE_GITHUB, .repo = OL_STR("https://github.com/u/r"), .commit = OL_STR("abc123")};
    OL_AUTO(ol_buf) key = ol_buf_new(OL_KIB(1));
    CHECK_EQ(200 + 17 + 24 + strlen("alice.near/my-app") + code_wish_storage(&url), 584);
    CHECK_EQ(code_wish_storage(&repo), 266);
    code_wish_key(&repo, &key);
    CHECK_STR(ol_buf_str(&key), OL_STR("https://github.com/u/r@abc123"));
}
