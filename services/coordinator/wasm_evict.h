/* Keeping the cache below its size (Coordinator 5): for the domain's own files. */
#ifndef COORDINATOR_WASM_EVICT_H
#define COORDINATOR_WASM_EVICT_H

#include "services/coordinator/domain.h"

/* Removes what is over the size, or idle for too long; never what a live request needs or what was
 * fetched within 10 min. Not on the writer thread. */
ol_rc wasm_evict(domain *d, ol_err *err);
/* On the writer thread: the row, and its file unless another row has the same bytes. */
ol_rc wasm_drop(domain *d, ol_db *db, ol_str checksum, const ol_sha256 *content, ol_err *err);

#endif
