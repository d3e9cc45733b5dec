#include "services/aot/compile.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { HEADER_BYTES = 8 };

static const uint8_t HEADERS[][HEADER_BYTES] = {
    [AOT_P1] = {0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00},
    [AOT_P2] = {0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00},
};

static ol_rc not_valid(aot_target target, ol_err *err)
{
    return ol_fail(err, OL_ERR_WASM, "%s",
                   target == AOT_P1 ? "Not a valid WASI Preview 1 module"
                                    : "Not a valid WASI Preview 2 component");
}

ol_rc compile_header_check(ol_bytes wasm, aot_target target, ol_err *err)
{
    if (wasm.len < HEADER_BYTES || memcmp(wasm.data, HEADERS[target], HEADER_BYTES) != 0)
        return not_valid(target, err);
    return OL_OK;
}

/* The engine's sink: everything or nothing. */
static bool artifact_write(void *env, const uint8_t *data, size_t len)
{
    const int *fd = env;
    size_t done = 0;
    while (done < len) {
        ssize_t n = pwrite(*fd, data + done, len - done, (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return ftruncate(*fd, (off_t)len) == 0;
}

ol_rc compile_run(const struct wasm_engine_t *engine, ol_bytes wasm, aot_target target,
                  int output_fd, ol_err *err)
{
    olw_error why = {.trap = OLW_TRAP_NONE};
    OL_TRY(compile_header_check(wasm, target, err));
    if (olw_compile(engine, (olw_str){wasm.data, wasm.len}, target == AOT_P2, artifact_write,
                    &output_fd, &why))
        return OL_OK;
    (void)not_valid(target, err);
    return ol_note(err, "%s", why.text);
}
