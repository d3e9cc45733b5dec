/* The coordinator, seen from one thread: requests over connections that stay open. */
#ifndef WORKER_COORDINATOR_H
#define WORKER_COORDINATOR_H

#include "lib/base/clock.h"
#include "lib/proto/job.h"
#include "services/worker/settings.h"
#include "services/worker/tee_session.h"

typedef struct coordinator coordinator;

/* NULL when memory is short. `settings` and `worker_id` outlive it. */
coordinator *coordinator_open(const worker_settings *settings, ol_str worker_id);
void coordinator_close(coordinator *c); /* NULL is fine */

/* From now on polls and reports carry a session of the worker's; one that was lost is opened anew,
 * once a request. `session` outlives it; NULL: none. */
void coordinator_use_session(coordinator *c, tee_session *session);

/* From now on polls and heartbeats tell the worker's life, which is at most
 * OL_WORKER_LIFE_BYTES_MAX letters and digits and outlives it. */
void coordinator_use_life(coordinator *c, ol_str life);

/* Another thread makes a poll under way end at once. Only polls: reports are seen through. */
void coordinator_interrupt(coordinator *c);

/* The claiming poll (wire additions): waits up to POLL_TIMEOUT_SECONDS. *ret_some is false when
 * there was nothing. Texts of the answer live in the arena or until the next call. */
ol_rc coordinator_poll(coordinator *c, ol_arena *arena, ol_claim_answer *ret, bool *ret_some,
                       ol_err *err);

/* POST /jobs/complete, repeated with back-off until it is accepted or refused (4xx), ten minutes
 * pass, or `*stop` becomes true between two tries (Worker 8.3). */
ol_rc coordinator_complete(coordinator *c, const ol_job_report *report, const _Atomic bool *stop,
                           ol_err *err);

/* GET /wasm/{checksum}. OL_ERR_NOT_FOUND when it is not there. */
ol_rc coordinator_wasm(coordinator *c, ol_str checksum, ol_buf *into, ol_err *err);

/* GET /wasm/exists/{checksum}: when it came into the cache, as the coordinator writes times; NULL
 * data when it is not there. The text lives in the arena. */
ol_rc coordinator_wasm_created(coordinator *c, ol_str checksum, ol_arena *arena, ol_str *ret,
                               ol_err *err);

typedef struct wasm_upload {
    ol_str checksum;
    ol_str repo_url;
    ol_str commit_hash;
    ol_str build_target;
    ol_bytes wasm;
} wasm_upload;

/* POST /wasm/upload (Coordinator 5). */
ol_rc coordinator_upload(coordinator *c, const wasm_upload *upload, ol_err *err);

/* GET /workers/block-cursor: the highest height any monitor reported, where there is one. */
ol_rc coordinator_cursor(coordinator *c, ol_opt_u64 *ret, ol_err *err);

/* GET /github/resolve-branch: the branch that holds a commit, in the arena; NULL data where there
 * is none. */
ol_rc coordinator_branch(coordinator *c, ol_str repo, ol_str commit, ol_arena *arena, ol_str *ret,
                         ol_err *err);

/* A JSON body whose acceptance matters, to a path of the API: one try. `internal` authenticates as
 * the wallet relays do (Worker 3.2). */
ol_rc coordinator_post(coordinator *c, const char *path, ol_str json, bool internal, ol_err *err);
/* Is a failed post final: would repeating the same body never help? A token that is refused may be
 * mended, so it is not. */
bool coordinator_final(ol_rc rc);

/* POST /system-callbacks/close: the task needs nothing more. Coordinators of the reference do not
 * know the route, nor do they give a task twice. */
ol_rc coordinator_close_task(coordinator *c, const char *type, ol_str data_id, ol_err *err);
/* The same for a deletion that the contract gave up: the key works again. */
ol_rc coordinator_keep_key(coordinator *c, ol_str data_id, ol_err *err);

/* GET /system-callbacks/poll: waits up to a minute; ret->raw.len is 0 when there was nothing. The
 * answer lives until the next poll. */
ol_rc coordinator_system_poll(coordinator *c, ol_json *ret, ol_err *err);

typedef struct heartbeat_report {
    ol_str status;         /* online, busy, offline, stale */
    ol_str task_id;        /* empty: none */
    int64_t last_poll_s;   /* unix; 0: none yet */
    uint64_t block_height; /* the monitor is done with; 0: there is none */
} heartbeat_report;

ol_rc coordinator_heartbeat(coordinator *c, const heartbeat_report *report, ol_err *err);

/* A JSON body that nobody waits for, to a path of the API, or to the private listener when
 * `hidden`. One short try. */
ol_rc coordinator_tell(coordinator *c, const char *path, ol_str json, bool hidden, ol_err *err);

#endif
