/* Compiled code on disk (Worker 6). Deserialising it runs it, so every entry is authenticated by a
 * key that never leaves the folder's owner, and checked before anybody looks at its bytes. A bad
 * or missing mark deletes the entry: a miss. */
#ifndef WORKER_ARTIFACTS_H
#define WORKER_ARTIFACTS_H

#include "lib/base/fd.h"
#include "lib/crypto/hash.h"

typedef struct artifacts artifacts; /* thread-safe */

/* Makes `folder`/compiled and `folder`/raw, 0700, and the key, 0600. bytes_max 0: nothing is kept
 * and nothing is made. */
ol_rc artifacts_open(const char *folder, uint64_t bytes_max, artifacts **ret, ol_err *err);
void artifacts_close(artifacts *a); /* NULL is fine */

/* What is kept of one program. */
typedef struct artifact_parts {
    ol_bytes code;     /* native code */
    ol_bytes manifest; /* section outlayer.manifest; NULL data: none */
    ol_sha256 content; /* hash of the wasm */
} artifact_parts;

/* `key` names wasm, target and engine. Loads into `into`, which the parts point into. */
bool artifacts_load(artifacts *a, const ol_sha256 *key, ol_buf *into, artifact_parts *ret);
/* Failure to write is nobody's failure: false, and the next start compiles again. */
bool artifacts_save(artifacts *a, const ol_sha256 *key, const artifact_parts *parts);

/* Raw bytes by content hash: named by it, and hashed again when loaded. */
bool artifacts_load_wasm(artifacts *a, ol_str content_hex, ol_buf *into);
bool artifacts_save_wasm(artifacts *a, ol_str content_hex, ol_bytes wasm);

#endif
