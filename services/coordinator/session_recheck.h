/* Sessions end when their access key does (Coordinator 7): keys are looked up again from time to
 * time, at the last final block. */
#ifndef COORDINATOR_SESSION_RECHECK_H
#define COORDINATOR_SESSION_RECHECK_H

#include "services/coordinator/coordinator.h"

/* Begins a round on a thread that may wait for the chain. A key that the node does not tell about
 * keeps its session: workers of the public reference register once per start and never again. */
void sessions_recheck(coordinator *it);

#endif
