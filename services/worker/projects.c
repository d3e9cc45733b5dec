#include "services/worker/projects.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/near/views.h"
#include "lib/proto/projects_file.h"
#include "services/worker/view_cache.h"

#define ACTIVE_FRESH_NS INT64_C(2000000000) /* design 2: the active version is at most 2 s old */
#define FILE_ARENA_BYTES OL_MIB(64)

struct projects {
    const worker_settings *settings;
    pthread_rwlock_t lock; /* of what the file said */
    ol_arena arena;
    ol_projects listed;
    view_cache *active;   /* project id → its view */
    view_cache *versions; /* project id, NUL, version key → the source */
};

static ol_rc load_file(const worker_settings *settings, ol_arena *arena, ol_projects *ret,
                       ol_err *err)
{
    char path[4096];
    ol_projects_faults *faults = calloc(1, sizeof *faults);
    if (faults == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    (void)snprintf(path, sizeof path, "%.*s", OL_FMT(settings->projects_file));
    *arena = ol_arena_new(FILE_ARENA_BYTES);
    ol_rc rc = ol_projects_load(path, arena, ret, faults, err);
    free(faults);
    if (rc != OL_OK)
        ol_arena_deinit(arena);
    return rc;
}

ol_rc projects_open(const worker_settings *settings, projects **ret, ol_err *err)
{
    projects *p = calloc(1, sizeof *p);
    if (p == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    p->settings = settings;
    (void)pthread_rwlock_init(&p->lock, NULL);
    p->active = view_cache_new(ACTIVE_FRESH_NS);
    p->versions = view_cache_new(0);
    ol_rc rc = p->active == NULL || p->versions == NULL
                   ? ol_fail(err, OL_ERR_NO_MEMORY, "out of memory")
                   : OL_OK;
    if (rc == OL_OK && settings->projects_file.len > 0)
        rc = load_file(settings, &p->arena, &p->listed, err);
    if (rc != OL_OK) {
        projects_close(p);
        return rc;
    }
    *ret = p;
    return OL_OK;
}

void projects_close(projects *p)
{
    if (p == NULL)
        return;
    ol_arena_deinit(&p->arena);
    view_cache_free(p->active);
    view_cache_free(p->versions);
    (void)pthread_rwlock_destroy(&p->lock);
    free(p);
}

ol_rc projects_reload(projects *p, ol_err *err)
{
    ol_arena arena;
    ol_projects listed;
    if (p->settings->projects_file.len == 0)
        return OL_OK;
    OL_TRY(load_file(p->settings, &arena, &listed, err));
    (void)pthread_rwlock_wrlock(&p->lock);
    ol_arena old = p->arena;
    p->arena = arena;
    p->listed = listed;
    (void)pthread_rwlock_unlock(&p->lock);
    ol_arena_deinit(&old);
    return OL_OK;
}

#define NOT_FOUND(err, ...) ol_fail(err, OL_ERR_PROJECT_NOT_FOUND, __VA_ARGS__)

/* ---- the file ---- */

static ol_rc copy_version(const ol_project *project, const ol_project_version *version,
                          ol_arena *arena, resolved_code *ret, ol_err *err)
{
    resolved_code code = {.checksum_is_content = true};
    bool fits = ol_arena_copy(arena, version->target, &code.target) &&
                ol_arena_copy(arena, project->uuid, &code.uuid);
    memcpy(code.checksum.data, version->sha256.data, OL_SHA256_HEX_DIGITS);
    if (version->file.data != NULL) {
        fits = fits && ol_arena_copy(arena, version->file, &code.file);
    } else {
        code.source.kind = OL_SOURCE_WASM_URL;
        code.source.build_target = code.target;
        fits = fits && ol_arena_copy(arena, version->url, &code.source.url) &&
               ol_arena_copy(arena, version->sha256, &code.source.hash);
    }
    if (!fits)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    *ret = code;
    return OL_OK;
}

static ol_rc resolve_by_file(projects *p, ol_str project_id, ol_str key, ol_arena *arena,
                             resolved_code *ret, ol_err *err)
{
    ol_rc rc;
    (void)pthread_rwlock_rdlock(&p->lock);
    const ol_project *project = ol_projects_find(&p->listed, project_id);
    const ol_project_version *version =
        project != NULL ? ol_project_version_find(project, key) : NULL;
    if (project == NULL)
        rc = NOT_FOUND(err, "Project not found: %.*s", OL_FMT(project_id));
    else if (version == NULL)
        rc = NOT_FOUND(err, "Project version not found: %.*s @ %.*s", OL_FMT(project_id),
                       OL_FMT(key));
    else
        rc = copy_version(project, version, arena, ret, err);
    (void)pthread_rwlock_unlock(&p->lock);
    return rc;
}

/* ---- the contract ---- */

static ol_rc view_active(projects *p, const ol_rpc *rpc, ol_str project_id, ol_arena *arena,
                         cached_view *ret, ol_err *err)
{
    ol_project_view view;
    if (view_cache_find(p->active, project_id, arena, ret))
        return OL_OK;
    OL_TRY(ol_view_project(rpc, p->settings->contract_id, project_id, arena, &view, err));
    *ret = (cached_view){view.uuid, view.active_version};
    view_cache_store(p->active, project_id, ret);
    return OL_OK;
}

static ol_rc view_version(projects *p, const ol_rpc *rpc, ol_str project_id, ol_str key,
                          ol_arena *arena, cached_view *ret, ol_err *err)
{
    ol_version_view view;
    ol_str both = ol_arena_printf(arena, "%.*s\n%.*s", OL_FMT(project_id), OL_FMT(key));
    if (both.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    if (view_cache_find(p->versions, both, arena, ret))
        return OL_OK;
    OL_TRY(ol_view_version(rpc, p->settings->contract_id, project_id, key, arena, &view, err));
    *ret = (cached_view){view.wasm_hash, view.source_json};
    view_cache_store(p->versions, both, ret);
    return OL_OK;
}

static ol_rc resolve_by_contract(projects *p, const ol_rpc *rpc, ol_str project_id, ol_str key,
                                 ol_arena *arena, resolved_code *ret, ol_err *err)
{
    cached_view project;
    cached_view version;
    ol_json source;
    resolved_code code = {0};
    OL_TRY(view_active(p, rpc, project_id, arena, &project, err));
    OL_TRY(
        view_version(p, rpc, project_id, key.len > 0 ? key : project.second, arena, &version, err));
    if (ol_json_parse(version.second, &source, err) != OL_OK ||
        ol_code_source_decode(&source, arena, &code.source, err) != OL_OK)
        return ol_note(err, "source of a project version");
    OL_TRY(ol_code_source_checksum(&code.source, arena, &code.checksum, err));
    code.uuid = project.first;
    code.target = code.source.build_target;
    code.checksum_is_content = code.source.kind == OL_SOURCE_WASM_URL;
    *ret = code;
    return OL_OK;
}

/* What the file does not list, the chain may have, where there is one. */
ol_rc projects_resolve(projects *p, const ol_rpc *rpc, ol_str project_id, ol_str version_key,
                       ol_arena *arena, resolved_code *ret, ol_err *err)
{
    bool chain = p->settings->near_rpc_url.len > 0 && p->settings->contract_id.len > 0;
    ol_rc rc = OL_ERR_PROJECT_NOT_FOUND;
    if (p->settings->projects_file.len > 0)
        rc = resolve_by_file(p, project_id, version_key, arena, ret, err);
    if (rc == OL_ERR_PROJECT_NOT_FOUND && (chain || p->settings->projects_file.len == 0))
        rc = resolve_by_contract(p, rpc, project_id, version_key, arena, ret, err);
    if (rc != OL_OK)
        (void)ol_prefix(err, "Failed to resolve project: ");
    return rc;
}
