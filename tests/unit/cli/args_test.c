#include "cli/args.h"
#include "cli/cli.h"
#include "tests/harness/test.h"

static const cli_option OWN[] = {
    {"input", 0, CLI_VALUE, "FILE", "x"},
    {"env", 0, CLI_LIST, "K=V", "x"},
    {"async", 0, CLI_FLAG, NULL, "x"},
};
static const cli_option GLOBAL[] = {
    {"quiet", 'q', CLI_FLAG, NULL, "x"},
    {"verbose", 'v', CLI_FLAG, NULL, "x"},
    {"api", 0, CLI_VALUE, "URL", "x"},
};

static cli_args args_new(void)
{
    return (cli_args){.own = {OWN, OL_COUNT(OWN)}, .global = {GLOBAL, OL_COUNT(GLOBAL)}};
}

#define PARSE(args, err, ...)                                                                      \
    cli_args_parse(&(args), (char *const[]){__VA_ARGS__},                                          \
                   sizeof((char *const[]){__VA_ARGS__}) / sizeof(char *), &(err))
#define W(text) ((char *)(uintptr_t)(text))

TEST("options stand anywhere, joined or apart; the last of equal ones counts")
{
    cli_args args = args_new();
    ol_err err = {0};
    ol_str value;
    CHECK_EQ(PARSE(args, err, W("a/b"), W("--input=x=1"), W("-qv"), W("{}"), W("--api"), W("u"),
                   W("--input"), W("-")),
             OL_OK);
    CHECK_EQ(args.positionals, 2);
    CHECK_STR(args.positional[0], OL_STR("a/b"));
    CHECK_STR(args.positional[1], OL_STR("{}"));
    CHECK(cli_flag(&args, "quiet") && cli_flag(&args, "verbose") && !cli_flag(&args, "async"));
    CHECK(cli_value(&args, "input", &value));
    CHECK_STR(value, OL_STR("-"));
    CHECK_STR(cli_value_or(&args, "api", OL_STR("z")), OL_STR("u"));
}

TEST("a list keeps every value in order")
{
    cli_args args = args_new();
    ol_err err = {0};
    ol_str value;
    CHECK_EQ(PARSE(args, err, W("--env"), W("A=1"), W("--env=B=2")), OL_OK);
    CHECK(cli_list(&args, "env", 0, &value));
    CHECK_STR(value, OL_STR("A=1"));
    CHECK(cli_list(&args, "env", 1, &value));
    CHECK_STR(value, OL_STR("B=2"));
    CHECK(!cli_list(&args, "env", 2, &value));
}

TEST("two dashes end the options, one dash is a word")
{
    cli_args args = args_new();
    ol_err err = {0};
    CHECK_EQ(PARSE(args, err, W("-"), W("--"), W("--async"), W("-q")), OL_OK);
    CHECK_EQ(args.positionals, 3);
    CHECK_STR(args.positional[1], OL_STR("--async"));
    CHECK(!cli_flag(&args, "async"));
}

TEST("what no table has is named")
{
    static const struct {
        const char *word;
        const char *says;
    } CASES[] = {
        {"--nope", "unknown option --nope"},
        {"--inp", "unknown option --inp"},
        {"-x", "unknown option -x"},
        {"--input", "--input needs a value: FILE"},
        {"--async=1", "--async takes no value"},
    };
    OL_EACH (c, CASES) {
        cli_args args = args_new();
        ol_err err = {0};
        CHECK_EQ_ROW(PARSE(args, err, W(c->word)), OL_ERR_USAGE, c->word);
        CHECK_STR_ROW(ol_err_text(&err), ol_str_of(c->says), c->word);
    }
}

TEST("more arguments and options than there is room for are refused")
{
    ol_err err = {0};
    char *word[CLI_GIVEN_MAX + 1];
    cli_args args = args_new();
    for (size_t i = 0; i <= CLI_GIVEN_MAX; i++)
        word[i] = W("-q");
    CHECK_EQ(cli_args_parse(&args, word, CLI_GIVEN_MAX, &err), OL_OK);
    args = args_new();
    CHECK_EQ(cli_args_parse(&args, word, CLI_GIVEN_MAX + 1, &err), OL_ERR_USAGE);
    args = args_new();
    for (size_t i = 0; i <= CLI_POSITIONALS_MAX; i++)
        word[i] = W("a");
    CHECK_EQ(cli_args_parse(&args, word, CLI_POSITIONALS_MAX + 1, &err), OL_ERR_USAGE);
}

TEST("numbers have their range")
{
    static const struct {
        const char *text;
        bool fine;
    } CASES[] = {{"1", true},  {"9", true}, {"0", false},  {"10", false},
                 {"x", false}, {"", false}, {"-1", false}, {"1.0", false}};
    OL_EACH (c, CASES) {
        cli_args args = args_new();
        ol_err err = {0};
        uint64_t number = 77;
        CHECK_EQ(PARSE(args, err, W("--input"), W(c->text)), OL_OK);
        CHECK_EQ_ROW(cli_number(&args, "input", 1, 9, &number, &err) == OL_OK, c->fine, c->text);
        CHECK_ROW(c->fine || number == 77, c->text);
    }
}

TEST("every command of the table has a summary, options with help, and names nobody else has")
{
    for (size_t i = 0; i < CLI_COMMANDS_COUNT; i++) {
        const cli_command *c = &CLI_COMMANDS[i];
        CHECK_ROW(c->run != NULL && c->summary[0] != '\0', c->name);
        CHECK_ROW(c->positionals_max <= CLI_POSITIONALS_MAX, c->name);
        for (size_t k = 0; k < c->options.count; k++) {
            const cli_option *o = &c->options.option[k];
            CHECK_ROW(o->help[0] != '\0' && (o->kind == CLI_FLAG) == (o->value == NULL), o->name);
            /* `test --rpc` was a flag before every command could be told a node. */
            bool kept = ol_str_eq(ol_str_of(c->name), OL_STR("test")) &&
                        ol_str_eq(ol_str_of(o->name), OL_STR("rpc"));
            for (size_t g = 0; g < CLI_GLOBAL_OPTIONS.count; g++)
                CHECK_ROW(kept || !ol_str_eq(ol_str_of(CLI_GLOBAL_OPTIONS.option[g].name),
                                             ol_str_of(o->name)),
                          o->name);
        }
        for (size_t k = 0; k < i; k++)
            CHECK_ROW(!ol_str_eq(ol_str_of(CLI_COMMANDS[k].name), ol_str_of(c->name)), c->name);
    }
}
