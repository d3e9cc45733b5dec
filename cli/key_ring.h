/* Payment keys whose secrets this machine knows: HOME/NETWORK/keys.json, mode 0600,
 *   {"keys":[{"owner","nonce","key"},…]}   key: 64 hex digits */
#ifndef CLI_KEY_RING_H
#define CLI_KEY_RING_H

#include "cli/credentials.h"
#include "lib/base/fd.h"

enum { KEY_RING_MAX = 256, KEY_SECRET_HEX_DIGITS = 64 };

/* For who makes or deletes a key: from the choice of its nonce until the chain has it, nobody else
 * on this machine chooses one or writes the file. Ends with *ret. */
ol_rc key_ring_lock(const cli *it, ol_fd *ret, ol_err *err);
/* The ring is locked. Adds it, or puts it in the place of the one of that owner and nonce. NULL
 * `secret`: takes it out.
 */
ol_rc key_ring_put(const cli *it, ol_str owner, uint32_t nonce, const ol_secret *secret,
                   ol_err *err);
/* owner:nonce:key. OL_ERR_NOT_FOUND when its secret is not here. */
ol_rc key_ring_find(const cli *it, ol_str owner, uint32_t nonce, ol_secret *ret_full, ol_err *err);
/* Where it is kept, for people. */
ol_str key_ring_path(const cli *it);

#endif
