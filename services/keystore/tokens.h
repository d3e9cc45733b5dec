/* Who may ask (Keystore 4): bearer tokens, known by their SHA-256. */
#ifndef KEYSTORE_TOKENS_H
#define KEYSTORE_TOKENS_H

#include "lib/base/err.h"
#include "lib/crypto/hash.h"

enum { TOKENS_MAX = 64 }; /* of each kind */

typedef enum token_kind { TOKEN_NONE = 0, TOKEN_WORKER = 1, TOKEN_COORDINATOR = 2 } token_kind;

typedef struct tokens {
    ol_sha256 worker[TOKENS_MAX];
    size_t workers;
    ol_sha256 coordinator[TOKENS_MAX];
    size_t coordinators;
} tokens;

/* Comma-separated lists of 64 hex digits each. OL_ERR_SETTINGS. */
ol_rc tokens_read(ol_str worker_hashes, ol_str coordinator_hashes, tokens *ret, ol_err *err);

/* The kinds of this token, a set: one that stands in both lists has both. In time that does not
 * depend on the token. An empty list rejects everyone. */
unsigned tokens_kind(const tokens *all, ol_str token);

#endif
