/* outlayer: reads the command, the global options, and hands over. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/credentials.h"
#include "lib/base/log.h"

static ol_str environment(const char *name, ol_str otherwise)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? ol_str_of(value) : otherwise;
}

static bool wants_color(const cli_args *args, int fd)
{
    const char *no_color = getenv("NO_COLOR");
    return !cli_flag(args, "no-color") && (no_color == NULL || no_color[0] == '\0') && isatty(fd);
}

static ol_rc globals_read(cli *it, const cli_args *args, ol_err *err)
{
    ol_str home = environment("HOME", OL_STR("."));
    it->quiet = cli_flag(args, "quiet");
    it->verbose = cli_flag(args, "verbose");
    it->dry_run = cli_flag(args, "dry-run");
    it->color = wants_color(args, STDERR_FILENO);
    it->color_out = wants_color(args, STDOUT_FILENO);
    it->home =
        environment("OUTLAYER_HOME", ol_arena_printf(it->arena, "%.*s/.outlayer", OL_FMT(home)));
    it->network = cli_value_or(args, "network", environment("OUTLAYER_NETWORK", OL_STR("local")));
    if (!ol_str_eq(it->network, OL_STR("local")) && !ol_str_eq(it->network, OL_STR("testnet")) &&
        !ol_str_eq(it->network, OL_STR("mainnet")))
        return ol_fail(err, OL_ERR_USAGE, "a network is local, testnet or mainnet");
    OL_TRY(cli_number(args, "timeout", 1, 86400, &it->timeout_s, err));
    /* A network on the command line counts for more than an API in the environment, which may be
     * another network's. */
    ol_str network;
    bool said = cli_value(args, "network", &network);
    it->api =
        cli_value_or(args, "api", said ? OL_STR("") : environment("OUTLAYER_API", OL_STR("")));
    if (it->api.len == 0)
        it->api = credentials_api(it);
    if (it->api.len == 0 && ol_str_eq(it->network, OL_STR("local")))
        it->api = OL_STR("http://127.0.0.1:8080");
    return OL_OK;
}

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

static int dispatch(cli *it, char **word, size_t words)
{
    ol_err err = {0};
    size_t used = 0, at = command_at(word, words);
    for (size_t i = 0; i < words; i++) /* so that even a usage error comes as JSON */
        it->json = it->json || strcmp(word[i], "--json") == 0;
    const cli_command *command = cli_command_find(word + at, words - at, &used);
    cli_args args = {.global = CLI_GLOBAL_OPTIONS};
    if (command != NULL)
        args.own = command->options;
    else if (at < words)
        return cli_fail_usage(it, "there is no command %s; see outlayer help", word[at]);
    /* The words before the command, and those behind it, in one row. */
    memmove(word + used, word, at * sizeof *word);
    if (cli_args_parse(&args, word + used, words - used, &err) != OL_OK ||
        globals_read(it, &args, &err) != OL_OK)
        return cli_fail_err(it, &err);
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

int main(int argc, char **argv)
{
    ol_arena arena = ol_arena_new(CLI_ARENA_BYTES_MAX);
    cli it = {.arena = &arena};
    (void)signal(SIGPIPE, SIG_IGN); /* a closed reader is an error of writing */
    ol_log_open("cli", OL_WARN);
    int exit = dispatch(&it, argv + 1, argc > 0 ? (size_t)argc - 1 : 0);
    if (fflush(stdout) != 0 && exit == CLI_DONE)
        exit = ol_reason_of(OL_ERR_IO)->exit;
    ol_arena_deinit(&arena);
    return exit;
}
