/* Payment keys of the user: where they come from, and where `keys create` and `dev` put them.
 *
 * In this order: `--payment-key -` (standard input), PAYMENT_KEY, and the file
 * HOME/NETWORK/credentials.json, which nobody but its owner may read. Never an argument, which
 * every process of the machine can see. */
#ifndef CLI_CREDENTIALS_H
#define CLI_CREDENTIALS_H

#include "cli/cli.h"
#include "lib/crypto/secret.h"

enum { CREDENTIALS_BYTES_MAX = 64 * 1024 };

/* OL_ERR_NO_PAYMENT_KEY with both ways out when there is none, OL_ERR_PAYMENT_KEY_FORMAT. `wish` is
 * the value of --payment-key, which must be "-", or empty. */
ol_rc payment_key_load(const cli *it, ol_str wish, ol_secret *ret, ol_err *err);

/* owner:nonce of a key, for people and logs. */
ol_str payment_key_public(const cli *it, const ol_secret *key);

/* HOME/NETWORK/credentials.json with this key and API, mode 0600, other members kept out. */
ol_rc credentials_save(const char *home, ol_str network, ol_str api, const ol_secret *key,
                       ol_err *err);

/* The API named in the credentials file of the network; empty when there is none. */
ol_str credentials_api(const cli *it);

#endif
