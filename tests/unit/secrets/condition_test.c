#include "lib/secrets/condition.h"

#include "lib/base/buf.h"

#include "lib/secrets/account_pattern.h"
#include "tests/harness/test.h"

enum { ARENA_BYTES = 1 << 20 };

/* A chain of one recorded answer. */
typedef struct recorded {
    const char *view; /* what any view answers; NULL: the endpoint does not answer */
    ol_u128 balance;  /* of every account */
    unsigned questions;
} recorded;

static ol_rc recorded_balance(void *context, ol_str account, ol_u128 *ret, ol_err *err)
{
    recorded *chain = context;
    (void)account;
    chain->questions++;
    *ret = chain->balance;
    return chain->view == NULL ? ol_fail(err, OL_ERR_TIMEOUT, "no answer") : OL_OK;
}

static ol_rc recorded_view(void *context, ol_str contract, ol_str method, ol_str args,
                           ol_arena *arena, ol_str *ret, ol_err *err)
{
    recorded *chain = context;
    (void)contract;
    (void)method;
    (void)args;
    (void)arena;
    chain->questions++;
    *ret = ol_str_of(chain->view);
    return chain->view == NULL ? ol_fail(err, OL_ERR_TIMEOUT, "no answer") : OL_OK;
}

static ol_rc decide(ol_str condition, ol_str caller, recorded *chain, ol_access *ret)
{
    ol_err err;
    ol_json value;
    ol_condition *tree;
    ol_chain_facts facts = {chain, recorded_balance, recorded_view};
    OL_AUTO(ol_arena) arena = ol_arena_new(ARENA_BYTES);
    CHECK_OK(ol_json_parse(condition, &value, &err));
    CHECK_OK(ol_condition_parse(&value, &arena, &tree, &err));
    return ol_condition_decide(tree, caller, &facts, &arena, NULL, ret, &err);
}

static bool grants(const char *condition, const char *caller, const char *view)
{
    ol_access access;
    recorded chain = {view == NULL ? "null" : view, 0, 0};
    CHECK_EQ_ROW(decide(ol_str_of(condition), ol_str_of(caller), &chain, &access), OL_OK,
                 condition);
    return access == OL_ACCESS_GRANTED;
}

#define PATTERN(p) "{\"AccountPattern\":{\"pattern\":\"" p "\"}}"
#define NOT(c) "{\"Not\":{\"condition\":" c "}}"
#define LOGIC(op, list) "{\"Logic\":{\"operator\":\"" op "\",\"conditions\":[" list "]}}"

TEST("S30: a pattern matches whole ids")
{
    CHECK(grants(PATTERN("team\\\\.near"), "team.near", NULL));
    CHECK(!grants(PATTERN("team\\\\.near"), "xteam.near", NULL));
    CHECK(!grants(PATTERN("team\\\\.near"), "team.near.evil.near", NULL));
    CHECK(grants(PATTERN(".*\\\\.near"), "a.near", NULL));
    CHECK(grants(PATTERN("(?:a|b)+"), "abba", NULL));
}

TEST("S31: an alternative does not match a beginning")
{
    CHECK(!grants(PATTERN("a|b"), "ax", NULL));
    CHECK(grants(PATTERN("a|b"), "b", NULL));
}

TEST("S32: line modes do not open a pattern")
{
    CHECK(!grants(PATTERN("(?m)^team\\\\.near$"), "evil.near\nteam.near", NULL));
    CHECK(!grants(PATTERN("team\\\\.near$"), "team.near\n", NULL));
}

TEST("S33: the empty pattern matches no account")
{
    CHECK(!grants(PATTERN(""), "a.near", NULL));
    CHECK(!grants(PATTERN(""), "", NULL));
}

TEST("S34: a pattern that does not compile denies, under Not too")
{
    CHECK(!grants(PATTERN("[bad"), "a.near", NULL));
    CHECK(!grants(NOT(PATTERN("[bad")), "a.near", NULL));
    CHECK(!grants(LOGIC("Or", "\"AllowAll\"," PATTERN("[bad")), "a.near", NULL));
}

