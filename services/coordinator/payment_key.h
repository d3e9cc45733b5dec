/* X-Payment-Key: owner:nonce:secret (Coordinator 2.1 step 2). */
#ifndef COORDINATOR_PAYMENT_KEY_H
#define COORDINATOR_PAYMENT_KEY_H

#include "lib/base/err.h"
#include "lib/crypto/hash.h"

enum { PAYMENT_OWNER_BYTES_MAX = 64, PAYMENT_SECRET_HEX_DIGITS = 64 };

/* Holds a proof, never the secret. */
typedef struct payment_key {
    ol_str owner; /* borrowed from the header */
    uint32_t nonce;
    ol_sha256 proof; /* SHA-256 of the secret's lower-case text */
} payment_key;

/* OL_ERR_PAYMENT_KEY_FORMAT with the text of its first fault. */
ol_rc payment_key_parse(ol_str header, payment_key *ret, ol_err *err);

#endif
