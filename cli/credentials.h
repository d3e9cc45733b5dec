/* What the user may spend and sign with, and where it is kept.
 *
 *   HOME/NETWORK/credentials.json   "payment_key", "api", "rpc", "contract", "account_id" (the
 *                                   account used when none is said), "private_key" (its key)
 *   HOME/NETWORK/accounts.json      {"accounts":[{"account_id","public_key","private_key"},…]}
 *
 * Both have mode 0600 and are refused when others can read them. What `login --keychain` keeps is
 * in the system's keyring (keychain.h), and stands here by name: "payment_key_keychain" is
 * owner:nonce, an account has "keychain":true in place of "private_key". A payment key comes, in
 * this order, from `--payment-key -` (standard input), PAYMENT_KEY, and the file. Never from an
 * argument, which every process of the machine can see. */
#ifndef CLI_CREDENTIALS_H
#define CLI_CREDENTIALS_H

#include "cli/cli.h"
#include "lib/codec/json_read.h"
#include "lib/crypto/ed25519.h"
#include "lib/crypto/secret.h"

#define PAYMENT_KEY_IN_KEYCHAIN "payment_key_keychain" /* the member of credentials.json */

enum { CREDENTIALS_BYTES_MAX = 256 * 1024, CREDENTIALS_MEMBERS_MAX = 8 };

/* ---- payment keys */

/* A secret from standard input; from a terminal a line that is not shown (prompt.h), asked for as
 * `what`. The caller wipes the buffer. */
ol_rc credential_read(ol_str what, ol_buf *into, ol_err *err);

/* OL_ERR_NO_PAYMENT_KEY with both ways out when there is none, OL_ERR_PAYMENT_KEY_FORMAT. `wish` is
 * the value of --payment-key, which must be "-", or empty. */
ol_rc payment_key_load(const cli *it, ol_str wish, ol_secret *ret, ol_err *err);
/* Checks the form and takes it; the text stays the caller's to wipe. */
ol_rc payment_key_take(ol_str text, ol_secret *ret, ol_err *err);

/* Keeps it for the next calls. OL_ERR_ENVIRONMENT when the keyring does not take it. */
ol_rc payment_key_keep(const cli *it, const ol_secret *key, bool in_keychain, ol_err *err);
/* Where the next call would take it from: "environment", "keychain", "file"; NULL: from nowhere. */
const char *payment_key_place(const cli *it);

/* owner:nonce of a key, for people and logs. */
ol_str payment_key_public(const cli *it, const ol_secret *key);

/* ---- accounts */

typedef struct signer {
    ol_str account_id; /* in the arena of the invocation */
    ol_ed25519_key key;
    bool in_keychain; /* kept, or to be kept, in the system's keyring */
} signer;

void signer_deinit(signer *s); /* wipes */

/* The key of `account`, or of the standard account when it is empty. OL_ERR_NO_ACCOUNT_KEY with the
 * ways out. */
ol_rc signer_load(const cli *it, ol_str account, signer *ret, ol_err *err);

/* Where its key lies: "keychain", "file"; NULL: nowhere here. The keyring is not asked. */
const char *signer_place(const cli *it, ol_str account);

/* A key of local chains, which everybody has, is refused on every other network: OL_ERR_FORBIDDEN.
 */
ol_rc signer_check(const cli *it, const signer *s, ol_err *err);

/* Keeps keys in accounts.json, or in the keyring under its name there, in place of those the
 * accounts had before. */
ol_rc signers_save(const cli *it, const char *home, ol_str network, const signer *list,
                   size_t count, ol_err *err);

/* ---- the file */

typedef struct credential {
    const char *name;
    ol_str text; /* NULL data takes the member out */
} credential;

/* A file of HOME/NETWORK that holds secrets, as an object that lives in `content`; the caller wipes
 * it. OL_ERR_NOT_FOUND without one, OL_ERR_FORBIDDEN when others can read it, OL_ERR_ENVIRONMENT
 * when it is none. */
ol_rc credentials_object_load(const char *path, ol_buf *content, ol_json *ret, ol_err *err);

/* Sets members of HOME/NETWORK/credentials.json and keeps the others. */
ol_rc credentials_save(const char *home, ol_str network, const credential *member, size_t members,
                       ol_err *err);

/* A member that is no secret. Empty when there is none. */
ol_str credentials_text(const cli *it, const char *name);

/* Where the network is reached, as the file says; empty texts without one. Read at once, since
 * every command wants them; a file that cannot be used is told. */
typedef struct credentials_addresses {
    ol_str api, rpc, contract;
} credentials_addresses;
void credentials_addresses_load(const cli *it, credentials_addresses *ret);

/* Takes both files away, and what the keyring keeps for them first; false when there was none. */
ol_rc credentials_remove(const cli *it, ol_str network, bool *ret_any, ol_err *err);

#endif
