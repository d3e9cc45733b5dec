/* The secrets of a run, as variables (Worker 7.1). They live in this arena and in the run, nowhere
 * else. */
#ifndef WORKER_SECRETS_H
#define WORKER_SECRETS_H

#include "lib/broker/keystore_link.h"
#include "lib/proto/job.h"
#include "services/worker/coordinator.h"
#include "services/worker/variables.h"

enum { SECRETS_BYTES_MAX = 32 * 1024 * 1024 };

/* For whom and for which code. */
typedef struct secrets_ask {
    const ol_task *task;
    const ol_code_source *source; /* what was resolved; its kind may be none */
    ol_str executed_wasm_sha256;
    ol_keystore_link *link; /* NULL: no keystore is configured */
    ol_http_client *client;
    coordinator *coordinator; /* for branches of repositories */
} secrets_ask;

/* None (a count of 0) where the task names none, or the contract holds none. On failure the text is
 * the requester's and *ret_class its class. The caller wipes the arena. */
ol_rc secrets_get(const secrets_ask *ask, ol_arena *arena, const variable **ret, size_t *ret_count,
                  ol_error_class *ret_class, ol_err *err);

#endif
