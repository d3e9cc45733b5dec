/* Secrets that nobody has seen (Keystore 6). */
#ifndef OL_SECRETS_GENERATE_H
#define OL_SECRETS_GENERATE_H

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/crypto/random.h"

enum { OL_GENERATED_BYTES_MAX = 1024, OL_GENERATED_PASSWORD_MAX = 1024 };

/* Appends the text of a value of that type: hex16, hex32, hex64, ed25519_seed, ed25519, password,
 * password:N with 1 ≤ N ≤ OL_GENERATED_PASSWORD_MAX. `into` needs OL_GENERATED_BYTES_MAX bytes of
 * room. OL_ERR_INVALID for another type. */
ol_rc ol_secret_generate(ol_str type, const ol_random *random, ol_buf *into, ol_err *err);

#endif
