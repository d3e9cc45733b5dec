#include "cli/dev_projects.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/proto/limits.h"

enum { PROJECTS_JSON_BYTES_MAX = 4 << 20 };

/* `echo.p2.wasm` → `echo-p2`: lower-case letters, digits, `-` and `_`. false: no name is left. */
static bool name_of(const char *file, char into[DEV_PROJECT_NAME_BYTES])
{
    ol_str text = ol_str_of(file), stem = ol_str_slice(text, 0, text.len - strlen(".wasm"));
    if (stem.len == 0 || stem.len >= DEV_PROJECT_NAME_BYTES)
        return false;
    for (size_t i = 0; i < stem.len; i++) {
        char c = stem.data[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        bool fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        into[i] = fine ? c : '-';
    }
    into[stem.len] = '\0';
    return true;
}

/* Host interfaces 1: the first eight bytes decide. */
static bool header_read(ol_bytes wasm, bool *ret_component)
{
    static const uint8_t MODULE[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    static const uint8_t COMPONENT[] = {0, 'a', 's', 'm', 13, 0, 1, 0};
    if (wasm.len < sizeof MODULE)
        return false;
    *ret_component = memcmp(wasm.data, COMPONENT, sizeof COMPONENT) == 0;
    return *ret_component || memcmp(wasm.data, MODULE, sizeof MODULE) == 0;
}

static ol_rc copy_keep(const dev_state *state, const dev_project *project, ol_bytes wasm,
                       ol_err *err)
{
    char path[4096];
    int n =
        snprintf(path, sizeof path, "%.*s/wasm/%s.wasm", OL_FMT(state->folder), project->hash.data);
    if (n < 0 || (size_t)n >= sizeof path)
        return ol_fail(err, OL_ERR_ENVIRONMENT, "path too long");
    if (access(path, R_OK) == 0)
        return OL_OK;
    return ol_file_save(path, wasm, S_IRUSR | S_IWUSR, err);
}

static dev_project *find(dev_projects *projects, const char *name)
{
    for (size_t i = 0; i < projects->count; i++) {
        if (strcmp(projects->project[i].name, name) == 0)
            return &projects->project[i];
    }
    return NULL;
}

typedef struct scan {
    const dev_state *state;
    dev_projects *projects;
    dev_on_change *on_change;
    void *context;
    bool any;
} scan;

/* Whether the file can be served; if not, the refusal says why. */
static bool usable(const char *path, ol_buf *wasm, dev_project *found)
{
    ol_err err = {0};
    ol_rc rc = ol_file_load(path, wasm, &err);
    if (rc == OL_OK && header_read(ol_buf_bytes(wasm), &found->component))
        return true;
    found->refusal = rc == OL_OK ? "not_wasm" : rc == OL_ERR_LIMIT ? "too_large" : "unreadable";
    if (rc == OL_OK)
        (void)snprintf(found->refusal_text, sizeof found->refusal_text,
                       "neither a WebAssembly module nor a component");
    else
        (void)snprintf(found->refusal_text, sizeof found->refusal_text, "%s", err.text);
    return false;
}

static ol_rc take_file(scan *it, const char *path, dev_project *found, ol_err *err)
{
    OL_AUTO(ol_buf) wasm = ol_buf_new(OL_WASM_URL_BYTES_MAX);
    dev_project *known = find(it->projects, found->name);
    found->seen = true;
    if (!usable(path, &wasm, found)) {
        if (known != NULL)
            known->seen = true; /* the version before goes on serving */
        it->on_change(it->context, DEV_REFUSED, found);
        return OL_OK;
    }
    found->hash = ol_sha256_hex_of(ol_buf_bytes(&wasm));
    found->bytes = wasm.len;
    if (known != NULL && strcmp(known->hash.data, found->hash.data) == 0) {
        known->seen = true;
        return OL_OK;
    }
    if (known == NULL && it->projects->count == DEV_PROJECTS_MAX)
        return ol_fail(err, OL_ERR_LIMIT, "more than %d programs in the folder", DEV_PROJECTS_MAX);
    OL_TRY(copy_keep(it->state, found, ol_buf_bytes(&wasm), err));
    if (known != NULL)
        memcpy(found->uuid, known->uuid, sizeof found->uuid); /* a version of the same project */
    dev_project *slot = known != NULL ? known : &it->projects->project[it->projects->count++];
    *slot = *found;
    it->any = true;
    it->on_change(it->context, known != NULL ? DEV_CHANGED : DEV_ADDED, slot);
    return OL_OK;
}

static void forget_unseen(scan *it)
{
    size_t kept = 0;
    for (size_t i = 0; i < it->projects->count; i++) {
        dev_project *project = &it->projects->project[i];
        if (project->seen) {
            it->projects->project[kept++] = *project;
        } else {
            it->any = true;
            it->on_change(it->context, DEV_REMOVED, project);
        }
    }
    it->projects->count = kept;
}

static int wanted(const struct dirent *entry)
{
    return ol_str_ends(ol_str_of(entry->d_name), OL_STR(".wasm"));
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const dev_project *)a)->name, ((const dev_project *)b)->name);
}

