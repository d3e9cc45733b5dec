/* Ports for the programs of a test. */
#ifndef OL_TESTS_HARNESS_FREE_PORT_H
#define OL_TESTS_HARNESS_FREE_PORT_H

#include <stdint.h>

/* A TCP port of the loopback that nobody listens on and no other test of this machine is given as
 * long as this process lives, nor the kernel gives to a connection. Ends the program where there is
 * none. */
uint16_t free_port(void);

#endif
