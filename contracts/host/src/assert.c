/* A broken promise of ours aborts the call with a text that finds the place. */
#include "contracts/host/near.h"

#include <stdio.h>

_Noreturn void ol_assert_failed(const char *condition, const char *file, int line)
{
    char text[160];
    int len = snprintf(text, sizeof text, "%s:%d: broken promise: %s", file, line, condition);
    size_t shown = len < (int)sizeof text ? (size_t)len : sizeof text - 1;
    near_panic((ol_str){text, shown});
}
