#include <stdio.h>
#include <string.h>

#include "cli/commands.h"

enum { NAME_COLUMNS = 34 };

typedef struct exit_code {
    int code;
    const char *meaning;
} exit_code;

/* User experience 3. */
static const exit_code EXIT_CODES[] = {
    {0, "done (for run: the program succeeded)"},
    {1, "remote operation ran and failed"},
    {2, "pending or unproven"},
    {3, "usage"},
    {4, "authentication or access"},
    {5, "payment"},
    {6, "network or service unavailable"},
    {7, "local environment"},
    {8, "internal"},
    {130, "interrupted"},
};

static void print_options(const char *title, cli_options options)
{
    if (options.count == 0)
        return;
    (void)printf("\n%s\n", title);
    for (size_t i = 0; i < options.count; i++) {
        const cli_option *o = &options.option[i];
        char name[128];
        (void)snprintf(name, sizeof name, "%s%c%s--%s%s%s", o->letter != 0 ? "-" : "  ",
                       o->letter != 0 ? o->letter : ' ', o->letter != 0 ? ", " : " ", o->name,
                       o->kind == CLI_FLAG ? "" : " ", o->kind == CLI_FLAG ? "" : o->value);
        if (strlen(name) > NAME_COLUMNS)
            (void)printf("  %s\n  %-*s %s\n", name, NAME_COLUMNS, "", o->help);
        else
            (void)printf("  %-*s %s\n", NAME_COLUMNS, name, o->help);
    }
}

void cli_help_command(const cli_command *command)
{
    (void)printf("outlayer %s%s%s: %s\n", command->name, command->arguments[0] != '\0' ? " " : "",
                 command->arguments, command->summary);
    print_options("Options:", command->options);
    print_options("Everywhere:", CLI_GLOBAL_OPTIONS);
}

static void print_command(const cli_command *command)
{
    char name[128];
    size_t columns = 0;
    (void)snprintf(name, sizeof name, "%s %s", command->name, command->arguments);
    for (const char *c = name; *c != '\0'; c++)
        columns += ((unsigned char)*c & 0xc0) != 0x80; /* `…` is three bytes in one column */
    if (columns > NAME_COLUMNS) {                      /* the summary on a line of its own */
        (void)printf("  %s\n", name);
        columns = 0;
        name[0] = '\0';
    }
    (void)printf("  %s%*s %s\n", name, (int)(NAME_COLUMNS - columns), "", command->summary);
}

/* Is it a command of the group, `secrets set` of `secrets`? */
static bool of_group(const cli_command *command, ol_str group)
{
    ol_str name = ol_str_of(command->name);
    return ol_str_starts(name, group) && name.len > group.len && name.data[group.len] == ' ';
}

bool cli_is_group(ol_str word)
{
    for (size_t i = 0; i < CLI_COMMANDS_COUNT; i++) {
        if (of_group(&CLI_COMMANDS[i], word))
            return true;
    }
    return false;
}

void cli_help_group(ol_str group)
{
    for (size_t i = 0; i < CLI_COMMANDS_COUNT; i++) {
        if (of_group(&CLI_COMMANDS[i], group))
            print_command(&CLI_COMMANDS[i]);
    }
}

void cli_help_all(void)
{
    (void)printf("outlayer: call, serve and test programs of OutLayer\n\nCommands:\n");
    for (size_t i = 0; i < CLI_COMMANDS_COUNT; i++)
        print_command(&CLI_COMMANDS[i]);
    print_options("Everywhere:", CLI_GLOBAL_OPTIONS);
    (void)printf("\n`outlayer help COMMAND` lists a command's options, `outlayer help exit-codes` "
                 "what the exit codes mean.\n");
}

static int exit_codes(const cli *it)
{
    OL_AUTO(ol_buf) text = ol_buf_new(4096);
    ol_json_writer w = ol_json_writer_over(&text);
    if (!it->json) {
        OL_EACH (e, EXIT_CODES)
            (void)printf("%3d  %s\n", e->code, e->meaning);
        return CLI_DONE;
    }
    ol_json_object_begin(&w);
    ol_json_key(&w, "exit_codes");
    ol_json_array_begin(&w);
    OL_EACH (e, EXIT_CODES) {
        ol_json_object_begin(&w);
        ol_json_put_i64(&w, "code", e->code);
        ol_json_put_cstr(&w, "meaning", e->meaning);
        ol_json_object_end(&w);
    }
    ol_json_array_end(&w);
    ol_json_object_end(&w);
    return cli_result_buf(it, &text, CLI_DONE);
}

int cmd_help(cli *it, const cli_args *args)
{
    char *word[CLI_POSITIONALS_MAX];
    size_t used;
    if (args->positionals == 0) {
        cli_help_all();
        return CLI_DONE;
    }
    if (ol_str_eq(args->positional[0], OL_STR("exit-codes")))
        return exit_codes(it);
    for (size_t i = 0; i < args->positionals; i++) {
        ol_str copy;
        if (!ol_arena_copy(it->arena, args->positional[i], &copy))
            return cli_fail_memory(it);
        word[i] = (char *)(uintptr_t)copy.data;
    }
    const cli_command *command = cli_command_find(word, args->positionals, &used);
    if (command == NULL && cli_is_group(args->positional[0])) {
        cli_help_group(args->positional[0]);
        return CLI_DONE;
    }
    if (command == NULL)
        return cli_fail_usage(it, "there is no command %.*s", OL_FMT(args->positional[0]));
    cli_help_command(command);
    return CLI_DONE;
}
