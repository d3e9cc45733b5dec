/* Modules whose imports are listed, and answers of a node about failed transactions. */
#include <stdlib.h>
#include <string.h>

#include "cli/chain.h"
#include "cli/wasm_file.h"
#include "lib/base/assert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ol_arena arena = ol_arena_new(1 << 20);
    uint8_t *copy = malloc(size + 1);
    wasm_imports imports;
    ol_err err;
    OL_ASSERT(copy != NULL);
    memcpy(copy, data, size); /* so that reading beyond it is seen */
    ol_bytes bytes = {copy, size};
    if (wasm_imports_read(bytes, &imports, &err) == OL_OK) {
        OL_ASSERT(imports.modules <= WASM_IMPORT_MODULES_MAX);
        for (size_t i = 0; i < imports.modules; i++)
            OL_ASSERT(imports.module[i].len <= size);
    }
    OL_ASSERT(chain_failure(ol_bytes_str(bytes), &arena, &err) != OL_OK);
    ol_arena_deinit(&arena);
    free(copy);
    return 0;
}
