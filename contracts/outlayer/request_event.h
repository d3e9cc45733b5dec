/* The event by which workers learn of a request (Contract 12). */
#ifndef OL_CONTRACTS_OUTLAYER_REQUEST_EVENT_H
#define OL_CONTRACTS_OUTLAYER_REQUEST_EVENT_H

#include "contracts/outlayer/request.h"

/* What the event tells beside the stored request. */
typedef struct request_event {
    const request *request;
    ol_str project_uuid; /* absent unless the source is a project */
    bool force_rebuild;
    bool store_on_fastfs;
    bool use_bound_identity;
} request_event;

void request_event_log(const call *c, const request_event *it);

#endif
