/* Does a project exist, and by which UUID? (Coordinator 2.1 step 11, 8.) Sources in order: the
 * projects file, the UUID cache, the contract. */
#ifndef COORDINATOR_PROJECT_LOOK_H
#define COORDINATOR_PROJECT_LOOK_H

#include "services/coordinator/coordinator.h"
#include "services/coordinator/projects.h"

typedef struct project_look {
    chain_job job; /* first */
    coordinator *it;
    ol_str project_id;
    ol_arena *arena;
    /* Answers with the chain's fresh view although the UUID is known. */
    bool fresh;
    void (*done)(struct project_look *look); /* on a thread of the chain */
    void *context;
    /* out */
    ol_rc rc; /* OL_ERR_PROJECT_NOT_FOUND, OL_ERR_NETWORK */
    ol_err err;
    chain_project found;
    bool cached; /* the UUID was known before */
    project_put put;
} project_look;

/* true: the outcome is in the struct now. false: `done` will be called; hold the request first. */
bool project_look_start(project_look *look);
/* With project_look_start false: hands the look to the chain, and must not be touched any more.
 * false: the chain is busy, and the outcome (OL_ERR_UNAVAILABLE) is in the struct now. */
OL_MUST_USE bool project_look_submit(project_look *look);

#endif