TEST("S35: the pattern is compiled as one text with what encloses it")
{
    CHECK(grants(PATTERN("a)(b"), "ab", NULL));
}

TEST("S36: empty And and Or, and Not")
{
    CHECK(grants(LOGIC("And", ""), "a.near", NULL));
    CHECK(!grants(LOGIC("Or", ""), "a.near", NULL));
    CHECK(!grants(NOT("\"AllowAll\""), "a.near", NULL));
    CHECK(grants("{\"Whitelist\":{\"accounts\":[\"b.near\",\"a.near\"]}}", "a.near", NULL));
    CHECK(!grants("{\"Whitelist\":{\"accounts\":[\"b.near\"]}}", "a.near", NULL));
}

TEST("S37: a token balance is compared as an amount")
{
    static const struct {
        const char *operator;
        bool below, equal, above;
    } ROWS[] = {
        {"Gte", false, true, true}, {"Lte", true, true, false}, {"Gt", false, false, true},
        {"Lt", true, false, false}, {"Eq", false, true, false}, {"Ne", true, false, true},
    };
    OL_EACH (row, ROWS) {
        OL_AUTO(ol_arena) arena = ol_arena_new(4096);
        ol_str text =
            ol_arena_printf(&arena,
                            "{\"FtBalance\":{\"contract\":\"ft.near\",\"operator\":\"%s\","
                            "\"value\":\"100\"}}",
                            row->operator);
        CHECK_EQ_ROW(grants(text.data, "a.near", "\"99\""), row->below, row->operator);
        CHECK_EQ_ROW(grants(text.data, "a.near", "\"100\""), row->equal, row->operator);
        CHECK_EQ_ROW(grants(text.data, "a.near", "\"340282366920938463463374607431768211455\""),
                     row->above, row->operator);
    }
}

TEST("S38: a token that does not exist is not owned")
{
    static const char ONE[] = "{\"NftOwned\":{\"contract\":\"n.near\",\"token_id\":\"1\"}}";
    static const char ANY[] = "{\"NftOwned\":{\"contract\":\"n.near\",\"token_id\":null}}";
    CHECK(!grants(ONE, "a.near", "null"));
    CHECK(grants(ONE, "a.near", "{\"owner_id\":\"a.near\"}"));
    CHECK(!grants(ONE, "a.near", "{\"owner_id\":\"b.near\"}"));
    CHECK(!grants(ANY, "a.near", "[]"));
    CHECK(grants(ANY, "a.near", "[{}]"));
}

TEST("S39: roles of a DAO by name; weights of tokens are an error")
{
    static const char DAO[] = "{\"DaoMember\":{\"dao_contract\":\"d.near\",\"role\":\"council\"}}";
    ol_access access;
    recorded chain = {"{\"roles\":[{\"name\":\"council\",\"kind\":{\"Member\":\"1\"}}]}", 0, 0};
    CHECK_EQ(decide(ol_str_of(DAO), OL_STR("a.near"), &chain, &access), OL_ERR_PROTOCOL);
    CHECK_EQ(access, OL_ACCESS_DENIED);
    CHECK(grants(DAO, "a.near",
                 "{\"roles\":[{\"name\":\"all\",\"kind\":\"Everyone\"},"
                 "{\"name\":\"council\",\"kind\":{\"Group\":[\"b.near\",\"a.near\"]}}]}"));
    CHECK(!grants(DAO, "c.near",
                  "{\"roles\":[{\"name\":\"council\",\"kind\":{\"Group\":[\"b.near\"]}}]}"));
    CHECK(grants(DAO, "a.near", "{\"roles\":[{\"name\":\"council\",\"kind\":\"Everyone\"}]}"));
    CHECK(!grants(DAO, "a.near", "{\"roles\":[{\"name\":\"council\",\"kind\":\"Other\"}]}"));
    CHECK(!grants(DAO, "a.near", "{\"roles\":[{\"name\":\"all\",\"kind\":\"Everyone\"}]}"));
}

