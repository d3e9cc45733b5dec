/* outlayer versions, versions activate|rollback|remove|diff (Contract 7). */
#include <stdio.h>
#include <string.h>

#include "cli/chain.h"
#include "cli/commands.h"
#include "cli/project_file.h"
#include "lib/codec/json_bind.h"

enum {
    PAGE = 100,
    VERSIONS_MAX = 10000,
    CHANGE_TGAS = 30,
};

typedef struct version {
    ol_str key;
    ol_str source; /* JSON */
    uint64_t added_ns;
    bool active;
} version;

static const ol_json_field FIELDS[] = {
    {"wasm_hash", OL_BIND_TEXT, OL_REQUIRED, offsetof(version, key)},
    {"source", OL_BIND_RAW, OL_REQUIRED, offsetof(version, source)},
    {"added_at", OL_BIND_U64, OL_REQUIRED, offsetof(version, added_ns)},
    {"is_active", OL_BIND_BOOL, OL_REQUIRED, offsetof(version, active)},
};
static const ol_json_table TABLE = {"VersionView", FIELDS, OL_COUNT(FIELDS)};

typedef struct versions {
    version *version; /* in the arena */
    size_t count;
} versions;

static ol_rc page_add(const cli *it, const ol_json *list, versions *all, size_t *ret_added,
                      ol_err *err)
{
    ol_json item;
    *ret_added = 0;
    for (ol_json_iter i = ol_json_iterate(list); ol_json_next_item(&i, &item);) {
        if (all->count == VERSIONS_MAX)
            return ol_fail(err, OL_ERR_LIMIT, "more than %d versions", VERSIONS_MAX);
        version *v = &all->version[all->count];
        OL_TRY_NOTE(err, ol_json_bind_value(&item, &TABLE, v, it->arena, err), "list_versions");
        all->count++;
        ++*ret_added;
    }
    return OL_OK;
}

/* Every page of the contract's list. */
static ol_rc versions_fetch(const cli *it, chain_client *c, ol_str id, versions *ret, ol_err *err)
{
    *ret = (versions){ol_arena_array(it->arena, VERSIONS_MAX, sizeof(version)), 0};
    if (ret->version == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    for (size_t added = PAGE; added == PAGE;) {
        OL_AUTO(ol_buf) args = ol_buf_new(OL_KIB(4));
        ol_json_writer w = ol_json_writer_over(&args);
        ol_json list;
        ol_json_object_begin(&w);
        ol_json_put_str(&w, "project_id", id);
        ol_json_put_u64(&w, "from_index", ret->count);
        ol_json_put_u64(&w, "limit", PAGE);
        ol_json_object_end(&w);
        OL_TRY(chain_view(c, "list_versions", &args, &list, err));
        OL_TRY(page_add(it, &list, ret, &added, err));
    }
    return OL_OK;
}

static const version *find(const versions *all, ol_str key)
{
    const version *found = NULL;
    for (size_t i = 0; i < all->count; i++) {
        if (ol_str_eq(all->version[i].key, key))
            return &all->version[i];
        /* A hash may be cut, as long as only one begins so. */
        if (key.len >= 6 && ol_str_starts(all->version[i].key, key))
            found = found == NULL ? &all->version[i] : NULL;
    }
    return found;
}

/* The project of --project, of outlayer.toml, or of the argument. */
static ol_rc project_of(const cli *it, const cli_args *args, ol_str *ret, ol_err *err)
{
    return project_id_find(it, cli_value_or(args, "project", OL_STR("")), ret, err);
}

/* ---- the list */

static void put_list(ol_json_writer *w, const versions *all)
{
    ol_json_object_begin(w);
    ol_json_key(w, "versions");
    ol_json_array_begin(w);
    for (size_t i = 0; i < all->count; i++) {
        const version *v = &all->version[i];
        ol_json_object_begin(w);
        ol_json_put_str(w, "key", v->key);
        ol_json_put_raw(w, "source", v->source);
        ol_json_put_u64(w, "added_at", v->added_ns);
        ol_json_put_bool(w, "active", v->active);
        ol_json_object_end(w);
    }
    ol_json_array_end(w);
    ol_json_object_end(w);
}

int cmd_versions(cli *it, const cli_args *args)
{
    ol_err err = {0};
    OL_AUTO(ol_buf) text = ol_buf_new(OL_MIB(16));
    ol_json_writer w = ol_json_writer_over(&text);
    versions all;
    ol_str id, wish = args->positionals > 0 ? args->positional[0] : OL_STR("");
    chain_client *c = NULL;
    if (project_id_find(it, wish, &id, &err) != OL_OK || chain_open(it, &c, &err) != OL_OK)
        return cli_fail_err(it, &err);
    ol_rc rc = versions_fetch(it, c, id, &all, &err);
    chain_close(c);
    if (rc == OL_OK && all.count == 0)
        rc = ol_fail(&err, OL_ERR_PROJECT_NOT_FOUND, "Project not found: %.*s", OL_FMT(id));
    if (rc != OL_OK)
        return cli_fail_err(it, &err);
    if (it->json) {
        put_list(&w, &all);
        return cli_result_buf(it, &text, CLI_DONE);
    }
    for (size_t i = 0; i < all.count; i++)
        ol_buf_addf(&text, "%s%c %.*s  %.*s", i > 0 ? "\n" : "", all.version[i].active ? '*' : ' ',
                    OL_FMT(all.version[i].key), OL_FMT(all.version[i].source));
    return cli_result_buf(it, &text, CLI_DONE);
}

/* ---- changes */

static int changed(const cli *it, ol_str id, ol_str key, const char *effect,
                   const chain_outcome *outcome)
{
    OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(16));
    ol_json_writer w = ol_json_writer_over(&text);
    if (it->json) {
        ol_json_object_begin(&w);
        ol_json_put_str(&w, "project", id);
        ol_json_put_str(&w, "version", key);
        ol_json_put_cstr(&w, "tx", outcome->hash);
        ol_json_object_end(&w);
    } else {
        ol_buf_addf(&text, "%.*s: %.*s %s · tx %s", OL_FMT(id), OL_FMT(key), effect, outcome->hash);
    }
    return cli_result_buf(it, &text, CLI_DONE);
}

