#include "cli/args.h"

#include "lib/base/num.h"

static const cli_option *by_name(const cli_args *args, ol_str name)
{
    for (size_t i = 0; i < args->own.count; i++) {
        if (ol_str_eq(ol_str_of(args->own.option[i].name), name))
            return &args->own.option[i];
    }
    for (size_t i = 0; i < args->global.count; i++) {
        if (ol_str_eq(ol_str_of(args->global.option[i].name), name))
            return &args->global.option[i];
    }
    return NULL;
}

static const cli_option *by_letter(const cli_args *args, char letter)
{
    for (size_t i = 0; i < args->own.count; i++) {
        if (args->own.option[i].letter == letter)
            return &args->own.option[i];
    }
    for (size_t i = 0; i < args->global.count; i++) {
        if (args->global.option[i].letter == letter)
            return &args->global.option[i];
    }
    return NULL;
}

static ol_rc add(cli_args *args, const cli_option *option, ol_str value, ol_err *err)
{
    if (args->givens == CLI_GIVEN_MAX)
        return ol_fail(err, OL_ERR_USAGE, "more than %d options", CLI_GIVEN_MAX);
    args->given[args->givens++] = (cli_given){option, value};
    return OL_OK;
}

/* `--name`, `--name=value`, `--name value`. *at stands on the word and moves to the last one used.
 */
static ol_rc long_option(cli_args *args, char *const *word, size_t words, size_t *at, ol_err *err)
{
    ol_str given = ol_str_of(word[*at]);
    ol_str text = ol_str_slice(given, 2, given.len), name = text, value = OL_STR("");
    bool joined = ol_str_cut(text, '=', &name, &value);
    const cli_option *option = by_name(args, name);
    if (option == NULL)
        return ol_fail(err, OL_ERR_USAGE, "unknown option --%.*s", OL_FMT(name));
    if (option->kind == CLI_FLAG) {
        if (joined)
            return ol_fail(err, OL_ERR_USAGE, "--%s takes no value", option->name);
        return add(args, option, OL_STR(""), err);
    }
    if (!joined) {
        if (*at + 1 == words)
            return ol_fail(err, OL_ERR_USAGE, "--%s needs a value: %s", option->name,
                           option->value);
        value = ol_str_of(word[++*at]);
    }
    return add(args, option, value, err);
}

/* `-q`, `-qv`; short options take no value. */
static ol_rc short_options(cli_args *args, const char *word, ol_err *err)
{
    for (const char *letter = word + 1; *letter != '\0'; letter++) {
        const cli_option *option = by_letter(args, *letter);
        if (option == NULL || option->kind != CLI_FLAG)
            return ol_fail(err, OL_ERR_USAGE, "unknown option %s", word);
        OL_TRY(add(args, option, OL_STR(""), err));
    }
    return OL_OK;
}

static ol_rc positional(cli_args *args, const char *word, ol_err *err)
{
    if (args->positionals == CLI_POSITIONALS_MAX)
        return ol_fail(err, OL_ERR_USAGE, "too many arguments");
    args->positional[args->positionals++] = ol_str_of(word);
    return OL_OK;
}

ol_rc cli_args_parse(cli_args *args, char *const *word, size_t words, ol_err *err)
{
    bool options = true;
    for (size_t at = 0; at < words; at++) {
        ol_str text = ol_str_of(word[at]);
        if (options && ol_str_eq(text, OL_STR("--")))
            options = false;
        else if (options && ol_str_starts(text, OL_STR("--")))
            OL_TRY(long_option(args, word, words, &at, err));
        else if (options && text.len > 1 && text.data[0] == '-')
            OL_TRY(short_options(args, word[at], err));
        else
            OL_TRY(positional(args, word[at], err));
    }
    return OL_OK;
}

static const cli_option *known(const cli_args *args, const char *name, bool flag)
{
    const cli_option *option = by_name(args, ol_str_of(name));
    OL_ASSERT(option != NULL);
    OL_ASSERT((option->kind == CLI_FLAG) == flag);
    return option;
}

bool cli_flag(const cli_args *args, const char *name)
{
    const cli_option *option = known(args, name, true);
    for (size_t i = 0; i < args->givens; i++) {
        if (args->given[i].option == option)
            return true;
    }
    return false;
}

bool cli_value(const cli_args *args, const char *name, ol_str *ret)
{
    const cli_option *option = known(args, name, false);
    for (size_t i = args->givens; i-- > 0;) {
        if (args->given[i].option == option) {
            *ret = args->given[i].value;
            return true;
        }
    }
    return false;
}

bool cli_global_value(const cli_args *args, const char *name, ol_str *ret)
{
    for (size_t i = args->givens; i-- > 0;) {
        const cli_option *option = args->given[i].option;
        bool global =
            option >= args->global.option && option < args->global.option + args->global.count;
        if (global && ol_str_eq(ol_str_of(option->name), ol_str_of(name))) {
            *ret = args->given[i].value;
            return true;
        }
    }
    return false;
}

ol_str cli_value_or(const cli_args *args, const char *name, ol_str otherwise)
{
    ol_str value = otherwise;
    (void)cli_value(args, name, &value);
    return value;
}

bool cli_list(const cli_args *args, const char *name, size_t index, ol_str *ret)
{
    const cli_option *option = known(args, name, false);
    for (size_t i = 0; i < args->givens; i++) {
        if (args->given[i].option == option && index-- == 0) {
            *ret = args->given[i].value;
            return true;
        }
    }
    return false;
}

ol_rc cli_number(const cli_args *args, const char *name, uint64_t min, uint64_t max, uint64_t *ret,
                 ol_err *err)
{
    ol_str text;
    uint64_t number;
    if (!cli_value(args, name, &text))
        return OL_OK;
    if (!ol_u64_parse(text, &number) || number < min || number > max)
        return ol_fail(err, OL_ERR_USAGE, "--%s must be a number from %llu to %llu", name,
                       (unsigned long long)min, (unsigned long long)max);
    *ret = number;
    return OL_OK;
}