TEST("S40: an endpoint that does not answer grants nothing, under Not too")
{
    static const char NEAR[] = "{\"NearBalance\":{\"operator\":\"Gte\",\"value\":\"1\"}}";
    ol_access access;
    recorded chain = {NULL, 5, 0};
    CHECK_EQ(decide(ol_str_of(NOT("{\"NearBalance\":{\"operator\":\"Gte\",\"value\":\"1\"}}")),
                    OL_STR("a.near"), &chain, &access),
             OL_ERR_TIMEOUT);
    CHECK_EQ(access, OL_ACCESS_DENIED);
    CHECK_EQ(decide(ol_str_of(NEAR), OL_STR("a.near"), &chain, &access), OL_ERR_TIMEOUT);
    CHECK_EQ(access, OL_ACCESS_DENIED);
}

#define DAO_OF(role) "{\"DaoMember\":{\"dao_contract\":\"d.near\",\"role\":\"" role "\"}}"

TEST("an answer that is no amount, no list or no JSON is an error, not a no")
{
    static const struct {
        const char *condition;
        const char *view;
    } ROWS[] = {
        {"{\"FtBalance\":{\"contract\":\"f.near\",\"operator\":\"Ne\",\"value\":\"1\"}}", "5"},
        {"{\"FtBalance\":{\"contract\":\"f.near\",\"operator\":\"Ne\",\"value\":\"1\"}}", "\"-1\""},
        {"{\"FtBalance\":{\"contract\":\"f.near\",\"operator\":\"Ne\",\"value\":\"1\"}}", "no"},
        {"{\"NftOwned\":{\"contract\":\"n.near\"}}", "{}"},
        {"{\"NftOwned\":{\"contract\":\"n.near\",\"token_id\":\"1\"}}", "{\"owner_id\":5}"},
        {DAO_OF("r"), "null"},
        {NOT(DAO_OF("r")), "{\"roles\":[{\"name\":\"r\",\"kind\":{\"Group\":\"a.near\"}}]}"},
        {NOT(DAO_OF("r")), "{\"roles\":[{\"name\":\"r\",\"kind\":{\"Group\":[1,\"a.near\"]}}]}"},
        {NOT(DAO_OF("r")), "{\"roles\":[{\"name\":\"r\",\"kind\":[\"a.near\"]}]}"},
        {NOT(DAO_OF("r")), "{\"roles\":[{\"name\":\"r\",\"kind\":null}]}"},
        {NOT(DAO_OF("r")), "{\"roles\":[{\"name\":\"r\"}]}"},
        {NOT(DAO_OF("r")), "{\"roles\":[{\"name\":7,\"kind\":\"Everyone\"}]}"},
    };
    OL_EACH (row, ROWS) {
        ol_access access;
        recorded chain = {row->view, 0, 0};
        CHECK_EQ_ROW(decide(ol_str_of(row->condition), OL_STR("a.near"), &chain, &access),
                     OL_ERR_PROTOCOL, row->view);
    }
}

/* `levels` times Not around AllowAll. */
static ol_str nested(ol_arena *arena, unsigned levels)
{
    ol_buf text = ol_buf_new(ARENA_BYTES);
    ol_str copy;
    for (unsigned i = 0; i < levels; i++)
        ol_buf_add_str(&text, OL_STR("{\"Not\":{\"condition\":"));
    ol_buf_add_str(&text, OL_STR("\"AllowAll\""));
    for (unsigned i = 0; i < levels; i++)
        ol_buf_add_str(&text, OL_STR("}}"));
    CHECK(ol_arena_copy(arena, ol_buf_str(&text), &copy));
    ol_buf_deinit(&text);
    return copy;
}

