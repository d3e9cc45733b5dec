/* outlayer: reads the command, the global options, and hands over. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "lib/base/log.h"

/* Global options may stand before the command: the first word that is none is the command. */
static size_t command_at(char *const *word, size_t words)
{
    size_t at = 0;
    while (at < words && word[at][0] == '-' && word[at][1] != '\0') {
        cli_args probe = {.global = CLI_GLOBAL_OPTIONS};
        char *const pair[] = {word[at], at + 1 < words ? word[at + 1] : NULL};
        /* An option that swallows the next word parses only as a pair. */
        bool alone = cli_args_parse(&probe, pair, 1, NULL) == OL_OK;
        at += alone ? 1 : 2;
    }
    return at < words ? at : words;
}

/* No command begins so; `outlayer secrets` and `outlayer secrets --help` ask for the group's page.
 */
static int no_command(const cli *it, char *const *word, size_t words)
{
    bool group = cli_is_group(ol_str_of(word[0]));
    if (group && words > 1 && (strcmp(word[1], "--help") == 0 || strcmp(word[1], "-h") == 0)) {
        cli_help_group(ol_str_of(word[0]));
        return CLI_DONE;
    }
    bool second = group && words > 1 && word[1][0] != '-';
    return cli_fail_usage(it, "there is no command %s%s%s; see outlayer help%s%s", word[0],
                          second ? " " : "", second ? word[1] : "", group ? " " : "",
                          group ? word[0] : "");
}

static int dispatch(cli *it, char **word, size_t words)
{
    ol_err err = {0};
    size_t used = 0, at = command_at(word, words);
    for (size_t i = 0; i < words; i++) /* so that even a usage error comes as JSON */
        it->json = it->json || strcmp(word[i], "--json") == 0;
    if (words == 1 && strcmp(word[0], "--version") == 0) /* as every other program has it */
        word[0] = (char *)(uintptr_t)"version", at = 0;
    const cli_command *command = cli_command_find(word + at, words - at, &used);
    cli_args args = {.global = CLI_GLOBAL_OPTIONS};
    if (command != NULL)
        args.own = command->options;
    else if (at < words)
        return no_command(it, word + at, words - at);
    /* The words before the command, and those behind it, in one row. */
    memmove(word + used, word, at * sizeof *word);
    if (cli_args_parse(&args, word + used, words - used, &err) != OL_OK ||
        cli_globals_read(it, &args, &err) != OL_OK)
        return cli_fail_err(it, &err);
    if (command == NULL && it->json && !cli_flag(&args, "help"))
        return cli_fail_usage(it, "name a command; see outlayer help");
    if (command == NULL || cli_flag(&args, "help")) {
        if (command == NULL)
            cli_help_all();
        else
            cli_help_command(command);
        return command == NULL && !cli_flag(&args, "help") ? ol_reason_of(OL_ERR_USAGE)->exit
                                                           : CLI_DONE;
    }
    if (args.positionals < command->positionals_min || args.positionals > command->positionals_max)
        return cli_fail_usage(it, "usage: outlayer %s %s", command->name, command->arguments);
    return command->run(it, &args);
}

/* Who closed one of the three would have the next file or connection in its place, and the result
 * written into that. What is put there takes nothing: writing a result fails, and is told. */
static void streams_ensure(void)
{
    for (int n = STDIN_FILENO; n <= STDERR_FILENO; n++) {
        if (fcntl(n, F_GETFD) == -1 && errno == EBADF)
            (void)open("/dev/null", n == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

int main(int argc, char **argv)
{
    static char lines[16 * 1024]; /* notes come whole where several programs share a terminal */
    streams_ensure();
    ol_arena arena = ol_arena_new(CLI_ARENA_BYTES_MAX);
    cli it = {.arena = &arena};
    (void)setvbuf(stderr, lines, _IOLBF, sizeof lines);
    (void)signal(SIGPIPE, SIG_IGN); /* a closed reader is an error of writing */
    ol_log_open("cli", OL_WARN);
    int exit = dispatch(&it, argv + 1, argc > 0 ? (size_t)argc - 1 : 0);
    if (fflush(stdout) != 0 && exit == CLI_DONE) {
        ol_err err = {0};
        (void)ol_fail(&err, OL_ERR_IO, "standard output cannot be written");
        exit = cli_fail_err(&it, &err);
    }
    ol_arena_deinit(&arena);
    return exit;
}
