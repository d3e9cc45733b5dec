/* Updates that were made already (Keystore 15, X4): a message of form 2 counts once, until it
 * expires. In memory only; what a keystore before this one took is known by its expiry: that one
 * took nothing beyond OL_UPDATE_AHEAD_MS_MAX after its end, so such messages alone are new for
 * certain, and all others are refused. Safe for several threads. */
#ifndef KEYSTORE_UPDATE_NONCES_H
#define KEYSTORE_UPDATE_NONCES_H

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/near/nep413.h"
#include "lib/secrets/update_statement.h"

typedef struct update_nonces update_nonces;

enum {
    UPDATE_NONCES_MAX = 4096,     /* when so many wait for their expiry, no more are taken */
    UPDATE_NONCES_OWNER_MAX = 64, /* of one owner: nobody uses up the place of all */
};

ol_rc update_nonces_new(const ol_clock *clock, update_nonces **ret, ol_err *err);
void update_nonces_free(update_nonces *all); /* NULL is fine */

/* The latest expiry that is taken now, Unix milliseconds: a client that takes it over depends
 * neither on its own clock nor on when the keystore started. */
int64_t update_expiry_latest(update_nonces *all);

/* OL_ERR_INVALID for one that is past, too far ahead, or of a message that a keystore before this
 * one may have taken. A clock that is turned back does not make anything young again. */
ol_rc update_expiry_check(update_nonces *all, uint64_t expires_at_ms, ol_err *err);

/* The same, and remembers owner and nonce until then: once an update is allowed, before it is
 * made. OL_ERR_CONFLICT for a nonce that was used, OL_ERR_RATE_LIMIT where there is no place. */
ol_rc update_nonce_take(update_nonces *all, ol_str owner,
                        const uint8_t nonce[OL_NEP413_NONCE_BYTES], uint64_t expires_at_ms,
                        ol_err *err);

#endif
