/* The answer that tells of a call (Coordinator 2.1, 2.2). */
#ifndef COORDINATOR_CALL_ANSWER_H
#define COORDINATOR_CALL_ANSWER_H

#include "lib/codec/json_write.h"
#include "services/coordinator/domain.h"

/* `{call_id, status, output?, error?, compute_cost?, instructions?, time_ms?, job_id?,
 * attestation_url?}`; with `poll` and still pending also poll_url. The output is the worker's own
 * bytes; a null one is left out. */
void call_answer_encode(const call_answer *call, bool poll, ol_json_writer *into);

/* `{"error":"Timeout waiting for result","call_id":…}`, the body of a 504. */
void call_timeout_encode(ol_str call_id, ol_json_writer *into);

#endif
