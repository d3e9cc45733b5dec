/* What programs and contracts are built with: headers, archives and tools that came with this
 * program, in ../share/outlayer beside its folder, or where OUTLAYER_SDK says.
 *
 *   include/            outlayer.h with outlayer_crypto.h, contracts/host/near.h, lib/…
 *   include-contract/   the few C headers a contract may include
 *   lib/                liboutlayer_guest.a, liboutlayer_crypto.a, libnear_host.a
 *   wit/, bin/componentize
 */
#ifndef CLI_SDK_FILES_H
#define CLI_SDK_FILES_H

#include "cli/cli.h"

/* OL_ERR_ENVIRONMENT when it is not there. */
ol_rc sdk_folder(const cli *it, ol_str *ret, ol_err *err);
/* A path inside, NUL-terminated. */
ol_str sdk_path(const cli *it, ol_str folder, const char *inside);

/* The C compiler for WebAssembly: OUTLAYER_CC, or clang-19, or clang. NULL when there is none. */
const char *sdk_compiler(const cli *it);
/* The linker for contracts: OUTLAYER_WASM_LD, or wasm-ld-19, or wasm-ld. */
const char *sdk_linker(const cli *it);

#endif
