/* What is known of projects, and the prices (Coordinator 8). */
#ifndef COORDINATOR_PROJECTS_H
#define COORDINATOR_PROJECTS_H

#include "services/coordinator/domain.h"

typedef struct project_row {
    ol_str project_id;
    ol_str uuid;
} project_row;

/* UUIDs are cached for good. OL_ERR_NOT_FOUND: ask the contract. */
ol_rc project_find(domain *d, ol_str project_id, ol_arena *arena, project_row *ret, ol_err *err);
typedef struct project_put {
    ol_op op;
    ol_str project_id;
    ol_str uuid; /* NULL data: forget the project */
} project_put;
void project_remember(domain *d, project_put *it);

/* Branches of commits are cached for seven days (Coordinator 8). OL_ERR_NOT_FOUND: ask GitHub. */
ol_rc branch_find(domain *d, ol_str repo, ol_str commit, ol_arena *arena, ol_str *ret, ol_err *err);
typedef struct branch_put {
    ol_op op;
    ol_str repo; /* normalised */
    ol_str commit;
    ol_str branch;
} branch_put;
void branch_remember(domain *d, branch_put *it);

/* The snapshot new calls are priced by; the fallback of Coordinator 8 until one was stored. Any
 * thread, no database. */
ol_pricing pricing_now(domain *d);
int64_t pricing_read_ms(domain *d); /* wall clock of the last refresh; 0: fallback */
typedef struct pricing_refresh {
    ol_op op;
    ol_pricing pricing;
} pricing_refresh;
void pricing_put(domain *d, pricing_refresh *it);

#endif
