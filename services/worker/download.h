/* Bytes of a program: from the coordinator's cache, a URL, or a file. All of them are checked
 * against the hash they must have, where one is known. */
#ifndef WORKER_DOWNLOAD_H
#define WORKER_DOWNLOAD_H

#include "lib/net/http_client.h"
#include "services/worker/coordinator.h"
#include "services/worker/projects.h"

/* Worker 5.5, 7. OL_ERR_COMPILE: the source is at fault (class compilation_failed); any other code:
 * infrastructure. Worded for the requester. `web` has the address filter. */
ol_rc download_wasm(coordinator *c, ol_http_client *web, const resolved_code *code, ol_buf *into,
                    ol_err *err);

#endif