#define ASKING "{\"NearBalance\":{\"operator\":\"Gte\",\"value\":\"1\"}}"

static ol_str many_leaves(ol_arena *arena, unsigned leaves, const char *leaf)
{
    ol_buf text = ol_buf_new(ARENA_BYTES);
    ol_str copy;
    ol_buf_add_str(&text, OL_STR("{\"Logic\":{\"operator\":\"Or\",\"conditions\":["));
    for (unsigned i = 0; i < leaves; i++) {
        if (i > 0)
            ol_buf_add_char(&text, ',');
        ol_buf_add_str(&text, ol_str_of(leaf));
    }
    ol_buf_add_str(&text, OL_STR("]}}"));
    CHECK(ol_arena_copy(arena, ol_buf_str(&text), &copy));
    ol_buf_deinit(&text);
    return copy;
}

TEST("S41: too deep, or with too many questions, denies without asking")
{
    ol_access access;
    recorded chain = {"null", 5, 0};
    OL_AUTO(ol_arena) arena = ol_arena_new(ARENA_BYTES);
    CHECK_EQ(decide(nested(&arena, 31), OL_STR("a.near"), &chain, &access), OL_OK);
    CHECK_EQ(access, OL_ACCESS_DENIED); /* an odd number of Not */
    CHECK_EQ(decide(nested(&arena, 30), OL_STR("a.near"), &chain, &access), OL_OK);
    CHECK_EQ(access, OL_ACCESS_GRANTED);
    CHECK_EQ(decide(nested(&arena, 32), OL_STR("a.near"), &chain, &access), OL_OK);
    CHECK_EQ(access, OL_ACCESS_DENIED); /* 33 levels: an even number of Not, denied all the same */
    CHECK_EQ(decide(many_leaves(&arena, 16, ASKING), OL_STR("a.near"), &chain, &access), OL_OK);
    CHECK_EQ(access, OL_ACCESS_GRANTED);
    CHECK_EQ(chain.questions, 1);
    CHECK_EQ(decide(many_leaves(&arena, 17, ASKING), OL_STR("a.near"), &chain, &access), OL_OK);
    CHECK_EQ(access, OL_ACCESS_DENIED);
    CHECK_EQ(chain.questions, 1);
    CHECK_EQ(decide(many_leaves(&arena, 32, PATTERN("a.*")), OL_STR("a.near"), &chain, &access),
             OL_OK);
    CHECK_EQ(access, OL_ACCESS_GRANTED);
    CHECK_EQ(decide(many_leaves(&arena, 33, PATTERN("a.*")), OL_STR("a.near"), &chain, &access),
             OL_OK);
    CHECK_EQ(access, OL_ACCESS_DENIED);
}

TEST("constructs beyond linear matching are refused")
{
    static const char *const ROWS[] = {
        "(?=a)a", "(?!a)b", "(?<=a)b", "(?<!a)b",       "(a)\\1",  "(?>a)",
        "(?R)",   "(?1)",   "(?P=x)",  "(*ACCEPT)a",    "\\Qa\\E", "(?C1)a",
        "\\Ka",   "a\\",    "\\g{1}",  "(?<n>a)\\k<n>", "(?#x)",   "(?|a)"};
    /* The same, where a reader that takes escapes and classes for less than they are sees a class.
     */
    static const char *const HIDDEN[] = {
        "\\c[(?R)]",         "\\c\\(?R)",         "[\\c][](?R)]",
        "[[:alpha:][](?R)]", "[[:alpha:][]a\\1]", "\\c[?(?=a)a]?",
        "[\\Q][\\E](?=a)a",  "[[.a.][](?=a)a]",   "[a[](?=a)]?",
    };
    OL_EACH (row, ROWS)
        CHECK_EQ_ROW(ol_account_pattern_match(ol_str_of(*row), OL_STR("a")), OL_PATTERN_UNUSABLE,
                     *row);
    OL_EACH (row, HIDDEN)
        CHECK_EQ_ROW(ol_account_pattern_match(ol_str_of(*row), OL_STR("a")), OL_PATTERN_UNUSABLE,
                     *row);
}

