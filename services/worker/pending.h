/* Which requests wait on the contract that this monitor has not relayed: after a start, or when
 * something went wrong (Worker 3.1, reconciliation). */
#ifndef WORKER_PENDING_H
#define WORKER_PENDING_H

#include "lib/near/rpc.h"

typedef struct pending pending;

enum {
    PENDING_NOTED = 8192,     /* requests remembered */
    PENDING_FIRST_MS = 3000,  /* from the first look to the second */
    PENDING_PERIOD_MS = 60000 /* between looks later */
};

/* NULL when memory is short. `contract` outlives it. */
pending *pending_new(ol_str contract);
void pending_free(pending *p); /* NULL is fine */

void pending_note(pending *p, uint64_t request_id); /* it was relayed */

bool pending_due(const pending *p);
/* Looks at the contract. *ret_missing: at least one request was pending at the last look, too, and
 * has not been relayed; a new one is perhaps in a block that comes next. */
ol_rc pending_check(pending *p, const ol_rpc *rpc, bool *ret_missing, ol_err *err);
/* What is still missing after all blocks were read again is not looked for any more. */
void pending_give_up(pending *p);

#endif
