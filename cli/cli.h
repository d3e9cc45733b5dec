/* One invocation of `outlayer`: what the global options say, and how results and failures leave.
 *
 * Standard output holds the result alone, progress goes to standard error. With --json, standard
 * output is exactly one object, or one object a line for streams (User experience 3). */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "cli/args.h"
#include "lib/base/arena.h"
#include "lib/codec/json_write.h"

enum {
    CLI_DONE = 0,
    CLI_FAILED = 1,
    CLI_PENDING = 2,
    CLI_INTERRUPTED = 130,
    CLI_ARENA_BYTES_MAX = 256 << 20,
};

typedef struct cli {
    bool json;
    bool quiet;
    bool verbose;
    bool dry_run;
    bool color; /* standard error is a terminal that wants it */
    bool color_out;
    ol_str network;
    ol_str api;         /* --api or the network's; empty: none known */
    ol_str rpc;         /* --rpc or the network's node */
    ol_str contract;    /* the OutLayer contract of the network */
    ol_str account;     /* --account; empty: the one the credentials name */
    ol_str home;        /* OUTLAYER_HOME, else ~/.outlayer */
    uint64_t timeout_s; /* 0: the command's own */
    ol_arena *arena;    /* lives as long as the invocation */
} cli;

typedef struct cli_command {
    const char *name; /* one word or two: "keys create" */
    const char *arguments;
    const char *summary;
    unsigned positionals_min;
    unsigned positionals_max;
    cli_options options;
    int (*run)(cli *it, const cli_args *args); /* the exit code */
} cli_command;

extern const cli_command CLI_COMMANDS[];
extern const size_t CLI_COMMANDS_COUNT;
extern const cli_options CLI_GLOBAL_OPTIONS;

/* A failure as the user meets it: an error of ours, or what a server said. */
typedef struct cli_failure {
    ol_err err;
    char reason[64];     /* overrides the error's own when not empty */
    char hint[256];      /* likewise */
    char request_id[64]; /* may be empty */
    char call_id[64];    /* of a call that was sent; may be empty */
    int exit;            /* overrides when not 0 */
} cli_failure;

/* Tells the failure and returns the exit code. */
int cli_fail(const cli *it, const cli_failure *failure);
int cli_fail_err(const cli *it, const ol_err *err);
int cli_fail_memory(const cli *it);
int cli_fail_usage(const cli *it, const char *format, ...) OL_PRINTF(2, 3);

/* The members of a failure (User experience 3) in the result of a run that failed. NULL data: the
 * error is null. */
void cli_put_failed_run(ol_json_writer *w, ol_str error, int exit);

/* A line of progress on standard error; not with --quiet. */
void cli_note(const cli *it, const char *format, ...) OL_PRINTF(2, 3);
/* The same for what the user must know whatever was asked: with --quiet, too. */
void cli_warn(const cli *it, const char *format, ...) OL_PRINTF(2, 3);
/* The result: `text` and a newline on standard output. false when it cannot be written. */
bool cli_result(ol_str text);
/* cli_result of a buffer, or the failure that the buffer did not suffice. */
int cli_result_buf(const cli *it, const ol_buf *text, int exit);

/* Somebody else's words on their way to a terminal: control bytes other than line ends and tabs are
 * written as \xNN, so that none of them is a command. */
void cli_add_clean(ol_buf *into, ol_str text);

/* Asks a person to type `word` after reading the consequences. Without a terminal, and with --json,
 * nobody is asked: false. */
bool cli_confirm(const cli *it, const char *consequences, ol_str word);

/* Fills what the global options and the environment say. OL_ERR_USAGE. */
ol_rc cli_globals_read(cli *it, const cli_args *args, ol_err *err);
/* Another network than the one said, with its addresses; false when there is none of that name. */
bool cli_enter_network(cli *it, const cli_args *args, ol_str name);

/* What to do when a service of the network is not reached. */
const char *cli_network_hint(const cli *it);

/* A command spelled with its words, NULL when there is none; *ret_words says how many it took. */
const cli_command *cli_command_find(char *const *word, size_t words, size_t *ret_words);

/* `--help` of one command, and the page of all. */
void cli_help_command(const cli_command *command);
void cli_help_all(void);
/* Words that only begin commands, `secrets` of `secrets set`; and the page of one. */
bool cli_is_group(ol_str word);
void cli_help_group(ol_str group);

/* NUL-terminated copies for system calls; aborts the program's work by NULL when memory is short.
 */
const char *cli_cstr(const cli *it, ol_str text);
/* A program that lies beside this one. */
ol_rc cli_program(const cli *it, const char *name, const char **ret, ol_err *err);
/* A file, or standard input for "-". OL_ERR_USAGE when there is no such file: somebody named it. */
ol_rc cli_load(const cli *it, ol_str path, size_t bytes_max, ol_str *ret, ol_err *err);

#endif
