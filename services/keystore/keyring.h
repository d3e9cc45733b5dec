/* The masters (Keystore 2): the default one, and one a vault, in locked memory that no dump holds.
 */
#ifndef KEYSTORE_KEYRING_H
#define KEYSTORE_KEYRING_H

#include "lib/base/err.h"
#include "lib/secrets/master.h"

typedef struct keyring keyring;

/* From 64 hex digits, which stay the caller's to wipe; none (len 0) draws a random master and
 * writes it to `out_path` (mode 0600, must not exist), or to standard error where that is empty.
 * OL_ERR_SETTINGS, OL_ERR_IO. */
ol_rc keyring_open(ol_str master_hex, ol_str out_path, keyring **ret, ol_err *err);
void keyring_free(keyring *ring); /* wipes; NULL is fine */

/* A vault's name as it came: absent, empty or blank is the default master, anything malformed is
 * OL_ERR_INVALID, never a fallback. In the request. */
ol_rc keyring_scope(ol_str vault, ol_str *ret_vault, ol_err *err);

/* Borrowed. OL_ERR_INVALID for a vault whose master is not loaded. */
ol_rc keyring_master(const keyring *ring, ol_str vault, const ol_master **ret, ol_err *err);

/* Keys of the default master that are used over and over. */
const ol_ed25519_key *keyring_vrf(const keyring *ring);
const ol_ed25519_key *keyring_attestor(const keyring *ring);

#endif
