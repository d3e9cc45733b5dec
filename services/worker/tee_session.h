/* The worker's session at the coordinator (Coordinator 7), opened in the form of Keystore 15, X3,
 * alone: one for all threads, since a registration retires the one before. */
#ifndef WORKER_TEE_SESSION_H
#define WORKER_TEE_SESSION_H

#include "lib/net/http_client.h"
#include "services/worker/settings.h"

typedef struct tee_session tee_session;

typedef struct tee_session_id {
    char text[37]; /* X-TEE-Session; empty: none */
} tee_session_id;

/* With OPERATOR_PRIVATE_KEY. `settings` outlive it. OL_ERR_INVALID, OL_ERR_NO_MEMORY. */
ol_rc tee_session_open(const worker_settings *settings, tee_session **ret, ol_err *err);
void tee_session_close(tee_session *s); /* wipes; NULL is fine */

/* The present session; where there is none, registers, while other threads wait for it. Refuses to
 * sign (OL_ERR_PROTOCOL) where the coordinator does not ask for the text of X3. */
ol_rc tee_session_get(tee_session *s, ol_http_client *client, tee_session_id *ret, ol_err *err);
/* The coordinator does not know it (any more). */
void tee_session_lost(tee_session *s, const tee_session_id *id);

#endif
