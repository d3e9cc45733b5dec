/* outlayer.toml of a folder that came from somebody else. */
#include <stdlib.h>
#include <string.h>

#include "cli/toml.h"
#include "lib/base/assert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ol_arena arena = ol_arena_new(1 << 20);
    char *text = malloc(size + 1);
    ol_err err;
    toml file;
    OL_ASSERT(text != NULL);
    memcpy(text, data, size); /* so that reading beyond it is seen */
    if (toml_parse((ol_str){text, size}, &arena, &file, &err) == OL_OK) {
        OL_ASSERT(file.entries <= TOML_ENTRIES_MAX);
        for (size_t i = 0; i < file.entries; i++) {
            OL_ASSERT(file.entry[i].key.len > 0 && file.entry[i].line > 0);
            OL_ASSERT(file.entry[i].items <= TOML_ITEMS_MAX);
            OL_ASSERT(file.entry[i].text.len <= size);
        }
    }
    ol_arena_deinit(&arena);
    free(text);
    return 0;
}
