#include "lib/near/views.h"

#include "lib/codec/json_bind.h"
#include "lib/codec/json_write.h"

#define PROJECT(member) offsetof(ol_project_view, member)

static const ol_json_field PROJECT_FIELDS[] = {
    {"uuid", OL_BIND_TEXT, OL_REQUIRED, PROJECT(uuid)},
    {"owner", OL_BIND_TEXT, OL_REQUIRED, PROJECT(owner)},
    {"name", OL_BIND_TEXT, OL_OPTIONAL, PROJECT(name)},
    {"project_id", OL_BIND_TEXT, OL_OPTIONAL, PROJECT(project_id)},
    {"active_version", OL_BIND_TEXT, OL_REQUIRED, PROJECT(active_version)},
};
static const ol_json_table PROJECT_TABLE = {"ProjectView", PROJECT_FIELDS,
                                            OL_COUNT(PROJECT_FIELDS)};

static const ol_json_field VERSION_FIELDS[] = {
    {"wasm_hash", OL_BIND_TEXT, OL_OPTIONAL, offsetof(ol_version_view, wasm_hash)},
    {"source", OL_BIND_RAW, OL_REQUIRED, offsetof(ol_version_view, source_json)},
    {"is_active", OL_BIND_BOOL, OL_OPTIONAL, offsetof(ol_version_view, is_active)},
};
static const ol_json_table VERSION_TABLE = {"VersionView", VERSION_FIELDS,
                                            OL_COUNT(VERSION_FIELDS)};

/* The view's answer as JSON; *ret_null when the contract answered `null`. */
static ol_rc view(const ol_rpc *rpc, ol_str contract, const char *method, ol_buf *args,
                  ol_arena *arena, ol_json *ret, ol_err *err)
{
    ol_str text;
    OL_TRY(ol_rpc_view(rpc, contract, ol_str_of(method), ol_buf_str(args), arena, &text, err));
    if (ol_json_parse(text, ret, err) != OL_OK)
        return ol_fail(err, OL_ERR_NETWORK, "%s answered no JSON", method);
    return OL_OK;
}

ol_rc ol_view_project(const ol_rpc *rpc, ol_str contract, ol_str project_id, ol_arena *arena,
                      ol_project_view *ret, ol_err *err)
{
    char storage[1024];
    ol_buf args = ol_buf_over(storage, sizeof storage);
    ol_json_writer w = ol_json_writer_over(&args);
    ol_json answer;
    ol_project_view project = {0};
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "project_id", project_id);
    ol_json_object_end(&w);
    if (!ol_buf_ok(&args))
        return ol_fail(err, OL_ERR_PROJECT_NOT_FOUND, "Project not found: %.*s",
                       OL_FMT(project_id));
    OL_TRY(view(rpc, contract, "get_project", &args, arena, &answer, err));
    if (ol_json_is_null(&answer))
        return ol_fail(err, OL_ERR_PROJECT_NOT_FOUND, "Project not found: %.*s",
                       OL_FMT(project_id));
    OL_TRY_NOTE(err, ol_json_bind_value(&answer, &PROJECT_TABLE, &project, arena, err),
                "get_project");
    *ret = project;
    return OL_OK;
}

ol_rc ol_view_version(const ol_rpc *rpc, ol_str contract, ol_str project_id, ol_str version_key,
                      ol_arena *arena, ol_version_view *ret, ol_err *err)
{
    char storage[4096];
    ol_buf args = ol_buf_over(storage, sizeof storage);
    ol_json_writer w = ol_json_writer_over(&args);
    ol_json answer;
    ol_version_view version = {0};
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "project_id", project_id);
    ol_json_put_str(&w, "version_key", version_key);
    ol_json_object_end(&w);
    if (!ol_buf_ok(&args))
        return ol_fail(err, OL_ERR_PROJECT_NOT_FOUND, "Project version not found: %.*s @ %.*s",
                       OL_FMT(project_id), OL_FMT(version_key));
    OL_TRY(view(rpc, contract, "get_version", &args, arena, &answer, err));
    if (ol_json_is_null(&answer))
        return ol_fail(err, OL_ERR_PROJECT_NOT_FOUND, "Project version not found: %.*s @ %.*s",
                       OL_FMT(project_id), OL_FMT(version_key));
    OL_TRY_NOTE(err, ol_json_bind_value(&answer, &VERSION_TABLE, &version, arena, err),
                "get_version");
    *ret = version;
    return OL_OK;
}
