/* Projects and their versions (Contract 7): what other parts of the contract ask about them. */
#ifndef OL_CONTRACTS_OUTLAYER_PROJECT_H
#define OL_CONTRACTS_OUTLAYER_PROJECT_H

#include "lib/base/str.h"

/* Code that runs for a project. Texts live as long as the call. */
typedef struct project_code {
    ol_str uuid;        /* `p` and 16 hex digits */
    uint64_t number;    /* of the project */
    ol_str owner;       /* account */
    ol_str version_key; /* what was asked for, or the active one */
    ol_str source_json; /* CodeSource as the views write it, one JSON value */
    bool priced;        /* the owner of the contract prices its operations (Contract 11) */
} project_code;

/* Contract 4, step 1: aborts with `Project not found`, `Version not found` and the like.
 * `version_key` with NULL data asks for the active version, which is one read; another is two. */
project_code project_resolve(ol_str project_id, ol_str version_key);

/* For settlement, which never aborts: whose the project is by now; false when it is gone. */
typedef struct project_owner {
    ol_str account;
    uint64_t number; /* of the project */
    bool priced;
} project_owner;
bool project_find_owner(ol_str project_id, project_owner *ret);

#endif
