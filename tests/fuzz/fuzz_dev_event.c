/* Log lines of the children of `outlayer dev`, which quote guests. */
#include <stdlib.h>
#include <string.h>

#include "cli/dev_event.h"
#include "lib/base/assert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dev_event event;
    char *storage = malloc(size + 1), *line = malloc(size + 1);
    OL_ASSERT(storage != NULL && line != NULL);
    memcpy(line, data, size); /* so that reading beyond it is seen */
    if (dev_event_parse((ol_str){line, size}, storage, &event)) {
        OL_ASSERT(event.fields <= DEV_FIELDS_MAX);
        for (size_t i = 0; i < event.fields; i++) {
            OL_ASSERT(event.field[i].name.len > 0);
            OL_ASSERT(event.field[i].value.len <= size);
        }
    }
    free(storage);
    free(line);
    return 0;
}
