/* Encrypted secrets as they lie on the chain (Keystore 3). */
#ifndef OL_SECRETS_BLOB_H
#define OL_SECRETS_BLOB_H

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/crypto/random.h"
#include "lib/secrets/master.h"

enum { OL_BLOB_BYTES_MAX = 10485760, OL_BLOB_BYTES_MIN = 28 };

typedef enum ol_blob_legacy {
    OL_BLOB_LEGACY_REFUSED,
    OL_BLOB_LEGACY_OPENED, /* also blobs whose key is the published key of the seed */
} ol_blob_legacy;

/* Seals to the key of the seed; always ECIES v1. OL_ERR_LIMIT where `into` has no room. */
ol_rc ol_blob_seal(const ol_master *master, ol_str seed, ol_bytes plain, const ol_random *random,
                   ol_buf *into, ol_err *err);

/* Appends the plaintext, which the caller wipes. OL_ERR_INVALID with the texts of Keystore 3. */
ol_rc ol_blob_open(const ol_master *master, ol_str seed, ol_bytes blob, ol_blob_legacy legacy,
                   ol_buf *into, ol_err *err);

#endif