TEST("patterns that make backtracking explode are answered at once")
{
    ol_str id = OL_STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    CHECK_EQ(ol_account_pattern_match(OL_STR("(a+)+b"), id), OL_PATTERN_NO);
    CHECK_EQ(ol_account_pattern_match(OL_STR("(a|aa)+"), id), OL_PATTERN_YES);
    CHECK_EQ(ol_account_pattern_match(OL_STR("(a*)*(a*)*(a*)*"), id), OL_PATTERN_YES);
    CHECK_EQ(ol_account_pattern_match(OL_STR("((a{900}){900}){900}"), id), OL_PATTERN_UNUSABLE);
}

TEST(
    "a group that gives nothing back denies, under Not too: the matcher would miss what it matches")
{
    static const char *const ROWS[] = {"(ab)++", "(?:ab)*+", "(?:ab|a)?+b", "(a|b)++"};
    OL_EACH (row, ROWS)
        CHECK_EQ_ROW(ol_account_pattern_match(ol_str_of(*row), OL_STR("ababab")),
                     OL_PATTERN_UNUSABLE, *row);
    CHECK(!grants(NOT(PATTERN("(ab)++")), "ababab", NULL));
    CHECK_EQ(ol_account_pattern_match(OL_STR("a++b"), OL_STR("aab")), OL_PATTERN_YES);
}

TEST("flags, classes and named groups of ordinary patterns work")
{
    CHECK_EQ(ol_account_pattern_match(OL_STR("(?i)TEAM-[0-9]+\\.near"), OL_STR("team-42.near")),
             OL_PATTERN_YES);
    CHECK_EQ(ol_account_pattern_match(OL_STR("[^]x]+"), OL_STR("ab")), OL_PATTERN_YES);
    CHECK_EQ(ol_account_pattern_match(OL_STR("[(?=]+"), OL_STR("(?=")), OL_PATTERN_YES);
    CHECK_EQ(ol_account_pattern_match(OL_STR("(?P<who>\\w+)\\.near"), OL_STR("a.near")),
             OL_PATTERN_YES);
    CHECK_EQ(ol_account_pattern_match(OL_STR("\\d{2}"), OL_STR("42")), OL_PATTERN_YES);
    CHECK_EQ(ol_account_pattern_match(OL_STR("[[:alpha:]_[:digit:]]+"), OL_STR("a_4")),
             OL_PATTERN_YES);
    CHECK_EQ(ol_account_pattern_match(OL_STR("[\\[\\]]+"), OL_STR("[]")), OL_PATTERN_YES);
}

TEST("what is no condition is an error")
{
    static const char *const ROWS[] = {
        "null",
        "\"AllowNone\"",
        "{}",
        "{\"Not\":{}}",
        "{\"Not\":{\"condition\":5}}",
        "{\"Logic\":{\"operator\":\"Xor\",\"conditions\":[]}}",
        "{\"Logic\":{\"operator\":\"And\",\"conditions\":{}}}",
        "{\"Whitelist\":{\"accounts\":[5]}}",
        "{\"NearBalance\":{\"operator\":\"Gte\",\"value\":5}}",
        "{\"Not\":{\"condition\":\"AllowAll\"},\"Whitelist\":{\"accounts\":[]}}",
    };
    OL_EACH (row, ROWS) {
        ol_err err;
        ol_json value;
        ol_condition *tree;
        OL_AUTO(ol_arena) arena = ol_arena_new(ARENA_BYTES);
        CHECK_OK(ol_json_parse(ol_str_of(*row), &value, &err));
        CHECK_ROW(ol_condition_parse(&value, &arena, &tree, &err) != OL_OK, *row);
    }
}
