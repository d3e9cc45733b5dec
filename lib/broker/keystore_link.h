/* The way to the keystore: a session that is kept fresh, answers unsealed (Keystore 4, 9; 15, X3
 * and X6). One link for all threads of a worker. */
#ifndef OL_BROKER_KEYSTORE_LINK_H
#define OL_BROKER_KEYSTORE_LINK_H

#include "lib/base/clock.h"
#include "lib/crypto/ed25519.h"
#include "lib/crypto/x25519.h"
#include "lib/net/http_client.h"

typedef struct ol_keystore_link ol_keystore_link;

typedef struct ol_keystore_plan {
    ol_str url;                /* without a slash at the end; borrowed */
    ol_str token;              /* bearer; borrowed */
    const ol_ed25519_key *key; /* the operator's key that opens sessions; NULL: none are opened */
    const ol_clock *clock;
} ol_keystore_plan;

enum {
    OL_KEYSTORE_SECONDS = 30,         /* one request of a guest (Host interfaces 8) */
    OL_KEYSTORE_CONNECT_SECONDS = 10, /* opening a session as a whole, too */
    OL_KEYSTORE_ASK_SECONDS = 25, /* all of ol_keystore_ask: whoever waits is told within 30 s */
    OL_KEYSTORE_SESSION_FRESH_SECONDS = 300, /* half of what a keystore keeps one */
    OL_KEYSTORE_ANSWER_BYTES_MAX = 16 * 1024 * 1024,
};

ol_rc ol_keystore_link_open(const ol_keystore_plan *plan, ol_keystore_link **ret, ol_err *err);
void ol_keystore_link_close(ol_keystore_link *link); /* wipes; NULL is fine */
ol_str ol_keystore_url(const ol_keystore_link *link);
ol_str ol_keystore_token(const ol_keystore_link *link);

/* A copy of the session for one request; wiped by the caller. */
typedef struct ol_keystore_session {
    bool has;
    char id[37]; /* X-TEE-Session */
    ol_x25519_key reply_key;
} ol_keystore_session;
void ol_keystore_session_deinit(ol_keystore_session *session);

/* The present session, opened or renewed first when it is missing or no longer fresh. Without a key
 * there is none, and that is fine. One thread renews, others go on with what there is. Takes
 * OL_KEYSTORE_CONNECT_SECONDS at most, or twice that for a thread that had to wait for another, and
 * no longer than `patience_ns` in all: OL_ERR_TIMEOUT. */
#define OL_KEYSTORE_PATIENT INT64_MAX
ol_rc ol_keystore_session_get(ol_keystore_link *link, ol_http_client *client, int64_t patience_ns,
                              ol_keystore_session *ret, ol_err *err);
/* What is there now, without asking anybody. */
void ol_keystore_session_now(ol_keystore_link *link, ol_keystore_session *ret);
/* The keystore does not know this session (any more). */
void ol_keystore_session_lost(ol_keystore_link *link, const char *id);

/* Replaces {"sealed":…} in `answer` by what it holds; another answer stays. False for one that does
 * not open. */
OL_MUST_USE bool ol_keystore_unseal(const ol_keystore_session *session, ol_buf *answer);

/* One request and its answer, whatever its status; a session that was lost is opened again once.
 * The caller wipes `into`. Over within OL_KEYSTORE_ASK_SECONDS. OL_ERR_NETWORK, OL_ERR_TIMEOUT,
 * OL_ERR_PROTOCOL. */
ol_rc ol_keystore_ask(ol_keystore_link *link, ol_http_client *client, const char *path,
                      ol_str body_json, ol_buf *into, int *ret_status, ol_err *err);

/* `{"error":"text"}`: the text, or empty. In the arena. */
ol_str ol_keystore_error(ol_str answer, ol_arena *arena);

#endif
