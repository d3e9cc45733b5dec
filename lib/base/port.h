/* TCP ports of the loopback for programs that are about to be started. A port that was taken here
 * is nobody else's who asks here, on this machine, until this process ends: between its choice and
 * the moment its program listens no second one gets it. */
#ifndef OL_BASE_PORT_H
#define OL_BASE_PORT_H

#include <stdint.h>

#include "lib/base/err.h"

/* `wanted`, or the next of a hundred that nobody listens on. 0: any, from below those that Linux
 * gives to connections. OL_ERR_ENVIRONMENT where there is none. */
ol_rc ol_port_take(uint16_t wanted, uint16_t *ret, ol_err *err);

#endif
