/* What a module says from outside: its imports, and custom sections added to it. */
#ifndef CLI_WASM_FILE_H
#define CLI_WASM_FILE_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

enum { WASM_IMPORT_MODULES_MAX = 64 };

typedef struct wasm_imports {
    ol_str module[WASM_IMPORT_MODULES_MAX]; /* each once, in order of appearance; slices */
    size_t modules;
    uint32_t functions; /* imported, of all of them */
} wasm_imports;

/* Of a core module. OL_ERR_WASM for bytes that are none. */
ol_rc wasm_imports_read(ol_bytes wasm, wasm_imports *ret, ol_err *err);

/* A module or component with one custom section more at its end. */
void wasm_with_section(ol_bytes wasm, ol_str name, ol_bytes content, ol_buf *into);

#endif
