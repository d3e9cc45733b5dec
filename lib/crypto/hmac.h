/* HMAC with SHA-256 (RFC 2104, RFC 4231). */
#ifndef OL_CRYPTO_HMAC_H
#define OL_CRYPTO_HMAC_H

#include "lib/crypto/hash.h"

ol_sha256 ol_hmac_sha256(ol_bytes key, ol_bytes message);

#endif
