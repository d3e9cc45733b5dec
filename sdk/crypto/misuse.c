/* What libsodium calls when it is misused; our calls give it no reason to. Its own version would
 * bring a handler and abort along. */
#include <core.h>

void sodium_misuse(void)
{
    __builtin_trap();
}
