/* Challenges and sessions of workers (Keystore 9), in memory: a restart ends them, and workers
 * register anew. Safe for several threads. */
#ifndef KEYSTORE_SESSIONS_H
#define KEYSTORE_SESSIONS_H

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/codec/uuid.h"
#include "lib/crypto/random.h"
#include "lib/secrets/tee_challenge.h"

typedef struct sessions sessions;

enum {
    CHALLENGE_SECONDS = 60,
    SESSION_SECONDS = 600, /* then the key is looked up again, by registering again */
    CHALLENGES_MAX = 1024, /* the oldest gives way */
    SESSIONS_MAX = 1024,
};

ol_rc sessions_new(const ol_clock *clock, const ol_random *random, sessions **ret, ol_err *err);
void sessions_free(sessions *all);

void challenge_make(sessions *all, uint8_t ret[OL_TEE_CHALLENGE_BYTES]);
/* Once, within CHALLENGE_SECONDS; OL_ERR_INVALID with the text of Keystore 9. */
ol_rc challenge_take(sessions *all, const uint8_t challenge[OL_TEE_CHALLENGE_BYTES], ol_err *err);

typedef struct session {
    ol_uuid id;
    bool seals; /* answers are sealed to reply_key (X6) */
    ol_x25519_public reply_key;
} session;

/* Begins one; `reply_key` may be NULL. */
ol_uuid session_begin(sessions *all, const ol_x25519_public *reply_key);
/* OL_ERR_FORBIDDEN with the texts of Keystore 4. */
ol_rc session_find(sessions *all, ol_str id, session *ret, ol_err *err);
/* Whom an answer is for: as session_find, but also a session that ended while its request was under
 * way: what it asked for under seal does not go out bare. OL_ERR_FORBIDDEN where nothing is known
 * of it (any more). */
ol_rc session_reader(sessions *all, ol_str id, session *ret, ol_err *err);
size_t sessions_count(sessions *all);

#endif
