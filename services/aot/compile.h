/* One compilation: wasm bytes → artifact in a descriptor. */
#ifndef OUTLAYER_AOT_COMPILE_H
#define OUTLAYER_AOT_COMPILE_H

#include "lib/base/err.h"
#include "olw.h"

enum { AOT_WASM_BYTES_MAX = 32 << 20 }; /* Engine 5 */

typedef enum aot_target {
    AOT_P1, /* core module */
    AOT_P2, /* component */
} aot_target;

/* The eight bytes of the header decide (Host interfaces 1). OL_ERR_WASM with the exact text. */
ol_rc compile_header_check(ol_bytes wasm, aot_target target, ol_err *err);

/* Header, then Cranelift, then `output_fd` from its start on. OL_ERR_WASM for bytes that are not
 * valid: the text of Host interfaces 1, the engine's words as a note. OL_ERR_IO when the artifact
 * cannot be written. */
ol_rc compile_run(const struct wasm_engine_t *engine, ol_bytes wasm, aot_target target,
                  int output_fd, ol_err *err);

#endif
