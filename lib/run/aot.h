/* Starting outlayer-aot: wasm in, sealed artifact out (Engine 5). The compiler's output is native
 * code that a run will trust, so it comes back in a memfd that nobody can change any more. */
#ifndef OL_RUN_AOT_H
#define OL_RUN_AOT_H

#include "lib/base/clock.h"
#include "lib/base/fd.h"

typedef enum ol_aot_target {
    OL_AOT_P1, /* core module, WASI preview 1 */
    OL_AOT_P2, /* component, WASI 0.2 */
} ol_aot_target;

enum {
    OL_AOT_WASM_BYTES_MAX = 32 << 20, /* Engine 5 */
    OL_AOT_THREADS_STANDARD = 2,
    OL_AOT_SECONDS_STANDARD = 120,
    OL_AOT_FINGERPRINT_BYTES = 128, /* with its NUL */
};

typedef struct ol_aot_plan {
    const char *program; /* path of outlayer-aot */
    ol_bytes wasm;
    ol_aot_target target;
    unsigned threads;    /* 0: OL_AOT_THREADS_STANDARD */
    int64_t deadline_ns; /* ol_mono_ns of `clock`; then the compiler is killed */
    const ol_clock *clock;
} ol_aot_plan;

typedef struct ol_aot_artifact {
    ol_fd memfd; /* owned; write-, shrink-, grow- and seal-sealed */
    size_t bytes;
    /* Engine version, metering profile, target and configuration: artifacts of one fingerprint load
     * into runners of the same build. Part of the cache key beside the wasm's SHA-256. */
    char fingerprint[OL_AOT_FINGERPRINT_BYTES];
    int64_t compile_ms;
} ol_aot_artifact;

void ol_aot_artifact_deinit(ol_aot_artifact *artifact);

/* Compiles; blocks until done or the deadline. Safe in programs with threads.
 * OL_ERR_WASM: the bytes are refused, text as in Host interfaces 1. OL_ERR_COMPILE: the compiler
 * died (its limits, a crash). OL_ERR_TIMEOUT: deadline. OL_ERR_LIMIT: above 32 MB. */
ol_rc ol_aot_compile(const ol_aot_plan *plan, ol_aot_artifact *ret, ol_err *err);

/* The fingerprint of the compiler's engine, for cache keys before anything is compiled. */
ol_rc ol_aot_fingerprint(const char *program, char ret[OL_AOT_FINGERPRINT_BYTES], ol_err *err);

/* Any bytes as a memfd under all seals: artifacts read back from a verified cache. */
ol_rc ol_aot_seal(ol_bytes bytes, const char *name, ol_fd *ret, ol_err *err);

#endif
