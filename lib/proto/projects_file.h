/* The projects file: programs served without a chain. The coordinator asks it whether a project
 * exists, the worker which code it runs.
 *
 *   {"projects":[{"owner":"alice.near","name":"echo","uuid":"p0000000000000001",
 *     "active_version":"v1","versions":[
 *       {"key":"v1","file":"echo.wasm","sha256":"64 hex digits","target":"wasm32-wasip1"},
 *       {"key":"v2","url":"https://example.org/echo.wasm","sha256":"…","target":"wasm32-wasip2"}]}]}
 *
 * `uuid` may be left out, `target` too (wasm32-wasip1). A `file` that is not absolute is found
 * beside the projects file. */
#ifndef OL_PROTO_PROJECTS_FILE_H
#define OL_PROTO_PROJECTS_FILE_H

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/proto/limits.h"

enum {
    OL_PROJECTS_MAX = 10000,
    OL_PROJECT_VERSIONS_MAX = 1000, /* of one project */
    OL_PROJECTS_FAULTS_BYTES = 4096,
};
#define OL_PROJECTS_FILE_BYTES_MAX OL_MIB(16)

typedef struct ol_project_version {
    ol_str key;
    ol_str file;   /* a path, NUL-terminated; NULL data: none */
    ol_str url;    /* NULL data: none; exactly one of the two is there */
    ol_str sha256; /* lower-case hex of the content */
    ol_str target;
} ol_project_version;

typedef struct ol_project {
    ol_str id; /* owner/name */
    ol_str owner;
    ol_str name;
    ol_str uuid; /* NULL data: none given */
    ol_str active_version;
    const ol_project_version *version;
    size_t versions;
} ol_project;

/* Sorted by id. Everything lives in the arena it was parsed into. */
typedef struct ol_projects {
    const ol_project *project;
    size_t count;
} ol_projects;

/* All faults, one a line, each beginning with its place: `projects[0].versions[1].sha256: …`. */
typedef struct ol_projects_faults {
    size_t count;
    char text[OL_PROJECTS_FAULTS_BYTES];
} ol_projects_faults;

/* The file as a whole: either no fault or OL_ERR_INVALID with every one of them. `folder` is put
 * before relative paths. */
ol_rc ol_projects_parse(ol_str json, ol_str folder, ol_arena *arena, ol_projects *ret,
                        ol_projects_faults *ret_faults);

/* Reads and parses `path`. Files of versions are not opened. */
ol_rc ol_projects_load(const char *path, ol_arena *arena, ol_projects *ret,
                       ol_projects_faults *ret_faults, ol_err *err);

/* NULL where there is none. */
const ol_project *ol_projects_find(const ol_projects *projects, ol_str project_id);
/* An absent or empty key finds the active version. */
const ol_project_version *ol_project_version_find(const ol_project *project, ol_str key);

#endif
