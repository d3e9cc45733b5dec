/* One `outlayer` at a time reads, changes and writes a file of HOME/NETWORK: two at once would each
 * put back what they had read, and one of them would lose what the other kept. */
#ifndef CLI_HOME_LOCK_H
#define CLI_HOME_LOCK_H

#include "cli/cli.h"
#include "lib/base/fd.h"

#define HOME_LOCK_CREDENTIALS "credentials.lock" /* credentials.json, accounts.json */
#define HOME_LOCK_KEYS "keys.lock"               /* keys.json, and the next payment key */

/* Makes the folder, and waits for whoever has the lock; it ends with *ret, or with the process. Not
 * to be taken twice by one. OL_ERR_IO, OL_ERR_ENVIRONMENT. */
ol_rc home_lock(const char *home, ol_str network, const char *name, ol_fd *ret, ol_err *err);

#endif
