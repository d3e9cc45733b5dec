/* The fence around one compilation: a compiler is fed by strangers. */
#ifndef OUTLAYER_AOT_FENCE_H
#define OUTLAYER_AOT_FENCE_H

#include "lib/base/err.h"

/* Limits that grow with the input (Engine 5): 2 GiB + 30x the input of memory, 30 s + 10 s per MB
 * of CPU; no core file, few descriptors. Then a system-call filter that kills: no files, no
 * network, no processes, no executable memory; threads are allowed. There is no way back. */
ol_rc fence_close(size_t wasm_bytes, size_t artifact_bytes_max, ol_err *err);

#endif
