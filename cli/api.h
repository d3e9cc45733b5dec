/* The coordinator's HTTPS API as the command line uses it (Coordinator 2). */
#ifndef CLI_API_H
#define CLI_API_H

#include "cli/cli.h"
#include "lib/codec/json_read.h"
#include "lib/crypto/secret.h"
#include "lib/net/http_client.h"

enum {
    API_HEADERS_MAX = 8,
    API_ANSWER_BYTES_MAX = 64 << 20,
    API_SECONDS_STANDARD = 330, /* longer than the sync window of Coordinator 2.1 */
    API_WAIT_SECONDS = 50,      /* of one long wait; the coordinator allows 60 */
    API_TRIES = 3,
};

typedef struct api_request {
    const char *method;
    ol_str path; /* from the slash on */
    ol_http_header header[API_HEADERS_MAX];
    size_t headers;
    ol_str body; /* JSON; empty for GET */
    uint32_t total_ms;
    bool repeatable; /* a lost connection is tried again: idempotent */
} api_request;

typedef struct api api;

/* OL_ERR_USAGE when no API is known for the network. */
ol_rc api_open(const cli *it, api **ret, ol_err *err);
void api_close(api *a); /* NULL is fine */

/* One exchange. OL_OK for a 2xx, whose body is in `into`; else the failure is filled with what the
 * server said, or with what went wrong on the way. */
ol_rc api_send(api *a, const api_request *request, ol_buf *into, cli_failure *failure);

/* An answer that must be JSON: what is none is the server's fault, OL_ERR_PROTOCOL, not the user's.
 */
ol_rc api_json(ol_str answer, ol_json *ret, ol_err *err);

/* One JSON body to a path, on a connection of its own: fills in method and content type.
 * OL_ERR_LIMIT when the body was too large to be written (an ol_buf that failed). */
ol_rc api_post(const cli *it, const char *path, const ol_buf *body, uint32_t total_ms,
               bool repeatable, ol_buf *into, cli_failure *failure);

/* --dry-run: the request as it would be sent. `hidden`: a header whose value is not told; or NULL.
 */
int api_dry_run(const cli *it, const api_request *request, const char *hidden);

void api_header(api_request *request, const char *name, ol_str value);

/* Ctrl-C: from now on SIGINT and SIGTERM end the exchange under way instead of the program; a
 * second one ends the program. */
ol_rc api_catch_interrupts(api *a, ol_err *err);
bool api_interrupted(const api *a);

#endif