static void args_write(ol_str id, ol_str key, ol_buf *into)
{
    ol_json_writer w = ol_json_writer_over(into);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "project_name", project_name_of(id));
    ol_json_put_str(&w, "version_key", key);
    ol_json_object_end(&w);
}

static ol_rc dispatch(chain_client *c, const cli *it, ol_str id, const char *method,
                      const ol_buf *args, chain_outcome *ret, ol_err *err)
{
    OL_AUTO(signer) from = {0};
    OL_TRY(signer_load(it, project_owner_of(id), &from, err));
    return chain_call(c, &from, method, args, CHANGE_TGAS, OL_YOCTO(0), ret, err);
}

/* The newest version older than the active one. */
static const version *before_active(const versions *all)
{
    const version *active = NULL, *before = NULL;
    for (size_t i = 0; i < all->count; i++) {
        if (all->version[i].active)
            active = &all->version[i];
    }
    for (size_t i = 0; active != NULL && i < all->count; i++) {
        const version *v = &all->version[i];
        bool older =
            v->added_ns < active->added_ns || (v->added_ns == active->added_ns && v < active);
        if (older && (before == NULL || v->added_ns >= before->added_ns))
            before = v;
    }
    return before;
}

/* `wish` empty: the one before the active one. */
static int change(cli *it, const cli_args *args, const char *method, const char *effect,
                  ol_str wish, bool back)
{
    ol_err err = {0};
    versions all;
    ol_str id;
    chain_client *c = NULL;
    chain_outcome outcome = {0};
    if (project_of(it, args, &id, &err) != OL_OK || chain_open(it, &c, &err) != OL_OK)
        return cli_fail_err(it, &err);
    ol_rc rc = versions_fetch(it, c, id, &all, &err);
    const version *v = NULL;
    if (rc == OL_OK) {
        v = back ? before_active(&all) : find(&all, wish);
        if (v == NULL)
            rc = ol_fail(&err, OL_ERR_NOT_FOUND,
                         back ? "there is no earlier version of %.*s" : "%.*s has no such version",
                         OL_FMT(id));
    }
    OL_AUTO(ol_buf) body = ol_buf_new(OL_KIB(8));
    if (rc == OL_OK)
        args_write(id, v->key, &body);
    if (rc == OL_OK && !it->dry_run)
        rc = dispatch(c, it, id, method, &body, &outcome, &err);
    chain_close(c);
    if (rc == OL_OK && it->dry_run)
        return chain_call_dry_run(it, method, &body, CHANGE_TGAS, OL_YOCTO(0));
    return rc == OL_OK ? changed(it, id, v->key, effect, &outcome) : cli_fail_err(it, &err);
}

int cmd_versions_activate(cli *it, const cli_args *args)
{
    return change(it, args, "set_active_version", "is active", args->positional[0], false);
}

int cmd_versions_rollback(cli *it, const cli_args *args)
{
    return change(it, args, "set_active_version", "is active again", OL_STR(""), true);
}

int cmd_versions_remove(cli *it, const cli_args *args)
{
    return change(it, args, "remove_version", "is removed, its deposit comes back",
                  args->positional[0], false);
}

/* ---- diff */

int cmd_versions_diff(cli *it, const cli_args *args)
{
    ol_err err = {0};
    OL_AUTO(ol_buf) text = ol_buf_new(OL_KIB(64));
    ol_json_writer w = ol_json_writer_over(&text);
    versions all;
    ol_str id;
    chain_client *c = NULL;
    if (project_of(it, args, &id, &err) != OL_OK || chain_open(it, &c, &err) != OL_OK)
        return cli_fail_err(it, &err);
    ol_rc rc = versions_fetch(it, c, id, &all, &err);
    chain_close(c);
    const version *pair[2] = {NULL, NULL};
    for (int i = 0; rc == OL_OK && i < 2; i++) {
        pair[i] = find(&all, args->positional[i]);
        if (pair[i] == NULL)
            rc = ol_fail(&err, OL_ERR_NOT_FOUND, "%.*s has no version %.*s", OL_FMT(id),
                         OL_FMT(args->positional[i]));
    }
    if (rc != OL_OK)
        return cli_fail_err(it, &err);
    bool same = ol_str_eq(pair[0]->source, pair[1]->source);
    if (it->json) {
        ol_json_object_begin(&w);
        ol_json_put_bool(&w, "same", same);
        ol_json_put_raw(&w, "from", pair[0]->source);
        ol_json_put_raw(&w, "to", pair[1]->source);
        ol_json_object_end(&w);
    } else if (same) {
        ol_buf_addf(&text, "  %.*s", OL_FMT(pair[0]->source));
    } else {
        ol_buf_addf(&text, "- %.*s\n+ %.*s", OL_FMT(pair[0]->source), OL_FMT(pair[1]->source));
    }
    return cli_result_buf(it, &text, CLI_DONE);
}
