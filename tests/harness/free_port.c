#include "tests/harness/free_port.h"

#include "lib/base/assert.h"
#include "lib/base/port.h"

uint16_t free_port(void)
{
    uint16_t port = 0;
    ol_err err = {0};
    OL_ASSERT(ol_port_take(0, &port, &err) == OL_OK);
    return port;
}
