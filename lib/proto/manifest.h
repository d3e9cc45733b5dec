/* What a program says about itself: custom section `outlayer.manifest` of the executed bytes
 * (Host interfaces 5), at the top level of a module or component or in any nested core module. */
#ifndef OL_PROTO_MANIFEST_H
#define OL_PROTO_MANIFEST_H

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/proto/limits.h"

typedef enum ol_window { OL_WINDOW_DAY, OL_WINDOW_WEEK, OL_WINDOW_MONTH } ol_window;
typedef enum ol_applies { OL_APPLIES_EVERYONE, OL_APPLIES_UNPAID, OL_APPLIES_COVERED } ol_applies;

typedef struct ol_manifest_limit {
    ol_str operation;
    ol_window window; /* unknown text: month */
    uint64_t count_max;
    ol_applies applies; /* unknown text: everyone */
} ol_manifest_limit;

typedef struct ol_manifest {
    bool present;
    ol_str connector_id; /* NULL data: none */
    bool has_network;    /* a network list is there, perhaps empty */
    const ol_str *host;
    size_t hosts;
    const ol_manifest_limit *limit;
    size_t limits;
} ol_manifest;

/* The bytes of the first such section. false: none, or the binary is not well formed up to there.
 * A view into `wasm`. A section beyond OL_MANIFEST_BYTES_MAX counts as found. */
bool ol_manifest_find(ol_bytes wasm, ol_bytes *ret);

/* Finds and reads it. No section: OL_OK with present false. A section that is too large or is not
 * the JSON it should be: OL_ERR_INVALID, so that a broken allowlist never reads as none. Texts live
 * in the arena. */
ol_rc ol_manifest_load(ol_bytes wasm, ol_arena *arena, ol_manifest *ret, ol_err *err);
ol_rc ol_manifest_parse(ol_bytes json, ol_arena *arena, ol_manifest *ret, ol_err *err);

#endif
