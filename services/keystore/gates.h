/* Credentials of the routes (Keystore 4): worker with session, worker, coordinator, either. */
#ifndef KEYSTORE_GATES_H
#define KEYSTORE_GATES_H

#include "services/keystore/keystore.h"

extern const ol_web_gate GATE_READY;       /* P: no credential */
extern const ol_web_gate GATE_WORKER;      /* W: worker's token and session */
extern const ol_web_gate GATE_WORKER_BARE; /* W': worker's token */
extern const ol_web_gate GATE_COORDINATOR; /* C */
extern const ol_web_gate GATE_EITHER;      /* C/W: a worker needs a session too */
extern const ol_web_gate GATE_ENTRY;       /* C/W before there is a session: /tee-challenge */

/* Whose token the request carries, a set of token_kind; TOKEN_NONE for none or an unknown one. */
unsigned request_token(const keystore *ks, const ol_web_request *request);
/* The session of X-TEE-Session, whom the answer is for: *ret_seals tells whether to seal it. Where
 * sessions are wanted and nothing is known of the one named, OL_ERR_FORBIDDEN: no answer. */
ol_rc request_reader(keystore *ks, const ol_web_request *request, session *ret, bool *ret_seals,
                     ol_err *err);

#endif
