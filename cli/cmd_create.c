/* outlayer create: a new folder with a program in it, ready to be built. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/templates.h"
#include "lib/base/fd.h"
#include "lib/near/account_id.h"

enum { FILE_BYTES_MAX = 256 * 1024 };

static const char NAME[] = "@NAME@";

static void fill_in(ol_str content, ol_str name, ol_buf *into)
{
    size_t at;
    while (ol_str_find(content, ol_str_of(NAME), &at)) {
        ol_buf_add_str(into, ol_str_slice(content, 0, at));
        ol_buf_add_str(into, name);
        content = ol_str_slice(content, at + sizeof NAME - 1, content.len);
    }
    ol_buf_add_str(into, content);
}

static ol_rc file_write(const cli *it, ol_str folder, ol_str name, const template_file *file,
                        ol_err *err)
{
    OL_AUTO(ol_buf) content = ol_buf_new(FILE_BYTES_MAX);
    ol_str path = ol_arena_printf(it->arena, "%.*s/%s", OL_FMT(folder), file->path);
    ol_str parent, base;
    if (path.data == NULL || !ol_str_cut_last(path, '/', &parent, &base))
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    const char *inside = cli_cstr(it, parent);
    fill_in((ol_str){file->begin, (size_t)(file->end - file->begin)}, name, &content);
    if (inside == NULL || !ol_buf_ok(&content))
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    if (access(path.data, F_OK) == 0)
        return ol_fail(err, OL_ERR_CONFLICT, "%s is there already; nothing was changed in it",
                       path.data);
    OL_TRY(ol_dir_make(inside, err));
    return ol_file_save(path.data, ol_buf_bytes(&content), 0644, err);
}

static int created(const cli *it, ol_str folder, const template *t)
{
    OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(64));
    ol_json_writer w = ol_json_writer_over(&text);
    if (!it->json) {
        ol_buf_addf(&text, "%.*s/", OL_FMT(folder));
        for (size_t i = 0; i < t->files; i++)
            ol_buf_addf(&text, "\n  %s", t->file[i].path);
        cli_note(it, "next: cd %.*s", OL_FMT(folder));
        for (const char *const *next = t->next; *next != NULL; next++)
            cli_note(it, "      %s", *next);
        return cli_result_buf(it, &text, CLI_DONE);
    }
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "dir", folder);
    ol_json_key(&w, "files");
    ol_json_array_begin(&w);
    for (size_t i = 0; i < t->files; i++)
        ol_json_add_cstr(&w, t->file[i].path);
    ol_json_array_end(&w);
    ol_json_object_end(&w);
    return cli_result_buf(it, &text, CLI_DONE);
}

int cmd_create(cli *it, const cli_args *args)
{
    ol_err err = {0};
    ol_str name = args->positional[0];
    ol_str folder = cli_value_or(args, "dir", name);
    const template *t = template_find(cli_value_or(args, "template", OL_STR("basic")));
    if (!ol_project_name_valid(name))
        return cli_fail_usage(it, "a name has letters, digits, - and _");
    if (t == NULL)
        return cli_fail_usage(it, "a template is basic or contract");
    if (!ol_str_eq(cli_value_or(args, "lang", OL_STR("c")), OL_STR("c")))
        return cli_fail_usage(it, "--lang is c");
    for (size_t i = 0; i < t->files; i++) {
        if (file_write(it, folder, name, &t->file[i], &err) != OL_OK)
            return cli_fail_err(it, &err);
    }
    return created(it, folder, t);
}
