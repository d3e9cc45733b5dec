/* The program, with its clock as a parameter: the shipped one passes the real clock, the one tests
 * run passes one they can put forward. */
#ifndef COORDINATOR_PROGRAM_H
#define COORDINATOR_PROGRAM_H

#include "lib/base/clock.h"

/* Exit status: 0 served and stopped, or the command was done; 3 usage; 7 settings or environment.
 */
int coordinator_main(int argc, char **argv, const ol_clock *clock);

#endif
