/* Load on the HTTPS API: calls that must complete. A program ends with the answer's words where one
 * does not. */
#ifndef OL_BENCH_HTTPS_CALLS_H
#define OL_BENCH_HTTPS_CALLS_H

#include "tests/harness/wire_client.h"

/* POST /call/{project_id} with `members` as those of its body. */
void https_call_request(ol_buf *request, const char *payment_key, const char *project_id,
                        const char *members);
/* The answer lives until the client's next exchange. */
wire_answer https_call(wire_client *client, const ol_buf *request);

/* So many clients repeat the request for `ms` milliseconds. Returns the seconds it took in truth.
 */
double https_storm(uint16_t port, const ol_buf *request, int clients, int ms, uint64_t *ret_calls);

#endif
