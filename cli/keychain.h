/* The system's keyring (the desktop's Secret Service), through Debian's `secret-tool`: a secret
 * goes in on its standard input and comes back on its standard output, never in an argument. An
 * item is found by its attributes: service outlayer, the home folder, the network, what it is,
 * whose.
 *
 * OL_ERR_ENVIRONMENT with the ways out when there is no keyring, or it stays locked. */
#ifndef CLI_KEYCHAIN_H
#define CLI_KEYCHAIN_H

#include "cli/cli.h"

#define KEYCHAIN_ACCOUNT "account"         /* a private key; `owner` is the account */
#define KEYCHAIN_PAYMENT_KEY "payment-key" /* owner:nonce:secret; `owner` is owner:nonce */

typedef struct keychain_item {
    const char *kind; /* one of these */
    ol_str owner;
} keychain_item;

/* In place of one that is there. */
ol_rc keychain_store(const cli *it, ol_str network, const keychain_item *item, ol_str secret,
                     ol_err *err);
/* Appends the secret, which the caller wipes. OL_ERR_NOT_FOUND when the keyring has no such item.
 */
ol_rc keychain_find(const cli *it, ol_str network, const keychain_item *item, ol_buf *into,
                    ol_err *err);
/* Takes it out; NULL: every item of this home and network. None is fine. */
ol_rc keychain_clear(const cli *it, ol_str network, const keychain_item *item, ol_err *err);

#endif
