/* Completion scripts, written from the command table. */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"

/* The first word of command `i`, and no earlier command begins with it. */
static bool is_new_word(size_t i)
{
    const char *name = CLI_COMMANDS[i].name;
    size_t len = strcspn(name, " ");
    for (size_t k = 0; k < i; k++) {
        const char *other = CLI_COMMANDS[k].name;
        if (strcspn(other, " ") == len && strncmp(other, name, len) == 0)
            return false;
    }
    return true;
}

static void first_words(void)
{
    for (size_t i = 0; i < CLI_COMMANDS_COUNT; i++) {
        if (is_new_word(i))
            (void)printf(" %.*s", (int)strcspn(CLI_COMMANDS[i].name, " "), CLI_COMMANDS[i].name);
    }
}

static void options(cli_options list)
{
    for (size_t i = 0; i < list.count; i++)
        (void)printf(" --%s", list.option[i].name);
}

/* What follows a first word: second words and options of every command that begins with it. */
static void followers(const char *first, size_t len)
{
    for (size_t i = 0; i < CLI_COMMANDS_COUNT; i++) {
        const cli_command *c = &CLI_COMMANDS[i];
        if (strcspn(c->name, " ") != len || strncmp(c->name, first, len) != 0)
            continue;
        if (c->name[len] == ' ')
            (void)printf(" %s", c->name + len + 1);
        options(c->options);
    }
    options(CLI_GLOBAL_OPTIONS);
}

static void bash(void)
{
    (void)printf("_outlayer() {\n    local cur=\"${COMP_WORDS[COMP_CWORD]}\" words=\"");
    first_words();
    (void)printf("\"\n    case \"${COMP_WORDS[1]}\" in\n");
    for (size_t i = 0; i < CLI_COMMANDS_COUNT; i++) {
        const char *name = CLI_COMMANDS[i].name;
        size_t len = strcspn(name, " ");
        if (!is_new_word(i))
            continue;
        (void)printf("    %.*s) [ \"$COMP_CWORD\" -gt 1 ] && words=\"", (int)len, name);
        followers(name, len);
        (void)printf("\" ;;\n");
    }
    (void)printf("    esac\n    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                 "    [ ${#COMPREPLY[@]} -eq 0 ] && COMPREPLY=($(compgen -f -- \"$cur\"))\n}\n"
                 "complete -F _outlayer outlayer\n");
}

static void fish(void)
{
    (void)printf("complete -c outlayer -f -n __fish_use_subcommand -a '");
    first_words();
    (void)printf("'\n");
    for (size_t i = 0; i < CLI_COMMANDS_COUNT; i++) {
        const cli_command *c = &CLI_COMMANDS[i];
        size_t len = strcspn(c->name, " ");
        if (c->name[len] == ' ')
            (void)printf("complete -c outlayer -n '__fish_seen_subcommand_from %.*s' -a '%s'\n",
                         (int)len, c->name, c->name + len + 1);
        for (size_t k = 0; k < c->options.count; k++)
            (void)printf("complete -c outlayer -n '__fish_seen_subcommand_from %.*s' -l %s%s\n",
                         (int)strcspn(c->name, " "), c->name, c->options.option[k].name,
                         c->options.option[k].kind == CLI_FLAG ? "" : " -r");
    }
    for (size_t k = 0; k < CLI_GLOBAL_OPTIONS.count; k++)
        (void)printf("complete -c outlayer -l %s%s\n", CLI_GLOBAL_OPTIONS.option[k].name,
                     CLI_GLOBAL_OPTIONS.option[k].kind == CLI_FLAG ? "" : " -r");
}

int cmd_completion(cli *it, const cli_args *args)
{
    ol_str shell = args->positional[0];
    if (ol_str_eq(shell, OL_STR("bash"))) {
        bash();
    } else if (ol_str_eq(shell, OL_STR("zsh"))) {
        (void)printf("autoload -U +X bashcompinit && bashcompinit\n");
        bash();
    } else if (ol_str_eq(shell, OL_STR("fish"))) {
        fish();
    } else {
        return cli_fail_usage(it, "scripts for bash, zsh and fish, not for %.*s", OL_FMT(shell));
    }
    return CLI_DONE;
}
