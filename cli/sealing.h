/* Sealing for the keystore: its public key for a secret, believed only with the attestor's
 * signature over a statement rebuilt here (Keystore 15, X1), and encryption on this machine.
 *
 * The attestor is the network's known one (`--attestor HEX`, or what `outlayer dev` wrote down), or
 * the one met first, which is then kept in the credentials; another one later is refused. */
#ifndef CLI_SEALING_H
#define CLI_SEALING_H

#include "cli/api.h"
#include "cli/secret_place.h"
#include "lib/crypto/x25519.h"

#define SEALING_ATTESTOR "keystore_attestor" /* the member of credentials.json */

typedef struct sealing_key {
    ol_x25519_public key;
    ol_str attestor;          /* hex */
    bool first_seen;          /* kept from now on */
    int64_t update_expiry_ms; /* the latest expiry of an update that it takes now (Keystore 15, X4);
                                 0: it knows none */
} sealing_key;

/* `names_json` is an object with the names that will be set and empty values: the keystore refuses
 * reserved ones. `attestor`: --attestor, or empty. OL_ERR_FORBIDDEN for a key that nobody, or
 * somebody else, vouches for. */
ol_rc sealing_key_fetch(const cli *it, const secret_place *place, ol_str names_json,
                        ol_str attestor, sealing_key *ret, cli_failure *failure);

/* Base64 of ECIES v1, in the arena. The plaintext stays the caller's to wipe. */
ol_rc sealing_seal(const cli *it, const sealing_key *key, ol_bytes plain, ol_str *ret_base64,
                   ol_err *err);

#endif
