/* Arguments of the command line, read by table: what a command accepts is data that parsing, help
 * and completion walk. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "lib/base/err.h"

enum { CLI_POSITIONALS_MAX = 16, CLI_GIVEN_MAX = 256 };

typedef enum cli_option_kind {
    CLI_FLAG,  /* --json */
    CLI_VALUE, /* --api URL, --api=URL; the last one counts */
    CLI_LIST,  /* --env K=V, as often as wanted */
} cli_option_kind;

typedef struct cli_option {
    const char *name; /* without dashes */
    char letter;      /* of the short form; 0: none */
    cli_option_kind kind;
    const char *value; /* what stands in the help: URL; for a fixed set, a|b|c */
    const char *help;
} cli_option;

typedef struct cli_options {
    const cli_option *option;
    size_t count;
} cli_options;

typedef struct cli_given {
    const cli_option *option;
    ol_str value;
} cli_given;

/* Borrowed from the tables and from argv. */
typedef struct cli_args {
    cli_options own;
    cli_options global;
    cli_given given[CLI_GIVEN_MAX];
    size_t givens;
    ol_str positional[CLI_POSITIONALS_MAX];
    size_t positionals;
} cli_args;

/* Reads `word`s; options may stand anywhere, `--` ends them, `-` is a positional. OL_ERR_USAGE
 * names what is wrong. args->own and ->global are set by the caller. */
ol_rc cli_args_parse(cli_args *args, char *const *word, size_t words, ol_err *err);

/* By name; a name that is in neither table is a broken promise. */
bool cli_flag(const cli_args *args, const char *name);
/* The last value given; false when there is none. */
bool cli_value(const cli_args *args, const char *name, ol_str *ret);
/* The same of the global options alone, where a command has another meaning for the name. */
bool cli_global_value(const cli_args *args, const char *name, ol_str *ret);
ol_str cli_value_or(const cli_args *args, const char *name, ol_str otherwise);
/* The value number `index` of a list. */
bool cli_list(const cli_args *args, const char *name, size_t index, ol_str *ret);
/* A decimal number in min..max; absent leaves *ret. OL_ERR_USAGE otherwise. */
ol_rc cli_number(const cli_args *args, const char *name, uint64_t min, uint64_t max, uint64_t *ret,
                 ol_err *err);

#endif
