/* What is kept for a while only (Coordinator 12): for the domain's own files. */
#ifndef COORDINATOR_FORGET_H
#define COORDINATOR_FORGET_H

#include "services/coordinator/domain.h"

/* One step on the writer thread: inputs and outputs of calls that ended 30 days ago, finished
 * system tasks as old that brought no money, hidden logs of 7 days, idempotency keys that expired.
 * *ret_again is set when more is due. */
ol_rc forget_old(domain *d, ol_db *db, bool *ret_again, ol_err *err);

#endif
