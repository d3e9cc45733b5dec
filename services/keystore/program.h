/* The program: the shipped one locks and hides its memory first, tests run it among their own. */
#ifndef KEYSTORE_PROGRAM_H
#define KEYSTORE_PROGRAM_H

#include "lib/base/err.h"

/* Called once settings are read and before there is a master; NULL: nothing. */
typedef ol_rc keystore_harden(bool must_lock, ol_err *err);

/* Exit status: 0 served and stopped; 7 settings or environment. Settings come from the
 * environment. */
int keystore_main(int argc, char **argv, keystore_harden *harden);

#endif