ol_rc dev_projects_scan(const dev_state *state, const char *folder, dev_projects *projects,
                        dev_on_change *on_change, void *context, bool *ret_any, ol_err *err)
{
    scan it = {state, projects, on_change, context, false};
    struct dirent **entry;
    if (projects->project == NULL) {
        projects->project =
            ol_arena_array(state->cli->arena, DEV_PROJECTS_MAX, sizeof *projects->project);
        if (projects->project == NULL)
            return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    }
    int entries = scandir(folder, &entry, wanted, alphasort);
    if (entries < 0)
        return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "cannot read the folder %s", folder);
    for (size_t i = 0; i < projects->count; i++)
        projects->project[i].seen = false;
    ol_rc rc = OL_OK;
    for (int i = 0; i < entries; i++) {
        char path[4096];
        dev_project found = {0};
        int n = snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        if (rc == OL_OK && n > 0 && (size_t)n < sizeof path &&
            name_of(entry[i]->d_name, found.name))
            rc = take_file(&it, path, &found, err);
        free(entry[i]);
    }
    free(entry);
    if (rc != OL_OK)
        return rc;
    forget_unseen(&it);
    qsort(projects->project, projects->count, sizeof *projects->project, by_name);
    *ret_any = it.any;
    return OL_OK;
}

/* The chain's, so that both paths mean the same storage; without a chain p and 16 digits, the same
 * for the same name at every start. */
static void uuid_write(const dev_project *project, char into[DEV_UUID_BYTES])
{
    static const uint64_t SIXTEEN_DIGITS = UINT64_C(10000000000000000);
    ol_sha256 hash = ol_sha256_of(ol_str_bytes(ol_str_of(project->name)));
    uint64_t number;
    memcpy(&number, hash.bytes, sizeof number);
    if (project->uuid[0] != '\0')
        memcpy(into, project->uuid, DEV_UUID_BYTES);
    else
        (void)snprintf(into, DEV_UUID_BYTES, "p%016llu",
                       (unsigned long long)(number % SIXTEEN_DIGITS));
}

ol_rc dev_projects_save(const dev_state *state, const dev_projects *projects, ol_err *err)
{
    OL_AUTO(ol_buf) text = ol_buf_new(PROJECTS_JSON_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_str path = dev_path(state, "projects.json");
    ol_json_object_begin(&w);
    ol_json_key(&w, "projects");
    ol_json_array_begin(&w);
    for (size_t i = 0; i < projects->count; i++) {
        const dev_project *p = &projects->project[i];
        char uuid[DEV_UUID_BYTES], file[sizeof "wasm/.wasm" + sizeof p->hash.data];
        uuid_write(p, uuid);
        (void)snprintf(file, sizeof file, "wasm/%s.wasm", p->hash.data);
        ol_json_object_begin(&w);
        ol_json_put_cstr(&w, "owner", DEV_OWNER);
        ol_json_put_cstr(&w, "name", p->name);
        ol_json_put_cstr(&w, "uuid", uuid);
        ol_json_put_cstr(&w, "active_version", p->hash.data);
        ol_json_key(&w, "versions");
        ol_json_array_begin(&w);
        ol_json_object_begin(&w);
        ol_json_put_cstr(&w, "key", p->hash.data);
        ol_json_put_cstr(&w, "file", file);
        ol_json_put_cstr(&w, "sha256", p->hash.data);
        ol_json_put_cstr(&w, "target", p->component ? "wasm32-wasip2" : "wasm32-wasip1");
        ol_json_object_end(&w);
        ol_json_array_end(&w);
        ol_json_object_end(&w);
    }
    ol_json_array_end(&w);
    ol_json_object_end(&w);
    if (path.data == NULL || !ol_buf_ok(&text))
        return ol_fail(err, OL_ERR_LIMIT, "too many projects for one file");
    return ol_file_save(path.data, ol_buf_bytes(&text), S_IRUSR | S_IWUSR, err);
}
