#include "cli/project_file.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/credentials.h"
#include "cli/source.h"
#include "cli/toml.h"
#include "lib/near/account_id.h"

enum { PATH_BYTES = 4096 };

static ol_rc list_of(const toml *file, const char *section, const char *key, const ol_str **ret,
                     size_t *ret_count, bool *ret_said, ol_err *err)
{
    const toml_entry *found = toml_find(file, section, key);
    if (found == NULL)
        return OL_OK;
    if (found->kind != TOML_LIST)
        return ol_fail(err, OL_ERR_SHAPE, "line %u: %s must be a list of texts", found->line, key);
    *ret = found->item;
    *ret_count = found->items;
    *ret_said = true;
    return OL_OK;
}

static ol_rc take(const toml *file, project_file *ret, ol_err *err)
{
    ol_str kind, target;
    bool said = false;
    OL_TRY(toml_text(file, "project", "name", OL_STR(""), &ret->name, err));
    OL_TRY(toml_text(file, "project", "owner", OL_STR(""), &ret->owner, err));
    OL_TRY(toml_text(file, "build", "kind", OL_STR("program"), &kind, err));
    OL_TRY(toml_text(file, "build", "target", OL_STR("p1"), &target, err));
    ret->contract = ol_str_eq(kind, OL_STR("contract"));
    if (!ret->contract && !ol_str_eq(kind, OL_STR("program")))
        return ol_fail(err, OL_ERR_SHAPE, "kind is program or contract");
    OL_TRY(code_target_parse(target, &ret->target, err));
    OL_TRY(list_of(file, "build", "sources", &ret->source, &ret->sources, &said, err));
    return list_of(file, "network", "hosts", &ret->host, &ret->hosts, &ret->says_hosts, err);
}

ol_rc project_file_load(const cli *it, const char *folder, project_file *ret, ol_err *err)
{
    char path[PATH_BYTES];
    ol_str text;
    toml file;
    project_file found = {.found = true};
    int n = snprintf(path, sizeof path, "%s/outlayer.toml", folder != NULL ? folder : ".");
    if (n < 0 || n >= PATH_BYTES)
        return ol_fail(err, OL_ERR_ENVIRONMENT, "path too long");
    if (access(path, F_OK) != 0) {
        *ret = (project_file){.target = OL_STR("wasm32-wasip1")};
        return OL_OK;
    }
    OL_TRY(cli_load(it, ol_str_of(path), TOML_BYTES_MAX, &text, err));
    if (toml_parse(text, it->arena, &file, err) != OL_OK || take(&file, &found, err) != OL_OK) {
        (void)ol_prefix(err, "outlayer.toml: ");
        return err->rc = OL_ERR_USAGE;
    }
    *ret = found;
    return OL_OK;
}

ol_rc project_id_find(const cli *it, ol_str text, ol_str *ret, ol_err *err)
{
    project_file file;
    ol_str owner, name = text;
    if (ol_str_cut(text, '/', &owner, &name)) {
        if (!ol_project_id_valid(text))
            return ol_fail(err, OL_ERR_USAGE, "a project reads owner/name");
        *ret = text;
        return OL_OK;
    }
    OL_TRY(project_file_load(it, NULL, &file, err));
    if (name.len == 0)
        name = file.name;
    owner = it->account.len > 0 ? it->account : file.owner;
    if (owner.len == 0)
        owner = credentials_text(it, "account_id");
    if (name.len == 0)
        return ol_fail(err, OL_ERR_USAGE, "which project? there is no outlayer.toml here");
    if (owner.len == 0)
        return ol_fail(err, OL_ERR_NO_ACCOUNT_KEY, "whose project? no account on %.*s",
                       OL_FMT(it->network));
    *ret = ol_arena_printf(it->arena, "%.*s/%.*s", OL_FMT(owner), OL_FMT(name));
    if (!ol_project_id_valid(*ret))
        return ol_fail(err, OL_ERR_USAGE, "%.*s is no project id", OL_FMT(*ret));
    return OL_OK;
}

ol_str project_name_of(ol_str project_id)
{
    ol_str owner, name;
    return ol_str_cut(project_id, '/', &owner, &name) ? name : project_id;
}

ol_str project_owner_of(ol_str project_id)
{
    ol_str owner, name;
    return ol_str_cut(project_id, '/', &owner, &name) ? owner : OL_STR("");
}
