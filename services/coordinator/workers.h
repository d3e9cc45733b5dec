/* Workers: tokens, TEE challenges and sessions, heartbeats, the block cursor, locks
 * (Coordinator 1, 4.2, 7). */
#ifndef COORDINATOR_WORKERS_H
#define COORDINATOR_WORKERS_H

#include "services/coordinator/domain.h"

/* ---- Tokens. Only hex SHA-256 of a token is ever stored. */
typedef struct worker_token {
    int64_t id;
    ol_str name;
} worker_token;
/* OL_ERR_UNAUTHORIZED when no active token has that hash. Notes its use, at most once a minute. */
ol_rc worker_token_find(domain *d, const ol_sha256 *token_hash, ol_arena *arena, worker_token *ret,
                        ol_err *err);
typedef struct worker_token_adding {
    ol_op op;
    ol_sha256 token_hash;
    ol_str name;
    bool active; /* false revokes */
    int64_t id;  /* out */
} worker_token_adding;
void worker_token_put(domain *d, worker_token_adding *it); /* adds, or sets name and active */

/* ---- TEE: a challenge is single use, bound to the token, 60 s. */
enum { CHALLENGE_SECONDS = 60, SESSION_IDLE_HOURS = 24, TEE_KEY_BYTES_MAX = 4096 };
typedef struct tee_challenge {
    ol_op op;
    int64_t token_id;
    uint8_t challenge[32]; /* out */
} tee_challenge;
void tee_challenge_create(domain *d, tee_challenge *it);
/* Takes the challenge away. OL_ERR_INVALID `Invalid or expired challenge` (unknown, another
 * token's, used) or `Challenge expired`. */
typedef struct tee_challenge_use {
    ol_op op;
    int64_t token_id;
    uint8_t challenge[32];
} tee_challenge_use;
void tee_challenge_take(domain *d, tee_challenge_use *it);
/* A new session retires the previous one of the same token and key. Durable: workers register once
 * per start. `public_key` in one normal form. */
typedef struct tee_session {
    ol_op op;
    int64_t token_id;
    ol_str public_key;
    ol_uuid session_id; /* out */
} tee_session;
void tee_session_create(domain *d, tee_session *it);
/* Valid only with the token that made it; OL_ERR_FORBIDDEN. Notes its use. */
ol_rc tee_session_check(domain *d, int64_t token_id, ol_uuid session_id, ol_err *err);
typedef struct tee_session_row {
    ol_uuid session_id;
    int64_t token_id;
    ol_str public_key;
} tee_session_row;
/* For the hourly recheck of access keys. */
ol_rc tee_sessions_list(domain *d, ol_arena *arena, tee_session_row **ret, size_t *ret_count,
                        ol_err *err);
typedef struct tee_session_ending {
    ol_op op;
    ol_uuid session_id;
    bool ended; /* out */
} tee_session_ending;
void tee_session_end(domain *d, tee_session_ending *it);

/* ---- Heartbeats. */
typedef enum worker_status {
    WORKER_ONLINE,
    WORKER_BUSY,
    WORKER_OFFLINE,
    WORKER_STALE
} worker_status;
ol_str worker_status_name(worker_status status);
bool worker_status_parse(ol_str name, worker_status *ret);
typedef struct worker_beat {
    ol_op op;
    ol_str worker_id;
    ol_str worker_name;
    worker_status status;
    ol_str current_task_id; /* may be absent */
    ol_opt_u64 block_height;
    ol_opt_u64 last_poll_s;
    ol_str life; /* may be absent; OL_WORKER_LIFE_BYTES_MAX */
} worker_beat;
void worker_beat_put(domain *d, worker_beat *it);
typedef struct worker_task_count {
    ol_op op;
    ol_str worker_id;
    bool success;
} worker_task_count;
void worker_task_add(domain *d, worker_task_count *it);
typedef struct worker_removal {
    ol_op op;
    ol_str worker_id; /* OL_ERR_NOT_FOUND */
} worker_removal;
void worker_remove(domain *d, worker_removal *it);

typedef struct worker_row {
    ol_str worker_id;
    ol_str worker_name;
    worker_status status;
    ol_str current_task_id;
    int64_t first_seen_ms;
    int64_t last_beat_ms;
    uint64_t tasks_completed;
    uint64_t tasks_failed;
    ol_opt_u64 block_height;
    int64_t block_ms; /* when block_height came; 0: never */
} worker_row;
ol_rc workers_list(domain *d, ol_arena *arena, worker_row **ret, size_t *ret_count, ol_err *err);
/* Highest height any worker reported. */
ol_rc block_cursor_read(domain *d, ol_opt_u64 *ret, ol_err *err);

/* ---- Locks: a TTL of 0 is never acquired (Coordinator 19). */
enum { LOCK_KEY_BYTES_MAX = 512, LOCK_TTL_SECONDS_MAX = 86400 };
typedef struct lock_attempt {
    ol_op op;
    int64_t token_id;
    ol_str lock_key;
    ol_str worker_id;
    uint64_t ttl_seconds;
    bool acquired; /* out */
} lock_attempt;
void lock_acquire(domain *d, lock_attempt *it);
typedef struct lock_giving {
    ol_op op;
    int64_t token_id; /* frees only what this token took */
    ol_str lock_key;
    bool released; /* out */
} lock_giving;
void lock_release(domain *d, lock_giving *it);

#endif
