/* What the outlayer contract tells about projects (Worker 4). */
#ifndef OL_NEAR_VIEWS_H
#define OL_NEAR_VIEWS_H

#include "lib/near/rpc.h"

typedef struct ol_project_view {
    ol_str uuid;
    ol_str owner;
    ol_str name;
    ol_str project_id;
    ol_str active_version;
} ol_project_view;

typedef struct ol_version_view {
    ol_str wasm_hash;
    ol_str source_json; /* a code source, see lib/proto/code_source.h */
    bool is_active;
} ol_version_view;

/* OL_ERR_PROJECT_NOT_FOUND with `Project not found: {id}`; OL_ERR_NETWORK. Texts live in the
 * arena. */
ol_rc ol_view_project(const ol_rpc *rpc, ol_str contract, ol_str project_id, ol_arena *arena,
                      ol_project_view *ret, ol_err *err);

/* OL_ERR_PROJECT_NOT_FOUND with `Project version not found: {id} @ {key}`; OL_ERR_NETWORK. */
ol_rc ol_view_version(const ol_rpc *rpc, ol_str contract, ol_str project_id, ol_str version_key,
                      ol_arena *arena, ol_version_view *ret, ol_err *err);

#endif
