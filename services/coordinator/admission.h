/* POST /call: from headers and body to one transaction, in the order of Coordinator 2.1. */
#ifndef COORDINATOR_ADMISSION_H
#define COORDINATOR_ADMISSION_H

#include "services/coordinator/call_body.h"
#include "services/coordinator/calls.h"
#include "services/coordinator/payment_key.h"
#include "services/coordinator/project_look.h"

/* One admission under way; lives in its request's arena. */
typedef struct admission {
    call_admission op; /* first */
    coordinator *it;
    ol_web_request *request;
    call_body body; /* its input is freed when the operation is done */
    project_look look;
} admission;

/* Steps 1 to 4: what headers alone decide. false: answered. */
bool admission_headers(admission *call);
/* Steps 5 to 8 and 10, on a reading connection. false: answered. */
bool admission_key(admission *call);

/* X-Payment-Key, or the refusals of steps 1 and 2 in JSON. */
bool payment_key_require(ol_web_request *request, payment_key *ret);

#endif
