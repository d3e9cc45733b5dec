/* A broken promise of the shared library code, told without dragging printf into every guest. */
#include "lib/base/assert.h"
#include "sdk/outlayer.h"

_Noreturn void ol_assert_failed(const char *condition, const char *file, int line)
{
    (void)line;
    (void)ol_error_output(ol_str_of(file));
    (void)ol_error_output(OL_STR(": broken promise: "));
    (void)ol_error_output(ol_str_of(condition));
    __builtin_trap();
}
