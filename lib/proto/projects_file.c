#include "lib/proto/projects_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/fd.h"
#include "lib/codec/json_read.h"
#include "lib/proto/code_source.h"

typedef struct reader {
    ol_arena *arena;
    ol_projects_faults *faults;
    ol_str folder;
    char at[128]; /* where we are, for faults */
    bool short_of_memory;
} reader;

static void fault(reader *r, const char *member, const char *format, ...) OL_PRINTF(3, 4);

static void fault(reader *r, const char *member, const char *format, ...)
{
    char line[512];
    int n = snprintf(line, sizeof line, "%s%s%s: ", r->at,
                     r->at[0] != '\0' && member[0] != '\0' ? "." : "", member);
    size_t used = n < 0 ? 0 : (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line + used, sizeof line - used, format, arguments);
    va_end(arguments);
    size_t have = strlen(r->faults->text);
    (void)snprintf(r->faults->text + have, sizeof r->faults->text - have, "%s%s",
                   have > 0 ? "\n" : "", line);
    r->faults->count++;
}

/* The member's text, copied; false after a fault, or when it is absent and may be. */
static bool take_text(reader *r, const ol_json *object, const char *member, bool required,
                      ol_str *ret)
{
    ol_json value;
    ol_str text;
    if (!ol_json_find(object, ol_str_of(member), &value) || ol_json_is_null(&value)) {
        if (required)
            fault(r, member, "is missing");
        return false;
    }
    if (ol_json_kind_of(&value) != OL_JSON_STRING) {
        fault(r, member, "must be a text");
        return false;
    }
    if (ol_json_text(&value, r->arena, &text, NULL) != OL_OK ||
        !ol_arena_copy(r->arena, text, ret)) {
        r->short_of_memory = true;
        return false;
    }
    if (memchr(ret->data, '\0', ret->len) != NULL) {
        fault(r, member, "holds a NUL");
        return false;
    }
    return true;
}

static bool one_name(ol_str text, size_t most)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '_' || c == '.';
        if (!fine)
            return false;
    }
    return text.len > 0 && text.len <= most;
}

static void take_place(reader *r, const ol_json *object, ol_project_version *version)
{
    bool file = take_text(r, object, "file", false, &version->file);
    bool url = take_text(r, object, "url", false, &version->url);
    if (file == url) {
        fault(r, "file", "exactly one of file and url is needed");
        return;
    }
    if (url && !ol_str_starts(version->url, OL_STR("https://")))
        fault(r, "url", "must begin with https://");
    if (url && version->url.len > OL_URL_BYTES_MAX)
        fault(r, "url", "longer than %d bytes", OL_URL_BYTES_MAX);
    if (file && version->file.len == 0)
        fault(r, "file", "is empty");
    if (file && version->file.len > 0 && version->file.data[0] != '/' && r->folder.len > 0) {
        version->file =
            ol_arena_printf(r->arena, "%.*s/%.*s", OL_FMT(r->folder), OL_FMT(version->file));
        r->short_of_memory |= version->file.data == NULL;
    }
}

static void take_version(reader *r, const ol_json *object, ol_project_version *version)
{
    if (ol_json_kind_of(object) != OL_JSON_OBJECT) {
        fault(r, "", "must be an object");
        return;
    }
    if (take_text(r, object, "key", true, &version->key) &&
        (version->key.len == 0 || version->key.len > OL_VERSION_KEY_BYTES_MAX))
        fault(r, "key", "must have 1 to %d bytes", OL_VERSION_KEY_BYTES_MAX);
    take_place(r, object, version);
    if (take_text(r, object, "sha256", true, &version->sha256)) {
        ol_sha256 parsed;
        if (!ol_sha256_parse(version->sha256, &parsed)) {
            fault(r, "sha256", "must be 64 hex digits");
        } else {
            ol_sha256_hex lower = ol_sha256_format(&parsed);
            r->short_of_memory |=
                !ol_arena_copy(r->arena, ol_sha256_hex_str(&lower), &version->sha256);
        }
    }
    version->target = OL_STR("wasm32-wasip1");
    if (take_text(r, object, "target", false, &version->target) &&
        !ol_build_target_valid(version->target))
        fault(r, "target", "must be wasm32-wasip1, wasm32-wasi or wasm32-wasip2");
}

static void take_versions(reader *r, const ol_json *object, ol_project *project)
{
    ol_json list;
    char project_at[64];
    (void)snprintf(project_at, sizeof project_at, "%s", r->at);
    if (!ol_json_find(object, OL_STR("versions"), &list) ||
        ol_json_kind_of(&list) != OL_JSON_ARRAY) {
        fault(r, "versions", "must be a list");
        return;
    }
    size_t count = ol_json_count(&list);
    if (count == 0 || count > OL_PROJECT_VERSIONS_MAX) {
        fault(r, "versions", "must have 1 to %d entries", OL_PROJECT_VERSIONS_MAX);
        return;
    }
    ol_project_version *versions = ol_arena_array(r->arena, count, sizeof *versions);
    if (versions == NULL) {
        r->short_of_memory = true;
        return;
    }
    ol_json_iter it = ol_json_iterate(&list);
    ol_json item;
    for (size_t i = 0; ol_json_next_item(&it, &item); i++) {
        (void)snprintf(r->at, sizeof r->at, "%s.versions[%zu]", project_at, i);
        take_version(r, &item, &versions[i]);
        for (size_t j = 0; j < i; j++) {
            if (versions[i].key.len > 0 && ol_str_eq(versions[i].key, versions[j].key))
                fault(r, "key", "is that of versions[%zu] already", j);
        }
    }
    (void)snprintf(r->at, sizeof r->at, "%s", project_at);
    project->version = versions;
    project->versions = count;
}

