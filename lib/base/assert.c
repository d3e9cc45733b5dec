/* A file of its own, so that guests, which share this library, link another one without printf. */
#include "lib/base/assert.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void ol_assert_failed(const char *condition, const char *file, int line)
{
    (void)fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, condition);
    abort();
}
