/* Who may enter a path (Coordinator 1): the gates of worker and admin routes. */
#ifndef COORDINATOR_AUTH_H
#define COORDINATOR_AUTH_H

#include "lib/crypto/hash.h"
#include "lib/net/http_server.h"

typedef struct coordinator coordinator;

extern const ol_web_gate GATE_WORKER;
extern const ol_web_gate GATE_ADMIN;

/* The worker token of a request that passed GATE_WORKER; 0 with REQUIRE_AUTH=false and none given.
 */
int64_t worker_token_id(const ol_web_request *request);

/* Tokens seen lately, so that a busy worker does not ask the database each time; a revoked token is
 * refused within TOKEN_CACHE_MS. One per loop thread. */
enum { TOKEN_CACHE_SLOTS = 64, TOKEN_CACHE_MS = 1000 };
typedef struct token_slot {
    ol_sha256 hash;
    int64_t id;
    int64_t until_ms;
} token_slot;
typedef struct token_cache {
    token_slot slot[TOKEN_CACHE_SLOTS];
} token_cache;

#endif