static void take_project(reader *r, const ol_json *object, ol_project *project)
{
    if (ol_json_kind_of(object) != OL_JSON_OBJECT) {
        fault(r, "", "must be an object");
        return;
    }
    if (take_text(r, object, "owner", true, &project->owner) &&
        !one_name(project->owner, OL_ACCOUNT_ID_BYTES_MAX))
        fault(r, "owner", "must be an account id of at most %d bytes", OL_ACCOUNT_ID_BYTES_MAX);
    if (take_text(r, object, "name", true, &project->name) &&
        !one_name(project->name, OL_PROJECT_NAME_BYTES_MAX))
        fault(r, "name", "must have 1 to %d letters, digits, - _ or .", OL_PROJECT_NAME_BYTES_MAX);
    if (take_text(r, object, "uuid", false, &project->uuid) &&
        !one_name(project->uuid, OL_PROJECT_UUID_BYTES_MAX))
        fault(r, "uuid", "must have 1 to %d letters, digits, - or _", OL_PROJECT_UUID_BYTES_MAX);
    project->id =
        ol_arena_printf(r->arena, "%.*s/%.*s", OL_FMT(project->owner), OL_FMT(project->name));
    r->short_of_memory |= project->id.data == NULL;
    take_versions(r, object, project);
    if (take_text(r, object, "active_version", true, &project->active_version) &&
        project->versions > 0 && ol_project_version_find(project, OL_STR("")) == NULL)
        fault(r, "active_version", "is not the key of a version");
}

static int by_id(const void *a, const void *b)
{
    return ol_str_compare(((const ol_project *)a)->id, ((const ol_project *)b)->id);
}

static void take_projects(reader *r, const ol_json *root, ol_projects *ret)
{
    ol_json list;
    if (ol_json_kind_of(root) != OL_JSON_OBJECT || !ol_json_find(root, OL_STR("projects"), &list) ||
        ol_json_kind_of(&list) != OL_JSON_ARRAY) {
        fault(r, "projects", "must be a list");
        return;
    }
    size_t count = ol_json_count(&list);
    if (count > OL_PROJECTS_MAX) {
        fault(r, "projects", "more than %d", OL_PROJECTS_MAX);
        return;
    }
    ol_project *projects = ol_arena_array(r->arena, count + 1, sizeof *projects);
    if (projects == NULL) {
        r->short_of_memory = true;
        return;
    }
    ol_json_iter it = ol_json_iterate(&list);
    ol_json item;
    for (size_t i = 0; ol_json_next_item(&it, &item); i++) {
        (void)snprintf(r->at, sizeof r->at, "projects[%zu]", i);
        take_project(r, &item, &projects[i]);
    }
    r->at[0] = '\0';
    if (r->faults->count == 0 && !r->short_of_memory) {
        qsort(projects, count, sizeof *projects, by_id);
        for (size_t i = 1; i < count; i++) {
            if (ol_str_eq(projects[i].id, projects[i - 1].id))
                fault(r, "projects", "%.*s is there twice", OL_FMT(projects[i].id));
        }
    }
    *ret = (ol_projects){projects, count};
}

ol_rc ol_projects_parse(ol_str json, ol_str folder, ol_arena *arena, ol_projects *ret,
                        ol_projects_faults *ret_faults)
{
    reader r = {.arena = arena, .faults = ret_faults, .folder = folder};
    ol_projects projects = {0};
    ol_json root;
    ol_err err;
    *ret_faults = (ol_projects_faults){0};
    if (ol_json_parse_within(json, (ol_json_limits){OL_PROJECTS_FILE_BYTES_MAX, 16}, &root, &err) !=
        OL_OK) {
        fault(&r, "", "%s", err.text);
        return OL_ERR_INVALID;
    }
    take_projects(&r, &root, &projects);
    if (r.short_of_memory)
        fault(&r, "projects", "too large");
    if (ret_faults->count > 0)
        return OL_ERR_INVALID;
    *ret = projects;
    return OL_OK;
}

ol_rc ol_projects_load(const char *path, ol_arena *arena, ol_projects *ret,
                       ol_projects_faults *ret_faults, ol_err *err)
{
    ol_buf body = ol_buf_new(OL_PROJECTS_FILE_BYTES_MAX);
    ol_str folder = OL_STR(".");
    ol_str file;
    *ret_faults = (ol_projects_faults){0};
    ol_rc rc = ol_file_load(path, &body, err);
    if (rc == OL_OK) {
        if (ol_str_cut_last(ol_str_of(path), '/', &folder, &file) && folder.len == 0)
            folder = OL_STR("/.");
        rc = ol_projects_parse(ol_buf_str(&body), folder, arena, ret, ret_faults);
        if (rc != OL_OK)
            (void)ol_fail(err, rc, "%s: %s", path, ret_faults->text);
    }
    ol_buf_deinit(&body);
    return rc;
}

const ol_project *ol_projects_find(const ol_projects *projects, ol_str project_id)
{
    size_t low = 0;
    size_t high = projects->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = ol_str_compare(projects->project[middle].id, project_id);
        if (order == 0)
            return &projects->project[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const ol_project_version *ol_project_version_find(const ol_project *project, ol_str key)
{
    if (key.len == 0)
        key = project->active_version;
    for (size_t i = 0; i < project->versions; i++) {
        if (ol_str_eq(project->version[i].key, key))
            return &project->version[i];
    }
    return NULL;
}
