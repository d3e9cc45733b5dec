/* HMAC with SHA-256 (RFC 2104, RFC 4231), and the key derivation built on it (RFC 5869). */
#ifndef OL_CRYPTO_HMAC_H
#define OL_CRYPTO_HMAC_H

#include "lib/crypto/hash.h"

ol_sha256 ol_hmac_sha256(ol_bytes key, ol_bytes message);

/* HKDF-SHA256 without a salt, one block of output: a key of 32 bytes from keying material and a
 * purpose of at most OL_HKDF_INFO_BYTES. The caller wipes. */
enum { OL_HKDF_INFO_BYTES = 64 };
ol_sha256 ol_hkdf_sha256(ol_bytes material, ol_str info);

#endif
