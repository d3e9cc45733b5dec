/* Compile jobs: what a worker without a builder can do, code by URL and hash (Worker 5.2, 5.5). */
#ifndef WORKER_COMPILE_H
#define WORKER_COMPILE_H

#include "services/worker/report.h"

/* Downloads, checks the hash, puts the bytes into the coordinator's cache. The outcome's texts live
 * in the arena. */
void compile_perform(const ol_claim_answer *claim, coordinator *c, ol_http_client *web,
                     ol_arena *arena, outcome *ret, ol_err *err);

#endif
