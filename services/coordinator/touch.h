/* "Last used" times: written behind the answer, and lost without harm. For the domain's files. */
#ifndef COORDINATOR_TOUCH_H
#define COORDINATOR_TOUCH_H

#include "services/coordinator/domain.h"

enum { TOUCH_KEY_BYTES_MAX = 64 };

/* Runs `sql` with :now and one key parameter of that name: `id`, or the blob or text `key` when it
 * has data. */
void touch(domain *d, ol_sql sql, const char *name, int64_t id, ol_bytes key);
void touch_text(domain *d, ol_sql sql, const char *name, ol_str key);

#endif
