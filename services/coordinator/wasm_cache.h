/* The cache of built code: rows in the database, bytes in a content-addressed folder
 * (Coordinator 5). A row is committed after its bytes are durable. */
#ifndef COORDINATOR_WASM_CACHE_H
#define COORDINATOR_WASM_CACHE_H

#include "services/coordinator/domain.h"

typedef struct wasm_entry {
    ol_str checksum; /* opaque key of clients: [0-9a-f]{64} */
    ol_sha256 content;
    uint64_t bytes;
    ol_str repo_url;
    ol_str commit_hash;
    ol_str build_target;
    int64_t created_ms;
    int64_t last_used_ms;
    uint64_t executions;
} wasm_entry;

/* ---- POST /wasm/upload. Writes the bytes on the calling thread (it waits for the disk), then
 * queues the row. Refusals, in op.err with `done` called as ever: checksum not [0-9a-f]{64}, no
 * `\0asm` magic, a WasmUrl checksum (no repo_url) that is not the bytes' hash, too large, banned.
 */
typedef struct wasm_upload {
    ol_op op;
    ol_str checksum;
    ol_str repo_url; /* empty or absent for a WasmUrl */
    ol_str commit_hash;
    ol_str build_target;
    ol_bytes bytes;
    ol_sha256 content; /* the cache's own */
} wasm_upload;
void wasm_put(domain *d, wasm_upload *it);

/* GET /wasm/{checksum}: the verified bytes. A mismatch drops the entry. OL_ERR_NOT_FOUND. Reads the
 * disk on the calling thread; last use is noted at most once a minute. */
ol_rc wasm_load(domain *d, ol_str checksum, ol_buf *into, ol_err *err);
/* Row and file. OL_ERR_NOT_FOUND; OL_ERR_INVALID for a malformed checksum. */
ol_rc wasm_find(domain *d, ol_str checksum, ol_arena *arena, wasm_entry *ret, ol_err *err);

/* ---- DELETE /admin/wasm/{checksum}?ban= */
typedef struct wasm_removal {
    ol_op op;
    ol_str checksum;
    bool ban;
    bool removed; /* out */
} wasm_removal;
void wasm_remove(domain *d, wasm_removal *it);

/* Total size and count, for /metrics. */
typedef struct wasm_figures {
    uint64_t entries;
    uint64_t bytes;
    uint64_t evicted; /* since start */
} wasm_figures;
ol_rc wasm_figures_read(domain *d, wasm_figures *ret, ol_err *err);

#endif
