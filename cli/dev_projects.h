/* The folder `outlayer dev` serves: each NAME.wasm in it is the project dev.test.near/NAME. A
 * program is copied into the state folder under its hash, so that a file being rewritten never
 * changes what runs; what is no program keeps the version before it (User experience 6). */
#ifndef CLI_DEV_PROJECTS_H
#define CLI_DEV_PROJECTS_H

#include "cli/dev_state.h"
#include "lib/crypto/hash.h"

enum { DEV_PROJECTS_MAX = 512, DEV_PROJECT_NAME_BYTES = 65, DEV_UUID_BYTES = 32 };

typedef struct dev_project {
    char name[DEV_PROJECT_NAME_BYTES]; /* NUL-terminated */
    ol_sha256_hex hash;
    size_t bytes;
    bool component;            /* p2 */
    bool seen;                 /* in the newest scan */
    char uuid[DEV_UUID_BYTES]; /* what the chain calls it; empty: it follows from the name */
    /* Of a refused one: a word for programs and a line for people, without line ends. */
    const char *refusal;
    char refusal_text[OL_ERR_TEXT_BYTES];
} dev_project;

typedef struct dev_projects {
    dev_project *project; /* DEV_PROJECTS_MAX of them, in the arena */
    size_t count;
} dev_projects;

typedef enum dev_change { DEV_ADDED, DEV_CHANGED, DEV_REMOVED, DEV_REFUSED } dev_change;
typedef void dev_on_change(void *context, dev_change change, const dev_project *project);

/* Reads `folder` and tells each change from what *projects held (an empty list at first).
 * `ret_any`: the projects file must be written again. A project that was removed from the folder
 * goes. */
ol_rc dev_projects_scan(const dev_state *state, const char *folder, dev_projects *projects,
                        dev_on_change *on_change, void *context, bool *ret_any, ol_err *err);

/* STATE/projects.json, replaced as a whole. */
ol_rc dev_projects_save(const dev_state *state, const dev_projects *projects, ol_err *err);

#endif
